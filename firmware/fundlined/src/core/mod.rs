//! The box as one machine: spans, calls, media and applications joined, without clock, socket, file or thread.
//!
//! Call [`Core::handle`] with the time and what happened; then carry out every [`Effect`] of [`Core::poll_effect`], in order, until
//! `None`; then wait no longer than [`Core::deadline`]. A panic in the handling of one input ends the call it was about, and no other.

mod action;
mod channels;
mod doctor;
mod ivr;
mod learned;
mod lines;
mod pause_key;
mod player;
mod recorders;
mod reports;
mod service;
mod snapshot;
mod spans;
mod taps;

#[cfg(test)]
mod tests;

use self::doctor::Clinic;
use base::{CallId, Digits, Instant, RecordingId, WallTime};
use call::{At, LegId, Model, OrderedBy};
use channels::Channels;
use ipc::ivr::{FromIvr, SessionId, ToIvr};
use ipc::web;
use lines::Lines;
use media::{Clip, Command, RecordSlot};
use ports::span::{Abcd, SpanEvent};
use recorders::{Recorders, ordered};
use records_io::{RecordingReport, Write};
use spans::SpanState;
use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use taps::Taps;

pub use spans::SpanSettings;
pub use taps::{TapMode, TapSettings};

/// Steps that one input may cause. Only a circle between two machines could reach it.
const STEPS: usize = 100_000;

/// Names one request for clips.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LoadId(pub u32);

/// What happens to the box.
#[derive(Debug)]
pub enum Input {
    /// A span's card has news.
    Span {
        /// Which, in the order of the configuration.
        span: usize,
        /// What.
        event: SpanEvent,
    },
    /// The engine has news.
    Media(media::Event),
    /// `fundline-ivr` said hello: sessions may start.
    IvrUp,
    /// `fundline-ivr` is gone, and its sessions with it.
    IvrDown,
    /// `fundline-ivr` asks for something.
    Ivr(FromIvr),
    /// A batch is on the disk, or cannot be.
    Stored {
        /// The calls that wait for it.
        calls: Vec<CallId>,
        /// What the store says.
        result: Result<(), String>,
    },
    /// Clips were read, in the order in which they were asked for, or one of them could not be.
    Loaded {
        /// For which request.
        load: LoadId,
        /// The clips, or what is wrong with which file.
        result: Result<Vec<Arc<Clip>>, String>,
    },
    /// The writer of recordings has news.
    Writer(RecordingReport),
    /// An operator takes these channels out of service, or puts them back.
    Service {
        /// Their names: "span1/5", or "span1" for all of its own.
        channels: Vec<String>,
        /// Which of the two.
        service: web::Service,
    },
    /// A user of the page or of the API orders what a call's recording holds from now on.
    Recording {
        /// The call.
        call: CallId,
        /// What.
        state: web::RecordingState,
        /// The user.
        user: String,
    },
    /// Somebody wants these lines tested; all of them where none is named.
    Test(Vec<String>),
    /// The box stops: calls are to be released, no new one is taken.
    Stop,
    /// Time passed.
    Tick,
    /// A fault injected by a test.
    #[cfg(test)]
    Panic(LegId),
}

/// What the shell must do.
#[derive(Debug)]
pub enum Effect {
    /// Send a D-channel frame.
    Transmit {
        /// On which span.
        span: usize,
        /// The frame without FCS.
        frame: Box<[u8]>,
    },
    /// Set a channel's signaling bits.
    Cas {
        /// On which span.
        span: usize,
        /// Which channel.
        timeslot: u8,
        /// Its bits.
        bits: Abcd,
    },
    /// Hand this to the engine.
    Media(Command),
    /// Read these files and answer by [`Input::Loaded`].
    Load {
        /// Names the request.
        load: LoadId,
        /// The files, in order.
        files: Vec<String>,
    },
    /// Send this to `fundline-ivr`. It may hold a digit of a secret: it must not be logged.
    ToIvr(ToIvr),
    /// Write this in one transaction and answer by [`Input::Stored`].
    Store {
        /// What.
        writes: Vec<Write>,
        /// The calls that wait for it.
        commit: Vec<CallId>,
    },
    /// Tell the pages.
    Event(web::Event),
    /// From now on this recorder's blocks belong to this recording.
    RecordingBegins {
        /// The recorder.
        slot: RecordSlot,
        /// The recording.
        recording: RecordingId,
    },
    /// This recorder's blocks belong to no recording; the last of them are held for the next. Its last recording, if there is one, ends.
    RecordingHeld(RecordSlot),
    /// The recording has its last block.
    RecordingEnds(RecordingId),
}

/// What the box is, from its configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its name.
    pub name: String,
    /// When it started.
    pub started: WallTime,
    /// Its spans in the order of the configuration.
    pub spans: Vec<SpanSettings>,
    /// Trunks: name and spans, tried in this order.
    pub trunks: Vec<(String, Vec<usize>)>,
    /// What earlier runs left.
    pub kept: Kept,
}

/// What outlives a restart of the box.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Analog lines, and what they taught ([`Write::LineLearned`]).
    pub learned: Vec<(String, String)>,
    /// Channels that an operator keeps from calls ([`Write::ChannelBlocked`]).
    pub blocked: Vec<String>,
}

/// The box. See the module's documentation for how it is driven.
pub struct Core {
    name: String,
    started: WallTime,
    trunks: Vec<(String, Vec<usize>)>,
    spans: Vec<SpanState>,
    model: Model,
    lines: Lines,
    channels: Channels,
    clinic: Clinic,
    recorders: Recorders,
    taps: Taps,
    /// Keys by which an agent pauses the recording.
    pause_key: Option<Digits>,
    sessions: BTreeMap<SessionId, LegId>,
    loads: BTreeMap<LoadId, SessionId>,
    next_session: u32,
    next_load: u32,
    next_play: u32,
    ivr: Ivr,
    store: Store,
    stopping: bool,
    /// What the engine gives up; 0 is nothing.
    overload: u8,
    /// The leg that the present input is about: what a panic costs.
    current: Option<LegId>,
    changed: bool,
    writes: Vec<Write>,
    commit: Vec<CallId>,
    effects: VecDeque<Effect>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ivr {
    Up,
    Down,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Store {
    Well,
    Failing,
}

impl Core {
    /// A box whose spans are down. [`start`](Self::start) brings them up.
    pub fn new(settings: Settings, model: Model) -> Self {
        let Settings { name, started, spans, trunks, kept } = settings;
        let ports = spans.len() * ports::span::BEARERS;
        let mut spans: Vec<SpanState> = spans.into_iter().map(SpanState::new).collect();
        learned::teach(&mut spans, &kept.learned);
        service::keep_out(&mut spans, &kept.blocked);
        Self {
            name,
            started,
            trunks,
            spans,
            model,
            lines: Lines::default(),
            channels: Channels::default(),
            clinic: Clinic::new(),
            recorders: Recorders::new(ports),
            taps: Taps::default(),
            pause_key: None,
            sessions: BTreeMap::new(),
            loads: BTreeMap::new(),
            next_session: 1,
            next_load: 1,
            next_play: 1,
            ivr: Ivr::Down,
            store: Store::Well,
            stopping: false,
            overload: 0,
            current: None,
            changed: true,
            writes: Vec::new(),
            commit: Vec::new(),
            effects: VecDeque::new(),
        }
    }

    /// Brings every span up.
    pub fn start(&mut self, at: At) {
        self.spans.iter_mut().for_each(|span| span.stir().start(at.now));
        self.start_taps(at);
        self.settle(at);
    }

    /// Takes one input in.
    pub fn handle(&mut self, at: At, input: Input) {
        self.current = None;
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            self.dispatch(at, input);
            self.settle(at);
        }));
        if outcome.is_err() {
            self.recover(at);
        }
    }

    /// The oldest effect not yet carried out.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When [`Input::Tick`] is due at the latest.
    pub fn deadline(&self) -> Option<Instant> {
        let links = self.spans.iter().filter_map(|span| span.protocol().deadline());
        links.chain(self.model.deadline()).chain(self.clinic.deadline()).chain(self.taps.deadline()).min()
    }

    /// How many calls are in progress.
    pub fn calls_in_progress(&self) -> usize {
        self.model.calls_in_progress()
    }

    /// Whether what [`snapshot`](Self::snapshot) shows has changed since this was asked last.
    pub fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// A numbered alarm of the shell's own ("ivr", "recordings").
    pub fn alarm(&mut self, at: At, subject: &str, text: String) {
        self.model.alarm(at, subject, text);
        self.settle(at);
    }

    fn dispatch(&mut self, at: At, input: Input) {
        match input {
            Input::Span { span, event } => self.span_event(at, span, event),
            Input::Media(event) => self.media_event(at, event),
            Input::IvrUp => self.ivr_up(at),
            Input::IvrDown => self.ivr_down(at),
            Input::Ivr(message) => self.ivr_asks(at, message),
            Input::Stored { calls, result } => self.stored(at, &calls, result),
            Input::Loaded { load, result } => self.loaded(load, result),
            Input::Writer(report) => self.recording_report(at, report),
            Input::Recording { call, state, user } => {
                self.model.order_recording(at, call, OrderedBy::User(user), ordered(state));
            }
            Input::Service { channels, service } => self.set_service(at, &channels, service),
            Input::Test(lines) => self.test_lines(at, &lines),
            Input::Stop => {
                self.stopping = true;
                self.close_clinic();
                self.end_taps(at);
                self.model.clear_all(at, base::Cause::TEMPORARY_FAILURE);
            }
            Input::Tick => self.tick(at),
            #[cfg(test)]
            Input::Panic(leg) => {
                self.current = Some(leg);
                panic!("injected");
            }
        }
    }

    fn tick(&mut self, at: At) {
        self.tick_taps(at);
        for span in &mut self.spans {
            if span.protocol().deadline().is_some_and(|due| due <= at.now) {
                span.stir().handle_timeout(at.now);
            }
        }
        if self.model.deadline().is_some_and(|due| due <= at.now) {
            self.model.handle_timeout(at);
        }
    }

    /// Carries news between the machines until none has any, then closes the batch for the store.
    fn settle(&mut self, at: At) {
        let mut acted = false;
        for _ in 0..STEPS {
            if let Some(action) = self.model.poll_action() {
                acted = true;
                self.carry_out(at, action);
            } else {
                if std::mem::take(&mut acted) {
                    self.changed = true;
                    self.sweep();
                }
                let Some((span, action)) = self.next_span_action() else {
                    if self.examine(at) {
                        continue;
                    }
                    break;
                };
                self.span_action(at, span, action);
            }
        }
        if !self.writes.is_empty() || !self.commit.is_empty() {
            let (writes, commit) = (std::mem::take(&mut self.writes), std::mem::take(&mut self.commit));
            self.effects.push_back(Effect::Store { writes, commit });
        }
    }

    /// A panic was caught: the call it was about ends, all others go on.
    fn recover(&mut self, at: At) {
        let leg = self.current.take();
        tracing::error!(
            leg = leg.map(|leg| leg.0),
            "a fault in the firmware was caught; please report the lines above"
        );
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            if let Some(leg) = leg {
                self.model.abandon(at, leg);
            }
            let text = "a fault in the firmware ended one call; the log tells where".to_string();
            self.model.alarm(at, "fundlined", text);
            self.settle(at);
        }));
        if outcome.is_err() {
            tracing::error!("and again while its call was being ended");
        }
    }
}
