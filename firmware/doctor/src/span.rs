//! A span is watched: what its counters say over ten seconds, and how it stands at their end.

use crate::facts::{Facts, Link};
use crate::finding::{Code, Finding, Measured};
use crate::limits::{BAD_FRAMES_AN_HOUR, SLIPS_AN_HOUR, WATCH, WATCH_ALARM};
use base::Instant;
use core::time::Duration;

/// How long to watch it.
pub(crate) fn watch(facts: &Facts) -> Duration {
    if facts.alarms.is_clear() { WATCH } else { WATCH_ALARM }
}

/// What is found after watching from `began`, when the facts were `before`, to now.
pub(crate) fn findings(before: &Facts, now: Instant, facts: &Facts, began: Instant) -> Vec<Finding> {
    if !facts.alarms.is_clear() {
        let seconds = now.since(facts.alarms_since).as_secs();
        return vec![Finding {
            code: alarm(facts),
            measured: Measured { seconds: Some(seconds), ..Measured::default() },
        }];
    }
    let mut found = vec![Code::SignalGood.into()];
    found.extend(link(facts, now.since(began)));
    found.extend(errors(before, now, facts, began));
    found.extend(channels(facts));
    found
}

const fn alarm(facts: &Facts) -> Code {
    if facts.alarms.loss {
        Code::LossOfSignal
    } else if facts.alarms.indication {
        Code::AlarmIndication
    } else {
        Code::RemoteAlarm
    }
}

fn link(facts: &Facts, watched: Duration) -> Option<Finding> {
    let code = match facts.link? {
        Link::Up => Code::DChannelUp,
        Link::Establishing => Code::DChannelEstablishing,
        Link::Down => Code::DChannelDown,
    };
    Some(Finding { code, measured: Measured { seconds: Some(watched.as_secs()), ..Measured::default() } })
}

/// Slips and bad frames of now, else of before.
fn errors(before: &Facts, now: Instant, facts: &Facts, began: Instant) -> Vec<Finding> {
    let counted = now.since(facts.counting_since);
    let found = |new: u64, all: u64, an_hour: u64, codes: [Code; 2]| {
        let (code, count, over) = if new > 0 {
            (codes[0], new, now.since(began))
        } else if all.saturating_mul(3600) > an_hour.saturating_mul(counted.as_secs().max(3600)) {
            (codes[1], all, counted)
        } else {
            return None;
        };
        let measured = Measured { count: Some(count), seconds: Some(over.as_secs()), ..Measured::default() };
        Some(Finding { code, measured })
    };
    let slips = facts.slips.saturating_sub(before.slips);
    let bad_frames = facts.bad_frames.saturating_sub(before.bad_frames);
    let mut all: Vec<Finding> = [
        found(slips, facts.slips, SLIPS_AN_HOUR, [Code::Slips, Code::SlipsBefore]),
        found(bad_frames, facts.bad_frames, BAD_FRAMES_AN_HOUR, [Code::BadFrames, Code::BadFramesBefore]),
    ]
    .into_iter()
    .flatten()
    .collect();
    if all.is_empty() {
        let measured = Measured { seconds: Some(now.since(began).as_secs()), ..Measured::default() };
        all.push(Finding { code: Code::NoErrors, measured });
    }
    all
}

/// Without a link every channel is out of service, which then says nothing of its own.
fn channels(facts: &Facts) -> Vec<Finding> {
    let channels = facts.channels;
    let counted = |code, count: u8| {
        let measured = Measured { count: Some(count.into()), of: Some(channels.all.into()), ..Measured::default() };
        Finding { code, measured }
    };
    let mut all = Vec::new();
    if channels.blocked > 0 && matches!(facts.link, None | Some(Link::Up)) {
        let code = if channels.blocked == channels.all { Code::AllBlocked } else { Code::ChannelsBlocked };
        all.push(counted(code, channels.blocked));
    }
    if channels.in_use > 0 {
        all.push(counted(Code::CallsGoOn, channels.in_use));
    }
    all
}
