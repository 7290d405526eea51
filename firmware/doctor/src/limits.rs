//! From where on a figure is a warning, or a fault; and how long each part of a test takes.

use base::Dbm0;
use core::time::Duration;

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A span is watched for so long: at a clock difference of 1 ppm it slips once in 125 s, at 15 ppm once in 8 s.
pub(crate) const WATCH: Duration = ms(10_000);
/// Behind an alarm there is nothing to watch; it is only made sure that it stays.
pub(crate) const WATCH_ALARM: Duration = ms(2_000);
/// Slips an hour beyond which calls suffer (G.822 §3, category c).
pub(crate) const SLIPS_AN_HOUR: u64 = 30;
/// Bad frames an hour of which nobody needs to be told: a frame is 10 to 50 octets, a good line loses none in days (G.826).
pub(crate) const BAD_FRAMES_AN_HOUR: u64 = 10;

/// The pair is looked at for so long before it is believed.
pub(crate) const LOOK: Duration = ms(500);
/// No country's ring lasts as long without a pause: 2 s at the most (E.180).
pub(crate) const LONGEST_RING: Duration = ms(6_000);
/// Exchanges may break the loop for a moment when it is closed, then feed it.
pub(crate) const SEIZE: Duration = ms(800);
/// A busy tone of another country needs four cadences; dial tone comes within 3 s (E.180).
pub(crate) const LISTEN: Duration = ms(8_000);
/// A steady tone that no table holds is told of when it has lasted so long.
pub(crate) const UNKNOWN_TONE_MS: u32 = 2_500;
/// From the digit to a silent exchange.
pub(crate) const DIGIT: Duration = ms(1_000);
/// Noise is measured over so long.
pub(crate) const NOISE_MS: u16 = 1_000;
/// The echo's tone sounds for so long before it is measured: twice the way through a packet network is over by then.
pub(crate) const ECHO_SETTLES: Duration = ms(400);
/// And is measured over so long.
pub(crate) const ECHO_MS: u16 = 400;
/// The engine's answer comes so much later at the most.
pub(crate) const METER: Duration = ms(1_000);
/// An exchange needs the loop open for so long to know that it is free.
pub(crate) const GUARD: Duration = ms(2_000);

/// The tone whose echo is measured.
pub(crate) const ECHO_HZ: u16 = 1_000;
pub(crate) const ECHO_LEVEL: Dbm0 = Dbm0(-10.0);

/// Dial tone leaves exchanges with -10 ± 3 dBm0 (GB/T 3380); a line takes up to 7 dB of it.
pub(crate) const DIAL_TONE_LOW: Dbm0 = Dbm0(-25.0);
pub(crate) const DIAL_TONE_HIGH: Dbm0 = Dbm0(-3.0);
/// A good line is below -60 dBm0; above the first it is heard, above the second it disturbs.
pub(crate) const NOISE_HEARD: Dbm0 = Dbm0(-50.0);
pub(crate) const NOISE_BAD: Dbm0 = Dbm0(-38.0);
/// Networks aim at 11 dB (G.122). Callers hear themselves below the one, digits fail below the other.
pub(crate) const ECHO_WEAK_DB: f32 = 8.0;
pub(crate) const ECHO_BAD_DB: f32 = 3.0;
