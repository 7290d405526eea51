//! What one end knows of a call, from its primitives alone.

use crate::plan::{End, Party};
use base::{Cause, Digits, Instant};
use core::fmt;

/// Who began the end of a call, as this end sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// This end's party.
    Here,
    /// The line said so.
    Line,
}

/// One end's record of one call.
#[derive(Clone, Copy)]
pub struct Record {
    /// Of which span.
    pub span: usize,
    /// Which end.
    pub end: End,
    /// Which party is at this end.
    pub party: Party,
    /// The channel, once known.
    pub channel: Option<u8>,
    /// Calling number; empty where none came.
    pub from: Digits,
    /// Called number.
    pub to: Digits,
    /// When it was placed, or offered.
    pub began: Instant,
    /// When it was rung, as far as the line tells.
    pub alerted: Option<Instant>,
    /// When it was answered.
    pub answered: Option<Instant>,
    /// When its end began, by whom, and why.
    pub ended: Option<(Instant, Ended, Cause)>,
    /// When the channel was free, and why.
    pub released: Option<(Instant, Cause)>,
    /// When this party began to press its keys.
    pub pressed: Option<Instant>,
    /// Keys that it pressed.
    pub keyed: Digits,
    /// What the line told of it, in its order, in one number.
    pub told: u64,
    /// Keys that it heard.
    pub heard: Digits,
}

impl Record {
    /// A call that has just begun.
    pub fn new(span: usize, end: End, party: Party, began: Instant) -> Self {
        Self {
            span,
            end,
            party,
            channel: None,
            from: Digits::new(),
            to: Digits::new(),
            began,
            alerted: None,
            answered: None,
            ended: None,
            released: None,
            pressed: None,
            told: 0,
            keyed: Digits::new(),
            heard: Digits::new(),
        }
    }

    /// The cause of its end; that of the release if nothing came before.
    pub fn cause(&self) -> Option<Cause> {
        self.ended.map(|(_, _, cause)| cause).or(self.released.map(|(_, cause)| cause))
    }

    /// When it began to end.
    pub fn ended_at(&self) -> Instant {
        self.ended.map_or(self.over(), |(at, ..)| at)
    }

    /// Whether this end's party ended it.
    pub fn ended_here(&self) -> bool {
        self.ended.is_some_and(|(_, by, _)| by == Ended::Here)
    }

    /// The last moment of its life; the day's end for one that is not released.
    pub fn over(&self) -> Instant {
        self.released.map_or(Instant::new(std::time::Duration::MAX), |(at, _)| at)
    }
}

/// In one line, with times in seconds. The numbers and keys are a test's: nobody's secrets.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = |at: Instant| at.as_millis() as f64 / 1000.0;
        write!(
            f,
            "{:?} {:?} on {}/{}: {} to {}",
            self.end,
            self.party,
            self.span,
            self.channel.unwrap_or(0),
            self.from,
            self.to
        )?;
        write!(f, ", began {:.3}", at(self.began))?;
        for (what, when) in [("alerted", self.alerted), ("answered", self.answered)] {
            if let Some(when) = when {
                write!(f, ", {what} {:.3}", at(when))?;
            }
        }
        write!(f, ", keyed {} heard {}", self.keyed, self.heard)?;
        if let Some((when, by, cause)) = self.ended {
            write!(f, ", ended {:.3} {by:?} {}", at(when), cause.0)?;
        }
        match self.released {
            Some((when, cause)) => write!(f, ", released {:.3} {}", at(when), cause.0),
            None => write!(f, ", never released"),
        }
    }
}
