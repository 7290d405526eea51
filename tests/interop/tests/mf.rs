//! R2 register signals both ways between the box's sender and receiver and spandsp's: all signals of both registers.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
use dsp_mf::{BLOCK, MfBank, MfEvent, MfSender, Register, SIGNALS};
use interop::{peer_program, said_of};
use std::process::Command;

/// The fifteen signals by spandsp's names.
const NAMES: &str = "1234567890BCDEF";

const REGISTERS: [(Register, &str); 2] = [(Register::Forward, "forward"), (Register::Backward, "backward")];

#[test]
fn spandsp_reads_our_signals() {
    for (register, name) in REGISTERS {
        for on_blocks in [7, 10, 30] {
            let mut samples = vec![0; 800];
            for signal in 1..=SIGNALS {
                let mut sender = MfSender::new(register, signal);
                let from = samples.len();
                samples.resize(from + on_blocks * BLOCK, 0);
                sender.fill(&mut samples[from..]);
                sender.stop();
                let from = samples.len();
                samples.resize(from + 7 * BLOCK, 0);
                sender.fill(&mut samples[from..]);
            }
            assert_eq!(spandsp_reads(name, &samples), NAMES, "{name}, {on_blocks} blocks each");
            let (_, other) = REGISTERS.into_iter().find(|&(_, other)| other != name).unwrap();
            assert_eq!(spandsp_reads(other, &samples), "", "{name} read as {other}");
        }
    }
}

#[test]
fn we_read_spandsps_signals() {
    for (register, name) in REGISTERS {
        for (on_ms, off_ms) in [(30, 30), (60, 53), (100, 100)] {
            let samples = spandsp_sends(name, on_ms, off_ms);
            let mut bank = MfBank::<2>::new();
            REGISTERS.into_iter().enumerate().for_each(|(lane, (register, _))| bank.listen(lane, Some(register)));
            let mut heard = [Vec::new(), Vec::new()];
            for block in samples.as_chunks::<BLOCK>().0 {
                bank.process(&[Some(block); 2], |lane, event| heard[lane].push(event));
            }
            let all: Vec<MfEvent> =
                (1..=SIGNALS).flat_map(|signal| [MfEvent::Began(signal), MfEvent::Ended(signal)]).collect();
            // The lane of the other register hears nothing.
            for ((listening, _), heard) in REGISTERS.into_iter().zip(heard) {
                let wanted: &[MfEvent] = if listening == register { &all } else { &[] };
                assert_eq!(heard, wanted, "{name} {on_ms}/{off_ms} ms heard by {listening:?}");
            }
        }
    }
}

fn spandsp_sends(register: &str, on_ms: u32, off_ms: u32) -> Vec<i16> {
    let sent = Command::new(peer_program("mf_peer"))
        .args(["send", register, &on_ms.to_string(), &off_ms.to_string(), NAMES])
        .output()
        .unwrap();
    assert!(sent.status.success(), "mf_peer: {}", String::from_utf8_lossy(&sent.stderr));
    sent.stdout.as_chunks().0.iter().map(|&pair| i16::from_le_bytes(pair)).collect()
}

fn spandsp_reads(register: &str, samples: &[i16]) -> String {
    let read = said_of("mf_peer", &["read", register], samples);
    String::from_utf8(read).unwrap().trim_end().to_owned()
}
