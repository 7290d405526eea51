//! A play: how far it is, which marks it has passed, how many turns are left. The same for samples and for symbols.

use crate::{BargeIn, Clip, Event, PlayEnd, PlayId, PortId, Repeat, Sink};
use std::sync::Arc;

/// A play, waiting or under way.
pub(crate) struct Play {
    pub(crate) id: PlayId,
    pub(crate) clip: Arc<Clip>,
    pub(crate) barge_in: BargeIn,
    /// Turns after this one; `None` is for ever.
    turns: Option<u16>,
    /// Samples of this turn already sent.
    at: usize,
    /// Samples of the turns before.
    before: u64,
    /// Marks of this turn already told.
    told: usize,
}

impl Play {
    pub(crate) fn new(id: PlayId, clip: Arc<Clip>, barge_in: BargeIn, repeat: Repeat) -> Self {
        let turns = match repeat {
            // There would be no end of turns in one block.
            _ if clip.alaw().is_empty() => Some(0),
            Repeat::Times(times) => Some(times.saturating_sub(1)),
            Repeat::Endless => None,
        };
        Self { id, clip, barge_in, turns, at: 0, before: 0, told: 0 }
    }

    /// Samples of this turn already sent.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    fn left(&self) -> usize {
        self.clip.alaw().len() - self.at
    }

    /// Samples until something is to be told: a mark or the end of this turn.
    pub(crate) fn until_news(&self) -> usize {
        let mark = self.clip.marks().get(self.told).map_or(usize::MAX, |&mark| mark as usize);
        self.left().min(mark.saturating_sub(self.at).saturating_add(1))
    }

    /// Whether this turn is over.
    pub(crate) fn is_over(&self) -> bool {
        self.left() == 0
    }

    /// Begins the next turn; false if there is none.
    pub(crate) fn begin_turn(&mut self) -> bool {
        match &mut self.turns {
            Some(0) => return false,
            Some(turns) => *turns -= 1,
            None => {}
        }
        self.before += self.at as u64;
        (self.at, self.told) = (0, 0);
        true
    }

    /// Counts as many samples as sent as there are in this turn, and tells how many that was.
    pub(crate) fn advance(&mut self, samples: usize) -> usize {
        let taken = samples.min(self.left());
        self.at += taken;
        taken
    }

    /// Tells of the marks that were passed.
    pub(crate) fn tell_marks(&mut self, port: PortId, sink: &mut impl Sink) {
        let is_over = self.is_over();
        while let Some(&mark) = self.clip.marks().get(self.told)
            && (is_over || (mark as usize) < self.at)
        {
            let number = u16::try_from(self.told).unwrap_or(u16::MAX);
            sink.event(Event::Mark { port, play: self.id, mark: number });
            self.told += 1;
        }
    }

    pub(crate) fn done(self, port: PortId, reason: PlayEnd, sink: &mut impl Sink) {
        let samples = self.before + self.at as u64;
        let played_ms = u32::try_from(samples / 8).unwrap_or(u32::MAX);
        sink.event(Event::PlayDone { port, play: self.id, played_ms, samples, reason, clip: self.clip });
    }
}

/// A port on hold, and what it hears meanwhile.
pub(crate) struct Hold {
    pub(crate) music: Option<Arc<Clip>>,
    at: usize,
}

impl Hold {
    pub(crate) const fn new(music: Option<Arc<Clip>>) -> Self {
        Self { music, at: 0 }
    }

    /// Hands out the next samples of the music in pieces, until there were so many.
    pub(crate) fn pieces(&mut self, samples: usize, mut take: impl FnMut(usize, &[u8])) {
        let Some(music) = self.music.as_deref().map(Clip::alaw).filter(|music| !music.is_empty()) else { return };
        let mut done = 0;
        while done < samples {
            let piece = (samples - done).min(music.len() - self.at);
            take(done, &music[self.at..self.at + piece]);
            done += piece;
            self.at = (self.at + piece) % music.len();
        }
    }

    pub(crate) fn ended(self, port: PortId, sink: &mut impl Sink) {
        sink.event(Event::HoldEnded { port, music: self.music });
    }
}
