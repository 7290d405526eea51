//! Calls, their legs, and the table of what happens to them.

use crate::event::{Event, EventKind};
use crate::route::{Plan, Routing, Target};
use base::{CallId, Cause, ConnectionId, Digits, IdSource, Instant, RecordingId, WallTime};
use ports::call::{Address, Bearer, Inband, Number, Presentation, Primitive, Refusal, Setup};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// How long more digits are waited for (T302, Q.931 Table 9-2).
const DIGITS_WAIT: Duration = Duration::from_secs(15);
/// A store that does not answer may not keep a caller waiting longer than this.
const COMMIT_WAIT: Duration = Duration::from_secs(2);
/// How long a caller waits for a crashed application process to be back.
const APP_RESTART_WAIT: Duration = Duration::from_secs(10);
/// Ringing without an answer ends after this (T301, Q.931 Table 9-1).
const ANSWER_WAIT: Duration = Duration::from_secs(180);
/// A line confirms a release within T305 and twice T308 (38 s); past this its leg is dropped.
const RELEASE_WAIT: Duration = Duration::from_secs(60);

/// One party's leg, named to lines and media.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LegId(pub u32);

/// The time of an input: monotonic for durations, wall for people.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// Monotonic.
    pub now: Instant,
    /// UTC.
    pub wall: WallTime,
}

/// A connection's state (ECMA-269 §6.1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionState {
    /// Being dialled.
    Initiated,
    /// Rung, or offered.
    Alerting,
    /// Talking.
    Connected,
    /// Waiting.
    Hold,
    /// Could not be completed.
    Fail,
    /// Gone.
    Null,
}

/// Tones the box plays itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// The called party is rung.
    Ringback,
}

/// Whether a call's row is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is.
    Yes,
    /// The store failed; the call goes on, an alarm tells.
    No,
}

/// How an application's caller is transferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferKind {
    /// The application waits for the talk's end.
    Bridge,
    /// The application is done.
    Blind,
}

/// How a transfer ended (VoiceXML 2.0 §2.3.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferEnd {
    /// Busy.
    Busy,
    /// Rung in vain.
    NoAnswer,
    /// No way through.
    NetworkBusy,
    /// The called party hung up.
    FarEndDisconnect,
    /// The longest time was reached.
    MaxTime,
    /// The number leads nowhere.
    BadDestination,
    /// A blind transfer is under way.
    Accepted,
    /// Anything else.
    Unknown,
}

/// What an application asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppRequest {
    /// Connect the caller to a number.
    Transfer {
        /// How.
        kind: TransferKind,
        /// `tel:` address or plain number.
        to: String,
        /// How long it may ring; zero for the default.
        connect_timeout: Duration,
        /// How long they may talk; zero for ever.
        max_time: Duration,
    },
    /// The caller took this step.
    Step(String),
    /// The application is done.
    Ended {
        /// On an error it did not handle.
        failed: bool,
    },
}

/// What must be kept of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are the columns of the tables they fill")]
pub enum Write {
    CallOpened {
        call: CallId,
        from: String,
        to: String,
        line: String,
        wall: WallTime,
    },
    CallAnswered {
        call: CallId,
        wall: WallTime,
    },
    CallClosed {
        call: CallId,
        cause: Cause,
        wall: WallTime,
    },
    LegOpened {
        call: CallId,
        leg: ConnectionId,
        device: String,
        line: String,
        wall: WallTime,
    },
    LegClosed {
        call: CallId,
        leg: ConnectionId,
        cause: Cause,
        wall: WallTime,
    },
    SegmentOpened {
        call: CallId,
        leg: ConnectionId,
        device: String,
        recording: RecordingId,
        offset_ms: u64,
        wall: WallTime,
    },
    SegmentClosed {
        call: CallId,
        leg: ConnectionId,
        wall: WallTime,
    },
    Path {
        call: CallId,
        step: String,
        wall: WallTime,
    },
}

/// What the shell must do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant's sentence names its fields")]
pub enum Action {
    /// Hand the primitive to the leg's line.
    Line { leg: LegId, primitive: Primitive },
    /// Place a call on the trunk; the line answers with primitives for `leg`.
    Originate { leg: LegId, trunk: String, setup: Setup },
    /// Start the application for the leg's caller.
    StartApp { leg: LegId, call: CallId, url: String, local: String, remote: String },
    /// Tell the application that its caller is gone.
    HangUpApp { leg: LegId },
    /// Tell the application how its transfer ended.
    TransferDone { leg: LegId, end: TransferEnd, talked: Duration },
    /// Digits that came by signaling, for the application.
    AppDigits { leg: LegId, digits: Digits },
    /// Let the two hear each other.
    Join(LegId, LegId),
    /// No longer.
    Part(LegId, LegId),
    /// Play a tone until stopped.
    Tone { leg: LegId, tone: Tone },
    /// Stop the tone.
    StopTone { leg: LegId },
    /// Record what the leg hears and says.
    Record { leg: LegId, recording: RecordingId },
    /// Stop and close the recording.
    StopRecord { leg: LegId, recording: RecordingId },
    /// Keep this.
    Store(Write),
    /// Say by [`Model::committed`] when all stored so far for this call is on the disk.
    Commit(CallId),
    /// A new event of the stream.
    Event(Event),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LegState {
    Initiated,
    Alerting,
    Connected,
    Clearing(Instant),
}

#[derive(Debug)]
struct Leg {
    call: CallId,
    connection: ConnectionId,
    device: String,
    state: LegState,
}

/// Who asked for the second leg, and so who gets the caller back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Route,
    App { max_time: Duration },
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    /// More digits may come.
    Collecting(Instant),
    /// The row is being written; then this target answers.
    Committing(Instant, Target),
    /// The caller is in the application.
    Dialog,
    /// The application's process is being started again.
    Restarting(Instant),
    /// The second leg is being set up or rung.
    Ringing { peer: LegId, origin: Origin, due: Instant, joined: bool },
    /// Caller and second leg talk.
    Talking { peer: LegId, origin: Origin, since: Instant, due: Option<Instant> },
    /// All legs are being released.
    Clearing,
}

#[derive(Debug)]
struct App {
    connection: ConnectionId,
    name: String,
    url: String,
}

#[derive(Debug)]
struct Call {
    caller: LegId,
    setup: Setup,
    line: String,
    phase: Phase,
    app: Option<App>,
    recording: Option<(RecordingId, Instant)>,
    opened: WallTime,
    answered: Option<WallTime>,
    step: String,
    cause: Cause,
}

/// A call as the pages show it.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "plain columns")]
pub struct CallView<'a> {
    pub id: CallId,
    pub from: &'a str,
    pub to: &'a str,
    pub line: &'a str,
    pub opened: WallTime,
    pub answered: Option<WallTime>,
    pub state: ConnectionState,
    pub step: &'a str,
    pub with: Option<&'a str>,
}

/// A leg as the pages show it.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "plain columns")]
pub struct LegView {
    pub call: CallId,
    pub state: ConnectionState,
}

/// All calls of the box. Drain [`poll_action`](Self::poll_action) after every method that takes the time.
#[derive(Debug)]
pub struct Model {
    plan: Plan,
    ids: IdSource,
    next_leg: u32,
    next_event: u64,
    calls: BTreeMap<CallId, Call>,
    legs: BTreeMap<LegId, Leg>,
    actions: VecDeque<Action>,
}

impl Model {
    /// `next_event` is the first number of the event stream not used before.
    pub fn new(plan: Plan, ids: IdSource, next_event: u64) -> Self {
        let (calls, legs, actions) = (BTreeMap::new(), BTreeMap::new(), VecDeque::new());
        Self { plan, ids, next_leg: 1, next_event, calls, legs, actions }
    }

    /// The oldest action not yet carried out.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due at the latest.
    pub fn deadline(&self) -> Option<Instant> {
        let phases = self.calls.values().filter_map(|call| call.phase.due());
        let clearing = self.legs.values().filter_map(|leg| match leg.state {
            LegState::Clearing(due) => Some(due),
            LegState::Initiated | LegState::Alerting | LegState::Connected => None,
        });
        phases.chain(clearing).min()
    }

    /// How many calls are in progress.
    pub fn calls_in_progress(&self) -> usize {
        self.calls.len()
    }

    /// The number the next event will have.
    pub const fn next_event(&self) -> u64 {
        self.next_event
    }

    /// A call arrives on `line` ("span1/5"). The leg's name is for what follows of it.
    pub fn incoming(&mut self, at: At, line: &str, setup: Setup) -> LegId {
        let id = CallId(self.ids.next_id());
        let caller = self.open_leg(id, &shown(&setup.from), LegState::Alerting);
        let connection = self.legs[&caller].connection;
        let (from, to) = (shown(&setup.from), setup.to.digits.to_string());
        self.store(Write::CallOpened { call: id, from: from.clone(), to, line: line.into(), wall: at.wall });
        self.store(Write::LegOpened { call: id, leg: connection, device: from, line: line.into(), wall: at.wall });
        let call = Call {
            caller,
            setup,
            line: line.into(),
            phase: Phase::Collecting(at.now + DIGITS_WAIT),
            app: None,
            recording: None,
            opened: at.wall,
            answered: None,
            step: String::new(),
            cause: Cause::NORMAL_CLEARING,
        };
        self.calls.insert(id, call);
        self.choose_route(at, id);
        caller
    }

    /// A leg's line reports.
    pub fn line(&mut self, at: At, leg: LegId, primitive: Primitive) {
        let Some(call) = self.legs.get(&leg).map(|known| known.call) else { return };
        if self.calls[&call].caller == leg {
            self.caller_line(at, call, primitive)
        } else {
            self.peer_line(at, call, leg, primitive)
        }
    }

    /// All that was to be kept of the call before [`Action::Commit`] is on the disk, or cannot be.
    pub fn committed(&mut self, at: At, call: CallId, stored: Stored) {
        let Some(Phase::Committing(_, target)) = self.calls.get(&call).map(|call| call.phase.clone()) else { return };
        if stored == Stored::No {
            let text = format!("call {call}: its record could not be written; the call goes on");
            self.event(at, Some(call), EventKind::Alarm { subject: "store".into(), text });
        }
        match target {
            Target::App { name, url } => self.answer_by_app(at, call, name, url),
            Target::Extension(number) => self.ring_number(at, call, &number, Origin::Route, ANSWER_WAIT),
            Target::Trunk(trunk) => {
                let to = self.calls[&call].setup.to;
                self.originate(at, call, trunk, to, Origin::Route, ANSWER_WAIT);
            }
            Target::Reject(cause) => self.clear_call(at, call, cause),
        }
    }

    /// The application of this caller asks for something.
    pub fn app(&mut self, at: At, leg: LegId, request: AppRequest) {
        let Some(id) = self.legs.get(&leg).map(|leg| leg.call) else { return };
        let call = self.calls.get_mut(&id).expect("a leg's call is in the table until its last leg is gone");
        if call.app.is_none() {
            return;
        }
        match (request, call.phase.clone()) {
            (AppRequest::Step(step), _) => {
                call.step.clone_from(&step);
                self.store(Write::Path { call: id, step: step.clone(), wall: at.wall });
                self.event(at, Some(id), EventKind::MenuStep { step });
            }
            (AppRequest::Transfer { kind, to, connect_timeout, max_time }, Phase::Dialog) => {
                self.transfer(at, id, kind, &to, connect_timeout, max_time);
            }
            (AppRequest::Transfer { .. }, _) => self.transfer_done(leg, TransferEnd::Unknown, Duration::ZERO),
            (AppRequest::Ended { failed }, Phase::Dialog | Phase::Restarting(_)) => {
                call.app = None;
                self.clear_call(at, id, if failed { Cause::TEMPORARY_FAILURE } else { Cause::NORMAL_CLEARING });
            }
            (AppRequest::Ended { .. }, _) => self.forget_app(id),
        }
    }

    /// The process that runs applications is gone: callers in a dialog wait for it, talks go on.
    pub fn apps_lost(&mut self, at: At) {
        let with_app: Vec<CallId> =
            self.calls.iter().filter(|(_, call)| call.app.is_some()).map(|(id, _)| *id).collect();
        for id in with_app {
            let call = self.calls.get_mut(&id).expect("listed from the table above");
            match call.phase {
                Phase::Dialog => call.phase = Phase::Restarting(at.now + APP_RESTART_WAIT),
                Phase::Collecting(_) | Phase::Committing(..) | Phase::Restarting(_) | Phase::Clearing => {}
                Phase::Ringing { .. } | Phase::Talking { .. } => self.forget_app(id),
            }
        }
    }

    /// The process that runs applications is (again) there: callers who wait begin anew.
    pub fn apps_ready(&mut self, at: At) {
        let waiting = |call: &Call| matches!(call.phase, Phase::Restarting(_));
        let ids: Vec<CallId> = self.calls.iter().filter(|(_, call)| waiting(call)).map(|(id, _)| *id).collect();
        for id in ids {
            let text = "the application was interrupted and starts again".to_string();
            self.event(at, Some(id), EventKind::Alarm { subject: "ivr".into(), text });
            self.start_app(id);
        }
    }

    /// Fires every deadline that is due.
    pub fn handle_timeout(&mut self, at: At) {
        let is_due = |call: &Call| call.phase.due().is_some_and(|due| due <= at.now);
        let due: Vec<CallId> = self.calls.iter().filter(|(_, call)| is_due(call)).map(|(id, _)| *id).collect();
        for id in due {
            self.phase_expired(at, id);
        }
        let late = |leg: &Leg| matches!(leg.state, LegState::Clearing(due) if due <= at.now);
        let stuck: Vec<LegId> = self.legs.iter().filter(|(_, leg)| late(leg)).map(|(id, _)| *id).collect();
        for leg in stuck {
            let text = "a line did not confirm a release within a minute; its leg was dropped".to_string();
            let call = self.legs[&leg].call;
            self.event(at, Some(call), EventKind::Alarm { subject: "line".into(), text });
            self.leg_gone(at, leg, Cause::RECOVERY_ON_TIMER_EXPIRY);
        }
    }

    /// A numbered alarm that belongs to no call.
    pub fn alarm(&mut self, at: At, subject: &str, text: String) {
        self.event(at, None, EventKind::Alarm { subject: subject.into(), text });
    }

    /// All calls, oldest first.
    pub fn views(&self) -> impl Iterator<Item = CallView<'_>> {
        self.calls.iter().map(|(id, call)| CallView {
            id: *id,
            from: if call.setup.from.presentation == Presentation::Allowed {
                call.setup.from.digits.as_str()
            } else {
                ""
            },
            to: call.setup.to.digits.as_str(),
            line: &call.line,
            opened: call.opened,
            answered: call.answered,
            state: self.legs.get(&call.caller).map_or(ConnectionState::Null, |leg| leg.state.csta()),
            step: &call.step,
            with: call.phase.peer().and_then(|peer| self.legs.get(&peer)).map(|leg| leg.device.as_str()),
        })
    }

    /// One leg.
    pub fn leg(&self, leg: LegId) -> Option<LegView> {
        self.legs.get(&leg).map(|leg| LegView { call: leg.call, state: leg.state.csta() })
    }

    fn choose_route(&mut self, at: At, id: CallId) {
        let call = &self.calls[&id];
        let setup = call.setup;
        match self.plan.route(&setup.to.digits, &setup.from.digits, setup.address) {
            Routing::Incomplete => {
                self.calls.get_mut(&id).expect("seen above").phase = Phase::Collecting(at.now + DIGITS_WAIT)
            }
            Routing::Nowhere if setup.to.digits.is_empty() => self.clear_call(at, id, Cause::INVALID_NUMBER_FORMAT),
            Routing::Nowhere => self.clear_call(at, id, Cause::UNALLOCATED_NUMBER),
            Routing::To(Target::Reject(cause)) => {
                let cause = *cause;
                self.clear_call(at, id, cause);
            }
            Routing::To(target) => {
                let target = target.clone();
                let call = self.calls.get_mut(&id).expect("seen above");
                call.phase = Phase::Committing(at.now + COMMIT_WAIT, target);
                let leg = call.caller;
                self.tell(leg, Primitive::Proceeding);
                self.actions.push_back(Action::Commit(id));
            }
        }
    }

    fn caller_line(&mut self, at: At, id: CallId, primitive: Primitive) {
        let call = self.calls.get_mut(&id).expect("the caller's leg names it");
        let caller = call.caller;
        match (primitive, &call.phase) {
            (Primitive::Digits { digits, address }, Phase::Collecting(_)) => {
                let fits = call.setup.to.digits.append(&digits).is_ok();
                call.setup.address = if fits { address } else { Address::Complete };
                self.choose_route(at, id);
            }
            (Primitive::Info(digits), Phase::Dialog) => {
                self.actions.push_back(Action::AppDigits { leg: caller, digits })
            }
            (Primitive::Clearing { cause, .. }, _) => {
                self.release(at, caller, Primitive::Released { cause });
                self.clear_call(at, id, cause);
            }
            (Primitive::Released { cause }, _) => {
                self.clear_call(at, id, cause);
                self.leg_gone(at, caller, cause);
            }
            (Primitive::Refused(_), Phase::Clearing) => self.leg_gone(at, caller, Cause::NORMAL_UNSPECIFIED),
            (Primitive::TransferRequested(_) | Primitive::MediaOffer(_), _) => {
                self.tell(caller, Primitive::Refused(Refusal::NotSupported));
            }
            // Of no consequence to the caller's call in this phase.
            (
                Primitive::Setup(_)
                | Primitive::Digits { .. }
                | Primitive::Info(_)
                | Primitive::Proceeding
                | Primitive::Progress(_)
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

    fn peer_line(&mut self, at: At, id: CallId, leg: LegId, primitive: Primitive) {
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

    fn answer_by_app(&mut self, at: At, id: CallId, name: String, url: String) {
        let connection = ConnectionId(self.ids.next_id());
        let call = self.calls.get_mut(&id).expect("being committed");
        call.app = Some(App { connection, name: name.clone(), url });
        let (calling_device, called_device) = (shown(&call.setup.from), call.setup.to.digits.to_string());
        self.event(
            at,
            Some(id),
            EventKind::Delivered {
                connection,
                alerting_device: name.clone(),
                calling_device: calling_device.clone(),
                called_device: called_device.clone(),
            },
        );
        self.answer_caller(at, id);
        self.event(
            at,
            Some(id),
            EventKind::Established { connection, answering_device: name, calling_device, called_device },
        );
        self.start_app(id);
    }

    fn start_app(&mut self, id: CallId) {
        let call = self.calls.get_mut(&id).expect("its phase was just seen");
        let Some(app) = &call.app else { return };
        call.phase = Phase::Dialog;
        let (leg, url) = (call.caller, app.url.clone());
        let (local, remote) = (call.setup.to.digits.to_string(), shown(&call.setup.from));
        self.actions.push_back(Action::StartApp { leg, call: id, url, local, remote });
    }

    /// Answers the caller's line and begins the recording.
    fn answer_caller(&mut self, at: At, id: CallId) {
        let recording = RecordingId(self.ids.next_id());
        let call = self.calls.get_mut(&id).expect("being answered");
        if call.answered.is_some() {
            return;
        }
        call.answered = Some(at.wall);
        call.recording = Some((recording, at.now));
        let (caller, app) = (call.caller, call.app.as_ref().map(|app| (app.connection, app.name.clone())));
        let leg = self.legs.get_mut(&caller).expect("the caller's leg lives as long as the call is not clearing");
        leg.state = LegState::Connected;
        self.tell(caller, Primitive::Connected);
        self.store(Write::CallAnswered { call: id, wall: at.wall });
        self.actions.push_back(Action::Record { leg: caller, recording });
        self.event(at, Some(id), EventKind::RecordingStarted { recording });
        if let Some((leg, device)) = app {
            self.store(Write::SegmentOpened { call: id, leg, device, recording, offset_ms: 0, wall: at.wall });
        }
    }

    fn transfer(
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
    fn ring_number(&mut self, at: At, id: CallId, number: &str, origin: Origin, wait: Duration) {
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

    fn originate(&mut self, at: At, id: CallId, trunk: String, to: Number, origin: Origin, wait: Duration) {
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
            line: trunk.clone(),
            wall: at.wall,
        });
        let reached =
            EventKind::NetworkReached { connection, network_interface_used: trunk.clone(), called_device: device };
        self.event(at, Some(id), reached);
        self.actions.push_back(Action::Originate { leg: peer, trunk, setup });
    }

    fn peer_alerting(&mut self, at: At, id: CallId, peer: LegId, inband: Inband) {
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
    fn join_early(&mut self, id: CallId, peer: LegId) {
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

    fn peer_answered(&mut self, at: At, id: CallId, peer: LegId, origin: Origin, joined: bool) {
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
        if let Some((recording, began)) = self.calls[&id].recording {
            let offset_ms = at.now.since(began).as_millis() as u64;
            self.store(Write::SegmentOpened { call: id, leg: connection, device, recording, offset_ms, wall: at.wall });
        }
    }

    /// The second leg ended, or is ending; the caller goes back to the application or is cleared too.
    fn peer_lost(&mut self, at: At, id: CallId, peer: LegId, cause: Cause) {
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

    fn second_leg_failed(&mut self, at: At, id: CallId, origin: Origin, cause: Cause) {
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

    fn talk_over(&mut self, at: At, id: CallId, origin: Origin, end: TransferEnd, talked: Duration, cause: Cause) {
        let call = self.calls.get_mut(&id).expect("its talk was just seen");
        match (origin, &call.app) {
            (Origin::App { .. }, Some(app)) => {
                let connection = app.connection;
                call.phase = Phase::Dialog;
                let caller = call.caller;
                self.event(at, Some(id), EventKind::Retrieved { connection });
                self.transfer_done(caller, end, talked);
            }
            (Origin::App { .. }, None) | (Origin::Route, _) => self.clear_call(at, id, cause),
        }
    }

    /// The application is gone but the talk it arranged goes on; at its end the call ends.
    fn forget_app(&mut self, id: CallId) {
        let call = self.calls.get_mut(&id).expect("the caller of this function holds it");
        call.app = None;
        if let Phase::Ringing { origin, .. } | Phase::Talking { origin, .. } = &mut call.phase {
            *origin = Origin::Route;
        }
    }

    fn phase_expired(&mut self, at: At, id: CallId) {
        let call = self.calls.get_mut(&id).expect("listed as due");
        let caller = call.caller;
        match call.phase.clone() {
            Phase::Collecting(_) if call.setup.address == Address::Open => {
                call.setup.address = Address::Complete;
                self.choose_route(at, id);
            }
            Phase::Collecting(_) => self.clear_call(at, id, Cause::INVALID_NUMBER_FORMAT),
            Phase::Committing(..) => self.committed(at, id, Stored::No),
            Phase::Restarting(_) => self.clear_call(at, id, Cause::TEMPORARY_FAILURE),
            Phase::Ringing { peer, .. } => {
                self.peer_lost(at, id, peer, Cause::NO_ANSWER);
                self.release(at, peer, clearing(Cause::NORMAL_CLEARING));
            }
            Phase::Talking { peer, origin, since, .. } => {
                self.actions.push_back(Action::Part(caller, peer));
                self.talk_over(at, id, origin, TransferEnd::MaxTime, at.now.since(since), Cause::NORMAL_CLEARING);
                self.release(at, peer, clearing(Cause::NORMAL_CLEARING));
            }
            Phase::Dialog | Phase::Clearing => {}
        }
    }

    /// Ends the call: every leg that is not yet being released is told, the application too.
    fn clear_call(&mut self, at: At, id: CallId, cause: Cause) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let phase = std::mem::replace(&mut call.phase, Phase::Clearing);
        if phase == Phase::Clearing {
            return;
        }
        call.cause = cause;
        let (caller, app, recording) = (call.caller, call.app.take(), call.recording.take());
        if app.is_some() {
            self.actions.push_back(Action::HangUpApp { leg: caller });
        }
        if let Phase::Talking { peer, .. } | Phase::Ringing { peer, joined: true, .. } = phase {
            self.actions.push_back(Action::Part(caller, peer));
        }
        if let Phase::Ringing { .. } = phase {
            self.actions.push_back(Action::StopTone { leg: caller });
        }
        if let Some((recording, _)) = recording {
            self.actions.push_back(Action::StopRecord { leg: caller, recording });
        }
        if let Some(app) = app {
            self.store(Write::SegmentClosed { call: id, leg: app.connection, wall: at.wall });
        }
        let legs: Vec<LegId> = self.legs.iter().filter(|(_, leg)| leg.call == id).map(|(leg, _)| *leg).collect();
        for leg in legs {
            self.release(at, leg, clearing(cause));
        }
    }

    /// Asks the leg's line to end, once.
    fn release(&mut self, at: At, leg: LegId, primitive: Primitive) {
        let Some(known) = self.legs.get_mut(&leg) else { return };
        if !known.state.is_clearing() {
            known.state = LegState::Clearing(at.now + RELEASE_WAIT);
            self.tell(leg, primitive);
        }
    }

    /// The leg's line is free. With the last leg the call is over.
    fn leg_gone(&mut self, at: At, leg: LegId, cause: Cause) {
        let Some(gone) = self.legs.remove(&leg) else { return };
        let id = gone.call;
        self.store(Write::SegmentClosed { call: id, leg: gone.connection, wall: at.wall });
        self.store(Write::LegClosed { call: id, leg: gone.connection, cause, wall: at.wall });
        let cleared =
            EventKind::ConnectionCleared { connection: gone.connection, releasing_device: gone.device, cause };
        self.event(at, Some(id), cleared);
        if self.legs.values().all(|other| other.call != id) {
            let cause = self.calls.remove(&id).map_or(cause, |call| call.cause);
            self.event(at, Some(id), EventKind::CallCleared { cause });
            self.store(Write::CallClosed { call: id, cause, wall: at.wall });
        }
    }

    fn open_leg(&mut self, call: CallId, device: &str, state: LegState) -> LegId {
        let id = LegId(self.next_leg);
        self.next_leg = self.next_leg.wrapping_add(1);
        let connection = ConnectionId(self.ids.next_id());
        self.legs.insert(id, Leg { call, connection, device: device.into(), state });
        id
    }

    fn tell(&mut self, leg: LegId, primitive: Primitive) {
        self.actions.push_back(Action::Line { leg, primitive });
    }

    fn transfer_done(&mut self, leg: LegId, end: TransferEnd, talked: Duration) {
        self.actions.push_back(Action::TransferDone { leg, end, talked });
    }

    fn store(&mut self, write: Write) {
        self.actions.push_back(Action::Store(write));
    }

    fn event(&mut self, at: At, call: Option<CallId>, kind: EventKind) {
        let seq = self.next_event;
        self.next_event += 1;
        self.actions.push_back(Action::Event(Event { seq, wall: at.wall, call, kind }));
    }
}

impl Phase {
    fn due(&self) -> Option<Instant> {
        match self {
            Self::Collecting(due) | Self::Committing(due, _) | Self::Restarting(due) | Self::Ringing { due, .. } => {
                Some(*due)
            }
            Self::Talking { due, .. } => *due,
            Self::Dialog | Self::Clearing => None,
        }
    }

    fn peer(&self) -> Option<LegId> {
        match self {
            Self::Ringing { peer, .. } | Self::Talking { peer, .. } => Some(*peer),
            Self::Collecting(_) | Self::Committing(..) | Self::Dialog | Self::Restarting(_) | Self::Clearing => None,
        }
    }
}

impl LegState {
    fn is_clearing(self) -> bool {
        matches!(self, Self::Clearing(_))
    }

    fn csta(self) -> ConnectionState {
        match self {
            Self::Initiated => ConnectionState::Initiated,
            Self::Alerting => ConnectionState::Alerting,
            Self::Connected => ConnectionState::Connected,
            Self::Clearing(_) => ConnectionState::Null,
        }
    }
}

fn clearing(cause: Cause) -> Primitive {
    Primitive::Clearing { cause, inband: Inband::Silent }
}

/// The number as it may be shown: a restricted one stays with the line.
fn shown(number: &Number) -> String {
    match number.presentation {
        Presentation::Allowed => number.digits.to_string(),
        Presentation::Restricted | Presentation::Unavailable => String::new(),
    }
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
