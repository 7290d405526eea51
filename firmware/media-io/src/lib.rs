//! The engine's thread: every 10 ms it reads all spans, ticks [`media::Engine`] once and writes all spans.
//!
//! **How it works.** A timerfd gives the pace. Commands come in and events go out by bounded rings; a clip that was played leaves with
//! its event and is freed by whoever polls it. Between two waits the thread allocates nothing, takes no lock and touches no file. Where the
//! system allows it, the thread is scheduled SCHED_FIFO and the process's memory is locked; where not, one line in the log says so.
//!
//! **Late.** A tick that could not run in its time is caught up, at most [`CATCH_UP`] in a row; what is over that is skipped and counted, since
//! nobody waits for old audio.
//!
//! **How to drive it.**
//! ```
//! use media::Command;
//! use media_io::{Audio, Options, port, start};
//!
//! let (near, _far) = lab::memory_pair();
//! let (audio, _link) = near.into_halves();
//! let spans: Vec<Box<dyn Audio>> = vec![Box::new(audio)];
//! let mut engine = start(spans, Options::default(), Box::new(|_block| {}), std::sync::Arc::new(|| {}))?;
//! engine.send(Command::Open(port(0, 1))).expect("the ring is empty");
//! while engine.statistics().ticks < 2 {
//!     std::thread::yield_now();
//! }
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! **Left out.** A card's own frame counter as the clock: the cards here have none.

mod clock;
mod histogram;
mod realtime;
mod runner;
pub mod signaling;
mod statistics;

pub use runner::CATCH_UP;
pub use statistics::Statistics;

use media::{Command, DtmfProfile, Event, PortId, RecordedBlock};
use ports::span::{BEARERS, BlockSource, D_SLOT, SpanAudio, SpanBlock};
use rtrb::{Consumer, Producer, PushError, RingBuffer};
use runner::Runner;
use statistics::Shared;
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

/// Commands that wait for the next tick at most. A tick takes all of them.
const COMMANDS: usize = 4096;
/// Events that wait to be polled at most; an event that finds no place is dropped and counted.
const EVENTS: usize = 16_384;

/// A span's audio, whatever the card. An error of the card is silence: signaling hears of it by the span's alarms.
pub trait Audio: Send {
    /// Takes the next 10 ms from the line.
    fn read(&mut self, block: &mut SpanBlock) -> BlockSource;
    /// Gives the next 10 ms to the line.
    fn write(&mut self, block: &SpanBlock);
}

impl<S: SpanAudio> Audio for S {
    fn read(&mut self, block: &mut SpanBlock) -> BlockSource {
        SpanAudio::read(self, block).unwrap_or_else(|_gone| {
            *block = SpanBlock::silent();
            BlockSource::Missing
        })
    }

    fn write(&mut self, block: &SpanBlock) {
        // A card that is gone shows by the span's alarms.
        let _gone = SpanAudio::write(self, block);
    }
}

/// How the thread runs.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Ask for SCHED_FIFO and locked memory.
    pub realtime: bool,
    /// What the receivers of keys take and refuse.
    pub dtmf: DtmfProfile,
}

impl Default for Options {
    fn default() -> Self {
        Self { realtime: false, dtmf: DtmfProfile::ATT }
    }
}

/// Takes the blocks of all recordings, inside the tick: must not wait or allocate.
pub type Recorded = Box<dyn FnMut(&RecordedBlock) + Send>;
/// Called after a tick that gave events. Must not wait.
pub type Notify = Arc<dyn Fn() + Send + Sync>;

/// The port of a span's timeslot (1 to 15, 17 to 31), spans counted from 0.
pub fn port(span: usize, timeslot: u8) -> PortId {
    let bearer = usize::from(timeslot) - 1 - usize::from(usize::from(timeslot) > D_SLOT);
    PortId(u16::try_from(span * BEARERS + bearer).unwrap_or(u16::MAX))
}

/// Span and timeslot of a port: the inverse of [`port`].
pub fn place(port: PortId) -> (usize, u8) {
    let (span, bearer) = (usize::from(port.0) / BEARERS, usize::from(port.0) % BEARERS);
    let timeslot = bearer + 1 + usize::from(bearer + 1 >= D_SLOT);
    (span, u8::try_from(timeslot).unwrap_or(u8::MAX))
}

/// Starts the thread with an engine of [`BEARERS`] ports a span.
///
/// # Errors
/// The system gave no timer or no thread.
pub fn start(spans: Vec<Box<dyn Audio>>, options: Options, recorded: Recorded, notify: Notify) -> io::Result<Control> {
    let ticks = clock::Ticks::new()?;
    let (mut control, runner) = joined(spans, recorded, notify);
    let runner = runner.reading_by(options.dtmf);
    let shared = Arc::clone(&control.shared);
    let thread = std::thread::Builder::new().name("engine".into()).spawn(move || {
        if options.realtime {
            let answers = realtime::ask();
            if let Some(warning) = answers.warning() {
                tracing::warn!("{warning}");
            }
            shared.asked(&answers);
        }
        runner.run(ticks);
    })?;
    control.thread = Some(thread);
    Ok(control)
}

/// The same without a thread or a clock: a tick is when the [`Stepper`] is told. For whole programs in one test.
pub fn stepped(spans: Vec<Box<dyn Audio>>, recorded: Recorded) -> (Control, Stepper) {
    let (control, runner) = joined(spans, recorded, Arc::new(|| {}));
    (control, Stepper(runner))
}

fn joined(spans: Vec<Box<dyn Audio>>, recorded: Recorded, notify: Notify) -> (Control, Runner) {
    let (commands, commands_out) = RingBuffer::new(COMMANDS);
    let (events_in, events) = RingBuffer::new(EVENTS);
    let shared = Arc::new(Shared::default());
    let runner = Runner::new(spans, commands_out, events_in, recorded, notify, Arc::clone(&shared));
    (Control { commands, events, shared, thread: None }, runner)
}

/// The engine of [`stepped`].
pub struct Stepper(Runner);

impl Stepper {
    /// Ten milliseconds of all spans.
    pub fn tick(&mut self) {
        self.0.tick();
    }
}

/// The other side of the thread. Dropping it ends the thread.
pub struct Control {
    commands: Producer<Command>,
    events: Consumer<Event>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Control {
    /// Hands a command to the next tick; back it comes if 4096 wait already.
    ///
    /// # Errors
    /// The ring is full.
    // The command goes back to be tried again.
    #[allow(clippy::result_large_err)]
    pub fn send(&mut self, command: Command) -> Result<(), Command> {
        self.commands.push(command).map_err(|PushError::Full(command)| command)
    }

    /// The oldest event not yet taken.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop().ok()
    }

    /// How the thread does.
    pub fn statistics(&self) -> Statistics {
        self.shared.read()
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.shared.stop();
        if let Some(thread) = self.thread.take() {
            // It ends within a tick; a panic in it was reported by the hook.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bearer_has_a_port_of_its_own_and_back() {
        let slots = (1..=31).filter(|&slot| usize::from(slot) != D_SLOT);
        let all: Vec<PortId> = (0..8).flat_map(|span| slots.clone().map(move |slot| port(span, slot))).collect();
        assert!(all.iter().enumerate().all(|(at, port)| usize::from(port.0) == at));
        for (at, port_id) in all.iter().enumerate() {
            let (span, slot) = place(*port_id);
            assert_eq!((span, port(span, slot)), (at / BEARERS, *port_id));
        }
    }
}
