//! What is asked of a span when the day is over.

use super::{Counts, Pair};
use crate::audio::Audio;
use crate::plan::End;
use crate::record::Record;
use crate::spans::bearers;
use sig_span::ChannelState;

impl<A: Audio> Pair<A> {
    /// Both ends' records of calls that are over, the box's first.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.halves.iter().flat_map(|half| &half.records)
    }

    /// All that happened, in one number, and counted.
    pub const fn told(&self) -> (u64, Counts) {
        (self.hash, self.counts)
    }

    /// Forgets its records, to be measured.
    pub fn forget(&mut self) {
        self.halves.iter_mut().for_each(|half| half.records = Vec::new());
    }

    /// What is not at rest, in words: a call that lives, a channel that is neither idle nor blocked as ordered, something on its way.
    pub fn unrest(&self) -> Vec<String> {
        let mut unrest = Vec::new();
        let mut say = |what: String| unrest.push(format!("span {} ({:?}): {what}", self.span, self.kind.name()));
        for (end, half) in End::BOTH.into_iter().zip(&self.halves) {
            for live in &half.lives {
                say(format!("{end:?} has a call left: {:?}", live.record));
            }
            if half.protocol.calls() > 0 {
                say(format!("{end:?}: {} calls live in the machine", half.protocol.calls()));
            }
            for timeslot in bearers() {
                let state = half.protocol.channel_state(timeslot);
                let is_blocked = half.blocked[usize::from(timeslot)] > 0;
                let is_blocked_there = self.halves[end.other().at()].blocked[usize::from(timeslot)] > 0;
                let is_right = match state {
                    ChannelState::BlockedRemotely => is_blocked_there,
                    ChannelState::Idle => !is_blocked,
                    ChannelState::Blocked | ChannelState::OutOfService => is_blocked,
                    _ => false,
                };
                if !is_right {
                    say(format!("{end:?}: timeslot {timeslot} is {state:?}, ordered to be blocked: {is_blocked}"));
                }
            }
            if let Some(due) = half.deadline.filter(|_| !self.kind.tests_its_link()) {
                say(format!("{end:?}: a timer runs until {due:?}"));
            }
        }
        if !self.words.is_empty() || !self.line.is_empty() {
            say(format!("{} words wait", self.words.len()));
        }
        unrest
    }
}
