//! The box that the page is shown: two spans, a dozen calls, and what the test tells it to do.

use crate::fill::{Filled, commit};
use base::{CallId, WallTime};
use ipc::web::{Call, Channel, ChannelState, Event, Link, Process, RecordingState, Snapshot, Span};
use records_io::Write;
use std::error::Error;

/// The box's name.
pub(crate) const NAME: &str = "朝阳营业部 Chaoyang";

/// Timeslots of the calls that are up when the scene opens, with their state.
const OPENING: [(usize, u8, ChannelState); 12] = [
    (0, 1, ChannelState::Connected),
    (0, 2, ChannelState::Connected),
    (0, 3, ChannelState::Connected),
    (0, 4, ChannelState::Incoming),
    (0, 7, ChannelState::Connected),
    (0, 9, ChannelState::Clearing),
    (0, 17, ChannelState::Connected),
    (0, 18, ChannelState::Connected),
    (0, 21, ChannelState::Incoming),
    (1, 1, ChannelState::Connected),
    (1, 2, ChannelState::Outgoing),
    (1, 30, ChannelState::OutOfService),
];
const STEPS: [&str; 6] = ["nav", "menu", "balance", "announcements", "agent", "language"];

/// What is shown, and the store behind it.
pub(crate) struct Scene {
    filled: Filled,
    shown: Snapshot,
}

impl Scene {
    /// The opening.
    pub(crate) fn new(filled: Filled, now: WallTime) -> Self {
        let spans = ["span1", "span2"].map(|name| Span {
            name: name.into(),
            card: "pseudowire".into(),
            alarm_loss: false,
            alarm_remote: false,
            alarm_indication: false,
            signaling: "pri".into(),
            link: Some(Link::Up),
            slips: 0,
            channels: (1..=31_u8)
                .filter(|&timeslot| timeslot != 16)
                .map(|timeslot| Channel { timeslot, state: ChannelState::Idle, name: None, call: None })
                .collect(),
        });
        let process = |name: &str, restarts| Process { name: name.into(), up: true, restarts };
        let shown = Snapshot {
            name: NAME.into(),
            version: env!("CARGO_PKG_VERSION").into(),
            started_ms: now.0 - 3 * 86_400_000 - 4_512_000,
            last_event: filled.next_event - 1,
            spans: spans.to_vec(),
            calls: Vec::new(),
            processes: vec![process("fundline-ivr", 0), process("fundline-web", 1)],
        };
        let mut scene = Self { filled, shown };
        for (at, (span, timeslot, state)) in (0_u64..).zip(OPENING) {
            scene.open(span, timeslot, state, at, now);
        }
        scene
    }

    fn open(&mut self, span: usize, timeslot: u8, state: ChannelState, at: u64, now: WallTime) {
        let id = CallId(self.filled.ids.next_id()).to_string();
        let channel = self.channel(span, timeslot);
        channel.state = state;
        if state == ChannelState::OutOfService {
            return;
        }
        channel.call = Some(id.clone());
        let connected = state == ChannelState::Connected;
        let started_ms = now.0 - 6_000 - at * 13_700;
        if span == 0 {
            self.shown.calls.push(Call {
                recording: Some(RecordingState::On),
                id,
                from: if at == 3 { String::new() } else { format!("1381234{:04}", 5000 + at * 371) },
                to: "4008001234".into(),
                line: format!("span1/{timeslot}"),
                started_ms,
                answered_ms: connected.then_some(started_ms + 900),
                state: if connected { "Connected" } else { "Alerting" }.into(),
                step: if connected { STEPS[(at % 6) as usize].into() } else { String::new() },
                with: (at == 1).then(|| "8001".into()),
            });
        }
    }

    fn channel(&mut self, span: usize, timeslot: u8) -> &mut Channel {
        let at = usize::from(timeslot) - if timeslot > 16 { 2 } else { 1 };
        &mut self.shown.spans[span].channels[at]
    }

    /// What is shown now.
    pub(crate) fn snapshot(&self) -> Snapshot {
        self.shown.clone()
    }

    /// Does one thing and gives its events, which are in the store by then.
    pub(crate) fn obey(&mut self, command: &str, now: WallTime) -> Result<Vec<Event>, Box<dyn Error>> {
        let (verb, word) = command.split_once(' ').unwrap_or((command, ""));
        let event = match verb {
            "ring" => self.ring(word, now)?,
            "answer" => self.last("Connected", ChannelState::Connected, "Established", "{}".into(), now),
            "step" => {
                self.last_call().step = word.into();
                self.last("Connected", ChannelState::Connected, "MenuStep", format!(r#"{{"step":"{word}"}}"#), now)
            }
            "bridge" => {
                self.last_call().with = Some(word.into());
                self.last("Connected", ChannelState::Connected, "Held", "{}".into(), now)
            }
            "hangup" => self.hang_up(now)?,
            "loss" | "clear" => self.alarm(verb == "loss", word, now)?,
            _ => return Err(format!("{command}: not a command").into()),
        };
        let Event { seq, wall_ms, ref call, ref kind, ref body } = event;
        let call = call.as_deref().map(str::parse).transpose()?;
        let write = Write::Event { seq, wall: WallTime(wall_ms), call, kind: kind.clone(), body: body.clone() };
        commit(&self.filled.store, vec![write])?;
        Ok(vec![event])
    }

    fn event(&mut self, call: Option<String>, kind: &str, body: String, now: WallTime) -> Event {
        let seq = self.filled.next_event;
        self.filled.next_event += 1;
        self.shown.last_event = seq;
        Event { seq, wall_ms: now.0, call, kind: kind.into(), body }
    }

    fn ring(&mut self, from: &str, now: WallTime) -> Result<Event, Box<dyn Error>> {
        let id = CallId(self.filled.ids.next_id());
        let line = "span1/5".to_owned();
        let to = "4008001234".to_owned();
        let opened = Write::CallOpened { id, from: from.into(), to: to.clone(), line: line.clone(), started: now };
        commit(&self.filled.store, vec![opened])?;
        let channel = self.channel(0, 5);
        *channel = Channel { timeslot: 5, state: ChannelState::Incoming, name: None, call: Some(id.to_string()) };
        self.shown.calls.push(Call {
            recording: None,
            id: id.to_string(),
            from: from.into(),
            to,
            line,
            started_ms: now.0,
            answered_ms: None,
            state: "Alerting".into(),
            step: String::new(),
            with: None,
        });
        let body = format!(r#"{{"alertingDevice":"hotline","callingDevice":"{from}","calledDevice":"4008001234"}}"#);
        Ok(self.event(Some(id.to_string()), "Delivered", body, now))
    }

    /// The call that rang last.
    fn last_call(&mut self) -> &mut Call {
        self.shown.calls.last_mut().expect("the scene opens with calls")
    }

    fn last(&mut self, state: &str, on: ChannelState, kind: &str, body: String, now: WallTime) -> Event {
        let call = self.last_call();
        call.state = state.into();
        call.answered_ms.get_or_insert(now.0);
        let id = call.id.clone();
        self.channel(0, 5).state = on;
        self.event(Some(id), kind, body, now)
    }

    fn hang_up(&mut self, now: WallTime) -> Result<Event, Box<dyn Error>> {
        let call = self.shown.calls.pop().ok_or("no call is up")?;
        let id: CallId = call.id.parse()?;
        let closed = Write::CallClosed { id, cause: base::Cause::NORMAL_CLEARING, ended: now };
        commit(&self.filled.store, vec![Write::CallAnswered { id, at: now }, closed])?;
        *self.channel(0, 5) = Channel { timeslot: 5, state: ChannelState::Idle, name: None, call: None };
        Ok(self.event(Some(call.id), "CallCleared", r#"{"cause":16}"#.into(), now))
    }

    fn alarm(&mut self, lost: bool, name: &str, now: WallTime) -> Result<Event, Box<dyn Error>> {
        let span = self.shown.spans.iter_mut().find(|span| span.name == name).ok_or("no such span")?;
        span.alarm_loss = lost;
        span.link = Some(if lost { Link::Down } else { Link::Up });
        span.slips += u64::from(lost) * 3;
        for channel in &mut span.channels {
            channel.state = if lost { ChannelState::OutOfService } else { ChannelState::Idle };
            channel.call = None;
        }
        let text = if lost { "signal lost; check the cable to the exchange" } else { "signal is back" };
        Ok(self.event(None, "Alarm", format!(r#"{{"subject":"{name}","text":"{text}"}}"#), now))
    }
}
