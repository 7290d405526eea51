//! Machines as lists of operations: what is chosen by the octets must leave them in step.

use crate::Choices;
use base::Instant;
use core::time::Duration;
use ports::span::Frame;
use sig_q921::{Action, Link, Parameters, QUEUED_MESSAGES, Side};
use std::collections::VecDeque;

/// Two links over a line that loses, repeats and garbles; once the line is good again they come up and carry messages.
pub(crate) fn q921_link(octets: &[u8]) {
    let mut pair = Pair::new();
    let mut choices = Choices(octets);
    while !choices.is_empty() {
        let choice = choices.octet();
        let end = usize::from(choice >> 7);
        match choice & 15 {
            0 => pair.ends[end].link.establish(pair.now),
            1 => pair.ends[end].link.release(pair.now),
            2 => {
                let message = choices.some();
                let _refused = pair.ends[end].link.send(pair.now, message);
            }
            3 => drop(pair.ends[end].to_peer.pop_front()),
            4 => pair.ends[end].to_peer.extend(pair.ends[end].to_peer.front().cloned()),
            5 => {
                let (at, bit) = (usize::from(choices.octet()), choices.octet() & 7);
                let frame = pair.ends[end].to_peer.front_mut();
                if let Some(octet) = frame.and_then(|frame| frame.get_mut(at)) {
                    *octet ^= 1 << bit;
                }
            }
            6 => {
                let frame = choices.some();
                pair.ends[end].link.handle_frame(pair.now, frame);
            }
            7..=9 => pair.wait(Duration::from_millis(10 * u64::from(choices.octet()))),
            _ => pair.carry(end),
        }
        pair.drain();
    }
    pair.come_up();
}

struct End {
    link: Link,
    to_peer: VecDeque<Frame>,
    delivered: VecDeque<Vec<u8>>,
}

struct Pair {
    ends: [End; 2],
    now: Instant,
}

/// Frames that a line holds; beyond that it loses the newest.
const ON_THE_WAY: usize = 64;

impl Pair {
    fn new() -> Self {
        let end = |side| End {
            link: Link::new(side, Parameters::default()),
            to_peer: VecDeque::new(),
            delivered: VecDeque::new(),
        };
        Self { ends: [end(Side::User), end(Side::Network)], now: Instant::ZERO }
    }

    fn drain(&mut self) {
        for end in &mut self.ends {
            let mut actions = 0;
            while let Some(action) = end.link.poll_action() {
                actions += 1;
                assert!(actions <= 1000, "a link that never stops acting");
                match action {
                    Action::Transmit(frame) if end.to_peer.len() < ON_THE_WAY => end.to_peer.push_back(frame),
                    Action::Deliver(message) => end.delivered.push_back(message.to_vec()),
                    Action::Transmit(_) | Action::Established | Action::Released | Action::Reset | Action::Error(_) => {
                    }
                }
            }
            assert!(end.link.unacknowledged() <= QUEUED_MESSAGES);
        }
    }

    /// Hands the oldest frame that `from` sent to the other end.
    fn carry(&mut self, from: usize) {
        if let Some(frame) = self.ends[from].to_peer.pop_front() {
            self.ends[1 - from].link.handle_frame(self.now, &frame);
            self.drain();
        }
    }

    fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        for _ in 0..1000 {
            let due = self.ends.iter().filter_map(|end| end.link.deadline()).min();
            let Some(due) = due.filter(|&due| due <= until) else { break };
            self.now = self.now.max(due);
            for end in &mut self.ends {
                end.link.handle_timeout(self.now);
            }
            self.drain();
        }
        self.now = until;
    }

    fn come_up(&mut self) {
        for end in &mut self.ends {
            end.to_peer.clear();
        }
        for _ in 0..60 {
            self.ends[0].link.establish(self.now);
            self.drain();
            self.carry_all();
            if self.ends.iter().all(|end| end.link.is_up()) && self.messages_cross() {
                return;
            }
            self.wait(Duration::from_secs(1));
            self.carry_all();
        }
        panic!("the links did not come up in a minute: {:?}", self.ends.each_ref().map(|end| end.link.state()));
    }

    fn carry_all(&mut self) {
        for _ in 0..2000 {
            if self.ends.iter().all(|end| end.to_peer.is_empty()) {
                return;
            }
            (0..2).for_each(|end| self.carry(end));
        }
        panic!("two links that never fall silent");
    }

    fn messages_cross(&mut self) -> bool {
        for end in &mut self.ends {
            end.delivered.clear();
        }
        for number in 0..20_u8 {
            for end in &mut self.ends {
                if end.link.send(self.now, &[number]).is_err() {
                    return false;
                }
            }
            self.drain();
            self.carry_all();
        }
        let expected: Vec<Vec<u8>> = (0..20).map(|number| vec![number]).collect();
        self.ends.iter().all(|end| end.delivered.ends_with_all(&expected))
    }
}

/// Whether a queue ends with these values.
trait EndsWith {
    fn ends_with_all(&self, expected: &[Vec<u8>]) -> bool;
}

impl EndsWith for VecDeque<Vec<u8>> {
    fn ends_with_all(&self, expected: &[Vec<u8>]) -> bool {
        self.len() >= expected.len() && self.iter().skip(self.len() - expected.len()).eq(expected)
    }
}
