//! The two halves of a span: audio for the engine's thread, frames and events for signaling.

use crate::elastic::{Depth, Elastic, Taken};
use crate::packet::{Defects, Row, Rows, SILENT_ROW, Signaling};
use crate::span::{Statistics, UNSET};
use ports::span::{Abcd, BLOCK, BlockSource, DataLink, Frame, SendError, SpanAudio, SpanBlock, SpanEvent, TIMESLOTS};
use rtrb::{Consumer, Producer};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Called by the card's thread whenever a span has events to take, so that signaling need not poll. It must not block.
pub type Notifier = Arc<dyn Fn() + Send + Sync>;

/// How deep a receiving buffer is kept: 25 ms at the start, so that packets of 5 ms may come 15 ms late.
const RECEIVING: Depth = Depth { start: 200, low: 64, high: 240, limit: 640 };

/// The card's thread is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pseudowire's thread has ended")]
pub struct Gone;

/// What the halves of one span and the thread share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Written by the thread once a packet time.
    pub(crate) statistics: Mutex<Statistics>,
    /// Rows slipped by the receiving buffer, deleted less inserted.
    pub(crate) slipped: AtomicI64,
    pub(crate) underruns: AtomicU64,
    pub(crate) audio_dropped: AtomicU64,
    /// Signaling bits to send, by timeslot.
    bits: [AtomicU8; TIMESLOTS],
    /// L and M to send.
    local: AtomicBool,
    remote_alarm: AtomicBool,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            statistics: Mutex::default(),
            slipped: AtomicI64::new(0),
            underruns: AtomicU64::new(0),
            audio_dropped: AtomicU64::new(0),
            bits: core::array::from_fn(|_| AtomicU8::new(UNSET.bits())),
            local: AtomicBool::new(false),
            remote_alarm: AtomicBool::new(false),
        }
    }
}

impl Shared {
    pub(crate) fn bits(&self, timeslot: u8) -> Abcd {
        self.bits.get(usize::from(timeslot)).map_or(UNSET, |bits| Abcd::new(bits.load(Ordering::Relaxed)))
    }

    pub(crate) fn circuit(&self) -> Defects {
        let told = |alarm: &AtomicBool| alarm.load(Ordering::Relaxed);
        Defects { local: told(&self.local), remote_loss: false, remote_alarm: told(&self.remote_alarm) }
    }
}

/// Ends the thread with the last half of the last span.
#[derive(Debug)]
pub(crate) struct Owner {
    pub(crate) stop: Arc<AtomicBool>,
    pub(crate) thread: Option<JoinHandle<()>>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
        {
            // A panic in it was reported by the hook.
            let _ = thread.join();
        }
    }
}

/// Audio of a span.
#[derive(Debug)]
pub struct AudioHalf {
    rx: Consumer<Rows>,
    tx: Producer<SpanBlock>,
    elastic: Elastic,
    shared: Arc<Shared>,
    _owner: Arc<Owner>,
}

impl AudioHalf {
    pub(crate) fn new(rx: Consumer<Rows>, tx: Producer<SpanBlock>, shared: Arc<Shared>, owner: Arc<Owner>) -> Self {
        Self { rx, tx, elastic: Elastic::new(RECEIVING), shared, _owner: owner }
    }
}

impl SpanAudio for AudioHalf {
    type Error = Gone;

    fn read(&mut self, block: &mut SpanBlock) -> Result<BlockSource, Gone> {
        while let Ok(rows) = self.rx.pop() {
            self.elastic.put(rows.as_slice().iter().copied());
        }
        let mut rows: [Row; BLOCK] = [SILENT_ROW; BLOCK];
        let taken = self.elastic.take(&mut rows);
        for (slot, octets) in block.slot.iter_mut().enumerate() {
            for (octet, row) in octets.iter_mut().zip(&rows) {
                *octet = row[slot];
            }
        }
        let slips = self.elastic.slips();
        self.shared.slipped.store(slips.deleted as i64 - slips.inserted as i64, Ordering::Relaxed);
        self.shared.underruns.store(slips.empty, Ordering::Relaxed);
        if self.rx.is_abandoned() {
            return Err(Gone);
        }
        Ok(match taken {
            Taken::Rows => BlockSource::Line,
            Taken::Silence => BlockSource::Missing,
        })
    }

    fn write(&mut self, block: &SpanBlock) -> Result<(), Gone> {
        if self.tx.is_abandoned() {
            return Err(Gone);
        }
        if self.tx.push(block.clone()).is_err() {
            self.shared.audio_dropped.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// D-channel or signaling bits, and events of a span.
#[derive(Debug)]
pub struct DataHalf {
    tx: Producer<Frame>,
    rx: Consumer<SpanEvent>,
    signaling: Signaling,
    shared: Arc<Shared>,
    slips_told: i64,
    _owner: Arc<Owner>,
}

impl DataHalf {
    pub(crate) const fn new(
        tx: Producer<Frame>,
        rx: Consumer<SpanEvent>,
        signaling: Signaling,
        shared: Arc<Shared>,
        owner: Arc<Owner>,
    ) -> Self {
        Self { tx, rx, signaling, shared, slips_told: 0, _owner: owner }
    }

    /// Tells the far end of our own circuit from now on: that it is down (L), so that it hears nothing, or that its far end has an
    /// alarm (M).
    pub fn show(&self, local: bool, remote_alarm: bool) {
        self.shared.local.store(local, Ordering::Relaxed);
        self.shared.remote_alarm.store(remote_alarm, Ordering::Relaxed);
    }

    /// What the span's line did since the start.
    pub fn statistics(&self) -> Statistics {
        let mut statistics = *self.shared.statistics.lock().unwrap_or_else(PoisonError::into_inner);
        statistics.slipped = self.shared.slipped.load(Ordering::Relaxed);
        statistics.underruns = self.shared.underruns.load(Ordering::Relaxed);
        statistics.audio_dropped += self.shared.audio_dropped.load(Ordering::Relaxed);
        statistics
    }
}

impl DataLink for DataHalf {
    fn set_cas(&mut self, timeslot: u8, bits: Abcd) {
        if let Some(place) = self.shared.bits.get(usize::from(timeslot)) {
            place.store(bits.bits(), Ordering::Relaxed);
        }
    }

    /// On a span with CAS there is no D-channel: [`SendError::Gone`].
    fn send(&mut self, frame: &[u8]) -> Result<(), SendError> {
        let frame = Frame::from_slice(frame).map_err(|_| SendError::TooLong)?;
        if self.signaling == Signaling::Cas || self.tx.is_abandoned() {
            return Err(SendError::Gone);
        }
        self.tx.push(frame).map_err(|_| SendError::Full)
    }

    fn poll_event(&mut self) -> Option<SpanEvent> {
        if let Ok(event) = self.rx.pop() {
            return Some(event);
        }
        let slipped = self.shared.slipped.load(Ordering::Relaxed);
        let news = slipped - self.slips_told;
        self.slips_told = slipped;
        // Left out is negative in a span's event.
        (news != 0).then(|| SpanEvent::Slip(i32::try_from(-news).unwrap_or(i32::MAX)))
    }
}
