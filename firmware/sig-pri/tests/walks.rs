//! Seeded walks: models that say anything at any time, a line that loses frames and breaks, and in the end both sides agree.

mod pair;

use base::Cause;
use pair::{BOTH, NETWORK, Pair, USER, clearing, digits, released, setup};
use ports::call::{Address, Inband, Primitive, Setup};
use ports::span::Alarms;
use proptest::prelude::*;
use sig_pri::CallHandle;
use sig_q931::Overlap;
use std::collections::BTreeSet;
use std::time::Duration;

#[derive(Clone, Copy, Debug)]
enum Step {
    Call {
        end: usize,
        channel: Option<u8>,
        address: Address,
    },
    /// A word about one of the calls that the model knows, counted round.
    Say {
        end: usize,
        which: usize,
        primitive: Primitive,
    },
    Move(usize),
    Lose(usize),
    Expire,
    Alarms(usize, bool),
    Restart(usize, u8),
    RestartAll(usize),
    Settle,
}

fn primitive() -> impl Strategy<Value = Primitive> {
    let open = Address::Open;
    prop_oneof![
        4 => Just(Primitive::Proceeding),
        2 => Just(Primitive::Alerting(Inband::Silent)),
        1 => Just(Primitive::Alerting(Inband::Audio)),
        1 => Just(Primitive::Progress(Inband::Audio)),
        6 => Just(Primitive::Connected),
        2 => Just(Primitive::Digits { digits: digits("12"), address: open }),
        1 => Just(Primitive::Digits { digits: digits("3"), address: Address::Complete }),
        1 => Just(Primitive::Info(digits("9"))),
        1 => Just(Primitive::Flash),
        1 => Just(Primitive::Held),
        4 => Just(clearing(Cause::NORMAL_CLEARING)),
        1 => Just(Primitive::Clearing { cause: Cause::USER_BUSY, inband: Inband::Audio }),
        2 => Just(released(Cause::NORMAL_CLEARING)),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let end = prop_oneof![Just(USER), Just(NETWORK)];
    let channel = prop_oneof![2 => Just(None), 1 => (1_u8..6).prop_map(Some)];
    let address = prop_oneof![Just(Address::Complete), Just(Address::Open)];
    prop_oneof![
        6 => (end.clone(), channel, address).prop_map(|(end, channel, address)| Step::Call { end, channel, address }),
        14 => (end.clone(), any::<usize>(), primitive())
            .prop_map(|(end, which, primitive)| Step::Say { end, which, primitive }),
        20 => end.clone().prop_map(Step::Move),
        2 => end.clone().prop_map(Step::Lose),
        3 => Just(Step::Expire),
        1 => (end.clone(), any::<bool>()).prop_map(|(end, loss)| Step::Alarms(end, loss)),
        1 => (end.clone(), 1_u8..32).prop_map(|(end, timeslot)| Step::Restart(end, timeslot)),
        1 => end.prop_map(Step::RestartAll),
        6 => Just(Step::Settle),
    ]
}

/// What a call model may rely on: a call begins with `Setup` or with `call`, and ends with one `Released`.
fn check_words(pair: &Pair, mine: &[BTreeSet<CallHandle>; 2]) -> Result<(), TestCaseError> {
    for end in BOTH {
        let mut live = mine[end].clone();
        let mut over = BTreeSet::new();
        for word in &pair.told[end] {
            prop_assert!(!over.contains(&word.call), "a word after Released: {:?}", word);
            match word.primitive {
                Primitive::Setup(_) => prop_assert!(live.insert(word.call), "two beginnings: {:?}", word),
                Primitive::Released { .. } => {
                    prop_assert!(live.remove(&word.call), "the end of a call that never began: {:?}", word);
                    over.insert(word.call);
                }
                _ => prop_assert!(live.contains(&word.call), "a word of an unknown call: {:?}", word),
            }
        }
    }
    Ok(())
}

fn known(pair: &Pair, mine: &[BTreeSet<CallHandle>; 2], end: usize) -> Vec<CallHandle> {
    let mut known: Vec<CallHandle> = mine[end].iter().copied().collect();
    known.extend(
        pair.told[end].iter().filter(|word| matches!(word.primitive, Primitive::Setup(_))).map(|word| word.call),
    );
    known
}

/// Every channel that two ends use is used by both, for the same call.
fn check_agreement(pair: &Pair) -> Result<(), TestCaseError> {
    let channels = |end: usize| {
        let mut channels: Vec<_> =
            pair.ends[end].calls().map(|(_, state, channel)| (channel, state.is_clearing())).collect();
        channels.sort();
        channels
    };
    let (user, network) = (channels(USER), channels(NETWORK));
    prop_assert_eq!(&user, &network);
    let slots: Vec<_> = user.iter().filter_map(|(channel, _)| *channel).collect();
    prop_assert!(slots.windows(2).all(|two| two[0] < two[1]), "two calls on one channel: {:?}", slots);
    Ok(())
}

fn walk(steps: &[Step], breaks: bool) -> Result<(), TestCaseError> {
    let mut pair = Pair::with(|parameters| parameters.overlap = Overlap::Received);
    let mut mine = [BTreeSet::new(), BTreeSet::new()];
    for step in steps {
        match *step {
            Step::Call { end, channel, address } => {
                let wanted = Setup { address, ..setup("80012") };
                if let Ok(call) = pair.ends[end].call(pair.now, wanted, channel) {
                    mine[end].insert(call);
                }
            }
            Step::Say { end, which, primitive } => {
                let known = known(&pair, &mine, end);
                if !known.is_empty() {
                    pair.ends[end].line(pair.now, known[which % known.len()], primitive);
                }
            }
            Step::Move(end) => {
                pair.step(end);
            }
            Step::Lose(end) if breaks => {
                pair.line[end].pop_front();
            }
            Step::Alarms(end, loss) if breaks => {
                pair.ends[end].handle_alarms(pair.now, Alarms { loss, ..Alarms::default() });
            }
            Step::Expire => pair.expire(),
            Step::Restart(end, timeslot) => pair.ends[end].restart(pair.now, timeslot),
            Step::RestartAll(end) => pair.ends[end].restart_all(pair.now),
            Step::Settle => pair.settle(),
            Step::Lose(_) | Step::Alarms(..) => {}
        }
        pair.collect();
    }
    // From here on the line is good. Links come back, and what they lost is found out.
    for end in BOTH {
        pair.ends[end].handle_alarms(pair.now, Alarms::default());
    }
    // A DISCONNECT that a reset swallowed is made up for by T305, at most T313 later, and twice T308.
    pair.pass(Duration::from_secs(4 + 30 + 8 + 8));
    check_words(&pair, &mine)?;
    // Both models now end every call that is left: nothing holds out against that.
    for _ in 0..2 {
        for end in BOTH {
            for call in known(&pair, &mine, end) {
                pair.say(end, call, clearing(Cause::NORMAL_CLEARING));
            }
        }
        pair.settle();
    }
    check_agreement(&pair)?;
    // T305 and twice T308, and RESTART of whatever was lost.
    pair.pass(Duration::from_secs(400));
    check_words(&pair, &mine)?;
    for end in BOTH {
        let words = &pair.told[end];
        for call in known(&pair, &mine, end) {
            let is_over =
                words.iter().any(|word| word.call == call && matches!(word.primitive, Primitive::Released { .. }));
            prop_assert!(is_over, "a call without end at {}", end);
        }
    }
    pair.assert_idle();
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn on_a_good_line_every_call_ends_and_both_ends_agree(steps in prop::collection::vec(step(), 1..150)) {
        walk(&steps, false)?;
    }

    #[test]
    fn on_a_line_that_loses_frames_and_breaks_too(steps in prop::collection::vec(step(), 1..150)) {
        walk(&steps, true)?;
    }

    /// A peer that has the link and talks nonsense over it.
    #[test]
    fn messages_of_any_octets_never_stop_the_span(
        messages in prop::collection::vec((any::<u8>(), prop::collection::vec(any::<u8>(), 0..30)), 1..60),
    ) {
        let mut pair = Pair::new();
        pair.answered(USER);
        // The user's frames carry on from a link of our own, which the network takes for the user's.
        let mut link = sig_q921::Link::new(sig_q921::Side::User, sig_q921::Parameters::default());
        link.establish(pair.now);
        for (kind, rest) in messages {
            let mut message = vec![0x08, 0x02, 0x00, 0x01, kind & 0x7F];
            message.extend(rest);
            let _ = link.send(pair.now, &message);
            for _ in 0..20 {
                while let Some(action) = link.poll_action() {
                    if let sig_q921::Action::Transmit(frame) = action {
                        pair.ends[NETWORK].handle_frame(pair.now, &frame);
                    }
                }
                pair.collect();
                let Some(frame) = pair.line[USER].pop_front() else { break };
                link.handle_frame(pair.now, &frame);
            }
        }
        pair.collect();
        // Nobody listens any more: whatever calls there are, they end.
        pair.cut();
        pair.pass(Duration::from_secs(600));
        prop_assert_eq!(pair.calls(NETWORK), 0);
    }
}
