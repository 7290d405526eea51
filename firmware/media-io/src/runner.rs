//! The loop: wait, take commands, read, tick, write.

use crate::clock::{Ticks, Woken};
use crate::statistics::Shared;
use crate::{Audio, Notify, Recorded};
use media::wide::{alaw_decode, alaw_encode};
use media::{BLOCK, Block, Command, DtmfProfile, Engine, Event, RecordedBlock, Sink};
use ports::span::{BEARERS, BlockSource, D_SLOT, SpanBlock};
use rtrb::{Consumer, Producer};
use std::sync::Arc;
use std::time::Instant;

/// Ticks run in a row at most when the thread was late: 50 ms of audio, as much as the cards hold.
pub const CATCH_UP: u64 = 5;

pub(crate) struct Runner {
    spans: Vec<Box<dyn Audio>>,
    engine: Engine,
    rx: Vec<Block>,
    tx: Vec<Block>,
    line: SpanBlock,
    commands: Consumer<Command>,
    outlet: Outlet,
    notify: Notify,
    shared: Arc<Shared>,
}

/// Where the engine's events and recordings go.
struct Outlet {
    events: Producer<Event>,
    recorded: Recorded,
    shared: Arc<Shared>,
    news: bool,
}

impl Sink for Outlet {
    fn event(&mut self, event: Event) {
        self.news = true;
        if self.events.push(event).is_err() {
            self.shared.dropped();
        }
    }

    fn recorded(&mut self, block: &RecordedBlock) {
        (self.recorded)(block);
    }
}

impl Runner {
    pub(crate) fn new(
        spans: Vec<Box<dyn Audio>>,
        commands: Consumer<Command>,
        events: Producer<Event>,
        recorded: Recorded,
        notify: Notify,
        shared: Arc<Shared>,
    ) -> Self {
        let ports = spans.len() * BEARERS;
        let outlet = Outlet { events, recorded, shared: Arc::clone(&shared), news: false };
        let silent = || vec![[0; BLOCK]; ports];
        let (rx, tx, line) = (silent(), silent(), SpanBlock::silent());
        Self { engine: Engine::with_cancellers(ports), spans, rx, tx, line, commands, outlet, notify, shared }
    }

    pub(crate) fn reading_by(mut self, profile: DtmfProfile) -> Self {
        self.engine = self.engine.reading_by(profile);
        self
    }

    pub(crate) fn run(mut self, mut ticks: Ticks) {
        while !self.shared.stopped() {
            let Woken { due, late } = ticks.wait();
            if due > 0 {
                self.shared.woke(late);
            }
            let run = due.min(CATCH_UP);
            self.shared.was_late(run.saturating_sub(1), due - run);
            for _ in 0..run {
                let began = Instant::now();
                self.tick();
                let took = began.elapsed();
                self.shared.ticked(took);
                self.engine.took(took, &mut self.outlet);
            }
            if std::mem::take(&mut self.outlet.news) {
                (self.notify)();
            }
        }
    }

    pub(crate) fn tick(&mut self) {
        // Those that come while these are obeyed wait for the next tick.
        for _ in 0..self.commands.slots() {
            let Ok(command) = self.commands.pop() else { break };
            self.engine.handle(command, &mut self.outlet);
        }
        for (span, ports) in self.spans.iter_mut().zip(self.rx.chunks_mut(BEARERS)) {
            if span.read(&mut self.line) == BlockSource::Missing {
                self.shared.missing();
            }
            for (slot, port) in bearers().zip(ports) {
                alaw_decode(&self.line.slot[slot], port);
            }
        }
        self.engine.tick(&self.rx, &mut self.tx, &mut self.outlet);
        self.line = SpanBlock::silent();
        for (span, ports) in self.spans.iter_mut().zip(self.tx.chunks(BEARERS)) {
            for (slot, port) in bearers().zip(ports) {
                alaw_encode(port, &mut self.line.slot[slot]);
            }
            span.write(&self.line);
        }
    }
}

/// The timeslots that carry audio, in order.
fn bearers() -> impl Iterator<Item = usize> {
    (1..32).filter(|&slot| slot != D_SLOT)
}
