//! `fundlinectl` in a terminal beside a running box: what it says, and by which code it ends.

use serde_json::Value;
use std::process::{Command, Output};
use system::{Lab, built};

/// As a technician types it, below this root.
fn ctl(lab: &Lab, words: &[&str]) -> Output {
    let mut command = Command::new(built("fundlinectl"));
    command.arg("--root").arg(lab.path("")).args(words).env("LC_ALL", "C");
    command.output().expect("fundlinectl starts")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[track_caller]
fn check_code(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
}

/// All lines, and what was printed.
#[track_caller]
fn test_all(lab: &Lab) -> (Output, Value) {
    let tested = ctl(lab, &["line", "test", "all", "--json"]);
    let lines = serde_json::from_slice(&tested.stdout).expect("JSON and nothing else");
    (tested, lines)
}

/// What is not good of a line, slips aside: a packet may always be late.
fn oddities(line: &Value) -> Vec<&str> {
    let findings = line["verdict"]["findings"].as_array().expect("findings");
    let odd = findings.iter().filter(|finding| finding["health"] != "good");
    odd.filter_map(|finding| finding["code"].as_str()).filter(|code| !code.starts_with("slips")).collect()
}

#[test]
fn every_line_of_the_box_is_tested_from_a_terminal() {
    let lab = Lab::start_with_bank();
    let status = ctl(&lab, &["status"]);
    check_code(&status, 0);
    assert!(said(&status).contains("span1  no alarms  D-channel up"), "{status:?}");
    let list = ctl(&lab, &["line", "list", "--lang", "zh"]);
    check_code(&list, 0);
    assert!(said(&list).contains("span3/2  模拟外线  未测试"), "{list:?}");

    // A machine full of other stories delays packets, and what the doctor then says is true.
    let (mut tested, mut lines) = test_all(&lab);
    for _ in 0..2 {
        if lines.as_array().is_some_and(|lines| lines.iter().all(|line| oddities(line).is_empty())) {
            break;
        }
        (tested, lines) = test_all(&lab);
    }
    let names: Vec<&str> = lines.as_array().expect("lines").iter().filter_map(|line| line["name"].as_str()).collect();
    assert_eq!(names, ["span1", "span2", "span3", "span3/1", "span3/2"]);
    for line in lines.as_array().expect("lines") {
        assert!(oddities(line).is_empty(), "{line}");
    }
    let line = &lines[3]["verdict"]["findings"];
    let tone = line.as_array().and_then(|all| all.iter().find(|finding| finding["code"] == "dial_tone"));
    assert_eq!(tone.expect("dial tone through packets")["measured"]["countries"], serde_json::json!(["cn"]));
    assert!(tested.status.code().is_some_and(|code| code <= 1), "{tested:?}");
    assert!(String::from_utf8_lossy(&tested.stderr).contains("span3/1: listening for dial tone"), "{tested:?}");

    let stranger = ctl(&lab, &["line", "test", "span9"]);
    check_code(&stranger, 64);
    assert!(String::from_utf8_lossy(&stranger.stderr).contains("known: span1, span2, span3"), "{stranger:?}");
}

#[test]
fn a_span_that_leads_nowhere_is_a_fault_and_a_box_that_is_away_is_said_so() {
    let mut lab = Lab::start_with_sockets();
    let tested = ctl(&lab, &["line", "test", "span1", "--lang", "zh"]);
    check_code(&tested, 2);
    let text = said(&tested);
    assert!(text.starts_with("span1  故障\n  ✗ ") && text.contains("\n    → "), "{text}");
    check_code(&ctl(&lab, &["status"]), 2);
    check_code(&ctl(&lab, &["line", "examine"]), 64);
    let help = ctl(&lab, &["--help"]);
    check_code(&help, 0);
    assert!(said(&help).contains("Examples:") && said(&help).contains("Exit codes:"), "{help:?}");

    lab.cut_power();
    let away = ctl(&lab, &["status"]);
    check_code(&away, 69);
    assert!(String::from_utf8_lossy(&away.stderr).contains("see that fundlined runs"), "{away:?}");
}

#[test]
fn a_channel_is_kept_from_calls_and_given_back_from_a_terminal() {
    let lab = Lab::start_with_bank();
    let blocked = ctl(&lab, &["channel", "block", "span3/1", "span1/5"]);
    check_code(&blocked, 0);
    assert_eq!(said(&blocked), "span3/1  blocked\nspan1/5  blocked\n");
    let back = ctl(&lab, &["channel", "unblock", "span3/1", "span1/5", "--lang", "zh"]);
    check_code(&back, 0);
    assert_eq!(said(&back), "span3/1  空闲\nspan1/5  空闲\n");
    let stranger = ctl(&lab, &["channel", "block", "span3/9"]);
    check_code(&stranger, 64);
    assert!(String::from_utf8_lossy(&stranger.stderr).contains("write span/timeslot"), "{stranger:?}");
}
