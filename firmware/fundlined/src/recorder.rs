//! From the engine's recorders to the writer of recordings, without lock or allocation in the engine's thread.

use base::RecordingId;
use media::{RecordSlot, RecordedBlock};
use records_io::{RecordingItem, RecordingSink};
use rtrb::{Consumer, Producer, RingBuffer};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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
            high.store((recording.0 >> 64) as u64, Ordering::Relaxed);
            low.store(recording.0 as u64, Ordering::Release);
        }
    }

    fn of(&self, slot: RecordSlot) -> Option<RecordingId> {
        let (high, low) = self.0.get(usize::from(slot.0))?;
        let low = low.load(Ordering::Acquire);
        Some(RecordingId(u128::from(high.load(Ordering::Relaxed)) << 64 | u128::from(low)))
    }
}

/// The engine thread's end.
pub struct Tap {
    slots: Slots,
    /// Recording and number of the next block, by recorder.
    next: Box<[(RecordingId, u32)]>,
    sink: Option<RecordingSink>,
    sinks: Consumer<RecordingSink>,
}

impl Tap {
    /// A tap for these recorders, and where its sink is handed in: the writer may begin later than the engine.
    pub fn new(slots: Slots) -> (Self, Producer<RecordingSink>) {
        let (hand_in, sinks) = RingBuffer::new(1);
        let next = vec![(RecordingId(0), 0); slots.0.len()].into_boxed_slice();
        (Self { slots, next, sink: None, sinks }, hand_in)
    }

    /// Passes a block on.
    pub fn recorded(&mut self, block: &RecordedBlock) {
        let Some(id) = self.slots.of(block.recording) else { return };
        let Some((recording, next)) = self.next.get_mut(usize::from(block.recording.0)) else { return };
        if *recording != id {
            (*recording, *next) = (id, 0);
        }
        let number = *next;
        *next = next.wrapping_add(1);
        if self.sink.is_none() {
            self.sink = self.sinks.pop().ok();
        }
        if let Some(sink) = &mut self.sink {
            sink.push(RecordingItem::Block { id, number, received: block.received, sent: block.sent });
        }
    }
}
