//! The peers themselves: libpri speaks with libpri over two lab cards joined by a wire, openr2 with openr2, spandsp judges what was heard.
//! When this fails, no other test with these peers means anything.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
mod openr2;

use interop::{PriPeer, Side, dtmf_digits};
use lab::SocketSpan;
use ports::span::{DataLink, SpanAudio, SpanBlock, SpanEvent};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(10);

#[test]
fn libpri_calls_libpri_and_spandsp_reads_the_digits_that_crossed() {
    let dir = tempfile::tempdir().unwrap();
    let (near, far) = (dir.path().join("near"), dir.path().join("far"));
    let _wire = Wire::between(&near, &far);
    let mut network = PriPeer::start(&near, Side::Network, 0);
    let mut user = PriPeer::start(&far, Side::User, 0);
    network.wait("up", None, PATIENCE);
    user.wait("up", None, PATIENCE);

    let heard = dir.path().join("heard.wav");
    user.command(&format!("incoming do=answer record={}", heard.display()));
    network.command("call id=1 channel=17 to=4008001234 from=2112345678");
    let ring = user.wait("ring", None, PATIENCE);
    assert_eq!((ring["to"].as_str(), ring["from"].as_str()), (Some("4008001234"), Some("2112345678")));
    assert_eq!((ring["channel"].as_u64(), ring["complete"].as_bool()), (Some(17), Some(true)));
    network.wait("answered", Some(1), PATIENCE);
    network.command("dtmf id=1 digits=1590*#AD on=60 off=60");
    network.wait("played", Some(1), PATIENCE);
    network.command("hangup id=1");
    assert_eq!(user.wait("clearing", Some(1000), PATIENCE)["cause"], 16);
    user.wait("recorded", Some(1000), PATIENCE);
    network.wait("released", Some(1), PATIENCE);
    assert_eq!(dtmf_digits(&heard), ["1590*#AD"]);

    user.command("incoming do=busy");
    network.command("call id=2 channel=1 to=1 from=2");
    assert_eq!(network.wait("released", Some(2), PATIENCE)["cause"], 17);
}

#[test]
fn a_wav_without_digits_has_none() {
    let dir = tempfile::tempdir().unwrap();
    let silent = dir.path().join("silent.wav");
    std::fs::write(&silent, silence(8000)).unwrap();
    assert_eq!(dtmf_digits(&silent), [""]);
}

/// A WAV file of 16-bit silence, mono.
fn silence(samples: u32) -> Vec<u8> {
    let mut file = b"RIFF".to_vec();
    file.extend((36 + 2 * samples).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data");
    file.extend((2 * samples).to_le_bytes());
    file.resize(file.len() + 2 * samples as usize, 0);
    file
}

/// Two lab cards, what each receives sent out by the other, 10 ms at a time.
struct Wire {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Wire {
    fn between(near: &Path, far: &Path) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let [mut near, mut far] =
            [near, far].map(|dir| SocketSpan::listen(dir, Arc::new(|| {})).unwrap().into_halves());
        let stopping = stop.clone();
        let thread = std::thread::spawn(move || {
            let mut due = Instant::now();
            while !stopping.load(Ordering::Acquire) {
                carry(&mut near.1, &mut far.1);
                carry(&mut far.1, &mut near.1);
                let mut blocks = [SpanBlock::silent(), SpanBlock::silent()];
                near.0.read(&mut blocks[0]).unwrap();
                far.0.read(&mut blocks[1]).unwrap();
                near.0.write(&blocks[1]).unwrap();
                far.0.write(&blocks[0]).unwrap();
                due += Duration::from_millis(10);
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
            }
        });
        Self { stop, thread: Some(thread) }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        self.thread.take().map(JoinHandle::join);
    }
}

fn carry(from: &mut impl DataLink, to: &mut impl DataLink) {
    while let Some(event) = from.poll_event() {
        if let SpanEvent::Frame(frame) = event {
            to.send(&frame).unwrap();
        }
    }
}
