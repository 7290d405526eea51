//! The engine: all ports and their bridges.

use super::Sound;
use super::ear::FOR_EVER;
use super::fax_ear::FaxEar;
use super::outgoing::{Dialling, Modulating, Toning};
use super::port::Port;
use super::signal_ears::{FskEar, MfEar};
use super::tone_ear::ToneEar;
use super::voice_ear::{Reading, VoiceEar};
use crate::load::{Extra, Load, gives_up};
use crate::meter::Meter;
use crate::play::{Hold, Play};
use crate::recorders::Sources;
use crate::rooms::{Rooms, Seat};
use crate::{
    Command, ConferenceId, Direction, Event, Listening, PlayEnd, PortId, RecordSlot, Refusal, Repeat, Sink, Source,
    Supervision,
};
use core::time::Duration;

/// How long a recorder records, or did last.
#[derive(Clone, Copy)]
enum Recorded {
    Since(u64),
    Ticks(u64),
}

/// What must be looked at in every tick of a port. The port itself is left alone until something changes.
#[derive(Clone, Copy)]
struct Rest {
    received: Sound,
    /// What others hear of it.
    said: Sound,
    sent: Sound,
    /// What is sent, supervisors left out.
    overheard: Sound,
    /// The next tick that the port must run even if it goes on receiving the same.
    until: u64,
    /// Ticks that the port knows of.
    known: u64,
}

impl Rest {
    const CLOSED: Self = Self {
        received: Sound::Silence,
        said: Sound::Silence,
        sent: Sound::Silence,
        overheard: Sound::Silence,
        until: FOR_EVER,
        known: 0,
    };
}

/// All ports of the box, without samples. See the module's documentation.
pub struct SymbolicEngine {
    ports: Box<[Port]>,
    rooms: Rooms,
    rests: Box<[Rest]>,
    sources: Sources,
    recorded: Box<[Recorded]>,
    load: Load,
    /// Ticks since the start.
    now: u64,
}

impl SymbolicEngine {
    /// An engine of `ports` closed ports and as many recorders, as [`Engine::new`](crate::Engine::new).
    pub fn new(ports: usize) -> Self {
        let ports: Box<[Port]> = (0..=u16::MAX).take(ports).map(|id| Port::new(PortId(id))).collect();
        let recorded = vec![Recorded::Ticks(0); ports.len()].into_boxed_slice();
        let rests = vec![Rest::CLOSED; ports.len()].into_boxed_slice();
        let (rooms, sources) = (Rooms::new(ports.len()), Sources::new(ports.len()));
        Self { rooms, rests, ports, sources, recorded, load: Load::new(), now: 0 }
    }

    /// How many ports there are.
    pub fn ports(&self) -> usize {
        self.ports.len()
    }

    /// How many conferences there are.
    pub fn conferences(&self) -> usize {
        self.rooms.conferences()
    }

    /// Ticks that this recorder's present or last recording lasted.
    pub fn recorded_ticks(&self, recording: RecordSlot) -> u64 {
        self.recorded.get(usize::from(recording.0)).map_or(0, |recorded| match recorded {
            Recorded::Since(since) => self.now - since,
            Recorded::Ticks(ticks) => *ticks,
        })
    }

    /// Obeys a command. What it causes at once goes to the sink.
    pub fn handle(&mut self, command: Command, sink: &mut impl Sink) {
        match command {
            Command::Open(port) => self.open(port, sink),
            Command::Close(port) => self.close(port, sink),
            Command::Play { port, play, clip, barge_in } => {
                self.play(port, Play::new(play, clip, barge_in, Repeat::Times(1)), sink);
            }
            Command::PlayRepeated { port, play, clip, barge_in, repeat } => {
                self.play(port, Play::new(play, clip, barge_in, repeat), sink);
            }
            Command::PausePlay { port, on } => self.with(port, sink, |port, _| port.pause(on)),
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
            Command::SendFaxTone { port, signal } => self.with(port, sink, |port, sink| port.send_fax(signal, sink)),
            // Symbols have no echo.
            Command::CancelEcho { port, tail: _, settings: _ } => self.with(port, sink, |_, _| {}),
            Command::ListenFax { port, on } => {
                self.with(port, sink, |port, _| port.fax_ear = (on == Listening::On).then(FaxEar::new));
            }
            Command::ListenFsk { port, on } => {
                self.with(port, sink, |port, _| port.fsk_ear = (on == Listening::On).then(FskEar::new));
            }
            Command::Detect { port, dtmf } => self.with(port, sink, |port, _| port.detect(dtmf)),
            Command::ListenProgress { port, on } => {
                self.with(port, sink, |port, _| port.tone_ear = (on == Listening::On).then(ToneEar::new));
            }
            Command::ListenVoice { port, on } => {
                self.with(port, sink, |port, _| port.voice_ear = (on == Listening::On).then(VoiceEar::new));
            }
            Command::ListenLevels { port, on } => {
                self.with(port, sink, |port, _| port.reading = (on == Listening::On).then(Reading::new));
            }
            // Symbols are as loud as they are.
            Command::SetGain { port, direction: _, db: _ } => self.with(port, sink, |_, _| {}),
            Command::MeasureLevel { port, ms } => {
                self.with(port, sink, |port, _| port.meter = Some(Meter::new(ms)));
            }
            Command::Bridge(one, other) => self.bridge(one, other, sink),
            Command::Unbridge(port) => self.change(port, Rooms::unbridge),
            Command::Join { conference, port } => self.join(conference, port, sink),
            Command::Leave(port) => self.change(port, Rooms::leave),
            Command::Supervise { port, supervised, way } => self.supervise(port, supervised, way, sink),
            Command::Hold { port, music } => self.hold(port, Hold::new(music), sink),
            Command::Retrieve(port) => {
                self.wake_room(port);
                self.with(port, sink, |port, sink| port.retrieve(sink));
            }
            Command::ClampPassed { port, clamp } => self.with(port, sink, |port, _| port.clamp_passed(clamp)),
            Command::Mute { port, direction, on } => self.with(port, sink, |port, _| match direction {
                Direction::Received => port.received_muted = on,
                Direction::Sent => port.sent_muted = on,
            }),
            Command::StartRecord { port, recording } => {
                if self.start_recording(Source::Port(port), recording).is_err() {
                    sink.event(Event::RecordRefused { port, recording });
                }
            }
            Command::StartTap { source, recording } => {
                if let Err(why) = self.start_recording(source, recording) {
                    sink.event(Event::TapRefused { recording, why });
                }
            }
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
                self.hear(at, sink);
            }
        }
        for at in 0..self.ports.len() {
            if self.rests[at].until <= self.now {
                self.say(at, sink);
            }
        }
        for at in 0..self.ports.len() {
            if self.rests[at].until <= self.now && !self.rooms.is_supervisor(at) {
                self.send(at, sink);
            }
        }
        for number in 0..self.rooms.supervisors().len() {
            let who = self.rooms.supervisors()[number];
            self.send(usize::from(who.0), sink);
        }
        tx.iter_mut().zip(&self.rests).for_each(|(out, rest)| *out = rest.sent);
        self.now += 1;
    }

    /// As [`Engine::took`](crate::Engine::took).
    pub fn took(&mut self, took: Duration, sink: &mut impl Sink) {
        let Some(level) = self.load.took(took) else { return };
        sink.event(Event::Overload { level });
        for at in 0..self.ports.len() {
            if !self.ports[at].open {
                continue;
            }
            self.catch_up(at);
            self.rests[at].until = self.now;
            let port = &mut self.ports[at];
            if level == 0 {
                port.fax_ear = port.fax_ear.map(|_| FaxEar::new());
                port.tone_ear = port.tone_ear.map(|_| ToneEar::new());
                port.voice_ear = port.voice_ear.map(|_| VoiceEar::new());
            }
        }
    }

    fn hear(&mut self, at: usize, sink: &mut impl Sink) {
        self.catch_up(at);
        self.ports[at].is_deaf = gives_up(self.load.level(), Extra::Hearing, self.rooms.is_joined(at));
        self.ports[at].hear(self.rests[at].received, sink);
    }

    /// What others hear of the port may be new: those who hear it run in this tick too.
    fn say(&mut self, at: usize, sink: &mut impl Sink) {
        let said = self.ports[at].said(self.rests[at].received);
        if core::mem::replace(&mut self.rests[at].said, said) == said {
            return;
        }
        match self.rooms.seat(at) {
            Seat::Bridge(peer) if self.rooms.supervisors().is_empty() => self.rouse(usize::from(peer.0), sink),
            Seat::Alone if self.rooms.supervisors().is_empty() => {}
            Seat::Alone | Seat::Bridge(_) | Seat::Conference(_) | Seat::Supervisor(..) => {
                for other in 0..self.ports.len() {
                    if self.rooms.share_a_room(at, other) {
                        self.rouse(other, sink);
                    }
                }
            }
        }
    }

    /// Has a port run in this tick that was to sleep through it.
    fn rouse(&mut self, at: usize, sink: &mut impl Sink) {
        if self.ports[at].open && self.rests[at].until > self.now {
            self.rests[at].until = self.now;
            self.hear(at, sink);
        }
    }

    fn send(&mut self, at: usize, sink: &mut impl Sink) {
        if self.rests[at].until > self.now {
            return;
        }
        let brought = self.brought(at);
        let overheard = self.ports[at].sound(brought);
        let bridged = if brought == Sound::Silence { self.words(at) } else { brought };
        let port = &mut self.ports[at];
        let sent = port.send(bridged, self.now, sink);
        let steady = port.steady(bridged, sent);
        let known = self.now + 1;
        let is_new = overheard != self.rests[at].overheard;
        self.rests[at] = Rest { sent, overheard, known, until: known.saturating_add(steady), ..self.rests[at] };
        if is_new && self.rooms.is_supervised(at) {
            for number in 0..self.rooms.supervisors().len() {
                let who = usize::from(self.rooms.supervisors()[number].0);
                if self.rooms.share_a_room(at, who) {
                    self.rouse(who, sink);
                }
            }
        }
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

    /// Has the port run in the next tick.
    fn wake(&mut self, at: usize) {
        if self.ports[at].open {
            self.rests[at].until = self.now;
        }
    }

    /// Has all run in the next tick who hear the same room as this port: somebody comes, goes, or is heard or not from now on.
    fn wake_room(&mut self, port: PortId) {
        let at = usize::from(port.0);
        if at >= self.ports.len() {
            return;
        }
        for other in 0..self.ports.len() {
            if self.rooms.share_a_room(at, other) {
                self.wake(other);
            }
        }
    }

    /// Tells the port of the ticks that it slept through.
    fn catch_up(&mut self, at: usize) {
        self.ports[at].skip(self.now - self.rests[at].known);
        self.rests[at].known = self.now;
    }

    /// What those bring to whom the port is joined; of several who speak the first is heard.
    fn brought(&self, at: usize) -> Sound {
        let passed = |at: usize| if self.ports[at].passes() { self.rests[at].said } else { Sound::Silence };
        match self.rooms.seat(at) {
            _ if !self.ports[at].passes() => Sound::Silence,
            Seat::Alone => Sound::Silence,
            Seat::Bridge(peer) => passed(usize::from(peer.0)),
            Seat::Conference(conference) => {
                let others = (0..self.ports.len()).filter(|&other| other != at);
                let members = others.filter(|&other| self.rooms.conference(other) == Some(conference));
                members.map(passed).find(|&said| said != Sound::Silence).unwrap_or_default()
            }
            Seat::Supervisor(whom, _) => {
                let rest = &self.rests[usize::from(whom.0)];
                if rest.said == Sound::Silence { rest.overheard } else { rest.said }
            }
        }
    }

    /// What supervisors say to the port.
    fn words(&self, at: usize) -> Sound {
        let on_hold = !self.ports[at].passes();
        let reach = |who: &&PortId| self.ports[usize::from(who.0)].passes() && self.rooms.reaches(**who, at, on_hold);
        let said = self.rooms.supervisors().iter().filter(reach).map(|who| self.rests[usize::from(who.0)].said);
        said.into_iter().find(|&said| said != Sound::Silence).unwrap_or_default()
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
        if self.find(port).is_err() {
            return;
        }
        self.wake_room(port);
        self.rooms.close(port);
        while let Some(recording) = self.sources.of_port(port) {
            self.stop_record(recording, sink);
        }
        let at = usize::from(port.0);
        self.ports[at].close(sink);
        self.rests[at] = Rest { received: self.rests[at].received, ..Rest::CLOSED };
    }

    fn play(&mut self, port: PortId, play: Play, sink: &mut impl Sink) {
        let now = self.now;
        match self.find(port) {
            Ok(found) => found.play(play, now, sink),
            Err(_) => play.done(port, PlayEnd::Refused, sink),
        }
    }

    fn hold(&mut self, port: PortId, hold: Hold, sink: &mut impl Sink) {
        let now = self.now;
        self.wake_room(port);
        match self.find(port) {
            Ok(found) => found.hold(hold, now, sink),
            Err(why) => {
                hold.ended(port, sink);
                sink.event(Event::Refused { port, why });
            }
        }
    }

    /// Changes what a port is in, if it is open.
    fn change(&mut self, port: PortId, change: fn(&mut Rooms, PortId)) {
        if self.find(port).is_ok() {
            self.wake_room(port);
            change(&mut self.rooms, port);
        }
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
        self.wake_room(one);
        self.wake_room(other);
        self.rooms.bridge(one, other);
        self.wake_room(one);
    }

    fn join(&mut self, conference: ConferenceId, port: PortId, sink: &mut impl Sink) {
        self.wake_room(port);
        let joined = self.find(port).map(|_| ()).and_then(|()| self.rooms.join(conference, port));
        match joined {
            Ok(()) => self.wake_room(port),
            Err(why) => sink.event(Event::Refused { port, why }),
        }
    }

    fn supervise(&mut self, port: PortId, supervised: PortId, way: Supervision, sink: &mut impl Sink) {
        for port in [port, supervised] {
            if let Err(why) = self.find(port).map(|_| ()) {
                return sink.event(Event::Refused { port, why });
            }
        }
        self.wake_room(port);
        match self.rooms.supervise(port, supervised, way) {
            Ok(()) => self.wake_room(port),
            Err(why) => sink.event(Event::Refused { port, why }),
        }
    }

    fn start_recording(&mut self, source: Source, recording: RecordSlot) -> Result<(), Refusal> {
        match source {
            Source::Port(port) | Source::Received(port) | Source::Sent(port) => {
                self.find(port)?;
            }
            Source::Conference(conference) if usize::from(conference.0) < self.rooms.conferences() => {}
            Source::Conference(_) => return Err(Refusal::NoSuchConference),
        }
        self.sources.take(recording, source)?;
        self.recorded[usize::from(recording.0)] = Recorded::Since(self.now);
        Ok(())
    }

    fn stop_record(&mut self, recording: RecordSlot, sink: &mut impl Sink) {
        if self.sources.release(recording) {
            self.recorded[usize::from(recording.0)] = Recorded::Ticks(self.recorded_ticks(recording));
            sink.event(Event::RecordStopped { recording });
        }
    }
}
