//! A recording's delay line: what was heard in the last 60 ms can still be silenced.

use crate::{BLOCK, Block, RecordSlot, RecordedBlock, Sink, wide};
use dsp_g711::ALAW_SILENCE;

/// Blocks between hearing and giving out. A tone is known within three blocks of its start, so six hold all of it.
pub(crate) const DELAY: usize = 6;

/// Which channels of a recording to silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hide {
    pub(crate) received: bool,
    pub(crate) sent: bool,
    /// Both, and say so.
    pub(crate) masked: bool,
}

#[derive(Clone, Copy)]
struct Entry {
    received: [u8; BLOCK],
    sent: [u8; BLOCK],
    masked: bool,
}

impl Entry {
    const SILENT: Self = Self { received: [ALAW_SILENCE; BLOCK], sent: [ALAW_SILENCE; BLOCK], masked: false };

    fn hide(&mut self, hide: Hide) {
        if hide.received || hide.masked {
            self.received = Self::SILENT.received;
        }
        if hide.sent || hide.masked {
            self.sent = Self::SILENT.sent;
        }
        self.masked |= hide.masked;
    }
}

/// The delay line of one recorder.
pub(crate) struct Recorder {
    slot: RecordSlot,
    line: [Entry; DELAY],
    oldest: usize,
    len: usize,
}

impl Recorder {
    pub(crate) const fn new(slot: RecordSlot) -> Self {
        Self { slot, line: [Entry::SILENT; DELAY], oldest: 0, len: 0 }
    }

    /// Gives out what is left.
    pub(crate) fn stop(&mut self, sink: &mut impl Sink) {
        while self.len > 0 {
            self.give_out(sink);
        }
    }

    /// Silences all that waits.
    pub(crate) fn hide_waiting(&mut self, hide: Hide) {
        let Self { line, oldest, len, .. } = self;
        (0..*len).for_each(|at| line[(*oldest + at) % DELAY].hide(hide));
    }

    /// Takes one block of each direction in, and gives the oldest out when the line is full.
    pub(crate) fn push(&mut self, received: &Block, sent: &Block, hide: Hide, sink: &mut impl Sink) {
        if self.len == DELAY {
            self.give_out(sink);
        }
        let entry = &mut self.line[(self.oldest + self.len) % DELAY];
        wide::alaw_encode(received, &mut entry.received);
        wide::alaw_encode(sent, &mut entry.sent);
        entry.masked = false;
        entry.hide(hide);
        self.len += 1;
    }

    fn give_out(&mut self, sink: &mut impl Sink) {
        let Entry { received, sent, masked } = self.line[self.oldest];
        self.oldest = (self.oldest + 1) % DELAY;
        self.len -= 1;
        sink.recorded(&RecordedBlock { recording: self.slot, received, sent, masked });
    }
}
