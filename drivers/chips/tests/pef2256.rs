//! The framer's registers, as they stand after a start.

use chips::pef2256::{
    Clocking, Error, Framing, LineCode, MasterClock, Pef2256, Register, Registers, Settings, Status, Version,
};
use std::convert::Infallible;

/// Registers that keep what is written, and a list of what was done.
struct Kept {
    values: [u8; 256],
    written: Vec<(u8, u8)>,
}

impl Kept {
    fn new(version: u8, wafer: u8) -> Self {
        let mut values = [0; 256];
        values[0x4A] = version;
        values[0xEC] = wafer;
        Self { values, written: vec![] }
    }
}

impl Registers for Kept {
    type Error = Infallible;
    fn read(&mut self, address: u8) -> Result<u8, Infallible> {
        Ok(self.values[usize::from(address)])
    }
    fn write(&mut self, address: u8, value: u8) -> Result<(), Infallible> {
        self.values[usize::from(address)] = value;
        self.written.push((address, value));
        Ok(())
    }
}

const E1: Settings =
    Settings { clock: MasterClock::Mhz2_048, clocking: Clocking::Line, framing: Framing::Crc4, code: LineCode::Hdb3 };

fn started(version: u8, wafer: u8, settings: Settings) -> (Version, Kept) {
    let mut chip = Pef2256::new(Kept::new(version, wafer));
    let version = chip.start(settings).expect("a chip");
    (version, chip.release())
}

#[test]
fn a_line_timed_e1_with_crc4_and_hdb3() {
    let (version, kept) = started(0x05, 0x40, E1);
    assert_eq!(version, Version::V2_2);
    let at = |address: usize| kept.values[address];
    assert_eq!(kept.values[0x92..0x9A], [0x00, 0x18, 0xFB, 0x0B, 0x00, 0x2F, 0xDB, 0xDF]);
    assert_eq!((at(0x1C), at(0x1E)), (0xF0, 0x82), "HDB3 both ways, CRC-4 multiframe, automatic remote alarm");
    assert_eq!(at(0x1D) & 0x08, 0x08, "CRC-4 is sent");
    assert_eq!((at(0x44), at(0x3A) & 0x04, at(0x3E) & 0x03), (0x28, 0x04, 0x02), "by the line's clock");
    assert_eq!(at(0x36), 0x08, "no master; the bit that version 2 wants");
    assert_eq!((at(0x38), at(0x39)), (10, 21));
    assert_eq!(kept.values[0x14..0x1A], [0xFF, 0xFF, 0xF3, 0xFF, 0xFF, 0xFF], "only the carrier interrupts");
    assert_eq!(kept.written.last(), Some(&(0x02, 0x50)), "the reset is last");
}

#[test]
fn a_clock_master_without_crc4_on_the_first_version() {
    let settings = Settings { clocking: Clocking::Master, framing: Framing::DoubleFrame, code: LineCode::Ami, ..E1 };
    let (version, kept) = started(0x00, 0x03, Settings { clock: MasterClock::Mhz16_384, ..settings });
    assert_eq!(version, Version::V1_2);
    let at = |address: usize| kept.values[address];
    assert_eq!(kept.values[0x92..0x9A], [0x00, 0x58, 0xD2, 0xC2, 0x07, 0x10, 0, 0], "six registers");
    assert_eq!((at(0x36), at(0x37), at(0x26)), (0x01, 0x50, 0x7B));
    assert_eq!((at(0x1C), at(0x1D) & 0x08, at(0x1E)), (0xA0, 0, 0x02));
    assert_eq!((at(0x44), at(0x3A) & 0x04, at(0x20)), (0x20, 0, 0x1F));
}

#[test]
fn every_version_is_told_and_none_is_guessed() {
    let check = |version, wafer, expected| assert_eq!(started(version, wafer, E1).0, expected);
    check(0x00, 0x03, Version::V1_2);
    check(0x10, 0x00, Version::V2_1);
    check(0x05, 0x00, Version::V2_1);
    check(0x05, 0x40, Version::V2_2);
    for (version, wafer) in [(0xFF, 0xFF), (0x00, 0x00), (0x05, 0x80), (0x06, 0x40)] {
        let error = Pef2256::new(Kept::new(version, wafer)).start(E1).expect_err("unknown");
        assert_eq!(error, Error::Unknown { version, wafer });
        assert!(error.to_string().contains("no known PEF2256"), "{error}");
    }
}

/// A bus whose chip has lost its clock: it says who it is and keeps nothing.
struct Clockless;

impl Registers for Clockless {
    type Error = Infallible;
    fn read(&mut self, address: u8) -> Result<u8, Infallible> {
        Ok(if address == 0x4A { 0x10 } else { 0 })
    }
    fn write(&mut self, _: u8, _: u8) -> Result<(), Infallible> {
        Ok(())
    }
}

/// A bus that fails at one address.
struct Broken(u8);

impl Registers for Broken {
    type Error = &'static str;
    fn read(&mut self, address: u8) -> Result<u8, &'static str> {
        if address == self.0 { Err("no answer") } else { Ok(if address == 0x4A { 0x10 } else { 0x82 }) }
    }
    fn write(&mut self, address: u8, _: u8) -> Result<(), &'static str> {
        if address == self.0 { Err("no answer") } else { Ok(()) }
    }
}

#[test]
fn a_chip_without_a_clock_and_a_broken_bus_say_which_register() {
    let error = Pef2256::new(Clockless).start(E1).expect_err("no clock");
    assert_eq!(error, Error::Silent { register: Register::Fmr2 });
    for address in [0x4A, 0xEC, 0x92, 0x99, 0x1D, 0x46, 0x1E, 0x6A, 0x14, 0x19, 0x02] {
        let error = Pef2256::new(Broken(address)).start(E1).expect_err("broken");
        assert_eq!(error, Error::Bus { address, error: "no answer" });
    }
}

#[test]
fn the_carrier_is_told_from_the_verified_bits() {
    #[track_caller]
    fn check(bits: u8, loss: bool, indication: bool, frame_loss: bool, remote: bool) {
        let mut kept = Kept::new(0x10, 0);
        kept.values[0x4C] = bits;
        let status = Pef2256::new(kept).status().expect("a bus");
        assert_eq!(status, Status { loss, indication, frame_loss, remote });
        assert_eq!(status.carrier(), !loss && !indication);
    }
    check(0x00, false, false, false, false);
    check(0x80, true, false, false, false);
    check(0x40, false, true, false, false);
    check(0x30, false, false, true, true);
    let mut kept = Kept::new(0x10, 0);
    kept.values[0x6A] = 0x04;
    let mut chip = Pef2256::new(kept);
    assert_eq!(chip.acknowledge(), Ok(true));
}
