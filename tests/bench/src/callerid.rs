//! Caller ids: what their receiver costs, and how surely they are read.

// The receiver's own tests and its benchmark make the same signals; each uses a part of them.
#[allow(dead_code)]
#[path = "../../../firmware/dsp-fsk/tests/signals/mod.rs"]
mod signals;

use crate::dsp::{own, peer};
use crate::figure::{Figure, Goal, Taken};
use crate::instructions::of_one;
use crate::signal::{self, LANES, Line, Pair};
use base::Digit;
use dsp_fsk::{BLOCK, FskBank, FskEvent};
use dsp_tone::{DtmfBank, DtmfEvent, Profile};
use media::wide::detect;
use ports::call::{Number, Presentation};
use sig_callerid::{CallerId, Date, DtmfReader, DtmfVariant, Name, Reader, encode_dtmf, encode_mdmf};
use signals::Sending;
use std::ffi::OsStr;
use test_signals::Random;

/// Blocks of each line in the file.
const BLOCKS: usize = 1000;

/// 32 channels that all carry caller ids, one after the other, half of them by each modulation; nothing gated.
pub(crate) fn instructions() -> Taken {
    let file = interop::target_folder().join("bench-callerids.raw");
    let line = |lane: usize| {
        let kind = if lane.is_multiple_of(2) { Sending::BELL_202 } else { Sending::V23 };
        let mut random = Random(lane as u64 + 1);
        let mut samples = Vec::new();
        while samples.len() < BLOCKS * BLOCK {
            let sending = Sending { silence: random.below(800) as f64, ..kind.clone() };
            samples.extend(sending.samples(&encode_mdmf(&any_caller(&mut random))));
        }
        samples
    };
    let lines: Vec<Vec<i16>> = (0..LANES).map(line).collect();
    signal::interleaved(&file, &lines).map_err(|error| format!("{}: {error}", file.display()))?;
    let samples = (LANES * BLOCK) as f64;
    let kernel = [OsStr::new("kernel"), OsStr::new("fsk"), file.as_os_str()];
    let value = of_one(&own()?, &kernel, 500)? / samples;
    let lanes = LANES.to_string();
    let arguments = [file.as_os_str(), OsStr::new(&lanes)];
    let peer_value = of_one(&peer("callerid_many", "-lspandsp"), &arguments, 500)? / samples;
    Ok(vec![Figure {
        name: "dsp.fsk_callerid.instr_per_sample",
        value,
        unit: "instr/sample/channel",
        goal: Goal::AtMost(30.0),
        peer: Some(("spandsp", peer_value)),
        how: "callgrind, 500 blocks of 32 channels that all carry messages; the peer is told which modulation, ours is not"
            .into(),
    }])
}

/// 10,000 caller ids in all formats, 15 dB above white noise; one receiver of each kind hears all of them.
pub(crate) fn read_at_15_db() -> Taken {
    const MESSAGES: u64 = 10_000;
    let (mut read, mut wrong) = (0, 0);
    let mut of_format = [(0, 0); 3];
    for seed in 1..=MESSAGES {
        let mut random = Random(seed);
        let format = random.below(3);
        let (caller, samples) = match format {
            0 => any_sdmf(&mut random),
            1 => any_mdmf(&mut random),
            _ => any_dtmf(&mut random),
        };
        let told = heard(&samples);
        let is_read = told.contains(&caller);
        read += u64::from(is_read);
        wrong += told.len() as u64 - u64::from(is_read);
        of_format[format].0 += 1;
        of_format[format].1 += u64::from(is_read);
    }
    let [sdmf, mdmf, dtmf] = of_format.map(|(sent, read)| format!("{read} of {sent}"));
    Ok(vec![Figure {
        name: "sig.callerid.read_pct_15db",
        value: 100.0 * read as f64 / MESSAGES as f64,
        unit: "%",
        goal: Goal::AtLeast(99.9),
        peer: None,
        how: format!(
            "{MESSAGES} messages through A-law, noise 0 to 4 kHz 15 dB below, seeds from 1: SDMF {sdmf}, MDMF {mdmf}, DTMF {dtmf}; Bell 202 and \
             V.23, mark -12 to -36 dBm0, twist to 10 dB, tones and baud rate to 1 %, with seizure and without, no setting; {wrong} told that \
             were not sent"
        ),
    }])
}

/// What the readers make of a line that both receivers hear.
fn heard(samples: &[i16]) -> Vec<CallerId> {
    let (mut fsk, mut dtmf) = (FskBank::<1>::new(), DtmfBank::<1>::new(Profile::ATT));
    fsk.listen(0, true);
    let (mut messages, mut digits, mut told) = (Reader::new(), DtmfReader::new(), Vec::new());
    for block in samples.as_chunks::<BLOCK>().0 {
        detect(&mut fsk, &[Some(block)], |_, event| match event {
            FskEvent::Carrier => {}
            FskEvent::Octet(octet) => told.extend(messages.push_octet(octet).and_then(Result::ok)),
            FskEvent::Lost => told.extend(messages.finish().and_then(Result::ok)),
        });
        detect(&mut dtmf, &[Some(block)], |_, event| {
            if let DtmfEvent::Began(digit) = event {
                told.extend(digits.push(digit));
            }
        });
    }
    told.extend(messages.finish().and_then(Result::ok));
    told.extend(digits.finish());
    told
}

fn between(random: &mut Random, least: f64, most: f64) -> f64 {
    least + (most - least) * (random.uniform() + 1.0) / 2.0
}

fn any_number(random: &mut Random) -> Number {
    let presentation =
        [Presentation::Restricted, Presentation::Unavailable].get(random.below(12)).copied().unwrap_or_default();
    let mut number = Number { presentation, ..Number::default() };
    if presentation == Presentation::Allowed {
        for _ in 0..3 + random.below(18) {
            let _has_room = number.digits.push(char::from(b'0' + random.below(10) as u8));
        }
    }
    number
}

fn any_date(random: &mut Random) -> Date {
    let mut below = |bound| random.below(bound) as u8;
    Date { month: 1 + below(12), day: 1 + below(31), hour: below(24), minute: below(60) }
}

fn any_caller(random: &mut Random) -> CallerId {
    let mut caller = CallerId { number: any_number(random), ..CallerId::default() };
    caller.date = (random.below(4) > 0).then(|| any_date(random));
    if random.below(3) == 0 {
        caller.name = Some((0..1 + random.below(30)).map(|_| b' ' + random.below(95) as u8).collect::<Name>());
    }
    caller
}

/// The line between a caller id and the box, as bad as it may be.
fn any_sending(random: &mut Random) -> Sending {
    let kind = if random.below(2) == 0 { Sending::BELL_202 } else { Sending::V23 };
    let mark = between(random, -36.0, -12.0);
    let space = mark + between(random, -10.0, 10.0);
    let (seizure_bits, mark_bits) = [(300, 155 + random.below(51)), (0, 55 + random.below(51))][random.below(2)];
    let tones = between(random, 0.99, 1.01);
    Sending {
        baud: between(random, 1188.0, 1212.0),
        seizure_bits,
        mark_bits,
        pause_bits: [0, 0, 0, 1, 4][random.below(5)],
        silence: between(random, 400.0, 500.0),
        noise: Some((15.0, random.below(1 << 30) as u64 + 1)),
        ..kind.detuned(tones).levels(mark, space)
    }
}

fn any_sdmf(random: &mut Random) -> (CallerId, Vec<i16>) {
    let (number, date) = (any_number(random), any_date(random));
    let Date { month, day, hour, minute } = date;
    let shown = match number.presentation {
        Presentation::Allowed => number.digits.as_str(),
        Presentation::Restricted => "P",
        Presentation::Unavailable => "O",
    };
    let data = format!("{month:02}{day:02}{hour:02}{minute:02}{shown}");
    let mut octets = vec![0x04, data.len() as u8];
    octets.extend(data.bytes());
    octets.push(octets.iter().fold(0_u8, |sum, octet| sum.wrapping_add(*octet)).wrapping_neg());
    let caller = CallerId { number, date: Some(date), ..CallerId::default() };
    (caller, any_sending(random).samples(&octets))
}

fn any_mdmf(random: &mut Random) -> (CallerId, Vec<i16>) {
    let caller = any_caller(random);
    let octets = encode_mdmf(&caller);
    (caller, any_sending(random).samples(&octets))
}

/// Digits of 50 to 100 ms within the levels, twist and frequencies of Q.24 Annex A.
fn any_dtmf(random: &mut Random) -> (CallerId, Vec<i16>) {
    let variants = [DtmfVariant::AThenC, DtmfVariant::AThenHash, DtmfVariant::DThenC, DtmfVariant::Hash];
    let variant = variants[random.below(variants.len())];
    let mut number = any_number(random);
    if variant == DtmfVariant::DThenC && number.presentation == Presentation::Unavailable {
        // This way of writing has one word for all that is not shown.
        number.presentation = Presentation::Restricted;
    }
    let low = between(random, -17.0, -6.0);
    let high = low + between(random, -8.0, 4.0);
    let (low_factor, high_factor) = (between(random, 0.985, 1.015), between(random, 0.985, 1.015));
    let (on, off) = (400 + random.below(401), 400 + random.below(401));
    let mut line = Line::default().silence(400 + random.below(80));
    for digit in encode_dtmf(variant, &number).as_str().chars().filter_map(Digit::new) {
        let pair = Pair { low_factor, high_factor, ..Pair::nominal(digit).levels(low, high) };
        line = line.tone(pair, on).silence(off);
    }
    let mean = 10.0 * (10_f64.powf(low / 10.0) + 10_f64.powf(high / 10.0)).log10();
    let mut noise = random.clone();
    let samples = line.silence(480).plus(|| noise.noise(mean - 15.0)).samples();
    (CallerId { number, ..CallerId::default() }, samples)
}
