//! Signals for the receiver, made with the library's sines and so independent of the crate's own sender.

use dsp_mf::{BLOCK, MfBank, MfEvent, Register, SIGNALS, frequencies};
pub(crate) use test_signals::Line;
use test_signals::{Sound, peak};

pub(crate) const REGISTERS: [Register; 2] = [Register::Forward, Register::Backward];
/// Samples of a millisecond.
pub(crate) const MS: usize = 8;

/// A signal as it arrives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub(crate) register: Register,
    pub(crate) signal: u8,
    /// Errors of the two frequencies.
    pub(crate) off_hz: [f64; 2],
    /// dBm0.
    pub(crate) levels: [f64; 2],
}

impl Pair {
    /// As it was sent.
    pub(crate) const fn nominal(register: Register, signal: u8) -> Self {
        Self { register, signal, off_hz: [0.0; 2], levels: [-11.5; 2] }
    }

    pub(crate) const fn levels(self, first: f64, second: f64) -> Self {
        Self { levels: [first, second], ..self }
    }

    pub(crate) const fn off_hz(self, first: f64, second: f64) -> Self {
        Self { off_hz: [first, second], ..self }
    }

    /// Hertz between its two nominal frequencies.
    pub(crate) fn distance(&self) -> u16 {
        let [first, second] = self.hz();
        first.abs_diff(second)
    }

    fn hz(&self) -> [u16; 2] {
        frequencies(self.register, self.signal).expect("a signal of the table")
    }
}

impl Sound for Pair {
    fn sample(&self, at: usize) -> f64 {
        let tone = |which: usize| {
            let hz = f64::from(self.hz()[which]) + self.off_hz[which];
            peak(self.levels[which]) * (core::f64::consts::TAU * hz * at as f64 / 8000.0 + hz).sin()
        };
        tone(0) + tone(1)
    }
}

/// All signals of a register, as sent.
pub(crate) fn all(register: Register) -> impl Iterator<Item = Pair> {
    (1..=SIGNALS).map(move |signal| Pair::nominal(register, signal))
}

/// All signals of both.
pub(crate) fn all_of_both() -> impl Iterator<Item = Pair> {
    REGISTERS.into_iter().flat_map(all)
}

/// What a receiver of this register tells of a line.
pub(crate) trait Received {
    /// With how many samples it had taken in by then.
    fn events(&self, register: Register) -> Vec<(usize, MfEvent)>;
    /// The signals that began.
    fn heard(&self, register: Register) -> Vec<u8>;
}

impl Received for Line {
    fn events(&self, register: Register) -> Vec<(usize, MfEvent)> {
        let mut bank = MfBank::<1>::new();
        bank.listen(0, Some(register));
        let mut samples = self.samples();
        samples.resize(samples.len().next_multiple_of(BLOCK) + 4 * BLOCK, 0);
        let mut events = Vec::new();
        for (number, block) in (1..).zip(samples.as_chunks::<BLOCK>().0) {
            bank.process(&[Some(block)], |_, event| events.push((number * BLOCK, event)));
        }
        events
    }

    fn heard(&self, register: Register) -> Vec<u8> {
        began(self.events(register).into_iter().map(|(_, event)| event))
    }
}

pub(crate) fn began(events: impl Iterator<Item = MfEvent>) -> Vec<u8> {
    let signal = |event| match event {
        MfEvent::Began(signal) => Some(signal),
        MfEvent::Ended(_) => None,
    };
    events.filter_map(signal).collect()
}

/// A signal alone on the line, `ms` long: is it heard once and over once (`true`), or not at all?
#[track_caller]
pub(crate) fn check(pair: Pair, ms: usize, heard: bool) {
    let expected: &[MfEvent] = if heard { &[MfEvent::Began(pair.signal), MfEvent::Ended(pair.signal)] } else { &[] };
    for start in (0..BLOCK).step_by(7) {
        let line = Line::default().silence(160 + start).tone(pair, ms * MS).silence(60 * MS);
        let events: Vec<MfEvent> = line.events(pair.register).into_iter().map(|(_, event)| event).collect();
        assert_eq!(events, expected, "{pair:?} of {ms} ms, beginning {start} samples into a block");
    }
}
