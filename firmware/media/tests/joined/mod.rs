//! Two engines of one kind joined port by port, and a story of commands that both kinds play.

// Each test program uses a part of it.
#![allow(dead_code)]
use base::Digit;
use media::symbolic::{Sound, SymbolicEngine};
use media::{
    BLOCK, BargeIn, Block, Clip, Command, DtmfDetection, Engine, Event, FaxToneEvent, FskEvent, MfEvent, PlayId,
    PortId, RecordedBlock, Sink, Spectrum, ToneEvent, VoiceEvent,
};
use std::sync::Arc;

/// Ports of each engine.
pub(crate) const PORTS: usize = 5;

/// Which of the two engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Near,
    Far,
}

/// Commands by their ticks, in order.
pub(crate) struct Story {
    pub(crate) commands: Vec<(u64, Side, Command)>,
    pub(crate) ticks: u64,
}

/// What came of it. Numbers that are measured stand apart, since they may differ by a tick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) tick: u64,
    pub(crate) side: Side,
    pub(crate) what: String,
    pub(crate) ms: u32,
}

#[derive(Default)]
pub(crate) struct Taken(Vec<Event>);

impl Sink for Taken {
    fn event(&mut self, event: Event) {
        self.0.push(event);
    }

    fn recorded(&mut self, _block: &RecordedBlock) {}
}

/// What both engines have in common.
pub(crate) trait Kind {
    type Sound: Clone + PartialEq;
    const SILENCE: Self::Sound;
    fn new(ports: usize) -> Self;
    fn handle(&mut self, command: Command, taken: &mut Taken);
    fn tick(&mut self, rx: &[Self::Sound], tx: &mut [Self::Sound], taken: &mut Taken);
}

impl Kind for Engine {
    type Sound = Block;
    const SILENCE: Block = [0; BLOCK];

    fn new(ports: usize) -> Self {
        Self::new(ports)
    }

    fn handle(&mut self, command: Command, taken: &mut Taken) {
        self.handle(command, taken);
    }

    fn tick(&mut self, rx: &[Block], tx: &mut [Block], taken: &mut Taken) {
        self.tick(rx, tx, taken);
    }
}

impl Kind for SymbolicEngine {
    type Sound = Sound;
    const SILENCE: Sound = Sound::Silence;

    fn new(ports: usize) -> Self {
        Self::new(ports)
    }

    fn handle(&mut self, command: Command, taken: &mut Taken) {
        self.handle(command, taken);
    }

    fn tick(&mut self, rx: &[Sound], tx: &mut [Sound], taken: &mut Taken) {
        self.tick(rx, tx, taken);
    }
}

/// Two engines; what one sends in a tick, the other receives in the next.
pub(crate) struct Joined<K: Kind> {
    pub(crate) engines: [K; 2],
    on_the_way: [Vec<K::Sound>; 2],
    told: Vec<Told>,
    pub(crate) now: u64,
}

impl<K: Kind> Joined<K> {
    pub(crate) fn new() -> Self {
        let silent = || vec![K::SILENCE; PORTS];
        let engines = [K::new(PORTS), K::new(PORTS)];
        Self { engines, on_the_way: [silent(), silent()], told: Vec::new(), now: 0 }
    }

    fn obey(&mut self, side: Side, command: &Command) {
        let mut taken = Taken::default();
        self.engines[side as usize].handle(command.clone(), &mut taken);
        self.note(side, taken);
    }

    /// Tells whether both sent what they had sent before.
    fn tick(&mut self) -> bool {
        let received = self.on_the_way.clone();
        for side in [Side::Near, Side::Far] {
            let mut taken = Taken::default();
            let other = 1 - side as usize;
            self.engines[side as usize].tick(&received[other], &mut self.on_the_way[side as usize], &mut taken);
            self.note(side, taken);
        }
        self.now += 1;
        received == self.on_the_way
    }

    fn note(&mut self, side: Side, taken: Taken) {
        let tick = self.now;
        self.told.extend(taken.0.iter().map(|event| {
            let (what, ms) = described(event);
            Told { tick, side, what, ms }
        }));
    }

    pub(crate) fn play(mut self, story: &Story) -> Vec<Told> {
        let mut commands = story.commands.iter().peekable();
        while self.now < story.ticks {
            while let Some((_, side, command)) = commands.next_if(|(tick, ..)| *tick <= self.now) {
                self.obey(*side, command);
            }
            self.tick();
        }
        self.told
    }
}

impl Joined<SymbolicEngine> {
    /// Plays the story jumping wherever both engines allow; tells also how many ticks were run.
    pub(crate) fn play_in_jumps(mut self, story: &Story) -> (Vec<Told>, u64) {
        let mut commands = story.commands.iter().peekable();
        let mut run = 0;
        while self.now < story.ticks {
            while let Some((_, side, command)) = commands.next_if(|(tick, ..)| *tick <= self.now) {
                self.obey(*side, command);
            }
            let same = self.tick();
            run += 1;
            let until = commands.peek().map_or(story.ticks, |(tick, ..)| (*tick).min(story.ticks));
            let steady = |engine: &SymbolicEngine| engine.next_change().unwrap_or(u64::MAX);
            let jump = steady(&self.engines[0]).min(steady(&self.engines[1])).min(until.saturating_sub(self.now));
            if same && jump > 0 {
                self.engines.iter_mut().for_each(|engine| engine.skip(jump));
                self.now += jump;
            }
        }
        (self.told, run)
    }
}

fn described(event: &Event) -> (String, u32) {
    let name = |digit: &Digit| digit.as_char();
    match event {
        Event::DigitEarly { port, digit } => (format!("{}: {} early", port.0, name(digit)), 0),
        Event::DigitRetracted { port } => (format!("{}: retracted", port.0), 0),
        Event::Digit { port, digit } => (format!("{}: {}", port.0, name(digit)), 0),
        Event::DigitEnded { port, digit, duration_ms } => (format!("{}: {} ended", port.0, name(digit)), *duration_ms),
        Event::PlayDone { port, play, played_ms, reason, .. } => {
            (format!("{}: play {} {reason:?}", port.0, play.0), *played_ms)
        }
        Event::Mark { port, play, mark } => (format!("{}: play {} mark {mark}", port.0, play.0), 0),
        Event::HoldEnded { port, music } => (format!("{}: hold ended {}", port.0, music.is_some()), 0),
        Event::TapRefused { recording, why } => (format!("recording {}: {why:?}", recording.0), 0),
        Event::DigitsSent { port } => (format!("{}: digits sent", port.0), 0),
        Event::ToneDone { port } => (format!("{}: tone done", port.0), 0),
        Event::FskSent { port } => (format!("{}: FSK sent", port.0), 0),
        Event::Mf { port, event: MfEvent::Began(signal) } => (format!("{}: signal {signal}", port.0), 0),
        Event::Mf { port, event: MfEvent::Ended(signal) } => (format!("{}: signal {signal} ended", port.0), 0),
        Event::Fsk { port, event: FskEvent::Octet(octet) } => (format!("{}: octet {octet:02x}", port.0), 0),
        Event::Fsk { port, event } => (format!("{}: {event:?}", port.0), 0),
        Event::Progress { port, event } => tone(port.0, event),
        Event::Fax { port, event: FaxToneEvent::AnswerEnded { answer, reversals, lasted_ms } } => {
            (format!("{}: {answer:?} ended, {reversals} reversals", port.0), *lasted_ms)
        }
        Event::Fax { port, event } => (format!("{}: {event:?}", port.0), 0),
        Event::FaxToneSent { port } => (format!("{}: fax tone sent", port.0), 0),
        Event::Overload { level } => (format!("overload {level}"), 0),
        Event::Voice { port, event: VoiceEvent::Began { .. } } => (format!("{}: speaks", port.0), 0),
        Event::Voice { port, event: VoiceEvent::Ended { .. } } => (format!("{}: ceased", port.0), 0),
        Event::Levels { port, levels } => (format!("{}: meter {:.0} dBm0", port.0, levels.now.0), 0),
        Event::Level { port, level } => (format!("{}: {:.0} dBm0", port.0, level.0), 0),
        Event::RecordStopped { recording } => (format!("recording {} stopped", recording.0), 0),
        Event::RecordRefused { port, recording } => (format!("{}: recording {} refused", port.0, recording.0), 0),
        Event::Refused { port, why } => (format!("{}: {why:?}", port.0), 0),
    }
}

/// Frequencies to 10 Hz.
fn tone(port: u16, event: &ToneEvent) -> (String, u32) {
    let hz = |spectrum: &Spectrum| spectrum.frequency_hz.map(|hz| (hz + 5) / 10 * 10);
    match event {
        ToneEvent::Began(spectrum) => (format!("{port}: tone {:?}", hz(spectrum)), 0),
        ToneEvent::Lasts { spectrum, duration_ms } => (format!("{port}: tone {:?} lasts", hz(spectrum)), *duration_ms),
        ToneEvent::Ended { spectrum, duration_ms } => (format!("{port}: tone {:?} ended", hz(spectrum)), *duration_ms),
        ToneEvent::Voice => (format!("{port}: voice"), 0),
        ToneEvent::Silence { lasted_ms } => (format!("{port}: silence"), *lasted_ms),
    }
}

/// Plays the story on both engines, and on the symbolic one in jumps too.
#[track_caller]
pub(crate) fn check(commands: Vec<(u64, Side, Command)>, ticks: u64, expected: &[(u64, Side, &str, u32)]) {
    let story = Story { commands, ticks };
    let symbolic = Joined::<SymbolicEngine>::new().play(&story);
    compare("samples", &Joined::<Engine>::new().play(&story), expected);
    compare("symbols", &symbolic, expected);
    assert_eq!(Joined::<SymbolicEngine>::new().play_in_jumps(&story).0, symbolic, "jumping");
}

/// Same events, same order; times and lengths within a tick.
#[track_caller]
pub(crate) fn compare(kind: &str, told: &[Told], expected: &[(u64, Side, &str, u32)]) {
    let names: Vec<_> = told.iter().map(|told| (told.side, told.what.as_str())).collect();
    let wanted: Vec<_> = expected.iter().map(|&(_, side, what, _)| (side, what)).collect();
    assert_eq!(names, wanted, "{kind}: {told:#?}");
    for (told, &(tick, _, _, ms)) in told.iter().zip(expected) {
        assert!(told.tick.abs_diff(tick) <= 1, "{kind}: in tick {tick} expected: {told:?}");
        assert!(told.ms.abs_diff(ms) <= 10, "{kind}: {ms} ms expected: {told:?}");
    }
}

/// The first ports of both engines are open.
pub(crate) fn opened(ports: u16) -> Vec<(u64, Side, Command)> {
    (0..ports).flat_map(|port| [Side::Near, Side::Far].map(|side| (0, side, Command::Open(PortId(port))))).collect()
}

/// A prompt of a low hum, which no receiver takes for a signal.
pub(crate) fn play(port: u16, play: u32, ms: usize, barge_in: BargeIn) -> Command {
    Command::Play { port: PortId(port), play: PlayId(play), clip: hum(ms), barge_in }
}

pub(crate) fn hum(ms: usize) -> Arc<Clip> {
    marked(ms, &[])
}

/// No tone: what it is played to hears a voice.
pub(crate) fn hiss(ms: usize) -> Arc<Clip> {
    let mut random = Random(1);
    let samples: Vec<i16> = (0..ms * 8).map(|_| (random.below(12_000) as i16) - 6000).collect();
    Arc::new(Clip::from_pcm(&samples))
}

/// Syllables, five a second.
pub(crate) fn speech(ms: usize) -> Arc<Clip> {
    let mut random = Random(1);
    let envelope = |at: usize| (at as f64 * std::f64::consts::PI / 1600.0).sin().abs();
    let mut noise = || f64::from(random.below(16_000) as i16) - 8000.0;
    let samples: Vec<i16> = (0..ms * 8).map(|at| (noise() * envelope(at + 200)) as i16).collect();
    Arc::new(Clip::from_pcm(&samples))
}

pub(crate) fn marked(ms: usize, marks: &[u32]) -> Arc<Clip> {
    let hum = |at: usize| (6000.0 * (at as f64 * std::f64::consts::TAU * 300.0 / 8000.0).sin()) as i16;
    Arc::new(Clip::from_pcm(&(0..ms * 8).map(hum).collect::<Vec<_>>()).with_marks(marks))
}

pub(crate) fn detect(port: u16, dtmf: DtmfDetection) -> Command {
    Command::Detect { port: PortId(port), dtmf }
}

pub(crate) fn dial(port: u16, digits: &str, on_ms: u16, off_ms: u16) -> Command {
    Command::SendDigits { port: PortId(port), digits: digits.parse().unwrap(), on_ms, off_ms }
}

/// A small generator, the same everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}
