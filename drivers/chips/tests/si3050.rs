//! Each octet on the bus, in order.

use base::Instant;
use chips::si3050::{Hook, Law, LineSettings, Reading, Register, Si3050, Startup, StartupState};
use embedded_hal::spi::ErrorKind;
use embedded_hal_mock::eh1::spi::{Mock, Transaction};

/// The chip select falls and rises round each octet.
fn octet(octet: u8) -> Vec<Transaction<u8>> {
    vec![Transaction::transaction_start(), Transaction::write_vec(vec![octet]), Transaction::transaction_end()]
}

fn writes(register: u8, value: u8) -> Vec<Transaction<u8>> {
    [0x20, register, value].into_iter().flat_map(octet).collect()
}

fn reads(register: u8, value: u8) -> Vec<Transaction<u8>> {
    let mut all: Vec<_> = [0x60, register].into_iter().flat_map(octet).collect();
    all.extend([Transaction::transaction_start(), Transaction::read_vec(vec![value]), Transaction::transaction_end()]);
    all
}

fn bus(parts: Vec<Vec<Transaction<u8>>>) -> Si3050<Mock<u8>> {
    Si3050::new(Mock::new(&parts.concat()))
}

fn ends(chip: Si3050<Mock<u8>>) {
    chip.release().done();
}

/// What a Chinese line in slot 3 is set to.
fn china() -> Vec<Vec<Transaction<u8>>> {
    vec![
        writes(16, 0x00),
        writes(26, 0x30),
        writes(30, 0x0F),
        writes(31, 0xA3),
        writes(22, 0x96),
        writes(24, 0x99),
        writes(34, 24),
        writes(35, 0),
        writes(36, 24),
        writes(37, 0),
        writes(33, 0x20),
    ]
}

fn startup() -> Startup {
    Startup::new(Law::A, 3, LineSettings::of(*b"cn").expect("China"))
}

#[test]
fn a_chip_comes_up_on_hook_and_listening() {
    let mut parts = vec![writes(1, 0x80)];
    parts.extend(china());
    parts.extend([reads(30, 0x0F), reads(24, 0x99), writes(6, 0), reads(11, 0x01), reads(11, 0x31), writes(5, 0x08)]);
    let mut chip = bus(parts);
    let mut startup = startup();
    let at = Instant::from_millis;
    assert_eq!(startup.advance(at(0), &mut chip), Ok(StartupState::Waits(at(10))));
    // Asked too early it does nothing.
    assert_eq!(startup.advance(at(9), &mut chip), Ok(StartupState::Waits(at(10))));
    assert_eq!(startup.advance(at(10), &mut chip), Ok(StartupState::Waits(at(20))));
    assert_eq!(startup.advance(at(20), &mut chip), Ok(StartupState::Waits(at(30))));
    assert_eq!(startup.advance(at(30), &mut chip), Ok(StartupState::Up));
    assert_eq!(startup.advance(at(40), &mut chip), Ok(StartupState::Up));
    ends(chip);
}

#[test]
fn a_bus_without_a_chip_is_told_from_a_chip_without_its_line_side() {
    let mut parts = vec![writes(1, 0x80)];
    parts.extend(china());
    parts.push(reads(30, 0xFF));
    let mut chip = bus(parts);
    let mut first = startup();
    let at = Instant::from_millis;
    let _ = first.advance(at(0), &mut chip);
    assert_eq!(first.advance(at(10), &mut chip), Ok(StartupState::ChipSilent));
    ends(chip);

    let mut parts = vec![writes(1, 0x80)];
    parts.extend(china());
    parts.extend([reads(30, 0x0F), reads(24, 0x99), writes(6, 0)]);
    parts.extend((0..200).map(|_| reads(11, 0x05)));
    let mut chip = bus(parts);
    let mut second = startup();
    let mut state = second.advance(at(0), &mut chip);
    while let Ok(StartupState::Waits(due)) = state {
        state = second.advance(due, &mut chip);
    }
    assert_eq!(state, Ok(StartupState::LineSideSilent));
    ends(chip);
}

#[test]
fn the_british_line_has_each_of_its_bits() {
    let mut parts = vec![writes(1, 0x80), writes(16, 0x00), writes(26, 0xC2), writes(30, 0x05), writes(31, 0xAB)];
    parts.extend([
        writes(22, 0x96),
        writes(24, 0x99),
        writes(34, 0xF8),
        writes(35, 0x07),
        writes(36, 0xF8),
        writes(37, 0x07),
    ]);
    parts.extend([writes(33, 0x28), reads(30, 0x05), reads(24, 0x99), writes(6, 0)]);
    let mut chip = bus(parts);
    let mut startup = Startup::new(Law::Mu, 255, LineSettings::of(*b"gb").expect("Great Britain"));
    let _ = startup.advance(Instant::ZERO, &mut chip);
    let _ = startup.advance(Instant::from_millis(10), &mut chip);
    ends(chip);
}

#[test]
fn the_pair_is_read_as_the_exchange_has_it() {
    #[track_caller]
    fn check(control: u8, status: u8, volts: u8, expected: Reading, battery: bool, reversed: bool) {
        let mut chip = bus(vec![reads(5, control), reads(12, status), reads(29, volts)]);
        let reading = chip.read().expect("a bus");
        assert_eq!((reading, reading.battery(), reading.reversed()), (expected, battery, reversed));
        ends(chip);
    }
    let locked = |ringing, volts, milliamperes| Reading { ringing, volts, milliamperes, locked: true };
    check(0x08, 0x40, 48, locked(false, 48, 0), true, false);
    check(0x0C, 0x40, 48, locked(true, 48, 0), true, false);
    check(0x09, 0x40 | 6, 7, locked(false, 7, 19), true, false);
    check(0x09, 0x40 | 31, 0xF8, locked(false, -8, 102), true, true);
    check(0x08, 0x40, 2, locked(false, 2, 0), false, false);
    check(0x08, 0x40, 3, locked(false, 3, 0), true, false);
    check(0x08, 0x00, 0, Reading { locked: false, ..locked(false, 0, 0) }, false, false);
}

#[test]
fn the_hook_is_set_and_read_back() {
    let mut chip = bus(vec![writes(5, 0x09), reads(5, 0x29), writes(5, 0x08), reads(5, 0x0C), reads(5, 0x00)]);
    chip.set_hook(Hook::Off).expect("a bus");
    assert_eq!(chip.hook(), Ok(Some(Hook::Off)));
    chip.set_hook(Hook::On).expect("a bus");
    assert_eq!(chip.hook(), Ok(Some(Hook::On)));
    assert_eq!(chip.hook(), Ok(None));
    ends(chip);
}

/// A bus on which nothing is transferred.
struct Dead;

impl embedded_hal::spi::ErrorType for Dead {
    type Error = ErrorKind;
}

impl embedded_hal::spi::SpiDevice for Dead {
    fn transaction(&mut self, _: &mut [embedded_hal::spi::Operation<'_, u8>]) -> Result<(), ErrorKind> {
        Err(ErrorKind::Other)
    }
}

#[test]
fn a_failed_transfer_names_its_register() {
    let mut chip = Si3050::new(Dead);
    let error = chip.read().expect_err("a dead bus");
    assert_eq!(error.register, Register::DaaControl1);
    assert_eq!(error.to_string(), "Si3050 register 5 (DaaControl1): Other");
    assert!(startup().advance(Instant::ZERO, &mut chip).is_err());
}
