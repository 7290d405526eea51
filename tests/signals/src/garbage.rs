use crate::Random;

/// What no line should carry and a receiver must survive: a second or so of silence, direct current, full-scale noise, square waves, clicks,
/// the two extremes by turns, sweeps that are clipped, words that are no samples; one after the other, by chance.
pub fn garbage(random: &mut Random) -> Vec<i16> {
    let mut samples = Vec::new();
    for _ in 0..=random.below(4) {
        let length = 1 + random.below(5000);
        samples.extend(one_kind(random, length));
    }
    samples
}

const LEVELS: [i16; 9] = [i16::MIN, -32_767, -8000, -1, 0, 1, 8000, 32_766, i16::MAX];

fn one_kind(random: &mut Random, length: usize) -> Vec<i16> {
    let level = LEVELS[random.below(LEVELS.len())];
    let half = 1 + random.below(20);
    let every = 1 + random.below(400);
    let (mut phase, from, to) = (0.0, random.uniform().abs() * 0.5, random.uniform().abs() * 0.5);
    let kind = random.below(8);
    let sample = |at: usize| match kind {
        0 => 0,
        1 => level,
        2 => (random.uniform() * 32_767.0) as i16,
        3 => {
            if (at / half).is_multiple_of(2) {
                i16::MAX
            } else {
                i16::MIN
            }
        }
        4 => {
            if at.is_multiple_of(every) {
                level
            } else {
                0
            }
        }
        5 => LEVELS[random.below(LEVELS.len())],
        6 => {
            phase += from + (to - from) * at as f64 / length as f64;
            ((phase * core::f64::consts::TAU).sin() * 90_000.0).clamp(-32_768.0, 32_767.0) as i16
        }
        _ => (random.0.wrapping_mul(at as u64 | 1) >> 13) as i16,
    };
    (0..length).map(sample).collect()
}
