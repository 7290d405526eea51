//! G.168's tests of speech and noise, over all echo paths of its Annex D; each prints its curve.

// The curves are what these tests are read for.
#![allow(clippy::print_stdout)]

mod signals;

use signals::{Css, FILTER_ALONE, HYBRIDS, Heard, Line, SECOND, combined_loss, level, loss};
use test_signals::{Random, Voice};

/// Blocks of the far end's composite source signal.
const PERIOD: usize = 35;

fn curve(heard: &[Heard]) -> Vec<f64> {
    heard.chunks(PERIOD).map(loss).collect()
}

/// A line that has learned its path.
fn converged(taps: Vec<f64>, far: &mut Css) -> Line {
    let mut line = Line::new(taps).with(FILTER_ALONE);
    line.hear(15 * PERIOD, || far.next_sample());
    line
}

#[test]
fn test_2a_the_combined_loss_is_20_db_within_100_ms() {
    for (erl_db, alaw) in [(6.0, false), (10.0, true), (24.0, true)] {
        for hybrid in HYBRIDS {
            let mut line = Line::new(hybrid.taps(erl_db));
            line.alaw = alaw;
            let mut far = Css::far(-10.0);
            let heard = line.hear(2 * SECOND, || far.next_sample());
            let losses: Vec<f64> = heard[..20].iter().map(|heard| combined_loss(std::slice::from_ref(heard))).collect();
            println!("{} at {erl_db} dB, A-law {alaw}: combined loss {losses:.0?} dB each 10 ms", hybrid.name());
            for (at, heard) in heard.iter().enumerate().skip(10) {
                let is_loud = level(&heard.far) > -30.0;
                let loss = level(&heard.far) - level(&heard.left);
                assert!(!is_loud || loss >= 20.0, "{} at {erl_db} dB, {at} ms x 10: {loss:.1} dB", hybrid.name());
            }
        }
    }
}

#[test]
fn test_2b_the_filter_alone_takes_40_db_out_and_30_db_through_alaw() {
    for (dbm0, alaw, least) in [(-10.0, false, 40.0), (-10.0, true, 30.0), (-25.0, false, 38.0)] {
        for hybrid in HYBRIDS {
            let mut line = Line::new(hybrid.taps(10.0)).with(FILTER_ALONE);
            line.alaw = alaw;
            let mut far = Css::far(dbm0);
            let heard = line.hear(17 * PERIOD, || far.next_sample());
            let curve = curve(&heard);
            println!("{} at {dbm0} dBm0, A-law {alaw}: {curve:.0?} dB each 350 ms", hybrid.name());
            let (early, late) = (curve[2], loss(&heard[14 * PERIOD..]));
            assert!(
                early >= 20.0 && late >= least,
                "{} at {dbm0} dBm0, A-law {alaw}: {early:.1} {late:.1}",
                hybrid.name()
            );
        }
    }
}

#[test]
fn test_2c_noise_of_the_near_end_does_not_stop_it_from_learning() {
    let mut line = Line::new(HYBRIDS[3].taps(8.0));
    let (mut far, mut random) = (Css::far(-10.0), Random(3));
    for _ in 0..SECOND {
        line.block(|| 0.0, || random.noise(-50.0));
    }
    let heard: Vec<Heard> = (0..8 * PERIOD).map(|_| line.block(|| far.next_sample(), || random.noise(-50.0))).collect();
    println!("with noise at -50 dBm0: {:.0?} dB each 350 ms", curve(&heard));
    let left: Vec<f64> = heard[2 * PERIOD..].iter().map(|heard| level(&heard.left)).collect();
    let loudest = left.iter().copied().fold(-99.0, f64::max);
    let quietest = left.iter().copied().fold(0.0, f64::min);
    assert!(loudest < -44.0, "the echo is heard above the noise: {loudest:.1} dBm0");
    assert!(quietest > -55.0, "the noise is cut into pieces: {quietest:.1} dBm0");
}

#[test]
fn another_path_is_learned_and_the_echo_is_gone_within_half_a_second() {
    for (from, to) in [(0, 4), (4, 0), (7, 1)] {
        let mut far = Css::far(-10.0);
        let mut line = converged(HYBRIDS[from].taps(10.0), &mut far);
        line.taps = HYBRIDS[to].taps(8.0);
        let heard = line.hear(10 * PERIOD, || far.next_sample());
        println!("another path: {:.0?} dB each 350 ms", curve(&heard));
        assert!(loss(&heard[8 * PERIOD..]) >= 38.0, "{from} to {to}: {:.1}", loss(&heard[8 * PERIOD..]));

        let mut line = Line::new(HYBRIDS[from].taps(10.0));
        line.hear(15 * PERIOD, || far.next_sample());
        line.taps = HYBRIDS[to].taps(8.0);
        line.hear(50, || far.next_sample());
        let heard = line.hear(3 * PERIOD, || far.next_sample());
        assert!(combined_loss(&heard) >= 30.0, "{from} to {to}: {:.1}", combined_loss(&heard));
    }
}

#[test]
fn test_3_double_talk_spoils_nothing() {
    for hybrid in [HYBRIDS[0], HYBRIDS[5]] {
        for near_dbm0 in [-10.0, -15.0, -25.0] {
            let (mut far, mut near) = (Css::far(-10.0), Css::near(near_dbm0));
            let mut line = converged(hybrid.taps(10.0), &mut far);
            for _ in 0..4 * SECOND {
                line.block(|| far.next_sample(), || near.next_sample());
            }
            let after = curve(&line.hear(3 * PERIOD, || far.next_sample()));
            println!("{}, after double talk at {near_dbm0} dBm0: {after:.0?} dB each 350 ms", hybrid.name());
            assert!(after[0] >= 25.0 && after[2] >= 35.0, "{}, {near_dbm0} dBm0: {after:.1?}", hybrid.name());
        }
    }
}

#[test]
fn test_3_a_path_is_learned_through_double_talk() {
    for hybrid in [HYBRIDS[0], HYBRIDS[5]] {
        let (mut far, mut near) = (Css::far(-10.0), Css::near(-15.0));
        let mut line = Line::new(hybrid.taps(10.0)).with(FILTER_ALONE);
        for _ in 0..5 * SECOND {
            line.block(|| far.next_sample(), || near.next_sample());
        }
        let after = curve(&line.hear(3 * PERIOD, || far.next_sample()));
        println!("{}, learned in double talk: {after:.0?} dB each 350 ms", hybrid.name());
        assert!(after[0] >= 20.0 && after[2] >= 28.0, "{}: {after:.1?}", hybrid.name());
    }
}

#[test]
fn the_near_end_is_not_cut_when_both_talk() {
    for hybrid in [HYBRIDS[0], HYBRIDS[5]] {
        for near_dbm0 in [-10.0, -20.0, -28.0] {
            let mut line = Line::new(hybrid.taps(10.0)).through_alaw();
            let (mut far, mut near) = (Css::far(-10.0), Css::near(near_dbm0));
            line.hear(15 * PERIOD, || far.next_sample());
            let (mut talked, mut cut) = (0, 0);
            for _ in 0..3 * SECOND {
                let mut said = Vec::new();
                let mut say = || {
                    let sample = near.next_sample();
                    said.push(sample as i16);
                    sample
                };
                let heard = line.block(|| far.next_sample(), &mut say);
                let talks = level(&said) > near_dbm0 - 6.0;
                talked += i32::from(talks);
                cut += i32::from(talks && level(&heard.left) < level(&said) - 6.0);
            }
            println!("{}, near end at {near_dbm0} dBm0: {cut} of {talked} blocks cut", hybrid.name());
            assert!(talked > 150 && cut * 50 <= talked, "{}, {near_dbm0} dBm0: {cut} of {talked}", hybrid.name());
        }
    }
}

#[test]
fn two_voices_in_turn_and_together_hear_each_other_and_not_themselves() {
    let mut line = Line::new(HYBRIDS[1].taps(10.0)).through_alaw();
    let (mut far, mut near) = (Voice::new(1, -15.0), Voice::new(2, -15.0));
    let (mut talked, mut cut, mut echoes) = (0, 0, 0);
    for block in 0..12 * SECOND {
        let near_talks = block / (2 * SECOND) % 2 == 1;
        let mut said = Vec::new();
        let mut say = || {
            let sample = if near_talks { near.next_sample() } else { 0.0 };
            said.push(sample as i16);
            sample
        };
        let heard = line.block(|| far.next_sample(), &mut say);
        let (left, said) = (level(&heard.left), level(&said));
        talked += i32::from(said > -25.0);
        cut += i32::from(said > -25.0 && left < said - 6.0);
        echoes += i32::from(!near_talks && left > -45.0);
    }
    println!("voices: {cut} of {talked} blocks cut, {echoes} of 600 with an echo above -45 dBm0");
    assert!(talked > 20 && cut == 0, "{cut} of {talked}");
    assert!(echoes <= 6, "{echoes}");
}

#[test]
fn test_4_nothing_leaks_away_in_a_long_silence() {
    let mut far = Css::far(-10.0);
    let mut line = converged(HYBRIDS[2].taps(10.0), &mut far);
    let before = loss(&line.hear(PERIOD, || far.next_sample()));
    line.hear(120 * SECOND, || 0.0);
    let after = loss(&line.hear(PERIOD, || far.next_sample()));
    println!("before two minutes of silence {before:.0} dB, after it {after:.0} dB");
    assert!(after >= before - 3.0);
}

#[test]
fn test_5_an_open_line_is_quiet_within_a_quarter_of_a_second() {
    for hybrid in HYBRIDS {
        let mut far = Css::far(-10.0);
        let mut line = converged(hybrid.taps(10.0), &mut far);
        line.taps = vec![0.0];
        let heard = line.hear(SECOND, || far.next_sample());
        let levels: Vec<f64> = heard[..30].iter().map(|heard| level(&heard.left).max(-99.0)).collect();
        println!("{} opened: {levels:.0?} dBm0 each 10 ms", hybrid.name());
        assert!(heard[25..].iter().all(|heard| level(&heard.left) < -65.0), "{}", hybrid.name());
    }
}

#[test]
fn test_9_the_comfort_noise_is_as_loud_as_the_near_ends() {
    for noise_dbm0 in [-40.0, -50.0, -60.0] {
        let mut line = Line::new(HYBRIDS[0].taps(12.0));
        let (mut far, mut random) = (Css::far(-10.0), Random(8));
        for _ in 0..SECOND {
            line.block(|| 0.0, || random.noise(noise_dbm0));
        }
        let mut left = Vec::new();
        for block in 0..4 * SECOND {
            let heard = line.block(|| far.next_sample(), || random.noise(noise_dbm0));
            if block > SECOND && level(&heard.far) > -30.0 {
                left.extend(heard.left);
            }
        }
        let off = level(&left) - noise_dbm0;
        println!("noise at {noise_dbm0} dBm0: comfort noise {off:+.1} dB");
        assert!(off.abs() < 3.0, "{noise_dbm0}: {off:.1}");
    }
}
