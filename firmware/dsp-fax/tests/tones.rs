//! What T.30, V.25, V.8 and G.168 want heard, and what not, on both sides of each limit.

// Each file of tests uses a part of them.
#[allow(dead_code)]
mod signals;

use dsp_fax::{Answer, BLOCK, FaxSignal, FaxToneBank, FaxToneEvent, FaxToneSender};
use signals::{Line, MS, Tone};
use test_signals::{Random, through_alaw};

use FaxToneEvent::{AnswerBegan, AnswerEnded, CngConfirmed, CngHeard, Flags, PhaseReversed};

/// Bursts of CNG, with what is before, between and after them.
fn cng(hz: f64, level: f64, on_ms: usize, off_ms: usize, bursts: usize) -> Line {
    (0..bursts).fold(Line::default().silence(1000 * MS + 37), |line, _| {
        line.tone(Tone::of(hz, level), on_ms * MS).silence(off_ms * MS)
    })
}

/// An answering tone with quiet around it.
fn answer(tone: Tone, ms: usize) -> Line {
    Line::default().silence(500 * MS + 29).tone(tone, ms * MS).silence(200 * MS)
}

fn with_noise(line: Line, dbm0: f64, seed: u64) -> Line {
    let mut random = Random(seed);
    line.plus(|| random.noise(dbm0))
}

/// The events without how long they lasted, which is compared to 10 ms.
#[track_caller]
fn check_answer(line: &Line, answer: Answer, reversals: usize, ms: usize) {
    let events = line.events();
    let Some((AnswerEnded { answer: ended, reversals: counted, lasted_ms }, rest)) = events.split_last() else {
        panic!("no end among {events:?}")
    };
    assert_eq!((*ended, usize::from(*counted)), (answer, reversals), "{events:?}");
    assert!((*lasted_ms as usize).abs_diff(ms) <= 10, "{lasted_ms} ms, not {ms}");
    assert_eq!(rest[0], AnswerBegan(answer));
    assert_eq!(rest[1..], vec![PhaseReversed; reversals]);
}

#[test]
fn cng_is_heard_after_its_first_burst_and_sure_after_the_second() {
    let events = cng(1100.0, -20.0, 500, 3000, 4).timed();
    let [(first, CngHeard), (second, CngConfirmed)] = events[..] else { panic!("{events:?}") };
    assert!((1580..=1620).contains(&first), "100 ms after the burst: {first}");
    assert!((3490..=3510).contains(&(second - first)), "one period later: {second}");
}

#[test]
fn cng_may_be_off_by_38_hz_and_by_15_percent_of_its_times() {
    for hz in [1062.0, 1100.0, 1138.0] {
        for level in [0.0, -13.0, -43.0] {
            for (on, off) in [(425, 2550), (425, 3450), (500, 3000), (575, 2550), (575, 3450)] {
                let line = with_noise(cng(hz, level, on, off, 2), level - 10.0, hz as u64 + on as u64);
                assert_eq!(line.events(), [CngHeard, CngConfirmed], "{hz} Hz {level} dBm0 {on}/{off} ms");
            }
        }
    }
}

#[test]
fn a_beep_of_another_frequency_or_length_is_no_cng() {
    for hz in [1030.0, 1035.0, 1165.0, 1170.0, 950.0, 1004.0, 1209.0, 1300.0] {
        assert_eq!(cng(hz, -13.0, 500, 3000, 3).events(), [], "{hz} Hz");
    }
    for on in [100, 200, 300, 380, 620, 700, 1000, 2000] {
        assert_eq!(cng(1100.0, -13.0, on, 3000, 3).events(), [], "{on} ms");
    }
}

#[test]
fn beeps_in_another_cadence_are_never_confirmed() {
    for off in [400, 1000, 2000, 2400, 3600, 4500, 8500] {
        assert_eq!(cng(1100.0, -13.0, 500, off, 3).events(), [CngHeard], "{off} ms");
    }
}

#[test]
fn a_burst_that_was_drowned_does_not_hide_the_call() {
    let mut line = cng(1100.0, -20.0, 500, 3000, 3);
    let mut random = Random(5);
    line.0[4500 * MS..5200 * MS].iter_mut().for_each(|sample| *sample += random.noise(-5.0));
    assert_eq!(line.events(), [CngHeard, CngConfirmed]);
}

#[test]
fn a_note_among_others_is_no_cng() {
    let notes = |before: usize, after: usize| {
        let line = Line::default().silence(4000).tone(Tone::of(988.0, -13.0), before * MS);
        let line = line.tone(Tone::of(1108.7, -13.0), 500 * MS).tone(Tone::of(1244.5, -13.0), after * MS);
        line.silence(4000).events()
    };
    assert_eq!(notes(300, 300), []);
    assert_eq!(notes(300, 0), []);
    assert_eq!(notes(0, 300), []);
    assert_eq!(notes(0, 0), [CngHeard], "alone it can only be told by the next");
}

#[test]
fn an_answering_tone_may_be_off_by_15_hz_at_any_level_and_beside_noise() {
    for hz in [2085.0, 2100.0, 2115.0] {
        for level in [0.0, -13.0, -30.0, -43.0] {
            for ms in [2600, 4000] {
                let line = answer(Tone::of(hz, level), ms);
                check_answer(&line, Answer::Ced, 0, ms);
                check_answer(&with_noise(line, level - 10.0, ms as u64), Answer::Ced, 0, ms);
            }
        }
    }
}

#[test]
fn reversals_are_counted_one_by_one() {
    for hz in [2079.0, 2100.0, 2121.0] {
        for level in [0.0, -13.0, -43.0] {
            for (between, degrees) in [(425, 180.0), (450, 170.0), (450, 190.0), (475, 180.0)] {
                let tone = Tone { turns: Some((between, degrees)), ..Tone::of(hz, level) };
                let line = with_noise(answer(tone, 3300), level - 10.0, between as u64);
                check_answer(&line, Answer::Ced, 3299 / between, 3300);
            }
        }
    }
}

#[test]
fn a_reversal_is_told_within_30_ms_wherever_in_a_block_it_comes() {
    for start in (0..BLOCK).step_by(3) {
        let tone = Tone { turns: Some((450, 180.0)), ..Tone::of(2100.0, -13.0) };
        let line = Line::default().silence(BLOCK * 10 + start).tone(tone, 1750 * MS).silence(1000);
        let told: Vec<usize> =
            line.timed().into_iter().filter(|told| told.1 == PhaseReversed).map(|told| told.0).collect();
        assert_eq!(told.len(), 3, "{start}: {told:?}");
        for (told, turned) in told.into_iter().zip([550, 1000, 1450]).skip(1) {
            let late = told as f64 - turned as f64 - start as f64 / 8.0;
            assert!((0.0..=30.0).contains(&late), "{start}: {late} ms");
        }
    }
}

/// G.168 §7: 180 degrees within 25 must be taken, 110 and less must not.
#[test]
fn a_phase_that_jumps_by_less_than_a_half_turn_is_not_reversed() {
    let reversals = |degrees: f64| {
        let tone = Tone { turns: Some((450, degrees)), ..Tone::of(2100.0, -13.0) };
        answer(tone, 3300).events().into_iter().filter(|event| *event == PhaseReversed).count()
    };
    for degrees in [155.0, 180.0, 205.0] {
        assert_eq!(reversals(degrees), 7, "{degrees}");
    }
    for degrees in [60.0, 90.0, 110.0, 250.0, 270.0] {
        assert_eq!(reversals(degrees), 0, "{degrees}");
    }
}

#[test]
fn an_interruption_or_a_click_is_not_a_reversal() {
    let mut line = answer(Tone::of(2100.0, -13.0), 3300);
    line.0[1000 * MS..1012 * MS].fill(0.0);
    line.0[2000 * MS..2004 * MS].fill(20_000.0);
    check_answer(&line, Answer::Ced, 0, 3300);
}

#[test]
fn ansam_is_told_from_ced_by_its_modulation() {
    for level in [0.0, -13.0, -43.0] {
        for depth in [0.19, 0.2, 0.21] {
            for turns in [None, Some((450, 180.0))] {
                let tone = Tone { depth, turns, ..Tone::of(2100.0, level) };
                let reversals = turns.map_or(0, |_| 8);
                let line = with_noise(answer(tone, 4000), level - 10.0, 77);
                check_answer(&line, Answer::AnsAm, reversals, 4000);
            }
        }
    }
    let weak = Tone { depth: 0.05, ..Tone::of(2100.0, -13.0) };
    check_answer(&answer(weak, 3000), Answer::Ced, 0, 3000);
}

#[test]
fn a_tone_whose_level_changes_is_told_when_it_has_stayed() {
    let line = Line::default().silence(500 * MS).tone(Tone::of(2100.0, -20.0), 350 * MS);
    let events = line.tone(Tone::of(2100.0, -14.0), 2650 * MS).silence(200 * MS).timed();
    let [(told, AnswerBegan(Answer::Ced)), (_, AnswerEnded { lasted_ms: 3000, .. })] = events[..] else {
        panic!("{events:?}")
    };
    assert!((1890..=1920).contains(&told), "twice 700 ms: {told}");
}

#[test]
fn other_tones_and_short_ones_are_no_answer() {
    for hz in [1800.0, 1980.0, 2040.0, 2060.0, 2140.0, 2160.0, 2225.0, 2250.0, 2400.0] {
        assert_eq!(answer(Tone::of(hz, -13.0), 3000).events(), [], "{hz} Hz");
    }
    for ms in [50, 300, 650] {
        assert_eq!(answer(Tone::of(2100.0, -13.0), ms).events(), [], "{ms} ms");
    }
    // The alert of a waiting caller.
    assert_eq!(Line::default().silence(800).chord(&[2130.0, 2750.0], -15.0, 85 * MS).silence(800).events(), []);
}

#[test]
fn flags_are_heard_at_any_level_off_by_12_hz_and_beside_noise() {
    for level in [0.0, -13.0, -30.0, -43.0] {
        for off in [-12.0, 0.0, 12.0] {
            for start in [0, 3, 11, 40, 77] {
                let line = Line::default().silence(4000 + start).v21(&[0x7E; 38], level, off).silence(4000);
                let timed = with_noise(line, level - 10.0, start as u64 + 1).timed();
                let [(at, Flags)] = timed[..] else { panic!("{level} dBm0 {off} Hz {start}: {timed:?}") };
                assert!(at <= 750, "{at} ms: a quarter of a second of a second");
            }
        }
    }
}

#[test]
fn fewer_flags_and_other_octets_are_no_preamble() {
    let heard = |octets: &[u8]| Line::default().silence(4000).v21(octets, -13.0, 0.0).silence(4000).events();
    assert_eq!(heard(&[0x7E; 4]), []);
    for octet in (0..=0xFF).filter(|octet: &u8| (0..8).all(|by| octet.rotate_left(by) != 0x7E)) {
        assert_eq!(heard(&[octet; 38]), [], "{octet:02X}");
    }
    let mut random = Random(3);
    let any: Vec<u8> = (0..2000).map(|_| random.below(256) as u8).collect();
    assert_eq!(heard(&any), []);
}

/// CED, 75 ms of silence, flags, a frame: what a fax machine answers with.
#[test]
fn a_fax_machine_that_answers_is_heard_twice() {
    let frame: Vec<u8> = [0x7E; 38].into_iter().chain([0xFF, 0xC8, 0x01, 0x00, 0x77, 0x1F, 0x55, 0xAA, 0x7E]).collect();
    let line = answer(Tone::of(2100.0, -13.0), 3000);
    let line = Line(line.0[..line.0.len() - 125 * MS].to_vec()).v21(&frame, -13.0, 0.0).silence(3000);
    // A second message, as after any command.
    let events = line.v21(&frame, -13.0, 0.0).silence(4000).events();
    let ended = AnswerEnded { answer: Answer::Ced, reversals: 0, lasted_ms: 3000 };
    assert_eq!(events, [AnswerBegan(Answer::Ced), ended, Flags, Flags]);
}

#[test]
fn what_we_send_is_heard() {
    let heard = |signal, ms: usize| {
        let mut sender = FaxToneSender::new(signal, base::Dbm0(-13.0));
        let mut samples = vec![0; ms * MS];
        sender.fill(&mut samples);
        assert_eq!(sender.is_over(), signal != FaxSignal::Cng);
        Line(samples.into_iter().map(f64::from).collect()).silence(2000).events()
    };
    let ended = |answer, reversals, lasted_ms| AnswerEnded { answer, reversals, lasted_ms };
    assert_eq!(heard(FaxSignal::Cng, 8000), [CngHeard, CngConfirmed]);
    assert_eq!(heard(FaxSignal::Ced, 3500), [AnswerBegan(Answer::Ced), ended(Answer::Ced, 0, 3000)]);
    assert_eq!(heard(FaxSignal::AnsAm, 6000), [AnswerBegan(Answer::AnsAm), ended(Answer::AnsAm, 0, 5000)]);
    for (signal, answer, turns, ms) in
        [(FaxSignal::AnsReversed, Answer::Ced, 7, 3300), (FaxSignal::AnsAmReversed, Answer::AnsAm, 11, 5000)]
    {
        let mut wanted = vec![AnswerBegan(answer)];
        wanted.extend((0..turns).map(|_| PhaseReversed));
        wanted.push(ended(answer, turns, ms));
        assert_eq!(heard(signal, 6000), wanted, "{signal:?}");
    }
    assert_eq!(heard(FaxSignal::Flags, 2000), [Flags]);
}

#[test]
fn a_stopped_sender_fades_and_is_over() {
    let mut sender = FaxToneSender::new(FaxSignal::AnsAm, base::Dbm0(-13.0));
    let mut samples = [0; 400];
    sender.fill(&mut samples);
    sender.stop();
    sender.fill(&mut samples);
    assert!(sender.is_over());
    assert!(samples[..16].iter().any(|&sample| sample != 0) && samples[16..].iter().all(|&sample| sample == 0));
}

#[test]
fn lanes_hear_what_one_alone_would_hear() {
    let tone = Tone { depth: 0.2, turns: Some((450, 180.0)), ..Tone::of(2100.0, -13.0) };
    let lines = [
        cng(1100.0, -20.0, 500, 3000, 2),
        answer(tone, 4000),
        Line::default().silence(700).v21(&[0x7E; 38], -20.0, 3.0),
    ];
    let mut bank = FaxToneBank::<4>::new();
    [0, 1, 3].into_iter().for_each(|lane| bank.listen(lane, true));
    let mut all: Vec<Vec<i16>> = lines.iter().map(Line::samples).collect();
    all.iter_mut().for_each(|samples| samples.resize(9000 * MS, 0));
    let mut heard: [Vec<FaxToneEvent>; 4] = Default::default();
    for at in 0..all[0].len() / BLOCK {
        let [cng, ans, v21] = [0, 1, 2].map(|line| all[line][at * BLOCK..].first_chunk());
        bank.process(&[cng, ans, v21, v21], |lane, event| heard[lane].push(event));
    }
    assert_eq!(heard[0], lines[0].events());
    assert_eq!(heard[1], lines[1].events());
    assert_eq!(heard[2], [], "it does not listen");
    assert_eq!(heard[3], [Flags]);
}

#[test]
fn any_samples_leave_it_sane() {
    let mut random = Random(17);
    for seed in 0..40_u64 {
        let mut bank = FaxToneBank::<1>::new();
        bank.listen(0, true);
        for number in 0..300 {
            let block: [i16; BLOCK] = std::array::from_fn(|at| match seed % 5 {
                0 => random.below(65_536) as u16 as i16,
                1 => [i16::MIN, i16::MAX][random.below(2)],
                2 => [i16::MIN, i16::MAX][(at / (1 + seed as usize)) % 2],
                3 => [i16::MIN, i16::MAX][number / 20 % 2],
                _ => {
                    if random.below(100) == 0 {
                        i16::MIN
                    } else {
                        0
                    }
                }
            });
            bank.process(&[Some(&block)], |_, _| {});
        }
        let tone = through_alaw(answer(Tone::of(2100.0, -20.0), 3000).0.into_iter());
        let mut heard = Vec::new();
        for block in tone.as_chunks::<BLOCK>().0 {
            bank.process(&[Some(block)], |_, event| heard.push(event));
        }
        assert!(
            heard.ends_with(&[
                AnswerBegan(Answer::Ced),
                AnswerEnded { answer: Answer::Ced, reversals: 0, lasted_ms: 3000 }
            ]),
            "{heard:?}"
        );
    }
}
