//! The tick allocates nothing and frees nothing, whatever goes on: a counting allocator watches it.

// An allocator cannot be written in safe Rust; this one only counts and passes on.
#![allow(unsafe_code)]
// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]

use base::Dbm0;
use dsp_tone::{DigitSender, SendProfile};
use media::{
    BLOCK, BargeIn, Block, Clamp, Clip, Command, ConferenceId, DtmfDetection, EchoSettings, EchoTail, Engine, Event,
    Listening, Modulation, PlayId, PortId, RecordSlot, RecordedBlock, Register, Sink, Source, Supervision, ToneSpec,
};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

thread_local! {
    /// Of this thread: what runs the test has threads of its own, which allocate when they please.
    static CALLS: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    // A thread at its very end has no counter any more.
    let _ended = CALLS.try_with(|calls| calls.set(calls.get() + 1));
}

struct Counting;

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the system allocator's own contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count();
        // SAFETY: as above.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Keeps clips that come back, as the real one hands them to another thread.
struct Kept {
    clips: Vec<Arc<Clip>>,
    digits: u64,
    recorded: u64,
}

impl Sink for Kept {
    fn event(&mut self, event: Event) {
        match event {
            Event::PlayDone { clip, .. } => self.clips.push(clip),
            Event::Digit { .. } => self.digits += 1,
            _ => {}
        }
    }

    fn recorded(&mut self, _block: &RecordedBlock) {
        self.recorded += 1;
    }
}

#[test]
fn a_busy_tick_never_meets_the_allocator() {
    const PORTS: u16 = 240;
    let mut engine = Engine::with_cancellers(usize::from(PORTS));
    let mut kept = Kept { clips: Vec::with_capacity(4096), digits: 0, recorded: 0 };
    for number in 0..PORTS {
        let port = PortId(number);
        engine.handle(Command::Open(port), &mut kept);
        engine.handle(Command::Detect { port, dtmf: DtmfDetection::On }, &mut kept);
        engine.handle(Command::ListenProgress { port, on: Listening::On }, &mut kept);
        engine.handle(Command::ListenMf { port, register: Some(Register::Forward) }, &mut kept);
        engine.handle(Command::ListenFsk { port, on: Listening::On }, &mut kept);
        engine.handle(Command::ListenFax { port, on: Listening::On }, &mut kept);
        engine.handle(Command::ListenVoice { port, on: Listening::On }, &mut kept);
        engine.handle(Command::ListenLevels { port, on: Listening::On }, &mut kept);
        engine.handle(Command::ClampRecord { port, clamp: Clamp::On }, &mut kept);
        engine.handle(Command::StartRecord { port, recording: RecordSlot(number) }, &mut kept);
        for play in 0..4 {
            let clip = Arc::new(Clip::from_alaw(&[0x2A; 1234]));
            engine.handle(Command::Play { port, play: PlayId(play), clip, barge_in: BargeIn::Allowed }, &mut kept);
        }
        if number % 3 == 0 {
            engine.handle(Command::Tone { port, tone: ToneSpec::single(450.0, Dbm0(-10.0)) }, &mut kept);
        }
        if number % 8 == 5 {
            engine.handle(Command::SendMf { port, signal: Some((Register::Forward, 3)) }, &mut kept);
        }
        if number % 8 == 6 {
            let octets = [0x55; 50].into_iter().collect();
            let (seizure_bits, mark_bits) = (300, 180);
            let modulation = Modulation::V23;
            engine.handle(Command::SendFsk { port, modulation, seizure_bits, mark_bits, octets }, &mut kept);
        }
        if number % 8 == 1 {
            engine.handle(Command::Bridge(port, PortId(number + 1)), &mut kept);
        }
    }
    rooms(&mut engine, &mut kept);
    let mut sender = DigitSender::new("1234567890".parse().unwrap(), SendProfile::new(60, 40));
    let mut rx = vec![[0_i16; BLOCK]; usize::from(PORTS)];
    let mut tx = vec![[0_i16; BLOCK]; usize::from(PORTS)];
    let mut heard: Block = [0; BLOCK];
    let before = CALLS.get();
    for _ in 0..110 {
        sender.fill(&mut heard);
        rx.fill(heard);
        engine.tick(&rx, &mut tx, &mut kept);
        engine.took(Duration::from_millis(9), &mut kept);
    }
    let calls = CALLS.get() - before;
    assert_eq!(calls, 0, "calls of the allocator in 110 ticks");
    assert_eq!(kept.digits, 10 * u64::from(PORTS));
    assert_eq!(kept.recorded, 104 * u64::from(PORTS));
    assert_eq!(kept.clips.len(), 4 * usize::from(PORTS));
}

/// A large conference and a small one, supervisors of each kind, a port on hold; the large one's mix in place of a port's recording.
fn rooms(engine: &mut Engine, kept: &mut Kept) {
    for number in 100..=130 {
        engine.handle(Command::Join { conference: ConferenceId(u16::from(number > 127)), port: PortId(number) }, kept);
        engine.handle(Command::ClampPassed { port: PortId(number), clamp: Clamp::On }, kept);
    }
    for number in 0..32 {
        let tail = Some(if number < 16 { EchoTail::Ms32 } else { EchoTail::Ms128 });
        engine.handle(Command::CancelEcho { port: PortId(number), tail, settings: EchoSettings::default() }, kept);
    }
    for (port, way) in [(140, Supervision::Listen), (141, Supervision::Whisper), (142, Supervision::Barge)] {
        engine.handle(Command::Supervise { port: PortId(port), supervised: PortId(100), way }, kept);
    }
    let music = Some(Arc::new(Clip::from_alaw(&[0x55; 321])));
    engine.handle(Command::Hold { port: PortId(101), music }, kept);
    engine.handle(Command::StopRecord(RecordSlot(150)), kept);
    let source = Source::Conference(ConferenceId(0));
    engine.handle(Command::StartTap { source, recording: RecordSlot(150) }, kept);
}
