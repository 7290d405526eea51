//! The loop: takes what happened, hands it to the core, carries out what the core wants.

use crate::clips::Clips;
use crate::core::{Core, Effect, Input};
use crate::recorder::Slots;
use crate::server::{IvrLink, ServerNews};
use crate::supervise::ProcessNews;
use base::{Instant, RecordingId, WallTime};
use call::At;
use ipc::web::{self, Process, Snapshot};
use media::Command;
use media_io::Control;
use ports::span::{DataLink, SendError};
use records_io::{RecordingReport, RecordingWriter, Store, WriteError};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::{Notify, broadcast, mpsc, watch};

/// What the shells tell the loop and it has not yet taken. When full, a store's answer is dropped: the call model waits two
/// seconds for it and no more.
pub(crate) const INBOX: usize = 8192;
/// Events of spans and engine taken before other news gets its turn.
const BURST: usize = 512;
/// Pages get a new snapshot five times a second at most.
const SHOW: Duration = Duration::from_millis(200);
/// Commands kept while the engine's ring is full; a tick of 10 ms empties it.
const UNSENT: usize = 65_536;
/// How long calls may take to be released when the box stops.
const FAREWELL: Duration = Duration::from_secs(2);
/// How often old events are looked for, and how long they are kept.
const PRUNE: Duration = Duration::from_secs(3600);
const EVENTS_KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// The one place that reads the clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    started: std::time::Instant,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { started: std::time::Instant::now() }
    }

    pub(crate) fn at(&self) -> At {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let wall = WallTime(u64::try_from(wall.as_millis()).unwrap_or(u64::MAX));
        At { now: Instant::new(self.started.elapsed()), wall }
    }

    fn until(&self, due: Instant) -> tokio::time::Instant {
        (self.started + due.since_start()).into()
    }
}

/// All that can wake the loop, spans and engine excepted: those have rings and a [`Notify`].
pub(crate) enum News {
    Server(ServerNews),
    Process(usize, ProcessNews),
    Core(Box<Input>),
    /// What was repaired at the start is known: the writer of recordings runs.
    Writer(RecordingWriter),
    Stop,
}

/// What the loop owns.
pub(crate) struct Daemon {
    pub(crate) clock: Clock,
    pub(crate) core: Core,
    pub(crate) links: Vec<Box<dyn DataLink>>,
    pub(crate) engine: Control,
    pub(crate) unsent: VecDeque<Command>,
    pub(crate) store: Arc<Store>,
    pub(crate) clips: Arc<Clips>,
    pub(crate) slots: Slots,
    pub(crate) writer: Option<RecordingWriter>,
    pub(crate) inbox: mpsc::Receiver<News>,
    pub(crate) answers: mpsc::Sender<News>,
    pub(crate) wake: Arc<Notify>,
    pub(crate) ivr: Option<IvrLink>,
    pub(crate) processes: Vec<Process>,
    pub(crate) snapshots: watch::Sender<Snapshot>,
    pub(crate) lines: watch::Sender<Vec<ipc::lines::Line>>,
    pub(crate) events: broadcast::Sender<web::Event>,
    pub(crate) shown: Option<std::time::Instant>,
    pub(crate) processes_changed: bool,
    pub(crate) pruned: std::time::Instant,
    pub(crate) stop_by: Option<std::time::Instant>,
}

impl Daemon {
    /// Runs until it was told to stop and all calls are over.
    pub(crate) async fn run(&mut self) {
        let at = self.clock.at();
        self.core.start(at);
        self.obey();
        while !self.is_done() {
            let busy = self.take_news();
            self.tick();
            self.obey();
            self.show();
            self.prune();
            if busy {
                tokio::task::yield_now().await;
                continue;
            }
            let due = self.due();
            tokio::select! {
                () = self.wake.notified() => {}
                news = self.inbox.recv() => {
                    if let Some(news) = news {
                        self.hear(news);
                    }
                }
                () = tokio::time::sleep_until(due) => {}
            }
        }
    }

    fn is_done(&self) -> bool {
        let Some(by) = self.stop_by else { return false };
        self.core.calls_in_progress() == 0 || std::time::Instant::now() >= by
    }

    /// Takes what spans, engine and shells have told. True where more may wait.
    fn take_news(&mut self) -> bool {
        let mut taken = 0;
        for span in 0..self.links.len() {
            while taken < BURST
                && let Some(event) = self.links[span].poll_event()
            {
                taken += 1;
                self.core.handle(self.clock.at(), Input::Span { span, event });
            }
        }
        while taken < BURST
            && let Some(event) = self.engine.poll_event()
        {
            taken += 1;
            self.core.handle(self.clock.at(), Input::Media(event));
        }
        while taken < BURST
            && let Ok(news) = self.inbox.try_recv()
        {
            taken += 1;
            self.hear(news);
        }
        taken == BURST
    }

    fn tick(&mut self) {
        let at = self.clock.at();
        if self.core.deadline().is_some_and(|due| due <= at.now) {
            self.core.handle(at, Input::Tick);
        }
    }

    fn hear(&mut self, news: News) {
        let at = self.clock.at();
        match news {
            News::Core(input) => self.core.handle(at, *input),
            News::Server(news) => self.hear_server(at, news),
            News::Process(index, news) => self.hear_process(at, index, news),
            News::Writer(writer) => self.writer = Some(writer),
            News::Stop => {
                tracing::info!("stopping: calls are released");
                self.stop_by = Some(std::time::Instant::now() + FAREWELL);
                self.core.handle(at, Input::Stop);
            }
        }
        self.obey();
    }

    fn hear_server(&mut self, at: At, news: ServerNews) {
        match news {
            ServerNews::IvrUp(link) => {
                if self.ivr.replace(link).is_some() {
                    self.core.handle(at, Input::IvrDown);
                }
                self.set_up(0, true);
                self.core.handle(at, Input::IvrUp);
            }
            ServerNews::Ivr { connection, message } => {
                if self.ivr.as_ref().is_some_and(|link| link.connection == connection) {
                    self.core.handle(at, Input::Ivr(message));
                }
            }
            ServerNews::IvrDown { connection } => {
                if self.ivr.as_ref().is_some_and(|link| link.connection == connection) {
                    self.lose_ivr();
                }
            }
            ServerNews::Web(connected) => self.set_up(1, connected > 0),
            ServerNews::Service(channels, service) => {
                self.core.handle(at, Input::Service { channels, service });
            }
            ServerNews::Recording { call, state, user } => {
                self.core.handle(at, Input::Recording { call, state, user });
            }
            ServerNews::Test(lines) => self.core.handle(at, Input::Test(lines)),
        }
    }

    fn lose_ivr(&mut self) {
        self.ivr = None;
        self.set_up(0, false);
        self.core.handle(self.clock.at(), Input::IvrDown);
    }

    fn set_up(&mut self, index: usize, up: bool) {
        if let Some(process) = self.processes.get_mut(index) {
            process.up = up;
            self.processes_changed = true;
        }
    }

    fn hear_process(&mut self, at: At, index: usize, news: ProcessNews) {
        let Some(process) = self.processes.get_mut(index) else { return };
        self.processes_changed = true;
        if let ProcessNews::Ended { how } = news {
            process.restarts += 1;
            let text = format!("{} ended ({how}) and is started again", process.name);
            let subject = process.name.clone();
            self.core.alarm(at, &subject, text);
        }
    }

    /// Carries out all that the core wants.
    fn obey(&mut self) {
        while let Some(command) = self.unsent.pop_front() {
            if let Err(command) = self.engine.send(command) {
                self.unsent.push_front(command);
                break;
            }
        }
        while let Some(effect) = self.core.poll_effect() {
            self.carry_out(effect);
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Transmit { span, frame } => match self.links[span].send(&frame) {
                Ok(()) => {}
                // The data link layer repeats what does not arrive.
                Err(why @ (SendError::Full | SendError::TooLong | SendError::Gone)) => {
                    tracing::debug!(span, "a frame was not sent: {why}");
                }
            },
            Effect::Cas { span, timeslot, bits } => self.links[span].set_cas(timeslot, bits),
            Effect::Media(command) => self.command(command),
            Effect::Load { load, files } => {
                let (clips, answers) = (Arc::clone(&self.clips), self.answers.clone());
                tokio::task::spawn_blocking(move || {
                    let result = clips.load(&files);
                    drop(answers.blocking_send(News::Core(Box::new(Input::Loaded { load, result }))));
                });
            }
            Effect::ToIvr(message) => {
                if self.ivr.as_ref().is_some_and(|link| !link.send(message)) {
                    tracing::warn!("fundline-ivr does not take its messages; its connection is closed");
                    self.lose_ivr();
                }
            }
            Effect::Store { writes, commit } => {
                let answers = self.answers.clone();
                self.store.submit(writes, move |result| {
                    let result = result.map_err(|why: WriteError| why.to_string());
                    drop(answers.try_send(News::Core(Box::new(Input::Stored { calls: commit, result }))));
                });
            }
            // Nobody is connected: pages read events from the store when they come back.
            Effect::Event(event) => drop(self.events.send(event)),
            Effect::RecordingBegins { slot, recording } => self.slots.set(slot, recording),
            Effect::RecordingHeld(slot) => self.slots.hold(slot),
            Effect::RecordingEnds(recording) => self.end_recording(recording),
        }
    }

    fn command(&mut self, command: Command) {
        let refused = if self.unsent.is_empty() { self.engine.send(command).err() } else { Some(command) };
        let Some(command) = refused else { return };
        if self.unsent.len() < UNSENT {
            self.unsent.push_back(command);
        } else {
            tracing::error!("the engine takes no commands: it has stopped; restart the box");
        }
    }

    fn end_recording(&self, recording: RecordingId) {
        if let Some(writer) = &self.writer {
            writer.end(recording);
        }
    }

    /// Shows pages the present, if it changed and they were not shown one just now.
    fn show(&mut self) {
        if self.shown.is_some_and(|shown| shown.elapsed() < SHOW) {
            return;
        }
        if let Some(lines) = self.core.take_lines() {
            self.shown = Some(std::time::Instant::now());
            self.lines.send_replace(lines);
        }
        if self.core.take_changed() | std::mem::take(&mut self.processes_changed) {
            self.shown = Some(std::time::Instant::now());
            self.snapshots.send_replace(self.core.snapshot(self.processes.clone()));
        }
    }

    fn prune(&mut self) {
        if self.pruned.elapsed() >= PRUNE {
            self.pruned = std::time::Instant::now();
            self.store.prune_events(self.clock.at().wall, EVENTS_KEPT);
        }
    }

    /// When the loop must go round again though nothing happens.
    fn due(&self) -> tokio::time::Instant {
        let core = self.core.deadline().map(|due| self.clock.until(due));
        let show = self.shown.map(|shown| (shown + SHOW).into()).filter(|due| *due > tokio::time::Instant::now());
        let stop = self.stop_by.map(tokio::time::Instant::from);
        let unsent = (!self.unsent.is_empty()).then(|| tokio::time::Instant::now() + Duration::from_millis(10));
        let idle = (self.pruned + PRUNE).into();
        [core, show, stop, unsent].into_iter().flatten().fold(idle, tokio::time::Instant::min)
    }
}

/// A report of the recordings' writer: a file that is whole goes to the store at once, for it may come when the loop is over.
pub(crate) fn report(store: &Store, answers: &mpsc::Sender<News>, report: RecordingReport) {
    match report {
        RecordingReport::Closed(closed) => store.submit(vec![closed.into()], |_| {}),
        other => drop(answers.try_send(News::Core(Box::new(Input::Writer(other))))),
    }
}
