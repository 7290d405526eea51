//! Who calls: caller ids by FSK and by DTMF, before, between and after rings, without any setting.

use super::settings::{CALLER_ID_KEPT, DIGITS_END, WAITING_MESSAGE};
use base::{Digit, Instant};
use ports::call::{Number, Presentation};
use sig_callerid::{CallerId, DtmfReader, Reader};

/// What came of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    /// A message is complete.
    Known,
    /// One could not be read.
    Bad,
}

/// Reads both kinds of caller id.
#[derive(Clone, Debug)]
pub(super) struct CallerEar {
    fsk: Reader,
    dtmf: DtmfReader,
    /// Digits came; no more than this later they are a number.
    digits_due: Option<Instant>,
    message: Option<CallerId>,
    /// What is known, or hinted at by a reversal, is of no call after this.
    stale: Option<Instant>,
    /// The message of a waiting caller may come until then.
    waiting: Option<Instant>,
}

impl CallerEar {
    pub(super) fn new() -> Self {
        Self {
            fsk: Reader::new(),
            dtmf: DtmfReader::new(),
            digits_due: None,
            message: None,
            stale: None,
            waiting: None,
        }
    }

    /// The line was reversed on hook: a caller id may follow, and a ring.
    pub(super) fn alerted(&mut self, now: Instant) {
        self.stale = Some(now + CALLER_ID_KEPT);
    }

    /// A call is about to come in.
    pub(super) const fn may_follow(&self) -> bool {
        self.stale.is_some()
    }

    /// FSK begins: what was half read is of no use.
    pub(super) fn carrier(&mut self) {
        self.fsk = Reader::new();
    }

    /// It is over.
    pub(super) fn lost(&mut self, now: Instant) -> Option<Caller> {
        let message = self.fsk.finish()?.ok()?;
        self.keep(now, message);
        Some(Caller::Known)
    }

    pub(super) fn push_octet(&mut self, now: Instant, octet: u8) -> Option<Caller> {
        match self.fsk.push_octet(octet)? {
            Ok(message) => {
                self.keep(now, message);
                Some(Caller::Known)
            }
            Err(_) => Some(Caller::Bad),
        }
    }

    pub(super) fn push_digit(&mut self, now: Instant, digit: Digit) -> Option<Caller> {
        self.stale = Some(now + CALLER_ID_KEPT);
        self.digits_due = Some(now + DIGITS_END);
        let read = self.dtmf.push(digit)?;
        self.digits_due = None;
        self.keep(now, read);
        Some(Caller::Known)
    }

    /// A waiting caller's message follows its alerting tone.
    pub(super) fn await_waiting(&mut self, now: Instant) {
        self.fsk = Reader::new();
        self.waiting = Some(now + WAITING_MESSAGE);
    }

    /// The party that diverted the call here.
    pub(super) fn redirecting(&self) -> Option<Number> {
        self.message.as_ref().and_then(|message| message.redirecting)
    }

    pub(super) const fn awaits_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    fn keep(&mut self, now: Instant, message: CallerId) {
        self.message = Some(message);
        self.waiting = None;
        self.stale = Some(now + CALLER_ID_KEPT);
    }

    pub(super) const fn is_known(&self) -> bool {
        self.message.is_some()
    }

    pub(super) fn message(&self) -> Option<CallerId> {
        self.message.clone()
    }

    pub(super) fn take(&mut self) -> Option<CallerId> {
        self.stale = None;
        self.message.take()
    }

    /// The caller's number, as far as it is known.
    pub(super) fn number(&self) -> Number {
        let unknown = Number { presentation: Presentation::Unavailable, ..Number::default() };
        self.message.as_ref().map_or(unknown, |message| message.number)
    }

    pub(super) fn forget(&mut self) {
        *self = Self::new();
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) -> Option<Caller> {
        if self.digits_due.is_some_and(|due| due <= now) {
            self.digits_due = None;
            let message = self.dtmf.finish()?;
            self.keep(now, message);
            return Some(Caller::Known);
        }
        if self.stale.is_some_and(|due| due <= now) {
            self.stale = None;
            self.message = None;
        }
        if self.waiting.is_some_and(|due| due <= now) {
            self.waiting = None;
        }
        None
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        [self.digits_due, self.stale, self.waiting].into_iter().flatten().min()
    }
}
