//! Fax and modem tones both ways between the box's sender and receiver and spandsp's.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
use base::Dbm0;
use dsp_fax::FaxToneEvent::{AnswerBegan, AnswerEnded, CngConfirmed, CngHeard, Flags, PhaseReversed};
use dsp_fax::{Answer, BLOCK, FaxSignal, FaxToneBank, FaxToneEvent, FaxToneSender};
use interop::{peer_program, said_of};
use std::process::Command;

/// spandsp's numbers.
const CNG: u8 = 1;
const ANS: u8 = 2;
const ANS_REVERSED: u8 = 3;
const ANSAM: u8 = 4;
const ANSAM_REVERSED: u8 = 5;
const FLAGS: u8 = 6;

#[test]
fn spandsp_reads_our_tones() {
    let signals = [
        // Its receiver tells each burst of CNG, and 0 at each end.
        (FaxSignal::Cng, "1 0 1 0"),
        (FaxSignal::Ced, "2 0"),
        (FaxSignal::AnsReversed, "3 0"),
        (FaxSignal::AnsAm, "4 0"),
        (FaxSignal::AnsAmReversed, "5 0"),
        (FaxSignal::Flags, "6 0"),
    ];
    for (signal, wanted) in signals {
        for level in [-8.0, -13.0, -25.0] {
            let mut sender = FaxToneSender::new(signal, Dbm0(level));
            let mut samples = vec![0; 6 * 8000];
            sender.fill(&mut samples);
            for kind in [CNG, ANS_REVERSED, FLAGS] {
                let reads = match signal {
                    FaxSignal::Cng => kind == CNG,
                    FaxSignal::Flags => kind == FLAGS,
                    FaxSignal::Ced | FaxSignal::AnsReversed | FaxSignal::AnsAm | FaxSignal::AnsAmReversed => {
                        kind == ANS_REVERSED
                    }
                };
                let read = spandsp_reads(kind, &samples);
                assert_eq!(read, if reads { wanted } else { "" }, "{signal:?} of {level} dBm0 read as {kind}");
            }
        }
    }
}

#[test]
fn we_read_spandsps_tones() {
    let ended = |answer, reversals, lasted_ms| AnswerEnded { answer, reversals, lasted_ms };
    let turned = |answer, reversals, ms| {
        let mut events = vec![AnswerBegan(answer)];
        events.extend((0..reversals).map(|_| PhaseReversed));
        events.push(ended(answer, reversals, ms));
        events
    };
    check(CNG, 8000, &[CngHeard, CngConfirmed]);
    // Its own lengths.
    check(ANS, 6000, &turned(Answer::Ced, 0, 2600));
    check(ANS_REVERSED, 6000, &turned(Answer::Ced, 7, 3300));
    check(ANSAM, 6000, &turned(Answer::AnsAm, 0, 5000));
    check(ANSAM_REVERSED, 6000, &turned(Answer::AnsAm, 11, 5000));
    check(FLAGS, 1000, &[Flags]);
}

#[track_caller]
fn check(kind: u8, ms: u32, wanted: &[FaxToneEvent]) {
    let samples = spandsp_sends(kind, ms);
    let mut bank = FaxToneBank::<1>::new();
    bank.listen(0, true);
    let mut heard = Vec::new();
    for block in samples.as_chunks::<BLOCK>().0 {
        bank.process(&[Some(block)], |_, event| heard.push(event));
    }
    assert_eq!(heard, wanted, "spandsp's {kind}");
}

fn spandsp_sends(kind: u8, ms: u32) -> Vec<i16> {
    let sent = Command::new(peer_program("faxtones_peer"))
        .args(["send", &kind.to_string(), &ms.to_string()])
        .output()
        .unwrap();
    assert!(sent.status.success(), "faxtones_peer: {}", String::from_utf8_lossy(&sent.stderr));
    sent.stdout.as_chunks().0.iter().map(|&pair| i16::from_le_bytes(pair)).collect()
}

fn spandsp_reads(kind: u8, samples: &[i16]) -> String {
    let read = said_of("faxtones_peer", &["read", &kind.to_string()], samples);
    String::from_utf8(read).unwrap().trim_end().to_owned()
}
