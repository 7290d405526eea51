//! Whatever the line, the registers and the call models do: nothing panics, calls keep their shape, and when it is quiet every channel is idle again.

mod pair;

use base::{Cause, Digits};
use pair::{A, B, Pair, clearing, number, setup};
use ports::call::{Address, Codec, Detail, Inband, Number, Primitive, Setup};
use proptest::prelude::*;
use sig_r2::{Acceptance, Answer, Collect, Control, Direction, Hunt, Release, Settings};

#[derive(Clone, Copy, Debug)]
enum Step {
    Dial { end: usize, channel: Option<u8>, open: bool },
    Say { end: usize, which: usize, primitive: Primitive },
    Show { end: usize, timeslot: u8, bits: u8 },
    Sound { end: usize, timeslot: u8, signal: Option<u8> },
    LoseBits { end: usize, lost: bool },
    LoseSignals { end: usize, lost: bool },
    Alarm { end: usize, loss: bool },
    Block { end: usize, timeslot: u8, blocked: bool },
    Stubborn { end: usize, stubborn: bool },
    Wait(u64),
}

/// Brings both ends into a state.
type Way = Box<dyn Fn(&mut Pair)>;

/// Two channels see more collisions than thirty.
fn two_channels(settings: &mut Settings) {
    *settings = settings.with_direction(Direction::Unused);
    settings.directions[1] = Direction::BothWay;
    settings.directions[31] = Direction::BothWay;
}

fn apply(pair: &mut Pair, step: Step) {
    match step {
        Step::Dial { end, channel, open } => {
            let address = if open { Address::Open } else { Address::Complete };
            let _no_channel = pair.place(end, Setup { address, ..setup("13800138000", "4008") }, channel);
        }
        Step::Say { end, which, primitive } => {
            let living: Vec<_> = pair.desks[end].living.iter().copied().collect();
            if let Some(&call) = living.get(which % living.len().max(1)) {
                pair.say(end, call, primitive);
            }
        }
        Step::Show { end, timeslot, bits } => pair.show(end, timeslot, bits),
        Step::Sound { end, timeslot, signal } => pair.sound(end, timeslot, signal),
        Step::LoseBits { end, lost } => pair.loses_bits[end] = lost,
        Step::LoseSignals { end, lost } => pair.loses_signals[end] = lost,
        Step::Alarm { end, loss } => pair.alarm(end, loss),
        Step::Block { end, timeslot, blocked } => pair.block(end, timeslot, blocked),
        Step::Stubborn { end, stubborn } => pair.desks[end].is_stubborn = stubborn,
        Step::Wait(time) => pair.run(time),
    }
}

/// These steps, after which faults are over and all calls are cleared: both ends come to rest, and the next call goes through.
fn walk(mut pair: Pair, steps: &[Step]) {
    for step in steps {
        apply(&mut pair, *step);
        pair.run(0);
    }
    for end in [A, B] {
        pair.alarm(end, false);
        pair.desks[end].is_stubborn = false;
        for timeslot in [1, 31] {
            pair.block(end, timeslot, false);
            pair.sound(end, timeslot, None);
        }
    }
    // A release that nobody confirms, a clear-back, a seizure in vain: each takes its time.
    for _ in 0..3 {
        pair.repair();
        for end in [A, B] {
            for call in pair.desks[end].living.clone() {
                pair.say(end, call, clearing(Cause::NORMAL_CLEARING));
            }
        }
        pair.run(70_000);
    }
    pair.check_rest();
    pair.talk();
}

fn primitive() -> impl Strategy<Value = Primitive> {
    let digits = || "[0-9]{0,3}".prop_map(|text: String| number(&text));
    prop_oneof![
        2 => Just(Primitive::Proceeding),
        2 => Just(Primitive::Alerting(Inband::Silent)),
        1 => Just(Primitive::Progress(Inband::Audio)),
        4 => Just(Primitive::Connected),
        1 => Just(Primitive::Held),
        1 => Just(Primitive::Flash),
        1 => (0..4_u16).prop_map(Primitive::Charge),
        1 => Just(Primitive::MediaOffer(Codec::Alaw)),
        1 => Just(Primitive::Reanswered),
        1 => Just(Primitive::Detail(Detail::ConnectedNumber(Number::default()))),
        1 => Just(Primitive::Setup(setup("1", "2"))),
        1 => digits().prop_map(Primitive::Info),
        2 => (digits(), any::<bool>()).prop_map(|(digits, is_whole)| Primitive::Digits {
            digits,
            address: if is_whole { Address::Complete } else { Address::Open },
        }),
        3 => (0..128_u8).prop_map(|cause| clearing(Cause(cause))),
        1 => Just(Primitive::Released { cause: Cause::NORMAL_CLEARING }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let end = || 0..2_usize;
    let timeslot = || prop_oneof![Just(1_u8), Just(31_u8)];
    let channel = prop_oneof![2 => Just(None), 1 => timeslot().prop_map(Some)];
    prop_oneof![
        4 => (end(), channel, any::<bool>()).prop_map(|(end, channel, open)| Step::Dial { end, channel, open }),
        6 => (end(), 0..4_usize, primitive()).prop_map(|(end, which, primitive)| Step::Say { end, which, primitive }),
        3 => (end(), timeslot(), 0..16_u8).prop_map(|(end, timeslot, bits)| Step::Show { end, timeslot, bits }),
        3 => (end(), timeslot(), prop::option::of(0..17_u8)).prop_map(|(end, timeslot, signal)| Step::Sound { end, timeslot, signal }),
        1 => (end(), any::<bool>()).prop_map(|(end, lost)| Step::LoseBits { end, lost }),
        1 => (end(), any::<bool>()).prop_map(|(end, lost)| Step::LoseSignals { end, lost }),
        1 => (end(), any::<bool>()).prop_map(|(end, loss)| Step::Alarm { end, loss }),
        1 => (end(), timeslot(), any::<bool>()).prop_map(|(end, timeslot, blocked)| Step::Block { end, timeslot, blocked }),
        1 => (end(), any::<bool>()).prop_map(|(end, stubborn)| Step::Stubborn { end, stubborn }),
        10 => prop_oneof![0..60_u64, 0..500_u64, 0..3000_u64, 0..70_000_u64].prop_map(Step::Wait),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 1..50)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn in_china(steps in steps()) {
        walk(Pair::with("cn", two_channels, two_channels), &steps);
    }

    #[test]
    fn in_china_with_fixed_lengths_and_the_called_partys_control(steps in steps()) {
        let theirs = |settings: &mut Settings| {
            two_channels(settings);
            (settings.dnis_digits, settings.control) = (Some(4), Control::Called);
            settings.hunt = Hunt::Downwards;
        };
        walk(Pair::with("cn", two_channels, theirs), &steps);
    }

    #[test]
    fn in_brazil_with_every_option(steps in steps()) {
        let theirs = |settings: &mut Settings| {
            two_channels(settings);
            (settings.collect, settings.answer) = (Collect::Refuse, Answer::Double);
        };
        walk(Pair::with("br", two_channels, theirs), &steps);
    }

    #[test]
    fn in_argentina_with_forced_release(steps in steps()) {
        let theirs = |settings: &mut Settings| {
            two_channels(settings);
            settings.release = Release::Forced;
        };
        walk(Pair::with("ar", two_channels, theirs), &steps);
    }

    #[test]
    fn in_mexico(steps in steps()) {
        walk(Pair::with("mx", two_channels, two_channels), &steps);
    }

    #[test]
    fn by_the_recommendations_with_speech_at_once(steps in steps()) {
        let theirs = |settings: &mut Settings| {
            two_channels(settings);
            (settings.acceptance, settings.control) = (Acceptance::GroupA, Control::Caller);
        };
        walk(Pair::with("itu", two_channels, theirs), &steps);
    }
}

/// Every state by every event, one after the other.
#[test]
fn no_single_event_in_any_state_leaves_a_channel_stuck() {
    let dial = |pair: &mut Pair| {
        pair.place(A, setup("13800138000", "4008"), Some(1)).expect("it is idle");
    };
    let offer = move |pair: &mut Pair| {
        dial(pair);
        pair.run_to_offer()
    };
    let talk = move |pair: &mut Pair| {
        let (call, _) = offer(pair);
        pair.say(B, call, Primitive::Connected);
        pair.run(2500);
    };
    // Ways to each state of both ends.
    let mut ways: Vec<(String, Way)> = vec![("idle".into(), Box::new(|_: &mut Pair| {}))];
    for after in (0..2400).step_by(80) {
        ways.push((
            format!("{after} ms after a call was dialled"),
            Box::new(move |pair: &mut Pair| {
                dial(pair);
                pair.run(after);
            }),
        ));
    }
    let mut way = |name: &str, go: Box<dyn Fn(&mut Pair)>| ways.push((name.into(), go));
    way(
        "doubly seized",
        Box::new(move |pair| {
            dial(pair);
            pair.place(B, setup("139", "5008"), Some(1)).expect("it is idle");
            pair.run(50);
        }),
    );
    way(
        "not acknowledged",
        Box::new(move |pair| {
            pair.loses_bits[A] = true;
            dial(pair);
            pair.run(3000);
        }),
    );
    way(
        "ringing",
        Box::new(move |pair| {
            let (call, _) = offer(pair);
            pair.say(B, call, Primitive::Alerting(Inband::Silent));
            pair.run(2500);
        }),
    );
    way("talking", Box::new(talk));
    way(
        "blinking",
        Box::new(move |pair| {
            talk(pair);
            pair.show(A, 1, 0b1111);
            pair.run(30);
        }),
    );
    way(
        "cleared forward",
        Box::new(move |pair| {
            talk(pair);
            pair.desks[B].is_stubborn = true;
            let call = pair.ends[A].calls().next().expect("it lives").0;
            pair.say(A, call, clearing(Cause::NORMAL_CLEARING));
            pair.run(100);
        }),
    );
    way(
        "cleared back",
        Box::new(move |pair| {
            talk(pair);
            pair.desks[A].is_stubborn = true;
            let call = pair.ends[B].calls().next().expect("it lives").0;
            pair.say(B, call, clearing(Cause::NORMAL_CLEARING));
            pair.run(100);
        }),
    );
    way(
        "not released",
        Box::new(move |pair| {
            talk(pair);
            pair.loses_bits[B] = true;
            let call = pair.ends[A].calls().next().expect("it lives").0;
            pair.say(A, call, clearing(Cause::NORMAL_CLEARING));
            pair.run(4000);
        }),
    );
    way(
        "guarding",
        Box::new(move |pair| {
            talk(pair);
            let call = pair.ends[A].calls().next().expect("it lives").0;
            pair.say(A, call, clearing(Cause::NORMAL_CLEARING));
            pair.run(70);
        }),
    );
    way(
        "alarmed",
        Box::new(move |pair| {
            talk(pair);
            pair.alarm(A, true);
        }),
    );
    way(
        "blocked",
        Box::new(move |pair| {
            pair.block(B, 1, true);
            pair.run(100);
        }),
    );

    let words = [
        Primitive::Setup(setup("1", "2")),
        Primitive::Digits { digits: Digits::new(), address: Address::Complete },
        Primitive::Digits { digits: number("5"), address: Address::Open },
        Primitive::Proceeding,
        Primitive::Progress(Inband::Audio),
        Primitive::Detail(Detail::ConnectedNumber(Number::default())),
        Primitive::Alerting(Inband::Silent),
        Primitive::Connected,
        Primitive::Held,
        Primitive::Retrieved,
        Primitive::Flash,
        Primitive::Charge(1),
        Primitive::Info(number("5")),
        Primitive::MediaOffer(Codec::Alaw),
        Primitive::MediaAnswer(Codec::Alaw),
        Primitive::TransferRequested(Number::default()),
        clearing(Cause::USER_BUSY),
        Primitive::Reanswered,
        Primitive::Released { cause: Cause::NORMAL_CLEARING },
        Primitive::Refused(ports::call::Refusal::NotSupported),
    ];
    let mut events = Vec::new();
    for end in [A, B] {
        events.push(Step::Dial { end, channel: Some(1), open: false });
        events.push(Step::Alarm { end, loss: true });
        events.push(Step::Block { end, timeslot: 1, blocked: true });
        events.push(Step::LoseBits { end, lost: true });
        events.push(Step::LoseSignals { end, lost: true });
        events.extend(words.map(|primitive| Step::Say { end, which: 0, primitive }));
        events.extend([0, 4, 8, 12].map(|bits| Step::Show { end, timeslot: 1, bits }));
        events.extend((0..=16).map(|signal| Step::Sound { end, timeslot: 1, signal: Some(signal) }));
        events.push(Step::Sound { end, timeslot: 1, signal: None });
    }
    for code in ["cn", "ar"] {
        for (name, go) in &ways {
            for event in &events {
                let mut pair = Pair::with(code, two_channels, two_channels);
                go(&mut pair);
                println!("{code}, {name}: {event:?}");
                walk(pair, &[*event, Step::Wait(2000)]);
            }
        }
    }
}
