//! The second leg: setting it up, joining it, and what becomes of the caller when it is lost.

use super::ANSWER_WAIT;
use super::{LegState, Model, Origin, Phase, clearing, shown};
use crate::action::{Action, At, Direction, LegId, Tone, TransferEnd, TransferKind, Write};
use crate::event::EventKind;
use crate::route::{Routing, Target};
use base::{CallId, Cause, Digits};
use ports::call::{Address, Bearer, Inband, Number, Primitive, Refusal, Setup};
use std::time::Duration;

impl Model {
    pub(super) fn peer_line(&mut self, at: At, id: CallId, leg: LegId, primitive: Primitive) {
        let phase = self.calls[&id].phase.clone();
        let current = phase.peer() == Some(leg);
        match (primitive, phase) {
            (Primitive::Alerting(inband), Phase::Ringing { .. }) if current => self.peer_alerting(at, id, leg, inband),
            (Primitive::Progress(Inband::Audio), Phase::Ringing { .. }) if current => self.join_early(id, leg),
            (Primitive::Connected, Phase::Ringing { origin, joined, .. }) if current => {
                self.peer_answered(at, id, leg, origin, joined);
            }
            (Primitive::Clearing { cause, .. }, _) => {
                self.release(at, leg, Primitive::Released { cause });
                self.peer_lost(at, id, leg, cause);
            }
            (Primitive::Released { cause }, _) => {
                self.peer_lost(at, id, leg, cause);
                self.leg_gone(at, leg, cause);
            }
            (Primitive::Refused(refusal), Phase::Ringing { .. }) if current => {
                let cause = match refusal {
                    Refusal::NoChannel => Cause::NO_CHANNEL,
                    Refusal::OutOfService => Cause::NETWORK_OUT_OF_ORDER,
                    Refusal::NotSupported | Refusal::WrongState => Cause::TEMPORARY_FAILURE,
                };
                self.peer_lost(at, id, leg, cause);
                self.leg_gone(at, leg, cause);
            }
            (Primitive::Refused(_), _) if self.legs.get(&leg).is_some_and(|leg| leg.state.is_clearing()) => {
                self.leg_gone(at, leg, Cause::NORMAL_UNSPECIFIED);
            }
            (Primitive::TransferRequested(_) | Primitive::MediaOffer(_), _) => {
                self.tell(leg, Primitive::Refused(Refusal::NotSupported));
            }
            // Of no consequence to the second leg in this phase.
            (
                Primitive::Setup(_)
                | Primitive::Digits { .. }
                | Primitive::Info(_)
                | Primitive::Proceeding
                | Primitive::Progress(_)
                | Primitive::Detail(_)
                | Primitive::Alerting(_)
                | Primitive::Connected
                | Primitive::Held
                | Primitive::Retrieved
                | Primitive::Flash
                | Primitive::Charge(_)
                | Primitive::MediaAnswer(_)
                | Primitive::Reanswered
                | Primitive::Refused(_),
                _,
            ) => {}
        }
    }

    pub(super) fn transfer(
        &mut self,
        at: At,
        id: CallId,
        kind: TransferKind,
        to: &str,
        connect_timeout: Duration,
        max_time: Duration,
    ) {
        let wait = if connect_timeout.is_zero() { ANSWER_WAIT } else { connect_timeout };
        let number = to.strip_prefix("tel:").unwrap_or(to);
        let call = &self.calls[&id];
        let (caller, app) = (call.caller, call.app.as_ref().map(|app| app.connection));
        match (kind, app) {
            (TransferKind::Bridge, Some(connection)) => {
                self.event(at, Some(id), EventKind::Held { connection });
                self.ring_number(at, id, number, Origin::App { max_time }, wait);
            }
            (TransferKind::Blind, Some(_)) => {
                self.transfer_done(caller, TransferEnd::Accepted, Duration::ZERO);
                let connection = self.legs[&caller].connection;
                self.event(at, Some(id), EventKind::Transferred { connection, transferred_to_device: number.into() });
                self.calls.get_mut(&id).expect("seen above").app = None;
                self.ring_number(at, id, number, Origin::Route, wait);
            }
            (TransferKind::Bridge | TransferKind::Blind, None) => {}
        }
    }

    /// Rings an extension, or goes where the routing table sends the number; an application is no telephone.
    pub(super) fn ring_number(&mut self, at: At, id: CallId, number: &str, origin: Origin, wait: Duration) {
        let from = self.calls[&id].setup.from.digits;
        let extension =
            |name: &str| self.plan.extension(name).map(|found| (found.trunk.clone(), Number::unknown(found.dial)));
        let place = extension(number).or_else(|| {
            let digits: Digits = number.parse().ok()?;
            match self.plan.route(&digits, &from, Address::Complete) {
                Routing::To(Target::Extension(name)) => extension(name),
                Routing::To(Target::Trunk(trunk)) => Some((trunk.clone(), Number::unknown(digits))),
                Routing::To(Target::App { .. } | Target::Reject(_)) | Routing::Incomplete | Routing::Nowhere => None,
            }
        });
        match place {
            Some((trunk, to)) => self.originate(at, id, trunk, to, origin, wait),
            None => self.second_leg_failed(at, id, origin, Cause::UNALLOCATED_NUMBER),
        }
    }

    pub(super) fn originate(&mut self, at: At, id: CallId, trunk: String, to: Number, origin: Origin, wait: Duration) {
        let device = to.digits.to_string();
        let peer = self.open_leg(id, &device, LegState::Initiated);
        let connection = self.legs[&peer].connection;
        let call = self.calls.get_mut(&id).expect("the caller of this function holds it");
        call.phase = Phase::Ringing { peer, origin, due: at.now + wait, joined: false };
        let setup =
            Setup { from: call.setup.from, to, redirecting: None, bearer: Bearer::Speech, address: Address::Complete };
        self.store(Write::LegOpened {
            call: id,
            leg: connection,
            device: device.clone(),
            direction: Direction::Out,
            wall: at.wall,
        });
        let reached =
            EventKind::NetworkReached { connection, network_interface_used: trunk.clone(), called_device: device };
        self.event(at, Some(id), reached);
        self.actions.push_back(Action::Originate { leg: peer, trunk, setup });
    }

    pub(super) fn peer_alerting(&mut self, at: At, id: CallId, peer: LegId, inband: Inband) {
        let leg = self.legs.get_mut(&peer).expect("its line spoke");
        leg.state = LegState::Alerting;
        let (connection, alerting_device) = (leg.connection, leg.device.clone());
        let call = &self.calls[&id];
        let (calling_device, called_device) = (shown(&call.setup.from), call.setup.to.digits.to_string());
        let (caller, answered) = (call.caller, call.answered.is_some());
        self.event(at, Some(id), EventKind::Delivered { connection, alerting_device, calling_device, called_device });
        match (inband, answered) {
            (Inband::Audio, _) => self.join_early(id, peer),
            (Inband::Silent, true) => self.actions.push_back(Action::Tone { leg: caller, tone: Tone::Ringback }),
            (Inband::Silent, false) => self.tell(caller, Primitive::Alerting(Inband::Silent)),
        }
    }

    /// Lets the caller hear what the far network plays before the answer.
    pub(super) fn join_early(&mut self, id: CallId, peer: LegId) {
        let call = self.calls.get_mut(&id).expect("its second leg spoke");
        let (caller, answered) = (call.caller, call.answered.is_some());
        let Phase::Ringing { joined, .. } = &mut call.phase else { return };
        if std::mem::replace(joined, true) {
            return;
        }
        if !answered {
            self.tell(caller, Primitive::Alerting(Inband::Audio));
        }
        self.actions.push_back(Action::StopTone { leg: caller });
        self.actions.push_back(Action::Join(caller, peer));
    }

    pub(super) fn peer_answered(&mut self, at: At, id: CallId, peer: LegId, origin: Origin, joined: bool) {
        let leg = self.legs.get_mut(&peer).expect("its line spoke");
        leg.state = LegState::Connected;
        let (connection, device) = (leg.connection, leg.device.clone());
        let call = self.calls.get_mut(&id).expect("its second leg spoke");
        let limit = match origin {
            Origin::App { max_time } if !max_time.is_zero() => Some(at.now + max_time),
            Origin::App { .. } | Origin::Route => None,
        };
        call.phase = Phase::Talking { peer, origin, since: at.now, due: limit };
        let caller = call.caller;
        let (calling_device, called_device) = (shown(&call.setup.from), call.setup.to.digits.to_string());
        self.actions.push_back(Action::StopTone { leg: caller });
        if !joined {
            self.actions.push_back(Action::Join(caller, peer));
        }
        self.answer_caller(at, id);
        let answered =
            EventKind::Established { connection, answering_device: device.clone(), calling_device, called_device };
        self.event(at, Some(id), answered);
        self.store(Write::LegAnswered { leg: connection, wall: at.wall });
        self.begin_segment(at, id, device);
    }

    /// The second leg ended, or is ending; the caller goes back to the application or is cleared too.
    pub(super) fn peer_lost(&mut self, at: At, id: CallId, peer: LegId, cause: Cause) {
        let call = &self.calls[&id];
        let caller = call.caller;
        match call.phase.clone() {
            Phase::Ringing { peer: current, origin, joined, .. } if current == peer => {
                self.actions.push_back(Action::StopTone { leg: caller });
                if joined {
                    self.actions.push_back(Action::Part(caller, peer));
                }
                let leg = &self.legs[&peer];
                let (connection, failing_device) = (leg.connection, leg.device.clone());
                self.event(at, Some(id), EventKind::Failed { connection, failing_device, cause });
                self.second_leg_failed(at, id, origin, cause);
            }
            Phase::Talking { peer: current, origin, since, .. } if current == peer => {
                self.actions.push_back(Action::Part(caller, peer));
                self.talk_over(at, id, origin, TransferEnd::FarEndDisconnect, at.now.since(since), cause);
            }
            Phase::Ringing { .. }
            | Phase::Talking { .. }
            | Phase::Collecting(_)
            | Phase::Committing(..)
            | Phase::Dialog
            | Phase::Restarting(_)
            | Phase::Clearing => {}
        }
    }

    pub(super) fn second_leg_failed(&mut self, at: At, id: CallId, origin: Origin, cause: Cause) {
        let end = match cause {
            Cause::USER_BUSY => TransferEnd::Busy,
            Cause::NO_USER_RESPONDING | Cause::NO_ANSWER | Cause::CALL_REJECTED | Cause::SUBSCRIBER_ABSENT => {
                TransferEnd::NoAnswer
            }
            Cause::UNALLOCATED_NUMBER | Cause::INVALID_NUMBER_FORMAT | Cause::NO_ROUTE_TO_DESTINATION => {
                TransferEnd::BadDestination
            }
            Cause(34..=47) => TransferEnd::NetworkBusy,
            _ => TransferEnd::Unknown,
        };
        self.talk_over(at, id, origin, end, Duration::ZERO, cause);
    }

    pub(super) fn talk_over(
        &mut self,
        at: At,
        id: CallId,
        origin: Origin,
        end: TransferEnd,
        talked: Duration,
        cause: Cause,
    ) {
        self.end_agents_silence(at, id);
        let call = self.calls.get_mut(&id).expect("its talk was just seen");
        match (origin, &call.app) {
            (Origin::App { .. }, Some(app)) => {
                let (connection, name) = (app.connection, app.name.clone());
                call.phase = Phase::Dialog;
                let caller = call.caller;
                if !talked.is_zero() || end == TransferEnd::FarEndDisconnect || end == TransferEnd::MaxTime {
                    self.begin_segment(at, id, name);
                }
                self.event(at, Some(id), EventKind::Retrieved { connection });
                self.transfer_done(caller, end, talked);
            }
            (Origin::App { .. }, None) | (Origin::Route, _) => self.clear_call(at, id, cause),
        }
    }

    /// The application ends the talk it arranged, or the ringing.
    pub(super) fn end_transfer(&mut self, at: At, id: CallId, phase: &Phase) {
        let caller = self.calls[&id].caller;
        let (peer, talked, origin) = match *phase {
            Phase::Ringing { peer, origin, joined, .. } => {
                self.actions.push_back(Action::StopTone { leg: caller });
                if joined {
                    self.actions.push_back(Action::Part(caller, peer));
                }
                (peer, Duration::ZERO, origin)
            }
            Phase::Talking { peer, origin, since, .. } => {
                self.actions.push_back(Action::Part(caller, peer));
                (peer, at.now.since(since), origin)
            }
            Phase::Collecting(_) | Phase::Committing(..) | Phase::Dialog | Phase::Restarting(_) | Phase::Clearing => {
                return;
            }
        };
        self.talk_over(at, id, origin, TransferEnd::NearEndDisconnect, talked, Cause::NORMAL_CLEARING);
        self.release(at, peer, clearing(Cause::NORMAL_CLEARING));
    }

    /// The application is gone but the talk it arranged goes on; at its end the call ends.
    pub(super) fn forget_app(&mut self, id: CallId) {
        let call = self.calls.get_mut(&id).expect("the caller of this function holds it");
        call.app = None;
        if let Phase::Ringing { origin, .. } | Phase::Talking { origin, .. } = &mut call.phase {
            *origin = Origin::Route;
        }
    }
}
