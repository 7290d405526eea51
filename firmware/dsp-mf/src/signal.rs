//! Which frequencies make which signal.

use base::Dbm0;

/// Whose signals: R2's that go forward with the call or back against it, or R1's. Two out of six frequencies make a signal in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Register {
    /// 1380 to 1980 Hz: sent by the outgoing register, received by the incoming one.
    Forward,
    /// 1140 down to 540 Hz: sent by the incoming register, received by the outgoing one.
    Backward,
    /// 700 to 1700 Hz: sent by the outgoing register of R1, Bell's MF. Signals 1 to 9 are digits, the tenth is 0, then come ST3, ST1, [`KP`], ST2 (or KP2) and [`ST`]
    /// (Q.320).
    Bell,
}

/// Begins a number in R1.
pub const KP: u8 = 13;
/// Ends it.
pub const ST: u8 = 15;

/// How many signals a register has, numbered from 1.
pub const SIGNALS: u8 = 15;

/// Frequencies of a register.
pub(crate) const TONES: usize = 6;

impl Register {
    /// The six frequencies in the order of their weights 0, 1, 2, 4, 7, 11 (Q.441), in R1 0, 1, 2, 4, 7 and 10 (Q.320).
    pub const fn hz(self) -> [u16; TONES] {
        match self {
            Self::Forward => [1380, 1500, 1620, 1740, 1860, 1980],
            Self::Backward => [1140, 1020, 900, 780, 660, 540],
            Self::Bell => [700, 900, 1100, 1300, 1500, 1700],
        }
    }

    /// At which level each frequency is sent, 1 dB more or less (Q.454, Q.322).
    pub const fn level(self) -> Dbm0 {
        match self {
            Self::Forward | Self::Backward => Dbm0(-11.5),
            Self::Bell => Dbm0(-7.0),
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
            for register in [Register::Forward, Register::Backward, Register::Bell] {
                assert_eq!(frequencies(register, signal), Some([register.hz()[first], register.hz()[second]]));
            }
            assert_eq!(signal_of([first, second]), signal);
        }
        assert_eq!(frequencies(Register::Forward, 7), Some([1380, 1860]));
        assert_eq!(frequencies(Register::Backward, 11), Some([1140, 540]));
        let bell = [(1, [700, 900]), (9, [1100, 1500]), (10, [1300, 1500]), (KP, [1100, 1700]), (ST, [1500, 1700])];
        for (signal, hz) in bell {
            assert_eq!(frequencies(Register::Bell, signal), Some(hz), "{signal}");
        }
    }

    #[test]
    fn there_are_fifteen_signals() {
        for signal in [0, 16, 17, 255] {
            assert_eq!(frequencies(Register::Forward, signal), None, "{signal}");
        }
    }
}
