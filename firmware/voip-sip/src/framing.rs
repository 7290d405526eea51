//! Messages cut out of a stream by Content-Length (RFC 3261 §18.3), and the keep-alive of RFC 5626 in between.

use crate::Message;
use crate::fault::{Fault, Place, Problem};
use crate::head::{Head, as_text, end_of_head};
use crate::wire::{Limits, Refused, answer, parse};
use base::Instant;
use core::time::Duration;

/// How long a message may take from its first octet to its last: as long as a transaction waits (RFC 3261 §17.1.2.2).
pub const SLOWEST: Duration = Duration::from_secs(32);

/// What a stream held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A message.
    Message(Box<Message>),
    /// Octets that are no message; the stream goes on behind them.
    Refused(Refused),
    /// Two line ends: to be answered with one (RFC 5626 §4.4.1, §5.4).
    Ping,
    /// One line end: the answer.
    Pong,
    /// Nothing can be read from here on: answer if there is an answer, then close.
    Broken(Refused),
}

/// Which end of the connection we are: only who opened it sends pings (RFC 5626 §4.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// We opened it: a line end between messages is a pong.
    Opened,
    /// The peer opened it: two line ends are a ping.
    Accepted,
}

/// One stream's reader. Drain [`Framer::poll_frame`] after every `handle_*`, then wait no longer than [`Framer::deadline`]. It holds no more
/// than one message of the largest size and what came with the octets last given.
#[derive(Clone, Debug)]
pub struct Framer {
    limits: Limits,
    end: End,
    held: Vec<u8>,
    /// No end of a head begins before this octet.
    searched: usize,
    /// Octets of the message that has begun, once its head is whole.
    whole: Option<usize>,
    /// When its first octet came.
    began: Option<Instant>,
    /// When octets came last.
    last: Instant,
    state: State,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Reading,
    TooSlow,
    Ended,
}

impl Framer {
    /// A reader of a new stream.
    pub const fn new(end: End, limits: Limits) -> Self {
        Self {
            limits,
            end,
            held: Vec::new(),
            searched: 0,
            whole: None,
            began: None,
            last: Instant::ZERO,
            state: State::Reading,
        }
    }

    /// Takes octets as they came.
    pub fn handle_octets(&mut self, now: Instant, octets: &[u8]) {
        self.handle_timeout(now);
        if self.state == State::Reading && !octets.is_empty() {
            self.held.extend_from_slice(octets);
            self.began.get_or_insert(now);
            self.last = now;
        }
    }

    /// Ends a stream whose sender takes too long over a message.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.state == State::Reading && self.deadline().is_some_and(|due| due <= now) {
            self.state = State::TooSlow;
        }
    }

    /// When the message that has begun must be whole.
    pub fn deadline(&self) -> Option<Instant> {
        match self.state {
            // Half a ping is no message that has begun.
            State::Reading if b"\r\n\r\n".starts_with(&self.held) => None,
            State::Reading => self.began.map(|began| began + SLOWEST),
            State::TooSlow | State::Ended => None,
        }
    }

    /// The next thing that the stream held.
    pub fn poll_frame(&mut self) -> Option<Frame> {
        match self.state {
            State::Ended => return None,
            State::TooSlow => {
                let fault = Fault::new(Place::Head, Problem::TooSlow);
                return Some(self.broken(Refused { fault, answer: None }));
            }
            State::Reading => {}
        }
        match (self.end, self.held.as_slice()) {
            (End::Accepted, [b'\r', b'\n', b'\r', b'\n', ..]) => Some(self.taken(4, Frame::Ping)),
            (End::Accepted, [b'\r', b'\n', b'\r'] | [b'\r', b'\n']) | (_, [b'\r'] | []) => None,
            (End::Opened, [b'\r', b'\n', ..]) => Some(self.taken(2, Frame::Pong)),
            // One line end before a message is nothing (RFC 3261 §7.5).
            (End::Accepted, [b'\r', b'\n', ..]) => {
                self.taken(2, Frame::Pong);
                self.message()
            }
            (End::Accepted | End::Opened, _) => self.message(),
        }
    }

    fn message(&mut self) -> Option<Frame> {
        let whole = match self.whole {
            Some(whole) => whole,
            None => match self.length()? {
                Ok(whole) => whole,
                Err(refused) => return Some(self.broken(refused)),
            },
        };
        self.whole = Some(whole);
        let message = parse(self.held.get(..whole)?, &self.limits);
        Some(self.taken(whole, message.map_or_else(Frame::Refused, |message| Frame::Message(Box::new(message)))))
    }

    /// Octets of the message, once its head is there.
    fn length(&mut self) -> Option<Result<usize, Refused>> {
        let within = self.held.len().min(self.limits.head);
        let Some(end) = end_of_head(&self.held[self.searched..within]).map(|end| end + self.searched) else {
            self.searched = within.saturating_sub(3);
            let too_long = self.held.len() >= self.limits.head;
            let fault = Fault::new(Place::Head, Problem::TooLong { most: self.limits.head });
            return too_long.then_some(Err(Refused { fault, answer: None }));
        };
        Some(self.length_of_body(end).map(|body| end + 4 + body))
    }

    /// The length, without which the next message's begin is unknown.
    fn length_of_body(&self, end: usize) -> Result<usize, Refused> {
        let text = as_text(&self.held[..end]);
        let head = Head::split(&text, &self.limits);
        let length = head.content_length().and_then(|length| match length {
            Some(length) if length > self.limits.body => {
                Err(Fault::new(Place::Body, Problem::TooLong { most: self.limits.body }))
            }
            Some(length) => Ok(length),
            None => Err(Fault::new(Place::Field("Content-Length"), Problem::Missing)),
        });
        length.map_err(|fault| Refused { answer: answer(&head, &fault), fault })
    }

    fn taken(&mut self, octets: usize, frame: Frame) -> Frame {
        self.held.drain(..octets);
        (self.searched, self.whole) = (0, None);
        self.began = (!self.held.is_empty()).then_some(self.last);
        frame
    }

    fn broken(&mut self, refused: Refused) -> Frame {
        self.state = State::Ended;
        self.held = Vec::new();
        Frame::Broken(refused)
    }
}
