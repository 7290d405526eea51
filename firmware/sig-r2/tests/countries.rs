//! One call in each country, its numbers, and what becomes of it.

mod pair;

use base::{Cause, Digits};
use pair::{A, B, Pair, clearing, number, setup, withheld};
use ports::call::{Address, Inband, Number, Presentation, Primitive, Refusal, Setup};
use sig_r2::{Acceptance, COUNTRIES, Calling, Category, Charge, Collect, Control, Country, R2Span, Report, Settings};

const FREE: Primitive = Primitive::Alerting(Inband::Audio);

fn eight_digits(settings: &mut Settings) {
    settings.dnis_digits = Some(8);
}

/// A call from beginning to end, its numbers at the other end checked; what was said by the registers.
#[track_caller]
fn whole_call(mut pair: Pair, call: Setup, expected: Number) -> String {
    let ours = pair.place(A, call, None).expect("a channel is idle");
    let (theirs, offered) = pair.run_to_offer();
    assert_eq!(offered.from, expected);
    pair.say(B, theirs, Primitive::Proceeding);
    pair.say(B, theirs, Primitive::Alerting(Inband::Silent));
    pair.run(2000);
    assert_eq!(pair.told(A, ours), [Primitive::Proceeding, FREE]);
    pair.say(B, theirs, Primitive::Connected);
    pair.run(2000);
    assert_eq!(pair.told(A, ours).last(), Some(&Primitive::Connected));
    pair.say(A, ours, clearing(Cause::NORMAL_CLEARING));
    pair.run(2000);
    assert_eq!(
        pair.told(B, theirs)[1..],
        [clearing(Cause::NORMAL_CLEARING), Primitive::Released { cause: Cause::NORMAL_CLEARING }]
    );
    pair.check_rest();
    pair.dialogue()
}

#[test]
fn a_call_goes_through_in_every_country_with_a_number_of_known_length() {
    for country in COUNTRIES {
        let pair = Pair::with(country.code, |_| {}, eight_digits);
        let dialogue = whole_call(pair, setup("13800138000", "62345670"), Number::unknown(number("13800138000")));
        assert!(!dialogue.is_empty());
    }
}

#[test]
fn a_withheld_number_stays_withheld_where_there_is_a_signal_for_that() {
    for country in COUNTRIES {
        let pair = Pair::with(country.code, |_| {}, eight_digits);
        let presentation = match country.restricted {
            Some(_) => Presentation::Restricted,
            None => Presentation::Unavailable,
        };
        whole_call(pair, withheld("62345670"), Number { presentation, ..Number::default() });
    }
}

#[test]
fn a_caller_without_a_number_is_unknown() {
    for country in COUNTRIES {
        let pair = Pair::with(country.code, |_| {}, eight_digits);
        // Mexico has one signal for both.
        let presentation = if country.code == "mx" { Presentation::Restricted } else { Presentation::Unavailable };
        whole_call(pair, setup("", "62345670"), Number { presentation, ..Number::default() });
    }
}

#[test]
fn where_nobody_asks_for_the_caller_nobody_is_told() {
    for country in COUNTRIES {
        let theirs = |settings: &mut Settings| (settings.dnis_digits, settings.calling) = (Some(8), Calling::Not);
        let unknown = Number { presentation: Presentation::Unavailable, ..Number::default() };
        whole_call(Pair::with(country.code, |_| {}, theirs), setup("13800138000", "62345670"), unknown);
    }
}

#[track_caller]
fn check_dialogue(code: &str, from: &str, to: &str, digits: u8, expected: &str) {
    let theirs = |settings: &mut Settings| settings.dnis_digits = Some(digits);
    let number = Number::unknown(number(from));
    assert_eq!(whole_call(Pair::with(code, |_| {}, theirs), setup(from, to), number), expected);
}

#[test]
fn registers_say_what_each_country_says() {
    // Forward, then backward. The category and the caller after the first digit, A3, group II, B.
    check_dialogue("cn", "139", "4008", 4, "4 1 1 3 9 15 10 10 8 3 | 6 1 1 1 1 1 1 1 3 1");
    check_dialogue("itu", "139", "4008", 4, "4 1 1 3 9 15 10 10 8 1 | 5 5 5 5 5 1 1 1 3 6");
    check_dialogue("br", "139", "4008", 4, "4 1 1 3 9 15 10 10 8 1 | 5 5 5 5 5 1 1 1 3 1");
    check_dialogue("ar", "139", "4008", 4, "4 1 1 3 9 12 10 10 8 1 | 5 5 5 5 5 1 1 1 3 6");
    check_dialogue("ve", "139", "4008", 4, "4 1 1 3 9 15 10 10 8 1 | 5 9 9 9 9 1 1 1 3 6");
    check_dialogue("co", "139", "4008", 4, "4 1 1 3 9 15 10 10 8 1 | 5 5 5 5 5 1 1 1 3 1");
    // Last, in a group of its own.
    check_dialogue("mx", "139", "4008", 4, "4 10 10 8 1 1 3 9 15 1 | 1 1 1 6 1 1 1 1 3 1");
}

#[test]
fn what_the_called_party_is_comes_back_as_a_cause_in_every_country() {
    let congestion = [Cause::NO_CHANNEL, Cause::SWITCHING_CONGESTION, Cause::TEMPORARY_FAILURE];
    for country in COUNTRIES {
        let check = |cause: Cause, expected: Cause| {
            let mut pair = Pair::with(country.code, |_| {}, eight_digits);
            let ours = pair.dial("13800138000", "62345670");
            let (theirs, _) = pair.run_to_offer();
            pair.say(B, theirs, clearing(cause));
            pair.run(3000);
            let ended = [Primitive::Proceeding, clearing(expected), Primitive::Released { cause: expected }];
            assert_eq!(pair.told(A, ours), ended, "{}: {cause}", country.code);
            assert_eq!(pair.told(B, theirs)[1..], [Primitive::Released { cause }], "{}", country.code);
            pair.check_rest();
        };
        check(Cause::USER_BUSY, Cause::USER_BUSY);
        match country.code {
            // One signal for both.
            "mx" => check(Cause::UNALLOCATED_NUMBER, Cause::USER_BUSY),
            _ => check(Cause::UNALLOCATED_NUMBER, Cause::UNALLOCATED_NUMBER),
        }
        for cause in congestion {
            match country.code {
                "cn" => check(cause, Cause::USER_BUSY),
                _ => check(cause, Cause::SWITCHING_CONGESTION),
            }
        }
        match country.code {
            "cn" => check(Cause::DESTINATION_OUT_OF_ORDER, Cause::USER_BUSY),
            _ => check(Cause::DESTINATION_OUT_OF_ORDER, Cause::DESTINATION_OUT_OF_ORDER),
        }
    }
}

#[test]
fn a_number_of_unknown_length_is_whole_when_the_call_model_says_so() {
    for country in COUNTRIES {
        let mut pair = Pair::new(country.code);
        let ours = pair.dial("13800138000", "4008");
        let mut number = Digits::new();
        // As a call model: every digit is weighed as soon as it comes.
        for _ in 0..2000 {
            pair.run(10);
            let Some((theirs, offered)) = pair.offer(B) else { continue };
            number = offered.to.digits;
            assert_eq!(offered.address, Address::Open);
            for primitive in pair.told(B, theirs) {
                if let Primitive::Digits { digits, .. } = primitive {
                    number.append(&digits).unwrap();
                }
            }
            if number.as_str() == "4008" {
                pair.say(B, theirs, Primitive::Proceeding);
                pair.say(B, theirs, Primitive::Connected);
                break;
            }
        }
        let weighed = pair.now;
        pair.run(1500);
        let (theirs, offered) = pair.offered(B);
        assert_eq!((number.as_str(), offered.from.digits.as_str()), ("4008", "13800138000"), "{}", country.code);
        assert_eq!(pair.told(A, ours), [Primitive::Proceeding, FREE, Primitive::Connected], "{}", country.code);
        // Nobody waited for the end of the number.
        assert!(pair.when(A, ours, Primitive::Connected) - weighed < pair::ms(1000), "{}", country.code);
        pair.say(B, theirs, clearing(Cause::NORMAL_CLEARING));
        pair.run(3000);
        pair.check_rest();
    }
}

#[test]
fn a_number_that_no_digit_follows_is_whole_after_a_while() {
    for country in COUNTRIES {
        let mut pair = Pair::new(country.code);
        let ours = pair.dial("13800138000", "4008");
        let (theirs, _) = pair.run_to_offer();
        pair.run(5500);
        let told = pair.told(B, theirs);
        let whole = Primitive::Digits { digits: Digits::new(), address: Address::Complete };
        assert_eq!(told.last(), Some(&whole), "{}", country.code);
        // By then the register has said so to the caller's end, and the call model has its time.
        assert_eq!(pair.told(A, ours), [Primitive::Proceeding], "{}", country.code);
        pair.say(B, theirs, clearing(Cause::UNALLOCATED_NUMBER));
        pair.run(3000);
        pair.check_rest();
    }
}

#[test]
fn a_number_shorter_than_configured_is_offered_all_the_same() {
    for country in COUNTRIES {
        let pair = Pair::with(country.code, |_| {}, |settings| settings.dnis_digits = Some(11));
        whole_call(pair, setup("13800138000", "62345670"), Number::unknown(number("13800138000")));
    }
}

#[test]
fn a_caller_who_dials_digit_by_digit_is_waited_for() {
    for country in COUNTRIES {
        let mut pair = Pair::with(country.code, |_| {}, |settings| settings.dnis_digits = Some(4));
        let open = Setup { address: Address::Open, ..setup("139", "") };
        let ours = pair.place(A, open, None).unwrap();
        for digit in ["4", "0", "0", "8"] {
            // Longer than a cycle of the registers, shorter than the end of a number.
            pair.run(1200);
            let digits = number(digit);
            pair.say(A, ours, Primitive::Digits { digits, address: Address::Open });
        }
        pair.run(3000);
        let (_, offered) = pair.offered(B);
        assert_eq!(offered.to.digits.as_str(), "4008", "{}", country.code);
        assert_eq!(offered.from.digits.as_str(), "139", "{}", country.code);
        assert_eq!(pair.told(A, ours), [Primitive::Proceeding]);
    }
}

#[test]
fn who_calls_is_reported_as_the_signals_said() {
    let check = |code: &str, category: Category, expected: (u8, u8, Category)| {
        let mut pair = Pair::with(code, |settings| settings.category = category, eight_digits);
        let _ours = pair.dial("13800138000", "62345670");
        pair.run_to_offer();
        pair.run(100);
        let (asked, two, category) = expected;
        let report =
            Report::Caller { category_signal: Some(asked), group_two_signal: Some(two), category: Some(category) };
        assert!(pair.has_report(B, report), "{code}: {:?}", pair.desks[B].reports);
    };
    check("cn", Category::Subscriber, (1, 3, Category::Subscriber));
    check("cn", Category::Priority, (8, 4, Category::Priority));
    check("cn", Category::Toll, (1, 2, Category::Toll));
    check("cn", Category::Operator, (1, 1, Category::Operator));
    // None of its own there: an ordinary one.
    check("cn", Category::Collect, (1, 3, Category::Subscriber));
    check("br", Category::Collect, (8, 8, Category::Collect));
    check("ar", Category::PayPhone, (4, 4, Category::PayPhone));
    check("itu", Category::InternationalPriority, (9, 9, Category::InternationalPriority));
}

#[test]
fn a_collect_call_is_refused_where_that_is_wanted_and_offered_where_not() {
    let refuse = |settings: &mut Settings| (settings.dnis_digits, settings.collect) = (Some(8), Collect::Refuse);
    let collect = |settings: &mut Settings| settings.category = Category::Collect;
    for (theirs, is_refused) in [(refuse as fn(&mut Settings), true), (eight_digits, false)] {
        let mut pair = Pair::with("br", collect, theirs);
        let ours = pair.dial("13800138000", "62345670");
        pair.run(7000);
        assert_eq!(pair.offer(B).is_none(), is_refused);
        assert_eq!(pair.has_report(B, Report::CollectRefused), is_refused);
        let has_ended = pair.told(A, ours).iter().any(|primitive| matches!(primitive, Primitive::Released { .. }));
        assert_eq!(has_ended, is_refused);
        if is_refused {
            pair.run(3000);
            pair.check_rest();
        }
    }
    // Callers who pay themselves are not concerned.
    whole_call(Pair::with("br", |_| {}, refuse), setup("139", "62345670"), Number::unknown(number("139")));
}

#[test]
fn a_collect_call_is_refused_before_its_number_is_whole() {
    let refuse = |settings: &mut Settings| settings.collect = Collect::Refuse;
    let mut pair = Pair::with("br", |settings| settings.category = Category::Collect, refuse);
    let ours = pair.dial("13800138000", "62345670");
    pair.run(4000);
    assert!(pair.offer(B).is_none() && pair.has_report(B, Report::CollectRefused));
    assert!(matches!(pair.told(A, ours).last(), Some(Primitive::Released { .. })));
    pair.check_rest();
}

#[test]
fn a_free_called_party_is_shown_with_charge_and_control_as_configured() {
    let check = |code: &str, charge: Charge, control: Control, expected: &str| {
        let theirs = |settings: &mut Settings| {
            (settings.dnis_digits, settings.calling) = (Some(1), Calling::Not);
            (settings.charge, settings.control) = (charge, control);
        };
        let unknown = Number { presentation: Presentation::Unavailable, ..Number::default() };
        let dialogue = whole_call(Pair::with(code, |_| {}, theirs), setup("", "9"), unknown);
        let backward = dialogue.split_once(" | ").unwrap().1;
        assert_eq!(backward, expected, "{code}");
    };
    check("cn", Charge::Charged, Control::First, "3 1");
    check("cn", Charge::Charged, Control::Caller, "3 6");
    check("itu", Charge::Charged, Control::Caller, "3 6");
    check("itu", Charge::Free, Control::First, "3 7");
    check("mx", Charge::Free, Control::Caller, "3 5");
}

#[test]
fn speech_can_be_given_at_once_where_group_a_has_a_signal_for_it() {
    let theirs = |settings: &mut Settings| {
        (settings.dnis_digits, settings.acceptance) = (Some(4), Acceptance::GroupA);
    };
    let mut pair = Pair::with("itu", |_| {}, theirs);
    let ours = pair.dial("139", "4008");
    pair.run(5000);
    assert_eq!(pair.told(A, ours), [FREE]);
    let (theirs, offered) = pair.offered(B);
    assert_eq!(offered.from.digits.as_str(), "139");
    pair.say(B, theirs, Primitive::Connected);
    pair.run(1000);
    assert_eq!(pair.told(A, ours), [FREE, Primitive::Connected]);
    pair.say(A, ours, clearing(Cause::NORMAL_CLEARING));
    pair.run(1000);
    pair.check_rest();
}

#[test]
fn a_call_that_nobody_decides_on_is_taken_for_free_if_it_was_routed_and_refused_if_not() {
    for is_routed in [true, false] {
        let mut pair = Pair::with("itu", |_| {}, eight_digits);
        let ours = pair.dial("139", "62345670");
        let (theirs, _) = pair.run_to_offer();
        if is_routed {
            pair.say(B, theirs, Primitive::Proceeding);
        }
        pair.run(8000);
        let is_free = pair.told(A, ours).contains(&FREE);
        assert_eq!(is_free, is_routed);
        pair.say(A, ours, clearing(Cause::NORMAL_CLEARING));
        pair.run(3000);
        pair.check_rest();
    }
}

#[test]
fn what_registers_cannot_dial_is_refused_before_a_channel_is_seized() {
    let mut span = Box::new(R2Span::new(Settings::new(Country::CHINA)));
    let now = base::Instant::ZERO;
    let mut check = |setup: Setup| assert_eq!(span.call(now, setup, None), Err(Refusal::NotSupported));
    check(setup("", "+8613800138000"));
    check(setup("", "*21#"));
    check(setup("139", ""));
    check(Setup { bearer: ports::call::Bearer::Data, ..setup("", "1") });
    assert_eq!(span.calls().count(), 0);
}
