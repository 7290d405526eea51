//! The engine: all ports and their bridges.

use super::Sound;
use super::ear::FOR_EVER;
use super::outgoing::{Dialling, Modulating, Toning};
use super::port::Port;
use super::signal_ears::{FskEar, MfEar};
use super::tone_ear::ToneEar;
use crate::bridges::Bridges;
use crate::meter::Meter;
use crate::port::Play;
use crate::{Command, Direction, Event, Listening, Muting, PlayEnd, PortId, RecordSlot, Refusal, Sink};

/// A recorder: whom it records, since when, and for how many ticks it did last.
#[derive(Clone, Copy, Default)]
struct Recorder {
    port: Option<PortId>,
    since: u64,
    ticks: u64,
}

/// What must be looked at in every tick of a port. The port itself is left alone until something changes.
#[derive(Clone, Copy)]
struct Rest {
    received: Sound,
    sent: Sound,
    /// The next tick that the port must run even if it goes on receiving the same.
    until: u64,
    /// Ticks that the port knows of.
    known: u64,
}

impl Rest {
    const CLOSED: Self = Self { received: Sound::Silence, sent: Sound::Silence, until: FOR_EVER, known: 0 };
}

/// All ports of the box, without samples. See the module's documentation.
pub struct SymbolicEngine {
    ports: Box<[Port]>,
    bridges: Bridges,
    rests: Box<[Rest]>,
    recorders: Box<[Recorder]>,
    /// Ticks since the start.
    now: u64,
}

impl SymbolicEngine {
    /// An engine of `ports` closed ports and as many recorders, as [`Engine::new`](crate::Engine::new).
    pub fn new(ports: usize) -> Self {
        let ports: Box<[Port]> = (0..=u16::MAX).take(ports).map(|id| Port::new(PortId(id))).collect();
        let recorders = vec![Recorder::default(); ports.len()].into_boxed_slice();
        let rests = vec![Rest::CLOSED; ports.len()].into_boxed_slice();
        Self { bridges: Bridges::new(ports.len()), rests, ports, recorders, now: 0 }
    }

    /// How many ports there are.
    pub fn ports(&self) -> usize {
        self.ports.len()
    }

    /// Ticks that this recorder's present or last recording lasted.
    pub fn recorded_ticks(&self, recording: RecordSlot) -> u64 {
        self.recorders.get(usize::from(recording.0)).map_or(0, |recorder| match recorder.port {
            Some(_) => self.now - recorder.since,
            None => recorder.ticks,
        })
    }

    /// Obeys a command. What it causes at once goes to the sink.
    pub fn handle(&mut self, command: Command, sink: &mut impl Sink) {
        let now = self.now;
        match command {
            Command::Open(port) => self.open(port, sink),
            Command::Close(port) => self.close(port, sink),
            Command::Play { port, play, clip, barge_in } => {
                let play = Play::new(play, clip, barge_in);
                match self.find(port) {
                    Ok(found) => found.play(play, now, sink),
                    Err(_) => play.done(port, PlayEnd::Refused, sink),
                }
            }
            Command::StopPlay(port) => self.with(port, sink, |port, sink| port.end_plays(PlayEnd::Stopped, sink)),
            Command::Tone { port, tone } => {
                self.with(port, sink, |port, sink| port.start_tone(Toning::new(tone), sink));
            }
            Command::StopTone(port) => self.with(port, sink, |port, sink| port.stop_tone(sink)),
            Command::SendDigits { port, digits, on_ms, off_ms } => {
                let digits = Dialling::new(digits, on_ms, off_ms);
                self.with(port, sink, |port, sink| port.dial(digits, sink));
            }
            Command::SendMf { port, signal } => self.with(port, sink, |port, sink| port.send_mf(signal, sink)),
            Command::SendFsk { port, modulation: _, seizure_bits, mark_bits, octets } => {
                let octets = Modulating::new(seizure_bits, mark_bits, octets);
                self.with(port, sink, |port, sink| port.modulate(octets, sink));
            }
            Command::StopFsk(port) => self.with(port, sink, |port, sink| port.stop_fsk(sink)),
            Command::ListenMf { port, register } => {
                self.with(port, sink, |port, _| port.mf_ear = register.map(MfEar::new));
            }
            Command::ListenFsk { port, on } => {
                self.with(port, sink, |port, _| port.fsk_ear = (on == Listening::On).then(FskEar::new));
            }
            Command::Detect { port, dtmf } => self.with(port, sink, |port, _| port.detect(dtmf)),
            Command::ListenProgress { port, on } => {
                self.with(port, sink, |port, _| port.tone_ear = (on == Listening::On).then(ToneEar::new));
            }
            Command::MeasureLevel { port, ms } => {
                self.with(port, sink, |port, _| port.meter = Some(Meter::new(ms)));
            }
            Command::Bridge(one, other) => self.bridge(one, other, sink),
            Command::Unbridge(port) => self.unbridge(port),
            Command::Mute { port, direction, on } => self.with(port, sink, |port, _| match direction {
                Direction::Received => port.received_muted = on,
                Direction::Sent => port.sent_muted = on,
            }),
            Command::StartRecord { port, recording } => self.start_record(port, recording, sink),
            Command::StopRecord(recording) => self.stop_record(recording, sink),
            // What is silent in a recording makes no event.
            Command::MaskRecord { port, mask: _ } => self.with(port, sink, |_, _| {}),
            Command::ClampRecord { port, clamp } => self.with(port, sink, |port, _| port.clamp(clamp)),
        }
    }

    /// Ten milliseconds, as [`Engine::tick`](crate::Engine::tick).
    pub fn tick(&mut self, rx: &[Sound], tx: &mut [Sound], sink: &mut impl Sink) {
        self.take_in(rx);
        for at in 0..self.ports.len() {
            if self.rests[at].until <= self.now {
                self.catch_up(at);
                self.ports[at].hear(self.rests[at].received, sink);
            }
        }
        for at in 0..self.ports.len() {
            if self.rests[at].until <= self.now {
                let bridged = self.bridged(at);
                let port = &mut self.ports[at];
                let sent = port.send(bridged, self.now, sink);
                let steady = port.steady(bridged, sent);
                let known = self.now + 1;
                self.rests[at] = Rest { sent, known, until: known.saturating_add(steady), ..self.rests[at] };
            }
        }
        tx.iter_mut().zip(&self.rests).for_each(|(out, rest)| *out = rest.sent);
        self.now += 1;
    }

    /// Notes what is received, and wakes those who hear something new.
    fn take_in(&mut self, rx: &[Sound]) {
        for at in 0..self.rests.len() {
            let sound = rx.get(at).copied().unwrap_or_default();
            if sound != self.rests[at].received {
                self.rests[at].received = sound;
                self.wake(at);
            }
        }
    }

    /// How many of the next ticks would give no event and send what the last one sent, as long as no command comes and every port goes on
    /// receiving what it did; `None` if all of them.
    pub fn next_change(&self) -> Option<u64> {
        let until = self.rests.iter().map(|rest| rest.until).min().unwrap_or(FOR_EVER);
        (until != FOR_EVER).then(|| until.saturating_sub(self.now))
    }

    /// Jumps over ticks in which nothing changes; over no more than [`SymbolicEngine::next_change`] allows.
    pub fn skip(&mut self, ticks: u64) {
        self.now = self.now.saturating_add(ticks.min(self.next_change().unwrap_or(FOR_EVER)));
    }

    /// Has the port run in the next tick, and its peer, for what it hears over the bridge may be new.
    fn wake(&mut self, at: usize) {
        if !self.ports[at].open {
            return;
        }
        for at in [Some(at), self.bridges.peer(at)].into_iter().flatten() {
            self.rests[at].until = self.now;
        }
    }

    /// Tells the port of the ticks that it slept through.
    fn catch_up(&mut self, at: usize) {
        self.ports[at].skip(self.now - self.rests[at].known);
        self.rests[at].known = self.now;
    }

    /// What the port's bridge brings.
    fn bridged(&self, at: usize) -> Sound {
        let heard = self.bridges.peer(at).filter(|&peer| self.ports[peer].received_muted == Muting::Off);
        heard.map_or(Sound::Silence, |peer| self.rests[peer].received)
    }

    /// The port, up to date and woken: it is going to be changed.
    fn find(&mut self, port: PortId) -> Result<&mut Port, Refusal> {
        let at = usize::from(port.0);
        match self.ports.get(at) {
            None => Err(Refusal::NoSuchPort),
            Some(found) if !found.open => Err(Refusal::NotOpen),
            Some(_) => {
                self.catch_up(at);
                self.wake(at);
                Ok(&mut self.ports[at])
            }
        }
    }

    fn with<S: Sink>(&mut self, port: PortId, sink: &mut S, obey: impl FnOnce(&mut Port, &mut S)) {
        match self.find(port) {
            Ok(found) => obey(found, sink),
            Err(why) => sink.event(Event::Refused { port, why }),
        }
    }

    fn open(&mut self, port: PortId, sink: &mut impl Sink) {
        match self.find(port) {
            Ok(_) => sink.event(Event::Refused { port, why: Refusal::AlreadyOpen }),
            Err(Refusal::NotOpen) => {
                let at = usize::from(port.0);
                self.ports[at].open = true;
                self.rests[at] = Rest { until: self.now, known: self.now, ..self.rests[at] };
            }
            Err(why) => sink.event(Event::Refused { port, why }),
        }
    }

    fn close(&mut self, port: PortId, sink: &mut impl Sink) {
        let Ok(found) = self.find(port) else { return };
        let recording = found.recording;
        self.unbridge(port);
        if let Some(recording) = recording {
            self.stop_record(recording, sink);
        }
        let at = usize::from(port.0);
        self.ports[at].close(sink);
        self.rests[at] = Rest { received: self.rests[at].received, ..Rest::CLOSED };
    }

    fn bridge(&mut self, one: PortId, other: PortId, sink: &mut impl Sink) {
        if one == other {
            return sink.event(Event::Refused { port: one, why: Refusal::BridgeToItself });
        }
        for port in [one, other] {
            if let Err(why) = self.find(port).map(|_| ()) {
                return sink.event(Event::Refused { port, why });
            }
        }
        self.bridges.join(one, other);
    }

    fn unbridge(&mut self, port: PortId) {
        // Found, both ends are woken.
        if self.find(port).is_ok() {
            self.bridges.part(port);
        }
    }

    fn start_record(&mut self, port: PortId, recording: RecordSlot, sink: &mut impl Sink) {
        let now = self.now;
        let free = self.recorders.get(usize::from(recording.0)).is_some_and(|recorder| recorder.port.is_none());
        match self.find(port) {
            Ok(found) if free && found.recording.is_none() => {
                found.recording = Some(recording);
                self.recorders[usize::from(recording.0)] = Recorder { port: Some(port), since: now, ticks: 0 };
            }
            _ => sink.event(Event::RecordRefused { port, recording }),
        }
    }

    fn stop_record(&mut self, recording: RecordSlot, sink: &mut impl Sink) {
        let ticks = self.recorded_ticks(recording);
        let Some(recorder) = self.recorders.get_mut(usize::from(recording.0)) else { return };
        if let Some(port) = recorder.port.take() {
            recorder.ticks = ticks;
            self.ports[usize::from(port.0)].recording = None;
            sink.event(Event::RecordStopped { recording });
        }
    }
}
