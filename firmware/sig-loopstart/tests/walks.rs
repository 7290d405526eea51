//! Any events at any time: whatever was done to the lines, when both models have cleared and it was quiet they are idle.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
mod joint;

use base::{Cause, Digit, Digits};
use joint::{Joint, began, clearing, ms, number, setup, silence, voice};
use ports::call::{Address, Codec, Inband, Number, Primitive};
use proptest::prelude::*;
use sig_loopstart::{DialStart, Dialling, Gathering, Heard, Hook, LineState, Parallel};

#[derive(Clone, Copy, Debug)]
enum Step {
    Ring,
    Dial,
    BoxSays(Primitive),
    ExchangeSays(Primitive),
    CallWaiting,
    /// The pair as no exchange of ours would have it.
    Line(LineState),
    Hook(Hook),
    Parallel(Parallel),
    Cut(bool),
    BoxHears(Sound),
    ExchangeHears(Digit),
    Wait(u64),
}

#[derive(Clone, Copy, Debug)]
enum Sound {
    Digit(Digit),
    Octet(u8),
    Carrier,
    Lost,
    Began(u16, u16),
    Voice,
    Silence,
}

impl Sound {
    fn heard(self) -> Heard {
        match self {
            Self::Digit(digit) => Heard::Digit(digit),
            Self::Octet(octet) => Heard::FskOctet(octet),
            Self::Carrier => Heard::FskCarrier,
            Self::Lost => Heard::FskLost,
            Self::Began(low, high) => began([low, high]),
            Self::Voice => voice(),
            Self::Silence => silence(),
        }
    }
}

fn digit() -> impl Strategy<Value = Digit> {
    (0..16_usize).prop_map(|place| Digit::GRID[place])
}

fn digits() -> impl Strategy<Value = Digits> {
    "[0-9*#A-D+]{0,34}".prop_map(|text| text.parse().unwrap_or_default())
}

fn primitive() -> impl Strategy<Value = Primitive> {
    prop_oneof![
        Just(Primitive::Proceeding),
        Just(Primitive::Alerting(Inband::Silent)),
        Just(Primitive::Alerting(Inband::Audio)),
        Just(Primitive::Progress(Inband::Audio)),
        // Calls that come to be answered see more.
        Just(Primitive::Connected),
        Just(Primitive::Connected),
        Just(Primitive::Connected),
        Just(Primitive::Held),
        Just(Primitive::Retrieved),
        Just(Primitive::Flash),
        Just(Primitive::Flash),
        Just(Primitive::Charge(3)),
        Just(Primitive::MediaOffer(Codec::Alaw)),
        Just(Primitive::Reanswered),
        Just(Primitive::Setup(setup("1", "2"))),
        digits().prop_map(Primitive::Info),
        digits().prop_map(|digits| Primitive::Digits { digits, address: Address::Open }),
        digits().prop_map(|digits| Primitive::TransferRequested(Number::unknown(digits))),
        (0..128_u8, any::<bool>()).prop_map(|(cause, audible)| Primitive::Clearing {
            cause: Cause(cause),
            inband: if audible { Inband::Audio } else { Inband::Silent },
        }),
        Just(Primitive::Released { cause: Cause::NORMAL_CLEARING }),
    ]
}

fn sound() -> impl Strategy<Value = Sound> {
    prop_oneof![
        digit().prop_map(Sound::Digit),
        any::<u8>().prop_map(Sound::Octet),
        Just(Sound::Carrier),
        Just(Sound::Lost),
        (0..10_u16, Just(0_u16)).prop_map(|(low, high)| Sound::Began(low, high)),
        Just(Sound::Began(450, 0)),
        Just(Sound::Began(2130, 2750)),
        Just(Sound::Voice),
        Just(Sound::Silence),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let state = (any::<bool>(), any::<bool>(), any::<bool>());
    let hook = prop_oneof![Just(Hook::On), Just(Hook::Off)];
    prop_oneof![
        3 => Just(Step::Ring),
        3 => Just(Step::Dial),
        4 => primitive().prop_map(Step::BoxSays),
        4 => primitive().prop_map(Step::ExchangeSays),
        1 => Just(Step::CallWaiting),
        3 => state.prop_map(|(ringing, battery, reversed)| Step::Line(LineState { ringing, battery, reversed })),
        2 => hook.prop_map(Step::Hook),
        1 => prop_oneof![Just(Parallel::OnHook), Just(Parallel::OffHook)].prop_map(Step::Parallel),
        1 => any::<bool>().prop_map(Step::Cut),
        3 => sound().prop_map(Step::BoxHears),
        2 => digit().prop_map(Step::ExchangeHears),
        8 => prop_oneof![0..100_u64, 0..2000_u64, 0..20_000_u64].prop_map(Step::Wait),
    ]
}

/// Calls in between keep to the shape of a call: one at a time, nothing after its release.
fn check_told(told: &[(base::Instant, Primitive)], placed: usize) -> Result<(), TestCaseError> {
    let mut offered = 0;
    let mut over = 0;
    for (at, primitive) in told {
        match primitive {
            Primitive::Setup(_) => offered += 1,
            Primitive::Released { .. } => over += 1,
            _ => {}
        }
        prop_assert!(over <= offered + placed, "{primitive:?} at {at:?}: a call was released twice");
    }
    prop_assert_eq!(over, offered + placed, "every call is released once: {:?}", told);
    Ok(())
}

/// Does it, and tells the calls that were placed by it: of the box, of the exchange.
fn apply(joint: &mut Joint, step: Step) -> (usize, usize) {
    let now = joint.now;
    match step {
        Step::Ring => {
            let is_rung = joint.fxs.call(now, &setup("13800138000", "62345678")).is_ok();
            return (0, usize::from(is_rung));
        }
        Step::Dial => return (usize::from(joint.fxo.call(now, &setup("", "02087654321")).is_ok()), 0),
        Step::BoxSays(primitive) => joint.box_says(primitive),
        Step::ExchangeSays(primitive) => joint.exchange_says(primitive),
        Step::CallWaiting => {
            let _not_talking = joint.fxs.call_waiting(now, &Number::unknown(number("114")));
        }
        Step::Line(line) => joint.line_is(line),
        Step::Hook(hook) => joint.fxs.handle_hook(now, hook),
        Step::Parallel(parallel) => joint.fxo.handle_parallel(now, parallel),
        Step::Cut(is_cut) => joint.cut(is_cut),
        Step::BoxHears(sound) => joint.box_hears(sound.heard()),
        Step::ExchangeHears(digit) => joint.fxs.handle_heard(now, &Heard::Digit(digit)),
        Step::Wait(time) => joint.wait(time),
    }
    (0, 0)
}

/// These steps, after which it is quiet: both lines come to rest, every call has ended once, and the next one goes through.
fn walk(mut joint: Joint, steps: &[Step]) -> Result<(), TestCaseError> {
    joint.forget();
    let (mut dialled, mut rung) = (usize::from(joint.fxo.has_call()), usize::from(joint.fxs.has_call()));
    for step in steps {
        let (more_dialled, more_rung) = apply(&mut joint, *step);
        (dialled, rung) = (dialled + more_dialled, rung + more_rung);
        joint.wait(0);
    }
    // The wire whole, nobody else on it, both ends as they think they are.
    joint.cut(false);
    joint.fxo.handle_parallel(joint.now, Parallel::OnHook);
    joint.come_to_rest();
    prop_assert!(joint.fxo.fault().is_none(), "{:?}", joint.fxo.fault());
    check_told(&joint.box_told, dialled)?;
    check_told(&joint.exchange_told, rung)?;
    joint.wait(15_000);
    joint.forget();
    joint.talk();
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn in_china_by_tones(steps in prop::collection::vec(step(), 1..60)) {
        walk(Joint::new("cn"), &steps)?;
    }

    #[test]
    fn in_britain_by_pulses_with_every_option(steps in prop::collection::vec(step(), 1..60)) {
        let joint = Joint::with(
            "uk",
            |fxo| {
                fxo.dialling = Dialling::Pulse;
                fxo.dial_start = DialStart::DialToneOrBlind(ms(3000));
                (fxo.reversal_answers, fxo.reversal_ends) = (true, true);
                fxo.assumed_answer = Some(ms(20_000));
                fxo.silence_limit = Some(ms(30_000));
            },
            |fxs| {
                fxs.gathering = Gathering::EnBloc { longest: 8 };
                fxs.reverses_on_answer = true;
                fxs.battery_drop = None;
            },
        );
        walk(joint, &steps)?;
    }
}

/// Every state by every event, one after the other: no event leaves a line where it cannot come back from.
#[test]
fn no_single_event_in_any_state_leaves_a_line_stuck() {
    // Ways to each state.
    let ways: [fn(&mut Joint); 12] = [
        |_| {},
        |joint| joint.ring(Number::unknown(number("114"))),
        |joint| {
            joint.ring(Number::unknown(number("114")));
            joint.wait(1500);
        },
        |joint| {
            joint.ring(Number::unknown(number("114")));
            joint.wait(4000);
        },
        Joint::talk,
        |joint| {
            joint.talk();
            joint.box_says(Primitive::Flash);
        },
        |joint| {
            joint.talk();
            joint.box_says(clearing());
        },
        |joint| {
            joint.talk();
            joint.exchange_says(clearing());
            joint.wait(200);
        },
        |joint| joint.dial("114"),
        |joint| {
            joint.dial("114");
            joint.wait(600);
        },
        |joint| {
            joint.dial("114");
            joint.wait(1000);
        },
        |joint| {
            joint.dial("114");
            joint.wait(3000);
        },
    ];
    let mut events = vec![Step::Ring, Step::Dial, Step::CallWaiting, Step::Cut(true)];
    events.extend([Hook::On, Hook::Off].map(Step::Hook));
    events.extend([Parallel::OnHook, Parallel::OffHook].map(Step::Parallel));
    for bits in 0..8 {
        events.push(Step::Line(LineState { ringing: bits & 1 != 0, battery: bits & 2 != 0, reversed: bits & 4 != 0 }));
    }
    let five = Digit::new('5').unwrap();
    events.extend([Step::ExchangeHears(five)]);
    let sounds = [Sound::Digit(five), Sound::Octet(4), Sound::Carrier, Sound::Lost, Sound::Voice, Sound::Silence];
    events.extend(sounds.map(Step::BoxHears));
    events.extend((0..7).map(|tone| Step::BoxHears(Sound::Began(tone, 0))));
    let words = [
        Primitive::Setup(setup("1", "2")),
        Primitive::Digits { digits: number("5"), address: Address::Complete },
        Primitive::Proceeding,
        Primitive::Progress(Inband::Audio),
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
        clearing(),
        Primitive::Clearing { cause: Cause::USER_BUSY, inband: Inband::Audio },
        Primitive::Reanswered,
        Primitive::Released { cause: Cause::NORMAL_CLEARING },
        Primitive::Refused(ports::call::Refusal::NotSupported),
    ];
    events.extend(words.iter().map(|word| Step::BoxSays(*word)));
    events.extend(words.iter().map(|word| Step::ExchangeSays(*word)));
    for way in ways {
        for event in &events {
            let mut joint = Joint::new("cn");
            way(&mut joint);
            let walked = walk(joint, &[*event, Step::Wait(2000)]);
            assert!(walked.is_ok(), "{event:?}: {walked:?}");
        }
    }
}
