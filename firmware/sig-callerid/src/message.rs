//! Messages by FSK: SDMF and MDMF of GR-30, whose MDMF is also that of EN 300 659-3 and YD/T 1277.

use crate::{CallerId, Date, LONGEST_NAME, Name, Octets};
use base::Digits;
use ports::call::{Number, Presentation};

/// Message types (GR-30 §2.3; EN 300 659-3 §5.2).
const SDMF: u8 = 0x04;
const SDMF_WAITING: u8 = 0x06;
const MDMF: u8 = 0x80;
const MDMF_WAITING: u8 = 0x82;

/// Parameters of MDMF (EN 300 659-3 §5.3).
const DATE: u8 = 0x01;
const NUMBER: u8 = 0x02;
const NO_NUMBER: u8 = 0x04;
const NAME: u8 = 0x07;
const REDIRECTING: u8 = 0x1A;

/// What stands for a number that is not sent (GR-30; EN 300 659-3 §5.4.4).
const PRIVATE: u8 = b'P';
const UNAVAILABLE: u8 = b'O';

/// Why a message cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Its octets do not sum up to 0.
    Checksum,
    /// A parameter is longer than the message.
    Length,
}

/// Finds messages among the octets of a receiver, which come from noise and from the alternating bits in front too.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    octets: Octets,
}

impl Reader {
    /// A reader that has heard nothing.
    pub const fn new() -> Self {
        Self { octets: Octets::new() }
    }

    /// The next octet. A message of another service (waiting messages) is passed over.
    pub fn push_octet(&mut self, octet: u8) -> Option<Result<CallerId, Fault>> {
        // A message is whole before the room is full.
        let _ = self.octets.push(octet);
        self.scan()
    }

    /// The carrier is gone: what seemed to be the beginning of a long message may have been noise before a short one.
    pub fn finish(&mut self) -> Option<Result<CallerId, Fault>> {
        let mut told = None;
        while told.is_none() && !self.octets.is_empty() {
            self.drop_first(1);
            told = self.scan().filter(Result::is_ok);
        }
        self.octets.clear();
        told
    }

    fn scan(&mut self) -> Option<Result<CallerId, Fault>> {
        let mut fault = None;
        // Each turn shortens what is kept, by one octet at least.
        loop {
            self.drop_until_type();
            let whole = usize::from(*self.octets.get(1)?) + 3;
            if self.octets.len() < whole {
                return fault.map(Err);
            }
            match parse(&self.octets[..whole]) {
                Ok(caller) => {
                    self.octets.clear();
                    return caller.map(Ok);
                }
                // Perhaps it began later than it seemed.
                Err(found) => fault = fault.or(Some(found)),
            }
            self.drop_first(1);
        }
    }

    fn drop_until_type(&mut self) {
        let is_type = |octet: &u8| matches!(*octet, SDMF | SDMF_WAITING | MDMF | MDMF_WAITING);
        let noise = self.octets.iter().position(is_type).unwrap_or(self.octets.len());
        self.drop_first(noise);
    }

    fn drop_first(&mut self, count: usize) {
        self.octets.rotate_left(count);
        self.octets.truncate(self.octets.len() - count);
    }
}

/// A whole message: type, length, data, checksum.
fn parse(octets: &[u8]) -> Result<Option<CallerId>, Fault> {
    if octets.iter().fold(0_u8, |sum, octet| sum.wrapping_add(*octet)) != 0 {
        return Err(Fault::Checksum);
    }
    let [kind, _, data @ .., _] = octets else { return Err(Fault::Length) };
    match *kind {
        SDMF => Ok(Some(sdmf(data))),
        MDMF => mdmf(data).map(Some),
        _ => Ok(None),
    }
}

fn sdmf(data: &[u8]) -> CallerId {
    let (time, number) = data.split_at(data.len().min(8));
    let number = match number {
        [reason @ (PRIVATE | UNAVAILABLE)] => absent(*reason),
        number => shown(number),
    };
    CallerId { date: date(time), number, redirecting: None, name: None }
}

fn mdmf(mut data: &[u8]) -> Result<CallerId, Fault> {
    let mut caller = CallerId { number: absent(UNAVAILABLE), ..CallerId::default() };
    while let [kind, length, rest @ ..] = data {
        let (value, rest) = rest.split_at_checked(usize::from(*length)).ok_or(Fault::Length)?;
        match (*kind, value) {
            (DATE, time) => caller.date = date(time),
            (NUMBER, number) => caller.number = shown(number),
            (NO_NUMBER, [reason, ..]) => caller.number = absent(*reason),
            (REDIRECTING, number) => caller.redirecting = Some(shown(number)),
            (NAME, name) => caller.name = Name::from_slice(&name[..name.len().min(LONGEST_NAME)]).ok(),
            // Other services, or another country's.
            _ => {}
        }
        data = rest;
    }
    if data.is_empty() { Ok(caller) } else { Err(Fault::Length) }
}

/// The digits, without what is there for the eye.
fn shown(octets: &[u8]) -> Number {
    let mut digits = Digits::new();
    for &octet in octets {
        let _for_the_eye = digits.push(char::from(octet));
    }
    Number::unknown(digits)
}

fn absent(reason: u8) -> Number {
    let presentation = if reason == PRIVATE { Presentation::Restricted } else { Presentation::Unavailable };
    Number { presentation, ..Number::default() }
}

/// `MMDDhhmm`.
fn date(octets: &[u8]) -> Option<Date> {
    let pair = |at: usize| match octets.get(at..at + 2)? {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Some((tens - b'0') * 10 + ones - b'0'),
        _ => None,
    };
    let date = Date { month: pair(0)?, day: pair(2)?, hour: pair(4)?, minute: pair(6)? };
    let is_one = (1..=12).contains(&date.month) && (1..=31).contains(&date.day) && date.hour < 24 && date.minute < 60;
    is_one.then_some(date)
}

/// The caller as an MDMF message, checksum included.
pub fn encode_mdmf(caller: &CallerId) -> Octets {
    let mut data = Octets::new();
    if let Some(Date { month, day, hour, minute }) = caller.date {
        let [month, day, hour, minute] =
            [month, day, hour, minute].map(|value| [b'0' + value / 10 % 10, b'0' + value % 10]);
        parameter(&mut data, DATE, [month, day, hour, minute].as_flattened());
    }
    match (caller.number.presentation, caller.number.digits.as_str()) {
        (Presentation::Restricted, _) => parameter(&mut data, NO_NUMBER, &[PRIVATE]),
        (Presentation::Unavailable, _) | (Presentation::Allowed, "") => parameter(&mut data, NO_NUMBER, &[UNAVAILABLE]),
        (Presentation::Allowed, digits) => parameter(&mut data, NUMBER, digits.as_bytes()),
    }
    if let Some(Number { digits, presentation: Presentation::Allowed, .. }) = caller.redirecting {
        parameter(&mut data, REDIRECTING, digits.as_str().as_bytes());
    }
    if let Some(name) = &caller.name {
        parameter(&mut data, NAME, name);
    }
    let mut message = Octets::new();
    // Date, two numbers and a name are less than half of the room.
    let _ = message.extend_from_slice(&[MDMF, data.len() as u8]);
    let _ = message.extend_from_slice(&data);
    let sum = message.iter().fold(0_u8, |sum, octet| sum.wrapping_add(*octet));
    let _ = message.push(sum.wrapping_neg());
    message
}

fn parameter(data: &mut Octets, kind: u8, value: &[u8]) {
    let _ = data.extend_from_slice(&[kind, value.len() as u8]);
    let _ = data.extend_from_slice(value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MAX_MESSAGE;
    use proptest::prelude::*;
    extern crate std;
    use std::vec::Vec;

    const NEW_YEAR: Date = Date { month: 1, day: 5, hour: 14, minute: 30 };

    fn read(octets: &[u8]) -> Vec<Result<CallerId, Fault>> {
        let mut reader = Reader::new();
        let mut told: Vec<_> = octets.iter().filter_map(|octet| reader.push_octet(*octet)).collect();
        told.extend(reader.finish());
        told
    }

    fn caller(number: &str) -> CallerId {
        let number = Number::unknown(number.parse().unwrap());
        CallerId { date: Some(NEW_YEAR), number, redirecting: None, name: None }
    }

    const VECTOR_MDMF: &[u8] = b"\x80\x17\x01\x0801051430\x02\x0B13800138000\x9D";
    const VECTOR_SDMF: &[u8] = b"\x04\x100105143062345678\xB5";

    #[test]
    fn messages_are_read_and_made_octet_by_octet() {
        assert_eq!(read(VECTOR_MDMF), [Ok(caller("13800138000"))]);
        assert_eq!(encode_mdmf(&caller("13800138000")), VECTOR_MDMF);
        assert_eq!(read(VECTOR_SDMF), [Ok(caller("62345678"))]);
    }

    #[test]
    fn a_message_is_found_behind_noise_that_looks_like_one() {
        for noise in [&[0x55; 30][..], &[0x04, 0x02, 0x55], &[0x80, 0x03], &[0x82, 0x00, 0x55, 0x80]] {
            let told = read(&[noise, VECTOR_MDMF, VECTOR_SDMF].concat());
            let good: Vec<_> = told.iter().flatten().cloned().collect();
            assert!(good.contains(&caller("13800138000")), "{noise:?}: {told:?}");
        }
    }

    #[test]
    fn a_changed_bit_is_noticed_wherever_it_is() {
        for bit in 0..VECTOR_MDMF.len() * 8 {
            let mut octets = VECTOR_MDMF.to_vec();
            octets[bit / 8] ^= 1 << (bit % 8);
            assert!(read(&octets).iter().all(Result::is_err), "bit {bit}");
        }
    }

    #[test]
    fn a_number_that_is_not_sent_says_why() {
        let check = |octets: &[u8], presentation| {
            let told = read(octets);
            let [Ok(caller)] = &told[..] else { panic!("{told:?}") };
            assert_eq!((caller.number.presentation, caller.number.digits.len()), (presentation, 0));
        };
        check(b"\x04\x0901051430P\x15", Presentation::Restricted);
        check(b"\x04\x0901051430O\x16", Presentation::Unavailable);
        check(&encode_mdmf(&CallerId { number: absent(PRIVATE), ..CallerId::default() }), Presentation::Restricted);
        check(&encode_mdmf(&CallerId::default()), Presentation::Unavailable);
    }

    proptest! {
        #[test]
        fn what_is_sent_is_what_is_read(
            number in "[0-9*#+]{1,20}",
            redirecting in proptest::option::of("[0-9]{1,20}"),
            name in proptest::option::of(prop::collection::vec(any::<u8>(), 1..50)),
        ) {
            let redirecting = redirecting.map(|digits| Number::unknown(digits.parse().unwrap()));
            let name = name.map(|name| Name::from_slice(&name).unwrap());
            let sent = CallerId { redirecting, name, ..caller(&number) };
            prop_assert_eq!(read(&encode_mdmf(&sent)), [Ok(sent)]);
        }

        #[test]
        fn any_octets_are_survived_and_a_message_after_them_is_found(noise in prop::collection::vec(any::<u8>(), 0..600)) {
            // Silence lies between: the receiver says so, and the reader begins anew.
            let _ = read(&noise);
            let mut reader = Reader::new();
            for octet in noise {
                let _ = reader.push_octet(octet);
                prop_assert!(reader.octets.len() < MAX_MESSAGE);
            }
        }
    }
}
