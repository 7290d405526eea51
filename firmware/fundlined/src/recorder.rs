//! From the engine's recorders to the writer of recordings, without lock or allocation in the engine's thread.

use base::RecordingId;
use media::{BLOCK, RecordSlot, RecordedBlock};
use records_io::{RecordingItem, RecordingSink};
use rtrb::{Consumer, Producer, RingBuffer};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Blocks held of a recorder that runs without a recording: half a second.
pub const HELD: usize = 50;
/// No recording has this number: the recorder's blocks are held.
const NONE: RecordingId = RecordingId(0);

/// Which recording each recorder makes. Set before the engine is told to start; the ring of commands orders the two.
#[derive(Clone, Debug)]
pub struct Slots(Arc<[(AtomicU64, AtomicU64)]>);

impl Slots {
    /// As many as the engine has recorders.
    pub fn new(count: usize) -> Self {
        Self((0..count).map(|_| (AtomicU64::new(0), AtomicU64::new(0))).collect())
    }

    /// The recorder's next blocks are this recording's.
    pub fn set(&self, slot: RecordSlot, recording: RecordingId) {
        if let Some((high, low)) = self.0.get(usize::from(slot.0)) {
            // The high half is the box and its boot, the same for all of a run: no reader sees half of two recordings.
            high.store((recording.0 >> 64) as u64, Ordering::Relaxed);
            low.store(recording.0 as u64, Ordering::Release);
        }
    }

    /// The recorder's next blocks are nobody's.
    pub fn hold(&self, slot: RecordSlot) {
        if let Some((_, low)) = self.0.get(usize::from(slot.0)) {
            low.store(0, Ordering::Release);
        }
    }

    fn of(&self, slot: RecordSlot) -> Option<RecordingId> {
        let (high, low) = self.0.get(usize::from(slot.0))?;
        match low.load(Ordering::Acquire) {
            0 => Some(NONE),
            low => Some(RecordingId(u128::from(high.load(Ordering::Relaxed)) << 64 | u128::from(low))),
        }
    }
}

type Pair = ([u8; BLOCK], [u8; BLOCK]);

/// The last blocks of a recorder without a recording: they go in front of its next one.
#[derive(Debug)]
pub struct PreRoll {
    blocks: [Pair; HELD],
    oldest: usize,
    len: usize,
}

impl PreRoll {
    /// With nothing in it.
    pub const EMPTY: Self = Self { blocks: [([0; BLOCK], [0; BLOCK]); HELD], oldest: 0, len: 0 };

    /// Keeps a block, in place of the oldest when it is full.
    pub fn push(&mut self, block: &RecordedBlock) {
        let at = (self.oldest + self.len) % HELD;
        self.blocks[at] = (block.received, block.sent);
        if self.len == HELD {
            self.oldest = (self.oldest + 1) % HELD;
        } else {
            self.len += 1;
        }
    }

    /// Takes the oldest out.
    pub fn pop(&mut self) -> Option<Pair> {
        let left = self.len.checked_sub(1)?;
        let block = self.blocks[self.oldest];
        self.oldest = (self.oldest + 1) % HELD;
        self.len = left;
        Some(block)
    }
}

/// The engine thread's end.
pub struct Tap {
    slots: Slots,
    /// Recording and number of the next block, by recorder.
    next: Box<[(RecordingId, u32)]>,
    held: Box<[PreRoll]>,
    sink: Option<RecordingSink>,
    sinks: Consumer<RecordingSink>,
}

impl Tap {
    /// A tap for these recorders, and where its sink is handed in: the writer may begin later than the engine. The first `held` recorders
    /// may run without a recording: those of taps, which are reserved first.
    pub fn new(slots: Slots, held: usize) -> (Self, Producer<RecordingSink>) {
        let (hand_in, sinks) = RingBuffer::new(1);
        let next = vec![(NONE, 0); slots.0.len()].into_boxed_slice();
        let held = (0..held).map(|_| PreRoll::EMPTY).collect();
        (Self { slots, next, held, sink: None, sinks }, hand_in)
    }

    /// Passes a block on, or holds it.
    pub fn recorded(&mut self, block: &RecordedBlock) {
        let slot = usize::from(block.recording.0);
        let Some(id) = self.slots.of(block.recording) else { return };
        let Some((before, _)) = self.next.get(slot).copied() else { return };
        if self.sink.is_none() {
            self.sink = self.sinks.pop().ok();
        }
        if before != id {
            self.next[slot] = (id, 0);
            self.change(slot, before, id);
        }
        if id == NONE {
            if let Some(held) = self.held.get_mut(slot) {
                held.push(block);
            }
            return;
        }
        self.give(slot, id, (block.received, block.sent));
    }

    /// The recorder goes over to another recording: the old one has all its blocks, what was held goes in front of the new one.
    fn change(&mut self, slot: usize, before: RecordingId, id: RecordingId) {
        if let Some(sink) = self.sink.as_mut().filter(|_| before != NONE) {
            sink.push(RecordingItem::End { id: before });
        }
        while id != NONE
            && let Some(block) = self.held.get_mut(slot).and_then(PreRoll::pop)
        {
            self.give(slot, id, block);
        }
    }

    fn give(&mut self, slot: usize, id: RecordingId, (received, sent): Pair) {
        let number = self.next[slot].1;
        self.next[slot].1 = number.wrapping_add(1);
        if let Some(sink) = &mut self.sink {
            sink.push(RecordingItem::Block { id, number, received, sent });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use records_io::{RecordingReport, RecordingWriter};

    #[test]
    fn a_recording_begins_with_what_was_held_and_ends_with_the_block_before_the_change() {
        let folder = tempfile::tempdir().unwrap();
        let (told, reports) = std::sync::mpsc::channel();
        let report = move |report| drop(told.send(report));
        let (sink, writer) = RecordingWriter::start(folder.path().to_owned(), 1000, report).unwrap();
        let slots = Slots::new(2);
        let (mut tap, mut sinks) = Tap::new(slots.clone(), 1);
        sinks.push(sink).unwrap_or_else(|_| panic!("there is room for it"));
        let slot = RecordSlot(0);
        let mut number = 0;
        let mut record = |tap: &mut Tap, blocks: u8| {
            for _ in 0..blocks {
                number += 1;
                let block =
                    RecordedBlock { recording: slot, received: [number; BLOCK], sent: [0; BLOCK], masked: false };
                tap.recorded(&block);
            }
        };
        slots.hold(slot);
        record(&mut tap, 70);
        slots.set(slot, RecordingId(5 << 64 | 1));
        record(&mut tap, 30);
        // The next goes on without a gap.
        slots.set(slot, RecordingId(5 << 64 | 2));
        record(&mut tap, 10);
        slots.hold(slot);
        record(&mut tap, 1);
        let mut closed: Vec<_> = (0..2)
            .map(|_| match reports.recv_timeout(std::time::Duration::from_secs(20)).unwrap() {
                RecordingReport::Closed(closed) => (closed.id, closed.frames, closed.path),
                other => panic!("{other:?}"),
            })
            .collect();
        closed.sort();
        assert_eq!(closed.iter().map(|(_, frames, _)| *frames).collect::<Vec<_>>(), [80 * 80, 10 * 80]);
        let first = std::fs::read(folder.path().join(&closed[0].2)).unwrap();
        // 21 to 100: the last half second of seventy blocks, and thirty.
        assert_eq!((first[records_io::HEADER], *first.last_chunk::<2>().unwrap()), (21, [100, 0]));
        drop(writer);
    }
}
