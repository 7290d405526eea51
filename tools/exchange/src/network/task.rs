//! The task: waits, and lets the core turn.

use super::Span;
use super::calls::{Sending, Wanted};
use super::core::{Core, Heard, Parts};
pub use super::live::Placed;
use super::lookers::Lookers;
use super::span::SpanState;
use crate::faults;
use crate::hearing::Memory;
use crate::party::Prepared;
use crate::report::{SpanFaults, SpanStatus};
use base::{Digits, Instant};
use media::RecordedBlock;
use ports::call::Text;
use rtrb::{Consumer, RingBuffer};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};

/// How often parties are looked at.
const TICK: Duration = Duration::from_millis(20);
/// Blocks that wait between the engine and the task: a third of a second of eight full spans.
const HEARD: usize = 8192;
/// Orders that wait.
const ORDERS: usize = 1024;

/// What a client wants of the network.
pub enum Order {
    /// A call.
    Call {
        /// Called number.
        to: Digits,
        /// Calling number, empty for a withheld one.
        from: Digits,
        /// The caller's name, for lines that can carry one.
        name: Option<Text>,
        /// The span to use.
        span: Option<usize>,
        /// The timeslot of it.
        line: Option<u8>,
        /// How the called number is sent.
        sending: Sending,
        /// The caller's script.
        steps: Vec<Prepared>,
        /// How much of what it hears is kept.
        memory: Memory,
        /// Where its end is told.
        reply: oneshot::Sender<Placed>,
        /// Whether the call could be placed.
        placed: oneshot::Sender<Result<(), String>>,
    },
    /// A telephone for the next call to a number.
    Answer {
        /// The number.
        to: Digits,
        /// Its script.
        steps: Vec<Prepared>,
        /// How much of what it hears is kept.
        memory: Memory,
        /// Where its end is told.
        reply: oneshot::Sender<Placed>,
        /// It can be rung from now on.
        registered: oneshot::Sender<()>,
    },
    /// A telephone for all calls to a number that nobody waits for.
    Install {
        /// The number; all that have no telephone where absent.
        number: Option<Digits>,
        /// Its script.
        steps: Vec<Prepared>,
    },
    /// How the spans are.
    Status(oneshot::Sender<(Vec<SpanStatus>, usize)>),
    /// A fault.
    Fault {
        /// The span; all of them where absent.
        span: Option<usize>,
        /// What.
        order: faults::Order,
        /// Whether it could be ordered, and what is on order then.
        ordered: oneshot::Sender<Result<Vec<SpanFaults>, String>>,
    },
    /// What faults are on order.
    Faults(oneshot::Sender<Vec<SpanFaults>>),
}

/// The way to order from the network.
pub type Commands = mpsc::Sender<Order>;

pub(super) fn start(spans: Vec<Span>, options: media_io::Options, woken: Arc<Notify>) -> io::Result<Commands> {
    let began = std::time::Instant::now();
    let (spans, audio) = spans.into_iter().map(|span| SpanState::start(Instant::ZERO, span)).unzip();
    let (recorded, heard) = heard();
    let waker = Arc::clone(&woken);
    let notify: Arc<dyn Fn() + Send + Sync> = Arc::new(move || waker.notify_one());
    let lookers = Lookers::start(&notify)?;
    let engine = media_io::start(audio, options, recorded, notify)?;
    let (commands, orders) = mpsc::channel(ORDERS);
    tokio::spawn(run(began, Parts { spans, engine, heard, lookers }, orders, woken));
    Ok(commands)
}

/// What the engine's recorders give out, and where the core takes it.
pub(super) fn heard() -> (media_io::Recorded, Consumer<Heard>) {
    let (mut heard_in, heard) = RingBuffer::new(HEARD);
    let recorded = move |block: &RecordedBlock| {
        // A task that does not keep up loses what its parties would have heard; their expectations fail.
        let _ = heard_in.push((block.recording, block.received));
    };
    (Box::new(recorded), heard)
}

async fn run(began: std::time::Instant, parts: Parts, mut orders: mpsc::Receiver<Order>, woken: Arc<Notify>) {
    let clock = || Instant::new(began.elapsed());
    let mut core = Core::new(parts);
    loop {
        core.turn(clock());
        let tick = (core.parties() > 0).then_some(TICK);
        let due = core.deadline().map(|due| due - clock());
        let wait = [tick, due].into_iter().flatten().min().unwrap_or(Duration::from_secs(1));
        tokio::select! {
            () = woken.notified() => {}
            () = tokio::time::sleep(wait) => {}
            order = orders.recv() => match order {
                Some(order) => obey(&mut core, clock(), order),
                None => return,
            },
        }
    }
}

pub(super) fn obey(core: &mut Core, now: Instant, order: Order) {
    // A client that is gone needs no answer.
    match order {
        Order::Call { to, from, name, span, line, sending, steps, memory, reply, placed } => {
            let wanted = Wanted { to, from, name, span, line, sending, steps, memory };
            let _ = placed.send(core.place(now, wanted, Some(reply)));
        }
        Order::Answer { to, steps, memory, reply, registered } => {
            core.register(to, steps, memory, Some(reply));
            let _ = registered.send(());
        }
        Order::Install { number, steps } => core.install(number, steps),
        Order::Status(reply) => {
            let _ = reply.send((core.status(), core.parties()));
        }
        Order::Fault { span, order, ordered } => {
            let _ = ordered.send(core.order_fault(now, span, order).map(|()| core.faults(now)));
        }
        Order::Faults(reply) => {
            let _ = reply.send(core.faults(now));
        }
    }
}
