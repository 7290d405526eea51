//! Instructions of a call, SETUP to RELEASE COMPLETE over Q.921, both ends; beside two libpri stacks that do the same.

use crate::dsp::{own, peer};
use crate::figure::{Figure, Goal, Taken};
use crate::instructions::of_one;
use base::{Cause, Instant};
use ports::call::{Address, Bearer, Inband, Number, Primitive, Setup};
use sig_pri::{Action, LinkState, PriSpan, Side};
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
        how: "callgrind, 500 calls one after another in memory, each frame acknowledged, by the answer where there is one, both ends counted".into(),
    }])
}

const USER: usize = 0;

/// Places calls; how many were released, if all were.
pub(crate) fn run(calls: u64) -> Option<u64> {
    let mut pair = Pair { ends: [Side::User, Side::Network].map(PriSpan::standard), answered: 0, released: 0 };
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
    answered: u64,
    released: u64,
}

impl Pair {
    /// Carries frames across until neither end has anything to do.
    fn settle(&mut self) {
        while self.drain(0) | self.drain(1) {}
    }

    /// Whether an end had anything to do.
    fn drain(&mut self, end: usize) -> bool {
        let clear = Primitive::Clearing { cause: Cause::NORMAL_CLEARING, inband: Inband::Silent };
        let [first, second] = &mut self.ends;
        let (own, far) = if end == USER { (first, second) } else { (second, first) };
        let mut busy = false;
        while let Some(action) = own.poll_lent() {
            busy = true;
            match action {
                Action::Transmit(frame) => far.handle_frame(Instant::ZERO, frame),
                Action::Line { call, primitive: Primitive::Setup(_), .. } => {
                    for answer in [Primitive::Proceeding, Primitive::Alerting(Inband::Silent), Primitive::Connected] {
                        own.line(Instant::ZERO, call, answer);
                    }
                }
                Action::Line { call, primitive: Primitive::Connected, .. } => {
                    self.answered += 1;
                    own.line(Instant::ZERO, call, clear);
                }
                Action::Line { call, primitive: Primitive::Clearing { .. }, .. } => {
                    own.line(Instant::ZERO, call, clear);
                }
                Action::Line { primitive: Primitive::Released { .. }, .. } => self.released += 1,
                _ => {}
            }
        }
        busy
    }
}
