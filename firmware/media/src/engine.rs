//! The engine: all ports, what they are joined to, their detectors and recorders.

use crate::echo::Echoes;
use crate::load::Load;
use crate::meter::Meter;
use crate::mixer::{Mixer, add, said};
use crate::play::{Hold, Play};
use crate::port::{Overheard, PLAYS, Port, READING};
use crate::receivers::Receivers;
use crate::recorders::Recorders;
use crate::rooms::{Rooms, Seat};
use crate::taps::Taps;
use crate::{
    Block, Command, ConferenceId, Direction, DtmfProfile, EchoSettings, EchoTail, Event, Listening, Mask, PlayEnd,
    PortId, RecordSlot, Refusal, Repeat, SILENT, Sink, Source, Supervision,
};
use core::time::Duration;
use dsp_fsk::FskSender;
use dsp_mf::Register;
use dsp_tone::{DigitSender, SendProfile};

/// All ports of the box. See the crate's documentation for how it is driven.
pub struct Engine {
    ports: Box<[Port]>,
    rooms: Rooms,
    mixer: Mixer,
    receivers: Receivers,
    recorders: Recorders,
    echoes: Echoes,
    load: Load,
    /// Ports of which what is received is not as loud as it came.
    gains: usize,
}

impl Engine {
    /// Plays kept a port, the present one counted.
    pub const PLAYS: usize = PLAYS;

    /// An engine of `ports` closed ports, as many recorders and a third as many conferences, without echo cancellers. All memory it will ever need is
    /// taken here. Ports from the 65,536th on cannot be named and are left out.
    pub fn new(ports: usize) -> Self {
        Self::made(ports, Echoes::none(ports))
    }

    /// The same with an echo canceller a port, which takes 46 kB each.
    pub fn with_cancellers(ports: usize) -> Self {
        Self::made(ports, Echoes::new(ports))
    }

    /// The same, its DTMF receivers keeping to this profile and not to AT&T's. For the start: what they have heard is forgotten.
    pub fn reading_by(mut self, profile: DtmfProfile) -> Self {
        self.receivers.read_by(profile);
        self
    }

    fn made(ports: usize, echoes: Echoes) -> Self {
        let ports: Box<[Port]> = (0..=u16::MAX).take(ports).map(|id| Port::new(PortId(id))).collect();
        let rooms = Rooms::new(ports.len());
        Self {
            mixer: Mixer::new(ports.len(), rooms.conferences()),
            rooms,
            receivers: Receivers::new(ports.len()),
            recorders: Recorders::new(ports.len()),
            echoes,
            load: Load::new(),
            gains: 0,
            ports,
        }
    }

    /// How many conferences there are.
    pub fn conferences(&self) -> usize {
        self.rooms.conferences()
    }

    /// How many ports there are.
    pub fn ports(&self) -> usize {
        self.ports.len()
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
            Command::Tone { port, tone } => self.with(port, sink, |port, sink| port.start_tone(tone, sink)),
            Command::StopTone(port) => self.with(port, sink, |port, sink| port.stop_tone(sink)),
            Command::SendDigits { port, digits, on_ms, off_ms } => {
                let sender = DigitSender::new(digits, SendProfile::new(on_ms, off_ms));
                self.with(port, sink, |port, sink| port.send_digits(sender, sink));
            }
            Command::SendMf { port, signal } => self.send_mf(port, signal, sink),
            Command::SendFsk { port, modulation, seizure_bits, mark_bits, octets } => {
                let sender = FskSender::new(modulation, seizure_bits, mark_bits, &octets);
                self.with(port, sink, |port, sink| port.signals.send_fsk(port.id, sender, sink));
            }
            Command::StopFsk(port) => self.with(port, sink, |port, sink| port.signals.stop_fsk(port.id, sink)),
            Command::ListenMf { port, register } => self.listen_mf(port, register, sink),
            Command::SendFaxTone { port, signal } => {
                self.with(port, sink, |port, sink| port.signals.send_fax(port.id, signal, sink));
            }
            Command::CancelEcho { port, tail, settings } => self.cancel_echo(port, tail, settings, sink),
            Command::ListenFax { port, on } => {
                self.switch(port, on, (|port| &mut port.hears_fax, Receivers::listen_fax), sink)
            }
            Command::ListenFsk { port, on } => {
                self.switch(port, on, (|port| &mut port.hears_fsk, Receivers::listen_fsk), sink)
            }
            Command::Detect { port, dtmf } => self.listen(port, sink, |port| port.detect(dtmf)),
            Command::ListenProgress { port, on } => {
                self.switch(port, on, (|port| &mut port.hears_progress, Receivers::listen_progress), sink)
            }
            Command::ListenVoice { port, on } => {
                self.switch(port, on, (|port| &mut port.hears_voice, Receivers::listen_voice), sink);
            }
            Command::ListenLevels { port, on } => {
                let begin: fn(&mut Port) -> &mut bool = |port| {
                    port.until_reading = READING;
                    &mut port.meters
                };
                self.switch(port, on, (begin, Receivers::listen_levels), sink);
            }
            Command::SetGain { port, direction, db } => self.set_gain(port, direction, db, sink),
            Command::MeasureLevel { port, ms } => {
                self.with(port, sink, |port, _| port.meter = Some(Meter::new(ms)));
            }
            Command::Bridge(one, other) => self.bridge(one, other, sink),
            Command::Unbridge(port) => self.rooms.unbridge(port),
            Command::Join { conference, port } => self.join(conference, port, sink),
            Command::Leave(port) => self.rooms.leave(port),
            Command::Supervise { port, supervised, way } => self.supervise(port, supervised, way, sink),
            Command::Hold { port, music } => self.hold(port, Hold::new(music), sink),
            Command::Retrieve(port) => self.with(port, sink, |port, sink| port.retrieve(sink)),
            Command::ClampPassed { port, clamp } => self.listen(port, sink, |port| port.clamp_passed(clamp)),
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
            Command::StopRecord(recording) => self.recorders.stop(recording, sink),
            Command::MaskRecord { port, mask } => {
                self.listen(port, sink, |port| port.mask(mask));
                if mask == Mask::On && self.find(port).is_ok() {
                    self.recorders.mask(port, &self.rooms);
                }
            }
            Command::ClampRecord { port, clamp } => self.listen(port, sink, |port| port.clamp(clamp)),
        }
    }

    /// Ten milliseconds: `rx[n]` was received by port n, and `tx[n]` is filled with what it sends. A missing `rx` block is
    /// silence; closed ports send silence; blocks past the last port are not touched.
    pub fn tick(&mut self, rx: &[Block], tx: &mut [Block], sink: &mut impl Sink) {
        if !self.echoes.are_wanted() && self.gains == 0 {
            return self.tick_cleaned(rx, tx, sink);
        }
        let mut cleaned = self.echoes.clean(&self.ports, &self.rooms, self.load.level(), rx);
        self.ports.iter_mut().zip(&mut cleaned).for_each(|(port, block)| port.received_gain.apply(block));
        self.tick_cleaned(&cleaned, tx, sink);
        self.echoes.give_back(cleaned);
        for port in self.ports.iter().filter(|port| port.echo.is_some()) {
            self.echoes.sent(port.id, block(tx, usize::from(port.id.0)));
        }
    }

    /// Takes in how long the last tick took, on the caller's clock: what is given up under load goes by it.
    pub fn took(&mut self, took: Duration, sink: &mut impl Sink) {
        let Some(level) = self.load.took(took) else { return };
        sink.event(Event::Overload { level });
        if level > 0 {
            return;
        }
        // Receivers that paused begin anew.
        for port in self.ports.iter().filter(|port| port.open) {
            if port.hears_fax {
                self.receivers.listen_fax(port.id, Listening::On);
            }
            if port.hears_progress {
                self.receivers.listen_progress(port.id, Listening::On);
            }
            if port.hears_voice {
                self.receivers.listen_voice(port.id, Listening::On);
            }
        }
    }

    /// The tick with what was received without its echo.
    fn tick_cleaned(&mut self, rx: &[Block], tx: &mut [Block], sink: &mut impl Sink) {
        self.receivers.hear(&mut self.ports, &self.rooms, self.load.level(), rx, sink);
        self.mixer.mix(&self.ports, &self.rooms, rx);
        for at in 0..self.ports.len() {
            if !self.rooms.is_supervisor(at) {
                self.send(at, rx, tx, sink);
            }
        }
        // They hear what the others are sent.
        for number in 0..self.rooms.supervisors().len() {
            let who = self.rooms.supervisors()[number];
            self.send(usize::from(who.0), rx, tx, sink);
        }
        let Self { ports, rooms, mixer, recorders, .. } = self;
        recorders.record(&Taps { ports, rooms, mixer, rx, tx }, sink);
    }

    /// Composes what one port is sent.
    fn send(&mut self, at: usize, rx: &[Block], tx: &mut [Block], sink: &mut impl Sink) {
        let mut missing = SILENT;
        let out = tx.get_mut(at).unwrap_or(&mut missing);
        if !self.ports[at].open {
            *out = SILENT;
            return;
        }
        *out = self.brought(at, rx);
        // Nobody supervises anything most of the time.
        let words = (!self.rooms.supervisors().is_empty()).then(|| self.words(at, rx));
        let overheard = words.map(|words| Overheard { words, sent: self.mixer.overheard(at) });
        let port = &mut self.ports[at];
        port.measure(block(rx, at), sink);
        port.compose(out, overheard, sink);
        port.sent_gain.apply(out);
    }

    /// What those bring to whom the port is joined.
    fn brought(&mut self, at: usize, rx: &[Block]) -> Block {
        match self.rooms.seat(at) {
            _ if !self.ports[at].passes() => SILENT,
            Seat::Alone => SILENT,
            Seat::Bridge(peer) => {
                let peer = &self.ports[usize::from(peer.0)];
                if peer.passes() { *said(peer, rx) } else { SILENT }
            }
            Seat::Conference(conference) => self.mixer.others(conference, at, &self.ports[at], rx),
            Seat::Supervisor(supervised, _) => {
                let supervised = usize::from(supervised.0);
                let mut heard = *self.mixer.overheard(supervised);
                add(&mut heard, said(&self.ports[supervised], rx));
                heard
            }
        }
    }

    /// What supervisors say to the port.
    fn words(&self, at: usize, rx: &[Block]) -> Block {
        let on_hold = !self.ports[at].passes();
        let mut words = SILENT;
        for &who in self.rooms.supervisors() {
            let supervisor = &self.ports[usize::from(who.0)];
            if supervisor.passes() && self.rooms.reaches(who, at, on_hold) {
                add(&mut words, said(supervisor, rx));
            }
        }
        words
    }

    fn find(&mut self, port: PortId) -> Result<&mut Port, Refusal> {
        match self.ports.get_mut(usize::from(port.0)) {
            None => Err(Refusal::NoSuchPort),
            Some(found) if !found.open => Err(Refusal::NotOpen),
            Some(found) => Ok(found),
        }
    }

    fn with<S: Sink>(&mut self, port: PortId, sink: &mut S, obey: impl FnOnce(&mut Port, &mut S)) {
        match self.find(port) {
            Ok(found) => obey(found, sink),
            Err(why) => sink.event(Event::Refused { port, why }),
        }
    }

    /// Obeys, and starts the detector anew if only now it must run.
    fn listen(&mut self, port: PortId, sink: &mut impl Sink, obey: impl FnOnce(&mut Port)) {
        let mut begins = false;
        self.with(port, sink, |port, _| {
            let before = port.listens();
            obey(port);
            begins = port.listens() && !before;
        });
        if begins {
            self.receivers.forget_dtmf(port);
        }
    }

    fn send_mf(&mut self, port: PortId, signal: Option<(Register, u8)>, sink: &mut impl Sink) {
        self.with(port, sink, |port, sink| {
            if !port.signals.send_mf(signal) {
                sink.event(Event::Refused { port: port.id, why: Refusal::NoSuchSignal });
            }
        });
    }

    fn listen_mf(&mut self, port: PortId, register: Option<Register>, sink: &mut impl Sink) {
        match self.find(port) {
            Ok(found) => {
                found.hears_mf = register.is_some();
                self.receivers.listen_mf(port, register);
            }
            Err(why) => sink.event(Event::Refused { port, why }),
        }
    }

    /// Switches a receiver that is on or off.
    fn switch(&mut self, port: PortId, on: Listening, (hears, listen): Switch, sink: &mut impl Sink) {
        match self.find(port) {
            Ok(found) => {
                *hears(found) = on == Listening::On;
                listen(&mut self.receivers, port, on);
            }
            Err(why) => sink.event(Event::Refused { port, why }),
        }
    }

    fn set_gain(&mut self, port: PortId, direction: Direction, db: f32, sink: &mut impl Sink) {
        self.with(port, sink, |port, _| match direction {
            Direction::Received => port.received_gain.set(db),
            Direction::Sent => port.sent_gain.set(db),
        });
        self.count_gains();
    }

    fn count_gains(&mut self) {
        self.gains = self.ports.iter().filter(|port| !port.received_gain.is_unity()).count();
    }

    fn cancel_echo(&mut self, port: PortId, tail: Option<EchoTail>, settings: EchoSettings, sink: &mut impl Sink) {
        let Self { ports, echoes, .. } = self;
        let set = match ports.get_mut(usize::from(port.0)) {
            None => Err(Refusal::NoSuchPort),
            Some(found) if !found.open => Err(Refusal::NotOpen),
            Some(found) => echoes.set(found, tail, settings),
        };
        if let Err(why) = set {
            sink.event(Event::Refused { port, why });
        }
    }

    fn open(&mut self, port: PortId, sink: &mut impl Sink) {
        match self.find(port) {
            Ok(_) => sink.event(Event::Refused { port, why: Refusal::AlreadyOpen }),
            Err(Refusal::NotOpen) => self.ports[usize::from(port.0)].open = true,
            Err(why) => sink.event(Event::Refused { port, why }),
        }
    }

    fn close(&mut self, port: PortId, sink: &mut impl Sink) {
        if self.find(port).is_err() {
            return;
        }
        self.rooms.close(port);
        self.recorders.close(port, sink);
        self.echoes.close(&mut self.ports[usize::from(port.0)]);
        self.ports[usize::from(port.0)].close(sink);
        self.count_gains();
    }

    fn play(&mut self, port: PortId, play: Play, sink: &mut impl Sink) {
        match self.find(port) {
            Ok(found) => found.play(play, sink),
            Err(_) => play.done(port, PlayEnd::Refused, sink),
        }
    }

    fn hold(&mut self, port: PortId, hold: Hold, sink: &mut impl Sink) {
        match self.find(port) {
            Ok(found) => found.hold(hold, sink),
            Err(why) => {
                hold.ended(port, sink);
                sink.event(Event::Refused { port, why });
            }
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
        self.rooms.bridge(one, other);
    }

    fn join(&mut self, conference: ConferenceId, port: PortId, sink: &mut impl Sink) {
        let joined = self.find(port).map(|_| ()).and_then(|()| self.rooms.join(conference, port));
        match joined {
            Ok(()) => self.mixer.joined(usize::from(port.0), self.rooms.members(conference)),
            Err(why) => sink.event(Event::Refused { port, why }),
        }
    }

    fn supervise(&mut self, port: PortId, supervised: PortId, way: Supervision, sink: &mut impl Sink) {
        for port in [port, supervised] {
            if let Err(why) = self.find(port).map(|_| ()) {
                return sink.event(Event::Refused { port, why });
            }
        }
        if let Err(why) = self.rooms.supervise(port, supervised, way) {
            sink.event(Event::Refused { port, why });
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
        self.recorders.start(source, recording)
    }
}

/// Where a port notes that it has a receiver, and how the receiver is told.
type Switch = (fn(&mut Port) -> &mut bool, fn(&mut Receivers, PortId, Listening));

pub(crate) fn block(rx: &[Block], at: usize) -> &Block {
    rx.get(at).unwrap_or(&SILENT)
}
