//! What an FXS line wants done: orders that change nothing are left out.

use super::settings::{DIGIT_OFF_MS, DIGIT_ON_MS};
use crate::line::{LineAction, LineState, Listen, Order, Tone};
use base::{Digits, Instant, Queue, WallTime};
use ports::call::Primitive;

/// Actions of one input: a few. The owner drains after each.
const ROOM: usize = 24;

#[derive(Clone, Debug)]
pub(super) struct Outbox {
    actions: Queue<LineAction, ROOM>,
    line: LineState,
    playing: Option<Tone>,
    listens: bool,
    clock: Option<(Instant, WallTime)>,
}

impl Outbox {
    pub(super) const fn new() -> Self {
        Self { actions: Queue::new(), line: LineState::QUIET, playing: None, listens: false, clock: None }
    }

    pub(super) fn pop(&mut self) -> Option<LineAction> {
        self.actions.pop()
    }

    /// An owner that does not drain loses actions rather than memory.
    fn push(&mut self, action: LineAction) {
        let _ = self.actions.push(action);
    }

    pub(super) fn line(&mut self, primitive: Primitive) {
        self.push(LineAction::Line(primitive));
    }

    pub(super) fn set_line(&mut self, line: LineState) {
        if core::mem::replace(&mut self.line, line) != line {
            self.push(LineAction::Do(Order::SetLine(line)));
        }
    }

    pub(super) fn tone(&mut self, tone: Option<Tone>) {
        if core::mem::replace(&mut self.playing, tone) != tone {
            self.push(LineAction::Do(Order::PlayTone(tone)));
        }
    }

    /// Digits are wanted, or not any more.
    pub(super) fn listen(&mut self, dtmf: bool) {
        if core::mem::replace(&mut self.listens, dtmf) != dtmf {
            self.push(LineAction::Do(Order::Listen(Listen { dtmf, ..Listen::default() })));
        }
    }

    pub(super) fn send_digits(&mut self, digits: Digits) {
        self.order(Some(Order::SendDigits { digits, on_ms: DIGIT_ON_MS, off_ms: DIGIT_OFF_MS }));
    }

    pub(super) fn order(&mut self, order: Option<Order>) {
        match order {
            Some(Order::PlayTone(tone)) => self.tone(tone),
            Some(order) => self.push(LineAction::Do(order)),
            None => {}
        }
    }

    pub(super) fn set_time(&mut self, now: Instant, local: WallTime) {
        self.clock = Some((now, local));
    }

    /// Local wall time.
    pub(super) fn date(&self, now: Instant) -> Option<WallTime> {
        let (at, local) = self.clock?;
        Some(WallTime(local.0 + (now.as_millis() - at.as_millis().min(now.as_millis()))))
    }
}
