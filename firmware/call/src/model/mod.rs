//! Calls, their legs, and the table of what happens to them.

mod caller;
mod ending;
mod recording;
mod second_leg;
mod tap;

use crate::action::{
    Action, AppRequest, At, CallView, ConnectionState, Direction, LegId, LegView, Recordings, Stored, TransferEnd,
    Write,
};
use crate::event::{Event, EventKind};
use crate::route::{Plan, Target};
use base::{CallId, Cause, ConnectionId, IdSource, Instant, RecordingId, WallTime};
use ports::call::{Inband, Number, Presentation, Primitive, Setup};
use recording::Silence;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;
pub use tap::TapCall;

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
    silence: Silence,
    segments: u32,
    segment_open: bool,
    opened: WallTime,
    answered: Option<WallTime>,
    step: String,
    cause: Cause,
}

/// All calls of the box. Drain [`poll_action`](Self::poll_action) after every method that takes the time.
#[derive(Debug)]
pub struct Model {
    plan: Plan,
    recordings: Recordings,
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
        let recordings = Recordings::default();
        Self { plan, recordings, ids, next_leg: 1, next_event, calls, legs, actions }
    }

    /// The same model, recording calls or not.
    pub fn with_recordings(self, recordings: Recordings) -> Self {
        Self { recordings, ..self }
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
        self.store(Write::CallOpened { call: id, from, to, line: line.into(), wall: at.wall });
        self.store(Write::LegOpened {
            call: id,
            leg: connection,
            device: line.into(),
            direction: Direction::In,
            wall: at.wall,
        });
        let call = Call {
            caller,
            setup,
            line: line.into(),
            phase: Phase::Collecting(at.now + DIGITS_WAIT),
            app: None,
            recording: None,
            silence: Silence::default(),
            segments: 0,
            segment_open: false,
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

    /// A leg's far party has hung up, as its line could tell by this. What the line does about it follows.
    pub fn hung_up_by(&mut self, at: At, leg: LegId, evidence: String) {
        let Some(Leg { call, connection, device, .. }) = self.legs.get(&leg) else { return };
        let (id, connection, releasing_device) = (*call, *connection, device.clone());
        self.store(Write::LegHungUp { leg: connection, evidence: evidence.clone(), wall: at.wall });
        self.event(at, Some(id), EventKind::HangUpDetected { connection, releasing_device, evidence });
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
            (AppRequest::EndTransfer, phase) => self.end_transfer(at, id, &phase),
            (AppRequest::Disconnect, _) => self.clear_call(at, id, Cause::NORMAL_CLEARING),
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
            self.start_app(at, id);
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

    /// Ends every call, because the box stops.
    pub fn clear_all(&mut self, at: At, cause: Cause) {
        let all: Vec<CallId> = self.calls.keys().copied().collect();
        all.into_iter().for_each(|id| self.clear_call(at, id, cause));
    }

    /// Ends the one call that this leg is in, because something in the box failed it.
    pub fn abandon(&mut self, at: At, leg: LegId) {
        if let Some(id) = self.legs.get(&leg).map(|leg| leg.call) {
            self.clear_call(at, id, Cause::TEMPORARY_FAILURE);
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
            recording: call.recording.map(|_| call.silence.state()),
            with: call.phase.peer().and_then(|peer| self.legs.get(&peer)).map(|leg| leg.device.as_str()),
        })
    }

    /// One leg.
    pub fn leg(&self, leg: LegId) -> Option<LegView> {
        self.legs.get(&leg).map(|leg| LegView { call: leg.call, state: leg.state.csta() })
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
mod tests;
