//! CESoPSN packets in UDP: control word, optional RTP header, payload of whole E1 frames.
//!
//! Over UDP the RTP header stands before the control word (RFC 5086 §4.1). Payload is frame by frame, the timeslots of each in
//! order; timeslot 0 ends at the framer and is not carried. A span with a D-channel carries timeslots 1 to 31 (basic service,
//! RFC 5086 §5.2). A span with signaling bits carries the 30 channels of one multiframe, and after them the signaling substructure
//! of half an octet a channel, `a` the highest bit (trunk-specific service with CAS, RFC 5086 §5.4); a multiframe may be cut in two,
//! the substructure in the second half.

use core::ops::Range;
use ports::span::{Abcd, BEARERS, D_SLOT, SILENCE, TIMESLOTS};

/// Timeslots that a packet carries of each frame with a D-channel: 1 to 31.
pub const CARRIED: usize = TIMESLOTS - 1;
/// Frames of a multiframe (G.704 §5.1.3.2.2): more of them than in one are never in one packet with CAS.
pub const MULTIFRAME: usize = 16;
/// Octets of the signaling substructure: 30 channels of four bits.
pub const SUBSTRUCTURE: usize = BEARERS / 2;
/// Frames of 125 µs in the longest packet, 5 ms.
pub const MAX_FRAMES: usize = 40;
/// Octets of the longest packet, RTP header included.
pub const MAX_PACKET: usize = RTP_HEADER + CONTROL_WORD + MAX_FRAMES * CARRIED;
/// RFC 5086 §4.3.
const CONTROL_WORD: usize = 4;
/// RFC 3550 §5.1, without contributing sources.
const RTP_HEADER: usize = 12;
/// Packets at least so long say zero in the length field (RFC 5086 §4.3).
const LENGTH_LIMIT: usize = 64;

/// One octet of each timeslot: an E1 frame, or a sample of each channel.
pub type Row = [u8; TIMESLOTS];
/// A row of silence.
pub const SILENT_ROW: Row = [SILENCE; TIMESLOTS];

/// What the two ends agree on about the RTP header (RFC 5086 §4.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rtp {
    /// Payload type, 96 to 127.
    pub payload_type: u8,
    /// Synchronisation source that we send; the far end's may be any.
    pub ssrc: u32,
}

/// What a span's signaling is, and so what its packets carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signaling {
    /// Frames of HDLC on timeslot 16: basic NxDS0 service of 31 timeslots (RFC 5086 §5.2).
    #[default]
    DChannel,
    /// Four bits a channel: trunk-specific NxDS0 service with CAS of 30 channels (RFC 5086 §5.4).
    Cas,
}

/// What the two ends agree on before they exchange packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// E1 frames a packet, 8 for each millisecond. With CAS 16, a whole multiframe, or 8, a half.
    pub frames: usize,
    /// What the span's signaling is.
    pub signaling: Signaling,
    /// RTP header, if there is one.
    pub rtp: Option<Rtp>,
}

impl Format {
    const fn carried(&self) -> usize {
        match self.signaling {
            Signaling::DChannel => CARRIED,
            Signaling::Cas => BEARERS,
        }
    }

    const fn payload(&self, substructure: bool) -> usize {
        self.frames * self.carried() + if substructure { SUBSTRUCTURE } else { 0 }
    }

    /// The timeslots of a frame that are carried, in order.
    const fn runs(&self) -> &'static [Range<usize>] {
        match self.signaling {
            Signaling::DChannel => core::slice::from_ref(&(1..TIMESLOTS)),
            Signaling::Cas => &[1..D_SLOT, D_SLOT + 1..TIMESLOTS],
        }
    }

    const fn is_fragmented(&self) -> bool {
        matches!(self.signaling, Signaling::Cas) && self.frames < MULTIFRAME
    }
}

/// FRG: which part of a multiframe a packet is (RFC 5086 §4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fragment {
    Whole,
    First,
    Last,
    Middle,
}

impl Fragment {
    const fn of(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::Whole,
            1 => Self::First,
            2 => Self::Last,
            _ => Self::Middle,
        }
    }

    const fn has_substructure(self, signaling: Signaling) -> bool {
        matches!((signaling, self), (Signaling::Cas, Self::Whole | Self::Last))
    }
}

/// Two-bit modifier beside the L bit (RFC 5086 §4.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Defects {
    /// L: the data come from a circuit that is down, and are no data.
    pub local: bool,
    /// R: the sender does not receive our packets.
    pub remote_loss: bool,
    /// M = 10 with L clear: the sender's circuit says that its far end has an alarm.
    pub remote_alarm: bool,
}

/// The header of a packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Defects that the sender tells.
    pub defects: Defects,
    /// Counts packets, wrapping; the same as RTP's where that is used.
    pub sequence: u16,
}

/// Why a datagram is no packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// No room for the headers.
    #[error("{0} octets are no control word")]
    Short(usize),
    /// First four bits of the control word are not zero.
    #[error("not a pseudowire control word: first octet {0:#04x}")]
    NotControlWord(u8),
    /// L and M together mean nothing that this service has (RFC 5086 §4.3).
    #[error("reserved modifier {modifier} with L={local}")]
    Reserved {
        /// M.
        modifier: u8,
        /// L.
        local: bool,
    },
    /// A fragment where none was agreed (basic packets are never cut, RFC 5086 §4.3), or a whole multiframe where parts were.
    #[error("cut otherwise than agreed: FRG {0}")]
    Fragment(u8),
    /// The length field contradicts the datagram, or the payload is not the agreed one.
    #[error("payload of {0} octets is not the agreed one")]
    Length(usize),
    /// The RTP header is of another version, has sources or extensions, or its sequence is not the control word's.
    #[error("RTP header is not the agreed one")]
    Rtp,
}

/// Signaling bits by timeslot; those of 0 and 16 mean nothing.
pub type Bits = [Abcd; TIMESLOTS];

/// A packet's rows, and the signaling bits where it carries them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    rows: [Row; MAX_FRAMES],
    len: usize,
    /// The substructure at the end of a multiframe.
    pub bits: Option<Bits>,
}

impl Rows {
    /// `len` rows of silence.
    pub const fn silent(len: usize) -> Self {
        Self { rows: [SILENT_ROW; MAX_FRAMES], len: if len < MAX_FRAMES { len } else { MAX_FRAMES }, bits: None }
    }

    /// The rows.
    pub fn as_slice(&self) -> &[Row] {
        &self.rows[..self.len]
    }

    /// The rows, to be written.
    pub fn as_mut_slice(&mut self) -> &mut [Row] {
        &mut self.rows[..self.len]
    }
}

/// Reads a datagram. Rows are `None` where the sender has no data (L).
pub fn parse(datagram: &[u8], format: &Format) -> Result<(Header, Option<Rows>), Malformed> {
    let short = Malformed::Short(datagram.len());
    let mut rest = datagram;
    let mut rtp_sequence = None;
    if let Some(rtp) = format.rtp {
        let (header, after) = rest.split_first_chunk::<RTP_HEADER>().ok_or(short)?;
        // Version 2, no padding, extension or sources; the marker is ignored (RFC 5086 §4.4).
        if header[0] != 0x80 || header[1] & 0x7F != rtp.payload_type {
            return Err(Malformed::Rtp);
        }
        rtp_sequence = Some(u16::from_be_bytes([header[2], header[3]]));
        rest = after;
    }
    let (word, payload) = rest.split_first_chunk::<CONTROL_WORD>().ok_or(short)?;
    if word[0] & 0xF0 != 0 {
        return Err(Malformed::NotControlWord(word[0]));
    }
    let (local, remote_loss, modifier) = (word[0] & 8 != 0, word[0] & 4 != 0, word[0] & 3);
    let fragment = Fragment::of(word[1] >> 6);
    match (fragment, format.is_fragmented()) {
        (Fragment::Whole, false) | (Fragment::First | Fragment::Last, true) => {}
        (Fragment::Whole | Fragment::First | Fragment::Last | Fragment::Middle, _) => {
            return Err(Malformed::Fragment(word[1] >> 6));
        }
    }
    let remote_alarm = match (local, modifier) {
        (_, 0) => false,
        (false, 2) => true,
        (local, modifier) => return Err(Malformed::Reserved { modifier, local }),
    };
    let told = usize::from(word[1] & 0x3F);
    // Below 64 octets the field tells the length, for a lower layer may have padded the datagram.
    let payload = match told {
        0 if datagram.len() < LENGTH_LIMIT => return Err(Malformed::Length(payload.len())),
        0 => payload,
        told => {
            let headers = datagram.len() - payload.len();
            told.checked_sub(headers).and_then(|own| payload.get(..own)).ok_or(Malformed::Length(payload.len()))?
        }
    };
    let header = Header {
        defects: Defects { local, remote_loss, remote_alarm },
        sequence: u16::from_be_bytes([word[2], word[3]]),
    };
    if rtp_sequence.is_some_and(|sequence| sequence != header.sequence) {
        return Err(Malformed::Rtp);
    }
    if local {
        // The data, where they are sent at all, are not to be used (RFC 5086 §4.3).
        return Ok((header, None));
    }
    let substructure = fragment.has_substructure(format.signaling);
    if payload.len() != format.payload(substructure) {
        return Err(Malformed::Length(payload.len()));
    }
    let (audio, substructure) = payload.split_at(format.payload(false));
    let mut rows = Rows::silent(format.frames);
    for (row, octets) in rows.as_mut_slice().iter_mut().zip(audio.chunks_exact(format.carried())) {
        let mut rest = octets;
        for run in format.runs() {
            let (these, after) = rest.split_at(run.len());
            row[run.clone()].copy_from_slice(these);
            rest = after;
        }
    }
    rows.bits = (!substructure.is_empty()).then(|| bits_of(substructure));
    Ok((header, Some(rows)))
}

/// The 30 channels in the order of their timeslots.
fn channels() -> impl Iterator<Item = usize> {
    (1..TIMESLOTS).filter(|&timeslot| timeslot != D_SLOT)
}

fn bits_of(substructure: &[u8]) -> Bits {
    let mut bits = [Abcd::new(0); TIMESLOTS];
    let halves = substructure.iter().flat_map(|octet| [octet >> 4, octet & 0xF]);
    for (timeslot, half) in channels().zip(halves) {
        bits[timeslot] = Abcd::new(half);
    }
    bits
}

fn write_bits(substructure: &mut [u8], bits: &Bits) {
    substructure.fill(0);
    for (at, timeslot) in channels().enumerate() {
        substructure[at / 2] |= bits[timeslot].bits() << if at % 2 == 0 { 4 } else { 0 };
    }
}

/// Writes a packet and says how long it is. `timestamp` counts samples and is used only with RTP. With L no rows are sent.
/// With CAS, rows that have bits are the end of a multiframe.
pub fn write(buffer: &mut [u8; MAX_PACKET], header: Header, timestamp: u32, rows: &Rows, format: &Format) -> usize {
    let mut at = 0;
    if let Some(rtp) = format.rtp {
        buffer[0] = 0x80;
        buffer[1] = rtp.payload_type & 0x7F;
        buffer[2..4].copy_from_slice(&header.sequence.to_be_bytes());
        buffer[4..8].copy_from_slice(&timestamp.to_be_bytes());
        buffer[8..12].copy_from_slice(&rtp.ssrc.to_be_bytes());
        at = RTP_HEADER;
    }
    let Defects { local, remote_loss, remote_alarm } = header.defects;
    let fragment = match (format.is_fragmented(), rows.bits.is_some()) {
        (false, _) => Fragment::Whole,
        (true, true) => Fragment::Last,
        (true, false) => Fragment::First,
    };
    let substructure = rows.bits.filter(|_| !local && fragment.has_substructure(format.signaling));
    let rows = if local { &[] } else { rows.as_slice() };
    let audio = at + CONTROL_WORD + rows.len() * format.carried();
    let length = audio + if substructure.is_some() { SUBSTRUCTURE } else { 0 };
    let modifier = if remote_alarm && !local { 2 } else { 0 };
    buffer[at] = u8::from(local) << 3 | u8::from(remote_loss) << 2 | modifier;
    buffer[at + 1] = (fragment as u8) << 6 | if length < LENGTH_LIMIT { length as u8 } else { 0 };
    buffer[at + 2..at + 4].copy_from_slice(&header.sequence.to_be_bytes());
    for (octets, row) in buffer[at + CONTROL_WORD..audio].chunks_exact_mut(format.carried()).zip(rows) {
        let mut at = 0;
        for run in format.runs() {
            octets[at..at + run.len()].copy_from_slice(&row[run.clone()]);
            at += run.len();
        }
    }
    if let Some(bits) = substructure {
        write_bits(&mut buffer[audio..length], &bits);
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Format = Format { frames: 40, signaling: Signaling::DChannel, rtp: None };
    const WITH_RTP: Format =
        Format { frames: 8, signaling: Signaling::DChannel, rtp: Some(Rtp { payload_type: 98, ssrc: 0xDEAD_BEEF }) };
    const CAS: Format = Format { frames: MULTIFRAME, signaling: Signaling::Cas, rtp: None };
    const HALVES: Format = Format { frames: MULTIFRAME / 2, signaling: Signaling::Cas, rtp: None };

    fn rows(frames: usize) -> Rows {
        let mut rows = Rows::silent(frames);
        for (at, row) in rows.as_mut_slice().iter_mut().enumerate() {
            for (slot, octet) in row.iter_mut().enumerate().skip(1) {
                *octet = (at * CARRIED + slot) as u8;
            }
        }
        rows
    }

    fn packet(header: Header, format: &Format) -> Vec<u8> {
        packet_of(&rows(format.frames), header, format)
    }

    fn packet_of(rows: &Rows, header: Header, format: &Format) -> Vec<u8> {
        let mut buffer = [0; MAX_PACKET];
        let length = write(&mut buffer, header, 7, rows, format);
        buffer[..length].to_vec()
    }

    /// Rows of 30 channels and, of a multiframe's end, bits that differ from channel to channel.
    fn multiframe(frames: usize, is_end: bool) -> Rows {
        let mut rows = rows(frames);
        rows.as_mut_slice().iter_mut().for_each(|row| (row[0], row[D_SLOT]) = (SILENCE, SILENCE));
        let bits = core::array::from_fn(|slot| Abcd::new(if slot % D_SLOT == 0 { 0 } else { slot as u8 }));
        rows.bits = is_end.then_some(bits);
        rows
    }

    #[test]
    fn the_substructure_stands_behind_the_multiframe_with_the_first_channel_high() {
        let whole = packet_of(&multiframe(16, true), Header { sequence: 7, ..Header::default() }, &CAS);
        // N x 16 octets and (N + 1) / 2 of RFC 5086 §5.4 for N = 30.
        assert_eq!(whole.len(), 4 + 480 + 15);
        assert_eq!(whole[..8], [0, 0, 0, 7, 1, 2, 3, 4]);
        assert_eq!(whole[4 + 13..4 + 18], [14, 15, 17, 18, 19], "timeslot 16 is left out");
        assert_eq!(
            whole[484..],
            [0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC, 0xDE, 0xF1, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF]
        );
        let first = packet_of(&multiframe(8, false), Header::default(), &HALVES);
        let last = packet_of(&multiframe(8, true), Header::default(), &HALVES);
        assert_eq!((first.len(), first[1], last.len(), last[1]), (4 + 240, 0x40, 4 + 255, 0x80));
        assert_eq!(last[244..], whole[484..]);
    }

    #[test]
    fn multiframes_and_halves_are_read_as_they_were_written() {
        for (format, is_end) in [(CAS, true), (HALVES, false), (HALVES, true)] {
            let rows = multiframe(format.frames, is_end);
            let octets = packet_of(&rows, Header::default(), &format);
            assert_eq!(parse(&octets, &format), Ok((Header::default(), Some(rows))));
            let down = Header { defects: Defects { local: true, ..Defects::default() }, sequence: 3 };
            let octets = packet_of(&multiframe(format.frames, is_end), down, &format);
            assert_eq!((octets.len(), parse(&octets, &format)), (4, Ok((down, None))));
        }
    }

    #[test]
    fn a_multiframe_cut_otherwise_than_agreed_is_refused() {
        let check = |format: &Format, fragment: u8, length: usize, expected| {
            let mut octets = vec![0; length];
            octets[1] = fragment << 6;
            assert_eq!(parse(&octets, format).map(|_| ()), expected, "FRG {fragment}, {length} octets");
        };
        check(&CAS, 0, 499, Ok(()));
        check(&CAS, 0, 498, Err(Malformed::Length(494)));
        check(&CAS, 0, 500, Err(Malformed::Length(496)));
        check(&CAS, 0, 484, Err(Malformed::Length(480)));
        for fragment in 1..4 {
            check(&CAS, fragment, 499, Err(Malformed::Fragment(fragment)));
            check(&PLAIN, fragment, 1244, Err(Malformed::Fragment(fragment)));
        }
        check(&HALVES, 1, 244, Ok(()));
        check(&HALVES, 1, 259, Err(Malformed::Length(255)));
        check(&HALVES, 2, 259, Ok(()));
        check(&HALVES, 2, 244, Err(Malformed::Length(240)));
        check(&HALVES, 0, 259, Err(Malformed::Fragment(0)));
        check(&HALVES, 3, 244, Err(Malformed::Fragment(3)));
    }

    #[test]
    fn the_octets_stand_where_the_rfc_puts_them() {
        let plain = packet(Header { sequence: 0x1234, ..Header::default() }, &PLAIN);
        assert_eq!(plain.len(), 4 + 1240);
        assert_eq!(plain[..7], [0, 0, 0x12, 0x34, 1, 2, 3]);
        assert_eq!(plain[4 + CARRIED], (CARRIED + 1) as u8);
        let rtp = packet(Header { sequence: 5, ..Header::default() }, &WITH_RTP);
        assert_eq!(rtp[..16], [0x80, 98, 0, 5, 0, 0, 0, 7, 0xDE, 0xAD, 0xBE, 0xEF, 0, 0, 0, 5]);
        let down = Header { defects: Defects { local: true, remote_loss: true, remote_alarm: false }, sequence: 1 };
        assert_eq!(packet(down, &PLAIN), [0x0C, 4, 0, 1]);
        assert_eq!(packet(down, &WITH_RTP)[12..], [0x0C, 16, 0, 1]);
        let alarm = Header { defects: Defects { remote_alarm: true, ..Defects::default() }, sequence: 1 };
        assert_eq!(packet(alarm, &PLAIN)[0], 2);
    }

    #[test]
    fn every_header_is_read_as_it_was_written() {
        for format in [PLAIN, WITH_RTP] {
            for bits in 0..6_u8 {
                let defects = Defects {
                    local: bits & 1 != 0,
                    remote_loss: bits & 2 != 0,
                    remote_alarm: bits & 4 != 0 && bits & 1 == 0,
                };
                let header = Header { defects, sequence: u16::MAX };
                let expected = (!defects.local).then(|| rows(format.frames)).map(|mut rows| {
                    rows.as_mut_slice().iter_mut().for_each(|row| row[0] = SILENCE);
                    rows
                });
                assert_eq!(parse(&packet(header, &format), &format), Ok((header, expected)));
            }
        }
    }

    #[test]
    fn what_is_no_packet_is_refused_with_its_reason() {
        let good = packet(Header::default(), &PLAIN);
        let check = |change: &dyn Fn(&mut Vec<u8>), expected| {
            let mut octets = good.clone();
            change(&mut octets);
            assert_eq!(parse(&octets, &PLAIN), Err(expected));
        };
        check(&|octets| octets.truncate(3), Malformed::Short(3));
        check(&|octets| octets[0] = 0x80, Malformed::NotControlWord(0x80));
        check(&|octets| octets[0] = 1, Malformed::Reserved { modifier: 1, local: false });
        check(&|octets| octets[0] = 0x0A, Malformed::Reserved { modifier: 2, local: true });
        check(&|octets| octets[1] = 0x40, Malformed::Fragment(1));
        check(&|octets| octets[0] = 3, Malformed::Reserved { modifier: 3, local: false });
        check(&|octets| octets[1] = 0x3F, Malformed::Length(59));
        check(&|octets| octets.truncate(1243), Malformed::Length(1239));
        check(&|octets| octets.push(0), Malformed::Length(1241));
        check(&|octets| octets.truncate(20), Malformed::Length(16));
        let mut other = packet(Header::default(), &WITH_RTP);
        other[3] = 9;
        assert_eq!(parse(&other, &WITH_RTP), Err(Malformed::Rtp));
        other[0] = 0x90;
        assert_eq!(parse(&other, &WITH_RTP), Err(Malformed::Rtp));
    }
}
