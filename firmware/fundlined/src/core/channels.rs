//! Channels of the spans as ports of the engine: what a channel's line wants of its audio, and what its call wants, together.
//!
//! A line may listen before there is a call: who calls is told between rings, numbers come by register signals. A port is open while a call or a
//! line needs it.

use super::{Core, Effect};
use base::Instant;
use doctor::Switch;
use media::{Command, DtmfDetection, EchoSettings, PortId, ToneSpec};
use media_io::signaling;
use sig_span::{Heard, Listen, Order, Register};
use std::collections::BTreeMap;

/// One port in use.
#[derive(Clone, Copy, Debug, Default)]
struct Channel {
    /// A call is on it.
    carries_call: bool,
    /// Its application takes keys.
    keys: bool,
    /// Receivers that the line wants.
    line: Listen,
    /// It is recorded without a call, and whether voices are listened for.
    tap: Option<Switch>,
    /// The line doctor has it, and whether it listens to tones.
    test: Option<Switch>,
    /// Tone that the line gives.
    tone: Option<ToneSpec>,
    /// Register signal that it sends.
    signal: Option<(Register, u8)>,
    /// The engine has it open.
    open: bool,
    /// Receivers that the engine runs.
    running: Listen,
}

impl Channel {
    fn is_wanted(&self) -> bool {
        self.carries_call
            || self.line.is_any()
            || self.tone.is_some()
            || self.signal.is_some()
            || self.test.is_some()
            || self.tap.is_some()
    }

    fn wanted(&self) -> Listen {
        let progress = self.line.progress || [self.test, self.tap].contains(&Some(Switch::On));
        Listen { dtmf: self.line.dtmf || self.keys, progress, ..self.line }
    }
}

/// All ports in use.
#[derive(Debug, Default)]
pub(super) struct Channels(BTreeMap<PortId, Channel>);

impl Core {
    /// A call takes the channel.
    pub(super) fn open_channel(&mut self, port: PortId) {
        self.change_channel(port, |channel| channel.carries_call = true);
        let (span, _) = media_io::place(port);
        if let Some(tail) = self.spans.get(span).and_then(|span| span.echo) {
            self.media(Command::CancelEcho { port, tail: Some(tail), settings: EchoSettings::default() });
        }
    }

    /// Its call is over: what the call did in the engine ends, what the line wants goes on.
    pub(super) fn close_channel(&mut self, port: PortId) {
        let Some(channel) = self.channels.0.get_mut(&port).filter(|channel| channel.open) else { return };
        let Channel { line, tone, signal, test, tap, .. } = *channel;
        *channel = Channel { line, tone, signal, test, tap, ..Channel::default() };
        self.media(Command::Close(port));
        self.change_channel(port, |_| {});
        let going_on = [tone.map(|tone| Order::Tone(Some(tone))), signal.map(|signal| Order::SendMf(Some(signal)))];
        for order in going_on.into_iter().flatten() {
            self.effects.extend(signaling::command(port, order).map(Effect::Media));
        }
    }

    /// The application of the channel's call takes keys, or not any more.
    pub(super) fn take_keys(&mut self, port: PortId, keys: DtmfDetection) {
        self.change_channel(port, |channel| channel.keys = keys == DtmfDetection::On);
    }

    /// The line doctor takes the channel, listening to tones or not, or gives it back.
    pub(super) fn test_channel(&mut self, port: PortId, test: Option<Switch>) {
        self.change_channel(port, |channel| channel.test = test);
    }

    /// The channel is recorded without a call, for as long as the box runs.
    pub(super) fn tap_channel(&mut self, port: PortId, listens: bool) {
        let tap = if listens { Switch::On } else { Switch::Off };
        self.change_channel(port, |channel| channel.tap = Some(tap));
    }

    /// The line's wish.
    pub(super) fn channel_order(&mut self, span: usize, timeslot: u8, order: Order) {
        let port = media_io::port(span, timeslot);
        match order {
            Order::Listen(listen) => self.change_channel(port, |channel| channel.line = listen),
            Order::Tone(_) | Order::SendMf(_) => self.give(port, order),
            Order::SendDigits { .. } | Order::SendFsk { .. } => {
                self.effects.extend(signaling::command(port, order).map(Effect::Media));
            }
        }
    }

    /// What sounds until it is told otherwise: the port is open before it begins, and until it has ended.
    fn give(&mut self, port: PortId, order: Order) {
        let begins = matches!(order, Order::Tone(Some(_)) | Order::SendMf(Some(_)));
        let (tone, signal) = match order {
            Order::Tone(tone) => (Some(tone), None),
            Order::SendMf(signal) => (None, Some(signal)),
            Order::Listen(_) | Order::SendDigits { .. } | Order::SendFsk { .. } => (None, None),
        };
        let set = |channel: &mut Channel| {
            channel.tone = tone.unwrap_or(channel.tone);
            channel.signal = signal.unwrap_or(channel.signal);
        };
        if begins {
            self.change_channel(port, set);
        }
        if self.channels.0.get(&port).is_some_and(|channel| channel.open) {
            self.effects.extend(signaling::command(port, order).map(Effect::Media));
        }
        if !begins {
            self.change_channel(port, set);
        }
    }

    /// The engine heard something that a line may have asked for.
    pub(super) fn channel_heard(&mut self, now: Instant, port: PortId, heard: Heard) {
        let Some(line) = self.channels.0.get(&port).map(|channel| channel.line) else { return };
        let asked = match heard {
            Heard::Digit(_) => line.dtmf,
            Heard::Progress(_) => line.progress,
            Heard::FskCarrier | Heard::FskOctet(_) | Heard::FskLost => line.fsk,
            Heard::Mf(_) => line.mf.is_some(),
        };
        let (span, timeslot) = media_io::place(port);
        if let Some(state) = self.spans.get_mut(span).filter(|_| asked) {
            state.stir().heard(now, timeslot, &heard);
        }
    }

    /// Changes what is wanted of a port, and tells the engine what of that is new to it.
    fn change_channel(&mut self, port: PortId, change: impl FnOnce(&mut Channel)) {
        let channel = self.channels.0.entry(port).or_default();
        change(channel);
        let (wanted, running) = (channel.wanted(), channel.running);
        if !channel.is_wanted() {
            if self.channels.0.remove(&port).is_some_and(|channel| channel.open) {
                self.media(Command::Close(port));
            }
            return;
        }
        channel.running = wanted;
        if !std::mem::replace(&mut channel.open, true) {
            self.media(Command::Open(port));
        }
        signaling::listen(port, running, wanted).for_each(|command| self.media(command));
    }
}
