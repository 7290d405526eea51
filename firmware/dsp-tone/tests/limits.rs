//! Both sides of every limit of every profile (Q.24 Annex A, Table A.1), for all digits, wherever in a block a tone begins, on a
//! clean line and on a noisy one.

// Each test uses a part of them.
#[allow(dead_code)]
mod signals;

use base::Digit;
use dsp_tone::{BLOCK, Profile};
use signals::{Line, MS, Pair, Received, digits};
use test_signals::Random;

/// One tone and what must come of it.
#[derive(Clone, Copy, Debug)]
struct Case {
    pair: Pair,
    ms: usize,
    accepted: bool,
}

const ACCEPTED: bool = true;
const REFUSED: bool = false;
/// dB of signal over noise for what must be accepted; and for what must be refused, which is looked at several times and may not pass once.
const NOISY: f64 = 10.0;
const NOISY_REFUSED: f64 = 15.0;

/// Has every profile hear each digit's cases: all as they must on a clean line, 999 of 1000 on a noisy one.
#[track_caller]
fn check(cases: impl Fn(&Profile, Digit) -> Vec<Case>) {
    for profile in Profile::ALL {
        let (mut asked, mut right, mut noise) = (0, 0, Random(71));
        for digit in Digit::GRID {
            for case in cases(&profile, digit) {
                for start in (0..BLOCK).step_by(7) {
                    let line = Line::default().silence(160 + start).tone(case.pair, case.ms * MS).silence(100 * MS);
                    let expected = if case.accepted { digit.to_string() } else { String::new() };
                    let heard = digits(&line.events_by(profile));
                    assert_eq!(heard, expected, "{}: {case:?}, beginning {start} samples into a block", profile.name);
                    let level = case.pair.level() - if case.accepted { NOISY } else { NOISY_REFUSED };
                    let heard = digits(&line.plus(|| noise.noise(level)).events_by(profile));
                    asked += 1;
                    right += usize::from(heard == expected);
                }
            }
        }
        assert!(right * 1000 >= asked * 999, "{}: {right} of {asked} in noise", profile.name);
    }
}

/// Both tones, one or the other off by so much, either way.
const WAYS_OFF: [(f64, f64); 8] =
    [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0), (1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)];

#[test]
fn a_frequency_is_taken_up_to_the_error_allowed_and_refused_from_the_error_forbidden() {
    check(|profile, digit| {
        let off = |share: f32, hz: f32, accepted: bool| {
            WAYS_OFF.map(|(low, high)| {
                let (share, hz) = (f64::from(share), f64::from(hz));
                let pair = Pair {
                    low_factor: 1.0 + share * low,
                    high_factor: 1.0 + share * high,
                    low_hz: hz * low,
                    high_hz: hz * high,
                    ..Pair::nominal(digit)
                };
                Case { pair, ms: 50, accepted }
            })
        };
        [off(profile.accept_share, profile.accept_hz, ACCEPTED), off(profile.reject_share, 0.0, REFUSED)].concat()
    });
}

#[test]
fn levels_are_taken_from_the_strongest_to_the_weakest_and_a_whisper_is_refused() {
    check(|profile, digit| {
        let case = |level: f64, accepted| Case { pair: Pair::nominal(digit).levels(level, level), ms: 50, accepted };
        let (strongest, edge) = (f64::from(profile.strongest.0), profile.level_dbm0);
        let (weakest, whisper) = (f64::from(edge.accept), f64::from(edge.reject));
        vec![
            case(strongest, ACCEPTED),
            case((strongest + weakest) / 2.0, ACCEPTED),
            case(weakest, ACCEPTED),
            case(whisper, REFUSED),
            case(-55.0, REFUSED),
        ]
    });
}

#[test]
fn either_group_may_be_the_stronger_one_as_far_as_allowed_and_no_further_than_forbidden() {
    check(|profile, digit| {
        let case =
            |low: f64, high: f64, accepted| Case { pair: Pair::nominal(digit).levels(low, high), ms: 50, accepted };
        let (strongest, weakest) = (f64::from(profile.strongest.0), f64::from(profile.level_dbm0.accept));
        let mut cases = Vec::new();
        for (twist, accepted) in [(profile.twist_db.accept, ACCEPTED), (profile.twist_db.reject, REFUSED)] {
            let twist = f64::from(twist);
            cases.extend([
                case(strongest - twist, strongest, accepted),
                case(-15.0, -15.0 + twist, accepted),
                case(weakest, weakest + twist, accepted),
            ]);
        }
        for (twist, accepted) in
            [(profile.reverse_twist_db.accept, ACCEPTED), (profile.reverse_twist_db.reject, REFUSED)]
        {
            let twist = f64::from(twist);
            cases.extend([
                case(strongest, strongest - twist, accepted),
                case(-15.0 + twist, -15.0, accepted),
                case(weakest + twist, weakest, accepted),
            ]);
        }
        cases
    });
}

#[test]
fn a_tone_of_the_least_length_is_a_digit_and_a_shorter_one_is_none() {
    check(|profile, digit| {
        let (accept, reject) = (profile.tone_ms.accept as usize, profile.tone_ms.reject as usize);
        let weakest = f64::from(profile.level_dbm0.accept);
        let strongest = f64::from(profile.strongest.0);
        let pair = Pair::nominal(digit);
        [pair, pair.levels(weakest, weakest), pair.levels(strongest, strongest)]
            .into_iter()
            .flat_map(|pair| {
                [Case { pair, ms: accept, accepted: ACCEPTED }, Case { pair, ms: reject, accepted: REFUSED }]
            })
            .collect()
    });
}

/// Two tones of the same digit with `pause` between: how often are they one digit, or two, in noise?
fn pairs(profile: Profile, pause_ms: usize, expected: usize) -> (usize, usize) {
    let (mut asked, mut right, mut noise) = (0, 0, Random(73));
    for digit in Digit::GRID {
        let pair = Pair::nominal(digit);
        for start in 0..BLOCK {
            let tone = profile.tone_ms.accept as usize * MS;
            let line = Line::default().silence(160 + start).tone(pair, tone).silence(pause_ms * MS);
            let line = line.tone(pair, tone).silence(100 * MS);
            let heard = digits(&line.events_by(profile));
            let wanted = digit.to_string().repeat(expected);
            assert_eq!(heard, wanted, "{}: a pause of {pause_ms} ms, beginning {start} samples in", profile.name);
            let heard = digits(&line.plus(|| noise.noise(pair.level() - NOISY)).events_by(profile));
            asked += 1;
            right += usize::from(heard == wanted);
        }
    }
    (asked, right)
}

#[test]
fn the_least_pause_makes_two_digits_and_a_hole_makes_no_second_one() {
    for profile in Profile::ALL {
        for (ms, digits) in [(profile.pause_ms.accept, 2), (profile.pause_ms.reject, 1)] {
            let (asked, right) = pairs(profile, ms as usize, digits);
            assert!(
                right * 1000 >= asked * 998,
                "{}: {right} of {asked} with a pause of {ms} ms in noise",
                profile.name
            );
        }
    }
}

#[test]
fn every_profile_has_a_name_by_which_it_is_found_and_leaves_room_between_its_limits() {
    for profile in Profile::ALL {
        assert_eq!(Profile::named(profile.name), Some(profile));
        assert!(profile.reject_share * 697.0 > profile.accept_share * 697.0 + profile.accept_hz + 5.0);
        assert!(
            profile.level_dbm0.reject < profile.level_dbm0.accept && profile.tone_ms.reject < profile.tone_ms.accept
        );
        assert!(profile.twist_db.accept < profile.twist_db.reject && profile.pause_ms.reject < profile.pause_ms.accept);
    }
    assert_eq!(Profile::named("bell"), None);
}
