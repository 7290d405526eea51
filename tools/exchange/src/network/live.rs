//! A party on its line.

use crate::party::Party;
use crate::report::Report;
use base::{Cause, Digits, Instant};
use media::PortId;
use sig_pri::CallHandle;
use tokio::sync::oneshot;

/// What a party leaves: its report and what it heard.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The report.
    pub report: Report,
    /// Samples at 8 kHz.
    pub heard: Vec<i16>,
}

/// Where a party's end is told; nobody listens to an unscripted telephone's.
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
}

pub(super) struct Live {
    pub(super) party: Party,
    pub(super) span: usize,
    pub(super) call: CallHandle,
    pub(super) port: Option<PortId>,
    pub(super) ending: Ending,
    pub(super) reply: Reply,
}

impl Live {
    pub(super) fn new(party: Party, span: usize, call: CallHandle, reply: Reply) -> Self {
        Self { party, span, call, port: None, ending: Ending::No, reply }
    }

    /// Whoever ordered the call is gone.
    pub(super) fn is_abandoned(&self) -> bool {
        self.reply.as_ref().is_some_and(oneshot::Sender::is_closed)
    }

    pub(super) fn finish(self) {
        if let Some(reply) = self.reply {
            // Nobody is left to be told.
            let _ = reply.send(Placed { report: self.party.report(), heard: self.party.heard() });
        }
    }
}

/// A telephone that waits to be rung.
pub(super) struct Waiting {
    pub(super) number: Digits,
    pub(super) steps: Vec<crate::party::Prepared>,
    pub(super) reply: Reply,
}
