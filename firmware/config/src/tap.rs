//! Channels that are recorded without signaling.

use crate::check::Check;
use crate::file::{File, Speaks, Tap as Table, TapMode};
use core::time::Duration;
use ports::span::{D_SLOT, TIMESLOTS};
use std::collections::BTreeSet;
use toml::Spanned;

/// What may be written, and what holds where nothing is.
type Limits = (core::ops::RangeInclusive<u16>, u16);
/// Silence that ends a recording, in seconds.
const SILENCE_S: Limits = (2..=600, 10);
/// Longest recording, in minutes.
const CUT_MIN: Limits = (1..=1440, 60);

/// `[[tap]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tap {
    /// Index of its span.
    pub span: usize,
    /// Its timeslot.
    pub channel: u8,
    /// What people call it.
    pub name: String,
    /// When it is recorded.
    pub recording: TapRecording,
    /// No file is longer.
    pub longest: Duration,
}

/// When a tap is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TapRecording {
    /// All the time.
    Always,
    /// From a voice on, until nobody has spoken for so long.
    Voice {
        /// How long.
        silence: Duration,
    },
}

/// Checks them; those with faults are left out.
pub(crate) fn taps(check: &mut Check<'_>, file: &File, spans: &[String]) -> Vec<Tap> {
    let mut used = BTreeSet::new();
    let mut taps = Vec::new();
    for table in &file.tap {
        let table = table.get_ref();
        let Some(span) = check.lookup("span", &table.span, spans) else { continue };
        if file.span[span].get_ref().signaling != Speaks::None {
            let what =
                "a [[tap]] belongs to a span with signaling = \"none\"; calls of other spans are recorded as calls";
            check.fault(table.span.span(), what);
        }
        let channel = *table.channel.get_ref();
        if !(1..TIMESLOTS).contains(&usize::from(channel)) || usize::from(channel) == D_SLOT {
            check.fault(table.channel.span(), "`channel` is a timeslot from 1 to 15 or 17 to 31");
            continue;
        }
        if !used.insert((span, channel)) {
            check.fault(table.channel.span(), format!("a second [[tap]] has channel {channel} of this span"));
        }
        taps.push(tap(check, table, span, channel));
    }
    silent_spans(check, file);
    taps
}

/// A span without signaling is there for its taps alone.
fn silent_spans(check: &mut Check<'_>, file: &File) {
    for span in file.span.iter().filter(|span| span.get_ref().signaling == Speaks::None) {
        let name = &span.get_ref().name;
        if file.tap.iter().all(|tap| tap.get_ref().span.get_ref() != name.get_ref()) {
            check
                .fault(name.span(), "a span with signaling = \"none\" wants a [[tap]] for each channel to be recorded");
        }
        let members = file.trunk.iter().flat_map(|trunk| &trunk.spans);
        for member in members.filter(|member| member.get_ref() == name.get_ref()) {
            check.fault(member.span(), format!("span \"{}\" has no signaling: no trunk can use it", name.get_ref()));
        }
    }
}

fn tap(check: &mut Check<'_>, table: &Table, span: usize, channel: u8) -> Tap {
    let silence_s = within(check, "silence_s", table.silence_s.as_ref(), &SILENCE_S);
    let cut_min = within(check, "cut_min", table.cut_min.as_ref(), &CUT_MIN);
    if let (TapMode::Always, Some(silence)) = (table.recording, &table.silence_s) {
        check.fault(
            silence.span(),
            "`silence_s` belongs to recording = \"voice\"; what is always recorded has no pause",
        );
    }
    if table.name.get_ref().is_empty() {
        check.fault(table.name.span(), "a tap needs a name: its recordings are found by it");
    }
    let recording = match table.recording {
        TapMode::Always => TapRecording::Always,
        TapMode::Voice => TapRecording::Voice { silence: Duration::from_secs(silence_s.into()) },
    };
    let longest = Duration::from_secs(u64::from(cut_min) * 60);
    Tap { span, channel, name: table.name.get_ref().clone(), recording, longest }
}

fn within(check: &mut Check<'_>, name: &str, value: Option<&Spanned<u16>>, (range, default): &Limits) -> u16 {
    let Some(value) = value else { return *default };
    if !range.contains(value.get_ref()) {
        check.fault(value.span(), format!("`{name}` is from {} to {}", range.start(), range.end()));
    }
    *value.get_ref()
}

#[cfg(test)]
#[path = "tap_tests.rs"]
mod tests;
