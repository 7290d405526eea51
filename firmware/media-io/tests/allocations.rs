//! The engine's thread meets the allocator in no tick, whatever goes on: a counting allocator watches it.

// An allocator cannot be written in safe Rust; this one only counts and passes on.
#![allow(unsafe_code)]

use lab::memory_pair;
use media::{BargeIn, Clip, Command, DtmfDetection, Event, PlayId, RecordSlot, RecordedBlock};
use media_io::{Audio, Options, port, start};
use ports::span::{BlockSource, SpanBlock};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

static WATCHING: AtomicBool = AtomicBool::new(false);
static CALLS: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static IS_ENGINE: Cell<bool> = const { Cell::new(false) };
}

struct Counting;

impl Counting {
    fn count() {
        if WATCHING.load(Ordering::Relaxed) && IS_ENGINE.get() {
            CALLS.fetch_add(1, Ordering::Relaxed);
        }
    }
}

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::count();
        // SAFETY: the caller keeps the system allocator's own contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        Self::count();
        // SAFETY: as above.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A span that says on which thread it is read.
struct Marked<A>(A);

impl<A: Audio> Audio for Marked<A> {
    fn read(&mut self, block: &mut SpanBlock) -> BlockSource {
        IS_ENGINE.set(true);
        self.0.read(block)
    }

    fn write(&mut self, block: &SpanBlock) {
        self.0.write(block);
    }
}

#[test]
fn no_tick_of_a_busy_engine_meets_the_allocator() {
    let (near, far) = memory_pair();
    let ((near, _near_link), (far, _far_link)) = (near.into_halves(), far.into_halves());
    let spans: Vec<Box<dyn Audio>> = vec![Box::new(Marked(near)), Box::new(far)];
    let recorded = Arc::new(AtomicU64::new(0));
    let blocks = Arc::clone(&recorded);
    let count = Box::new(move |_block: &RecordedBlock| {
        blocks.fetch_add(1, Ordering::Relaxed);
    });
    let mut control = start(spans, Options { realtime: false }, count, Arc::new(|| {})).expect("a thread");
    let (sender, reader) = (port(0, 1), port(1, 1));
    let clip = Arc::new(Clip::from_alaw(&[0x2A; 1234]));
    let commands = [
        Command::Open(sender),
        Command::Open(reader),
        Command::Detect { port: reader, dtmf: DtmfDetection::On },
        Command::StartRecord { port: reader, recording: RecordSlot(0) },
        Command::Play { port: reader, play: PlayId(1), clip, barge_in: BargeIn::Refused },
        Command::SendDigits { port: sender, digits: "159".parse().expect("digits"), on_ms: 60, off_ms: 60 },
    ];
    // The thread allocates for itself before its first tick.
    let began = Instant::now();
    let in_time = || began.elapsed() < Duration::from_secs(10);
    while control.statistics().ticks < 3 && in_time() {
        std::thread::sleep(Duration::from_millis(1));
    }
    WATCHING.store(true, Ordering::Relaxed);
    for command in commands {
        control.send(command).expect("room");
    }
    let (mut digits, mut played) = (0, None);
    while (digits < 3 || played.is_none()) && in_time() {
        match control.poll_event() {
            Some(Event::Digit { .. }) => digits += 1,
            Some(Event::PlayDone { clip, .. }) => played = Some(clip),
            Some(_) => {}
            None => std::thread::sleep(Duration::from_millis(1)),
        }
    }
    WATCHING.store(false, Ordering::Relaxed);
    assert_eq!(CALLS.load(Ordering::Relaxed), 0, "calls of the allocator in {} ticks", control.statistics().ticks);
    assert_eq!((digits, played.is_some()), (3, true));
    assert!(recorded.load(Ordering::Relaxed) > 20);

    // And the watch does see what it looks for.
    IS_ENGINE.set(true);
    WATCHING.store(true, Ordering::Relaxed);
    drop(std::hint::black_box(Box::new(7)));
    WATCHING.store(false, Ordering::Relaxed);
    assert_eq!(CALLS.load(Ordering::Relaxed), 2);
}
