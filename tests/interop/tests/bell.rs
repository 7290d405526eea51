//! Bell's MF (R1) both ways between the box's sender and receiver and spandsp's: all signals.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
use dsp_mf::{BLOCK, KP, MfBank, MfEvent, MfSender, Register, SIGNALS};
use interop::{peer_program, said_of};
use std::process::Command;

/// The fifteen signals by spandsp's names.
const NAMES: &str = "1234567890CA*B#";

#[test]
fn spandsp_reads_our_signals() {
    let mut samples = vec![0; 800];
    for signal in 1..=SIGNALS {
        // As Q.322 has them sent, in whole blocks.
        let on_blocks = if signal == KP { 10 } else { 7 };
        let mut sender = MfSender::new(Register::Bell, signal);
        let from = samples.len();
        samples.resize(from + (on_blocks + 7) * BLOCK, 0);
        let (on, off) = samples[from..].split_at_mut(on_blocks * BLOCK);
        sender.fill(on);
        sender.stop();
        sender.fill(off);
    }
    let read = said_of("bell_peer", &["read"], &samples);
    assert_eq!(String::from_utf8(read).unwrap().trim_end(), NAMES);
}

#[test]
fn we_read_spandsps_signals() {
    let sent = Command::new(peer_program("bell_peer")).args(["send", NAMES]).output().unwrap();
    assert!(sent.status.success(), "bell_peer: {}", String::from_utf8_lossy(&sent.stderr));
    let samples: Vec<i16> = sent.stdout.as_chunks().0.iter().map(|&pair| i16::from_le_bytes(pair)).collect();
    let mut bank = MfBank::<3>::new();
    for (lane, register) in [Register::Bell, Register::Forward, Register::Backward].into_iter().enumerate() {
        bank.listen(lane, Some(register));
    }
    let mut heard = [Vec::new(), Vec::new(), Vec::new()];
    for block in samples.as_chunks::<BLOCK>().0 {
        bank.process(&[Some(block); 3], |lane, event| heard[lane].push(event));
    }
    let all: Vec<MfEvent> = (1..=SIGNALS).flat_map(|signal| [MfEvent::Began(signal), MfEvent::Ended(signal)]).collect();
    // The lanes of R2 hear nothing.
    assert_eq!(heard, [all, Vec::new(), Vec::new()]);
}
