//! Two engines of one kind joined port by port, and a story of commands that both kinds play.

use base::Digit;
use media::symbolic::{Sound, SymbolicEngine};
use media::{BLOCK, Block, Command, Engine, Event, FskEvent, MfEvent, RecordedBlock, Sink, Spectrum, ToneEvent};

/// Ports of each engine.
const PORTS: usize = 3;

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
        Event::DigitsSent { port } => (format!("{}: digits sent", port.0), 0),
        Event::ToneDone { port } => (format!("{}: tone done", port.0), 0),
        Event::FskSent { port } => (format!("{}: FSK sent", port.0), 0),
        Event::Mf { port, event: MfEvent::Began(signal) } => (format!("{}: signal {signal}", port.0), 0),
        Event::Mf { port, event: MfEvent::Ended(signal) } => (format!("{}: signal {signal} ended", port.0), 0),
        Event::Fsk { port, event: FskEvent::Octet(octet) } => (format!("{}: octet {octet:02x}", port.0), 0),
        Event::Fsk { port, event } => (format!("{}: {event:?}", port.0), 0),
        Event::Progress { port, event } => tone(port.0, event),
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
