//! Two spans joined back to back in memory.

use crate::Gone;
use crate::cas::{Bits, Watch};
use ports::span::{Abcd, Alarms, BlockSource, DataLink, Frame, SendError, SpanAudio, SpanBlock, SpanEvent};
use rtrb::{Consumer, Producer, RingBuffer};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Blocks that one direction holds: the joint's own one, and some that an end may write ahead. Beyond that they are dropped.
const BLOCKS: usize = 8;
/// Frames that one direction holds; beyond that, [`SendError::Full`].
const FRAMES: usize = 64;

/// The cord between two joined spans. While it is out both ends see loss of signal, audio is missing, frames vanish,
/// and signaling bits stay what they were; back in, all that are set are told anew.
#[derive(Clone, Debug)]
pub struct Cord(Arc<AtomicBool>);

impl Cord {
    /// Pulls the plug.
    pub fn pull(&self) {
        self.0.store(false, Ordering::Release);
    }

    /// Puts the plug back in.
    pub fn insert(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn is_in(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// One end of two joined spans.
#[derive(Debug)]
pub struct LabSpan {
    audio: LabAudio,
    link: LabLink,
}

impl LabSpan {
    /// The engine's half and signaling's half; each may go to its own thread.
    pub fn into_halves(self) -> (LabAudio, LabLink) {
        (self.audio, self.link)
    }

    /// The cord to the other end, one for both directions.
    pub fn cord(&self) -> Cord {
        self.link.cord.clone()
    }
}

/// Two spans, each the other's far end. Audio takes one block, frames and signaling bits no time.
pub fn memory_pair() -> (LabSpan, LabSpan) {
    let cord = Cord(Arc::new(AtomicBool::new(true)));
    let (to_far, from_near) = audio_ring();
    let (to_near, from_far) = audio_ring();
    let (frames_to_far, frames_from_near) = RingBuffer::new(FRAMES);
    let (frames_to_near, frames_from_far) = RingBuffer::new(FRAMES);
    let bits = (Bits::new(), Bits::new());
    let end = |tx, rx, frames, cas: &Arc<Bits>, heard: &Arc<Bits>| {
        let (tx_frames, rx_frames) = frames;
        let heard = Watch::new(Arc::clone(heard));
        LabSpan {
            audio: LabAudio { tx, rx, cord: cord.clone() },
            link: LabLink { tx: tx_frames, rx: rx_frames, cas: Arc::clone(cas), heard, cord: cord.clone(), told: None },
        }
    };
    (
        end(to_far, from_far, (frames_to_far, frames_from_far), &bits.0, &bits.1),
        end(to_near, from_near, (frames_to_near, frames_from_near), &bits.1, &bits.0),
    )
}

/// A direction's blocks, with the one that the joint always holds already in it.
fn audio_ring() -> (Producer<SpanBlock>, Consumer<SpanBlock>) {
    let (mut tx, rx) = RingBuffer::new(BLOCKS);
    tx.push(SpanBlock::silent()).expect("a new ring has room");
    (tx, rx)
}

/// Audio of a span in memory.
#[derive(Debug)]
pub struct LabAudio {
    tx: Producer<SpanBlock>,
    rx: Consumer<SpanBlock>,
    cord: Cord,
}

impl SpanAudio for LabAudio {
    type Error = Gone;

    fn read(&mut self, block: &mut SpanBlock) -> Result<BlockSource, Gone> {
        let received = self.rx.pop();
        if let Ok(received) = received
            && self.cord.is_in()
        {
            *block = received;
            return Ok(BlockSource::Line);
        }
        *block = SpanBlock::silent();
        if self.rx.is_abandoned() { Err(Gone) } else { Ok(BlockSource::Missing) }
    }

    fn write(&mut self, block: &SpanBlock) -> Result<(), Gone> {
        if self.tx.is_abandoned() {
            return Err(Gone);
        }
        // Full: the far end stopped reading. What it does not take is lost, as on a line.
        let _lost = self.tx.push(block.clone());
        Ok(())
    }
}

/// The D-channel and the signaling bits of a span in memory. Its first event is always the state of the alarms.
#[derive(Debug)]
pub struct LabLink {
    tx: Producer<Frame>,
    rx: Consumer<Frame>,
    cas: Arc<Bits>,
    heard: Watch,
    cord: Cord,
    told: Option<Alarms>,
}

impl DataLink for LabLink {
    fn set_cas(&mut self, timeslot: u8, bits: Abcd) {
        self.cas.set(timeslot, bits);
    }

    fn send(&mut self, frame: &[u8]) -> Result<(), SendError> {
        let frame = Frame::from_slice(frame).map_err(|_| SendError::TooLong)?;
        if self.tx.is_abandoned() {
            return Err(SendError::Gone);
        }
        if !self.cord.is_in() {
            return Ok(());
        }
        self.tx.push(frame).map_err(|_| SendError::Full)
    }

    fn poll_event(&mut self) -> Option<SpanEvent> {
        let joined = self.cord.is_in();
        if !joined {
            while self.rx.pop().is_ok() {}
            self.heard.forget();
        }
        let now = Alarms { loss: !joined || self.rx.is_abandoned(), ..Alarms::default() };
        // A line that comes back is told before its frames, one that goes after them.
        let alarms_first = self.told.is_none() || (now.is_clear() && self.told != Some(now));
        if !alarms_first && let Ok(frame) = self.rx.pop() {
            return Some(SpanEvent::Frame(frame));
        }
        if !alarms_first
            && joined
            && let Some((timeslot, bits)) = self.heard.next()
        {
            return Some(SpanEvent::Cas { timeslot, bits });
        }
        (self.told.replace(now) != Some(now)).then_some(SpanEvent::Alarms(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ports::span::MAX_FRAME;

    const CLEAR: Alarms = Alarms { loss: false, remote: false, indication: false };
    const LOSS: Alarms = Alarms { loss: true, remote: false, indication: false };

    fn marked(octet: u8) -> SpanBlock {
        let mut block = SpanBlock::silent();
        block.slot[7] = [octet; 80];
        block
    }

    #[test]
    fn audio_takes_one_block_whichever_end_is_stepped_first() {
        let (a, b) = memory_pair();
        let (mut a, _a_link) = a.into_halves();
        let (mut b, _b_link) = b.into_halves();
        let mut heard = [SpanBlock::silent(), SpanBlock::silent()];
        for octet in 0..5 {
            for (at, end) in [&mut a, &mut b].into_iter().enumerate() {
                assert_eq!(end.read(&mut heard[at]), Ok(BlockSource::Line));
                end.write(&marked(octet)).unwrap();
                if octet > 0 {
                    assert_eq!(heard[at].slot[7][79], octet - 1);
                }
            }
        }
    }

    #[test]
    fn a_pulled_cord_is_loss_at_both_ends_and_loses_what_was_under_way() {
        let (a, b) = memory_pair();
        let cord = a.cord();
        let (mut a_audio, mut a) = a.into_halves();
        let (_b_audio, mut b) = b.into_halves();
        assert_eq!(a.poll_event(), Some(SpanEvent::Alarms(CLEAR)));
        assert_eq!((b.poll_event(), b.poll_event()), (Some(SpanEvent::Alarms(CLEAR)), None));
        a.send(&[1]).unwrap();
        cord.pull();
        a.send(&[2]).unwrap();
        assert_eq!((b.poll_event(), b.poll_event()), (Some(SpanEvent::Alarms(LOSS)), None));
        assert_eq!(a.poll_event(), Some(SpanEvent::Alarms(LOSS)));
        assert_eq!(a_audio.read(&mut SpanBlock::silent()), Ok(BlockSource::Missing));
        cord.insert();
        a.send(&[3]).unwrap();
        let frame = Frame::from_slice(&[3]).unwrap();
        assert_eq!(b.poll_event(), Some(SpanEvent::Alarms(CLEAR)));
        assert_eq!((b.poll_event(), b.poll_event()), (Some(SpanEvent::Frame(frame)), None));
    }

    fn cas(timeslot: u8, bits: u8) -> Option<SpanEvent> {
        Some(SpanEvent::Cas { timeslot, bits: Abcd::new(bits) })
    }

    #[test]
    fn bits_cross_at_once_and_those_that_were_set_before_are_told_after_the_alarms() {
        let (a, b) = memory_pair();
        let (_a_audio, mut a) = a.into_halves();
        let (_b_audio, mut b) = b.into_halves();
        a.set_cas(1, Abcd::new(0b1001));
        a.set_cas(31, Abcd::new(0b1101));
        assert_eq!(b.poll_event(), Some(SpanEvent::Alarms(CLEAR)));
        assert_eq!([b.poll_event(), b.poll_event(), b.poll_event()], [cas(1, 0b1001), cas(31, 0b1101), None]);
        a.set_cas(1, Abcd::new(0b0001));
        assert_eq!([b.poll_event(), b.poll_event()], [cas(1, 0b0001), None]);
        a.set_cas(1, Abcd::new(0b0001));
        assert_eq!(b.poll_event(), None);
        b.set_cas(1, Abcd::new(0b1101));
        assert_eq!(a.poll_event(), Some(SpanEvent::Alarms(CLEAR)));
        assert_eq!([a.poll_event(), a.poll_event()], [cas(1, 0b1101), None]);
    }

    #[test]
    fn bits_set_while_the_cord_is_out_are_told_with_all_others_when_it_is_back() {
        let (a, b) = memory_pair();
        let cord = a.cord();
        let (_a_audio, mut a) = a.into_halves();
        let (_b_audio, mut b) = b.into_halves();
        a.set_cas(1, Abcd::new(9));
        assert_eq!([b.poll_event(), b.poll_event()], [Some(SpanEvent::Alarms(CLEAR)), cas(1, 9)]);
        cord.pull();
        a.set_cas(2, Abcd::new(5));
        assert_eq!([b.poll_event(), b.poll_event()], [Some(SpanEvent::Alarms(LOSS)), None]);
        cord.insert();
        assert_eq!(b.poll_event(), Some(SpanEvent::Alarms(CLEAR)));
        assert_eq!([b.poll_event(), b.poll_event(), b.poll_event()], [cas(1, 9), cas(2, 5), None]);
    }

    #[test]
    fn frames_are_bounded_in_length_and_number() {
        let (a, b) = memory_pair();
        let (_audio, mut a) = a.into_halves();
        assert_eq!(a.send(&[0; MAX_FRAME + 1]), Err(SendError::TooLong));
        assert!((0..FRAMES).all(|_| a.send(&[0; MAX_FRAME]).is_ok()));
        assert_eq!(a.send(&[0]), Err(SendError::Full));
        drop(b);
        assert_eq!(a.send(&[0]), Err(SendError::Gone));
    }

    #[test]
    fn the_far_end_gone_is_loss_after_its_last_frame() {
        let (a, b) = memory_pair();
        let (mut a_audio, mut a) = a.into_halves();
        let (b_audio, mut b) = b.into_halves();
        a.poll_event();
        b.send(&[9]).unwrap();
        drop((b, b_audio));
        assert_eq!(a.poll_event(), Some(SpanEvent::Frame(Frame::from_slice(&[9]).unwrap())));
        assert_eq!((a.poll_event(), a.poll_event()), (Some(SpanEvent::Alarms(LOSS)), None));
        assert_eq!(a_audio.read(&mut SpanBlock::silent()), Ok(BlockSource::Line));
        assert_eq!(a_audio.read(&mut SpanBlock::silent()), Err(Gone));
    }
}
