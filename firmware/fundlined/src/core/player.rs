//! Prompts of one caller: whole to the application, clip by clip to the engine.

use super::LoadId;
use ipc::ivr::{Piece, PlayEnd, SessionId};
use media::{BargeIn, Clip, PlayId};
use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

/// Prompts that may wait for one caller. A further one fails at once.
const PROMPTS: usize = 16;
/// Clips of one caller that the engine holds at a time: enough that none is late, and below what its queue takes.
const AHEAD: usize = 8;
/// Longest silence in a prompt, in milliseconds.
const LONGEST_SILENCE: u32 = 600_000;
/// Silence before the first prompt of a call, in milliseconds: an exchange connects the caller through only when CONNECT has reached
/// it, which takes so long when thirty calls share a D-channel of 64 kbit/s.
const LEAD: u32 = 300;
/// Octets of A-law in a millisecond.
const OCTETS_A_MS: usize = 8;

/// A prompt on its way.
#[derive(Debug)]
struct Prompt {
    session: SessionId,
    play: u32,
    barge_in: BargeIn,
    load: Option<LoadId>,
    pieces: Vec<Piece>,
    clips: VecDeque<Arc<Clip>>,
    /// Silence before its own first piece.
    lead_ms: u32,
    /// In the engine.
    out: VecDeque<PlayId>,
    played_ms: u32,
    end: PlayEnd,
}

/// What a prompt came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Done {
    pub(super) session: SessionId,
    pub(super) play: u32,
    pub(super) end: PlayEnd,
    pub(super) played_ms: u32,
}

/// The prompts of one caller, in order.
#[derive(Debug, Default)]
pub(super) struct Player {
    prompts: VecDeque<Prompt>,
    led_in: bool,
}

/// A prompt that the application wants played.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) session: SessionId,
    pub(super) play: u32,
    pub(super) pieces: Vec<Piece>,
    pub(super) barge_in: BargeIn,
    /// Where files must be read first.
    pub(super) load: Option<LoadId>,
}

impl Player {
    /// Queues a prompt; `false` where too many wait.
    pub(super) fn add(&mut self, wanted: Wanted) -> bool {
        if self.prompts.len() >= PROMPTS {
            return false;
        }
        let Wanted { session, play, pieces, barge_in, load } = wanted;
        let mut prompt = Prompt {
            session,
            play,
            barge_in,
            load,
            pieces,
            clips: VecDeque::new(),
            lead_ms: if std::mem::replace(&mut self.led_in, true) { 0 } else { LEAD },
            out: VecDeque::new(),
            played_ms: 0,
            end: PlayEnd::Completed,
        };
        if load.is_none() {
            prompt.fill(Vec::new());
        }
        self.prompts.push_back(prompt);
        true
    }

    /// The prompt's files were read, or not.
    pub(super) fn loaded(&mut self, load: LoadId, result: Result<Vec<Arc<Clip>>, String>) {
        let Some(prompt) = self.prompts.iter_mut().find(|prompt| prompt.load == Some(load)) else { return };
        prompt.load = None;
        match result {
            Ok(clips) => prompt.fill(clips),
            Err(_) => prompt.give_up(PlayEnd::Failed),
        }
    }

    /// The next clips for the engine, in order.
    pub(super) fn feed(&mut self, next_play: &mut u32) -> Vec<(PlayId, Arc<Clip>, BargeIn)> {
        let mut ahead: usize = self.prompts.iter().map(|prompt| prompt.out.len()).sum();
        let mut fed = Vec::new();
        for prompt in &mut self.prompts {
            while ahead < AHEAD
                && let Some(clip) = prompt.clips.pop_front()
            {
                let play = PlayId(*next_play);
                *next_play = next_play.wrapping_add(1);
                prompt.out.push_back(play);
                fed.push((play, clip, prompt.barge_in));
                ahead += 1;
            }
            if prompt.load.is_some() || !prompt.clips.is_empty() {
                break;
            }
        }
        fed
    }

    /// The engine is done with a clip. True where a key stopped it: whatever else the engine still has must be stopped too.
    pub(super) fn clip_done(&mut self, play: PlayId, played_ms: u32, reason: media::PlayEnd) -> bool {
        let Some(prompt) = self.prompts.iter_mut().find(|prompt| prompt.out.contains(&play)) else { return false };
        prompt.out.retain(|other| *other != play);
        prompt.played_ms = prompt.played_ms.saturating_add(played_ms);
        match reason {
            media::PlayEnd::Completed => false,
            media::PlayEnd::BargedIn => {
                let first = prompt.end != PlayEnd::BargedIn;
                self.prompts.iter_mut().for_each(|prompt| prompt.give_up(PlayEnd::BargedIn));
                first
            }
            media::PlayEnd::Stopped | media::PlayEnd::Closed => {
                prompt.give_up(PlayEnd::Stopped);
                false
            }
            media::PlayEnd::Refused => {
                prompt.give_up(PlayEnd::Failed);
                false
            }
        }
    }

    /// Ends every prompt. The engine must be told to stop, unless there are none.
    pub(super) fn stop(&mut self, end: PlayEnd) -> bool {
        self.prompts.iter_mut().for_each(|prompt| prompt.give_up(end));
        !self.prompts.is_empty()
    }

    /// A key that came by signaling: the engine did not hear it. True where it stops what plays.
    pub(super) fn key(&mut self) -> bool {
        let allowed = self.prompts.front().is_some_and(|prompt| prompt.barge_in == BargeIn::Allowed);
        allowed && self.stop(PlayEnd::BargedIn)
    }

    /// The application is gone: nobody wants to know any more.
    pub(super) fn forget(&mut self) {
        self.prompts.clear();
    }

    /// The oldest prompt that has come to its end.
    pub(super) fn take_done(&mut self) -> Option<Done> {
        let prompt = self.prompts.front()?;
        if prompt.load.is_some() || !prompt.clips.is_empty() || !prompt.out.is_empty() {
            return None;
        }
        let Prompt { session, play, end, played_ms, lead_ms, .. } = self.prompts.pop_front()?;
        Some(Done { session, play, end, played_ms: played_ms.saturating_sub(lead_ms) })
    }
}

impl Prompt {
    fn fill(&mut self, files: Vec<Arc<Clip>>) {
        let mut files = files.into_iter();
        self.clips.extend(silence(self.lead_ms));
        for piece in std::mem::take(&mut self.pieces) {
            match piece {
                Piece::File(_) => self.clips.extend(files.next()),
                Piece::Silence(ms) => self.clips.extend(silence(ms.min(LONGEST_SILENCE))),
            }
        }
    }

    /// No more of it is played; the first reason counts.
    fn give_up(&mut self, end: PlayEnd) {
        if self.end == PlayEnd::Completed {
            self.end = end;
        }
        self.load = None;
        self.pieces.clear();
        self.clips.clear();
    }
}

/// Silence: a second that all share, as often as wanted, and the rest.
fn silence(ms: u32) -> impl Iterator<Item = Arc<Clip>> {
    static SECOND: OnceLock<Arc<Clip>> = OnceLock::new();
    let of = |ms: u32| Arc::new(Clip::from_alaw(&vec![ports::span::SILENCE; ms as usize * OCTETS_A_MS]));
    let second = Arc::clone(SECOND.get_or_init(|| of(1000)));
    let rest = Some(ms % 1000).filter(|rest| *rest > 0).map(of);
    std::iter::repeat_n(second, ms as usize / 1000).chain(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: SessionId = SessionId(1);

    fn clip(ms: usize) -> Arc<Clip> {
        Arc::new(Clip::from_alaw(&vec![0; ms * OCTETS_A_MS]))
    }

    fn wanted(play: u32, pieces: Vec<Piece>, barge_in: BargeIn) -> Wanted {
        let load = pieces.iter().any(|piece| matches!(piece, Piece::File(_))).then_some(LoadId(play));
        Wanted { session: SESSION, play, pieces, barge_in, load }
    }

    fn files(count: usize) -> Vec<Piece> {
        (0..count).map(|at| Piece::File(at.to_string())).collect()
    }

    /// Plays all to the end, as an engine without a caller would.
    fn run_out(player: &mut Player, next: &mut u32, fed: Vec<(PlayId, Arc<Clip>, BargeIn)>) -> usize {
        let (mut waiting, mut count) = (VecDeque::from(fed), 0);
        while let Some((play, clip, _)) = waiting.pop_front() {
            assert!(waiting.len() < AHEAD);
            count += 1;
            assert!(!player.clip_done(play, clip.duration_ms(), media::PlayEnd::Completed));
            waiting.extend(player.feed(next));
        }
        count
    }

    #[test]
    fn a_prompt_of_many_pieces_never_fills_the_engines_queue() {
        let (mut player, mut next) = (Player::default(), 1);
        assert!(player.add(wanted(7, files(100), BargeIn::Allowed)));
        assert!(player.feed(&mut next).is_empty(), "its files are not read yet");
        player.loaded(LoadId(7), Ok((0..100).map(|_| clip(20)).collect()));
        let fed = player.feed(&mut next);
        assert_eq!(run_out(&mut player, &mut next, fed), 100 + 1, "the lead is one more");
        let done = Done { session: SESSION, play: 7, end: PlayEnd::Completed, played_ms: 2000 };
        assert_eq!(player.take_done(), Some(done));
        assert_eq!(player.take_done(), None);
    }

    #[test]
    fn silence_stands_where_it_was_written() {
        let (mut player, mut next) = (Player::default(), 1);
        let pieces = vec![Piece::Silence(1500), Piece::File("a".into()), Piece::Silence(20)];
        player.add(wanted(1, pieces, BargeIn::Refused));
        player.loaded(LoadId(1), Ok(vec![clip(70)]));
        let lengths: Vec<u32> = player.feed(&mut next).iter().map(|(_, clip, _)| clip.duration_ms()).collect();
        assert_eq!(lengths, [LEAD, 1000, 500, 70, 20]);
    }

    #[test]
    fn a_key_ends_all_prompts_and_each_is_told_once() {
        let (mut player, mut next) = (Player::default(), 1);
        player.add(wanted(1, files(20), BargeIn::Allowed));
        player.add(wanted(2, files(1), BargeIn::Allowed));
        player.loaded(LoadId(1), Ok((0..20).map(|_| clip(1000)).collect()));
        let fed = player.feed(&mut next);
        assert!(
            player.clip_done(fed[0].0, LEAD + 400, media::PlayEnd::BargedIn),
            "the engine may have been given more since"
        );
        for (play, ..) in &fed[1..] {
            assert!(!player.clip_done(*play, 0, media::PlayEnd::BargedIn));
        }
        assert!(player.feed(&mut next).is_empty());
        let ends: Vec<Done> = std::iter::from_fn(|| player.take_done()).collect();
        let barged = |play, played_ms| Done { session: SESSION, play, end: PlayEnd::BargedIn, played_ms };
        assert_eq!(ends, [barged(1, 400), barged(2, 0)]);
        player.loaded(LoadId(2), Ok(vec![clip(1)]));
        assert!(player.feed(&mut next).is_empty(), "files that come late are not played");
    }

    #[test]
    fn a_file_that_cannot_be_read_fails_its_prompt_and_no_other() {
        let (mut player, mut next) = (Player::default(), 1);
        player.add(wanted(1, files(2), BargeIn::Allowed));
        player.add(wanted(2, files(1), BargeIn::Allowed));
        player.loaded(LoadId(2), Ok(vec![clip(10)]));
        assert!(player.feed(&mut next).is_empty(), "the first is not read yet");
        player.loaded(LoadId(1), Err("x.wav: no such file".into()));
        let fed = player.feed(&mut next);
        assert_eq!(player.take_done().map(|done| (done.play, done.end)), Some((1, PlayEnd::Failed)));
        assert_eq!(run_out(&mut player, &mut next, fed), 1);
        assert_eq!(player.take_done().map(|done| (done.play, done.end)), Some((2, PlayEnd::Completed)));
    }

    #[test]
    fn too_many_prompts_are_refused() {
        let mut player = Player::default();
        let taken = (0..100).filter(|at| player.add(wanted(*at, files(1), BargeIn::Allowed))).count();
        assert_eq!(taken, PROMPTS);
    }
}
