//! Registers and their bits, as the `pef2256` driver of mainline Linux (drivers/net/wan/framer/pef2256, 2023) has them, but for what is marked.

/// A register by its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Register {
    /// Commands; reads nothing back.
    Cmdr = 0x02,
    /// Masks of interrupts, 1 for masked; the next five follow.
    Imr0 = 0x14,
    /// Line codes.
    Fmr0 = 0x1C,
    /// E1, CRC-4, data rate.
    Fmr1 = 0x1D,
    /// Framing of what is received.
    Fmr2 = 0x1E,
    /// Service word.
    Xsw = 0x20,
    /// Spare bits.
    Xsp = 0x21,
    /// Offset of the highway, transmit.
    Xc0 = 0x22,
    /// Its low part.
    Xc1 = 0x23,
    /// Offset of the highway, receive.
    Rc0 = 0x24,
    /// Its low part.
    Rc1 = 0x25,
    /// Shape of the pulse; two more follow.
    Xpm0 = 0x26,
    /// Its second part.
    Xpm1 = 0x27,
    /// Its third part, and the driver of the line.
    Xpm2 = 0x28,
    /// Transparent service word.
    Tswm = 0x29,
    /// Clock master.
    Lim0 = 0x36,
    /// Sensitivity.
    Lim1 = 0x37,
    /// Pulse periods without a pulse until the signal is lost.
    Pcd = 0x38,
    /// Pulses until it is back.
    Pcr = 0x39,
    /// Slicer, loop timing.
    Lim2 = 0x3A,
    /// Highway: clock, rate, buffers.
    Sic1 = 0x3E,
    /// Highway: phase.
    Sic2 = 0x3F,
    /// Highway: edges.
    Sic3 = 0x40,
    /// Sources of clocks.
    Cmr1 = 0x44,
    /// Transmit oscillator.
    Cmr2 = 0x45,
    /// Global configuration.
    Gcr = 0x46,
    /// Version.
    Vstr = 0x4A,
    /// Status of the framer.
    Frs0 = 0x4C,
    /// Causes of interrupts, cleared by reading.
    Isr2 = 0x6A,
    /// Output of the receive clock.
    Pc5 = 0x84,
    /// Function of pins.
    Gpc1 = 0x85,
    /// Function of pins.
    Pc6 = 0x86,
    /// Master clock; up to seven more follow.
    Gcm1 = 0x92,
    /// Which wafer.
    Wid = 0xEC,
}

/// Of [`Register::Cmdr`]: receiver and transmitter begin anew.
pub const RESETS: u8 = 0x50;
/// Of [`Register::Gcr`]: interrupts at both edges of a status.
pub const STATUS_EDGES: u8 = 0x40;
/// Of [`Register::Frs0`]: no signal.
pub const LOSS_OF_SIGNAL: u8 = 0x80;
/// Of [`Register::Frs0`]: all ones.
pub const ALARM_INDICATION: u8 = 0x40;
/// Of [`Register::Frs0`]: no frame alignment. Unverified.
pub const LOSS_OF_FRAME: u8 = 0x20;
/// Of [`Register::Frs0`]: the far end's alarm. Unverified.
pub const REMOTE_ALARM: u8 = 0x10;
/// Of [`Register::Isr2`] and its mask: loss of signal, and all ones.
pub const CARRIER_INTERRUPTS: u8 = 0x0C;
