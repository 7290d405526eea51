//! Caller ids both ways between the box's senders and receivers and spandsp's, which is told which standard it hears; ours are not.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
use dsp_fsk::{BLOCK, FskBank, FskEvent, FskSender, Modulation};
use dsp_tone::{DigitSender, DtmfBank, DtmfEvent, Profile, SendProfile};
use interop::{peer_program, said_of};
use ports::call::{Number, Presentation};
use sig_callerid::{CallerId, Date, DtmfReader, DtmfVariant, Name, Reader, encode_dtmf, encode_mdmf};
use std::process::Command;

const DATE: Date = Date { month: 1, day: 5, hour: 14, minute: 30 };

fn shown(digits: &str) -> Number {
    Number::unknown(digits.parse().unwrap())
}

fn caller(digits: &str) -> CallerId {
    CallerId { date: Some(DATE), number: shown(digits), ..CallerId::default() }
}

#[test]
fn spandsp_reads_our_messages_in_both_modulations() {
    let name = Some(Name::from_slice(b"Li Lei").unwrap());
    let redirecting = Some(shown("62345678"));
    let sent = CallerId { name, redirecting, ..caller("13800138000") };
    let hidden =
        CallerId { number: Number { presentation: Presentation::Restricted, ..Number::default() }, ..caller("1") };
    for (modulation, standard) in [(Modulation::Bell202, "class"), (Modulation::V23, "clip")] {
        // On-hook after a ring, and off-hook in a call.
        for (seizure, mark) in [(300, 180), (0, 80)] {
            let read = |caller| spandsp_reads(standard, &modulated(modulation, seizure, mark, caller));
            let fields = ["message 128", "1 01051430", "2 13800138000", "26 62345678", "7 Li Lei"];
            assert_eq!(read(&sent), fields, "{modulation:?}, {seizure} bits of seizure");
            assert_eq!(read(&hidden), ["message 128", "1 01051430", "4 P"], "{modulation:?}");
        }
    }
}

#[test]
fn spandsp_reads_our_digits() {
    let digits = encode_dtmf(DtmfVariant::AThenC, &shown("13800138000"));
    let mut sender = DigitSender::new(digits, SendProfile::new(70, 70));
    let mut samples = vec![0; 800];
    while !sender.is_over() {
        let mut block = [0; BLOCK];
        sender.fill(&mut block);
        samples.extend(block);
    }
    samples.extend([0; 4000]);
    assert_eq!(spandsp_reads("dtmf", &samples), ["message 67", "65 13800138000"]);
}

#[test]
fn we_read_spandsps_messages_without_being_told_the_standard() {
    let number = |number: &str, date| CallerId { number: shown(number), date, ..CallerId::default() };
    let multiple: &[&str] = &["128", "1", "01051430", "2", "13800138000", "7", "Li Lei"];
    for standard in ["class", "clip"] {
        let told = read(&spandsp_sends(standard, multiple));
        let name = Some(Name::from_slice(b"Li Lei").unwrap());
        assert_eq!(told, [CallerId { name, ..caller("13800138000") }], "{standard}");
        let told = read(&spandsp_sends(standard, &["128", "1", "01051430", "4", "P"]));
        assert_eq!((told.len(), told[0].number.presentation), (1, Presentation::Restricted), "{standard}");
    }
    let told = read(&spandsp_sends("class", &["4", "0", "0105143062345678"]));
    assert_eq!(told, [number("62345678", Some(DATE))]);
    // Ended by a hash and by a C.
    for (end, from) in [("0x23", "65"), ("0x43", "65")] {
        assert_eq!(read(&spandsp_sends("dtmf", &[end, from, "13800138000"])), [number("13800138000", None)], "{end}");
    }
}

/// A caller as our sender puts it on the line.
fn modulated(modulation: Modulation, seizure: u16, mark: u16, caller: &CallerId) -> Vec<i16> {
    let mut sender = FskSender::new(modulation, seizure, mark, &encode_mdmf(caller));
    let mut samples = vec![0; 800];
    while !sender.is_over() {
        let mut block = [0; BLOCK];
        sender.fill(&mut block);
        samples.extend(block);
    }
    samples.extend([0; 800]);
    samples
}

/// What our receivers and readers make of a line, all of them at once.
fn read(samples: &[i16]) -> Vec<CallerId> {
    let (mut fsk, mut dtmf) = (FskBank::<1>::new(), DtmfBank::<1>::new(Profile::ATT));
    fsk.listen(0, true);
    let (mut messages, mut digits, mut told) = (Reader::new(), DtmfReader::new(), Vec::new());
    for block in samples.as_chunks::<BLOCK>().0 {
        fsk.process(&[Some(block)], |_, event| match event {
            FskEvent::Carrier => {}
            FskEvent::Octet(octet) => told.extend(messages.push_octet(octet).map(Result::unwrap)),
            FskEvent::Lost => told.extend(messages.finish().map(Result::unwrap)),
        });
        dtmf.process(&[Some(block)], |_, event| {
            if let DtmfEvent::Began(digit) = event {
                told.extend(digits.push(digit));
            }
        });
    }
    told
}

/// spandsp's message of this standard, type and fields, as samples.
fn spandsp_sends(standard: &str, message: &[&str]) -> Vec<i16> {
    let sent = Command::new(peer_program("callerid_peer")).args(["send", standard]).args(message).output().unwrap();
    assert!(sent.status.success(), "{standard} {message:?}: {}", String::from_utf8_lossy(&sent.stderr));
    sent.stdout.as_chunks().0.iter().map(|pair| i16::from_le_bytes(*pair)).collect()
}

/// The fields that spandsp finds.
fn spandsp_reads(standard: &str, samples: &[i16]) -> Vec<String> {
    let found = said_of("callerid_peer", &["read", standard], samples);
    String::from_utf8_lossy(&found).lines().map(str::to_owned).collect()
}
