//! The network on a clock that its owner moves.

use super::Span;
use super::core::{Core, Parts};
use super::lookers::Lookers;
use super::span::SpanState;
use super::task::{Order, heard, obey};
use crate::report::{SpanFaults, SpanStatus};
use base::Instant;
use media_io::Stepper;
use std::time::Duration;

/// The same network without a thread or a clock: it lives as far as it is stepped, and the same story runs the same twice.
pub struct Stepped {
    core: Core,
    engine: Stepper,
    now: Instant,
}

impl Stepped {
    /// How far a step goes.
    pub const STEP: Duration = Duration::from_millis(10);

    /// A network with these spans, at the beginning of its time.
    pub fn new(spans: Vec<Span>) -> Self {
        let (spans, audio): (Vec<_>, Vec<_>) =
            spans.into_iter().map(|span| SpanState::start(Instant::ZERO, span)).unzip();
        let (recorded, heard) = heard();
        let (control, engine) = media_io::stepped(audio, recorded);
        let core = Core::new(Parts { spans, engine: control, heard, lookers: Lookers::here() });
        Self { core, engine, now: Instant::ZERO }
    }

    /// Takes an order as the running network does.
    pub fn order(&mut self, order: Order) {
        obey(&mut self.core, self.now, order);
    }

    /// Ten milliseconds of audio, and all that follows of what came.
    pub fn step(&mut self) {
        self.engine.tick();
        self.now += Self::STEP;
        self.core.turn(self.now);
    }

    /// Time since the beginning.
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// How the spans are.
    pub fn status(&self) -> Vec<SpanStatus> {
        self.core.status()
    }

    /// What is wrong with the spans.
    pub fn faults(&self) -> Vec<SpanFaults> {
        self.core.faults(self.now)
    }

    /// Parties that live.
    pub fn parties(&self) -> usize {
        self.core.parties()
    }
}
