//! Lost blocks concealed by the box and by spandsp: the same voices, the same losses.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
use dsp_plc::{BLOCK, Concealer, DELAY};
use interop::peer_program;
use std::f64::consts::TAU;
use std::io::Write;
use std::process::{Command, Stdio};
use test_signals::{Random, Voice, peak};

/// Blocks of each voice.
const BLOCKS: usize = 600;

#[test]
fn we_conceal_as_well_as_spandsp() {
    for run in 1..=5 {
        let (mut ours, mut theirs) = (Wrong::default(), Wrong::default());
        for seed in 1..=10 {
            let sent = if seed % 2 == 0 { gliding(seed) } else { voice(seed) };
            let lost = lost(seed, run);
            ours.add(&sent, &concealed(&sent, &lost), &lost);
            theirs.add(&sent, &concealed_by_spandsp(&sent, &lost), &lost);
        }
        // Half a decibel either way is what the voices' chance makes.
        let louder = 10.0 * (ours.energy / theirs.energy).log10();
        assert!(louder < 0.8, "{run} blocks in a row: our faults are {louder:.1} dB louder");
        let (our_level, their_level) = (ours.level_db / ours.blocks, theirs.level_db / theirs.blocks);
        assert!(
            our_level <= their_level,
            "{run} blocks in a row: {our_level:.1} dB off the level, spandsp {their_level:.1}"
        );
    }
}

/// What is wrong in lost blocks.
#[derive(Default)]
struct Wrong {
    energy: f64,
    level_db: f64,
    blocks: f64,
}

impl Wrong {
    fn add(&mut self, sent: &[i16], played: &[i16], lost: &[bool]) {
        for number in (0..BLOCKS - 1).filter(|&number| lost[number]) {
            let pairs =
                || (number * BLOCK..(number + 1) * BLOCK).map(|at| (f64::from(sent[at]), f64::from(played[at])));
            // Silence is as loud as the steps of the law.
            let (mut sent_energy, mut played_energy) = (8000.0, 8000.0);
            for (sent, played) in pairs() {
                self.energy += (sent - played).powi(2);
                sent_energy += sent * sent;
                played_energy += played * played;
            }
            self.level_db += (10.0 * (played_energy / sent_energy).log10()).abs();
            self.blocks += 1.0;
        }
    }
}

fn lost(seed: u64, run: usize) -> Vec<bool> {
    let mut random = Random(seed + 100);
    let mut lost = vec![false; BLOCKS];
    for from in (10..BLOCKS - 20).step_by(20) {
        let from = from + random.below(10);
        lost[from..from + run].fill(true);
    }
    lost
}

fn voice(seed: u64) -> Vec<i16> {
    let mut voice = Voice::new(seed, -12.0);
    (0..BLOCKS * BLOCK).map(|_| voice.next_sample().round() as i16).collect()
}

/// A vowel with a sentence's melody.
fn gliding(seed: u64) -> Vec<i16> {
    let (mut phase, middle) = (0.0, 90.0 + 10.0 * seed as f64);
    let sample = |at: usize| {
        phase += TAU * middle * (1.0 + 0.2 * (TAU * 2.0 * at as f64 / 8000.0).sin()) / 8000.0;
        (1..=8).map(|harmonic| peak(-14.0) / f64::from(harmonic) * (f64::from(harmonic) * phase).sin()).sum::<f64>()
    };
    (0..BLOCKS * BLOCK).map(sample).map(|sample| sample.round() as i16).collect()
}

/// By our own, as early as it was sent.
fn concealed(sent: &[i16], lost: &[bool]) -> Vec<i16> {
    let mut concealer = Concealer::new();
    let mut played = Vec::new();
    for (block, &lost) in sent.as_chunks::<BLOCK>().0.iter().zip(lost) {
        let mut out = *block;
        if lost {
            concealer.lost(&mut out)
        } else {
            concealer.good(&mut out)
        }
        played.extend(out);
    }
    played.drain(..DELAY);
    played
}

fn concealed_by_spandsp(sent: &[i16], lost: &[bool]) -> Vec<i16> {
    let lost: String = lost.iter().map(|&lost| if lost { '1' } else { '0' }).collect();
    let mut peer =
        Command::new(peer_program("plc_peer")).arg(lost).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let octets: Vec<u8> = sent.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    // It writes while it reads, more than a pipe holds.
    let mut input = peer.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(&octets));
    let played = peer.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(played.status.success(), "plc_peer: {}", String::from_utf8_lossy(&played.stderr));
    played.stdout.as_chunks().0.iter().map(|&pair| i16::from_le_bytes(pair)).collect()
}
