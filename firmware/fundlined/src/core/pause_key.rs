//! An agent pauses the recording of its talk by keys, and hears that it did. Its caller hears neither keys nor confirmation.

use super::Core;
use base::{Dbm0, Digit, Digits, Instant};
use call::{At, LegId, RecordingState};
use media::{Cadence, Clamp, Command, DtmfDetection, Length, PortId, ToneSpec};
use std::time::Duration;

/// Keys of one code come no further apart.
const BETWEEN_KEYS: Duration = Duration::from_secs(3);

/// One tone for a pause, two higher ones for its end. Only the agent hears them, and no recording does.
const fn confirmation(hz: f32, cadence: Cadence, ms: u32) -> ToneSpec {
    ToneSpec { first_hz: hz, second_hz: None, level: Dbm0(-16.0), cadence, length: Length::Ms(ms) }
}
const PAUSED: ToneSpec = confirmation(620.0, Cadence::new(&[(300, 100)]), 300);
const RESUMED: ToneSpec = confirmation(1100.0, Cadence::new(&[(80, 80)]), 240);

/// How much of the code was keyed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Keyed {
    count: usize,
    last: Option<Instant>,
}

impl Keyed {
    /// One more key. True with the last one of the code.
    fn key(&mut self, now: Instant, code: &Digits, digit: Digit) -> bool {
        let code = code.as_str().as_bytes();
        if self.last.is_some_and(|last| now.since(last) > BETWEEN_KEYS) {
            self.count = 0;
        }
        self.last = Some(now);
        let is = |at: usize| code.get(at).is_some_and(|&wanted| char::from(wanted) == digit.as_char());
        // A wrong key may be the first of the next try.
        self.count = if is(self.count) { self.count + 1 } else { usize::from(is(0)) };
        if self.count == code.len() {
            self.count = 0;
            return true;
        }
        false
    }
}

impl Core {
    /// The same box, whose agents pause recordings by this code.
    pub fn with_pause_key(self, code: Digits) -> Self {
        Self { pause_key: Some(code).filter(|code| !code.is_empty()), ..self }
    }

    /// A second leg is joined to its caller: its keys may be the code.
    pub(super) fn hear_agent(&mut self, port: PortId) {
        if self.pause_key.is_some() {
            self.take_keys(port, DtmfDetection::On);
            self.media(Command::ClampPassed { port, clamp: Clamp::On });
        }
    }

    /// It is no longer.
    pub(super) fn forget_agent(&mut self, peer: LegId) {
        if let Some(port) = self.lines.port(peer).filter(|_| self.pause_key.is_some()) {
            self.take_keys(port, DtmfDetection::Off);
            self.media(Command::ClampPassed { port, clamp: Clamp::Off });
        }
    }

    /// A leg pressed a key; only that of an agent who talks has a meaning here.
    pub(super) fn agent_key(&mut self, at: At, leg: LegId, digit: Digit) {
        let (Some(code), Some(line)) = (self.pause_key, self.lines.get_mut(leg)) else { return };
        if line.session.is_some() || !line.keyed.key(at.now, &code, digit) {
            return;
        }
        let port = line.port;
        let (Some(state), Some(port)) = (self.model.toggle_pause(at, leg), port) else { return };
        let tone = match state {
            RecordingState::On => RESUMED,
            RecordingState::Paused | RecordingState::Masked => PAUSED,
        };
        self.media(Command::Tone { port, tone });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(keys: &[(u64, char)], expected: usize) {
        let (code, mut keyed) = ("*7".parse().unwrap(), Keyed::default());
        let done =
            keys.iter().filter(|(ms, key)| keyed.key(Instant::from_millis(*ms), &code, Digit::new(*key).unwrap()));
        assert_eq!(done.count(), expected, "{keys:?}");
    }

    #[test]
    fn the_code_is_heard_once_each_time_it_is_keyed() {
        check(&[(0, '*'), (3000, '7')], 1);
        check(&[(0, '*'), (3001, '7')], 0);
        check(&[(0, '*'), (100, '*'), (200, '7'), (300, '7')], 1);
        check(&[(0, '*'), (100, '7'), (200, '*'), (300, '7')], 2);
        check(&[(0, '7'), (100, '*')], 0);
    }
}
