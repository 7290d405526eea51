//! One channel: when a tone is there, when speech, when nothing.

use crate::alert::Alert;
use crate::event::{Spectrum, ToneEvent};
use crate::fit::{Fit, WINDOW, fit, strongest_near};
use crate::spectrum::{HOP, HOP_MS, Hop, Seen};
use base::Dbm0;
use dsp_math::db_of_power;

/// Surer than this, it was a tone and not speech.
const SURE_PCT: u8 = 85;
/// The band of 2100 Hz.
const ANSWER_BAND: usize = 12;
/// Hops kept.
const KEPT: usize = 16;
/// A pure tone's power in its band over its energy is 4 to 5, that of two tones over three hops 2; that of
/// white noise 0.4, and of its strongest band 1.3.
const TONAL: f32 = 1.75;
/// With less than this of all energy in its three bands a tone that was there is hidden by something else.
const HIDDEN: f32 = 2.5;
/// Power of a pure tone in its band and the two beside it, over its energy.
const OWN_POWER: f32 = 9.1;
/// What a tone has of it at least, as its first hops are seen.
const LEAST_OWN: f32 = 0.85 * OWN_POWER;
/// A beat's null lasts no longer than this many hops; nor does a hole that is bridged.
const MISSES: u8 = 4;
/// Energy of a hop of -43 dBm0: what is below is silence.
const QUIET: f32 = energy_of(5.0e-5);
/// Hops of quiet until silence is told.
const SILENT_HOPS: u16 = 40;
/// Hops of sound until speech is told.
const VOICE_HOPS: u16 = 40;
/// How many of them are 12 dB louder than the softest: more than the rest of a tone too short to be known as one.
const STRONG_HOPS: u16 = 14;

/// Energy of a hop of a sine of so many times the power of 0 dBm0 (G.711 §2).
const fn energy_of(power: f32) -> f32 {
    // 32768 squared, half, 3.14 dB down.
    power * 2.605e8 * HOP as f32
}

#[derive(Clone, Copy)]
struct Tone {
    fit: Fit,
    hops: u32,
    peak: f32,
    misses: u8,
    /// Energy of the current stretch, and the least and most of whole stretches.
    stretch: f32,
    least: f32,
    most: f32,
    energy: f32,
    stretches: u16,
    /// Power in its three bands and all energy, over whole stretches.
    own: f32,
    all: f32,
    own_stretch: f32,
    strange: u8,
    /// Phase reversals, and hops since the last.
    reversals: u8,
    since_reversal: u8,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Heard {
    Nothing,
    Tone,
    Voice,
    Silence,
}

#[derive(Clone)]
pub(crate) struct Lane {
    ring: [Hop; KEPT],
    newest: usize,
    /// Hops in a row that could be one tone, its band, its strongest power, hops of it that were too weak to tell.
    run: u16,
    anchor: usize,
    peak: f32,
    misses: u8,
    /// Of the run's last hops: power in its three bands, all energy.
    own: f32,
    all: f32,
    /// Strongest powers and energies of late, the latest weighing most.
    recent: f32,
    recent_energy: f32,
    /// The last hop's strongest band and its power.
    before: (usize, f32),
    tone: Option<Tone>,
    alert: Alert,
    heard: Heard,
    quiet: u16,
    loud: u16,
    /// Hops of it far louder than the softest.
    strong: u16,
    softest: f32,
    /// Energy below which there is no speech: less than what a tone's noise brings.
    floor: f32,
}

impl Lane {
    pub(crate) const IDLE: Self = Self {
        ring: [Hop::SILENT; KEPT],
        newest: 0,
        run: 0,
        anchor: 0,
        peak: 0.0,
        misses: 0,
        own: 0.0,
        all: 0.0,
        recent: 0.0,
        recent_energy: 0.0,
        before: (0, 0.0),
        tone: None,
        alert: Alert::IDLE,
        heard: Heard::Nothing,
        quiet: 0,
        loud: 0,
        strong: 0,
        softest: QUIET,
        floor: QUIET,
    };

    #[inline(always)]
    pub(crate) fn hop(&mut self, samples: &[i16; HOP], tell: &mut impl FnMut(ToneEvent)) {
        let (hop, seen) = Hop::of(samples);
        let (band, power) = (seen.band, seen.power);
        self.newest = (self.newest + 1) % KEPT;
        self.ring[self.newest] = hop;
        // Two tones 140 Hz apart leave two hops of three half empty: what was before is remembered, the less the longer ago.
        self.recent = 0.6 * self.recent + power;
        self.recent_energy = 0.6 * self.recent_energy + hop.energy;
        let tonal = self.recent >= TONAL * self.recent_energy && self.recent > QUIET;
        let band = if self.before.1 > power { self.before.0 } else { band };
        self.before = (seen.band, power);
        // The usual case first: nothing like a tone, and none was there.
        if tonal || self.run > 0 || self.tone.is_some() {
            if self.tone.is_none() || !self.goes_on(&seen, hop.energy, tell) {
                self.watch(band, tonal, &seen, hop.energy, tell);
            }
            if seen.band >= self.alert.from {
                self.alert.hop(&self.ring[self.newest], energy_of(1.0)).into_iter().for_each(&mut *tell);
                // The end of an alert is not missed for want of a tone.
                self.run = self.run.max(u16::from(self.alert.from == 0));
            }
        }
        self.listen(hop.energy, tell);
    }

    /// Whether there was a tone and still is. Apart, as is all that is seldom done, so that the rest of a hop is small.
    #[cold]
    #[inline(never)]
    fn goes_on(&mut self, seen: &Seen, energy: f32, tell: &mut impl FnMut(ToneEvent)) -> bool {
        let Some(mut tone) = self.tone.take() else { return false };
        if self.go_on(&mut tone, seen.around(self.anchor), energy, tell) {
            self.tone = Some(tone);
            return true;
        }
        self.run = 0;
        false
    }

    /// Whether what could be a tone has lasted.
    #[inline(always)]
    fn watch(&mut self, band: usize, tonal: bool, seen: &Seen, energy: f32, tell: &mut impl FnMut(ToneEvent)) {
        let (near, _) = seen.around(self.anchor);
        if near > 10.0 * self.peak {
            // Noise before the tone.
            self.run = 0;
        }
        if tonal && self.run > 0 && band.abs_diff(self.anchor) <= 2 {
            // Two tones show now in the one band, now in the next but one: they are in the one between.
            if band.abs_diff(self.anchor) == 2 {
                self.anchor = band.midpoint(self.anchor);
            }
            self.run = self.run.saturating_add(1);
            self.peak = if near > self.peak { near } else { self.peak };
            self.misses = 0;
        } else if self.run > 0 && near < 0.06 * self.peak && energy < 0.1 * self.peak && self.misses < MISSES - 1 {
            self.run = self.run.saturating_add(1);
            self.misses += 1;
        } else {
            (self.run, self.anchor, self.misses) = (u16::from(tonal), band, 0);
            self.peak = seen.power_of(band);
            (self.own, self.all) = (0.0, 0.0);
        }
        self.own = 0.8 * self.own + seen.around(self.anchor).1;
        self.all = 0.8 * self.all + energy;
        if usize::from(self.run) < WINDOW || !(usize::from(self.run) - WINDOW).is_multiple_of(3) || self.misses > 0 {
            return;
        }
        // Speech seldom has as much in three bands, so the fit is seldom needed.
        if self.own >= LEAST_OWN * self.all {
            self.try_to_begin(tell);
        } else if tonal && band != self.anchor {
            // Noise before the tone may have put the run beside it.
            self.anchor = band;
            (self.own, self.all) = (0.0, 2.0 * energy);
        }
    }

    #[cold]
    #[inline(never)]
    fn try_to_begin(&mut self, tell: &mut impl FnMut(ToneEvent)) {
        let band = strongest_near(|at| self.kept(at), self.anchor);
        let Some(fit) = self.fit(band) else { return };
        // With a tone's edge in the window a pair looks like one tone whose level changes.
        if fit.modulated && usize::from(self.run) < WINDOW + 4 {
            return;
        }
        let energy = (0..WINDOW).map(|at| self.kept(at).energy).sum::<f32>();
        let tone = Tone {
            fit,
            hops: u32::from(self.run),
            peak: self.peak,
            misses: 0,
            stretch: 0.0,
            least: f32::MAX,
            most: 0.0,
            energy: energy / WINDOW as f32,
            stretches: 0,
            own: (0..WINDOW).map(|at| self.kept(at).power_around(fit.band)).sum(),
            all: energy,
            own_stretch: 0.0,
            strange: 0,
            reversals: 0,
            since_reversal: 0,
        };
        self.anchor = fit.band;
        (self.loud, self.strong) = (0, 0);
        self.tone = Some(tone);
        tell(ToneEvent::Began(tone.spectrum()));
    }

    /// Whether the tone is still there.
    fn go_on(
        &mut self,
        tone: &mut Tone,
        (near, own): (f32, f32),
        energy: f32,
        tell: &mut impl FnMut(ToneEvent),
    ) -> bool {
        tone.hops = tone.hops.saturating_add(1);
        let present = near >= 0.03 * tone.peak && own >= HIDDEN * energy;
        if present {
            tone.peak = if near > tone.peak { near } else { tone.peak };
            tone.misses = 0;
        } else {
            tone.misses += 1;
            if tone.misses >= MISSES {
                self.end(tone, tell);
                return false;
            }
        }
        if tone.fit.band >= ANSWER_BAND {
            self.count_reversal(tone);
        }
        tone.stretch += energy;
        tone.own_stretch += own;
        if !tone.hops.is_multiple_of(WINDOW as u32) {
            return true;
        }
        let whole = tone.stretch / WINDOW as f32;
        let own = core::mem::take(&mut tone.own_stretch);
        tone.stretch = 0.0;
        tone.stretches = tone.stretches.saturating_add(1);
        if tone.stretches > 1 && tone.misses == 0 {
            tone.least = tone.least.min(whole);
            tone.most = tone.most.max(whole);
            tone.energy += (whole - tone.energy) / 4.0;
            tone.own += own;
            tone.all += whole * WINDOW as f32;
        }
        if tone.misses == 0 && tone.hops.is_multiple_of(2 * WINDOW as u32) && !self.is_same(tone) {
            self.end(tone, tell);
            return false;
        }
        if tone.hops.is_multiple_of(40) {
            tell(ToneEvent::Lasts { spectrum: tone.spectrum(), duration_ms: tone.hops * HOP_MS });
        }
        true
    }

    /// Over two hops, so that one in whose middle the phase turned round is between.
    fn count_reversal(&self, tone: &mut Tone) {
        let [then, now] = [WINDOW - 3, WINDOW - 1].map(|at| self.kept(at).at(tone.fit.band));
        let back = tone.fit.step.times(tone.fit.step).conj();
        let along = now.times(then.conj()).times(back).re;
        tone.since_reversal = tone.since_reversal.saturating_add(1);
        let turned = along < -0.7 * now.power().max(then.power()) && now.power() > 0.1 * tone.peak;
        // The next may come after 450 ms, the same is seen again at once.
        if turned && tone.since_reversal > 60 {
            tone.reversals = tone.reversals.saturating_add(1);
            tone.since_reversal = 0;
        }
    }

    /// Looks again: a melody's next note is another tone, and a voice none for long.
    fn is_same(&self, tone: &mut Tone) -> bool {
        match self.fit(tone.fit.band) {
            Some(fit) if fit.is_like(&tone.fit, 0.025) => {
                // Two windows in three decide on pair or single, the purer one on the frequency.
                if fit.purity > tone.fit.purity {
                    tone.fit = fit;
                }
                tone.strange = 0;
                true
            }
            Some(_) | None => {
                tone.strange += 1;
                tone.strange < 2
            }
        }
    }

    fn end(&mut self, tone: &Tone, tell: &mut impl FnMut(ToneEvent)) {
        let hops = tone.hops.saturating_sub(u32::from(tone.misses));
        let spectrum = tone.spectrum();
        self.quiet = 0;
        if spectrum.confidence_pct >= SURE_PCT {
            self.heard = Heard::Tone;
            (self.loud, self.strong) = (0, 0);
            // What follows the tone is speech only if it is not just the line's noise, which may lie 20 dB below.
            self.floor = QUIET.max(0.03 * tone.energy);
        } else {
            // A vowel, rather.
            let hops = hops.min(u32::from(VOICE_HOPS)) as u16;
            (self.loud, self.strong) = (self.loud + hops, self.strong + hops);
        }
        tell(ToneEvent::Ended { spectrum, duration_ms: hops * HOP_MS });
    }

    /// Speech or silence, while no tone is there.
    #[inline(always)]
    fn listen(&mut self, energy: f32, tell: &mut impl FnMut(ToneEvent)) {
        if self.tone.is_some() {
            return;
        }
        // Forgotten by 12 dB in 1.4 s.
        let softest = self.softest * 1.01;
        self.softest = if energy < softest { energy } else { softest };
        if energy < self.floor {
            self.quiet += 1;
            if self.quiet == SILENT_HOPS {
                self.loud = 0;
                self.strong = 0;
                self.quiet -= 1;
                if self.heard != Heard::Silence {
                    self.heard = Heard::Silence;
                    tell(ToneEvent::Silence { lasted_ms: u32::from(SILENT_HOPS) * HOP_MS });
                }
            }
            return;
        }
        self.quiet = 0;
        self.strong += u16::from(energy > 16.0 * self.softest);
        self.loud += 1;
        if self.loud >= VOICE_HOPS {
            // Noise is as loud all the time, within some dB; speech is not.
            let is_voice = self.strong >= STRONG_HOPS;
            (self.loud, self.strong) = (0, 0);
            if is_voice && self.heard != Heard::Voice {
                self.heard = Heard::Voice;
                self.floor = QUIET;
                tell(ToneEvent::Voice);
            }
        }
    }

    fn fit(&self, band: usize) -> Option<Fit> {
        fit(|at| self.kept(at), band)
    }

    /// Hop `at` of the newest window, 0 the oldest.
    fn kept(&self, at: usize) -> &Hop {
        &self.ring[(self.newest + KEPT + 1 + at - WINDOW) % KEPT]
    }
}

impl Tone {
    fn spectrum(&self) -> Spectrum {
        let hz = |hz: f32| (hz.max(0.0) + 0.5) as u16;
        let sways = if self.most > 0.0 { db_of_power(self.most / self.least.max(1.0)) } else { 0.0 };
        let allowed = if self.fit.modulated || self.fit.hz[1] > 0.0 { 3.0 } else { 1.5 };
        let clean = (self.own / (OWN_POWER * self.all.max(1.0))).min(1.0);
        let steady = 1.0 - ((sways - allowed).max(0.0) / 6.0).min(1.0);
        Spectrum {
            frequency_hz: [hz(self.fit.hz[0]), hz(self.fit.hz[1])],
            level: Dbm0(db_of_power(self.energy / energy_of(1.0))),
            confidence_pct: (self.fit.purity * steady * clean * 99.0 + 0.5) as u8,
            modulated: self.fit.modulated,
            reversals: self.reversals,
        }
    }
}
