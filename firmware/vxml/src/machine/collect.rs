//! Waiting for keys: prompts and barge-in, the timers of VoiceXML 2.0 Appendix D, and what an input means.

use super::grammars::{Active, Gathered};
use super::heard::{Heard, Owner, wipe};
use super::prompts::Chunk;
use super::{Done, Interpreter, Thrown, Wait, Work};
use crate::api::{Action, PlayEnd, PlayId};
use crate::grammar::{Meaning, Progress};
use base::{Digit, Instant};
use core::time::Duration;

/// `timeout` where nothing says one (VoiceXML 2.0 §6.3.2 leaves it to the platform).
const TIMEOUT: Duration = Duration::from_secs(7);
/// `interdigittimeout` (VoiceXML 2.0 §6.3.3 leaves it to the platform).
const INTERDIGIT_TIMEOUT: Duration = Duration::from_secs(3);
/// Keys of one input.
const MOST_KEYS: usize = 256;

/// Steps of all grammars that listen at once: what one key may cost.
const MOST_STEPS: usize = 40_000;

/// One wait for input.
pub(super) struct Collect {
    active: Vec<Active>,
    keys: Vec<Digit>,
    /// What plays, and whether a key stops it.
    pub(super) play: Option<PlayId>,
    can_barge_in: bool,
    /// What played last, to be heard again if the key that stopped it was not meant for it.
    chunk: Option<Chunk>,
    is_stopped: bool,
    due: Option<Instant>,
    timeout: Duration,
    interdigit: Duration,
    term: Duration,
    termchar: Option<Digit>,
    takes_keys: bool,
    is_sensitive: bool,
}

/// What the keys so far amount to.
enum Verdict {
    /// More keys may or must come.
    More,
    /// Complete, and nothing may follow.
    Complete,
    /// No grammar can match any more, but some are longer than this: the caller may still be typing.
    Hopeless,
    /// No grammar can match, and none is longer.
    NoMatch,
}

impl Collect {
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    fn verdict(&self) -> Verdict {
        let all: Vec<Progress> = self.active.iter().map(|active| active.grammar.progress(&self.keys)).collect();
        if all.iter().any(|progress| matches!(progress, Progress::Partial | Progress::CompleteExtendable)) {
            Verdict::More
        } else if all.contains(&Progress::Complete) {
            Verdict::Complete
        } else if self.active.iter().all(|active| active.grammar.is_at_most(self.keys.len())) {
            Verdict::NoMatch
        } else {
            Verdict::Hopeless
        }
    }

    /// Whether that key leads anywhere after the keys so far.
    fn leads_on(&self, key: Digit) -> bool {
        let mut keys = self.keys.clone();
        keys.push(key);
        self.active.iter().any(|active| active.grammar.progress(&keys) != Progress::NoMatch)
    }

    /// The first grammar that accepts the keys as they are.
    fn accepted(&self) -> Option<(Meaning, Owner)> {
        let complete = |active: &&Active| {
            matches!(active.grammar.progress(&self.keys), Progress::Complete | Progress::CompleteExtendable)
        };
        let active = self.active.iter().find(complete)?;
        active.grammar.meaning(&self.keys).map(|meaning| (meaning, active.owner.clone()))
    }
}

/// Keys may be a secret: they are overwritten when the wait is over.
impl Drop for Collect {
    fn drop(&mut self) {
        wipe(&mut self.keys);
    }
}

impl Interpreter {
    /// Begins to wait for input to an item.
    pub(super) fn collect(&mut self, number: usize) -> Done {
        if self.ending.is_some() {
            self.tell_ending();
            return Ok(());
        }
        let Gathered::All(active) = self.gather(number, Work::Collect(number))? else { return Ok(()) };
        if active.is_empty() {
            return Err(Thrown::semantic(
                "no key can fill this item; add a grammar with mode=\"dtmf\", a type or dtmf",
            ));
        }
        if active.iter().map(|active| active.grammar.size()).sum::<usize>() > MOST_STEPS {
            return Err(Thrown::semantic(
                "the grammars that listen here are too large together; lower their repeat counts",
            ));
        }
        let is_sensitive = self.property_truth("fundline.sensitive", false);
        let termchar = self.property("termchar").map_or(Digit::new('#'), |key| key.chars().next().and_then(Digit::new));
        let said = self.queue.take_timeout();
        let collect = Collect {
            active,
            keys: Vec::new(),
            play: None,
            can_barge_in: true,
            chunk: None,
            is_stopped: false,
            due: None,
            timeout: said.or(self.property_time("timeout")).unwrap_or(TIMEOUT),
            interdigit: self.property_time("interdigittimeout").unwrap_or(INTERDIGIT_TIMEOUT),
            term: self.property_time("termtimeout").unwrap_or(Duration::ZERO),
            termchar,
            takes_keys: self
                .property("inputmodes")
                .is_none_or(|modes| modes.split_whitespace().any(|mode| mode == "dtmf")),
            is_sensitive,
        };
        if self.queue.must_be_heard() || !collect.takes_keys {
            self.typed.clear();
        }
        self.wait = Wait::Collect(Box::new(collect));
        self.set_sensitive(is_sensitive);
        if self.typed.is_empty() {
            self.next_prompt();
        } else {
            // The caller knows the way: what was typed ahead stops the prompts before they begin.
            self.queue.clear();
            self.take_typed();
        }
        Ok(())
    }

    fn take_typed(&mut self) {
        while matches!(self.wait, Wait::Collect(_)) {
            match self.typed.pop_front() {
                Some(digit) => self.key(digit),
                None => break,
            }
        }
        if let Wait::Collect(collect) = &mut self.wait
            && collect.due.is_none()
        {
            collect.due = Some(self.now + collect.timeout);
        }
    }

    /// Plays the next chunk of the queue, or starts the wait in silence.
    fn next_prompt(&mut self) {
        let chunk = self.queue.next_chunk();
        let play = self.new_play();
        let Wait::Collect(collect) = &mut self.wait else { return };
        match chunk {
            Some(chunk) => {
                collect.play = Some(play);
                collect.due = None;
                collect.can_barge_in = chunk.barge_in && collect.takes_keys;
                let (items, barge_in) = (chunk.items.clone(), collect.can_barge_in);
                collect.chunk = Some(chunk);
                self.actions.push_back(Action::Play { play, items, barge_in });
            }
            None => {
                collect.play = None;
                collect.chunk = None;
                collect.due = Some(self.now + collect.timeout);
            }
        }
    }

    /// The media plane may have stopped the prompt at a key before the key itself is told: that key decides.
    pub(super) fn prompt_done(&mut self, reason: PlayEnd) {
        let Wait::Collect(collect) = &mut self.wait else { return };
        if reason == PlayEnd::BargedIn {
            collect.play = None;
            collect.due = Some(self.now + collect.timeout);
            if collect.is_stopped {
                self.play_again();
            } else {
                collect.is_stopped = true;
            }
        } else {
            self.next_prompt();
        }
    }

    /// The key that stopped the prompt belonged to the input before: the prompt begins anew.
    fn play_again(&mut self) {
        let Wait::Collect(collect) = &mut self.wait else { return };
        collect.is_stopped = false;
        if let Some(chunk) = collect.chunk.take() {
            self.queue.push_front(chunk);
            self.next_prompt();
        }
    }

    /// A key while input is waited for.
    pub(super) fn key(&mut self, digit: Digit) {
        self.refill();
        let now = self.now;
        let Wait::Collect(collect) = &mut self.wait else { return };
        let late = self.late_termchar.take();
        let is_late = collect.keys.is_empty() && late.is_some_and(|(key, until)| key == digit && now <= until);
        if !collect.takes_keys {
            return;
        }
        if is_late && !collect.leads_on(digit) {
            // Whether the media plane stopped the prompt for it is known already, or will be told.
            if collect.is_stopped {
                self.play_again();
            } else {
                collect.is_stopped = collect.play.is_some() && collect.can_barge_in;
            }
            return;
        }
        collect.is_stopped = false;
        if let Some(play) = collect.play {
            if !collect.can_barge_in {
                return;
            }
            collect.play = None;
            self.actions.push_back(Action::StopPlay(play));
        }
        self.queue.clear();
        if Some(digit) == collect.termchar && !collect.leads_on(digit) {
            return self.settle();
        }
        collect.keys.push(digit);
        match collect.verdict() {
            Verdict::More | Verdict::Hopeless if collect.keys.len() >= MOST_KEYS => self.settle(),
            Verdict::More | Verdict::Hopeless => collect.due = Some(now + collect.interdigit),
            Verdict::Complete if collect.termchar.is_some() && !collect.term.is_zero() => {
                collect.due = Some(now + collect.term);
            }
            Verdict::Complete => {
                self.late_termchar = collect.termchar.map(|key| (key, now + collect.interdigit));
                self.settle();
            }
            Verdict::NoMatch => self.settle(),
        }
    }

    pub(super) fn collect_timed_out(&mut self) {
        self.queue.clear();
        match &self.wait {
            Wait::Collect(collect) if collect.keys.is_empty() => self.throw(plain("noinput")),
            _ => self.settle(),
        }
    }

    /// The input is over: it matches or it does not.
    fn settle(&mut self) {
        let Wait::Collect(collect) = &mut self.wait else { return };
        let Some((meaning, owner)) = collect.accepted() else {
            self.typed.clear();
            return self.throw(plain("nomatch"));
        };
        let heard =
            Heard { keys: core::mem::take(&mut collect.keys), meaning, owner, is_sensitive: collect.is_sensitive };
        self.stop_all();
        self.push([Work::Apply(heard)]);
    }
}

fn plain(event: &str) -> Thrown {
    Thrown { event: event.into(), message: String::new(), is_fault: false }
}
