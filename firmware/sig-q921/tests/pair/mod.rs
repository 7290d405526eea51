//! Two links, the line between them, and a clock that jumps to the next deadline.
#![allow(dead_code, reason = "each test file uses its part")]

use base::Instant;
use ports::span::Frame;
use sig_q921::{Action, Link, Message, Parameters, Side};
use std::collections::VecDeque;
use std::time::Duration;

/// The user's place in every pair of arrays.
pub(crate) const USER: usize = 0;
/// The network's.
pub(crate) const NETWORK: usize = 1;

/// What a line may do to a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Arrives,
    IsLost,
    ArrivesTwice,
}

pub(crate) struct Pair {
    pub(crate) now: Instant,
    pub(crate) links: [Link; 2],
    /// Frames on their way to each end.
    pub(crate) line: [VecDeque<Frame>; 2],
    pub(crate) delivered: [Vec<Message>; 2],
    /// What each end told its owner beside messages and frames.
    pub(crate) told: [Vec<Action>; 2],
    /// Every frame each end has sent.
    pub(crate) sent: [Vec<Frame>; 2],
}

impl Pair {
    pub(crate) fn new() -> Self {
        Self::with(Parameters::default())
    }

    pub(crate) fn with(parameters: Parameters) -> Self {
        let empty = || [VecDeque::new(), VecDeque::new()];
        Self {
            now: Instant::ZERO,
            links: [Link::new(Side::User, parameters), Link::new(Side::Network, parameters)],
            line: empty(),
            delivered: [Vec::new(), Vec::new()],
            told: [Vec::new(), Vec::new()],
            sent: [Vec::new(), Vec::new()],
        }
    }

    /// Both ends up, nothing remembered of how.
    pub(crate) fn established() -> Self {
        let mut pair = Self::new();
        pair.links[USER].establish(pair.now);
        pair.settle();
        pair.forget();
        pair
    }

    pub(crate) fn forget(&mut self) {
        for end in [USER, NETWORK] {
            self.told[end].clear();
            self.sent[end].clear();
            self.delivered[end].clear();
        }
    }

    /// Takes the actions of both ends.
    pub(crate) fn collect(&mut self) {
        for end in [USER, NETWORK] {
            while let Some(action) = self.links[end].poll_action() {
                match action {
                    Action::Transmit(frame) => {
                        self.sent[end].push(frame.clone());
                        self.line[1 - end].push_back(frame);
                    }
                    Action::Deliver(message) => self.delivered[end].push(message),
                    other => self.told[end].push(other),
                }
            }
        }
    }

    /// Brings the oldest frame to `end`, or not.
    pub(crate) fn step(&mut self, end: usize, fate: Fate) -> bool {
        self.collect();
        let Some(frame) = self.line[end].pop_front() else { return false };
        let times = match fate {
            Fate::Arrives => 1,
            Fate::IsLost => 0,
            Fate::ArrivesTwice => 2,
        };
        for _ in 0..times {
            self.links[end].handle_frame(self.now, &frame);
            self.collect();
        }
        true
    }

    /// Until no frame is on its way.
    pub(crate) fn settle(&mut self) {
        for _ in 0..2000 {
            let moved = [NETWORK, USER].map(|end| self.step(end, Fate::Arrives));
            if moved == [false, false] {
                return;
            }
        }
        panic!("the ends never fall silent");
    }

    /// Jumps to the next deadline; frames then sent stay on the line.
    pub(crate) fn expire(&mut self) {
        let due = self.links.iter().filter_map(Link::deadline).min().expect("some timer runs");
        self.now = self.now.max(due);
        for end in [USER, NETWORK] {
            self.links[end].handle_timeout(self.now);
        }
        self.collect();
    }

    /// Lives through `wait` with a line that carries everything.
    pub(crate) fn pass(&mut self, wait: Duration) {
        let end = self.now + wait;
        self.settle();
        for _ in 0..10_000 {
            match self.links.iter().filter_map(Link::deadline).min() {
                Some(due) if due <= end => {
                    self.expire();
                    self.settle();
                }
                Some(_) | None => {
                    self.now = end;
                    return;
                }
            }
        }
        panic!("timers never rest");
    }

    /// Throws away what is on its way to `end`.
    pub(crate) fn lose(&mut self, end: usize) -> usize {
        self.collect();
        let lost = self.line[end].len();
        self.line[end].clear();
        lost
    }

    pub(crate) fn send(&mut self, end: usize, text: &[u8]) {
        self.links[end].send(self.now, text).expect("the link takes it");
        self.collect();
    }
}

/// Message number `n` as octets that differ from all others.
pub(crate) fn numbered(n: u16) -> [u8; 3] {
    let [high, low] = n.to_be_bytes();
    [0x08, high, low]
}
