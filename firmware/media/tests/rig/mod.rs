//! An engine with a line at each port: samples queued to come in, all that goes out kept, events and recordings kept.

// Each test program uses a part of it.
#![allow(dead_code)]
use dsp_tone::{DigitSender, DtmfBank, DtmfEvent, Profile, SendProfile};
use media::{
    BLOCK, BargeIn, Block, Clip, Command, DtmfDetection, Engine, Event, PlayEnd, PlayId, PortId, RecordSlot,
    RecordedBlock, Sink,
};
use std::collections::VecDeque;
use std::sync::Arc;

#[derive(Default)]
pub(crate) struct Taken {
    /// Events with the tick in which they came.
    pub(crate) events: Vec<(usize, Event)>,
    pub(crate) recorded: Vec<(usize, RecordedBlock)>,
    tick: usize,
}

impl Sink for Taken {
    fn event(&mut self, event: Event) {
        self.events.push((self.tick, event));
    }

    fn recorded(&mut self, block: &RecordedBlock) {
        self.recorded.push((self.tick, *block));
    }
}

pub(crate) struct Rig {
    pub(crate) engine: Engine,
    pub(crate) taken: Taken,
    /// Samples each port will receive.
    lines: Vec<VecDeque<i16>>,
    /// Samples each port has sent.
    pub(crate) sent: Vec<Vec<i16>>,
}

impl Rig {
    /// An engine whose ports are all open.
    pub(crate) fn new(ports: u16) -> Self {
        Self::of(Engine::new(usize::from(ports)), ports)
    }

    /// The same of an engine with as many ports.
    pub(crate) fn of(engine: Engine, ports: u16) -> Self {
        let count = usize::from(ports);
        let mut rig = Self {
            engine,
            taken: Taken::default(),
            lines: vec![VecDeque::new(); count],
            sent: vec![Vec::new(); count],
        };
        (0..ports).for_each(|port| rig.obey(Command::Open(PortId(port))));
        assert!(rig.taken.events.is_empty());
        rig
    }

    pub(crate) fn obey(&mut self, command: Command) {
        self.engine.handle(command, &mut self.taken);
    }

    /// Queues samples behind what the port is still to receive.
    pub(crate) fn line(&mut self, port: u16, samples: impl IntoIterator<Item = i16>) {
        self.lines[usize::from(port)].extend(samples);
    }

    pub(crate) fn key(&mut self, port: u16, digits: &str, on_ms: u16, off_ms: u16) {
        self.line(port, keyed(digits, on_ms, off_ms));
    }

    pub(crate) fn ticks(&mut self, count: usize) {
        for _ in 0..count {
            let rx: Vec<Block> = self
                .lines
                .iter_mut()
                .map(|line| std::array::from_fn(|_| line.pop_front().unwrap_or_default()))
                .collect();
            let mut tx = vec![[1; BLOCK]; rx.len()];
            self.engine.tick(&rx, &mut tx, &mut self.taken);
            self.sent.iter_mut().zip(&tx).for_each(|(sent, block)| sent.extend(block));
            self.taken.tick += 1;
        }
    }

    pub(crate) fn detect(&mut self, port: u16) {
        self.obey(Command::Detect { port: PortId(port), dtmf: DtmfDetection::On });
    }

    pub(crate) fn play(&mut self, port: u16, play: u32, clip: Clip, barge_in: BargeIn) {
        self.obey(Command::Play { port: PortId(port), play: PlayId(play), clip: Arc::new(clip), barge_in });
    }

    pub(crate) fn record(&mut self, port: u16, slot: u16) {
        self.obey(Command::StartRecord { port: PortId(port), recording: RecordSlot(slot) });
    }

    /// Events since the last time, with their ticks.
    pub(crate) fn news(&mut self) -> Vec<(usize, Event)> {
        std::mem::take(&mut self.taken.events)
    }

    /// Digits confirmed since the last time.
    pub(crate) fn digits(&mut self) -> String {
        let digit = |event: &(usize, Event)| match event.1 {
            Event::Digit { digit, .. } => Some(digit.as_char()),
            _ => None,
        };
        self.news().iter().filter_map(digit).collect()
    }

    /// Plays that ended since the last time: which, why, how long they were heard.
    pub(crate) fn plays(&mut self) -> Vec<(u32, PlayEnd, u32)> {
        let done = |event: &(usize, Event)| match event.1 {
            Event::PlayDone { play, reason, played_ms, .. } => Some((play.0, reason, played_ms)),
            _ => None,
        };
        self.news().iter().filter_map(done).collect()
    }

    /// A recording so far: received and sent, linear.
    pub(crate) fn recording(&self, slot: u16) -> (Vec<i16>, Vec<i16>) {
        let blocks = self.taken.recorded.iter().filter(|(_, block)| block.recording == RecordSlot(slot));
        let decode = |octets: [u8; BLOCK]| octets.map(dsp_g711::alaw_decode);
        blocks.map(|(_, block)| (decode(block.received), decode(block.sent))).fold(
            (Vec::new(), Vec::new()),
            |mut all, (received, sent)| {
                all.0.extend(received);
                all.1.extend(sent);
                all
            },
        )
    }
}

/// Linear samples of a dialled string, the last pause too.
pub(crate) fn keyed(digits: &str, on_ms: u16, off_ms: u16) -> Vec<i16> {
    let mut sender = DigitSender::new(digits.parse().unwrap(), SendProfile::new(on_ms, off_ms));
    let mut samples = Vec::new();
    while !sender.is_over() {
        let mut sample = [0];
        sender.fill(&mut sample);
        samples.extend(sample);
    }
    samples
}

/// One frequency, through A-law as on a line.
pub(crate) fn sine(hz: f64, amplitude: f64, samples: usize) -> Vec<i16> {
    let sample = |at: usize| (amplitude * (std::f64::consts::TAU * hz * at as f64 / 8000.0).sin()) as i16;
    (0..samples).map(|at| dsp_g711::alaw_decode(dsp_g711::alaw_encode(sample(at)))).collect()
}

/// Root mean square.
pub(crate) fn loudness(samples: &[i16]) -> f64 {
    let power = samples.iter().map(|&sample| f64::from(sample).powi(2)).sum::<f64>() / samples.len().max(1) as f64;
    power.sqrt()
}

/// What a line at rest decodes to.
pub(crate) fn is_silent(samples: &[i16]) -> bool {
    samples.iter().all(|sample| sample.unsigned_abs() <= 8)
}

/// Digits that the tree's own receiver finds.
pub(crate) fn digits_in(samples: &[i16]) -> String {
    let mut bank = DtmfBank::<1>::new(Profile::ATT);
    let mut found = String::new();
    for block in samples.as_chunks::<BLOCK>().0 {
        bank.process(&[Some(block)], |_, event| match event {
            DtmfEvent::Began(digit) => found.push(digit.as_char()),
            DtmfEvent::Early(_) | DtmfEvent::Retracted | DtmfEvent::Ended { .. } => {}
        });
    }
    found
}
