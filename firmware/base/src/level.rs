//! Signal levels.

/// Level in dB relative to one milliwatt at the zero-level point. A full-scale A-law sine is +3.14 dBm0 (G.711 §2).
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Dbm0(pub f32);

impl Dbm0 {
    /// Level of a full-scale sine through A-law (G.711 Table 1a, note).
    #[allow(clippy::approx_constant, reason = "the level, not the circle")]
    pub const ALAW_FULL_SCALE: Self = Self(3.14);
}
