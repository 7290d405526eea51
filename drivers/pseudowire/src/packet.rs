//! CESoPSN packets in UDP: control word, optional RTP header, payload of whole E1 frames.
//!
//! Over UDP the RTP header stands before the control word (RFC 5086 §4.1). Payload is frame by frame, timeslots 1 to 31 of each in
//! order (RFC 5086 §5.2); timeslot 0 ends at the framer and is not carried.

use ports::span::{SILENCE, TIMESLOTS};

/// Timeslots that a packet carries of each frame: 1 to 31.
pub const CARRIED: usize = TIMESLOTS - 1;
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

/// What the two ends agree on before they exchange packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// E1 frames a packet, 8 for each millisecond.
    pub frames: usize,
    /// RTP header, if there is one.
    pub rtp: Option<Rtp>,
}

impl Format {
    const fn payload(&self) -> usize {
        self.frames * CARRIED
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
    /// A fragment: basic NxDS0 packets are never cut (RFC 5086 §4.3).
    #[error("a fragment of a packet")]
    Fragment,
    /// The length field contradicts the datagram, or the payload is not the agreed one.
    #[error("payload of {0} octets is not the agreed one")]
    Length(usize),
    /// The RTP header is of another version, has sources or extensions, or its sequence is not the control word's.
    #[error("RTP header is not the agreed one")]
    Rtp,
}

/// A packet's rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    rows: [Row; MAX_FRAMES],
    len: usize,
}

impl Rows {
    /// `len` rows of silence.
    pub const fn silent(len: usize) -> Self {
        Self { rows: [SILENT_ROW; MAX_FRAMES], len: if len < MAX_FRAMES { len } else { MAX_FRAMES } }
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
    if word[1] & 0xC0 != 0 {
        return Err(Malformed::Fragment);
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
    if payload.len() != format.payload() {
        return Err(Malformed::Length(payload.len()));
    }
    let mut rows = Rows::silent(format.frames);
    for (row, octets) in rows.as_mut_slice().iter_mut().zip(payload.chunks_exact(CARRIED)) {
        row[1..].copy_from_slice(octets);
    }
    Ok((header, Some(rows)))
}

/// Writes a packet and says how long it is. `timestamp` counts samples and is used only with RTP. With L no rows are sent.
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
    let rows = if local { &[] } else { rows.as_slice() };
    let length = at + CONTROL_WORD + rows.len() * CARRIED;
    let modifier = if remote_alarm && !local { 2 } else { 0 };
    buffer[at] = u8::from(local) << 3 | u8::from(remote_loss) << 2 | modifier;
    buffer[at + 1] = if length < LENGTH_LIMIT { length as u8 } else { 0 };
    buffer[at + 2..at + 4].copy_from_slice(&header.sequence.to_be_bytes());
    for (octets, row) in buffer[at + CONTROL_WORD..].chunks_exact_mut(CARRIED).zip(rows) {
        octets.copy_from_slice(&row[1..]);
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Format = Format { frames: 40, rtp: None };
    const WITH_RTP: Format = Format { frames: 8, rtp: Some(Rtp { payload_type: 98, ssrc: 0xDEAD_BEEF }) };

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
        let mut buffer = [0; MAX_PACKET];
        let length = write(&mut buffer, header, 7, &rows(format.frames), format);
        buffer[..length].to_vec()
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
        check(&|octets| octets[0] = 3, Malformed::Reserved { modifier: 3, local: false });
        check(&|octets| octets[0] = 0x0A, Malformed::Reserved { modifier: 2, local: true });
        check(&|octets| octets[1] = 0x40, Malformed::Fragment);
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
