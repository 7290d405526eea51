//! From tones to meanings, one line at a time.

use crate::cadence::{Burst, Bursts, hz_off, is_of_row, times_fit};
use crate::event::{Spectrum, ToneEvent};
use crate::learned::Learned;
use crate::tables::{Row, TABLES};
use crate::verdict::{Evidence, Kind, Verdict};
use base::Instant;
use core::time::Duration;

/// How long after its beginning a tone is told of.
const BEGAN_AFTER: Duration = Duration::from_millis(50);
/// How long after its end.
const ENDED_AFTER: Duration = Duration::from_millis(20);
/// Exchanges keep their cadences to 10 %.
const TOLERANCE_PCT: u32 = 13;
/// Bursts that are needed: of the line's own country, of another's.
const CADENCES: usize = 2;
const CADENCES_ABROAD: usize = 4;
/// Bursts of a tone in no table from which it can be learned.
const CADENCES_TO_LEARN: u8 = 4;
/// Less sure than this a tone is none.
const LEAST_CONFIDENCE: u8 = 85;
/// A continuous tone must last longer than any that comes and goes.
const DIAL_TONE_MS: u32 = 800;
const HOWLER_MS: u32 = 4000;
const ANSWER_TONE_MS: u32 = 800;

/// What the tones of one line mean. Fed with the events of its receiver, it answers when something is decided.
///
/// `restart` it at the beginning of each part of a call (off hook, dialled, answered) and at its end: the last tone of a
/// call teaches it.
#[derive(Clone, Debug)]
pub struct Classifier {
    country: Option<&'static str>,
    bursts: Bursts,
    /// When the newest burst was over.
    ended: Option<Instant>,
    /// The meaning told last.
    told: Option<Kind>,
    learned: Learned,
}

impl Classifier {
    /// For a line of this country, by its two letters. Without one, or with one of no table, all tables are its own.
    pub fn new(country: &str) -> Self {
        Self::taught(country, Learned::default())
    }

    /// The same, with what the line has taught before.
    pub fn taught(country: &str, learned: Learned) -> Self {
        let country = TABLES.iter().map(|row| row.country).find(|known| *known == country);
        Self { country, bursts: Bursts::default(), ended: None, told: None, learned }
    }

    /// What the line has taught, to be kept.
    pub const fn learned(&self) -> &Learned {
        &self.learned
    }

    /// A part of a call is over. If its last sound was a regular tone of no table, the line has taught it once more.
    pub fn restart(&mut self) {
        self.bursts.drop_open();
        if self.told.is_none_or(Kind::is_answer)
            && let Some(regular) = self.bursts.regular()
            && regular.cadences >= CADENCES_TO_LEARN
        {
            self.learned.ended_with(&regular);
        }
        self.bursts.clear();
        self.ended = None;
        self.told = None;
    }

    /// Takes the receiver's next event. A meaning is told once, until something else is heard.
    pub fn hear(&mut self, now: Instant, event: &ToneEvent) -> Option<Verdict> {
        let verdict = match *event {
            ToneEvent::Began(spectrum) => {
                self.pause_is_over(now);
                self.hang_up(&spectrum)
            }
            ToneEvent::Lasts { spectrum, duration_ms } => self.continuous(&spectrum, duration_ms),
            ToneEvent::Ended { spectrum, duration_ms } => {
                self.tone_is_over(now, spectrum, duration_ms);
                self.short_tone()
            }
            ToneEvent::Voice => {
                self.bursts.clear();
                self.ended = None;
                Some(Verdict { kind: Kind::Voice, evidence: Evidence { confidence_pct: 80, ..Evidence::default() } })
            }
            ToneEvent::Silence { .. } => None,
        }?;
        if self.told == Some(verdict.kind) {
            return None;
        }
        self.told = Some(verdict.kind);
        Some(verdict)
    }

    /// The newest burst gets its pause, as well as it is known now.
    fn pause_is_over(&mut self, now: Instant) {
        let Some(ended) = self.ended else { return };
        let pause = (now.since(ended) + ENDED_AFTER).saturating_sub(BEGAN_AFTER);
        if let Some(last) = self.bursts.last_mut() {
            last.off_ms = pause.as_millis().min(60_000) as u32;
        }
    }

    fn tone_is_over(&mut self, now: Instant, spectrum: Spectrum, duration_ms: u32) {
        // Both events come equally late, so this pause is exact.
        if let (Some(ended), Some(last)) = (self.ended, self.bursts.last_mut()) {
            let pause = now.since(ended).saturating_sub(Duration::from_millis(duration_ms.into()));
            last.off_ms = pause.as_millis().min(60_000) as u32;
        }
        self.ended = Some(now);
        self.bursts.push(Burst { spectrum, on_ms: duration_ms, off_ms: 0 });
    }

    /// Two whole cadences are over and the tone begins again.
    fn hang_up(&self, begins: &Spectrum) -> Option<Verdict> {
        let kinds = |kind| matches!(kind, Kind::Busy | Kind::Congestion | Kind::VacantNumber);
        let rows = TABLES.iter().filter(|row| kinds(row.kind) && is_of_row(begins, row));
        let fitting = rows.filter_map(|row| {
            let own = self.country.is_none_or(|country| country == row.country);
            let wanted = if own { CADENCES } else { CADENCES_ABROAD }.max(row.cadence.len());
            let count = self.bursts.in_cadence(row, TOLERANCE_PCT);
            (count >= wanted && self.bursts.are_one_source(wanted, LEAST_CONFIDENCE)).then_some((row, count, own))
        });
        let best = fitting.min_by_key(|&(row, count, own)| (!own, self.misfit(row, count), hz_off(begins, row)));
        if let Some((row, count, _)) = best {
            return Some(self.verdict(row.kind, Some(row.country), count));
        }
        let regular = self.bursts.regular()?;
        let known = usize::from(regular.cadences) >= CADENCES && self.learned.knows(&regular);
        let mut verdict = known.then(|| self.verdict(Kind::LearnedHangUp, None, regular.cadences.into()))?;
        verdict.evidence.learned = true;
        Some(verdict)
    }

    /// How far the mean times lie from the row's, in steps of what a receiver can tell apart.
    fn misfit(&self, row: &Row, count: usize) -> u32 {
        let [(on, off)] = row.cadence else { return 0 };
        let mean = self.bursts.mean(count);
        (mean.on_ms.abs_diff((*on).into()) + mean.off_ms.abs_diff((*off).into())) / 16
    }

    fn verdict(&self, kind: Kind, country: Option<&'static str>, count: usize) -> Verdict {
        let mean = self.bursts.mean(count);
        let evidence = Evidence {
            frequency_hz: mean.hz,
            on_ms: mean.on_ms,
            off_ms: mean.off_ms,
            cadences: mean.cadences,
            confidence_pct: mean.confidence_pct,
            learned: false,
            country,
        };
        Verdict { kind, evidence }
    }

    /// The row of this kind that fits best, the line's own country first.
    fn nearest(&self, spectrum: &Spectrum, fits: impl Fn(&Row) -> bool) -> Option<&'static Row> {
        let rows = TABLES.iter().filter(|row| is_of_row(spectrum, row) && fits(row));
        rows.min_by_key(|row| (self.country.is_some_and(|own| own != row.country), hz_off(spectrum, row)))
    }

    /// Tones that are known by how long they last.
    fn continuous(&self, spectrum: &Spectrum, lasted_ms: u32) -> Option<Verdict> {
        if spectrum.confidence_pct < LEAST_CONFIDENCE {
            return None;
        }
        let evidence = Evidence {
            frequency_hz: spectrum.frequency_hz,
            on_ms: lasted_ms,
            cadences: 1,
            confidence_pct: spectrum.confidence_pct,
            ..Evidence::default()
        };
        if let (Some(kind), true) = (answer_tone(spectrum), lasted_ms >= ANSWER_TONE_MS) {
            return Some(Verdict { kind, evidence });
        }
        let steady = self.nearest(spectrum, |row| row.cadence.is_empty())?;
        let wanted = match steady.kind {
            Kind::Howler => HOWLER_MS,
            _ => DIAL_TONE_MS.max(self.longest_burst(spectrum)),
        };
        let evidence = Evidence { country: Some(steady.country), ..evidence };
        (lasted_ms >= wanted).then_some(Verdict { kind: steady.kind, evidence })
    }

    /// How long a tone of these frequencies may last that comes and goes.
    fn longest_burst(&self, spectrum: &Spectrum) -> u32 {
        let own = |row: &&Row| self.country.is_none_or(|country| country == row.country);
        let rows = TABLES.iter().filter(own).filter(|row| is_of_row(spectrum, row));
        let longest = rows.flat_map(|row| row.cadence).map(|&(on, _)| u32::from(on)).max().unwrap_or(0);
        longest * (100 + TOLERANCE_PCT) / 100 + 50
    }

    /// Tones that are known as soon as they are over.
    fn short_tone(&self) -> Option<Verdict> {
        if let Some(three) = self.bursts.newest::<3>()
            && is_special_information(&three)
        {
            return Some(self.verdict(Kind::SpecialInformation, None, 3));
        }
        let [last] = self.bursts.newest::<1>()?;
        if last.spectrum.confidence_pct < LEAST_CONFIDENCE {
            return None;
        }
        // CNG: 1100 Hz, half a second (T.30 §4.1).
        if is_single(&last.spectrum, 1100, 38) && times_fit(last.on_ms, 500, 15) {
            return Some(self.verdict(Kind::Fax, None, 1));
        }
        // The calling tone of a modem: 1300 Hz, 0.5 to 0.7 s (V.25 §3.1).
        if is_single(&last.spectrum, 1300, 15) && times_fit(last.on_ms, 600, 17) {
            return Some(self.verdict(Kind::Modem, None, 1));
        }
        let ringback = self.nearest(&last.spectrum, |row| row.kind == Kind::Ringback && self.rings_as(row))?;
        Some(self.verdict(Kind::Ringback, Some(ringback.country), 1))
    }

    /// A long ring is enough; of two short ones both are needed, and the pause between.
    fn rings_as(&self, row: &Row) -> bool {
        match (row.cadence, self.bursts.newest::<2>(), self.bursts.newest::<1>()) {
            ([(on, _)], _, Some([last])) => times_fit(last.on_ms, (*on).into(), TOLERANCE_PCT),
            ([(on, off), (again, _)], Some([first, second]), _) => {
                is_of_row(&first.spectrum, row)
                    && times_fit(first.on_ms, (*on).into(), TOLERANCE_PCT)
                    && times_fit(first.off_ms, (*off).into(), TOLERANCE_PCT)
                    && times_fit(second.on_ms, (*again).into(), TOLERANCE_PCT)
            }
            _ => false,
        }
    }
}

fn is_single(spectrum: &Spectrum, hz: u16, within: u16) -> bool {
    spectrum.frequency_hz[1] == 0 && spectrum.frequency_hz[0].abs_diff(hz) <= within
}

/// 2100 Hz is a fax's (T.30 §4.2), and, with its phase reversed each 450 ms, a modem's (V.8 §7.2); 2225 and 2250 Hz are older modems'.
fn answer_tone(spectrum: &Spectrum) -> Option<Kind> {
    if is_single(spectrum, 2100, 20) {
        Some(if spectrum.reversals > 0 { Kind::Modem } else { Kind::Fax })
    } else if is_single(spectrum, 2238, 25) {
        Some(Kind::Modem)
    } else {
        None
    }
}

/// Three rising tones, each in its band, without pause (E.180 §7).
fn is_special_information(three: &[Burst; 3]) -> bool {
    let bands = [(900, 1000), (1340, 1460), (1740, 1840)];
    let fits = |(burst, (low, high)): (&Burst, (u16, u16))| {
        burst.spectrum.frequency_hz[1] == 0
            && (low..=high).contains(&burst.spectrum.frequency_hz[0])
            && (200..=450).contains(&burst.on_ms)
    };
    three.iter().zip(bands).all(fits) && three[..2].iter().all(|burst| burst.off_ms <= 80)
}
