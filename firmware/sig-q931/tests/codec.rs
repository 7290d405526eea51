//! Octets and what is read from them.

use base::{Cause, Digits};
use ports::call::{Address, Bearer, Number, NumberKind, Presentation, Primitive, Screening, Setup};
use proptest::prelude::*;
use sig_q931::wire::{
    CauseElement, ChannelId, Diagnostics, Element, Elements, Flag, GLOBAL, Header, Location, MessageType, Party, Plan,
    Preference, Restart, Selection, Writer,
};
use sig_q931::{Action, Interface, LinkState, Parameters, Profile, Side, WireError};

fn octets(hex: &str) -> Vec<u8> {
    hex.split_whitespace().map(|octet| u8::from_str_radix(octet, 16).expect("hexadecimal")).collect()
}

fn digits(text: &str) -> Digits {
    text.parse().expect("digits")
}

/// Reads a whole message.
#[track_caller]
fn read(hex: &str) -> (Header, Elements) {
    let octets = octets(hex);
    let (header, rest) = Header::parse(&octets).expect("a header");
    (header, Elements::parse(rest))
}

#[test]
fn a_setup_of_a_chinese_exchange_is_understood() {
    let (header, elements) =
        read("08 02 00 01 05 A1 04 03 80 90 A3 18 03 A9 83 81 6C 06 21 83 38 30 30 30 70 06 80 31 30 30 38 36");
    assert_eq!((header.kind, header.reference, header.flag), (MessageType::Setup, 1, Flag::FromOriginator));
    assert!(elements.sending_complete);
    assert_eq!(elements.bearer, Element::Value(Bearer::Speech));
    assert_eq!(elements.channel, Element::Value(ChannelId::one(Preference::Exclusive, 1)));
    let calling =
        Number { screening: Screening::Network, kind: NumberKind::National, ..Number::unknown(digits("8000")) };
    assert_eq!(elements.calling, Element::Value(calling));
    assert_eq!(elements.called, Element::Value(Number::unknown(digits("10086"))));
}

#[test]
fn what_the_user_sends_is_what_the_standard_shows() {
    let mut user = Interface::new(Side::User, Parameters::china(Side::User));
    user.handle_link(base::Instant::ZERO, LinkState::Up);
    let setup = Setup {
        from: Number { kind: NumberKind::National, ..Number::unknown(digits("8000")) },
        to: Number::unknown(digits("10086")),
        redirecting: None,
        bearer: Bearer::Speech,
        address: Address::Complete,
    };
    let call = user.call(base::Instant::ZERO, setup, Some(1)).expect("the channel is free");
    let expected =
        octets("08 02 00 01 05 A1 04 03 80 90 A3 18 03 A1 83 81 6C 06 21 80 38 30 30 30 70 06 81 31 30 30 38 36");
    assert_eq!(transmitted(&mut user), [expected]);

    user.handle_message(base::Instant::ZERO, &octets("08 02 80 01 02 18 03 A9 83 81"));
    user.handle_message(base::Instant::ZERO, &octets("08 02 80 01 01 1E 02 82 88"));
    user.handle_message(base::Instant::ZERO, &octets("08 02 80 01 07"));
    assert_eq!(transmitted(&mut user), [octets("08 02 00 01 0F")], "CONNECT ACKNOWLEDGE");
    user.handle_message(base::Instant::ZERO, &octets("08 02 80 01 75"));
    assert_eq!(transmitted(&mut user), [octets("08 02 00 01 7D 08 02 80 9E 14 01 0A")], "STATUS 30 in state 10");
    user.line(base::Instant::ZERO, call, Primitive::Released { cause: Cause::NORMAL_CLEARING });
    assert_eq!(transmitted(&mut user), [octets("08 02 00 01 45 08 02 80 90")]);
    user.handle_message(base::Instant::ZERO, &octets("08 02 80 01 4D"));
    assert_eq!(transmitted(&mut user), [octets("08 02 00 01 5A")]);
}

#[test]
fn restart_and_its_acknowledgement_are_what_the_standard_shows() {
    let mut ends = [Side::User, Side::Network].map(|side| {
        let mut end = Box::new(Interface::new(side, Parameters::china(side)));
        end.handle_link(base::Instant::ZERO, LinkState::Up);
        end
    });
    ends[0].restart(base::Instant::ZERO, 5);
    let restart = octets("08 02 00 00 46 18 03 A9 83 85 79 01 80");
    assert_eq!(transmitted(&mut ends[0]), std::slice::from_ref(&restart));
    ends[1].handle_message(base::Instant::ZERO, &restart);
    assert_eq!(transmitted(&mut ends[1]), [octets("08 02 80 00 4E 18 03 A9 83 85 79 01 80")]);
}

fn transmitted(interface: &mut Interface) -> Vec<Vec<u8>> {
    let mut sent = Vec::new();
    while let Some(action) = interface.poll_action() {
        if let Action::Transmit(octets) = action {
            sent.push(octets.to_vec());
        }
    }
    sent
}

#[test]
fn a_number_says_who_vouches_for_it() {
    let check = |octet: &str, presentation, screening| {
        let expected = Number { presentation, screening, ..Number::unknown(digits("1")) };
        assert_eq!(read(&format!("08 02 00 01 05 6C 03 {octet} 31")).1.calling, Element::Value(expected), "{octet}");
    };
    check("00 80", Presentation::Allowed, Screening::NotScreened);
    check("00 81", Presentation::Allowed, Screening::Passed);
    check("00 A2", Presentation::Restricted, Screening::Failed);
    check("00 C3", Presentation::Unavailable, Screening::Network);
}

/// A public network vouches for numbers itself; in a private one both sides pass on what they were told.
#[test]
fn only_who_may_vouches_for_a_number() {
    let check = |profile: Profile, side, octet: u8| {
        let mut end = Interface::new(side, profile.parameters(side));
        end.handle_link(base::Instant::ZERO, LinkState::Up);
        let from = Number { screening: Screening::Network, ..Number::unknown(digits("8000")) };
        let setup = Setup {
            from,
            to: Number::unknown(digits("10086")),
            redirecting: Some(from),
            bearer: Bearer::Speech,
            address: Address::Complete,
        };
        end.call(base::Instant::ZERO, setup, Some(1)).expect("the channel is free");
        let setup = transmitted(&mut end).remove(0);
        let shown = |element| setup[5..].windows(4).find(|window| window[0] == element).map(|window| window[3] & 0x7F);
        assert_eq!((shown(0x6C), shown(0x74)), (Some(octet), Some(octet)), "{} {side:?}", profile.name);
    };
    check(Profile::CHINA, Side::User, 0);
    check(Profile::EURO_ISDN, Side::User, 0);
    check(Profile::CHINA, Side::Network, 3);
    check(Profile::QSIG, Side::User, 3);
    check(Profile::QSIG, Side::Network, 3);
}

#[test]
fn a_cause_is_about_as_much_as_it_says() {
    let about = |hex: &str| read(&format!("08 02 00 01 7D {hex}")).1.cause.value().expect("a cause").about;
    assert_eq!(about("08 02 80 E0").octets(), []);
    assert_eq!(about("08 05 82 E6 33 30 38").octets(), *b"308");
    assert_eq!(about("08 05 02 80 E0 04 18").octets(), [0x04, 0x18], "behind octet 3a");
    let long = format!("08 1F 82 96 {}", "41 ".repeat(29));
    assert_eq!(about(&long).octets(), [0x41; 28], "the 29th would make the element too long");
}

#[test]
fn a_header_says_what_is_wrong_with_it() {
    let check = |hex: &str, expected| assert_eq!(Header::parse(&octets(hex)).map(|_| ()), Err(expected), "{hex}");
    check("", WireError::Short(0));
    check("43 02 00 01 05", WireError::Discriminator(0x43));
    check("08 02 00 01", WireError::Short(4));
    check("08", WireError::Short(1));
    check("08 01 01 05", WireError::ReferenceLength(1));
    check("08 00 05", WireError::ReferenceLength(0));
}

#[test]
fn a_message_type_with_its_extension_bit_is_none_of_the_standards() {
    assert_eq!(read("08 02 00 01 85").0.kind, MessageType::Unknown(0x85));
}

#[test]
fn channels_come_as_numbers_lists_and_maps() {
    let check = |hex: &str, selection| {
        let interface = hex.contains("E9").then_some(1);
        let expected = ChannelId { preference: Preference::Exclusive, selection, interface };
        assert_eq!(read(&format!("08 02 00 00 46 {hex}")).1.channel, Element::Value(expected), "{hex}");
    };
    check("18 03 A9 83 85", Selection::Slots(1 << 5));
    check("18 05 A9 83 01 02 9F", Selection::Slots(1 << 1 | 1 << 2 | 1 << 31));
    check("18 06 A9 93 80 00 00 02", Selection::Slots(1 << 31 | 1 << 1));
    check("18 04 E9 81 83 85", Selection::Slots(1 << 5));
    check("18 01 AB", Selection::Any);
    check("18 01 A8", Selection::None);
}

#[test]
fn contents_that_make_no_sense_are_bad_and_not_absent() {
    let elements = |hex: &str| read(&format!("08 02 00 01 05 {hex}")).1;
    assert_eq!(elements("18 00").channel, Element::Bad);
    assert_eq!(elements("18 02 A9 83").channel, Element::Bad);
    assert_eq!(elements("18 03 A9 83 A0").channel, Element::Bad, "timeslot 32");
    assert_eq!(elements("18 03 89 83 85").channel, Element::Bad, "a basic rate's channel");
    assert_eq!(elements("18 20 A9 83 85").channel, Element::Bad, "runs past the end");
    assert_eq!(elements("04 01 80").bearer, Element::Bad);
    assert_eq!(elements("70 03 80 31 7E").called, Element::Bad, "a tilde is no digit");
    assert_eq!(elements("08 02 80 80").cause, Element::Bad, "cause 0");
    assert_eq!(elements("79 01 81").restart, Element::Bad);
    assert_eq!(elements("").channel, Element::Absent);
}

#[test]
fn of_repeated_elements_the_first_counts() {
    let (_, elements) = read("08 02 00 01 45 08 02 80 90 08 02 80 91");
    assert_eq!(elements.cause.value().map(|element| element.cause), Some(Cause::NORMAL_CLEARING));
}

#[test]
fn a_cause_with_a_recommendation_octet_is_read_behind_it() {
    let (_, elements) = read("08 02 00 01 45 08 03 00 80 91");
    assert_eq!(elements.cause.value().map(|element| element.cause), Some(Cause::USER_BUSY));
}

#[test]
fn elements_of_other_codesets_are_passed_over() {
    // Codeset 6 for one element, then for all that follow, then codeset 0 for one.
    let (_, elements) = read("08 02 00 01 45 9E 08 02 80 91 08 02 80 90");
    assert_eq!(elements.cause.value().map(|element| element.cause), Some(Cause::NORMAL_CLEARING));
    let (_, elements) = read("08 02 00 01 45 96 08 02 80 91 98 08 02 80 92 08 02 80 90");
    assert_eq!(elements.cause.value().map(|element| element.cause), Some(Cause::NO_USER_RESPONDING));
}

#[test]
fn an_element_that_asks_to_be_understood_is_named() {
    assert_eq!(read("08 02 00 01 05 02 01 00").1.not_understood, Diagnostics::of(0x02));
    assert_eq!(read("08 02 00 01 05 32 01 00").1.not_understood, Diagnostics::NONE, "others may be passed over");
}

#[test]
fn two_progress_indicators_count_both() {
    assert!(read("08 02 80 01 01 1E 02 82 82 1E 02 82 88").1.inband);
    assert!(!read("08 02 80 01 01 1E 02 82 82").1.inband);
}

fn number() -> impl Strategy<Value = Number> {
    let kind = prop_oneof![
        Just(NumberKind::Unknown),
        Just(NumberKind::International),
        Just(NumberKind::National),
        Just(NumberKind::Network),
        Just(NumberKind::Subscriber),
        Just(NumberKind::Abbreviated),
    ];
    let presentation =
        prop_oneof![Just(Presentation::Allowed), Just(Presentation::Restricted), Just(Presentation::Unavailable)];
    let screening = prop_oneof![
        Just(Screening::NotScreened),
        Just(Screening::Passed),
        Just(Screening::Failed),
        Just(Screening::Network)
    ];
    ("[0-9*#A-D]{0,32}", kind, presentation, screening).prop_map(|(text, kind, presentation, screening)| Number {
        digits: digits(&text),
        kind,
        presentation,
        screening,
    })
}

fn channel() -> impl Strategy<Value = ChannelId> {
    let preference = prop_oneof![Just(Preference::Preferred), Just(Preference::Exclusive)];
    let slots = any::<u32>().prop_filter("at least one", |slots| *slots != 0).prop_map(Selection::Slots);
    let interface = proptest::option::of(0..128_u8);
    (preference, prop_oneof![4 => slots, 1 => Just(Selection::None)], interface)
        .prop_map(|(preference, selection, interface)| ChannelId { preference, selection, interface })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_again(
        reference in 1_u16..0x8000, ours: bool, channel in channel(), calling in number(), called in number(),
        redirecting in number(), cause in 1_u8..128, about in prop::collection::vec(any::<u8>(), 0..=28), state in 0_u8..64, keypad in "[0-9*#]{1,32}", complete: bool,
    ) {
        let flag = if ours { Flag::FromOriginator } else { Flag::ToOriginator };
        let mut writer = Writer::new(flag, reference, MessageType::Information);
        if complete {
            writer.sending_complete();
        }
        writer.bearer(Bearer::Audio);
        let about = Diagnostics::new(&about);
        writer.cause(Location::PUBLIC_LOCAL, Cause(cause), &about);
        writer.call_state(state);
        writer.channel(channel);
        writer.inband(Location::USER);
        writer.keypad(&digits(&keypad));
        writer.number(Party::Calling, Plan::E164, &calling);
        writer.number(Party::Called, Plan::E164, &called);
        writer.number(Party::Redirecting, Plan::Private, &redirecting);
        writer.restart_interface();
        let octets = writer.finish();
        let (header, rest) = Header::parse(&octets).expect("what we write we read");
        prop_assert_eq!(header, Header { flag, reference, kind: MessageType::Information });
        let elements = Elements::parse(rest);
        prop_assert_eq!(elements.sending_complete, complete);
        prop_assert_eq!(elements.bearer, Element::Value(Bearer::Audio));
        let read = CauseElement { cause: Cause(cause), location: Location::PUBLIC_LOCAL, about };
        prop_assert_eq!(elements.cause, Element::Value(read));
        prop_assert_eq!(elements.call_state, Element::Value(state));
        prop_assert_eq!(elements.channel, Element::Value(channel));
        prop_assert!(elements.inband);
        prop_assert_eq!(elements.keypad, Element::Value(digits(&keypad)));
        prop_assert_eq!(elements.calling, Element::Value(calling));
        // A called number has no octet 3a.
        let called = Number { kind: called.kind, ..Number::unknown(called.digits) };
        prop_assert_eq!(elements.called, Element::Value(called));
        prop_assert_eq!(elements.redirecting, Element::Value(redirecting));
        prop_assert_eq!(elements.restart, Element::Value(Restart::Interface));
        prop_assert_eq!(elements.not_understood, Diagnostics::NONE);
    }

    #[test]
    fn octets_of_any_kind_are_read_without_panic(octets in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok((header, rest)) = Header::parse(&octets) {
            prop_assert!(header.reference == GLOBAL || header.reference < 0x8000);
            let _ = Elements::parse(rest);
        }
        let _ = Elements::parse(&octets);
    }

    /// Elements with good heads, so that contents are looked at.
    #[test]
    fn elements_of_any_contents_are_read_without_panic(
        elements in prop::collection::vec(
            (prop::sample::select(vec![0x04_u8, 0x08, 0x14, 0x18, 0x1E, 0x27, 0x2C, 0x4C, 0x6C, 0x70, 0x74, 0x79]),
             prop::collection::vec(any::<u8>(), 0..40)),
            0..8,
        ),
    ) {
        let mut octets = Vec::new();
        for (identifier, contents) in &elements {
            octets.extend([*identifier, contents.len() as u8]);
            octets.extend(contents);
        }
        let _ = Elements::parse(&octets);
    }
}
