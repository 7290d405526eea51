//! What is set for one line towards a telephone, and its times.

use crate::country::Country;
use base::Digits;
use core::time::Duration;

/// How a telephone's digits are passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gathering {
    /// One by one: `Setup` with the first, each other as `Digits`, the end of the number where the telephone falls silent.
    Overlap,
    /// All at once, when so many have come, `#` was dialled or the telephone fell silent.
    EnBloc {
        /// Longest number.
        longest: u8,
    },
}

/// One line towards a telephone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FxsSettings {
    /// Its cadences, times and way of naming callers.
    pub country: &'static Country,
    /// The telephone's number: the calling party of its calls.
    pub number: Digits,
    /// How digits are passed on.
    pub gathering: Gathering,
    /// Callers are named to it.
    pub names_callers: bool,
    /// The line is reversed while a call of this telephone is answered.
    pub reverses_on_answer: bool,
    /// The battery is dropped for so long when the far party hangs up (kewlstart); `None`: tones only.
    pub battery_drop: Option<Duration>,
}

impl FxsSettings {
    /// A line as the country's exchanges give it.
    pub const fn new(country: &'static Country, number: Digits) -> Self {
        Self {
            country,
            number,
            gathering: Gathering::Overlap,
            names_callers: true,
            reverses_on_answer: false,
            battery_drop: Some(Duration::from_millis(500)),
        }
    }
}

/// A telephone that does not dial at all gets congestion (Q.35; 16 s in DAHDI's channels).
pub(super) const FIRST_DIGIT: Duration = Duration::from_secs(16);
/// After the last digit the number is whole.
pub(super) const NEXT_DIGIT: Duration = Duration::from_secs(5);
/// A telephone that nobody answers.
pub(super) const LONGEST_RINGING: Duration = Duration::from_secs(240);
/// Tones after the far party has gone, then the howler, then nothing until the telephone is hung up.
pub(super) const LONGEST_TONE: Duration = Duration::from_secs(40);
pub(super) const LONGEST_HOWLER: Duration = Duration::from_secs(60);
/// The call model answers a hang-up at once; if it does not, the line goes on without it.
pub(super) const LONGEST_CLEARING: Duration = Duration::from_secs(10);
/// An announcement in place of a tone.
pub(super) const LONGEST_ANNOUNCEMENT: Duration = Duration::from_secs(120);
/// Between a hang-up and the next ring.
pub(super) const REST: Duration = Duration::from_millis(500);
/// Loop readings after a battery drop mean nothing for so long.
pub(super) const AFTER_DROP: Duration = Duration::from_millis(100);

/// DTMF towards a telephone on hook (YD/T 1277: tones and pauses of 50 to 70 ms).
pub(super) const DIGIT_ON_MS: u16 = 70;
pub(super) const DIGIT_OFF_MS: u16 = 70;
/// Alternating bits and ones in front of a caller id on hook (GR-30), and the ones of one off hook (type II).
pub(super) const SEIZURE_BITS: u16 = 300;
pub(super) const MARK_BITS: u16 = 180;
pub(super) const MARK_BITS_OFF_HOOK: u16 = 80;
/// DT-AS (EN 300 659-1 §6.1.2: 90 to 110 ms).
pub(super) const ALERT: Duration = Duration::from_millis(100);

/// How long FSK of so many bits in front and octets of ten bits takes at 1200 bit/s, with 20 ms for its edges.
pub(super) fn fsk_time(front_bits: u16, octets: usize) -> Duration {
    let bits = u64::from(front_bits) + 10 * octets as u64;
    Duration::from_millis(bits * 1000 / 1200 + 20)
}
