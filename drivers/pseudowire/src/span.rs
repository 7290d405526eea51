//! One span's two directions between datagrams and rows, without socket or clock.

use crate::clock::Recovery;
use crate::elastic::{Depth, Elastic, Slips, Taken};
use crate::packet::{Bits, Defects, Format, Header, MAX_FRAMES, MAX_PACKET, MULTIFRAME, Rows, Signaling, parse, write};
use crate::sequencer::{Next, Sequencer, Verdict};
use crate::signaling::Heard;
use base::Instant;
use line_framing::{HdlcRx, HdlcTx};
use ports::span::{Abcd, Alarms, D_SLOT, Frame, SILENCE, SendError, SpanBlock, SpanEvent, TIMESLOTS};
use std::time::Duration;

/// Nothing for so long is loss of the span (RFC 5086 §6.3, loss of packets).
pub const LOSS_AFTER: Duration = Duration::from_millis(100);
/// Packets in order that end the loss.
const REGAINED: u32 = 2;
/// How long a packet that is overtaken is waited for.
const REORDER_MS: usize = 10;

/// What a span's line did since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Packets taken.
    pub packets_in: u64,
    /// Packets sent.
    pub packets_out: u64,
    /// Packets that the system refused to send.
    pub unsent: u64,
    /// Packets that never came.
    pub lost: u64,
    /// Packets that were overtaken and put right.
    pub reordered: u64,
    /// Second copies.
    pub duplicates: u64,
    /// Packets whose place had been given out already.
    pub late: u64,
    /// Packets far off the expected sequence.
    pub astray: u64,
    /// Times the far end's numbering began anew.
    pub resyncs: u64,
    /// Datagrams that are no packet as agreed.
    pub malformed: u64,
    /// Datagrams from another address than the far end's.
    pub foreign: u64,
    /// Packets with L set: their sender had no data.
    pub invalid: u64,
    /// Frames with a good FCS.
    pub frames_in: u64,
    /// Frames thrown away.
    pub bad_frames: u64,
    /// Frames sent.
    pub frames_out: u64,
    /// Changes of channels' signaling bits told.
    pub cas_in: u64,
    /// Times the span was lost: no packets for [`LOSS_AFTER`].
    pub losses: u64,
    /// Seconds in which a packet was lost or had no data, or the span was lost (G.826 §4.1, errored second).
    pub errored_seconds: u64,
    /// Packets of audio, or blocks, that one thread did not take in time from the other.
    pub audio_dropped: u64,
    /// Samples that the receiving elastic buffer left out (positive) or put in (negative), summed.
    pub slipped: i64,
    /// Times the receiving elastic buffer ran empty.
    pub underruns: u64,
    /// Times the sending elastic buffer ran empty.
    pub send_underruns: u64,
    /// Samples that the sending elastic buffer left out (positive) or put in (negative), summed.
    pub send_slipped: i64,
    /// How much faster than ours the far end's clock is, in parts per billion; 0 until known, and without an adaptive clock.
    pub clock_ppb: i32,
}

/// From datagrams to rows, frames and alarms.
#[derive(Debug)]
pub struct Receiver {
    format: Format,
    sequencer: Sequencer,
    hdlc: HdlcRx,
    bits: Heard,
    recovery: Recovery,
    last: Option<Instant>,
    in_order: u32,
    defects: Defects,
    alarms: Alarms,
    told: Option<Alarms>,
    /// The last second that was counted as errored.
    errored: Option<u64>,
}

/// Where a receiver's results go. Rows are 5 ms at most.
pub trait Sink {
    /// The next rows of the line; lost ones are silence.
    fn rows(&mut self, rows: &Rows);
    /// Something for signaling; false if it could not be taken now.
    fn event(&mut self, event: SpanEvent) -> bool;
}

impl Receiver {
    /// A receiver in loss.
    pub fn new(format: Format) -> Self {
        let patience = (REORDER_MS * 8).div_ceil(format.frames).max(2) as u16;
        Self {
            format,
            sequencer: Sequencer::new(patience),
            hdlc: HdlcRx::new(),
            bits: Heard::new(),
            recovery: Recovery::new(format.frames),
            last: None,
            in_order: 0,
            defects: Defects::default(),
            alarms: Alarms { loss: true, ..Alarms::default() },
            told: None,
            errored: None,
        }
    }

    /// The state of the line as it is now.
    pub const fn alarms(&self) -> Alarms {
        self.alarms
    }

    /// How much faster than ours the far end's clock is, in parts per million, by the times at which its packets arrived.
    pub const fn clock_ppm(&self) -> f64 {
        self.recovery.ppm()
    }

    /// A datagram from the far end's address, which has just come.
    pub fn handle(&mut self, now: Instant, datagram: &[u8], statistics: &mut Statistics, sink: &mut impl Sink) {
        self.handle_arrived(now, now, datagram, statistics, sink);
    }

    /// A datagram that had arrived at that time already.
    pub fn handle_arrived(
        &mut self,
        now: Instant,
        arrived: Instant,
        datagram: &[u8],
        statistics: &mut Statistics,
        sink: &mut impl Sink,
    ) {
        let Ok((header, rows)) = parse(datagram, &self.format) else {
            statistics.malformed += 1;
            return;
        };
        statistics.invalid += u64::from(rows.is_none());
        match self.sequencer.handle(header.sequence, rows) {
            Verdict::Duplicate => return statistics.duplicates += 1,
            Verdict::Late => return statistics.late += 1,
            Verdict::Astray => return statistics.astray += 1,
            Verdict::Resynced => statistics.resyncs += 1,
            Verdict::Overtaken => statistics.reordered += 1,
            Verdict::Taken => {}
        }
        statistics.packets_in += 1;
        self.recovery.packet(arrived, header.sequence);
        self.last = Some(now);
        self.defects = header.defects;
        let lost = statistics.lost;
        while let Some(next) = self.sequencer.next() {
            self.deliver(next, statistics, sink);
        }
        if header.defects.local || statistics.lost > lost {
            self.count_second(now, statistics);
        }
        self.judge(statistics, sink);
    }

    fn count_second(&mut self, now: Instant, statistics: &mut Statistics) {
        let second = now.since_start().as_secs();
        statistics.errored_seconds += u64::from(self.errored.replace(second) != Some(second));
    }

    fn deliver(&mut self, next: Next, statistics: &mut Statistics, sink: &mut impl Sink) {
        self.in_order = if next == Next::Lost { 0 } else { self.in_order.saturating_add(1) };
        statistics.lost += u64::from(next == Next::Lost);
        let rows = match next {
            Next::Packet(Some(rows)) => {
                self.signaling(&rows, statistics, sink);
                rows
            }
            Next::Packet(None) | Next::Lost => {
                // Ones abort the frame that the gap cuts. Signaling bits stay what they were.
                self.listen(&[0xFF; 2], statistics, sink);
                Rows::silent(self.format.frames)
            }
        };
        sink.rows(&rows);
    }

    fn signaling(&mut self, rows: &Rows, statistics: &mut Statistics, sink: &mut impl Sink) {
        if let Some(bits) = rows.bits {
            self.bits.take(bits);
        }
        if self.format.signaling == Signaling::DChannel {
            let mut octets = [0; MAX_FRAMES];
            for (octet, row) in octets.iter_mut().zip(rows.as_slice()) {
                *octet = first_bit_lowest(row[D_SLOT]);
            }
            self.listen(&octets[..rows.as_slice().len()], statistics, sink);
        }
    }

    fn listen(&mut self, octets: &[u8], statistics: &mut Statistics, sink: &mut impl Sink) {
        self.hdlc.receive(octets, |frame| {
            let event = match frame.map(Frame::from_slice) {
                Ok(Ok(frame)) => {
                    statistics.frames_in += 1;
                    SpanEvent::Frame(frame)
                }
                Ok(Err(_)) | Err(_) => {
                    statistics.bad_frames += 1;
                    SpanEvent::BadFrame
                }
            };
            // A frame that signaling has no room for is lost as on the line; the data link repeats it.
            statistics.bad_frames += u64::from(!sink.event(event));
        });
    }

    /// Looks at the time: call it at least each 10 ms.
    pub fn tick(&mut self, now: Instant, statistics: &mut Statistics, sink: &mut impl Sink) {
        if self.last.is_some_and(|last| now - last >= LOSS_AFTER) {
            self.last = None;
            self.in_order = 0;
            self.sequencer.reset();
            self.defects = Defects::default();
            self.alarms.loss = true;
            statistics.losses += 1;
        }
        if self.alarms.loss && statistics.losses > 0 {
            self.count_second(now, statistics);
        }
        self.judge(statistics, sink);
    }

    fn judge(&mut self, statistics: &mut Statistics, sink: &mut impl Sink) {
        let loss = self.alarms.loss && self.in_order < REGAINED;
        self.alarms = Alarms {
            loss,
            remote: self.defects.remote_loss || self.defects.remote_alarm,
            indication: self.defects.local,
        };
        if self.told != Some(self.alarms) && sink.event(SpanEvent::Alarms(self.alarms)) {
            self.told = Some(self.alarms);
        }
        if self.alarms.loss {
            self.bits.forget_told();
        } else if self.told == Some(self.alarms) {
            // A line that comes back is told before its bits.
            statistics.cas_in += self.bits.tell(|event| sink.event(event));
        }
    }
}

/// From blocks and frames to packets.
#[derive(Debug)]
pub struct Transmitter {
    format: Format,
    hdlc: HdlcTx,
    elastic: Elastic,
    bits: Bits,
    /// Frames of the multiframe that have been sent.
    phase: usize,
    /// What the far end is told of our own circuit.
    circuit: Defects,
    sequence: u16,
    timestamp: u32,
}

/// The bits of a channel that signaling has not set yet: blocked (Q.421 Table 1).
pub const UNSET: Abcd = Abcd::new(0b1101);

impl Transmitter {
    /// Starts at this sequence and, with RTP, this timestamp.
    pub fn new(format: Format, sequence: u16, timestamp: u32) -> Self {
        let depth = Depth { start: 200, low: 96, high: 280, limit: 640 };
        let elastic = Elastic::new(depth);
        let (bits, circuit) = ([UNSET; TIMESLOTS], Defects::default());
        Self { format, hdlc: HdlcTx::new(), elastic, bits, phase: 0, circuit, sequence, timestamp }
    }

    /// The next 10 ms of the bearers. Slot 16 of it is not used.
    pub fn put(&mut self, block: &SpanBlock) {
        self.elastic.put((0..ports::span::BLOCK).map(|at| core::array::from_fn(|slot| block.slot[slot][at])));
    }

    /// Queues a D-channel frame.
    pub fn send(&mut self, frame: &[u8]) -> Result<(), SendError> {
        self.hdlc.push(frame)
    }

    /// Sets a channel's signaling bits; the next end of a multiframe carries them. Of no effect on timeslots that are no channels.
    pub fn set_cas(&mut self, timeslot: u8, bits: Abcd) {
        if let Some(place) = self.bits.get_mut(usize::from(timeslot)) {
            *place = bits;
        }
    }

    /// What is told of our own circuit from now on: down (L), or its far end has an alarm (M). R is told as it is seen.
    pub const fn set_circuit(&mut self, circuit: Defects) {
        self.circuit = circuit;
    }

    /// What the engine's blocks, too late or of another clock than the packets, made the sending buffer do.
    pub const fn slips(&self) -> Slips {
        self.elastic.slips()
    }

    /// Writes the next packet and says how long it is. Without blocks the bearers are silent; the D-channel goes on.
    pub fn packet(&mut self, buffer: &mut [u8; MAX_PACKET], seen: Alarms) -> usize {
        let mut rows = Rows::silent(self.format.frames);
        let _silence_is_sent: Taken = self.elastic.take(rows.as_mut_slice());
        match self.format.signaling {
            Signaling::DChannel => self.fill_d_channel(&mut rows),
            Signaling::Cas => self.end_multiframe(&mut rows),
        }
        let defects = Defects { remote_loss: seen.loss || self.circuit.remote_loss, ..self.circuit };
        let header = Header { defects, sequence: self.sequence };
        let length = write(buffer, header, self.timestamp, &rows, &self.format);
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(self.format.frames as u32);
        length
    }

    fn fill_d_channel(&mut self, rows: &mut Rows) {
        let mut octets = [0; MAX_FRAMES];
        let octets = &mut octets[..self.format.frames];
        self.hdlc.fill(octets);
        for (row, &octet) in rows.as_mut_slice().iter_mut().zip(&*octets) {
            row[D_SLOT] = first_bit_lowest(octet);
        }
    }

    fn end_multiframe(&mut self, rows: &mut Rows) {
        rows.as_mut_slice().iter_mut().for_each(|row| row[D_SLOT] = SILENCE);
        self.phase += self.format.frames;
        if self.phase >= MULTIFRAME {
            self.phase = 0;
            rows.bits = Some(self.bits);
        }
    }
}

/// An octet of a timeslot has its first bit highest (G.704 §2.3, G.711), an octet of HDLC lowest (Q.921 §2.8).
const fn first_bit_lowest(octet: u8) -> u8 {
    octet.reverse_bits()
}

#[cfg(test)]
#[path = "span_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "cas_tests.rs"]
mod cas_tests;
