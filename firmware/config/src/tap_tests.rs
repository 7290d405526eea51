use crate::check::tests::check_in;
use crate::{RecordingFormat, TapRecording, parse};
use core::time::Duration;

const GOOD: &str = r#"
[box]
name = "desk"
[[span]]
name = "monitor"
card = "pseudowire"
signaling = "none"
local = "127.0.0.1:5001"
remote = "127.0.0.1:5101"
[[tap]]
span = "monitor"
channel = 1
name = "desk 1"
[[tap]]
span = "monitor"
channel = 31
name = "desk 2"
recording = "always"
cut_min = 15
[recording]
format = "opus"
pause_key = "*7"
"#;

#[track_caller]
fn check(from: &str, to: &str, expected: &str) {
    check_in(GOOD, from, to, expected);
}

#[test]
fn taps_are_taken_with_what_was_left_out() {
    let config = parse("f.toml", GOOD).unwrap();
    let [first, second] = config.taps.as_slice() else { panic!("two taps: {:?}", config.taps) };
    assert_eq!((first.span, first.channel, first.name.as_str()), (0, 1, "desk 1"));
    assert_eq!(first.recording, TapRecording::Voice { silence: Duration::from_secs(10) });
    assert_eq!((first.longest, second.longest), (Duration::from_secs(3600), Duration::from_secs(900)));
    assert_eq!((second.channel, second.recording), (31, TapRecording::Always));
    let code = config.recording.pause_key.map(toml::Spanned::into_inner);
    assert_eq!((config.recording.format, code.as_deref()), (RecordingFormat::Opus, Some("*7")));
}

#[test]
fn faults_of_taps_are_named_with_place_and_remedy() {
    check("channel = 31", "channel = 16", "f.toml:16:11: `channel` is a timeslot");
    check("channel = 31", "channel = 1", "f.toml:16:11: a second [[tap]] has channel 1");
    check("cut_min = 15", "cut_min = 0", "f.toml:19:11: `cut_min` is from 1 to 1440");
    check("cut_min = 15", "silence_s = 5", "f.toml:19:13: `silence_s` belongs to recording = \"voice\"");
    check("name = \"desk 1\"", "name = \"\"", "f.toml:13:8: a tap needs a name");
    check("span = \"monitor\"", "span = \"minitor\"", "f.toml:11:8: no span is called \"minitor\"");
    check("signaling = \"none\"", "", "f.toml:11:8: a [[tap]] belongs to a span with signaling = \"none\"");
    let trunk = "[[trunk]]\nname = \"t\"\nspans = [\"monitor\"]\n[recording]";
    check("[recording]", trunk, "f.toml:22:10: span \"monitor\" has no signaling");
    let taps = GOOD.find("[[tap]]").unwrap();
    let problems = parse("f.toml", &GOOD[..taps]).unwrap_err();
    assert!(problems[0].to_string().starts_with("f.toml:5:8: a span with signaling = \"none\" wants a [[tap]]"));
}

#[test]
fn a_pause_key_is_more_than_one_key() {
    for key in ["*", "7", "12345678*", "*a"] {
        check("\"*7\"", &format!("\"{key}\""), "f.toml:22:13: `pause_key` wants 2 to 8 keys");
    }
    let none = parse("f.toml", &GOOD.replacen("\"*7\"", "\"\"", 1)).unwrap();
    assert!(none.recording.pause_key.is_some_and(|key| key.get_ref().is_empty()));
}
