//! Level and colour of noise, as a comfort noise packet carries them (RFC 3389 §3, G.711 Appendix II).

use base::Dbm0;

/// Reflection coefficients that are heeded: more than ten describe nothing that an ear would miss.
pub const MOST_COEFFICIENTS: usize = 10;

/// 0 dBov, the level of a square wave of full scale, in dBm0: 3.01 dB above the law's largest sine (RFC 3389 §3.1).
const OVERLOAD_DBM0: f32 = Dbm0::ALAW_FULL_SCALE.0 + 3.01;
/// The softest level that an octet carries.
const SOFTEST: u8 = 127;

/// What noise sounds like: its level, and its spectrum as the reflection coefficients of an all-pole filter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoiseShape {
    level: Dbm0,
    coefficients: [f32; MOST_COEFFICIENTS],
    used: u8,
}

/// Why a packet tells of no noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadShape {
    /// There is no octet of the level.
    Empty,
    /// The level's uppermost bit is set, which must be 0 (RFC 3389 §3.1).
    Level(u8),
    /// This coefficient is 255, which means nothing yet (RFC 3389 §3.2); the first is 0.
    Coefficient(usize),
}

impl core::fmt::Display for BadShape {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Empty => write!(f, "comfort noise: the octet of its level is wanted, none is there"),
            Self::Level(octet) => write!(f, "comfort noise: level of 0 to 127 wanted, {octet} found"),
            Self::Coefficient(at) => write!(f, "comfort noise: coefficient {at} is 255, which is reserved"),
        }
    }
}

impl core::error::Error for BadShape {}

impl NoiseShape {
    /// Noise that has as much of all frequencies.
    pub const fn white(level: Dbm0) -> Self {
        Self { level, coefficients: [0.0; MOST_COEFFICIENTS], used: 0 }
    }

    /// Noise with more of the low frequencies, as a room's, by a filter of first order: 0 is white, 0.9 a deep rumble; less than 0 is a hiss.
    pub const fn coloured(level: Dbm0, towards_low: f32) -> Self {
        let mut shape = Self::white(level);
        // A filter that follows what was has the coefficient of the other sign.
        shape.coefficients[0] = within(-towards_low);
        shape.used = 1;
        shape
    }

    /// Its level.
    pub const fn level(&self) -> Dbm0 {
        self.level
    }

    /// The same noise, louder or softer.
    pub const fn with_level(self, level: Dbm0) -> Self {
        Self { level, ..self }
    }

    /// Its reflection coefficients; none for white noise.
    pub fn coefficients(&self) -> &[f32] {
        &self.coefficients[..usize::from(self.used)]
    }

    /// Reads a packet's payload. Coefficients beyond the tenth are left out.
    pub fn read(payload: &[u8]) -> Result<Self, BadShape> {
        let (&level, coefficients) = payload.split_first().ok_or(BadShape::Empty)?;
        if level > SOFTEST {
            return Err(BadShape::Level(level));
        }
        let mut shape = Self::white(Self::level_of_octet(level));
        for (at, (slot, &index)) in shape.coefficients.iter_mut().zip(coefficients).enumerate() {
            if index == 255 {
                return Err(BadShape::Coefficient(at));
            }
            *slot = 258.0 * (f32::from(index) - 127.0) / 32_768.0;
            shape.used += 1;
        }
        Ok(shape)
    }

    /// Writes a packet's payload, as far as there is room, and tells how many octets it has.
    pub fn write(&self, payload: &mut [u8]) -> usize {
        let level = core::iter::once(Self::octet_of_level(self.level));
        let indices = self.coefficients().iter().map(|coefficient| {
            // Half is added, so that the cast rounds; it saturates too.
            (within(*coefficient) * (32_768.0 / 258.0) + 127.5) as u8
        });
        let mut written = 0;
        for (slot, octet) in payload.iter_mut().zip(level.chain(indices)) {
            *slot = octet.min(254);
            written += 1;
        }
        written
    }

    /// The level that an octet stands for: dB below overload (RFC 3389 §3.1). More than 127 is 127.
    pub const fn level_of_octet(octet: u8) -> Dbm0 {
        let below = if octet > SOFTEST { SOFTEST } else { octet };
        Dbm0(OVERLOAD_DBM0 - below as f32)
    }

    /// The octet of the nearest level.
    pub const fn octet_of_level(level: Dbm0) -> u8 {
        let below = (OVERLOAD_DBM0 - level.0 + 0.5) as u8;
        if below > SOFTEST { SOFTEST } else { below }
    }
}

/// Within what a stable filter may have, and what is not a number is 0.
const fn within(coefficient: f32) -> f32 {
    if coefficient.is_nan() { 0.0 } else { coefficient.clamp(-0.99, 0.99) }
}
