//! Lines that hang on a channel bank: states of a pair as the four bits of a timeslot.
//!
//! | from | a | b | c | d |
//! | --- | --- | --- | --- | --- |
//! | exchange | ringing | battery | reversed | 1 |
//! | box or telephone | off hook | 0 | 0 | 1 |
//!
//! A bank that is not there sends d = 0, which reads as a dead line and a telephone on hook. So does all zero, which multiframes forbid anyway
//! (G.704 §5.1.3.2.2, note).

use crate::line::{Hook, LineState};
use core::time::Duration;
use ports::span::Abcd;

/// How long bits must stand: two multiframes of 2 ms and one more for their phase. Both edges of a dial pulse are late by the same.
pub const PERSISTENCE: Duration = Duration::from_millis(6);

const A: u8 = 8;
const B: u8 = 4;
const C: u8 = 2;
const D: u8 = 1;

/// The exchange's state as bits.
pub const fn line_bits(state: LineState) -> Abcd {
    let ringing = if state.ringing { A } else { 0 };
    let battery = if state.battery { B } else { 0 };
    let reversed = if state.reversed { C } else { 0 };
    Abcd::new(ringing | battery | reversed | D)
}

/// The exchange's state in bits received.
pub const fn line_state(bits: Abcd) -> LineState {
    let bits = bits.bits();
    if bits & D == 0 {
        return LineState::DEAD;
    }
    LineState { ringing: bits & A != 0, battery: bits & B != 0, reversed: bits & C != 0 }
}

/// The telephone's state as bits.
pub const fn hook_bits(hook: Hook) -> Abcd {
    match hook {
        Hook::On => Abcd::new(D),
        Hook::Off => Abcd::new(A | D),
    }
}

/// The telephone's state in bits received.
pub const fn hook(bits: Abcd) -> Hook {
    if bits.bits() & (A | D) == A | D { Hook::Off } else { Hook::On }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_what_is_read() {
        for bits in 0..16 {
            let bits = Abcd::new(bits);
            if bits.bits() & D == 0 {
                assert_eq!((line_state(bits), hook(bits)), (LineState::DEAD, Hook::On), "{bits:?}: no bank");
            } else {
                assert_eq!(line_bits(line_state(bits)), bits);
            }
        }
        assert_eq!([Hook::On, Hook::Off].map(|state| hook(hook_bits(state))), [Hook::On, Hook::Off]);
        assert_eq!([Hook::On, Hook::Off].map(hook_bits), [Abcd::new(0b0001), Abcd::new(0b1001)]);
    }
}
