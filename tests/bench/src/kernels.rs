//! What is run under callgrind: `bench kernel NAME ... COUNT`.

use dsp_fax::FaxToneBank;
use dsp_fsk::{FskBank, FskEvent};
use dsp_mf::{MfBank, MfEvent};
use dsp_progress::ProgressBank;
use dsp_tone::{BLOCK, DtmfBank, DtmfEvent, Profile};
use media::wide::{Bank, detect};
use std::hint::black_box;
use std::process::ExitCode;

use crate::calls;
use crate::echo;
use crate::r2mf::register;
use crate::signal::LANES;

pub(crate) fn run(words: &[&str]) -> ExitCode {
    let result = match words {
        ["dtmf", file, count] => count.parse().ok().and_then(|count| dtmf(file, count)),
        ["progress", file, count] => count.parse().ok().and_then(|count| progress(file, count)),
        ["fsk", file, count] => count.parse().ok().and_then(|count| fsk(file, count)),
        ["faxtones", file, count] => count.parse().ok().and_then(|count| faxtones(file, count)),
        ["echo", file, count] => count.parse().ok().and_then(|count| echo::run(file, count)),
        ["r2mf", file, count] => count.parse().ok().and_then(|count| r2mf(file, count)),
        ["alaw_encode", count] => count.parse().ok().map(alaw_encode),
        ["alaw_decode", count] => count.parse().ok().map(alaw_decode),
        ["q931", count] => count.parse().ok().and_then(calls::run),
        _ => None,
    };
    match result {
        Some(result) => {
            println!("{result}");
            ExitCode::SUCCESS
        }
        None => ExitCode::from(2),
    }
}

pub(crate) fn samples(file: &str) -> Option<Vec<i16>> {
    let octets = std::fs::read(file).ok()?;
    Some(octets.as_chunks().0.iter().map(|&pair| i16::from_le_bytes(pair)).collect())
}

/// How many digits the bank finds in `count` blocks of the file's samples.
fn dtmf(file: &str, count: usize) -> Option<u64> {
    let bank = DtmfBank::<LANES>::new(Profile::ATT);
    told(bank, file, count, |event| matches!(event, DtmfEvent::Began(_)))
}

/// How many events the bank for call progress tells.
fn progress(file: &str, count: usize) -> Option<u64> {
    let mut bank = ProgressBank::<LANES>::new();
    (0..LANES).for_each(|lane| bank.listen(lane, true));
    told(bank, file, count, |_| true)
}

/// How many octets the bank for FSK reads.
fn fsk(file: &str, count: usize) -> Option<u64> {
    let mut bank = FskBank::<LANES>::new();
    (0..LANES).for_each(|lane| bank.listen(lane, true));
    told(bank, file, count, |event| matches!(event, FskEvent::Octet(_)))
}

/// How many events the bank for fax tones tells.
fn faxtones(file: &str, count: usize) -> Option<u64> {
    let mut bank = FaxToneBank::<LANES>::new();
    (0..LANES).for_each(|lane| bank.listen(lane, true));
    told(bank, file, count, |_| true)
}

/// How many R2 signals the bank finds.
fn r2mf(file: &str, count: usize) -> Option<u64> {
    let mut bank = MfBank::<LANES>::new();
    (0..LANES).for_each(|lane| bank.listen(lane, Some(register(lane))));
    told(bank, file, count, |event| matches!(event, MfEvent::Began(_)))
}

fn told<B: Bank<LANES>>(mut bank: B, file: &str, count: usize, counts: impl Fn(B::Event) -> bool) -> Option<u64> {
    let samples = samples(file)?;
    let (blocks, _) = samples.as_chunks::<BLOCK>();
    let (rounds, _) = blocks.as_chunks::<LANES>();
    let mut told = 0;
    for round in rounds.iter().cycle().take(count) {
        let lanes = round.each_ref().map(Some);
        detect(&mut bank, &lanes, |_, event| told += u64::from(counts(event)));
    }
    Some(told)
}

/// A block of each of the channels in turn, `count` blocks in all.
fn alaw_encode(count: u64) -> u64 {
    let mut lines: [[i16; BLOCK]; LANES] = std::array::from_fn(|line| {
        std::array::from_fn(|at| ((line + at) as i16).wrapping_mul(797).wrapping_sub(32_000))
    });
    let mut octets = [[0; BLOCK]; LANES];
    for _ in 0..count / LANES as u64 {
        for (samples, octets) in black_box(&mut lines).iter().zip(black_box(&mut octets)) {
            media::wide::alaw_encode(samples, octets);
        }
    }
    octets.iter().flatten().map(|&octet| u64::from(octet)).sum()
}

fn alaw_decode(count: u64) -> u64 {
    let mut lines: [[u8; BLOCK]; LANES] = std::array::from_fn(|line| std::array::from_fn(|at| ((line + at) * 3) as u8));
    let mut samples = [[0; BLOCK]; LANES];
    for _ in 0..count / LANES as u64 {
        for (octets, samples) in black_box(&mut lines).iter().zip(black_box(&mut samples)) {
            media::wide::alaw_decode(octets, samples);
        }
    }
    samples.iter().flatten().map(|&sample| u64::from(sample.unsigned_abs())).sum()
}
