use super::*;
use crate::script;

const TICK: Duration = Duration::from_millis(20);

/// A party with a clock that jumps; looks are worked at once.
struct Desk {
    party: Party,
    now: Instant,
    done: Vec<String>,
}

impl Desk {
    fn new(role: Role, text: &str) -> Self {
        let script = script::parse(text, &[]).expect("a script");
        let prepared = |step: Step| {
            let phrases = match &step.action {
                Verb::Expect { text, .. } => vec![Phrase::new(&noise(text)).expect("a phrase")],
                _ => Vec::new(),
            };
            Prepared { step, phrases, clips: Vec::new() }
        };
        let steps = script.steps.into_iter().map(prepared).collect();
        let now = Instant::ZERO;
        Self { party: Party::new(now, role, "8001", steps, Memory::Minute), now, done: Vec::new() }
    }

    fn handle(&mut self, input: Input<'_>) {
        self.party.handle(self.now, input);
        while let Some(action) = self.party.poll_action() {
            match action {
                Action::Look(look) => self.party.handle(self.now, Input::Looked(look.work())),
                other => self.done.push(format!("{other:?}")),
            }
        }
    }

    fn hear(&mut self, samples: &[i16]) {
        for samples in samples.chunks(160) {
            self.now += TICK;
            self.handle(Input::Heard(samples));
            self.handle(Input::Tick);
        }
    }

    fn pass(&mut self, ms: usize) {
        self.hear(&vec![8; ms * 8]);
    }

    fn done(&mut self) -> Vec<String> {
        std::mem::take(&mut self.done)
    }
}

/// Half a second that is like nothing else.
fn noise(name: &str) -> Vec<i16> {
    let seed = name
        .bytes()
        .fold(0xCBF2_9CE4_8422_2325_u64, |hash, octet| (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01B3));
    let mut state = seed;
    let sample = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 48) as i16 / 8
    };
    (0..4000).map(sample).collect()
}

#[test]
fn a_caller_presses_nothing_before_it_is_answered() {
    let mut desk = Desk::new(Role::Caller, "press 12\nhang up");
    desk.pass(5000);
    assert!(desk.done().is_empty());
    desk.handle(Input::Answered);
    assert_eq!(desk.done(), ["Press(Digits(12))"]);
    desk.handle(Input::Pressed);
    assert_eq!(desk.done(), ["HangUp"]);
    desk.handle(Input::Ended(Cause::NORMAL_CLEARING));
    let report = desk.party.report();
    assert!(desk.party.is_over() && report.satisfied, "{report:?}");
    assert_eq!(report.answered_ms, Some(5000));
}

#[test]
fn a_telephone_that_is_to_talk_rings_for_a_second_first() {
    let mut desk = Desk::new(Role::Telephone, "wait speech");
    desk.handle(Input::Tick);
    assert_eq!(desk.done(), ["Ring"]);
    desk.pass(980);
    assert!(desk.done().is_empty());
    desk.pass(20);
    assert_eq!(desk.done(), ["Answer"]);
}

#[test]
fn a_step_waits_as_long_as_it_says_and_no_longer() {
    let mut desk = Desk::new(Role::Caller, "wait answer within 2s");
    desk.handle(Input::Tick);
    desk.pass(1980);
    assert!(desk.done().is_empty());
    desk.pass(20);
    assert_eq!(desk.done(), ["HangUp"]);
    assert_eq!(desk.party.report().fault.as_deref(), Some("no answer within 2s"));
}

#[test]
fn words_are_heard_in_order_and_each_only_once() {
    let mut desk = Desk::new(
        Role::Caller,
        "expect en \"one\" within 5s\nexpect en \"two\" within 5s\nexpect en \"two\" within 5s\nhang up",
    );
    desk.handle(Input::Answered);
    for words in ["two", "one", "two"] {
        desk.hear(&noise(words));
        desk.pass(500);
    }
    assert_eq!(desk.party.report().steps.len(), 2, "the second `two` is still to come");
    desk.hear(&noise("two"));
    desk.pass(500);
    assert_eq!(desk.done(), ["HangUp"]);
    desk.handle(Input::Ended(Cause::NORMAL_CLEARING));
    let report = desk.party.report();
    assert!(report.satisfied, "{report:?}");
    let places: Vec<_> = report.steps[..3].iter().map(|step| step.phrases[0].from_ms).collect();
    assert_eq!(places, [1000, 2000, 3000]);
}

#[test]
fn words_that_do_not_come_in_time_are_a_fault_and_the_caller_hangs_up() {
    let mut desk = Desk::new(Role::Caller, "expect en \"one\" within 2s\nhang up");
    desk.handle(Input::Answered);
    desk.hear(&noise("two"));
    desk.pass(4000);
    assert_eq!(desk.done(), ["HangUp"]);
    let report = desk.party.report();
    assert!(report.fault.expect("a reason").starts_with("\"one\" was not heard within 2s"));
    assert_eq!((report.satisfied, report.steps.len(), report.steps[0].ok), (false, 1, false));
}

#[test]
fn what_was_said_right_before_the_end_counts() {
    let mut desk = Desk::new(Role::Caller, "expect en \"one\"\nwait hangup");
    desk.handle(Input::Answered);
    desk.hear(&noise("one"));
    desk.hear(&[8; 160]);
    desk.handle(Input::Ended(Cause::NORMAL_CLEARING));
    assert!(desk.party.is_over() && desk.party.report().satisfied, "{:?}", desk.party.report());
}

#[test]
fn an_end_before_its_time_is_a_fault_with_the_cause() {
    let mut desk = Desk::new(Role::Caller, "expect en \"one\"\npress 1");
    desk.handle(Input::Answered);
    desk.hear(&noise("one"));
    desk.hear(&[8; 160]);
    desk.handle(Input::Ended(Cause::USER_BUSY));
    let report = desk.party.report();
    assert!(desk.party.is_over() && !report.satisfied);
    assert_eq!(report.fault.as_deref(), Some("the call ended (17 (user busy)) before: press 1"));
}

#[test]
fn keys_are_taken_in_order() {
    let mut desk = Desk::new(Role::Telephone, "answer\nwait keys 12\nwait keys 2#\nhang up");
    desk.handle(Input::Tick);
    for key in "0122".chars() {
        desk.handle(Input::Key(key));
    }
    assert_eq!(desk.done(), ["Answer"]);
    desk.handle(Input::Key('#'));
    assert_eq!(desk.done(), ["HangUp"]);
}

#[test]
fn the_end_of_a_prompt_that_a_key_cut_is_nobody_speaking() {
    let mut desk = Desk::new(Role::Caller, "press 1\nwait speech\nhang up");
    desk.handle(Input::Answered);
    desk.hear(&noise("menu"));
    desk.handle(Input::Pressed);
    desk.hear(&noise("menu")[..1600]);
    desk.pass(2000);
    assert_eq!(desk.done(), ["Press(Digits(1))"]);
    desk.hear(&noise("answer"));
    assert_eq!(desk.done(), ["HangUp"]);
}
