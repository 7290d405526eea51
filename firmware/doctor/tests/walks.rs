//! Whatever is told of the lines, and whenever: no line stays off hook, none in use is touched, each test ends.

use base::{Dbm0, Instant};
use doctor::{AT_ONCE, Action, Channels, Doctor, Facts, LONGEST, LineId, Link, Order, Pair, Subject, Use};
use dsp_progress::{Spectrum, ToneEvent};
use ports::span::Alarms;
use std::collections::BTreeMap;
use std::time::Duration;
use test_signals::Random;

const LINES: u8 = 12;
const STEPS: usize = 20_000;

/// How the loop of a line stands, as orders left it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Loop {
    Free,
    Closed,
    Opened,
}

/// One walk: the doctor, and what a box must see of its orders.
struct Walk {
    random: Random,
    now: Instant,
    doctor: Doctor,
    facts: BTreeMap<LineId, Facts>,
    loops: BTreeMap<LineId, Loop>,
    begun: BTreeMap<LineId, Instant>,
    verdicts: usize,
}

impl Walk {
    fn new(seed: u64) -> Self {
        Self {
            random: Random(seed),
            now: Instant::ZERO,
            doctor: Doctor::new(),
            facts: BTreeMap::new(),
            loops: BTreeMap::new(),
            begun: BTreeMap::new(),
            verdicts: 0,
        }
    }

    fn line(&mut self) -> LineId {
        let channel = (self.random.below(usize::from(LINES)) as u8).checked_sub(1);
        LineId { span: 0, channel }
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.random.below(one_in) == 0
    }

    fn drawn_facts(&mut self) -> Facts {
        let pair = Pair {
            battery: !self.chance(8),
            reversed: self.chance(4),
            ringing: self.chance(12),
            off_hook: self.chance(2),
            since: Instant::from_millis(self.random.below(10_000) as u64),
            used: if self.chance(8) { Use::InCall } else { Use::Free },
        };
        let link = [None, Some(Link::Up), Some(Link::Establishing), Some(Link::Down)][self.random.below(4)];
        let count = self.random.below(31) as u8;
        Facts {
            alarms: Alarms { loss: self.chance(16), remote: self.chance(16), indication: self.chance(16) },
            alarms_since: Instant::from_millis(self.random.below(100_000) as u64),
            counting_since: Instant::ZERO,
            slips: self.random.below(1_000) as u64,
            bad_frames: self.random.below(1_000) as u64,
            link,
            channels: Channels { all: 30, in_use: count, blocked: 30 - count },
            pair,
        }
    }

    fn tone(&mut self) -> ToneEvent {
        let hz = [350, 400, 425, 450, 600, 950][self.random.below(6)];
        let spectrum = Spectrum::single(hz, Dbm0(-(self.random.below(40) as f32)));
        let duration_ms = 200 * (1 + self.random.below(20) as u32);
        match self.random.below(5) {
            0 => ToneEvent::Began(spectrum),
            1 => ToneEvent::Lasts { spectrum, duration_ms },
            2 => ToneEvent::Ended { spectrum, duration_ms },
            3 => ToneEvent::Voice,
            _ => ToneEvent::Silence { lasted_ms: 200 },
        }
    }

    fn step(&mut self) {
        let line = self.line();
        match self.random.below(8) {
            0 | 1 => self.begin(line),
            2 => {
                let facts = self.drawn_facts();
                self.facts.insert(line, facts);
                self.doctor.handle_facts(self.now, line, facts);
            }
            3 | 4 => {
                let tone = self.tone();
                self.doctor.handle_tone(self.now, line, &tone);
            }
            5 => self.doctor.handle_level(self.now, line, Dbm0(-(self.random.below(70) as f32))),
            _ => self.pass(),
        }
        self.obey();
    }

    fn begin(&mut self, line: LineId) {
        let subject = match line.channel {
            None => Subject::Span,
            Some(1) => Subject::Telephone,
            Some(_) => Subject::Exchange { country: ["cn", "us", ""][self.random.below(3)] },
        };
        let facts = self.drawn_facts();
        let taken = self.doctor.begin(self.now, line, subject, facts).is_ok();
        assert_eq!(taken, !self.begun.contains_key(&line), "a line is tested once at a time");
        if taken {
            self.facts.insert(line, facts);
            self.begun.insert(line, self.now);
        }
    }

    /// Time passes: to the next deadline, or somewhat less far.
    fn pass(&mut self) {
        let most = Duration::from_millis(self.random.below(400) as u64);
        let due = self.doctor.deadline().map_or(self.now + most, |due| due.max(self.now).min(self.now + most));
        self.now = due;
        self.doctor.handle_timeout(self.now);
    }

    fn obey(&mut self) {
        while let Some(action) = self.doctor.poll_action() {
            match action {
                Action::Do { line, order } => self.order(line, order),
                Action::Progress { line, .. } => assert!(self.begun.contains_key(&line)),
                Action::Done(verdict) => {
                    self.verdicts += 1;
                    assert_eq!(self.loops.get(&verdict.line).copied().unwrap_or(Loop::Free), Loop::Free);
                    assert!(verdict.took <= LONGEST, "{verdict:?}");
                    assert!(!verdict.findings.is_empty(), "something is always to be said");
                    assert!(self.begun.remove(&verdict.line).is_some());
                }
            }
        }
        let closed = self.loops.values().filter(|state| **state != Loop::Free).count();
        assert!(closed <= AT_ONCE);
    }

    #[track_caller]
    fn order(&mut self, line: LineId, order: Order) {
        let before = self.loops.get(&line).copied().unwrap_or(Loop::Free);
        let used = self.facts[&line].pair.used;
        let after = match (before, order) {
            (Loop::Free, Order::Seize) => {
                assert_eq!(used, Use::Free, "a line in use is not touched");
                Loop::Closed
            }
            (Loop::Closed, Order::HangUp) => {
                assert_eq!(used, Use::Free, "the hook is the call's");
                Loop::Opened
            }
            (Loop::Closed, Order::Release) => {
                assert_eq!(used, Use::InCall, "nobody else hangs up");
                Loop::Free
            }
            (Loop::Opened, Order::Release) => Loop::Free,
            (Loop::Closed, Order::Listen(_) | Order::Dial(_) | Order::Tone { .. } | Order::Measure { .. }) => {
                Loop::Closed
            }
            (state, order) => panic!("{order:?} on a line that is {state:?}"),
        };
        self.loops.insert(line, after);
    }
}

#[test]
fn no_line_stays_off_hook_and_every_test_ends() {
    for seed in 1..=20 {
        let mut walk = Walk::new(seed);
        (0..STEPS).for_each(|_| walk.step());
        assert!(walk.verdicts > 100, "seed {seed}: {} verdicts", walk.verdicts);
        // Left alone, all that is under way comes to its end.
        for _ in 0..1_000 {
            let Some(due) = walk.doctor.deadline() else { break };
            walk.now = walk.now.max(due);
            walk.doctor.handle_timeout(walk.now);
            walk.obey();
        }
        assert_eq!((walk.begun.len(), walk.doctor.deadline()), (0, None), "seed {seed}");
        assert!(walk.loops.values().all(|state| *state == Loop::Free), "seed {seed}");
    }
}
