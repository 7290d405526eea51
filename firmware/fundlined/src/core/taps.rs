//! Channels without signaling that are recorded: always, or while somebody speaks.
//!
//! Such a channel is open from the start, and its recorder runs all the time. Between recordings its blocks are held, so that a recording that
//! begins with a voice has the half second before the voice was known.

use super::{Core, Effect};
use base::Instant;
use call::{At, TapCall};
use dsp_progress::ToneEvent;
use media::{Command, PortId, RecordSlot};
use std::time::Duration;

/// When a tap records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TapMode {
    /// All the time.
    Always,
    /// From a voice on, until nobody has spoken for so long.
    Voice {
        /// How long.
        silence: Duration,
    },
}

/// One channel to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TapSettings {
    /// Its span, in the order of the configuration.
    pub span: usize,
    /// Its timeslot.
    pub timeslot: u8,
    /// What people call it.
    pub name: String,
    /// When it is recorded.
    pub mode: TapMode,
    /// No recording is longer: the next one goes on without a gap.
    pub longest: Duration,
}

/// A recording under way.
#[derive(Clone, Copy, Debug)]
struct Running {
    call: TapCall,
    since: Instant,
    /// Since when nobody speaks.
    quiet_since: Option<Instant>,
}

#[derive(Debug)]
struct Tap {
    settings: TapSettings,
    port: PortId,
    slot: Option<RecordSlot>,
    running: Option<Running>,
}

impl Tap {
    fn due(&self) -> Option<Instant> {
        let running = self.running?;
        let silence = match self.settings.mode {
            TapMode::Always => None,
            TapMode::Voice { silence } => running.quiet_since.map(|since| since + silence),
        };
        silence.into_iter().chain([running.since + self.settings.longest]).min()
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Taps(Vec<Tap>);

impl Taps {
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.0.iter().filter_map(Tap::due).min()
    }

    /// Whether all that a span carries is recorded, and nothing of it signaled.
    pub(super) fn covers(&self, span: usize) -> bool {
        self.0.iter().any(|tap| tap.settings.span == span)
    }

    /// The name of the tap on a channel, and the call that its recording is kept as.
    pub(super) fn at(&self, port: PortId) -> Option<(&str, Option<TapCall>)> {
        let tap = self.0.iter().find(|tap| tap.port == port)?;
        Some((&tap.settings.name, tap.running.map(|running| running.call)))
    }
}

impl Core {
    /// The same box, with these channels recorded. Their spans carry no signaling.
    pub fn with_taps(self, taps: Vec<TapSettings>) -> Self {
        let tap = |settings: TapSettings| {
            let port = media_io::port(settings.span, settings.timeslot);
            Tap { settings, port, slot: None, running: None }
        };
        Self { taps: Taps(taps.into_iter().map(tap).collect()), ..self }
    }

    pub(super) fn start_taps(&mut self, at: At) {
        for index in 0..self.taps.0.len() {
            let Tap { port, settings, .. } = &self.taps.0[index];
            let (port, mode) = (*port, settings.mode);
            self.tap_channel(port, mode != TapMode::Always);
            let Some(slot) = self.reserve_recorder() else { continue };
            self.taps.0[index].slot = Some(slot);
            self.effects.push_back(Effect::RecordingHeld(slot));
            self.media(Command::StartRecord { port, recording: slot });
            if mode == TapMode::Always {
                self.begin_tap(at, index);
            }
        }
    }

    /// Something was heard on a channel.
    pub(super) fn tap_hears(&mut self, at: At, port: PortId, heard: &ToneEvent) {
        let Some(index) = self.taps.0.iter().position(|tap| tap.port == port) else { return };
        let tap = &mut self.taps.0[index];
        match (heard, &mut tap.running) {
            (ToneEvent::Voice, Some(running)) => running.quiet_since = None,
            (ToneEvent::Voice, None) => self.begin_tap(at, index),
            // A tone is nobody who speaks.
            (_, Some(running)) => drop(running.quiet_since.get_or_insert(at.now)),
            (_, None) => {}
        }
    }

    /// Ends recordings that are silent or long enough.
    pub(super) fn tick_taps(&mut self, at: At) {
        for index in 0..self.taps.0.len() {
            let tap = &self.taps.0[index];
            if tap.due().is_none_or(|due| due > at.now) {
                continue;
            }
            let is_quiet = match (tap.settings.mode, tap.running.and_then(|running| running.quiet_since)) {
                (TapMode::Voice { silence }, Some(since)) => since + silence <= at.now,
                (TapMode::Voice { .. }, None) | (TapMode::Always, _) => false,
            };
            let quiet_since = tap.running.and_then(|running| running.quiet_since);
            self.end_tap(at, index, is_quiet);
            if !is_quiet {
                self.begin_tap(at, index);
                if let Some(running) = &mut self.taps.0[index].running {
                    running.quiet_since = quiet_since;
                }
            }
        }
    }

    pub(super) fn end_taps(&mut self, at: At) {
        (0..self.taps.0.len()).for_each(|index| self.end_tap(at, index, true));
    }

    fn begin_tap(&mut self, at: At, index: usize) {
        let Tap { settings, slot, running, .. } = &mut self.taps.0[index];
        let (Some(slot), None) = (*slot, *running) else { return };
        let line = format!("{}/{}", self.spans[settings.span].name, settings.timeslot);
        let call = self.model.begin_tap(at, &line, &settings.name);
        *running = Some(Running { call, since: at.now, quiet_since: None });
        self.effects.push_back(Effect::RecordingBegins { slot, recording: call.recording });
        self.changed = true;
    }

    fn end_tap(&mut self, at: At, index: usize, is_held: bool) {
        let Tap { slot, running, .. } = &mut self.taps.0[index];
        let (Some(slot), Some(running)) = (*slot, running.take()) else { return };
        self.model.end_tap(at, running.call);
        // The recorder's next block tells the writer.
        if is_held {
            self.effects.push_back(Effect::RecordingHeld(slot));
        }
        self.changed = true;
    }
}
