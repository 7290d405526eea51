//! Packets back into their order.
//!
//! A packet that came early is held until those before it are there, or until it is clear that they are lost: then the gap is
//! given out as such. Late packets and second copies are refused. A sequence far from the expected one is taken only when its
//! successor follows it: then the sender has started anew.

use crate::packet::Rows;

/// Packets held at most; beyond that the sequence has jumped.
const WINDOW: u16 = 16;
/// Sequence numbers behind the expected one that are an old packet, not a jump.
const PAST: u16 = 256;

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Taken.
    Taken,
    /// Taken in time, though younger ones came before it.
    Overtaken,
    /// Taken, as the first of a new numbering. What was held has been thrown away.
    Resynced,
    /// Came before.
    Duplicate,
    /// Its place has been given out as lost.
    Late,
    /// Far off the expected number; taken if its successor follows.
    Astray,
}

/// What is next on the line.
// Rows leave the box that held them here and are never kept in this shape.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// A packet's rows; `None` where its sender had no data.
    Packet(Option<Rows>),
    /// A packet that never came.
    Lost,
}

/// Orders the packets of one span.
#[derive(Debug)]
pub struct Sequencer {
    /// Packets by sequence modulo [`WINDOW`].
    held: [Option<Option<Box<Rows>>>; WINDOW as usize],
    expected: Option<u16>,
    /// How far the newest held packet is ahead of the expected one, plus one.
    ahead: u16,
    /// Bit n: the packet n + 1 before the expected one came.
    came: u64,
    astray: Option<u16>,
    patience: u16,
}

impl Sequencer {
    /// Gives a packet up once `patience` younger ones (1 to 15) are there.
    pub fn new(patience: u16) -> Self {
        Self {
            held: [const { None }; WINDOW as usize],
            expected: None,
            ahead: 0,
            came: 0,
            astray: None,
            patience: patience.clamp(1, WINDOW - 1),
        }
    }

    /// Forgets everything: the next packet begins.
    pub fn reset(&mut self) {
        *self = Self::new(self.patience);
    }

    /// Takes a packet in. Drain [`Self::next`] after it.
    pub fn handle(&mut self, sequence: u16, rows: Option<Rows>) -> Verdict {
        let expected = *self.expected.get_or_insert(sequence);
        let distance = sequence.wrapping_sub(expected);
        let behind = expected.wrapping_sub(sequence);
        if distance < WINDOW {
            self.astray = None;
            return self.hold(sequence, distance, rows, Verdict::Taken);
        }
        if behind <= PAST {
            let duplicate = behind <= 64 && self.came >> (behind - 1) & 1 == 1;
            return if duplicate { Verdict::Duplicate } else { Verdict::Late };
        }
        if self.astray != Some(sequence) {
            self.astray = Some(sequence.wrapping_add(1));
            return Verdict::Astray;
        }
        self.reset();
        self.expected = Some(sequence);
        self.hold(sequence, 0, rows, Verdict::Resynced)
    }

    fn hold(&mut self, sequence: u16, distance: u16, rows: Option<Rows>, verdict: Verdict) -> Verdict {
        let place = &mut self.held[usize::from(sequence % WINDOW)];
        if place.is_some() {
            return Verdict::Duplicate;
        }
        *place = Some(rows.map(Box::new));
        let overtaken = verdict == Verdict::Taken && distance + 1 < self.ahead;
        self.ahead = self.ahead.max(distance + 1);
        if overtaken { Verdict::Overtaken } else { verdict }
    }

    /// What is next on the line, if it is known.
    #[expect(clippy::should_implement_trait, reason = "more comes after None")]
    pub fn next(&mut self) -> Option<Next> {
        let expected = self.expected?;
        let next = match self.held[usize::from(expected % WINDOW)].take() {
            Some(rows) => Next::Packet(rows.map(|rows| *rows)),
            None if self.ahead > self.patience => Next::Lost,
            None => return None,
        };
        self.expected = Some(expected.wrapping_add(1));
        self.ahead = self.ahead.saturating_sub(1);
        self.came = self.came << 1 | u64::from(next != Next::Lost);
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends the sequence numbers and lists what comes out: numbers, or -1 for a loss.
    fn check(patience: u16, sent: &[u16], expected: &[i32], last: Verdict) {
        let mut sequencer = Sequencer::new(patience);
        let mut out = vec![];
        let mut verdict = Verdict::Taken;
        for &sequence in sent {
            let mut rows = Rows::silent(2);
            rows.as_mut_slice()[0][1..3].copy_from_slice(&sequence.to_be_bytes());
            verdict = sequencer.handle(sequence, Some(rows));
            while let Some(next) = sequencer.next() {
                out.push(match next {
                    Next::Packet(Some(rows)) => {
                        i32::from(u16::from_be_bytes([rows.as_slice()[0][1], rows.as_slice()[0][2]]))
                    }
                    Next::Packet(None) => -2,
                    Next::Lost => -1,
                });
            }
        }
        assert_eq!((out.as_slice(), verdict), (expected, last));
    }

    #[test]
    fn order_is_restored_across_the_wrap() {
        check(2, &[65534, 65535, 0, 1], &[65534, 65535, 0, 1], Verdict::Taken);
        check(2, &[5, 7, 6, 8], &[5, 6, 7, 8], Verdict::Taken);
        check(2, &[5, 7, 6], &[5, 6, 7], Verdict::Overtaken);
        check(3, &[65534, 1, 0, 65535, 2], &[65534, 65535, 0, 1, 2], Verdict::Taken);
    }

    #[test]
    fn a_gap_is_given_up_when_patience_ends_and_not_before() {
        check(2, &[5, 7], &[5], Verdict::Taken);
        check(2, &[5, 7, 8], &[5, -1, 7, 8], Verdict::Taken);
        check(2, &[5, 8, 9], &[5, -1, -1, 8, 9], Verdict::Taken);
        check(2, &[5, 7, 8, 6], &[5, -1, 7, 8], Verdict::Late);
    }

    #[test]
    fn a_second_copy_is_refused_whether_the_first_is_held_or_gone() {
        check(3, &[5, 7, 7], &[5], Verdict::Duplicate);
        check(2, &[5, 6, 5], &[5, 6], Verdict::Duplicate);
        check(2, &[5, 6, 6], &[5, 6], Verdict::Duplicate);
    }

    #[test]
    fn a_jump_is_followed_only_when_it_goes_on() {
        check(2, &[5, 21], &[&[5], &[-1; 14][..]].concat(), Verdict::Taken);
        check(2, &[5, 21, 22], &[&[5], &[-1; 15][..], &[21, 22]].concat(), Verdict::Taken);
        check(2, &[5, 22], &[5], Verdict::Astray);
        check(2, &[5, 5000, 6, 7], &[5, 6, 7], Verdict::Taken);
        check(2, &[5, 5000, 6, 5001], &[5, 6], Verdict::Astray);
        check(2, &[5, 5000, 5001, 5002], &[5, 5001, 5002], Verdict::Taken);
        check(2, &[5, 5000, 5001], &[5, 5001], Verdict::Resynced);
    }
}
