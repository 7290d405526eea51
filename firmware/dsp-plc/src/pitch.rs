//! How long the last period of a voice is.

use dsp_math::sqrt;

/// 200 Hz and 66 Hz.
pub(crate) const SHORTEST: usize = 40;
pub(crate) const LONGEST: usize = 120;
/// Samples that are compared with those a period earlier: 20 ms.
const COMPARED: usize = 160;
/// Of these only so many in the first search, and only so many periods.
const COARSE: usize = 2;
/// Less energy is silence, which is like anything.
const LEAST: f32 = 250.0;

/// The period at which the end of what was heard is most like what was before, in samples. Two passes: every second period with every second
/// sample, then those beside the best (Appendix I §I.2.3).
pub(crate) fn period<const KEPT: usize>(heard: &[f32; KEPT]) -> usize {
    const { assert!(KEPT >= COMPARED + LONGEST, "what is kept holds all that is compared") };
    // Longest first, as the best of equals is the shortest.
    let coarse = best(heard, (SHORTEST..=LONGEST).rev().step_by(COARSE), COARSE);
    let beside = coarse.saturating_sub(1).max(SHORTEST)..=(coarse + 1).min(LONGEST);
    best(heard, beside.rev(), 1)
}

fn best<const KEPT: usize>(heard: &[f32; KEPT], periods: impl Iterator<Item = usize>, every: usize) -> usize {
    let now = &heard[KEPT - COMPARED..];
    let (mut best, mut most) = (LONGEST, f32::NEG_INFINITY);
    for period in periods {
        let before = &heard[KEPT - COMPARED - period..KEPT - period];
        let (mut alike, mut energy) = (0.0, 0.0);
        for at in (0..COMPARED).step_by(every) {
            alike += now[at] * before[at];
            energy += before[at] * before[at];
        }
        let alike = alike / sqrt(if energy > LEAST { energy } else { LEAST });
        if alike >= most {
            (best, most) = (period, alike);
        }
    }
    best
}
