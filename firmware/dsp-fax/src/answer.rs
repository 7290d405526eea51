//! Answering tones of 2100 Hz: CED, ANS and ANSam (T.30 §4.1, V.25 §3.1, V.8 §7.2).

use crate::bank::FaxToneEvent;
use crate::run::{Run, Step, is_tone, off};
use crate::spectrum::{ANSWERING, HOP_MS, Hop, Pointer, hops};
use dsp_math::sine_of_phase;

/// An answering tone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// Constant: CED of a fax machine, ANS of a modem. What follows tells which.
    Ced,
    /// Modulated with 15 Hz: a modem that speaks V.8.
    AnsAm,
}

/// 15 Hz must be taken (V.25), 21 Hz where it disables an echo canceller (G.168 §7).
const OFF: f32 = off(30.0);
/// After so long it is told: a note that happens to be C7 (2093 Hz) is seldom held so long.
const TOLD: u16 = hops(700);
/// Six periods of the modulation, before it is told.
const MEASURED: core::ops::Range<u16> = hops(300)..hops(700);
/// Three of them, and three much earlier: a bell or a string fades in between.
const EARLY: core::ops::Range<u16> = hops(100)..hops(300);
const LATE: core::ops::Range<u16> = hops(500)..hops(700);
/// 2 dB, of powers.
const STEADY: f32 = 1.6;
/// What 15 Hz gain in a hop.
const MODULATION: u32 = (0.075 * 4_294_967_296.0) as u32;
/// Modulation from which it is ANSam: 0.2 are sent.
const MODULATED: f32 = 0.1;
/// Hops between two reversals, at least: 450 ms, 25 ms more or less, and the time a noise may take.
const BETWEEN: u16 = hops(400);
/// Cosine of how far from a whole half turn a reversal may be: 25 degrees must be taken, 70 must not (G.168 §7).
const NEAR: f32 = 0.72;

/// What is known of an answering tone.
#[derive(Clone)]
pub(crate) struct Answering {
    run: Option<Run>,
    told: Option<Answer>,
    /// The last hops, the newest first.
    past: [Pointer; 4],
    envelope: Envelope,
    /// Hops before the envelope was begun to be measured.
    before: u16,
    reversals: u8,
    since_reversal: u16,
}

impl Answering {
    pub(crate) const IDLE: Self = Self {
        run: None,
        told: None,
        past: [Pointer::ZERO; 4],
        envelope: Envelope::EMPTY,
        before: 0,
        reversals: 0,
        since_reversal: BETWEEN,
    };

    #[inline(always)]
    pub(crate) fn hop(&mut self, hop: &Hop, tell: &mut impl FnMut(FaxToneEvent)) {
        let power = hop.powers[ANSWERING];
        // The usual case first.
        if self.run.is_some() || is_tone(power, hop.energy) {
            self.tone(hop, power, tell);
        }
    }

    fn tone(&mut self, hop: &Hop, power: f32, tell: &mut impl FnMut(FaxToneEvent)) {
        let pointer = hop.at(ANSWERING);
        let Some(run) = &mut self.run else {
            *self = Self { run: Some(Run::new(pointer, power, hop.energy)), ..Self::IDLE };
            return;
        };
        let length = run.hops;
        match run.step(pointer, power, hop.energy, OFF) {
            Step::Anew => {
                let run = self.run;
                self.end(length, tell);
                self.run = run;
            }
            Step::On => self.goes_on(pointer, power, tell),
            Step::Over(length) => self.end(length, tell),
            Step::Failed => self.end(length, tell),
        }
    }

    fn end(&mut self, hops: u16, tell: &mut impl FnMut(FaxToneEvent)) {
        if let Some(answer) = self.told {
            let lasted_ms = u32::from(hops) * HOP_MS;
            tell(FaxToneEvent::AnswerEnded { answer, reversals: self.reversals, lasted_ms });
        }
        *self = Self::IDLE;
    }

    fn goes_on(&mut self, pointer: Pointer, power: f32, tell: &mut impl FnMut(FaxToneEvent)) {
        let Some(run) = self.run else { return };
        self.since_reversal = self.since_reversal.saturating_add(1);
        if self.since_reversal >= BETWEEN && is_reversed(pointer, &self.past, &run) {
            self.since_reversal = 0;
            self.reversals = self.reversals.saturating_add(1);
            if self.told.is_some() {
                tell(FaxToneEvent::PhaseReversed);
            }
        }
        let [a, b, c, _] = self.past;
        self.past = [pointer, a, b, c];
        if self.told.is_some() {
            return;
        }
        let hops = run.hops - self.before;
        self.envelope.add(hops, power);
        if hops < TOLD {
            return;
        }
        let Some(answer) = self.envelope.answer() else {
            // Its level has changed: it is looked at anew.
            (self.envelope, self.before) = (Envelope::EMPTY, run.hops);
            return;
        };
        self.told = Some(answer);
        tell(FaxToneEvent::AnswerBegan(answer));
        (0..self.reversals).for_each(|_| tell(FaxToneEvent::PhaseReversed));
    }
}

/// How loud a tone is from hop to hop.
#[derive(Clone, Copy)]
struct Envelope {
    /// Its part of 15 Hz, and its sum.
    modulation: Pointer,
    sum: f32,
    early: f32,
    late: f32,
}

impl Envelope {
    const EMPTY: Self = Self { modulation: Pointer::ZERO, sum: 0.0, early: 0.0, late: 0.0 };

    fn add(&mut self, hops: u16, power: f32) {
        self.early += if EARLY.contains(&hops) { power } else { 0.0 };
        self.late += if LATE.contains(&hops) { power } else { 0.0 };
        if MEASURED.contains(&hops) {
            let phase = u32::from(hops).wrapping_mul(MODULATION);
            let (sin, cos) = (sine_of_phase(phase), sine_of_phase(phase.wrapping_add(1 << 30)));
            self.modulation = self.modulation.plus(Pointer { re: cos, im: sin }.scaled(power));
            self.sum += power;
        }
    }

    /// Which tone it is, if its level has stayed.
    fn answer(&self) -> Option<Answer> {
        let steady = self.early <= STEADY * self.late && self.late <= STEADY * self.early;
        let least = MODULATED * self.sum;
        let modulated = self.modulation.power() >= least * least;
        steady.then_some(if modulated { Answer::AnsAm } else { Answer::Ced })
    }
}

/// Whether the phase turned round in the hop before the last: this one and the last are turned against the two before it, which agree.
fn is_reversed(now: Pointer, [last, _, old, older]: &[Pointer; 4], run: &Run) -> bool {
    let size = dsp_math::sqrt(run.turn.power());
    if size <= 0.0 {
        return false;
    }
    let strong = |pointer: &Pointer| pointer.power() >= 0.25 * run.level;
    if ![&now, last, old, older].into_iter().all(strong) {
        return false;
    }
    // What the tone's own offset turns in one, two and three hops.
    let one = run.turn.scaled(1.0 / size);
    let back = Pointer { re: one.re, im: -one.im };
    let two = one.against(back);
    let three = two.against(back);
    let cosine = |pointer: Pointer, against: Pointer, turn: Pointer| {
        let turned = pointer.against(against).against(turn);
        turned.re / dsp_math::sqrt(pointer.power() * against.power())
    };
    cosine(now, *old, three) <= -NEAR && cosine(*last, *old, two) <= -NEAR && cosine(*old, *older, one) >= NEAR
}
