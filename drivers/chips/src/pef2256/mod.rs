//! PEF2256 (FALC56): framer and line interface of one E1.
//!
//! **How to drive it.** [`Pef2256::start`] identifies the chip and sets it up; then [`status`](Pef2256::status) tells whether there is a carrier, when
//! the interrupt falls or each 100 ms. The timeslots come and go on the TDM highway, 32 of 8 bits each 125 µs.
//!
//! **Left out.** T1; the chip's own HDLC and its registers of the CAS multiframe, which are unverified: both are done in software over slot 16.
//! Error counters, unverified as well.

mod registers;

pub use registers::*;

/// How a board reaches registers of 8 bits at addresses of 8 bits.
pub trait Registers {
    /// What can go wrong.
    type Error: core::fmt::Debug;
    /// Reads one.
    fn read(&mut self, address: u8) -> Result<u8, Self::Error>;
    /// Writes one.
    fn write(&mut self, address: u8, value: u8) -> Result<(), Self::Error>;
}

/// What the chip calls itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 1.2.
    V1_2,
    /// 2.1.
    V2_1,
    /// 2.2.
    V2_2,
}

/// Frequency of the master clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MasterClock {
    /// 2.048 MHz.
    Mhz2_048,
    /// 8.192 MHz.
    Mhz8_192,
    /// 16.384 MHz.
    Mhz16_384,
}

/// Whose clock the line runs by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clocking {
    /// The board's: we are the time source.
    Master,
    /// The one recovered from the line.
    Line,
}

/// Frames of the line (G.704).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Double frame, without a check.
    DoubleFrame,
    /// CRC-4 multiframe.
    Crc4,
}

/// Code of the line (G.703).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineCode {
    /// HDB3, the usual one.
    Hdb3,
    /// AMI.
    Ami,
}

/// All that differs between boards and lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The board's oscillator.
    pub clock: MasterClock,
    /// Master or line.
    pub clocking: Clocking,
    /// Frames.
    pub framing: Framing,
    /// Code.
    pub code: LineCode,
}

/// Why a chip does not start, or tells nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error<E> {
    /// A transfer failed.
    Bus {
        /// At which address.
        address: u8,
        /// What the bus says.
        error: E,
    },
    /// No PEF2256 that is known: what its version registers read.
    Unknown {
        /// Register 4A.
        version: u8,
        /// Register EC.
        wafer: u8,
    },
    /// A register did not keep what was written: no chip, or no clock.
    Silent {
        /// Which.
        register: Register,
    },
}

impl<E: core::fmt::Debug> core::fmt::Display for Error<E> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Bus { address, error } => write!(f, "PEF2256 register {address:02X}: {error:?}"),
            Self::Unknown { version, wafer } => {
                write!(
                    f,
                    "no known PEF2256: version {version:02X}, wafer {wafer:02X}; is the board file's framer right?"
                )
            }
            Self::Silent { register } => {
                write!(f, "PEF2256 does not keep register {register:?}: check chip select and master clock")
            }
        }
    }
}

impl<E: core::fmt::Debug> core::error::Error for Error<E> {}

/// What the line looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// No signal.
    pub loss: bool,
    /// All ones.
    pub indication: bool,
    /// No frame alignment: told, not relied upon (unverified).
    pub frame_loss: bool,
    /// The far end sees an alarm: told, not relied upon (unverified).
    pub remote: bool,
}

impl Status {
    /// Calls can be carried, as far as the verified bits tell.
    pub const fn carrier(&self) -> bool {
        !self.loss && !self.indication
    }
}

/// Master clock, eight registers of version 2.
const GCM_V2: [(MasterClock, [u8; 8]); 3] = [
    (MasterClock::Mhz2_048, [0x00, 0x18, 0xFB, 0x0B, 0x00, 0x2F, 0xDB, 0xDF]),
    (MasterClock::Mhz8_192, [0x00, 0x18, 0xFB, 0x0B, 0x00, 0x0B, 0xDB, 0xDF]),
    (MasterClock::Mhz16_384, [0x00, 0x18, 0xFB, 0x0B, 0x01, 0x0B, 0xDB, 0xDF]),
];
/// Master clock, six registers of version 1.2.
const GCM_V1_2: [(MasterClock, [u8; 6]); 3] = [
    (MasterClock::Mhz2_048, [0x00, 0x58, 0xD2, 0xC2, 0x00, 0x10]),
    (MasterClock::Mhz8_192, [0x00, 0x58, 0xD2, 0xC2, 0x03, 0x10]),
    (MasterClock::Mhz16_384, [0x00, 0x58, 0xD2, 0xC2, 0x07, 0x10]),
];

/// One chip.
#[derive(Debug)]
pub struct Pef2256<B> {
    bus: B,
}

impl<B: Registers> Pef2256<B> {
    /// The chip behind these registers.
    pub const fn new(bus: B) -> Self {
        Self { bus }
    }

    /// Gives the bus back.
    pub fn release(self) -> B {
        self.bus
    }

    /// Sets up a chip from any state. The line is up a few frames later.
    pub fn start(&mut self, settings: Settings) -> Result<Version, Error<B::Error>> {
        let version = self.identify()?;
        self.master_clock(version, settings.clock)?;
        for (register, value) in program(version, settings) {
            self.write(register, value)?;
        }
        // The last of the line's registers that can be read back.
        let written = frame_mode_2(settings.framing);
        if self.read(Register::Fmr2)? != written {
            return Err(Error::Silent { register: Register::Fmr2 });
        }
        self.read(Register::Isr2)?;
        for n in 0..6 {
            let open = if n == 2 { CARRIER_INTERRUPTS } else { 0 };
            self.write_at(Register::Imr0 as u8 + n, !open)?;
        }
        self.write(Register::Cmdr, RESETS)?;
        Ok(version)
    }

    /// The line now.
    pub fn status(&mut self) -> Result<Status, Error<B::Error>> {
        let bits = self.read(Register::Frs0)?;
        Ok(Status {
            loss: bits & LOSS_OF_SIGNAL != 0,
            indication: bits & ALARM_INDICATION != 0,
            frame_loss: bits & LOSS_OF_FRAME != 0,
            remote: bits & REMOTE_ALARM != 0,
        })
    }

    /// Takes the interrupt back; true where the carrier came or went.
    pub fn acknowledge(&mut self) -> Result<bool, Error<B::Error>> {
        Ok(self.read(Register::Isr2)? & CARRIER_INTERRUPTS != 0)
    }

    fn identify(&mut self) -> Result<Version, Error<B::Error>> {
        let (version, wafer) = (self.read(Register::Vstr)?, self.read(Register::Wid)?);
        match (version, wafer) {
            (0x00, wafer) if wafer & 0x03 == 0x03 => Ok(Version::V1_2),
            (0x10, _) => Ok(Version::V2_1),
            (0x05, wafer) if wafer & 0xC0 == 0x00 => Ok(Version::V2_1),
            (0x05, wafer) if wafer & 0xC0 == 0x40 => Ok(Version::V2_2),
            (version, wafer) => Err(Error::Unknown { version, wafer }),
        }
    }

    fn master_clock(&mut self, version: Version, clock: MasterClock) -> Result<(), Error<B::Error>> {
        let six = GCM_V1_2.iter().find(|row| row.0 == clock).map(|row| &row.1[..]);
        let eight = GCM_V2.iter().find(|row| row.0 == clock).map(|row| &row.1[..]);
        let values = if version == Version::V1_2 { six } else { eight };
        for (n, &value) in (0..).zip(values.unwrap_or_default()) {
            self.write_at(Register::Gcm1 as u8 + n, value)?;
        }
        Ok(())
    }

    fn read(&mut self, register: Register) -> Result<u8, Error<B::Error>> {
        let address = register as u8;
        self.bus.read(address).map_err(|error| Error::Bus { address, error })
    }

    fn write(&mut self, register: Register, value: u8) -> Result<(), Error<B::Error>> {
        self.write_at(register as u8, value)
    }

    fn write_at(&mut self, address: u8, value: u8) -> Result<(), Error<B::Error>> {
        self.bus.write(address, value).map_err(|error| Error::Bus { address, error })
    }
}

const fn frame_mode_2(framing: Framing) -> u8 {
    // Automatic remote alarm in both.
    match framing {
        Framing::DoubleFrame => 0x02,
        Framing::Crc4 => 0x82,
    }
}

/// All registers between the master clock and the interrupts, in the order in which the chip wants them. 2.048 Mbit/s on the highway.
fn program(version: Version, settings: Settings) -> [(Register, u8); 30] {
    let old = version == Version::V1_2;
    let by_line = settings.clocking == Clocking::Line;
    let choose = |first: bool, yes: u8, no: u8| if first { yes } else { no };
    let code = match settings.code {
        LineCode::Hdb3 => 0xF0,
        LineCode::Ami => 0xA0,
    };
    let crc4 = settings.framing == Framing::Crc4;
    [
        // E1, no interrupts' edges yet.
        (Register::Fmr1, 0x00),
        (Register::Gcr, 0x00),
        // Clocks: the recovered 2.048 MHz, not switched away from the line where we run by it.
        (Register::Cmr1, choose(by_line, 0x28, 0x20)),
        (Register::Cmr2, 0x20),
        // The line.
        (Register::Lim0, choose(old, 0x00, 0x08) | choose(by_line, 0x00, 0x01)),
        (Register::Lim1, choose(old, 0x50, 0x40)),
        (Register::Lim2, 0x20 | choose(by_line, 0x04, 0x00)),
        (Register::Xpm0, choose(old, 0x7B, 0x9C)),
        (Register::Xpm1, 0x03),
        (Register::Xpm2, 0x00),
        (Register::Fmr0, code),
        (Register::Fmr2, frame_mode_2(settings.framing)),
        // Pins: synchronisation in, frame pulse out; the receive clock is an output.
        (Register::Gpc1, 0x40),
        (Register::Pc5, 0x01),
        (Register::Pc6, 0x00),
        // The signal is lost after 176 periods without a pulse, and back after 22 pulses.
        (Register::Pcd, 10),
        (Register::Pcr, 21),
        // The highway: 2.048 MHz, receive buffer of two frames; transmit likewise by the line's clock, else none.
        (Register::Sic1, choose(by_line, 0x02, 0x00)),
        (Register::Sic2, 0x00),
        (Register::Sic3, 0x00),
        (Register::Xc0, 0x00),
        (Register::Xc1, 0x04),
        (Register::Rc0, 0x00),
        (Register::Rc1, 0x04),
        // The service word: Y bits one.
        (Register::Xsw, 0x1F | choose(by_line, 0x40, 0x00)),
        (Register::Xsp, choose(crc4, 0x00, 0x04)),
        (Register::Tswm, 0x00),
        // Counters latched each second, CRC-4 sent where it is wanted.
        (Register::Fmr1, 0x04 | choose(crc4, 0x08, 0x00)),
        (Register::Gcr, STATUS_EDGES),
        (Register::Imr0, 0xFF),
    ]
}
