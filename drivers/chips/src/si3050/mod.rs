//! Si3050 with its line side Si3018 or Si3019: the telephone's side of one analog line.
//!
//! **How to drive it.** One [`Si3050`] a chip, alone on its chip select. [`Startup`] brings it up in steps between which the board does other things; then
//! [`read`](Si3050::read) each 4 to 16 ms tells what the exchange does to the pair, and [`set_hook`](Si3050::set_hook) does what the telephone does.
//! Audio comes and goes on the PCM highway, in the slot that the start-up was given.
//!
//! **Left out.** Interrupts, the digital hybrid and gains, pulse metering; chips that share a chip select in a chain. The chip's own estimate of
//! the loop current at 1.1 mA a step (register 28) is unverified and not read.

mod country;
mod registers;
mod startup;

pub use country::{COUNTRIES, LineSettings};
pub use registers::*;
pub use startup::{Startup, StartupState};

use embedded_hal::spi::SpiDevice;

/// A transfer failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BusError<E> {
    /// Of which register.
    pub register: Register,
    /// What the bus says.
    pub error: E,
}

impl<E: core::fmt::Debug> core::fmt::Display for BusError<E> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Si3050 register {} ({:?}): {:?}", self.register as u8, self.register, self.error)
    }
}

impl<E: core::fmt::Debug> core::error::Error for BusError<E> {}

/// The loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hook {
    /// Open; the line is listened to for caller ids.
    On,
    /// Closed.
    Off,
}

/// Law of the octets on the PCM highway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// G.711 A-law.
    A,
    /// G.711 µ-law.
    Mu,
}

/// What the line looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// A ring that the chip's validation took for one.
    pub ringing: bool,
    /// Between the wires, negative where they are exchanged; to 10 %.
    pub volts: i8,
    /// Through the closed loop, in steps of 3.3 mA.
    pub milliamperes: u8,
    /// The line side answers.
    pub locked: bool,
}

impl Reading {
    /// Below this a line is not fed: 3 V.
    pub const FED_VOLTS: u8 = 3;

    /// The exchange feeds the line.
    pub const fn battery(&self) -> bool {
        self.volts.unsigned_abs() >= Self::FED_VOLTS
    }

    /// With the wires exchanged.
    pub const fn reversed(&self) -> bool {
        self.battery() && self.volts < 0
    }
}

/// One chip.
#[derive(Debug)]
pub struct Si3050<SPI> {
    spi: SPI,
}

impl<SPI: SpiDevice> Si3050<SPI> {
    /// The chip behind this chip select.
    pub const fn new(spi: SPI) -> Self {
        Self { spi }
    }

    /// Gives the bus back.
    pub fn release(self) -> SPI {
        self.spi
    }

    /// Writes a register: three octets, the chip select lifted after each.
    pub fn write(&mut self, register: Register, value: u8) -> Result<(), BusError<SPI::Error>> {
        for octet in [WRITE, register as u8, value] {
            self.spi.write(&[octet]).map_err(|error| BusError { register, error })?;
        }
        Ok(())
    }

    /// Reads a register.
    pub fn read_register(&mut self, register: Register) -> Result<u8, BusError<SPI::Error>> {
        for octet in [READ, register as u8] {
            self.spi.write(&[octet]).map_err(|error| BusError { register, error })?;
        }
        let mut value = [0];
        self.spi.read(&mut value).map_err(|error| BusError { register, error })?;
        Ok(value[0])
    }

    /// Opens or closes the loop.
    pub fn set_hook(&mut self, hook: Hook) -> Result<(), BusError<SPI::Error>> {
        let bits = match hook {
            Hook::On => ON_HOOK_MONITOR,
            Hook::Off => ON_HOOK_MONITOR | OFF_HOOK,
        };
        self.write(Register::DaaControl1, bits)
    }

    /// What the exchange does to the pair now.
    pub fn read(&mut self) -> Result<Reading, BusError<SPI::Error>> {
        let control = self.read_register(Register::DaaControl1)?;
        let status = self.read_register(Register::LineStatus)?;
        let volts = self.read_register(Register::LineVoltage)?;
        Ok(Reading {
            ringing: control & RING != 0,
            volts: volts.cast_signed(),
            // 31 steps are 102 mA.
            milliamperes: ((status & LOOP_CURRENT) as u16 * 33 / 10) as u8,
            locked: status & FRAME_LOCK != 0,
        })
    }

    /// The hook as the chip has it: a chip that lost its power for a moment is on hook, and not monitoring.
    pub fn hook(&mut self) -> Result<Option<Hook>, BusError<SPI::Error>> {
        let control = self.read_register(Register::DaaControl1)?;
        Ok(match control & (ON_HOOK_MONITOR | OFF_HOOK) {
            ON_HOOK_MONITOR => Some(Hook::On),
            bits if bits == ON_HOOK_MONITOR | OFF_HOOK => Some(Hook::Off),
            _ => None,
        })
    }

    fn configure(&mut self, law: Law, slot: u8, line: LineSettings) -> Result<(), BusError<SPI::Error>> {
        let bit = |on: bool, place: u8| u8::from(on) << place;
        self.write(Register::International1, bit(line.ohs, 6) | bit(line.rz, 1) | bit(line.rt, 0))?;
        self.write(Register::DcTermination, line.dcv << 6 | line.mini << 4 | bit(line.ilim, 1))?;
        self.write(Register::AcTermination, line.acim)?;
        self.write(Register::DaaControl5, DAA_CONTROL_5 | bit(line.ohs2, 3))?;
        self.write(Register::RingValidation1, RING_VALIDATION_DEFAULT)?;
        self.write(Register::RingValidation3, RING_VALIDATION_ON)?;
        let [low, high] = (u16::from(slot) * 8).to_le_bytes();
        self.write(Register::TransmitStartLow, low)?;
        self.write(Register::TransmitStartHigh, high)?;
        self.write(Register::ReceiveStartLow, low)?;
        self.write(Register::ReceiveStartHigh, high)?;
        self.write(
            Register::PcmMode,
            match law {
                Law::A => PCM_A_LAW,
                Law::Mu => PCM_MU_LAW,
            },
        )
    }
}
