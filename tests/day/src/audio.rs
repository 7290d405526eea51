//! The engines of both ends, joined channel by channel: with samples and without, behind one trait.

use crate::plan::End;
use media::symbolic::{Sound, SymbolicEngine};
use media::{Block, Clip, Command, Engine, Event, PortId, RecordedBlock, Sink};
use ports::span::TIMESLOTS;
use std::sync::Arc;
use test_signals::{Voice, through_alaw};

/// Milliseconds of a tick.
pub const TICK_MS: u64 = 10;

/// Two joined engines whose ports are timeslots.
pub trait Audio {
    /// Both, at rest.
    fn new() -> Self;
    /// Ticks lived so far.
    fn ticks(&self) -> u64;
    /// How many ticks from the start will have been lived when something is told of next; `None`: never, if nobody does anything.
    fn due(&self) -> Option<u64>;
    /// Lives on until so many ticks are over. Nothing may be due before.
    fn skip_to(&mut self, ticks: u64);
    /// One tick. What was told goes to `told`.
    fn tick(&mut self, told: &mut Vec<(End, Event)>);
    /// Obeys at one end.
    fn handle(&mut self, end: End, command: Command, told: &mut Vec<(End, Event)>);
    /// What this end sends is not heard, from now on or no longer.
    fn cut(&mut self, from: End, is_cut: bool);
    /// This end's clock leaves one sample out.
    fn slip(&mut self, at: End);
}

/// Takes one end's events.
struct Taken<'a>(End, &'a mut Vec<(End, Event)>);

impl Sink for Taken<'_> {
    fn event(&mut self, event: Event) {
        self.1.push((self.0, event));
    }

    fn recorded(&mut self, _block: &RecordedBlock) {}
}

/// Both ends have every port open.
fn open<E>(engines: &mut [E; 2], mut handle: impl FnMut(&mut E, Command, &mut Taken<'_>)) {
    let mut told = Vec::new();
    for (end, engine) in End::BOTH.into_iter().zip(engines) {
        for port in 0..TIMESLOTS as u16 {
            handle(engine, Command::Open(PortId(port)), &mut Taken(end, &mut told));
        }
    }
}

/// What one end sends on all timeslots in a tick.
type Sounds = Box<[Sound; TIMESLOTS]>;

/// Without samples.
pub struct Symbolic {
    engines: [SymbolicEngine; 2],
    /// What each end sent in the last tick, and in the one before.
    sent: [Sounds; 2],
    last: [Sounds; 2],
    cuts: [bool; 2],
    /// What this end hears in the next tick is not what it heard in the last.
    is_new: [bool; 2],
    due: Option<u64>,
    ticks: u64,
}

impl Audio for Symbolic {
    fn new() -> Self {
        let mut engines = [SymbolicEngine::new(TIMESLOTS), SymbolicEngine::new(TIMESLOTS)];
        open(&mut engines, |engine, command, sink| engine.handle(command, sink));
        let silent = || Box::new([Sound::Silence; TIMESLOTS]);
        let (sent, last) = ([silent(), silent()], [silent(), silent()]);
        Self { engines, sent, last, cuts: [false; 2], is_new: [true; 2], due: Some(1), ticks: 0 }
    }

    fn ticks(&self) -> u64 {
        self.ticks
    }

    fn due(&self) -> Option<u64> {
        self.due
    }

    fn skip_to(&mut self, ticks: u64) {
        let skipped = ticks.saturating_sub(self.ticks);
        if skipped > 0 {
            self.engines.iter_mut().for_each(|engine| engine.skip(skipped));
            self.ticks = ticks;
        }
    }

    fn tick(&mut self, told: &mut Vec<(End, Event)>) {
        core::mem::swap(&mut self.sent, &mut self.last);
        let silent = [Sound::Silence; TIMESLOTS];
        let is_new = core::mem::take(&mut self.is_new);
        let mut runs = [false; 2];
        for (end, other) in End::BOTH.map(|end| (end.at(), end.other().at())) {
            let engine = &mut self.engines[end];
            runs[end] = is_new[end] || engine.next_change() == Some(0);
            if runs[end] {
                let heard = if self.cuts[other] { &silent } else { &*self.last[other] };
                engine.tick(heard, &mut self.sent[end][..], &mut Taken(End::BOTH[end], told));
                self.is_new[other] = self.sent[end] != self.last[end];
            } else {
                engine.skip(1);
            }
        }
        for end in (0..2).filter(|&end| !runs[end]) {
            core::mem::swap(&mut self.sent[end], &mut self.last[end]);
        }
        self.ticks += 1;
        let changes = self.engines.iter().filter_map(SymbolicEngine::next_change);
        let change = if self.is_new.contains(&true) { Some(0) } else { changes.min() };
        self.due = change.map(|ticks| (self.ticks + 1).saturating_add(ticks));
    }

    fn handle(&mut self, end: End, command: Command, told: &mut Vec<(End, Event)>) {
        self.engines[end.at()].handle(command, &mut Taken(end, told));
        self.due = Some(self.ticks + 1);
    }

    fn cut(&mut self, from: End, is_cut: bool) {
        if self.cuts[from.at()] != is_cut {
            self.cuts[from.at()] = is_cut;
            self.is_new[from.other().at()] = true;
            self.due = Some(self.ticks + 1);
        }
    }

    /// A sample less is no event.
    fn slip(&mut self, _at: End) {}
}

/// With samples.
pub struct Sampled {
    engines: [Engine; 2],
    sent: [Box<[Block; TIMESLOTS]>; 2],
    cuts: [bool; 2],
    /// The next tick lacks a sample, at this end.
    slips: [bool; 2],
    /// Tones given at each end, by port.
    tones: [[bool; TIMESLOTS]; 2],
    /// Ticks since something was ordered or heard.
    still: u64,
    ticks: u64,
}

/// After so many ticks of silence nothing is being sent, and every receiver has told of the silence: 3 s, longer than anything that is said or keyed.
const STILL: u64 = 300;

impl Audio for Sampled {
    fn new() -> Self {
        let mut engines = [Engine::new(TIMESLOTS), Engine::new(TIMESLOTS)];
        open(&mut engines, |engine, command, sink| engine.handle(command, sink));
        let silent = || Box::new([[0; media::BLOCK]; TIMESLOTS]);
        Self {
            engines,
            sent: [silent(), silent()],
            cuts: [false; 2],
            slips: [false; 2],
            tones: [[false; TIMESLOTS]; 2],
            still: 0,
            ticks: 0,
        }
    }

    fn ticks(&self) -> u64 {
        self.ticks
    }

    fn due(&self) -> Option<u64> {
        (self.still < STILL || self.tones.iter().flatten().any(|&tone| tone)).then_some(self.ticks + 1)
    }

    /// Silence upon silence changes nothing.
    fn skip_to(&mut self, ticks: u64) {
        self.ticks = self.ticks.max(ticks);
    }

    fn tick(&mut self, told: &mut Vec<(End, Event)>) {
        let mut heard = self.sent.clone();
        for end in End::BOTH {
            let heard = &mut heard[end.other().at()];
            if self.cuts[end.other().at()] {
                heard.fill([0; media::BLOCK]);
            }
            if core::mem::take(&mut self.slips[end.at()]) {
                // The last one stands twice: what follows is in its place again.
                heard.iter_mut().for_each(|block| block.copy_within(1.., 0));
            }
            self.engines[end.at()].tick(&heard[..], &mut self.sent[end.at()][..], &mut Taken(end, told));
        }
        let is_silent = self.sent.iter().all(|blocks| blocks.as_flattened().iter().all(|&sample| sample == 0));
        self.still = if is_silent { self.still + 1 } else { 0 };
        self.ticks += 1;
    }

    fn handle(&mut self, end: End, command: Command, told: &mut Vec<(End, Event)>) {
        self.still = 0;
        let (Command::Tone { port, .. } | Command::StopTone(port) | Command::Close(port)) = &command else {
            return self.engines[end.at()].handle(command, &mut Taken(end, told));
        };
        self.tones[end.at()][usize::from(port.0)] = matches!(command, Command::Tone { .. });
        self.engines[end.at()].handle(command, &mut Taken(end, told));
    }

    fn cut(&mut self, from: End, is_cut: bool) {
        self.cuts[from.at()] = is_cut;
    }

    fn slip(&mut self, at: End) {
        self.slips[at.at()] = true;
    }
}

/// What somebody says who answers: a second and a half of a voice without a pause.
pub(crate) fn hello() -> Arc<Clip> {
    let mut voice = Voice::new(9, -6.0);
    Arc::new(Clip::from_pcm(&through_alaw((0..12_000).map(|_| voice.next_sample()))))
}
