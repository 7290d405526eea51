//! Nothing disturbs a tick, whatever goes on: no call of the allocator, no page fault, no wait. A counting allocator and the kernel's own counters
//! watch the engine's thread.

// An allocator cannot be written in safe Rust; this one only counts and passes on.
#![allow(unsafe_code)]

use lab::memory_pair;
use media::{
    BargeIn, Clip, Command, ConferenceId, DtmfDetection, EchoSettings, EchoTail, Event, Listening, PlayId, PortId,
    RecordSlot, RecordedBlock,
};
use media_io::{Audio, Control, Options, port, start};
use nix::sys::resource::{UsageWho, getrusage};
use ports::span::{BlockSource, SpanBlock};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

static WATCHING: AtomicBool = AtomicBool::new(false);
static CALLS: AtomicU64 = AtomicU64::new(0);
static FAULTS: AtomicU64 = AtomicU64::new(0);
static WAITS: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static IS_ENGINE: Cell<bool> = const { Cell::new(false) };
    /// When the present tick's first span was read, while anybody watches.
    static BEGAN: Cell<Option<Counted>> = const { Cell::new(None) };
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

/// What the kernel has counted of this thread: page faults, and waits that it chose itself.
#[derive(Clone, Copy)]
struct Counted {
    faults: i64,
    waits: i64,
}

impl Counted {
    fn now() -> Self {
        let usage = getrusage(UsageWho::RUSAGE_THREAD).expect("the kernel counts");
        Self {
            faults: usage.minor_page_faults() + usage.major_page_faults(),
            waits: usage.voluntary_context_switches(),
        }
    }

    fn note_faults(self, before: Self) {
        FAULTS.fetch_add((self.faults - before.faults) as u64, Ordering::Relaxed);
    }

    fn note_waits(self, before: Self) {
        WAITS.fetch_add((self.waits - before.waits) as u64, Ordering::Relaxed);
    }
}

/// A span that knows its place in the tick: between the first one's reading and the last one's writing lies all but the commands.
enum Place<A> {
    First(A),
    Last(A),
}

impl<A: Audio> Audio for Place<A> {
    fn read(&mut self, block: &mut SpanBlock) -> BlockSource {
        match self {
            Self::First(audio) => {
                IS_ENGINE.set(true);
                let now = WATCHING.load(Ordering::Relaxed).then(Counted::now);
                if let (Some(now), Some(before)) = (now, BEGAN.replace(now)) {
                    // From one tick's reading to the next one's: what commands and events cost is in it.
                    now.note_faults(before);
                }
                audio.read(block)
            }
            Self::Last(audio) => audio.read(block),
        }
    }

    fn write(&mut self, block: &SpanBlock) {
        match self {
            Self::First(audio) => audio.write(block),
            Self::Last(audio) => {
                audio.write(block);
                if let Some(before) = BEGAN.get() {
                    Counted::now().note_waits(before);
                }
            }
        }
    }
}

const TIMESLOTS: core::ops::RangeInclusive<u8> = 1..=12;

/// Everything at once: prompts, digits both ways, receivers of all kinds, a bridge, a conference, recordings.
fn commands(clip: &Arc<Clip>) -> Vec<Command> {
    let (near, far) = (|slot| port(0, slot), |slot| port(1, slot));
    let each = TIMESLOTS.flat_map(|slot| {
        let digits = "159#".parse().expect("digits");
        [
            Command::Open(near(slot)),
            Command::Open(far(slot)),
            Command::Detect { port: far(slot), dtmf: DtmfDetection::On },
            Command::ListenProgress { port: far(slot), on: Listening::On },
            Command::ListenFsk { port: near(slot), on: Listening::On },
            Command::ListenFax { port: near(slot), on: Listening::On },
            Command::CancelEcho { port: far(slot), tail: Some(EchoTail::Ms32), settings: EchoSettings::default() },
            Command::StartRecord { port: far(slot), recording: RecordSlot(u16::from(slot)) },
            Command::Play {
                port: far(slot),
                play: PlayId(u32::from(slot)),
                clip: Arc::clone(clip),
                barge_in: BargeIn::Refused,
            },
            Command::SendDigits { port: near(slot), digits, on_ms: 60, off_ms: 60 },
        ]
    });
    let joined = [
        Command::Bridge(far(1), far(2)),
        Command::Join { conference: ConferenceId(0), port: far(3) },
        Command::Join { conference: ConferenceId(0), port: far(4) },
        Command::Join { conference: ConferenceId(0), port: far(5) },
    ];
    each.chain(joined).collect()
}

/// Has the engine do all of that until every digit was read and every clip has come back, then ends all.
fn round(control: &mut Control, clip: &Arc<Clip>, in_time: impl Fn() -> bool) {
    for command in commands(clip) {
        control.send(command).expect("room");
    }
    let wanted = (TIMESLOTS.count() * 4, TIMESLOTS.count());
    let (mut digits, mut played) = (0, Vec::new());
    while (digits, played.len()) != wanted {
        assert!(in_time(), "{digits} digits and {} plays of {wanted:?}", played.len());
        match control.poll_event() {
            Some(Event::Digit { .. }) => digits += 1,
            Some(Event::PlayDone { clip, .. }) => played.push(clip),
            Some(_) => {}
            None => std::thread::sleep(Duration::from_millis(1)),
        }
    }
    let ports: Vec<PortId> = TIMESLOTS.flat_map(|slot| [port(0, slot), port(1, slot)]).collect();
    for port in ports {
        control.send(Command::Close(port)).expect("room");
    }
    let mut stopped = 0;
    while stopped < TIMESLOTS.count() {
        assert!(in_time(), "{stopped} recordings have ended");
        match control.poll_event() {
            Some(Event::RecordStopped { .. }) => stopped += 1,
            Some(_) => {}
            None => std::thread::sleep(Duration::from_millis(1)),
        }
    }
}

#[test]
fn nothing_disturbs_the_ticks_of_a_busy_engine() {
    let (near, far) = memory_pair();
    let ((near, _near_link), (far, _far_link)) = (near.into_halves(), far.into_halves());
    let spans: Vec<Box<dyn Audio>> = vec![Box::new(Place::First(near)), Box::new(Place::Last(far))];
    let recorded = Arc::new(AtomicU64::new(0));
    let blocks = Arc::clone(&recorded);
    let count = Box::new(move |_block: &RecordedBlock| {
        blocks.fetch_add(1, Ordering::Relaxed);
    });
    // Where the system does not allow it, the engine runs as it can, and the test holds all the same.
    let mut control =
        start(spans, Options { realtime: true, ..Options::default() }, count, Arc::new(|| {})).expect("a thread");
    let clip = Arc::new(Clip::from_alaw(&[0x2A; 8000]));
    let started = Instant::now();
    let in_time = || started.elapsed() < Duration::from_secs(30);
    // Code and memory are used for the first time in the first round.
    round(&mut control, &clip, in_time);
    let (before, blocks) = (control.statistics().ticks, recorded.load(Ordering::Relaxed));
    WATCHING.store(true, Ordering::Relaxed);
    round(&mut control, &clip, in_time);
    WATCHING.store(false, Ordering::Relaxed);
    let ticks = control.statistics().ticks - before;
    let counts = [&CALLS, &FAULTS, &WAITS].map(|counter| counter.load(Ordering::Relaxed));
    assert_eq!(counts, [0; 3], "allocator, page faults, waits in {ticks} ticks");
    assert!(ticks > 100 && recorded.load(Ordering::Relaxed) - blocks > 500, "{ticks} ticks were watched");

    // And the watch does see what it looks for.
    IS_ENGINE.set(true);
    WATCHING.store(true, Ordering::Relaxed);
    let before = Counted::now();
    // More than the allocator keeps: the kernel gives each page when it is written.
    let fresh = std::hint::black_box(vec![1_u8; 4 << 20]);
    std::thread::sleep(Duration::from_millis(2));
    let after = Counted::now();
    drop(fresh);
    WATCHING.store(false, Ordering::Relaxed);
    assert_eq!(CALLS.load(Ordering::Relaxed), 2);
    assert!(after.faults > before.faults && after.waits > before.waits);
}
