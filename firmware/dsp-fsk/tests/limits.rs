//! What the receiver must take, each limit from both sides, in both modulations and without being told which.

mod signals;

use dsp_fsk::{BLOCK, FskBank, FskEvent, FskSender, Modulation};
use signals::{Sending, events, octets};
use test_signals::{Random, Voice, peak, through_alaw};

const BOTH: [Sending; 2] = [Sending::BELL_202, Sending::V23];

/// All octets, those with the longest runs of one bit among them.
fn all() -> Vec<u8> {
    (0..=255).collect()
}

/// Every octet arrives, and nothing but them, between one carrier and its loss.
#[track_caller]
fn check(sending: &Sending) {
    let sent = all();
    let told = sending.events(&sent);
    assert_eq!(octets(&told), sent, "{sending:?}");
    assert_eq!((told.first(), told.last()), (Some(&FskEvent::Carrier), Some(&FskEvent::Lost)), "{sending:?}");
    assert_eq!(told.len(), sent.len() + 2, "{sending:?}");
}

#[test]
fn both_modulations_are_read_wherever_a_bit_begins() {
    for sending in BOTH {
        for part in 0..23 {
            check(&Sending { silence: 400.0 + f64::from(part) * 3.7, ..sending.clone() });
        }
    }
}

#[test]
fn a_baud_rate_off_by_one_per_cent_and_half_as_much_again_is_read() {
    for sending in BOTH {
        for off in [-0.015, -0.01, 0.01, 0.015] {
            check(&Sending { baud: 1200.0 * (1.0 + off), ..sending.clone() });
        }
    }
}

#[test]
fn tones_off_by_one_per_cent_and_twice_as_much_are_read() {
    for sending in BOTH {
        for off in [-0.02, -0.01, 0.01, 0.02] {
            check(&sending.clone().detuned(1.0 + off));
        }
    }
}

#[test]
fn tones_of_other_services_are_none() {
    for sending in BOTH {
        for off in [0.85, 1.2] {
            assert_eq!(sending.clone().detuned(off).events(&all()), [], "{off}");
        }
    }
}

#[test]
fn levels_from_minus_3_to_minus_36_dbm0_are_read_with_ten_db_of_twist_either_way() {
    for sending in BOTH {
        for (mark, space) in [(-3.0, -3.0), (-12.0, -12.0), (-12.0, -2.0), (-12.0, -22.0), (-36.0, -36.0)] {
            check(&sending.clone().levels(mark, space));
        }
        for (mark, space) in [(-36.0, -26.0), (-36.0, -46.0), (-46.0, -36.0)] {
            check(&sending.clone().levels(mark, space));
        }
    }
}

#[test]
fn a_signal_below_all_lines_is_none() {
    for sending in BOTH {
        assert_eq!(sending.levels(-53.0, -53.0).events(&all()), []);
    }
}

#[test]
fn a_mark_of_55_bits_is_enough_with_seizure_and_without() {
    for sending in BOTH {
        for (seizure_bits, mark_bits) in [(0, 55), (0, 80), (0, 250), (96, 55), (300, 180), (315, 250)] {
            for part in 0..12 {
                let silence = 400.0 + f64::from(part) * 7.1;
                check(&Sending { seizure_bits, mark_bits, silence, ..sending.clone() });
            }
        }
    }
}

#[test]
fn a_mark_of_25_bits_is_a_click_and_no_message_follows() {
    for sending in BOTH {
        for part in 0..12 {
            let sending =
                Sending { seizure_bits: 0, mark_bits: 25, silence: 400.0 + f64::from(part) * 7.1, ..sending.clone() };
            assert_eq!(sending.events(b"U"), [], "{sending:?}");
        }
    }
}

#[test]
fn pauses_of_mark_between_octets_change_nothing() {
    for sending in BOTH {
        for pause_bits in [1, 2, 3, 7, 25] {
            check(&Sending { pause_bits, ..sending.clone() });
        }
    }
}

#[test]
fn noise_15_db_below_changes_no_octet_in_thousands() {
    for (number, sending) in BOTH.into_iter().enumerate() {
        for seed in 1..=8 {
            check(&Sending { noise: Some((15.0, 100 * number as u64 + seed)), ..sending.clone() });
        }
    }
}

#[test]
fn all_limits_at_once_are_read() {
    for sending in BOTH {
        for (mark, space) in [(-26.0, -36.0), (-36.0, -26.0)] {
            for (tones, baud) in [(0.99, 1212.0), (1.01, 1188.0), (0.99, 1188.0), (1.01, 1212.0)] {
                let sending = sending.clone().detuned(tones).levels(mark, space);
                check(&Sending { baud, mark_bits: 55, seizure_bits: 0, noise: Some((20.0, 5)), ..sending });
            }
        }
    }
}

#[test]
fn two_messages_after_each_other_are_two_carriers() {
    let mut samples = Sending::BELL_202.samples(b"one");
    samples.extend(Sending::V23.samples(b"two"));
    let told = events(&samples);
    assert_eq!(octets(&told), b"onetwo");
    assert_eq!(told.iter().filter(|event| **event == FskEvent::Carrier).count(), 2);
    assert_eq!(told.iter().filter(|event| **event == FskEvent::Lost).count(), 2);
}

#[test]
fn a_signal_cut_off_in_an_octet_is_lost_within_40_ms() {
    for sending in BOTH {
        let mut samples = sending.samples(&[0x80; 40]);
        let cut = 400 + (300 + 180) * 20 / 3 + 1000;
        samples.truncate(cut);
        samples.resize(cut + 320, 0);
        let told = events(&samples);
        assert_eq!(told.last(), Some(&FskEvent::Lost));
        let read = octets(&told);
        assert!((14..=16).contains(&read.len()) && read[..14] == [0x80; 14], "{read:?}");
    }
}

#[test]
fn speech_dtmf_ringing_and_noise_bring_no_octets() {
    for seed in 1..=20 {
        let mut voice = Voice::new(seed, -15.0);
        let told = events(&through_alaw((0..8000 * 60).map(|_| voice.next_sample())));
        assert_eq!(octets(&told), [], "voice {seed}");
        let mut random = Random(seed);
        let told = events(&through_alaw((0..8000 * 30).map(|_| random.noise(-20.0))));
        assert_eq!(told, [], "noise {seed}");
    }
    let sines = |tones: &[(f64, f64)]| {
        let tones = tones.to_vec();
        let value = move |at: usize| -> f64 {
            tones.iter().map(|(hz, dbm0)| (std::f64::consts::TAU * hz * at as f64 / 8000.0).sin() * peak(*dbm0)).sum()
        };
        events(&through_alaw((0..8000).map(value)))
    };
    for low in [697.0, 770.0, 852.0, 941.0] {
        for high in [1209.0, 1336.0, 1477.0, 1633.0] {
            assert_eq!(sines(&[(low, -9.0), (high, -7.0)]), [], "{low} and {high} Hz");
        }
    }
    // What is left of ringing on a line: 25 Hz, its harmonics, clipped.
    assert_eq!(sines(&[(25.0, 3.0), (75.0, -3.0), (125.0, -10.0), (450.0, -20.0)]), []);
    // Tones of the network and of machines; fax's 1100 Hz and the alerting tone of call waiting are not mark.
    for tones in [
        &[(450.0, -10.0)][..],
        &[(350.0, -13.0), (440.0, -13.0)],
        &[(1100.0, -10.0)],
        &[(2100.0, -12.0)],
        &[(2130.0, -15.0), (2750.0, -15.0)],
    ] {
        assert_eq!(sines(tones), [], "{tones:?}");
    }
}

#[test]
fn hum_of_the_mains_6_db_below_is_no_hindrance() {
    for sending in BOTH {
        let hum = |at: usize| {
            let turns = std::f64::consts::TAU * at as f64 / 8000.0;
            (50.0 * turns).sin() * peak(-42.0) + (150.0 * turns).sin() * peak(-50.0)
        };
        let samples = sending.levels(-36.0, -36.0).samples(&all());
        let line = through_alaw(samples.iter().enumerate().map(|(at, sample)| f64::from(*sample) + hum(at)));
        assert_eq!(octets(&events(&line)), all());
    }
}

#[test]
fn whatever_is_heard_octets_come_between_a_carrier_and_its_loss() {
    let mut carriers = 0;
    for seed in 1..=60 {
        let mut random = Random(seed);
        let mut samples = Vec::new();
        for _ in 0..12 {
            let part: Vec<i16> = match random.below(5) {
                0 => vec![[0, i16::MIN, i16::MAX][random.below(3)]; random.below(2000)],
                1 => (0..random.below(2000)).map(|at| if at / 3 % 2 == 0 { i16::MIN } else { i16::MAX }).collect(),
                2 => through_alaw((0..random.below(2000)).map(|_| random.noise(-10.0)).collect::<Vec<_>>().into_iter()),
                _ => BOTH[random.below(2)].samples(&[random.below(256) as u8; 30]),
            };
            let from = random.below(part.len() / 2 + 1);
            samples.extend(&part[from..from + random.below(part.len() - from + 1)]);
        }
        let mut receiving = false;
        for event in events(&samples) {
            match event {
                FskEvent::Carrier => assert!(!std::mem::replace(&mut receiving, true), "seed {seed}"),
                FskEvent::Octet(_) => assert!(receiving, "seed {seed}"),
                FskEvent::Lost => assert!(std::mem::take(&mut receiving), "seed {seed}"),
            }
            carriers += u32::from(event == FskEvent::Carrier);
        }
    }
    assert!(carriers > 60, "{carriers}");
}

#[test]
fn the_sender_is_read_and_keeps_its_level_and_phase() {
    for modulation in [Modulation::Bell202, Modulation::V23] {
        let sent = all();
        let mut sender = FskSender::new(modulation, 300, 180, &sent);
        let mut samples = Vec::new();
        while !sender.is_over() {
            let mut block = [0; BLOCK];
            sender.fill(&mut block);
            samples.extend(block);
        }
        let bits = 300 + 180 + 10 * sent.len() + usize::from(dsp_fsk::TRAILING_MARK);
        assert_eq!(samples.len(), (bits * 20).div_ceil(3).next_multiple_of(BLOCK));
        let power: f64 =
            samples.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / (bits as f64 * 20.0 / 3.0);
        let level = 10.0 * (2.0 * power / peak(0.0).powi(2)).log10();
        assert!((level + 13.5).abs() < 0.1, "{level} dBm0");
        // No sample is further from the one before than the higher tone allows.
        let furthest = peak(-13.5) * (std::f64::consts::TAU * 2200.0 / 8000.0 / 2.0).sin() * 2.0 + 2.0;
        let last = (bits * 20).div_ceil(3);
        let jump = samples[..last]
            .windows(2)
            .map(|pair| f64::from(pair[1]) - f64::from(pair[0]))
            .fold(0.0, |most: f64, jump| most.max(jump.abs()));
        assert!(jump <= furthest, "{jump} of {furthest}");
        samples.extend([0; 4 * BLOCK]);
        let told = events(&samples);
        assert_eq!(octets(&told), sent);
        assert_eq!((told.first(), told.last()), (Some(&FskEvent::Carrier), Some(&FskEvent::Lost)));
    }
}

#[test]
fn lanes_hear_each_their_own_and_an_idle_one_nothing() {
    let lines = [Sending::BELL_202.samples(b"first"), Sending::V23.samples(b"other"), Sending::V23.samples(b"third")];
    let mut bank = FskBank::<4>::new();
    for lane in [0, 2, 3, 99] {
        bank.listen(lane, true);
    }
    let mut heard = [const { Vec::new() }; 4];
    for block in 0..lines[0].len() / BLOCK {
        let of = |line: usize| lines[line].as_chunks().0.get(block);
        bank.process(&[of(0), of(1), None, of(2)], |lane, event| heard[lane].push(event));
    }
    assert_eq!(heard.each_ref().map(|told| octets(told)), [b"first".to_vec(), vec![], vec![], b"third".to_vec()]);
}
