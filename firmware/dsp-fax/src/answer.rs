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
    /// The envelope's part of 15 Hz, and its mean.
    modulation: Pointer,
    mean: f32,
    /// Sums of power early and late.
    early: f32,
    late: f32,
    reversals: u8,
    since_reversal: u16,
}

impl Answering {
    pub(crate) const IDLE: Self = Self {
        run: None,
        told: None,
        past: [Pointer::ZERO; 4],
        modulation: Pointer::ZERO,
        mean: 0.0,
        early: 0.0,
        late: 0.0,
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
        match run.step(pointer, power, hop.energy, OFF) {
            Step::On => self.goes_on(pointer, power, tell),
            Step::Over(length) => self.end(length, tell),
            Step::Failed => {
                let length = run.hops;
                self.end(length, tell);
            }
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
        self.measure(run.hops, power);
        if run.hops == TOLD && self.early <= STEADY * self.late && self.late <= STEADY * self.early {
            let least = MODULATED * self.mean;
            let answer = if self.modulation.power() >= least * least { Answer::AnsAm } else { Answer::Ced };
            self.told = Some(answer);
            tell(FaxToneEvent::AnswerBegan(answer));
            (0..self.reversals).for_each(|_| tell(FaxToneEvent::PhaseReversed));
        }
    }

    fn measure(&mut self, hops: u16, power: f32) {
        self.early += if EARLY.contains(&hops) { power } else { 0.0 };
        self.late += if LATE.contains(&hops) { power } else { 0.0 };
        if MEASURED.contains(&hops) {
            let phase = u32::from(hops).wrapping_mul(MODULATION);
            let (sin, cos) = (sine_of_phase(phase), sine_of_phase(phase.wrapping_add(1 << 30)));
            self.modulation = self.modulation.plus(Pointer { re: cos, im: sin }.scaled(power));
            self.mean += power;
        }
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
