//! A party on its line.

use crate::hearing::Memory;
use crate::party::{Party, Prepared};
use crate::report::Report;
use base::{Cause, Digits, Instant};
use media::PortId;
use ports::call::Setup;
use sig_span::CallHandle;
use tokio::sync::oneshot;

/// What a party leaves: its report and what it heard.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The report.
    pub report: Report,
    /// Samples at 8 kHz.
    pub heard: Vec<i16>,
}

/// Where a party's end is told; nobody listens to that of an unattended telephone.
pub(super) type Reply = Option<oneshot::Sender<Placed>>;

/// How the end of a call goes: the audio that is still on its way is heard first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// It is up.
    No,
    /// The far end cleared; the line is listened to until then.
    Listening(Instant, Cause),
    /// The recorder is giving out what it holds.
    Flushing(Cause),
    /// The line is free; the last words are being looked at.
    Judging,
}

pub(super) struct Live {
    pub(super) party: Party,
    pub(super) span: usize,
    pub(super) call: CallHandle,
    pub(super) port: Option<PortId>,
    pub(super) ending: Ending,
    pub(super) reply: Reply,
    /// Digits of the called number that are sent one by one.
    pub(super) dialling: Option<Dialling>,
    /// It gives a tone to the line, as an exchange does.
    pub(super) tones: bool,
}

/// A number on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dialling {
    pub(super) rest: Digits,
    pub(super) next: Instant,
}

impl Live {
    pub(super) fn new(party: Party, span: usize, call: CallHandle, reply: Reply) -> Self {
        Self { party, span, call, port: None, ending: Ending::No, reply, dialling: None, tones: false }
    }

    /// Whoever ordered the call is gone.
    pub(super) fn is_abandoned(&self) -> bool {
        self.reply.as_ref().is_some_and(oneshot::Sender::is_closed)
    }

    /// This is its call.
    pub(super) fn is_on(&self, span: usize, call: CallHandle) -> bool {
        self.span == span && self.call == call && self.ending != Ending::Judging
    }

    pub(super) fn finish(self) {
        if let Some(reply) = self.reply {
            // Nobody is left to be told.
            let _ = reply.send(Placed { report: self.party.report(), heard: self.party.heard().to_vec() });
        }
    }
}

/// A telephone that waits to be rung.
pub(super) struct Waiting {
    pub(super) number: Digits,
    pub(super) steps: Vec<Prepared>,
    pub(super) memory: Memory,
    pub(super) reply: Reply,
}

/// A call from the box whose number is not whole yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offer {
    pub(super) span: usize,
    pub(super) call: CallHandle,
    pub(super) setup: Setup,
    pub(super) channel: Option<u8>,
}
