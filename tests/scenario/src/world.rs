//! The box, the network, and the clock.

use crate::application::{Application, Menu};
use crate::ends::{Ends, LINES};
use crate::hearing::{clip, longest_match_ms};
use crate::network::{Network, Party, PartyState, Phone};
use crate::switch::{Switch, earliest};
use base::{CallId, Cause, IdSource, Instant, RecordingId, WallTime};
use call::{At, Extension, Model, Plan, Recordings, Route, Target};
use fundlined::core::{Core, Effect, Input, Kept, Settings, SpanSettings, TapSettings};
use fundlined::recorder::PreRoll;
use ipc::ivr::ToIvr;
use ipc::lines::Verdict;
use ipc::web::{self, Snapshot};
use lab::{Cord, memory_pair};
use media::{BLOCK, EchoTail, RecordSlot, ToneSpec};
use records_io::{RecordingReport, Write};
use sig_span::Protocol;
use std::collections::BTreeMap;
use std::time::Duration;

/// What an agent keys to pause the recording.
pub const PAUSE_KEY: &str = "*7";
/// The number that leads to the application.
pub const HOTLINE: &str = "4008001234";
/// Rounds of handing messages over until both ends are at rest, in one instant. More is a circle.
const ROUNDS: usize = 1000;
const STEP: Duration = Duration::from_millis(10);

/// How the store fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// It commits at once.
    Well,
    /// It says that it cannot.
    Failing,
    /// It says nothing.
    Stuck,
}

/// A recording as the writer would have it.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// What the caller said.
    pub received: Vec<i16>,
    /// What the caller heard.
    pub sent: Vec<i16>,
    /// Milliseconds that were silenced as secret.
    pub masked_ms: usize,
    /// The engine gave its last block.
    pub ended: bool,
}

impl Recorded {
    fn take(&mut self, received: &[u8; BLOCK], sent: &[u8; BLOCK]) {
        assert!(!self.ended, "nothing follows the last block");
        self.received.extend(received.map(dsp_g711::alaw_decode));
        self.sent.extend(sent.map(dsp_g711::alaw_decode));
    }
}

/// The whole of it. See the crate's documentation.
pub struct World {
    at: At,
    core: Core,
    switch: Switch,
    network: Network,
    cords: Vec<Cord>,
    application: Option<Box<dyn Application>>,
    to_application: Vec<ToIvr>,
    /// What each recorder records; none where its blocks are held.
    slots: BTreeMap<RecordSlot, Option<RecordingId>>,
    held: BTreeMap<RecordSlot, PreRoll>,
    /// How the store fares.
    pub disk: Disk,
    /// Recordings by their ids.
    pub recordings: BTreeMap<RecordingId, Recorded>,
    /// Rows that the store took.
    pub rows: Vec<Write>,
    /// Events as pages get them.
    pub events: Vec<web::Event>,
    waiting: Vec<Vec<CallId>>,
}

impl World {
    /// A box of so many spans, joined to the network, D-channels up, its application ready. Span 0 leads to the city; the last one to telephones.
    pub fn new(spans: usize, application: impl Application + 'static) -> Self {
        Self::with((0..spans).map(|_| Ends::pri()).collect(), application)
    }

    /// The same with spans of any kind.
    pub fn with(spans: Vec<Ends>, application: impl Application + 'static) -> Self {
        Self::after(spans, Kept::default(), application)
    }

    /// The same with what an earlier run left.
    pub fn after(spans: Vec<Ends>, kept: Kept, application: impl Application + 'static) -> Self {
        Self::built(spans, kept, Vec::new(), application)
    }

    /// A box whose only span carries no signaling, and has these channels recorded.
    pub fn tapped(taps: Vec<TapSettings>) -> Self {
        Self::built(vec![Ends::silent()], Kept::default(), taps, Menu::new())
    }

    fn built(spans: Vec<Ends>, kept: Kept, taps: Vec<TapSettings>, application: impl Application + 'static) -> Self {
        let (near, far): (Vec<_>, Vec<_>) = spans.iter().map(|_| memory_pair()).unzip();
        let (ours, theirs): (Vec<_>, Vec<_>) =
            spans.into_iter().map(|ends| ((ends.ours, ends.canceller), ends.theirs)).unzip();
        let cords = near.iter().map(lab::LabSpan::cord).collect();
        let code = PAUSE_KEY.parse().expect("keys");
        let at = At { now: Instant::ZERO, wall: WallTime(1_764_000_000_000) };
        let mut world = Self {
            at,
            core: Core::new(settings(ours, kept), model(Recordings::Made)).with_pause_key(code).with_taps(taps),
            switch: Switch::with_cancellers(near),
            network: Network::new(far, theirs),
            cords,
            application: Some(Box::new(application)),
            to_application: Vec::new(),
            slots: BTreeMap::new(),
            held: BTreeMap::new(),
            disk: Disk::Well,
            recordings: BTreeMap::new(),
            rows: Vec::new(),
            events: Vec::new(),
            waiting: Vec::new(),
        };
        world.core.start(at);
        world.network.start(at.now);
        world.core.handle(at, Input::IvrUp);
        world.run_until("every D-channel is up", 5_000, |world| {
            world.snapshot().spans.iter().all(|span| span.link.is_none_or(|link| link == web::Link::Up))
        });
        world
    }

    /// Time, in milliseconds since the start.
    pub fn now_ms(&self) -> u64 {
        self.at.now.as_millis()
    }

    /// What pages see.
    pub fn snapshot(&self) -> Snapshot {
        self.core.snapshot(Vec::new())
    }

    /// Somebody has these lines tested; all of them where none is named.
    pub fn test(&mut self, lines: &[&str]) {
        self.core.handle(self.at, Input::Test(lines.iter().map(|name| (*name).to_owned()).collect()));
    }

    /// What the last test of a line said; `None` while it is tested, and before the first.
    pub fn verdict(&self, line: &str) -> Option<Verdict> {
        self.core.lines_now().into_iter().find(|known| known.name == line && known.step.is_none())?.verdict
    }

    /// Calls in progress at the box.
    pub fn calls(&self) -> usize {
        self.core.calls_in_progress()
    }

    /// Somebody dials, on the first span.
    pub fn dial(&mut self, to: &str) -> Party {
        self.dial_on(0, None, to)
    }

    /// Somebody dials, on this span and channel.
    pub fn dial_on(&mut self, span: usize, channel: Option<u8>, to: &str) -> Party {
        let from = format!("1380013{:04}", self.network.parties.len());
        self.network.dial(self.at.now, span, channel, &from, to)
    }

    /// A line's bits are these, whatever its exchange wants, until that wants something else.
    pub fn force_bits(&mut self, span: usize, timeslot: u8, bits: u8) {
        self.network.force_bits(span, timeslot, bits);
    }

    /// An operator takes these channels out of service, or puts them back.
    pub fn service(&mut self, channels: &[&str], service: web::Service) {
        let channels = channels.iter().map(|name| (*name).to_owned()).collect();
        self.core.handle(self.at, Input::Service { channels, service });
    }

    /// A user of the page orders what a call's recording holds from now on.
    pub fn record(&mut self, call: &str, state: web::RecordingState) {
        let call = call.parse().expect("a call's id");
        self.core.handle(self.at, Input::Recording { call, state, user: "admin".into() });
    }

    /// The writer of recordings has news.
    pub fn writer_says(&mut self, report: RecordingReport) {
        self.core.handle(self.at, Input::Writer(report));
    }

    /// What the telephone of this number does when it is rung.
    pub fn phone(&mut self, number: &str, phone: Phone) {
        self.network.phones.insert(number.into(), phone);
    }

    /// The newest party that was rung at this number.
    pub fn rung(&self, number: &str) -> Option<Party> {
        let rung = |party: &crate::network::Subscriber| party.number == number;
        self.network.parties.iter().rposition(rung).map(Party)
    }

    /// The party hangs up.
    pub fn hang_up(&mut self, party: Party) {
        self.network.hang_up(self.at.now, party);
    }

    /// The party presses keys, 80 ms each and 80 ms apart.
    pub fn press(&mut self, party: Party, digits: &str) {
        self.network.press(party, digits);
    }

    /// The party's exchange sends keys by signaling.
    pub fn send_by_signaling(&mut self, party: Party, digits: &str) {
        self.network.info(self.at.now, party, digits);
    }

    /// The party's exchange gives it and the box this tone.
    pub fn tone(&mut self, party: Party, tone: ToneSpec) {
        self.network.tone(party, tone);
    }

    /// The hybrid of the party's line sends back what it hears, 12 dB weaker.
    pub fn reflect(&mut self, party: Party) {
        self.network.reflect(party);
    }

    /// The party speaks.
    pub fn say(&mut self, party: Party, what: &str) {
        self.network.say(party, what);
    }

    /// Somebody speaks on a channel that carries no call of the box.
    pub fn speak_on(&mut self, span: usize, timeslot: u8, what: &str) {
        self.network.speak_on(media_io::port(span, timeslot), what);
    }

    /// Where the party's call stands.
    pub fn state(&self, party: Party) -> PartyState {
        self.network.parties[party.0].state
    }

    /// The call is over for this cause.
    pub fn is_over(&self, party: Party, cause: Cause) -> bool {
        self.state(party) == PartyState::Over(cause)
    }

    /// All that the party has heard.
    pub fn heard(&self, party: Party) -> &[i16] {
        &self.network.parties[party.0].heard
    }

    /// All that the party has said.
    pub fn said(&self, party: Party) -> &[i16] {
        &self.network.parties[party.0].said
    }

    /// The party has heard all of it.
    pub fn hears(&self, party: Party, what: &str) -> bool {
        let clip = clip(what);
        longest_match_ms(self.heard(party), &clip) == clip.duration_ms() as usize
    }

    /// How much of it the party has heard at a stretch.
    pub fn hears_ms(&self, party: Party, what: &str) -> usize {
        longest_match_ms(self.heard(party), &clip(what))
    }

    /// The plug of a span is pulled.
    pub fn pull(&mut self, span: usize) {
        self.cords[span].pull();
    }

    /// The plug is put back.
    pub fn insert(&mut self, span: usize) {
        self.cords[span].insert();
    }

    /// `fundline-ivr` is killed.
    pub fn kill_application(&mut self) -> Box<dyn Application> {
        self.to_application.clear();
        let mut killed = self.application.take().expect("it is killed once");
        killed.restart();
        self.core.handle(self.at, Input::IvrDown);
        killed
    }

    /// And is there again.
    pub fn start_application(&mut self, application: Box<dyn Application>) {
        self.application = Some(application);
        self.core.handle(self.at, Input::IvrUp);
    }

    /// The box is asked to stop.
    pub fn stop(&mut self) {
        self.core.handle(self.at, Input::Stop);
    }

    /// Time passes with audio.
    pub fn run(&mut self, ms: u64) {
        for _ in 0..ms.div_ceil(10) {
            self.step();
        }
    }

    /// Time passes with audio until this is so, at most so long.
    #[track_caller]
    pub fn run_until(&mut self, what: &str, at_most_ms: u64, is_so: impl Fn(&Self) -> bool) {
        for _ in 0..at_most_ms.div_ceil(10) {
            if is_so(self) {
                return;
            }
            self.step();
        }
        assert!(is_so(self), "not within {at_most_ms} ms: {what}");
    }

    /// Time passes from deadline to deadline, without audio.
    pub fn jump(&mut self, ms: u64) {
        let end = self.at.now + Duration::from_millis(ms);
        while self.at.now < end {
            let due = earliest(self.core.deadline(), self.network.deadline()).filter(|due| *due > self.at.now);
            self.advance_to(due.unwrap_or(end).min(end));
            (0..ROUNDS).find(|_| !self.exchange()).expect("the box and the network come to rest");
        }
    }

    fn advance_to(&mut self, now: Instant) {
        self.at.wall.0 += now.as_millis() - self.at.now.as_millis();
        self.at.now = now;
    }

    fn step(&mut self) {
        self.advance_to(self.at.now + STEP);
        self.switch.tick();
        self.network.tick();
        self.exchange();
    }

    /// The network hears what was sent to it before, then the box works until it has nothing left to do. So a frame of the box takes
    /// a step to arrive, and both ends may seize a channel at once. True where anything was done.
    fn exchange(&mut self) -> bool {
        let mut any = self.network.work(self.at.now);
        for _ in 0..ROUNDS {
            let mut worked = false;
            if self.core.deadline().is_some_and(|due| due <= self.at.now) {
                self.core.handle(self.at, Input::Tick);
            }
            while let Some((span, event)) = self.switch.poll() {
                worked = true;
                self.core.handle(self.at, Input::Span { span, event });
            }
            worked |= self.hear_engine() | self.hear_store() | self.hear_application();
            while let Some(effect) = self.core.poll_effect() {
                worked = true;
                self.obey(effect);
            }
            if !worked {
                return any;
            }
            any = true;
        }
        panic!("the box never comes to rest");
    }

    fn hear_engine(&mut self) -> bool {
        let out = std::mem::take(&mut self.switch.out);
        let any = !out.events.is_empty();
        for block in out.recorded {
            let Some(id) = self.slots[&block.recording] else {
                self.held.entry(block.recording).or_insert(PreRoll::EMPTY).push(&block);
                continue;
            };
            let recorded = self.recordings.entry(id).or_default();
            recorded.take(&block.received, &block.sent);
            recorded.masked_ms += if block.masked { 10 } else { 0 };
        }
        out.events.into_iter().for_each(|event| self.core.handle(self.at, Input::Media(event)));
        any
    }

    fn hear_store(&mut self) -> bool {
        let result = match self.disk {
            Disk::Well => Ok(()),
            Disk::Failing => Err("no space left on device".to_string()),
            Disk::Stuck => return false,
        };
        let waiting = std::mem::take(&mut self.waiting);
        let any = !waiting.is_empty();
        for calls in waiting {
            self.core.handle(self.at, Input::Stored { calls, result: result.clone() });
        }
        any
    }

    fn hear_application(&mut self) -> bool {
        let Some(application) = &mut self.application else { return false };
        let (mut said, messages) = (Vec::new(), std::mem::take(&mut self.to_application));
        messages.iter().for_each(|message| application.hear(self.at.now, message, &mut said));
        application.tick(self.at.now, &mut said);
        let any = !said.is_empty() || !messages.is_empty();
        said.into_iter().for_each(|message| self.core.handle(self.at, Input::Ivr(message)));
        any
    }

    fn obey(&mut self, effect: Effect) {
        match effect {
            Effect::Transmit { span, frame } => self.switch.send(span, &frame),
            Effect::Cas { span, timeslot, bits } => self.switch.set_cas(span, timeslot, bits),
            Effect::Media(command) => self.switch.command(command),
            Effect::Load { load, files } => {
                let missing = files.iter().find(|file| file.starts_with("missing"));
                let result = match missing {
                    Some(file) => Err(format!("{file}: no such file")),
                    None => Ok(files.iter().map(|file| clip(file)).collect()),
                };
                self.core.handle(self.at, Input::Loaded { load, result });
            }
            Effect::ToIvr(message) => self.to_application.push(message),
            Effect::Store { writes, commit } => {
                if self.disk == Disk::Well {
                    self.rows.extend(writes);
                }
                self.waiting.push(commit);
            }
            Effect::Event(event) => self.events.push(event),
            Effect::RecordingBegins { slot, recording } => {
                self.change_slot(slot, Some(recording));
                while let Some((received, sent)) = self.held.get_mut(&slot).and_then(PreRoll::pop) {
                    self.recordings.entry(recording).or_default().take(&received, &sent);
                }
            }
            Effect::RecordingHeld(slot) => self.change_slot(slot, None),
            Effect::RecordingEnds(recording) => self.recordings.entry(recording).or_default().ended = true,
        }
    }

    fn change_slot(&mut self, slot: RecordSlot, recording: Option<RecordingId>) {
        if let Some(before) = self.slots.insert(slot, recording).flatten() {
            self.recordings.entry(before).or_default().ended = true;
        }
    }

    /// Rows of calls that began and did not end.
    pub fn open_rows(&self) -> usize {
        let opened = self.rows.iter().filter(|row| matches!(row, Write::CallOpened { .. })).count();
        opened - self.rows.iter().filter(|row| matches!(row, Write::CallClosed { .. })).count()
    }

    /// The steps that callers took, in order.
    pub fn steps(&self) -> Vec<&str> {
        self.rows
            .iter()
            .filter_map(|row| if let Write::Path { step, .. } = row { Some(step.as_str()) } else { None })
            .collect()
    }

    /// The alarms that pages were told, in order.
    pub fn alarms(&self) -> Vec<&str> {
        self.events.iter().filter(|event| event.kind == "Alarm").map(|event| event.body.as_str()).collect()
    }
}

fn settings(ours: Vec<(Box<Protocol>, Option<EchoTail>)>, kept: Kept) -> Settings {
    let count = ours.len();
    let span = |(at, (protocol, echo)): (usize, (Box<Protocol>, Option<EchoTail>))| SpanSettings {
        name: format!("span{}", at + 1),
        card: "lab",
        echo,
        protocol: *protocol,
        lines: BTreeMap::from([(LINES[0].0, "front desk".into())]),
    };
    Settings {
        name: "scenario".into(),
        started: WallTime(0),
        spans: ours.into_iter().enumerate().map(span).collect(),
        trunks: vec![("city".into(), (0..count).collect()), ("phones".into(), vec![count - 1])],
        kept,
    }
}

fn model(recordings: Recordings) -> Model {
    let route = |called: &str, target| Route { called: called.parse().expect("a pattern"), calling: None, target };
    let routes = vec![
        route(HOTLINE, Target::App { name: "hotline".into(), url: "http://box/start".into() }),
        route("6234567x", Target::App { name: "hotline".into(), url: "http://box/start".into() }),
        route("8001", Target::Extension("8001".into())),
        route("9.", Target::Trunk("city".into())),
        route("666", Target::Reject(Cause::CALL_REJECTED)),
    ];
    let phone = Extension {
        number: "8001".into(),
        name: "Agent 1".into(),
        trunk: "phones".into(),
        dial: "8001".parse().expect("a number"),
    };
    let plan = Plan { routes, extensions: vec![phone] };
    Model::new(plan, IdSource::new(1, 1), 1).with_recordings(recordings)
}
