//! What each recording takes in of one tick.

use crate::engine::block;
use crate::mixer::{Mixer, add, said};
use crate::port::Port;
use crate::recorder::Hide;
use crate::rooms::{Rooms, Seat};
use crate::{Block, ConferenceId, Muting, PortId, SILENT, Source};

/// A tick in which all was heard and sent.
pub(crate) struct Taps<'a> {
    pub(crate) ports: &'a [Port],
    pub(crate) rooms: &'a Rooms,
    pub(crate) mixer: &'a Mixer,
    pub(crate) rx: &'a [Block],
    pub(crate) tx: &'a [Block],
}

/// Both channels of a recording, and what of them must not be in it.
pub(crate) struct Heard<'a> {
    pub(crate) received: &'a Block,
    pub(crate) sent: &'a Block,
    pub(crate) hide: Hide,
}

impl Taps<'_> {
    /// What a source gives; a mix is made in `mixed`.
    pub(crate) fn heard<'a>(&'a self, source: Source, mixed: &'a mut Block) -> Heard<'a> {
        match source {
            Source::Port(port) => self.of_port(port),
            Source::Received(port) => Heard { sent: &SILENT, ..self.of_port(port) },
            Source::Sent(port) => Heard { received: &SILENT, ..self.of_port(port) },
            Source::Conference(conference) => {
                let hide = Hide {
                    received: self.mixer.clamps(conference, false),
                    sent: false,
                    masked: self.mixer.is_masked(conference),
                };
                self.mix(conference, mixed);
                Heard { received: mixed, sent: &SILENT, hide }
            }
        }
    }

    fn of_port(&self, port: PortId) -> Heard<'_> {
        let at = usize::from(port.0);
        let port = &self.ports[at];
        let hide = Hide {
            received: port.clamps_now(),
            sent: port.sends_clamped() || self.hears_clamped(at),
            masked: port.is_masked(),
        };
        let received = if port.received_muted == Muting::On { &SILENT } else { block(self.rx, at) };
        Heard { received, sent: block(self.tx, at), hide }
    }

    /// All members, and supervisors who barge in.
    fn mix(&self, conference: ConferenceId, mixed: &mut Block) {
        *mixed = self.mixer.all(conference);
        for &who in self.rooms.supervisors() {
            let supervisor = &self.ports[usize::from(who.0)];
            if supervisor.passes() && self.rooms.barges_into(who, conference) {
                add(mixed, said(supervisor, self.rx));
            }
        }
    }

    /// Whether keys that must not be recorded are in what the port is sent.
    fn hears_clamped(&self, at: usize) -> bool {
        let on_hold = !self.ports[at].passes();
        let clamps = |port: PortId| self.ports[usize::from(port.0)].clamps_now();
        let joined = match self.rooms.seat(at) {
            Seat::Alone => false,
            Seat::Bridge(peer) => clamps(peer),
            Seat::Conference(conference) => self.mixer.clamps(conference, self.ports[at].clamps_now()),
            // One level deep: who is supervised is no supervisor.
            Seat::Supervisor(whom, _) => clamps(whom) || self.hears_clamped(usize::from(whom.0)),
        };
        joined || self.rooms.supervisors().iter().any(|&who| self.rooms.reaches(who, at, on_hold) && clamps(who))
    }
}
