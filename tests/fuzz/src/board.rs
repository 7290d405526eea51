//! The serial line to a line card.

use base::Instant;
use core::time::Duration;
use wire::{Event, GONE, HELLO, Identity, Link, MAX_FRAME, Message, PROTOCOL, ToCard, ToHost};

/// A line's two ends.
struct Ends {
    now: Instant,
    host: Link<ToCard, ToHost>,
    card: Link<ToHost, ToCard>,
}

impl Ends {
    /// Time passes; what both say arrives at once.
    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.now = self.host.deadline().min(self.card.deadline()).min(end).max(self.now);
            self.host.handle_timeout(self.now);
            self.card.handle_timeout(self.now);
            for _ in 0..4 {
                carry(self.now, &mut self.host, &mut self.card);
                carry(self.now, &mut self.card, &mut self.host);
            }
            self.now += Duration::from_millis(1);
        }
    }
}

fn carry<A: Message + Clone, B: Message + Clone>(now: Instant, from: &mut Link<A, B>, to: &mut Link<B, A>) {
    let mut frame = [0; MAX_FRAME];
    // Bounded: an end has a window of messages, one block of audio and one answer to say.
    for _ in 0..16 {
        let Some(octets) = from.poll_transmit(&mut frame) else { break };
        to.handle_octets(now, octets);
    }
    while let Some(event) = to.poll_event() {
        if let Event::Audio { audio, .. } = event {
            assert!(audio.is_whole(), "{audio:?}");
        }
    }
}

/// Any octets at both ends of a link that is up; behind them the ends find each other.
pub(crate) fn wire(octets: &[u8]) {
    let identity = |lines| Identity {
        protocol: PROTOCOL,
        version: "1".try_into().expect("short"),
        serial: "1".try_into().expect("short"),
        lines,
    };
    let now = Instant::ZERO;
    let mut ends = Ends { now, host: Link::new(identity(0), 1, now), card: Link::new(identity(8), 2, now) };
    ends.pass(HELLO);
    assert!(ends.host.is_up() && ends.card.is_up());
    let (host, card) = octets.split_at(octets.len() / 2);
    ends.host.handle_octets(ends.now, host);
    ends.card.handle_octets(ends.now, card);
    ends.host.handle_octets(ends.now, octets);
    // The end of what was begun.
    ends.host.handle_octets(ends.now, &[0]);
    ends.card.handle_octets(ends.now, &[0]);
    ends.pass(GONE + 2 * HELLO);
    assert!(ends.host.is_up() && ends.card.is_up());
}
