//! Which leg is on which call of which span, at which port of the engine.

use super::pause_key::Keyed;
use super::player::Player;
use super::{Core, Effect};
use call::LegId;
use ipc::ivr::SessionId;
use media::{Command, Direction, Muting, PortId};
use ports::call::Setup;
use sig_span::CallHandle;
use std::collections::BTreeMap;

/// A call that the box placed, as long as it may have to be placed again.
#[derive(Clone, Debug)]
pub(super) struct Outgoing {
    pub(super) trunk: String,
    pub(super) setup: Setup,
    pub(super) tries: u8,
    /// The far end said something of it: its channel is its own.
    pub(super) progressed: bool,
}

/// A leg's line.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) span: usize,
    call: CallHandle,
    pub(super) channel: Option<u8>,
    pub(super) port: Option<PortId>,
    outgoing: Option<Outgoing>,
    released: bool,
    /// It hears nothing of its peer before it has answered.
    pub(super) waiting_to_talk: bool,
    pub(super) session: Option<SessionId>,
    pub(super) player: Player,
    /// Keys of the pause code that an agent has pressed.
    pub(super) keyed: Keyed,
}

impl Line {
    pub(super) fn new(span: usize, call: CallHandle, outgoing: Option<Outgoing>) -> Self {
        Self {
            span,
            call,
            channel: None,
            port: None,
            outgoing,
            released: false,
            waiting_to_talk: false,
            session: None,
            player: Player::default(),
            keyed: Keyed::default(),
        }
    }
}

/// All lines in use.
#[derive(Debug, Default)]
pub(super) struct Lines {
    by_leg: BTreeMap<LegId, Line>,
    by_call: BTreeMap<(usize, CallHandle), LegId>,
    by_port: BTreeMap<PortId, LegId>,
}

impl Lines {
    pub(super) fn insert(&mut self, leg: LegId, line: Line) {
        self.remove(leg);
        self.by_call.insert((line.span, line.call), leg);
        self.by_leg.insert(leg, line);
    }

    fn remove(&mut self, leg: LegId) {
        if let Some(line) = self.by_leg.remove(&leg) {
            self.by_call.remove(&(line.span, line.call));
            if let Some(port) = line.port {
                self.by_port.remove(&port);
            }
        }
    }

    pub(super) fn get(&self, leg: LegId) -> Option<&Line> {
        self.by_leg.get(&leg)
    }

    pub(super) fn get_mut(&mut self, leg: LegId) -> Option<&mut Line> {
        self.by_leg.get_mut(&leg)
    }

    pub(super) fn by_call(&self, span: usize, call: CallHandle) -> Option<LegId> {
        self.by_call.get(&(span, call)).copied()
    }

    pub(super) fn by_port(&self, port: PortId) -> Option<LegId> {
        self.by_port.get(&port).copied()
    }

    pub(super) fn call_of(&self, leg: LegId) -> Option<(usize, CallHandle)> {
        self.by_leg.get(&leg).map(|line| (line.span, line.call))
    }

    pub(super) fn port(&self, leg: LegId) -> Option<PortId> {
        self.by_leg.get(&leg)?.port
    }

    pub(super) fn outgoing(&self, leg: LegId) -> Option<&Outgoing> {
        self.by_leg.get(&leg)?.outgoing.as_ref()
    }

    pub(super) fn progressed(&mut self, leg: LegId) {
        if let Some(outgoing) = self.by_leg.get_mut(&leg).and_then(|line| line.outgoing.as_mut()) {
            outgoing.progressed = true;
        }
    }

    pub(super) fn released(&mut self, leg: LegId) {
        if let Some(line) = self.by_leg.get_mut(&leg) {
            line.released = true;
        }
    }
}

impl Core {
    pub(super) fn media(&mut self, command: Command) {
        self.effects.push_back(Effect::Media(command));
    }

    /// The leg is on this channel from now on.
    pub(super) fn place(&mut self, leg: LegId, channel: Option<u8>) {
        let Some(line) = self.lines.get(leg) else { return };
        let (Some(channel), span) = (channel, line.span) else { return };
        if line.channel == Some(channel) {
            return;
        }
        self.unplace(leg);
        let port = media_io::port(span, channel);
        if let Some(other) = self.lines.by_port(port) {
            tracing::warn!(span, channel, "the far end put a second call on a channel in use");
            self.unplace(other);
        }
        self.lines.by_port.insert(port, leg);
        if let Some(line) = self.lines.get_mut(leg) {
            line.channel = Some(channel);
            line.port = Some(port);
        }
        self.open_channel(port);
    }

    pub(super) fn unplace(&mut self, leg: LegId) {
        let Some(line) = self.lines.get_mut(leg) else { return };
        line.channel = None;
        if let Some(port) = line.port.take() {
            self.lines.by_port.remove(&port);
            self.close_channel(port);
        }
    }

    /// Two legs hear each other. One that has not answered is heard, but hears nothing yet: nobody talks before the charge begins.
    pub(super) fn join(&mut self, caller: LegId, peer: LegId) {
        let (Some(one), Some(other)) = (self.lines.port(caller), self.lines.port(peer)) else { return };
        self.media(Command::Bridge(one, other));
        self.media(Command::ClampRecord { port: other, clamp: media::Clamp::On });
        self.hear_agent(other);
        let answered = self.model.leg(peer).is_some_and(|leg| leg.state == call::ConnectionState::Connected);
        if let Some(line) = self.lines.get_mut(peer).filter(|_| !answered) {
            line.waiting_to_talk = true;
            self.media(Command::Mute { port: other, direction: Direction::Sent, on: Muting::On });
        }
    }

    pub(super) fn part(&mut self, caller: LegId, peer: LegId) {
        self.forget_agent(peer);
        if let Some(port) = self.lines.port(caller) {
            self.media(Command::Unbridge(port));
        }
    }

    /// The leg answered: it hears what its peer says.
    pub(super) fn open_talk(&mut self, leg: LegId) {
        let Some(line) = self.lines.get_mut(leg) else { return };
        if let (true, Some(port)) = (std::mem::take(&mut line.waiting_to_talk), line.port) {
            self.media(Command::Mute { port, direction: Direction::Sent, on: Muting::Off });
        }
    }

    /// Frees what belonged to legs that the model no longer knows.
    pub(super) fn sweep(&mut self) {
        let gone = |(leg, line): (&LegId, &Line)| (line.released || self.model.leg(*leg).is_none()).then_some(*leg);
        let gone: Vec<LegId> = self.lines.by_leg.iter().filter_map(gone).collect();
        for leg in gone {
            self.end_session(leg);
            self.unplace(leg);
            self.lines.remove(leg);
        }
    }
}
