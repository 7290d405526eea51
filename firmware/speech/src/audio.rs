//! A voice's audio made fit for a telephone line.

use crate::resample::Resampler;

/// Samples a second on a telephone channel.
pub const TELEPHONE_HZ: u32 = 8_000;
/// Silence left before speech, and after it where no sentence ends.
pub const EDGE_MS: usize = 40;
/// Silence left where a sentence ends.
pub const SENTENCE_PAUSE_MS: usize = 250;
/// Level of active speech that prompts are brought to, dBm0.
pub const SPEECH_LEVEL_DBM0: f32 = -16.0;

/// Highest sample after levelling; the largest that A-law can carry is 32,256 (G.711 Table 1a).
const PEAK: f32 = 30_000.0;
/// RMS of a full-scale sine of 16-bit samples, which is +3.14 dBm0 (G.711 Table 1a).
const FULL_SCALE_RMS: f32 = 22_809.0;
#[expect(clippy::approx_constant, reason = "a level of G.711, not the circle's number")]
const FULL_SCALE_DBM0: f32 = 3.14;
/// A frame is speech while it is less than this below the active level (ITU-T P.56 §8, margin).
const ACTIVE_MARGIN_DB: f32 = 15.9;
/// Speech begins where the level comes within this of the loudest frame.
const EDGE_BELOW_LOUDEST_DB: f32 = 40.0;

const SAMPLES_A_MS: usize = TELEPHONE_HZ as usize / 1000;
/// 5 ms: fine enough for edges.
const EDGE_FRAME: usize = 5 * SAMPLES_A_MS;
/// 20 ms: long enough for the pitch of any voice.
const LEVEL_FRAME: usize = 20 * SAMPLES_A_MS;

/// Speech at any sampling rate made into a prompt: 8 kHz, its edges cut to `EDGE_MS` of silence (`tail_ms` at the end), its
/// active level at [`SPEECH_LEVEL_DBM0`] or as near to it as its peaks allow. Silence gives nothing.
#[must_use]
pub fn for_telephone(samples: &[i16], rate_hz: u32, tail_ms: usize) -> Vec<i16> {
    let narrow = Resampler::new(rate_hz, TELEPHONE_HZ).run(samples);
    let Some((start, end)) = speech_edges(&narrow) else { return Vec::new() };
    let gain = levelling_gain(&narrow[start..end]);
    let mut out = vec![0; EDGE_MS * SAMPLES_A_MS];
    // The silence is the voice's own where it has any, so that no edge is a click.
    let lead = start.min(out.len());
    let filled = out.len() - lead;
    for (to, from) in out[filled..].iter_mut().zip(&narrow[start - lead..start]) {
        *to = scaled(*from, gain);
    }
    out.extend(narrow[start..end].iter().map(|s| scaled(*s, gain)));
    let tail = tail_ms * SAMPLES_A_MS;
    let own = (narrow.len() - end).min(tail);
    out.extend(narrow[end..end + own].iter().map(|s| scaled(*s, gain)));
    out.extend(core::iter::repeat_n(0, tail - own));
    out
}

fn scaled(sample: f32, gain: f32) -> i16 {
    (sample * gain).round().clamp(-PEAK, PEAK) as i16
}

/// First and one past last sample of speech, in whole frames; `None` for silence.
fn speech_edges(samples: &[f32]) -> Option<(usize, usize)> {
    let powers: Vec<f32> = samples.chunks(EDGE_FRAME).map(mean_square).collect();
    let loudest = powers.iter().copied().fold(0.0, f32::max);
    // Below one step of a 16-bit sample there is nothing to hear.
    if loudest < 1.0 {
        return None;
    }
    let floor = loudest * ratio(-EDGE_BELOW_LOUDEST_DB);
    let first = powers.iter().position(|p| *p >= floor)?;
    let last = powers.iter().rposition(|p| *p >= floor)?;
    Some((first * EDGE_FRAME, samples.len().min((last + 1) * EDGE_FRAME)))
}

/// The factor that brings speech to the wanted level without reaching above [`PEAK`].
fn levelling_gain(samples: &[f32]) -> f32 {
    let wanted = 10_f32.powf((SPEECH_LEVEL_DBM0 - active_level(samples)) / 20.0);
    let peak = samples.iter().fold(0.0_f32, |peak, s| peak.max(s.abs()));
    wanted.min(PEAK / peak.max(1.0))
}

/// Level of active speech in dBm0: pauses do not count. Digital silence is minus infinity.
#[must_use]
pub fn active_level_dbm0(samples: &[i16]) -> f32 {
    let samples: Vec<f32> = samples.iter().map(|s| f32::from(*s)).collect();
    active_level(&samples)
}

/// P.56's idea by iteration: the mean over all frames that are less than the margin below that mean.
fn active_level(samples: &[f32]) -> f32 {
    let powers: Vec<f32> = samples.chunks(LEVEL_FRAME).map(mean_square).collect();
    let mut level = mean(powers.iter().copied());
    for _ in 0..20 {
        let floor = level * ratio(-ACTIVE_MARGIN_DB);
        let next = mean(powers.iter().copied().filter(|p| *p >= floor));
        if (next - level).abs() <= level * 1e-4 {
            break;
        }
        level = next;
    }
    10.0 * level.log10() - 20.0 * FULL_SCALE_RMS.log10() + FULL_SCALE_DBM0
}

fn mean(powers: impl Iterator<Item = f32>) -> f32 {
    let (sum, count) = powers.fold((0.0_f32, 0_u32), |(sum, count), p| (sum + p, count + 1));
    if count == 0 { 0.0 } else { sum / count as f32 }
}

fn mean_square(samples: &[f32]) -> f32 {
    mean(samples.iter().map(|s| s * s))
}

fn ratio(db: f32) -> f32 {
    10_f32.powf(db / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(hz: f32, rate: u32, ms: usize, amplitude: f32) -> Vec<i16> {
        let step = core::f32::consts::TAU * hz / rate as f32;
        (0..rate as usize * ms / 1000).map(|n| (amplitude * (step * n as f32).sin()) as i16).collect()
    }

    fn with_silence(before_ms: usize, speech: &[i16], after_ms: usize) -> Vec<i16> {
        let silence = |ms: usize| vec![0_i16; 22_050 * ms / 1000];
        [&silence(before_ms)[..], speech, &silence(after_ms)].concat()
    }

    #[test]
    fn a_full_scale_sine_is_3_14_dbm0() {
        let level = active_level_dbm0(&sine(1000.0, 8000, 1000, 32_256.0));
        assert!((level - FULL_SCALE_DBM0).abs() < 0.05, "{level}");
    }

    #[test]
    fn pauses_do_not_lower_the_active_level() {
        let tone = sine(1000.0, 8000, 500, 4000.0);
        let alone = active_level_dbm0(&tone);
        let paused = active_level_dbm0(&[&tone[..], &[0; 16_000], &tone].concat());
        assert!((alone - paused).abs() < 0.1, "{alone} {paused}");
    }

    #[test]
    fn a_prompt_has_forty_milliseconds_before_and_the_asked_pause_after() {
        for (before, after, tail) in [(0, 0, 40), (500, 900, 40), (500, 900, 250), (10, 20, 250)] {
            let prompt = for_telephone(&with_silence(before, &sine(800.0, 22_050, 400, 9000.0), after), 22_050, tail);
            let edges = speech_edges(&prompt.iter().map(|s| f32::from(*s)).collect::<Vec<_>>()).unwrap();
            assert!(edges.0.abs_diff(EDGE_MS * 8) <= EDGE_FRAME, "{before}: {edges:?}");
            assert!(
                (prompt.len() - edges.1).abs_diff(tail * 8) <= EDGE_FRAME,
                "{after}: {edges:?} of {}",
                prompt.len()
            );
            assert!((edges.1 - edges.0).abs_diff(3200) <= 2 * EDGE_FRAME);
        }
    }

    #[test]
    fn quiet_and_loud_voices_come_out_at_minus_sixteen() {
        for amplitude in [30.0, 300.0, 3_000.0, 30_000.0] {
            let level = active_level_dbm0(&for_telephone(&sine(800.0, 22_050, 400, amplitude), 22_050, 0)[320..]);
            assert!((level - SPEECH_LEVEL_DBM0).abs() < 0.5, "{amplitude}: {level}");
        }
    }

    #[test]
    fn peaks_are_never_clipped() {
        let mut peaky = sine(300.0, 8000, 400, 100.0);
        peaky.iter_mut().step_by(800).for_each(|s| *s = 20_000);
        let prompt = for_telephone(&peaky, 8000, 40);
        let highest = prompt.iter().map(|s| s.unsigned_abs()).max().unwrap();
        assert!((29_900..=30_000).contains(&highest), "{highest}");
        assert_eq!(prompt.iter().filter(|s| s.unsigned_abs() == highest).count(), 4);
    }

    #[test]
    fn silence_gives_no_prompt() {
        assert!(for_telephone(&[], 22_050, 40).is_empty());
        assert!(for_telephone(&[0; 4000], 22_050, 40).is_empty());
    }
}
