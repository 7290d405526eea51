//! The thread on its real clock, with lab spans at its ends.

use base::Digit;
use lab::memory_pair;
use media::{BargeIn, Clip, Command, DtmfDetection, Event, PlayId};
use media_io::{Audio, CATCH_UP, Control, Options, port, start};
use ports::span::{BlockSource, SpanAudio, SpanBlock};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

fn engine(spans: Vec<Box<dyn Audio>>, notified: &Arc<AtomicU64>) -> Control {
    let notified = Arc::clone(notified);
    let notify = Arc::new(move || {
        notified.fetch_add(1, Ordering::Relaxed);
    });
    start(spans, Options::default(), Box::new(|_| {}), notify).expect("a thread")
}

#[track_caller]
fn wait_for<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "nothing came in 10 s");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_digit_sent_at_one_end_is_read_at_the_other() {
    let (near, far) = memory_pair();
    let (near, _near_link) = near.into_halves();
    let (far, _far_link) = far.into_halves();
    let notified = Arc::new(AtomicU64::new(0));
    let spans: Vec<Box<dyn Audio>> = vec![Box::new(near), Box::new(far)];
    let mut control = engine(spans, &notified);
    let (sender, reader) = (port(0, 17), port(1, 17));
    for command in [
        Command::Open(sender),
        Command::Open(reader),
        Command::Detect { port: reader, dtmf: DtmfDetection::On },
        Command::SendDigits { port: sender, digits: "5".parse().expect("a digit"), on_ms: 80, off_ms: 80 },
    ] {
        control.send(command).expect("the ring has room");
    }
    let digit = wait_for(|| match control.poll_event() {
        Some(Event::Digit { port, digit }) => Some((port, digit)),
        _ => None,
    });
    assert_eq!(digit, (reader, Digit::new('5').expect("a digit")));
    assert!(notified.load(Ordering::Relaxed) > 0, "the other side was told");
}

#[test]
fn a_clip_comes_back_after_it_was_played() {
    let (near, _far) = memory_pair();
    let (near, _link) = near.into_halves();
    let mut control = engine(vec![Box::new(near)], &Arc::default());
    let clip = Arc::new(Clip::from_pcm(&[1000; 800]));
    control.send(Command::Open(port(0, 1))).expect("room");
    let play = Command::Play { port: port(0, 1), play: PlayId(9), clip: Arc::clone(&clip), barge_in: BargeIn::Refused };
    control.send(play).expect("room");
    let played = wait_for(|| match control.poll_event() {
        Some(Event::PlayDone { play, played_ms, clip, .. }) => Some((play, played_ms, clip)),
        _ => None,
    });
    assert_eq!((played.0, played.1), (PlayId(9), 100));
    assert!(Arc::ptr_eq(&clip, &played.2));
}

/// A span whose card does as it is told.
struct Odd {
    /// Reads until one takes 35 ms, longer than three ticks.
    until_slow: u32,
    written: Arc<AtomicU64>,
}

impl Audio for Odd {
    fn read(&mut self, block: &mut SpanBlock) -> BlockSource {
        *block = SpanBlock::silent();
        self.until_slow = self.until_slow.wrapping_sub(1);
        if self.until_slow == 0 {
            std::thread::sleep(Duration::from_millis(35));
        }
        BlockSource::Line
    }

    fn write(&mut self, _block: &SpanBlock) {
        self.written.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_tick_that_took_too_long_is_caught_up() {
    let written = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    let control = engine(vec![Box::new(Odd { until_slow: 5, written: Arc::clone(&written) })], &Arc::default());
    let statistics = wait_for(|| Some(control.statistics()).filter(|statistics| statistics.ticks >= 30));
    let passed = began.elapsed().as_millis() as u64 / 10;
    assert!(statistics.late >= 2, "{statistics:?}");
    assert!(statistics.longest_us >= 35_000, "{statistics:?}");
    assert!(statistics.worst_late_us >= 20_000, "{statistics:?}");
    // No tick came before its time, and each that ran was written.
    assert!(statistics.ticks + statistics.skipped <= passed, "{statistics:?} in {passed} ticks of time");
    drop(control);
    assert!(written.load(Ordering::Relaxed) >= statistics.ticks);
}

#[test]
fn a_thread_held_up_for_long_runs_a_few_ticks_and_skips_the_rest() {
    struct Stuck(u32);
    impl Audio for Stuck {
        fn read(&mut self, _block: &mut SpanBlock) -> BlockSource {
            self.0 += 1;
            if self.0 == 3 {
                std::thread::sleep(Duration::from_millis(250));
            }
            BlockSource::Line
        }
        fn write(&mut self, _block: &SpanBlock) {}
    }
    let control = engine(vec![Box::new(Stuck(0))], &Arc::default());
    let statistics = wait_for(|| Some(control.statistics()).filter(|statistics| statistics.ticks >= 10));
    // 25 expirations at least are read at once.
    assert!(statistics.skipped >= 25 - CATCH_UP, "{statistics:?}");
    assert!(statistics.late >= CATCH_UP - 1, "{statistics:?}");
}

#[test]
fn a_span_whose_card_is_gone_reads_as_missing_and_harms_no_other() {
    #[derive(Debug, PartialEq)]
    struct Gone;
    impl std::fmt::Display for Gone {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("gone")
        }
    }
    impl std::error::Error for Gone {}
    struct Dead;
    impl SpanAudio for Dead {
        type Error = Gone;
        fn read(&mut self, block: &mut SpanBlock) -> Result<BlockSource, Gone> {
            // Half a block came before it died.
            block.slot[1][..40].fill(0x2A);
            Err(Gone)
        }
        fn write(&mut self, _block: &SpanBlock) -> Result<(), Gone> {
            Err(Gone)
        }
    }
    let mut block = SpanBlock::silent();
    assert_eq!(Audio::read(&mut Dead, &mut block), BlockSource::Missing);
    assert_eq!(block.slot[1], SpanBlock::silent().slot[1]);

    let written = Arc::new(AtomicU64::new(0));
    let spans: Vec<Box<dyn Audio>> =
        vec![Box::new(Dead), Box::new(Odd { until_slow: 0, written: Arc::clone(&written) })];
    let control = engine(spans, &Arc::default());
    wait_for(|| (written.load(Ordering::Relaxed) > 5).then_some(()));
    assert!(control.statistics().missing_blocks >= 5);
}

#[test]
fn commands_beyond_the_ring_come_back() {
    struct Waiting(mpsc::Receiver<()>);
    impl Audio for Waiting {
        fn read(&mut self, _block: &mut SpanBlock) -> BlockSource {
            // Until the test lets it go.
            let _ended = self.0.recv();
            BlockSource::Line
        }
        fn write(&mut self, _block: &SpanBlock) {}
    }
    let (go, waiting) = mpsc::channel();
    let mut control = engine(vec![Box::new(Waiting(waiting))], &Arc::default());
    let mut taken = 0;
    // Twice what the ring holds, for the thread may take it empty once before it stands still.
    let refused = loop {
        match control.send(Command::Open(port(0, 1))) {
            Ok(()) => taken += 1,
            Err(command) => break command,
        }
        assert!(taken <= 2 * 4096, "the ring has an end");
    };
    assert!(matches!(refused, Command::Open(_)));
    assert!(taken >= 4096);
    drop(go);
    wait_for(|| control.send(Command::Open(port(0, 1))).ok());
}

#[test]
fn the_thread_ends_with_its_control() {
    let (near, far) = memory_pair();
    let (near, _link) = near.into_halves();
    drop(far);
    let control = engine(vec![Box::new(near)], &Arc::default());
    wait_for(|| (control.statistics().ticks > 3).then_some(()));
    // Returns only when the thread has been joined.
    drop(control);
}
