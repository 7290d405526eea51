//! The end of a session: what is still heard, what is taken back, and final processing (VoiceXML 2.0 §1.5.4).

use super::{Interpreter, Thrown, Wait};
use crate::api::{Action, ExitReason, PlayId};
use base::Instant;

/// The caller is gone, and handlers of `connection.disconnect` may still run (VoiceXML 2.0 §1.5.4).
pub(super) struct Ending {
    pub(super) reason: ExitReason,
    pub(super) until: Instant,
    event: &'static str,
    /// The event was thrown; the next wait ends the session.
    pub(super) is_told: bool,
}

/// What follows when everything queued was heard.
pub(super) enum AfterPlay {
    Exit(ExitReason, Vec<(String, String)>),
    Disconnect,
    Transfer(usize),
}

impl Interpreter {
    /// Everything queued was heard.
    pub(super) fn played(&mut self) {
        match core::mem::replace(&mut self.wait, Wait::Nothing) {
            Wait::Play(_, after) => self.play_then(after),
            other => self.wait = other,
        }
    }

    /// Plays what is queued to its end, then goes on.
    pub(super) fn play_then(&mut self, after: AfterPlay) {
        if self.ending.is_some() {
            self.queue.clear();
        }
        if let Some(chunk) = self.queue.next_chunk() {
            let play = self.new_play();
            self.actions.push_back(Action::Play { play, items: chunk.items, barge_in: false });
            self.wait = Wait::Play(play, after);
            return;
        }
        match after {
            AfterPlay::Exit(reason, values) => self.end(reason, values),
            AfterPlay::Disconnect => self.disconnect_now(),
            AfterPlay::Transfer(item) => {
                if let Err(thrown) = self.begin_transfer(item) {
                    self.throw(thrown);
                }
            }
        }
    }

    /// `<exit>`, or the end of the last form: what is queued is heard first.
    pub(super) fn finish(&mut self, reason: ExitReason, values: Vec<(String, String)>) {
        let reason = match &self.ending {
            Some(ending) => ending.reason.clone(),
            None => reason,
        };
        self.play_then(AfterPlay::Exit(reason, values));
    }

    pub(super) fn end(&mut self, reason: ExitReason, values: Vec<(String, String)>) {
        self.set_sensitive(false);
        self.stop_all();
        self.contexts.clear();
        self.queue.clear();
        self.typed.clear();
        self.wait = Wait::Ended;
        self.actions.push_back(Action::Exit { reason, values });
    }

    pub(super) fn end_of_call(&mut self) {
        let reason = self.ending.as_ref().map_or(ExitReason::Finished, |ending| ending.reason.clone());
        self.end(reason, Vec::new());
    }

    /// Takes back what the world still does for us.
    pub(super) fn stop_all(&mut self) {
        match core::mem::replace(&mut self.wait, Wait::Nothing) {
            Wait::Fetch(fetching) => {
                if fetching.result.is_none() {
                    self.actions.push_back(Action::CancelFetch(fetching.id));
                }
                self.stop(fetching.play);
            }
            Wait::Collect(collect) => self.stop(collect.play),
            Wait::Play(play, _) => self.stop(Some(play)),
            Wait::Transfer(transferring) => self.stop_transfer(&transferring),
            Wait::Nothing | Wait::Ended => {}
        }
    }

    pub(super) fn stop(&mut self, play: Option<PlayId>) {
        if let Some(play) = play {
            self.actions.push_back(Action::StopPlay(play));
        }
    }

    /// The caller hung up. While nothing is asked of the caller the event waits (VoiceXML 2.0 §4.1.8).
    pub(super) fn hang_up(&mut self) {
        if self.ending.is_some() {
            return;
        }
        self.begin_ending(ExitReason::HungUp, "connection.disconnect.hangup");
        self.typed.clear();
        self.queue.clear();
        match core::mem::replace(&mut self.wait, Wait::Nothing) {
            Wait::Fetch(mut fetching) => {
                self.stop(fetching.play.take());
                let ready = fetching.result.is_some();
                self.wait = Wait::Fetch(fetching);
                if ready {
                    self.fetch_audio_done();
                }
            }
            Wait::Play(play, AfterPlay::Exit(_, values)) => {
                self.stop(Some(play));
                self.end(ExitReason::HungUp, values);
            }
            other => {
                self.wait = other;
                self.stop_all();
                self.tell_ending();
            }
        }
    }

    /// From now on the session may only clean up.
    pub(super) fn begin_ending(&mut self, reason: ExitReason, event: &'static str) {
        let until = self.now + self.limits.final_processing;
        self.ending = Some(Ending { reason, until, event, is_told: false });
        self.set_sensitive(false);
    }

    /// Throws the event of the end, once; a second wait after that ends the session.
    pub(super) fn tell_ending(&mut self) {
        let Some(ending) = &mut self.ending else { return };
        if ending.is_told {
            return self.end_of_call();
        }
        ending.is_told = true;
        let event = ending.event.to_owned();
        self.throw(Thrown { event, message: String::new(), is_fault: false });
    }

    pub(super) fn disconnect_now(&mut self) {
        if self.ending.is_none() {
            self.actions.push_back(Action::Disconnect);
            self.begin_ending(ExitReason::Disconnected, "connection.disconnect.hangup");
        }
        self.tell_ending();
    }
}
