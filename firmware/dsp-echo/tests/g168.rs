//! In the manner of G.168's tests, over eight hybrids.

// The curves are what these tests are read for.
#![allow(clippy::print_stdout)]

mod signals;

use signals::{Css, FILTER_ALONE, HYBRIDS, Heard, Line, SECOND, level};
use test_signals::peak;

/// Loss between what came and what left, over blocks of speech.
fn loss(heard: &[Heard]) -> f64 {
    let power = |samples: fn(&Heard) -> &[i16; 80]| -> f64 {
        heard.iter().flat_map(&samples).map(|&sample| f64::from(sample).powi(2)).sum()
    };
    10.0 * (power(|heard| &heard.came) / power(|heard| &heard.left).max(1.0)).log10()
}

fn talk(line: &mut Line, blocks: usize, far: &mut Css, mut near: impl FnMut() -> f64) -> Vec<Heard> {
    (0..blocks).map(|_| line.block(|| far.next_sample(), &mut near)).collect()
}

#[test]
fn with_the_suppressor_the_echo_is_20_db_down_within_100_ms() {
    for hybrid in HYBRIDS {
        let mut line = Line::new(hybrid.taps(10.0));
        let heard = talk(&mut line, 2 * SECOND, &mut Css::far(-10.0), || 0.0);
        let combined = |heard: &Heard| level(&heard.far) - level(&heard.left);
        let slow = heard[10..30].iter().find(|heard| level(&heard.far) > -30.0 && combined(heard) < 20.0);
        println!("{}: combined loss {:.0?} dB", hybrid.name, heard[..10].iter().map(combined).collect::<Vec<_>>());
        assert!(slow.is_none(), "{}: {:.1} dB", hybrid.name, slow.map_or(0.0, combined));
    }
}

#[test]
fn the_filter_alone_takes_40_db_out_and_30_db_through_alaw() {
    for (alaw, least) in [(false, 40.0), (true, 30.0)] {
        for hybrid in HYBRIDS {
            let mut line = Line::new(hybrid.taps(10.0)).without_suppressor();
            line.alaw = alaw;
            let heard = talk(&mut line, 6 * SECOND, &mut Css::far(-10.0), || 0.0);
            let curve: Vec<f64> = heard.chunks(35).map(loss).collect();
            println!("{}, A-law {alaw}: {curve:.0?} dB each 350 ms", hybrid.name);
            assert!(curve[2] >= 18.0 && loss(&heard[5 * SECOND..]) >= least, "{}: {curve:?}", hybrid.name);
        }
    }
}

#[test]
fn another_path_is_learned_and_none_is_forgotten() {
    let mut line = Line::new(HYBRIDS[0].taps(10.0)).without_suppressor();
    let mut far = Css::far(-10.0);
    talk(&mut line, 5 * SECOND, &mut far, || 0.0);
    line.taps = HYBRIDS[4].taps(8.0);
    let heard = talk(&mut line, 4 * SECOND, &mut far, || 0.0);
    println!("another path: {:.0?} dB each 350 ms", heard.chunks(35).map(loss).collect::<Vec<_>>());
    assert!(loss(&heard[3 * SECOND..]) >= 40.0);
    line.taps = vec![0.0];
    let heard = talk(&mut line, SECOND, &mut far, || 0.0);
    assert!(heard[30..].iter().all(|heard| level(&heard.left) < -65.0), "an open line is quiet within 300 ms");
}

#[test]
fn double_talk_passes_and_spoils_nothing() {
    let mut line = Line::new(HYBRIDS[2].taps(10.0));
    let (mut far, mut near) = (Css::far(-10.0), Css::near(-15.0));
    talk(&mut line, 5 * SECOND, &mut far, || 0.0);
    let heard = talk(&mut line, 4 * SECOND, &mut far, || near.next_sample());
    assert!(loss(&heard) < 3.0, "the near end is heard: {:.1} dB", loss(&heard));
    line.bank.set(0, FILTER_ALONE);
    let heard = talk(&mut line, SECOND, &mut far, || 0.0);
    println!("after double talk: {:.0} dB", loss(&heard));
    assert!(loss(&heard) >= 30.0);
}

#[test]
fn tones_do_not_spoil_what_was_learned() {
    let mut line = Line::new(HYBRIDS[1].taps(10.0)).without_suppressor();
    let mut far = Css::far(-10.0);
    talk(&mut line, 5 * SECOND, &mut far, || 0.0);
    for pair in [[697.0, 1209.0], [941.0, 1477.0], [1380.0, 1500.0]] {
        let mut at = 0.0;
        for _ in 0..5 * SECOND {
            line.block(
                || {
                    at += 1.0;
                    pair.iter().map(|hz| peak(-13.0) * (core::f64::consts::TAU * hz * at / 8000.0).sin()).sum()
                },
                || 0.0,
            );
        }
        let heard = talk(&mut line, 35, &mut far, || 0.0);
        println!("after {pair:?} Hz: {:.0} dB", loss(&heard));
        assert!(loss(&heard) >= 20.0, "{pair:?}");
    }
}
