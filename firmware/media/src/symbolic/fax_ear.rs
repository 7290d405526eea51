//! Fax and modem tones, sent and heard.

use super::Sound;
use super::ear::FOR_EVER;
use dsp_fax::{Answer, FaxSignal, FaxToneEvent};

/// Ticks of an answering tone until it is told of: 700 ms.
pub const ANSWER_BEGAN: u64 = 70;
/// Ticks of flags until they are told of: five of 27 ms.
pub const FLAGS: u64 = 14;
/// Ticks without an answering tone until it has ended: 20 ms.
const ANSWER_ENDED: u64 = 2;
/// Ticks of a burst of CNG, of the quiet after it until it is told of, of the pause before it, and until it is forgotten.
const BURST: core::ops::RangeInclusive<u64> = 41..=59;
const AFTER: u64 = 10;
const PAUSE: core::ops::RangeInclusive<u64> = 250..=350;
const TWO_PAUSES: core::ops::RangeInclusive<u64> = 540..=760;
const FORGOTTEN: u64 = 1000;

/// What is heard of it in one tick.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FaxPart {
    /// A burst of CNG.
    Calling,
    /// An answering tone.
    Answer {
        /// Which.
        answer: Answer,
        /// Its phase turns round in this tick.
        turned: bool,
    },
    /// Flags on channel 2 of V.21.
    Flags,
}

/// A tone being sent.
pub(super) struct Faxing {
    signal: FaxSignal,
    at: u64,
    stopped: bool,
}

impl Faxing {
    pub(super) const fn new(signal: FaxSignal) -> Self {
        Self { signal, at: 0, stopped: false }
    }

    /// It ends in the next tick.
    pub(super) const fn stop(&mut self) {
        self.stopped = true;
    }

    /// Ticks until the sound changes, and the sound.
    fn segment(&self) -> (u64, Sound) {
        /// Ticks of CNG's burst and period, and from one reversal to the next.
        const BURST: u64 = 50;
        const PERIOD: u64 = 350;
        const REVERSAL: u64 = 45;
        let left = self.ticks().saturating_sub(self.at);
        let tone = |answer, turns: bool| {
            let into = self.at % REVERSAL;
            let turned = turns && self.at > 0 && into == 0;
            let until = if !turns {
                left
            } else if turned || self.at == 0 {
                1
            } else {
                REVERSAL - into
            };
            (until.min(left), Sound::Fax(FaxPart::Answer { answer, turned }))
        };
        match self.signal {
            _ if self.stopped => (1, Sound::Silence),
            FaxSignal::Cng if self.at % PERIOD < BURST => (BURST - self.at % PERIOD, Sound::Fax(FaxPart::Calling)),
            FaxSignal::Cng => (PERIOD - self.at % PERIOD, Sound::Silence),
            FaxSignal::Ced => tone(Answer::Ced, false),
            FaxSignal::AnsReversed => tone(Answer::Ced, true),
            FaxSignal::AnsAm => tone(Answer::AnsAm, false),
            FaxSignal::AnsAmReversed => tone(Answer::AnsAm, true),
            FaxSignal::Flags => (left, Sound::Fax(FaxPart::Flags)),
        }
    }

    /// Its length in ticks.
    const fn ticks(&self) -> u64 {
        match self.signal {
            FaxSignal::Cng => FOR_EVER,
            FaxSignal::Ced => 300,
            FaxSignal::AnsReversed => 330,
            FaxSignal::AnsAm | FaxSignal::AnsAmReversed => 500,
            FaxSignal::Flags => 102,
        }
    }

    pub(super) fn sound(&self) -> Sound {
        self.segment().1
    }

    /// Goes on; tells whether it is over.
    pub(super) const fn advance(&mut self, ticks: u64) -> bool {
        self.at = self.at.saturating_add(ticks);
        self.stopped || self.at >= self.ticks()
    }

    /// Ticks that sound as the next one, the one in which it is over left out.
    pub(super) fn steady(&self) -> u64 {
        if self.stopped { 0 } else { self.segment().0.saturating_sub(1) }
    }
}

/// Which bursts of CNG were told of.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Known {
    Nothing,
    Heard,
    Confirmed,
}

/// A receiver of these tones.
#[derive(Clone, Copy, Debug)]
pub(super) struct FaxEar {
    shown: Option<FaxPart>,
    /// Ticks of CNG in this burst, and of quiet after one of the right length.
    burst: u64,
    quiet: Option<u64>,
    /// Ticks since a good burst, and that before this one.
    since: u64,
    pause: u64,
    known: Known,
    /// The answering tone: which, for how many ticks, of which the last were missing, and how often it turned round.
    answer: Option<(Answer, u64)>,
    misses: u64,
    reversals: u8,
    /// Ticks of flags.
    flags: u64,
}

impl FaxEar {
    pub(super) const fn new() -> Self {
        Self {
            shown: None,
            burst: 0,
            quiet: None,
            since: FORGOTTEN,
            pause: FORGOTTEN,
            known: Known::Nothing,
            answer: None,
            misses: 0,
            reversals: 0,
            flags: 0,
        }
    }

    pub(super) fn tick(&mut self, sound: Sound, mut tell: impl FnMut(FaxToneEvent)) {
        self.shown = if let Sound::Fax(part) = sound { Some(part) } else { None };
        self.since = self.since.saturating_add(1).min(FORGOTTEN);
        self.hear_calling(sound == Sound::Silence, &mut tell);
        self.hear_answer(&mut tell);
        self.flags = if self.shown == Some(FaxPart::Flags) { self.flags.saturating_add(1) } else { 0 };
        if self.flags == FLAGS {
            tell(FaxToneEvent::Flags);
        }
    }

    fn hear_calling(&mut self, is_quiet: bool, tell: &mut impl FnMut(FaxToneEvent)) {
        if self.shown == Some(FaxPart::Calling) {
            if self.burst == 0 {
                self.pause = self.since;
            }
            self.burst += 1;
            self.quiet = None;
            return;
        }
        if BURST.contains(&core::mem::take(&mut self.burst)) {
            self.quiet = Some(0);
        }
        let Some(quiet) = self.quiet.filter(|_| is_quiet) else {
            self.quiet = None;
            return;
        };
        self.quiet = (quiet + 1 < AFTER).then_some(quiet + 1);
        if self.quiet.is_some() {
            return;
        }
        if self.pause >= FORGOTTEN {
            self.known = Known::Heard;
            tell(FaxToneEvent::CngHeard);
        } else if self.known == Known::Heard && (PAUSE.contains(&self.pause) || TWO_PAUSES.contains(&self.pause)) {
            self.known = Known::Confirmed;
            tell(FaxToneEvent::CngConfirmed);
        }
        self.since = AFTER;
    }

    fn hear_answer(&mut self, tell: &mut impl FnMut(FaxToneEvent)) {
        let Some(FaxPart::Answer { answer, turned }) = self.shown else {
            if let Some((answer, ticks)) = self.answer {
                self.misses += 1;
                if self.misses == ANSWER_ENDED {
                    self.answer = None;
                    if ticks >= ANSWER_BEGAN {
                        let lasted_ms = u32::try_from(ticks * 10).unwrap_or(u32::MAX);
                        tell(FaxToneEvent::AnswerEnded { answer, reversals: self.reversals, lasted_ms });
                    }
                }
            }
            return;
        };
        self.misses = 0;
        let ticks = self.answer.map_or(0, |(_, ticks)| ticks) + 1;
        if ticks == 1 {
            self.reversals = 0;
        }
        self.answer = Some((answer, ticks));
        self.reversals = self.reversals.saturating_add(u8::from(turned));
        if turned && ticks > ANSWER_BEGAN {
            tell(FaxToneEvent::PhaseReversed);
        }
        if ticks == ANSWER_BEGAN {
            tell(FaxToneEvent::AnswerBegan(answer));
            (0..self.reversals).for_each(|_| tell(FaxToneEvent::PhaseReversed));
        }
    }

    /// How many ticks like the last one would be told nothing of.
    pub(super) fn steady(&self) -> u64 {
        let before = |now: u64, then: u64| if now < then { then - 1 - now } else { FOR_EVER };
        match self.shown {
            // The length of a burst counts, tick by tick.
            Some(FaxPart::Calling | FaxPart::Answer { turned: true, .. }) => 0,
            Some(FaxPart::Answer { .. }) => before(self.answer.map_or(0, |(_, ticks)| ticks), ANSWER_BEGAN),
            None | Some(FaxPart::Flags) if self.quiet.is_some() || self.answer.is_some() => 0,
            None => FOR_EVER,
            Some(FaxPart::Flags) => before(self.flags, FLAGS),
        }
    }

    pub(super) fn skip(&mut self, ticks: u64) {
        self.since = self.since.saturating_add(ticks).min(FORGOTTEN);
        match (self.shown, &mut self.answer) {
            (Some(FaxPart::Answer { .. }), Some((_, lasted))) => *lasted += ticks,
            (Some(FaxPart::Flags), _) => self.flags += ticks,
            (None | Some(FaxPart::Calling | FaxPart::Answer { .. }), _) => {}
        }
    }
}
