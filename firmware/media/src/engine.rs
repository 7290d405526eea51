//! The engine: all ports, their bridges and detectors.

use crate::bridges::Bridges;
use crate::meter::Meter;
use crate::port::{PLAYS, Play, Port};
use crate::receivers::Receivers;
use crate::{Block, Command, Direction, Event, Listening, Muting, PlayEnd, PortId, RecordSlot, Refusal, SILENT, Sink};
use dsp_fsk::FskSender;
use dsp_mf::Register;
use dsp_tone::{DigitSender, SendProfile};

/// All ports of the box. See the crate's documentation for how it is driven.
pub struct Engine {
    ports: Box<[Port]>,
    bridges: Bridges,
    receivers: Receivers,
    /// Where each recorder records.
    recorders: Box<[Option<PortId>]>,
}

impl Engine {
    /// Plays kept a port, the present one counted.
    pub const PLAYS: usize = PLAYS;

    /// An engine of `ports` closed ports and as many recorders. All memory it will ever need is taken here. Ports from the
    /// 65,536th on cannot be named and are left out.
    pub fn new(ports: usize) -> Self {
        let ports: Box<[Port]> = (0..=u16::MAX).take(ports).map(|id| Port::new(PortId(id))).collect();
        Self {
            bridges: Bridges::new(ports.len()),
            receivers: Receivers::new(ports.len()),
            recorders: vec![None; ports.len()].into_boxed_slice(),
            ports,
        }
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
                let play = Play::new(play, clip, barge_in);
                match self.find(port) {
                    Ok(found) => found.play(play, sink),
                    Err(_) => play.done(port, PlayEnd::Refused, sink),
                }
            }
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
            Command::ListenFsk { port, on } => self.listen_fsk(port, on, sink),
            Command::Detect { port, dtmf } => self.listen(port, sink, |port| port.detect(dtmf)),
            Command::ListenProgress { port, on } => self.listen_progress(port, on, sink),
            Command::MeasureLevel { port, ms } => {
                self.with(port, sink, |port, _| port.meter = Some(Meter::new(ms)));
            }
            Command::Bridge(one, other) => self.bridge(one, other, sink),
            Command::Unbridge(port) => self.bridges.part(port),
            Command::Mute { port, direction, on } => self.with(port, sink, |port, _| match direction {
                Direction::Received => port.received_muted = on,
                Direction::Sent => port.sent_muted = on,
            }),
            Command::StartRecord { port, recording } => self.start_record(port, recording, sink),
            Command::StopRecord(recording) => self.stop_record(recording, sink),
            Command::MaskRecord { port, mask } => self.listen(port, sink, |port| port.mask(mask)),
            Command::ClampRecord { port, clamp } => self.listen(port, sink, |port| port.clamp(clamp)),
        }
    }

    /// Ten milliseconds: `rx[n]` was received by port n, and `tx[n]` is filled with what it sends. A missing `rx` block is
    /// silence; closed ports send silence; blocks past the last port are not touched.
    pub fn tick(&mut self, rx: &[Block], tx: &mut [Block], sink: &mut impl Sink) {
        self.receivers.hear(&mut self.ports, rx, sink);
        for at in 0..self.ports.len() {
            let mut missing = SILENT;
            let out = tx.get_mut(at).unwrap_or(&mut missing);
            if !self.ports[at].open {
                *out = SILENT;
                continue;
            }
            let peer = self.bridges.peer(at);
            *out = match peer {
                Some(peer) if self.ports[peer].received_muted == Muting::Off => *block(rx, peer),
                _ => SILENT,
            };
            let peer_clamps = peer.is_some_and(|peer| self.ports[peer].clamps_now());
            let port = &mut self.ports[at];
            port.measure(block(rx, at), sink);
            port.compose(out, sink);
            let received = if port.received_muted == Muting::On { &SILENT } else { block(rx, at) };
            port.record(received, out, peer_clamps, sink);
        }
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

    fn listen_fsk(&mut self, port: PortId, on: Listening, sink: &mut impl Sink) {
        match self.find(port) {
            Ok(found) => {
                found.hears_fsk = on == Listening::On;
                self.receivers.listen_fsk(port, on);
            }
            Err(why) => sink.event(Event::Refused { port, why }),
        }
    }

    fn listen_progress(&mut self, port: PortId, on: Listening, sink: &mut impl Sink) {
        match self.find(port) {
            Ok(found) => {
                found.hears_progress = on == Listening::On;
                self.receivers.listen_progress(port, on);
            }
            Err(why) => sink.event(Event::Refused { port, why }),
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
        self.bridges.part(port);
        if let Some(recording) = self.ports[usize::from(port.0)].recorder.slot() {
            self.stop_record(recording, sink);
        }
        self.ports[usize::from(port.0)].close(sink);
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

    fn start_record(&mut self, port: PortId, recording: RecordSlot, sink: &mut impl Sink) {
        let free = self.recorders.get(usize::from(recording.0)).is_some_and(Option::is_none);
        match self.find(port) {
            Ok(found) if free && found.recorder.slot().is_none() => {
                found.recorder.start(recording);
                self.recorders[usize::from(recording.0)] = Some(port);
            }
            _ => sink.event(Event::RecordRefused { port, recording }),
        }
    }

    fn stop_record(&mut self, recording: RecordSlot, sink: &mut impl Sink) {
        let port = self.recorders.get_mut(usize::from(recording.0)).and_then(Option::take);
        if let Some(port) = port {
            self.ports[usize::from(port.0)].recorder.stop(sink);
            sink.event(Event::RecordStopped { recording });
        }
    }
}

fn block(rx: &[Block], at: usize) -> &Block {
    rx.get(at).unwrap_or(&SILENT)
}
