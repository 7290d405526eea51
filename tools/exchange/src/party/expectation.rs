//! An `expect` under way: its phrases, one after the other.

use crate::hearing::Hearing;
use judge::{Match, Phrase, Search};
use std::time::Duration;

/// How long a phrase's successor may take to begin: pauses between sentences and a slow fund system lie between.
const FOLLOWS: Duration = Duration::from_secs(5);
/// Audio that is waited for beyond the phrase's length: delays of the line and of the box.
const SLACK: Duration = Duration::from_millis(500);
/// A phrase may begin in the silence in which the one before ends.
const OVERLAP: usize = 640;
/// Samples in a look: 200 ms.
const LOOK: usize = 1600;

/// A search and more samples for it: work for a thread of its own.
#[derive(Debug)]
pub struct Look {
    search: Search,
    samples: Vec<f32>,
}

/// A search that has looked.
#[derive(Debug)]
pub struct Looked {
    search: Search,
    found: Option<Match>,
}

impl Look {
    /// Does the work. A second of audio takes some tenths of a millisecond.
    #[must_use]
    pub fn work(mut self) -> Looked {
        self.search.hear(&self.samples);
        let found = self.search.look();
        Looked { search: self.search, found }
    }
}

#[derive(Debug)]
pub(super) struct Expectation {
    phrases: Vec<Phrase>,
    found: Vec<Match>,
    /// `None` while a thread has it, and at the end.
    search: Option<Search>,
    /// The sample up to which the present phrase must be over.
    until: usize,
    nearest: f32,
}

impl Expectation {
    /// Begins now, to be found in what is heard from sample `from` on.
    pub(super) fn new(phrases: Vec<Phrase>, from: usize, now: usize, within: Duration) -> Self {
        let search = phrases.first().map(|phrase| Search::new(phrase.clone(), from));
        let until = phrases.first().map_or(0, |phrase| now + samples(within + SLACK) + phrase.len());
        Self { phrases, found: Vec::new(), search, until, nearest: 0.0 }
    }

    /// All phrases were heard.
    pub(super) fn is_met(&self) -> bool {
        self.found.len() == self.phrases.len()
    }

    /// A thread is looking.
    pub(super) fn is_looking(&self) -> bool {
        self.search.is_none() && !self.is_met()
    }

    /// The time is over, and all that came in it was looked at.
    pub(super) fn is_late(&self) -> bool {
        self.search.as_ref().is_some_and(|search| search.heard_until() >= self.until)
    }

    /// What was found.
    pub(super) fn found(&self) -> &[Match] {
        &self.found
    }

    /// The share of the phrase, from its beginning, that fitted best.
    pub(super) fn nearest(&self) -> f32 {
        self.nearest
    }

    /// The next look, if there is enough to look at and nobody is looking.
    pub(super) fn look(&mut self, hearing: &Hearing, least: Least) -> Option<Look> {
        let search = self.search.take()?;
        let samples = hearing.since(search.heard_until());
        let enough = match least {
            Least::Look => LOOK,
            Least::Anything => 1,
        };
        if samples.len() < enough {
            self.search = Some(search);
            return None;
        }
        let samples = samples.iter().map(|&sample| f32::from(sample)).collect();
        Some(Look { search, samples })
    }

    /// A look came back.
    pub(super) fn looked(&mut self, looked: Looked) {
        let Some(found) = looked.found else {
            self.nearest = self.nearest.max(looked.search.nearest());
            self.search = Some(looked.search);
            return;
        };
        self.found.push(found);
        self.nearest = 0.0;
        if let Some(next) = self.phrases.get(self.found.len()) {
            self.until = found.ends + samples(FOLLOWS + SLACK) + next.len();
            self.search = Some(Search::new(next.clone(), self.listens_from().unwrap_or(found.ends)));
        }
    }

    /// From where whatever comes next is listened for.
    pub(super) fn listens_from(&self) -> Option<usize> {
        self.found.last().map(|found| found.ends.saturating_sub(OVERLAP))
    }
}

/// How much is worth a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Least {
    /// While more is to come.
    Look,
    /// At the end.
    Anything,
}

fn samples(time: Duration) -> usize {
    usize::try_from(time.as_millis() * 8).unwrap_or(usize::MAX)
}
