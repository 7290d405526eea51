use super::*;

#[track_caller]
fn check(line: &str, expected: Action) {
    let script = parse(line, &[("nav".into(), "1.2345".into())]).expect("a good line");
    assert_eq!(script.steps[0].action, expected);
}

#[test]
fn each_step_is_read() {
    check("wait speech within 5s", Action::WaitSpeech(Duration::from_secs(5)));
    check("wait silence 500ms", Action::WaitSilence { length: Duration::from_millis(500), within: WITHIN });
    check("wait tone ringback", Action::WaitTone { tone: ToneName::Ringback, within: WITHIN });
    check("press 000001#", Action::Press("000001#".parse().expect("keys")));
    let say_as = SayAs::from_names("number", None);
    let text = "1.2345".to_owned();
    check("expect zh \"${nav}\" as number", Action::Expect { lang: Lang::Zh, text, say_as, within: WITHIN });
    let keys = "1#".parse().expect("keys");
    check("wait keys 1# within 5s", Action::WaitKeys { keys, within: Duration::from_secs(5) });
    check("digits 8001", Action::Digits("8001".parse().expect("digits")));
    check("reject 17", Action::Reject(Cause(17)));
    check("hang up", Action::HangUp);
    check("tone vacant", Action::Tone(Tone::Vacant));
    let within = Duration::from_secs(9);
    check("hang up by tone busy within 9s", Action::HangUpByTone { tone: Tone::Busy, within });
    check("call waiting 139", Action::CallWaiting("139".parse().expect("digits")));
    check("fault clear", Action::Fault { span: None, order: faults::Order::Clear });
    let order = faults::parse(&["noise", "-30", "for", "5s"]).expect("a fault");
    check("fault 1 noise -30 for 5s", Action::Fault { span: Some(1), order });
}

#[test]
fn blank_lines_and_comments_are_no_steps_and_lines_keep_their_numbers() {
    let script = parse("# a caller\n\n  press 1\n", &[]).expect("a script");
    assert_eq!((script.steps.len(), script.steps[0].line), (1, 3));
}

#[test]
fn a_script_says_who_calls_and_where_before_its_first_step() {
    let script = parse("from 139 \"LI MING\"\non span 2 line 17\nhang up", &[]).expect("a script");
    let (from, name) = (Some("139".parse().expect("digits")), Some("LI MING".into()));
    assert_eq!((script.caller, script.steps.len()), (Caller { from, name, span: Some(2), line: Some(17) }, 1));
    let fault = |text: &str| parse(text, &[]).expect_err("a fault").to_string();
    assert!(fault("hang up\nfrom 139").contains("line 2: `from` comes too late; write it before"));
    assert!(fault("on line 2").contains("`on span 2 line 1`"));
}

#[test]
fn a_word_with_a_colon_names_the_step() {
    let script = parse("value: press 1\nexpect zh \"a: b\"\n", &[]).expect("a script");
    assert_eq!((script.steps[0].label.as_deref(), script.steps[0].text.as_str()), (Some("value"), "press 1"));
    assert_eq!(script.steps[1].label, None);
}

#[test]
fn a_fault_names_its_line_and_the_remedy() {
    let fault = |text: &str| parse(text, &[]).expect_err("a fault").to_string();
    assert!(fault("press 1\nshout 2").starts_with("line 2: `shout`"));
    assert!(fault("press 1x").contains("0-9 * # A-D"));
    assert!(fault("expect fr \"bonjour\"").contains("zh-CN"));
    assert!(fault("pause 5").contains("500ms"));
    assert!(fault("speak en \"hello").contains("close it"));
    assert!(fault("expect en \"${nav}\"").contains("--set"));
    assert!(fault("pause 2000m").contains("hour"));
    assert!(fault("within 2s").contains("steps are"));
    assert!(fault("fault noise loud").contains("dBm0"));
}
