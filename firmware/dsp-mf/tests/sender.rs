//! What is sent keeps the limits of Q.454, and two ends compel each other with it.

use dsp_mf::{BLOCK, MfBank, MfEvent, MfSender, Register, SIGNALS, frequencies};
use test_signals::peak;

const REGISTERS: [Register; 2] = [Register::Forward, Register::Backward];
/// Samples of a millisecond.
const MS: usize = 8;

fn all_of_both() -> impl Iterator<Item = (Register, u8)> {
    REGISTERS.into_iter().flat_map(|register| (1..=SIGNALS).map(move |signal| (register, signal)))
}

/// Power of `hz` in the samples, in dBm0, by correlation under a window without side lobes of note.
fn level_at(samples: &[i16], hz: f64) -> f64 {
    let (mut re, mut im, mut all) = (0.0, 0.0, 0.0);
    for (at, &sample) in samples.iter().enumerate() {
        let place = core::f64::consts::TAU * at as f64 / samples.len() as f64;
        let weight = 0.42 - 0.5 * place.cos() + 0.08 * (2.0 * place).cos();
        let angle = at as f64 * hz / 8000.0 * core::f64::consts::TAU;
        re += weight * f64::from(sample) * angle.cos();
        im += weight * f64::from(sample) * angle.sin();
        all += weight;
    }
    20.0 * (2.0 * (re * re + im * im).sqrt() / all / peak(0.0)).log10()
}

fn sent(register: Register, signal: u8, samples: usize) -> Vec<i16> {
    let mut sender = MfSender::new(register, signal);
    let mut out = vec![0; samples];
    out.chunks_mut(BLOCK).for_each(|block| sender.fill(block));
    out
}

#[test]
fn both_frequencies_have_their_level_and_nothing_else_is_sent() {
    for (register, signal) in all_of_both() {
        let samples = sent(register, signal, 8000);
        let hz = frequencies(register, signal).expect("a signal of the table");
        for own in hz {
            let level = level_at(&samples, own.into());
            assert!((level + 11.5).abs() < 0.05, "{register:?} {signal}: {own} Hz at {level} dBm0");
        }
        // All else must lie 30 dB below (Q.454).
        for other in (300..3400_u16).step_by(20).filter(|other| hz.iter().all(|own| own.abs_diff(*other) > 30)) {
            let level = level_at(&samples, other.into());
            assert!(level < -70.0, "{register:?} {signal}: {other} Hz at {level} dBm0");
        }
    }
}

#[test]
fn frequencies_are_exact() {
    for (register, signal) in all_of_both() {
        let samples = sent(register, signal, 80_000);
        for hz in frequencies(register, signal).expect("a signal of the table") {
            let at = |off: f64| level_at(&samples, f64::from(hz) + off);
            let [below, above] = [at(-0.1), at(0.1)];
            assert!((below - above).abs() < 0.01, "{hz} Hz: {below} dBm0 below and {above} above");
        }
    }
}

#[test]
fn both_tones_rise_and_fall_together_within_a_millisecond() {
    for (register, signal) in all_of_both() {
        let hz = frequencies(register, signal).expect("a signal of the table").map(f64::from);
        let mut sender = MfSender::new(register, signal);
        let mut samples = [0; 200];
        sender.fill(&mut samples[..100]);
        sender.stop();
        assert!(!sender.is_over());
        sender.fill(&mut samples[100..]);
        assert!(sender.is_over());
        for (at, sample) in samples.into_iter().enumerate() {
            let radians = core::f64::consts::TAU * at as f64 / 8000.0;
            let whole: f64 = hz.map(|hz| peak(-11.5) * (hz * radians).sin()).iter().sum();
            let gain = (at + 1).min(107_usize.saturating_sub(at)).min(MS) as f64 / MS as f64;
            let wanted = whole * gain;
            assert!((f64::from(sample) - wanted).abs() < 1.0, "{register:?} {signal}: {sample} at {at}, not {wanted}");
        }
    }
}

#[test]
fn a_signal_that_there_is_not_is_silence() {
    for signal in [0, 16, 255] {
        let mut sender = MfSender::new(Register::Forward, signal);
        assert!(sender.is_over());
        let mut out = [7; 80];
        sender.fill(&mut out);
        assert_eq!(out, [0; 80]);
    }
}

/// One end of a line: what it sends, and what it hears of the other.
struct End {
    bank: MfBank<1>,
    register: Register,
    sender: Option<MfSender>,
}

impl End {
    fn new(register: Register) -> Self {
        let mut bank = MfBank::new();
        bank.listen(0, REGISTERS.into_iter().find(|&other| other != register));
        Self { bank, register, sender: None }
    }

    fn send(&mut self, signal: Option<u8>) {
        match signal {
            Some(signal) => self.sender = Some(MfSender::new(self.register, signal)),
            None => self.sender.iter_mut().for_each(MfSender::stop),
        }
    }

    fn block(&mut self) -> [i16; BLOCK] {
        let mut block = [0; BLOCK];
        self.sender.iter_mut().for_each(|sender| sender.fill(&mut block));
        block
    }

    /// Hears the other end, and its own echo 20 dB weaker.
    fn hear(&mut self, far: &[i16; BLOCK], own: &[i16; BLOCK]) -> Option<MfEvent> {
        let heard: [i16; BLOCK] = std::array::from_fn(|at| far[at] / 2 + own[at] / 10);
        let mut event = None;
        self.bank.process(&[Some(&heard)], |_, told| event = Some(told));
        event
    }
}

#[test]
fn a_compelled_cycle_takes_less_than_a_tenth_of_a_second() {
    let (mut out, mut incoming) = (End::new(Register::Forward), End::new(Register::Backward));
    let number = [4, 10, 10, 8, 10, 10, 1, 2, 3, 4, 15];
    let mut dialled = number.into_iter();
    out.send(dialled.next());
    let (mut got, mut blocks) = (Vec::new(), 0);
    let mut line = [[0; BLOCK]; 2];
    while got.len() < number.len() || out.sender.as_ref().is_some_and(|sender| !sender.is_over()) {
        blocks += 1;
        assert!(blocks < 1000, "stuck after {got:?}");
        let [forward, backward] = line;
        match incoming.hear(&forward, &backward) {
            Some(MfEvent::Began(signal)) => {
                got.push(signal);
                incoming.send(Some(1));
            }
            Some(MfEvent::Ended(_)) => incoming.send(None),
            None => {}
        }
        match out.hear(&backward, &forward) {
            Some(MfEvent::Began(signal)) => {
                assert_eq!(signal, 1);
                out.send(None);
            }
            Some(MfEvent::Ended(_)) => out.send(dialled.next()),
            None => {}
        }
        line = [out.block(), incoming.block()];
    }
    assert_eq!(got, number);
    assert!(blocks <= number.len() * 12, "{blocks} blocks");
    assert!(blocks * 10 <= number.len() * 100, "{} ms", blocks * 10);
}
