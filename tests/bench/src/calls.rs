//! Instructions of a call, SETUP to RELEASE COMPLETE over Q.921, both ends; beside two libpri stacks that do the same.

use crate::dsp::{own, peer};
use crate::figure::{Figure, Goal, Taken};
use crate::instructions::of_one;
use base::{Cause, Instant};
use ports::call::{Address, Bearer, Inband, Number, Primitive, Setup};
use ports::span::Frame;
use sig_pri::{Action, LinkState, PriSpan, Side};
use std::collections::VecDeque;
use std::ffi::OsStr;

pub(crate) fn q931() -> Taken {
    let value = of_one(&own()?, &[OsStr::new("kernel"), OsStr::new("q931")], 500)?;
    let peer_value = of_one(&peer("libpri_calls", "-lpri"), &[], 500)?;
    Ok(vec![Figure {
        name: "sig.q931.instr_per_call",
        value,
        unit: "instr",
        goal: Goal::AtMost(15_000.0),
        peer: Some(("libpri", peer_value)),
        how: "callgrind, 500 calls one after another in memory, frames acknowledged, both ends counted".into(),
    }])
}

const USER: usize = 0;

/// Places calls; how many were released, if all were.
pub(crate) fn run(calls: u64) -> Option<u64> {
    let mut pair = Pair {
        ends: [Side::User, Side::Network].map(PriSpan::standard),
        frames: VecDeque::new(),
        answered: 0,
        released: 0,
    };
    pair.ends[USER].start(Instant::ZERO);
    pair.settle();
    if pair.ends.iter().any(|end| end.link_state() != LinkState::Up) {
        return None;
    }
    let setup = Setup {
        from: Number::unknown("2112345678".parse().ok()?),
        to: Number::unknown("4008001234".parse().ok()?),
        redirecting: None,
        bearer: Bearer::Speech,
        address: Address::Complete,
    };
    for _ in 0..calls {
        pair.ends[USER].call(Instant::ZERO, setup, None).ok()?;
        pair.settle();
    }
    (pair.answered == calls && pair.released == 2 * calls).then_some(calls)
}

struct Pair {
    ends: [PriSpan; 2],
    /// Frames under way, with whom they are for.
    frames: VecDeque<(usize, Frame)>,
    answered: u64,
    released: u64,
}

impl Pair {
    fn settle(&mut self) {
        loop {
            (0..2).for_each(|end| self.drain(end));
            let Some((to, frame)) = self.frames.pop_front() else { return };
            self.ends[to].handle_frame(Instant::ZERO, &frame);
        }
    }

    fn drain(&mut self, end: usize) {
        let clear = Primitive::Clearing { cause: Cause::NORMAL_CLEARING, inband: Inband::Silent };
        while let Some(action) = self.ends[end].poll_action() {
            match action {
                Action::Transmit(frame) => self.frames.push_back((1 - end, frame)),
                Action::Line { call, primitive: Primitive::Setup(_), .. } => {
                    for answer in [Primitive::Proceeding, Primitive::Alerting(Inband::Silent), Primitive::Connected] {
                        self.ends[end].line(Instant::ZERO, call, answer);
                    }
                }
                Action::Line { call, primitive: Primitive::Connected, .. } => {
                    self.answered += 1;
                    self.ends[end].line(Instant::ZERO, call, clear);
                }
                Action::Line { call, primitive: Primitive::Clearing { .. }, .. } => {
                    self.ends[end].line(Instant::ZERO, call, clear);
                }
                Action::Line { primitive: Primitive::Released { .. }, .. } => self.released += 1,
                _ => {}
            }
        }
    }
}
