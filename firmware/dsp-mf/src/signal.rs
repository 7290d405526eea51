//! Which frequencies make which signal.

/// Whose signals: those that go forward with the call, or back against it. They differ in their frequencies alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Register {
    /// 1380 to 1980 Hz: sent by the outgoing register, received by the incoming one.
    Forward,
    /// 1140 down to 540 Hz: sent by the incoming register, received by the outgoing one.
    Backward,
}

/// How many signals a register has, numbered from 1.
pub const SIGNALS: u8 = 15;

/// Frequencies of a register.
pub(crate) const TONES: usize = 6;

impl Register {
    /// The six frequencies in the order of their weights 0, 1, 2, 4, 7, 11 (Q.441).
    pub const fn hz(self) -> [u16; TONES] {
        match self {
            Self::Forward => [1380, 1500, 1620, 1740, 1860, 1980],
            Self::Backward => [1140, 1020, 900, 780, 660, 540],
        }
    }
}

/// The two frequencies of a signal from 1 to [`SIGNALS`] by their places among the six, the smaller place first.
pub(crate) const fn places(signal: u8) -> Option<[usize; 2]> {
    // Each frequency makes one signal with each that comes before it.
    let mut second = 1;
    let mut before = 0;
    while second < TONES {
        if signal > before && signal <= before + second as u8 {
            return Some([(signal - before - 1) as usize, second]);
        }
        before += second as u8;
        second += 1;
    }
    None
}

/// The signal that these two places make, the smaller first.
pub(crate) const fn signal_of([first, second]: [usize; 2]) -> u8 {
    (second * (second - 1) / 2 + first + 1) as u8
}

/// The two frequencies of a signal from 1 to 15, in Hz; of any other there are none.
pub const fn frequencies(register: Register, signal: u8) -> Option<[u16; 2]> {
    match places(signal) {
        Some([first, second]) => Some([register.hz()[first], register.hz()[second]]),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_have_the_frequencies_of_the_table() {
        let pairs = [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3), (0, 4), (1, 4), (2, 4), (3, 4)];
        let last = [(0, 5), (1, 5), (2, 5), (3, 5), (4, 5)];
        for (signal, (first, second)) in (1..).zip(pairs.into_iter().chain(last)) {
            for register in [Register::Forward, Register::Backward] {
                assert_eq!(frequencies(register, signal), Some([register.hz()[first], register.hz()[second]]));
            }
            assert_eq!(signal_of([first, second]), signal);
        }
        assert_eq!(frequencies(Register::Forward, 7), Some([1380, 1860]));
        assert_eq!(frequencies(Register::Backward, 11), Some([1140, 540]));
    }

    #[test]
    fn there_are_fifteen_signals() {
        for signal in [0, 16, 17, 255] {
            assert_eq!(frequencies(Register::Forward, signal), None, "{signal}");
        }
    }
}
