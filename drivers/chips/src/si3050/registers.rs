//! Registers and their bits. Each cites where it was read: (D) data sheet, register summary; (W) the wctdm driver of dahdi-linux.

/// A register by its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Register {
    /// Software reset (D, W).
    Control1 = 1,
    /// Ring detectors and the hook (D, W).
    DaaControl1 = 5,
    /// Power of the two sides (W).
    DaaControl2 = 6,
    /// Which line-side chip answers (W).
    LineSide = 11,
    /// Frame lock to the line side, loop current (D).
    LineStatus = 12,
    /// Off-hook speed, ringer impedance and threshold (D, W).
    International1 = 16,
    /// Delay and upper frequency of ring validation (D, W).
    RingValidation1 = 22,
    /// Lower frequency of ring validation, and its switch (D, W).
    RingValidation3 = 24,
    /// Voltage and current of the closed loop (W).
    DcTermination = 26,
    /// Line voltage (D).
    LineVoltage = 29,
    /// Impedance at voice frequencies (D, W).
    AcTermination = 30,
    /// How the loop is closed, and filters (D, W).
    DaaControl5 = 31,
    /// Law and switch of the PCM highway (W).
    PcmMode = 33,
    /// First bit clock that is sent, low octet (D, W).
    TransmitStartLow = 34,
    /// And high bits.
    TransmitStartHigh = 35,
    /// First bit clock that is received, low octet (D, W).
    ReceiveStartLow = 36,
    /// And high bits.
    ReceiveStartHigh = 37,
}

/// Of [`Register::Control1`]: all registers back to what they are after power-up (W).
pub const SOFT_RESET: u8 = 0x80;

/// Of [`Register::DaaControl1`]: half waves of ringing, negative and positive (D, W).
pub const RING_HALF_WAVES: u8 = 0x60;
/// The on-hook line monitor, by which caller ids are heard (D, W).
pub const ON_HOOK_MONITOR: u8 = 0x08;
/// The validated ring (D).
pub const RING: u8 = 0x04;
/// The loop is closed (D, W).
pub const OFF_HOOK: u8 = 0x01;

/// Of [`Register::DaaControl2`]: both sides have power (W).
pub const POWER_UP: u8 = 0x00;

/// Of [`Register::LineSide`]: the line side's kind, 0 until it answers (W).
pub const LINE_SIDE_KIND: u8 = 0xF0;

/// Of [`Register::LineStatus`]: frames of the line side are locked (D).
pub const FRAME_LOCK: u8 = 0x40;
/// Loop current in steps of 3.3 mA (D).
pub const LOOP_CURRENT: u8 = 0x1F;

/// Of [`Register::RingValidation1`]: what the chip starts with; rings up to 62 Hz (D, W).
pub const RING_VALIDATION_DEFAULT: u8 = 0x96;
/// Of [`Register::RingValidation3`]: validation on, rings from 10 Hz on (D, W).
pub const RING_VALIDATION_ON: u8 = 0x80 | 0x19;

/// Of [`Register::DaaControl5`]: full scale +3.2 dBm, loop closed for 128 ms before the counter ends, filter, voltages below 3 V told too (W).
pub const DAA_CONTROL_5: u8 = 0xA3;

/// Of [`Register::PcmMode`]: PCM on in A-law, or µ-law (W).
pub const PCM_A_LAW: u8 = 0x20;
/// PCM on in µ-law (W).
pub const PCM_MU_LAW: u8 = 0x28;

/// First octet of a transfer that writes a register of a chip alone on its chip select (W).
pub const WRITE: u8 = 0x20;
/// First octet of a transfer that reads one (W).
pub const READ: u8 = 0x60;
