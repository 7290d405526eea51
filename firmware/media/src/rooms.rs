//! Who hears whom, the same for samples and for symbols.

use crate::{ConferenceId, PortId, Refusal, Supervision};

/// Ports for which there is one conference.
const PORTS_A_CONFERENCE: usize = 3;

/// What a port is joined to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seat {
    Alone,
    /// To one other port.
    Bridge(PortId),
    Conference(ConferenceId),
    /// It hears what this port, no supervisor itself, says and hears.
    Supervisor(PortId, Supervision),
}

/// Ports that hear each other have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    /// A port alone, or the lower one of a bridge.
    Ports(usize),
    Conference(ConferenceId),
}

/// The seats of all ports.
pub(crate) struct Rooms {
    seats: Box<[Seat]>,
    /// Members of each conference.
    members: Box<[u16]>,
    /// All supervisors, as many as there are at its beginning.
    supervisors: Box<[PortId]>,
    supervising: usize,
}

impl Rooms {
    pub(crate) fn new(ports: usize) -> Self {
        Self {
            seats: vec![Seat::Alone; ports].into_boxed_slice(),
            members: vec![0; ports.div_ceil(PORTS_A_CONFERENCE)].into_boxed_slice(),
            supervisors: vec![PortId(0); ports].into_boxed_slice(),
            supervising: 0,
        }
    }

    pub(crate) fn conferences(&self) -> usize {
        self.members.len()
    }

    /// How many are in a conference.
    pub(crate) fn members(&self, conference: ConferenceId) -> usize {
        self.members.get(usize::from(conference.0)).copied().map_or(0, usize::from)
    }

    pub(crate) fn seat(&self, at: usize) -> Seat {
        self.seats.get(at).copied().unwrap_or(Seat::Alone)
    }

    pub(crate) fn conference(&self, at: usize) -> Option<ConferenceId> {
        match self.seat(at) {
            Seat::Conference(conference) => Some(conference),
            Seat::Alone | Seat::Bridge(_) | Seat::Supervisor(..) => None,
        }
    }

    /// Whether it is in anything.
    pub(crate) fn is_joined(&self, at: usize) -> bool {
        self.seat(at) != Seat::Alone
    }

    pub(crate) fn is_supervisor(&self, at: usize) -> bool {
        matches!(self.seat(at), Seat::Supervisor(..))
    }

    /// All supervisors.
    pub(crate) fn supervisors(&self) -> &[PortId] {
        &self.supervisors[..self.supervising]
    }

    /// Whether anybody supervises the port.
    pub(crate) fn is_supervised(&self, at: usize) -> bool {
        self.supervisors().iter().any(|&who| self.supervised(usize::from(who.0)).is_some_and(|(whom, _)| whom == at))
    }

    /// Whom a supervisor supervises.
    fn supervised(&self, at: usize) -> Option<(usize, Supervision)> {
        match self.seat(at) {
            Seat::Supervisor(whom, way) => Some((usize::from(whom.0), way)),
            Seat::Alone | Seat::Bridge(_) | Seat::Conference(_) => None,
        }
    }

    /// The room in which the port hears; a supervisor hears in that of whom it supervises.
    fn room(&self, at: usize) -> Room {
        let at = self.supervised(at).map_or(at, |(whom, _)| whom);
        match self.seat(at) {
            Seat::Bridge(peer) => Room::Ports(at.min(usize::from(peer.0))),
            Seat::Conference(conference) => Room::Conference(conference),
            Seat::Alone | Seat::Supervisor(..) => Room::Ports(at),
        }
    }

    /// Whether these two hear the same room.
    pub(crate) fn share_a_room(&self, one: usize, other: usize) -> bool {
        self.room(one) == self.room(other)
    }

    /// Whether what this supervisor says reaches the port, which may be on hold.
    pub(crate) fn reaches(&self, supervisor: PortId, at: usize, on_hold: bool) -> bool {
        let who = usize::from(supervisor.0);
        match self.supervised(who) {
            Some((whom, Supervision::Whisper)) => whom == at,
            Some((whom, Supervision::Barge)) => whom == at || (!on_hold && who != at && self.share_a_room(whom, at)),
            Some((_, Supervision::Listen)) | None => false,
        }
    }

    /// Whether what this supervisor says is heard by all of a conference.
    pub(crate) fn barges_into(&self, supervisor: PortId, conference: ConferenceId) -> bool {
        match self.supervised(usize::from(supervisor.0)) {
            Some((whom, Supervision::Barge)) => self.conference(whom) == Some(conference),
            Some((_, Supervision::Whisper | Supervision::Listen)) | None => false,
        }
    }

    /// Joins two ports that exist; what they were in ends.
    pub(crate) fn bridge(&mut self, one: PortId, other: PortId) {
        self.part(one);
        self.part(other);
        self.seats[usize::from(one.0)] = Seat::Bridge(other);
        self.seats[usize::from(other.0)] = Seat::Bridge(one);
    }

    /// Ends the port's bridge, for both.
    pub(crate) fn unbridge(&mut self, port: PortId) {
        if let Seat::Bridge(_) = self.seat(usize::from(port.0)) {
            self.part(port);
        }
    }

    /// Makes a port that exists a member.
    pub(crate) fn join(&mut self, conference: ConferenceId, port: PortId) -> Result<(), Refusal> {
        if usize::from(conference.0) >= self.members.len() {
            return Err(Refusal::NoSuchConference);
        }
        self.part(port);
        self.members[usize::from(conference.0)] += 1;
        self.seats[usize::from(port.0)] = Seat::Conference(conference);
        Ok(())
    }

    /// Ends the port's membership, or its supervision of another.
    pub(crate) fn leave(&mut self, port: PortId) {
        if let Seat::Conference(_) | Seat::Supervisor(..) = self.seat(usize::from(port.0)) {
            self.part(port);
        }
    }

    /// Makes one port that exists the supervisor of another.
    pub(crate) fn supervise(&mut self, port: PortId, supervised: PortId, way: Supervision) -> Result<(), Refusal> {
        if port == supervised {
            return Err(Refusal::SupervisesItself);
        }
        if self.is_supervisor(usize::from(supervised.0)) || self.is_supervised(usize::from(port.0)) {
            return Err(Refusal::SupervisesSupervisor);
        }
        if !self.is_supervisor(usize::from(port.0)) {
            self.part(port);
            self.supervisors[self.supervising] = port;
            self.supervising += 1;
        }
        self.seats[usize::from(port.0)] = Seat::Supervisor(supervised, way);
        Ok(())
    }

    /// The port is closed: what it was in ends, and its supervision.
    pub(crate) fn close(&mut self, port: PortId) {
        self.part(port);
        // Backwards, since the place of one that goes is taken by the last.
        for at in (0..self.supervising).rev() {
            let who = self.supervisors[at];
            if self.supervised(usize::from(who.0)).is_some_and(|(whom, _)| whom == usize::from(port.0)) {
                self.part(who);
            }
        }
    }

    /// Ends what the port is in.
    fn part(&mut self, port: PortId) {
        let Some(seat) = self.seats.get_mut(usize::from(port.0)) else { return };
        match core::mem::replace(seat, Seat::Alone) {
            Seat::Alone => {}
            Seat::Bridge(peer) => self.seats[usize::from(peer.0)] = Seat::Alone,
            Seat::Conference(conference) => self.members[usize::from(conference.0)] -= 1,
            Seat::Supervisor(..) => {
                if let Some(at) = self.supervisors().iter().position(|&who| who == port) {
                    self.supervising -= 1;
                    self.supervisors.swap(at, self.supervising);
                }
            }
        }
    }
}
