//! The thread on its real clock, with lab spans at its ends.

use base::Digit;
use lab::memory_pair;
use media::{BargeIn, Clip, Command, DtmfDetection, Event, PlayId};
use media_io::{Audio, Control, Options, port, start};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

fn engine(spans: Vec<Box<dyn Audio>>, notified: &Arc<AtomicU64>) -> Control {
    let notified = Arc::clone(notified);
    let notify = Arc::new(move || {
        notified.fetch_add(1, Ordering::Relaxed);
    });
    start(spans, Options { realtime: false }, Box::new(|_| {}), notify).expect("a thread")
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
