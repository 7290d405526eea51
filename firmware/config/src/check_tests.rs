use crate::{Dtmf, EchoCanceller, Signaling, parse};
use core::time::Duration;
use sig_span::ChannelState;
use sig_span::loopstart::LineSettings;
use sig_span::mfc::{Collect, Direction};
use sig_span::pri::Overlap;

const GOOD: &str = r#"
[box]
name = "lab"

[[span]]
name = "span1"
card = "pseudowire"
local = "127.0.0.1:5001"
remote = "127.0.0.1:5101"

[[trunk]]
name = "city"
spans = ["span1"]

[[extension]]
number = "8001"
trunk = "city"

[[app]]
name = "hotline"
url = "http://127.0.0.1:8480/apps/hotline/start"

[[route]]
called = "4008001234"
app = "hotline"
"#;

/// Replaces one piece of a good file and expects a fault that begins so.
#[track_caller]
pub(crate) fn check_in(good: &str, from: &str, to: &str, expected: &str) {
    assert!(good.contains(from), "{from}");
    let problems = parse("f.toml", &good.replacen(from, to, 1)).unwrap_err();
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(told.iter().any(|line| line.starts_with(expected)), "{told:#?}");
}

#[track_caller]
fn check(from: &str, to: &str, expected: &str) {
    check_in(GOOD, from, to, expected);
}

#[test]
fn a_good_file_is_taken() {
    let config = parse("f.toml", GOOD).unwrap();
    assert_eq!((config.spans.len(), config.plan.routes.len()), (1, 1));
    assert_eq!(config.trunks, [("city".to_string(), vec![0])]);
    assert_eq!(config.dtmf, Dtmf::Att);
}

#[test]
fn keys_may_be_read_by_another_administrations_limits() {
    for (word, dtmf) in [("att", Dtmf::Att), ("ntt", Dtmf::Ntt), ("china", Dtmf::China)] {
        let text = GOOD.replacen("name = \"lab\"", &format!("name = \"lab\"\ndtmf = \"{word}\""), 1);
        assert_eq!(parse("f.toml", &text).unwrap().dtmf, dtmf);
    }
}

#[test]
fn every_fault_names_its_line_and_what_was_expected() {
    check("name = \"lab\"", "name = \"lab\"\ncolour = 1", "f.toml:4:1: unknown field `colour`, expected `name`");
    check("name = \"lab\"", "name = \"lab\"\ndtmf = \"bell\"", "f.toml:4:8: unknown variant `bell`, expected");
    check("card = \"pseudowire\"", "card = \"isdn\"", "f.toml:7:8: unknown variant `isdn`, expected");
    check("local = \"127.0.0.1:5001\"", "local = \"5001\"", "f.toml:8:9: invalid socket address");
    check("remote = \"127.0.0.1:5101\"", "", "f.toml:5:1: card \"pseudowire\" wants `local` and `remote`");
    check("[\"span1\"]", "[\"span2\"]", "f.toml:13:10: no span is called \"span2\"; known: span1");
    check("[\"span1\"]", "[\"span1\", \"span1\"]", "f.toml:13:19: span \"span1\" is in trunk \"city\" already");
    check("app = \"hotline\"", "app = \"hot\"", "f.toml:25:7: no app is called \"hot\"; known: hotline");
    check("app = \"hotline\"", "reject = 0", "f.toml:25:10: `reject` wants a Q.850 cause");
    check("app = \"hotline\"", "", "f.toml:23:1: a route leads to exactly one of");
    check("\"4008001234\"", "\"40080o1234\"", "f.toml:24:10: `o` has no place in a number pattern");
    check("\"8001\"", "\"80 01\"", "f.toml:16:10: not a number: character 3");
    check("http://", "ftp://", "f.toml:21:7: an application's `url` begins with");
    check("[box]", "[box", "f.toml:2:5: ");
    check("[[app]]", "[ivr]\nlisten = \"0.0.0.0:80\"\n[[app]]", "f.toml:19:1: `ivr.listen`");
}

#[test]
fn all_faults_are_told_at_once_in_order() {
    let text = GOOD.replace("[\"span1\"]", "[\"x\"]").replace("app = \"hotline\"", "app = \"y\"");
    let lines: Vec<usize> = parse("f.toml", &text).unwrap_err().iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [13, 25]);
}

#[test]
fn the_documented_example_is_a_good_file() {
    let text = include_str!("../../../docs/fundline.example.toml");
    parse("fundline.example.toml", text).unwrap();
}

const BANK: &str = r#"
[box]
name = "lab"

[[span]]
name = "bank"
card = "lab"
dir = "bank"
signaling = "loopstart"
country = "uk"

[[line]]
span = "bank"
channel = 17
number = "62345678"
name = "front desk"
answer = "reversal"

[[line]]
span = "bank"
channel = 2
number = "8001"
side = "fxs"
country = "cn"
"#;

#[track_caller]
fn check_bank(from: &str, to: &str, expected: &str) {
    check_in(BANK, from, to, expected);
}

#[test]
fn lines_become_what_their_protocol_takes() {
    let config = parse("f.toml", BANK).unwrap();
    let Signaling::Loopstart(lines) = &config.spans[0].signaling else { panic!("a channel bank") };
    let LineSettings::Fxo(desk) = lines[0].settings else { panic!("a line of the network") };
    assert_eq!((lines[0].channel, desk.country.code, desk.number.as_str()), (17, "uk", "62345678"));
    assert_eq!((desk.reversal_answers, desk.reversal_ends, desk.voice_answers), (true, true, false));
    let LineSettings::Fxs(telephone) = lines[1].settings else { panic!("a line to a telephone") };
    assert_eq!((lines[1].channel, telephone.country.code), (2, "cn"));
    let protocol = config.spans[0].protocol();
    assert_eq!(
        [1, 2, 17].map(|channel| protocol.channel_state(channel)),
        [ChannelState::Absent, ChannelState::Idle, ChannelState::Idle]
    );
    assert_eq!(config.spans[0].line_names().collect::<Vec<_>>(), [(17, "front desk")]);
}

#[test]
fn echo_is_cancelled_on_analog_lines_and_elsewhere_where_it_is_asked_for() {
    let canceller = |text: &str| parse("f.toml", text).unwrap().spans[0].echo_canceller;
    assert_eq!((canceller(BANK), canceller(GOOD)), (EchoCanceller::Ms128, EchoCanceller::Off));
    for (word, asked) in [("off", EchoCanceller::Off), ("32ms", EchoCanceller::Ms32), ("128ms", EchoCanceller::Ms128)] {
        let set = |text: &str| text.replacen("[[span]]", &format!("[[span]]\necho_canceller = \"{word}\""), 1);
        assert_eq!((canceller(&set(BANK)), canceller(&set(GOOD))), (asked, asked));
    }
    check_bank("country = \"uk\"", "echo_canceller = \"on\"", "f.toml:10:18: unknown variant `on`, expected one of");
}

#[test]
fn every_fault_of_a_line_names_its_place_and_remedy() {
    check_bank(
        "signaling = \"loopstart\"",
        "signaling = \"analog\"",
        "f.toml:9:13: unknown variant `analog`, expected",
    );
    check_bank("signaling = \"loopstart\"", "", "f.toml:10:11: signaling \"pri\" has no `country`");
    check_bank("signaling = \"loopstart\"", "", "f.toml:13:8: a [[line]] belongs to a span with signaling");
    check_bank("country = \"uk\"", "country = \"gb\"", "f.toml:10:11: no country is called \"gb\"; known: cn, mo,");
    check_bank("country = \"uk\"", "side = \"user\"", "f.toml:10:8: signaling \"loopstart\" has no `side`");
    check_bank("country = \"uk\"", "profile = \"china\"", "f.toml:10:11: signaling \"loopstart\" has no `profile`");
    check_bank("span = \"bank\"", "span = \"banks\"", "f.toml:13:8: no span is called \"banks\"; known: bank");
    check_bank("channel = 17", "channel = 2", "f.toml:21:11: channel 2 of span \"bank\" has a line already");
    check_bank("channel = 17", "channel = 16", "f.toml:14:11: `channel` is a timeslot that carries a line");
    check_bank("channel = 17", "channel = 32", "f.toml:14:11: `channel` is a timeslot that carries a line");
    check_bank("\"62345678\"", "\"6234 5678\"", "f.toml:15:10: not a number: character 5");
    check_bank("side = \"fxs\"", "side = \"fxx\"", "f.toml:23:8: unknown variant `fxx`, expected `fxo` or `fxs`");
    check_bank("answer = \"reversal\"", "battery_break_ms = 10", "f.toml:17:20: `battery_break_ms` is from 20 to 1000");
    let bare = BANK.split("[[line]]").next().unwrap();
    let problems = parse("f.toml", bare).unwrap_err();
    assert!(
        problems[0].to_string().starts_with("f.toml:5:1: signaling \"loopstart\" wants a [[line]]"),
        "{problems:?}"
    );
}

#[test]
fn a_trunk_may_differ_from_its_profile() {
    let text = GOOD.replace(
        "card = \"pseudowire\"",
        "card = \"pseudowire\"\nprofile = \"qsig\"\npri = { overlap = \"refused\", timers_s = { t303 = 9 } }",
    );
    let config = parse("f.toml", &text).unwrap();
    let Signaling::Pri { profile, overrides, .. } = &config.spans[0].signaling else { panic!("primary rate") };
    assert_eq!((profile.name, overrides.overlap), ("qsig", Some(Overlap::Refused)));
    assert_eq!((overrides.t303, overrides.t310), (Some(Duration::from_secs(9)), None));

    let with = |pri: &str| format!("card = \"pseudowire\"\n{pri}");
    check(
        "card = \"pseudowire\"",
        &with("profile = \"dms\""),
        "f.toml:8:11: no profile is called \"dms\"; known: china,",
    );
    check("card = \"pseudowire\"", &with("pri = { timers_s = { t3 = 1 } }"), "f.toml:8:22: no timer is called \"t3\"");
    check("card = \"pseudowire\"", &with("pri = { hunting = \"x\" }"), "f.toml:8:19: unknown variant `x`, expected");
}

#[test]
fn an_r2_span_speaks_as_its_country_but_for_what_is_said() {
    let r2 = |more: &str| {
        GOOD.replace("card = \"pseudowire\"", &format!("card = \"pseudowire\"\nsignaling = \"r2\"\n{more}"))
    };
    let config =
        parse("f.toml", &r2("country = \"br\"\nr2 = { direction = \"in\", dnis_digits = 4, collect = \"refuse\" }"))
            .unwrap();
    let Signaling::R2(settings) = &config.spans[0].signaling else { panic!("R2") };
    assert_eq!((settings.country.code, settings.dnis_digits), ("br", Some(4)));
    assert_eq!((settings.directions[1], settings.collect), (Direction::Incoming, Collect::Refuse));
    assert_eq!(config.spans[0].protocol().channel_state(1), ChannelState::Idle);

    let with = |more: &str| format!("card = \"pseudowire\"\nsignaling = \"r2\"\n{more}");
    let pseudowire = "card = \"pseudowire\"";
    check(pseudowire, &with("country = \"xx\""), "f.toml:9:11: no country of R2 is called \"xx\"; known: ar, br, cn,");
    check(pseudowire, &with("side = \"user\""), "f.toml:9:8: signaling \"r2\" has no `side`; who seizes is told by");
    check(pseudowire, &with("r2 = { dnis_digits = 0 }"), "f.toml:9:22: `dnis_digits` is the length of called numbers");
    check(pseudowire, &with("r2 = { calling_digits = 21 }"), "f.toml:9:25: `calling_digits` is at most 20");
    check(pseudowire, &with("r2 = { release = \"soft\" }"), "f.toml:9:18: unknown variant `soft`, expected");
    check(pseudowire, "card = \"pseudowire\"\nr2 = {}", "f.toml:8:6: signaling \"pri\" has no `r2`");
}
