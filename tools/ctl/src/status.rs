//! The box's state as text.

use crate::exit::Exit;
use crate::words::Language;
use ipc::web::{Channel, ChannelState, Link, Snapshot, Span};
use std::fmt::Write;

/// A fault where a span is down: it carries no calls.
pub(crate) fn exit(snapshot: &Snapshot) -> Exit {
    let is_down = |span: &Span| !alarms(span, Language::English).is_empty() || span.link == Some(Link::Down);
    if snapshot.spans.iter().any(is_down) { Exit::Fault } else { Exit::Good }
}

/// Spans, D-channels, calls and processes.
pub(crate) fn text(snapshot: &Snapshot, language: Language) -> String {
    let mut text = format!("{}  Fundline {}\n", snapshot.name, snapshot.version);
    for span in &snapshot.spans {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", of_span(span, language));
    }
    if snapshot.calls.is_empty() {
        let _ = writeln!(text, "{}", language.choose("当前没有通话", "no calls"));
    }
    for call in &snapshot.calls {
        let with = call.with.as_ref().map(|with| format!(" ⇄ {with}")).unwrap_or_default();
        let from = if call.from.is_empty() { language.choose("未提供号码", "withheld") } else { &call.from };
        let _ = writeln!(text, "{}  {from} → {}{with}  {} {}", call.line, call.to, call.state, call.step);
    }
    let processes = snapshot.processes.iter().map(|process| {
        let state = if process.up {
            language.choose("运行中", "running")
        } else {
            language.choose("未运行", "not running")
        };
        format!("{} {state}", process.name)
    });
    text + &processes.collect::<Vec<_>>().join(language.choose("，", ", "))
}

fn of_span(span: &Span, language: Language) -> String {
    let alarms = alarms(span, language);
    let alarms =
        if alarms.is_empty() { language.choose("无告警", "no alarms").to_owned() } else { alarms.join(", ") };
    let link = match span.link {
        Some(Link::Up) => language.choose("D 信道已建立", "D-channel up"),
        Some(Link::Establishing) => language.choose("D 信道建立中", "D-channel establishing"),
        Some(Link::Down) => language.choose("D 信道断开", "D-channel down"),
        None => &span.signaling,
    };
    let count = |states: &[ChannelState]| {
        let is = |channel: &&Channel| states.contains(&channel.state);
        span.channels.iter().filter(is).count()
    };
    let all = span.channels.len() - count(&[ChannelState::Absent]);
    let out = count(&[ChannelState::OutOfService, ChannelState::Blocked]);
    let used = all - out - count(&[ChannelState::Idle]);
    match language {
        Language::Chinese => {
            format!("{}  {alarms}  {link}  滑码 {}  信道：占用 {used}/{all}，停用 {out}", span.name, span.slips)
        }
        Language::English => {
            let slips = span.slips;
            format!("{}  {alarms}  {link}  {slips} slips  channels: {used} of {all} in use, {out} out", span.name)
        }
    }
}

fn alarms(span: &Span, language: Language) -> Vec<&'static str> {
    let all = [
        (span.alarm_loss, language.choose("信号丢失", "loss of signal")),
        (span.alarm_indication, language.choose("告警指示 (AIS)", "alarm indication")),
        (span.alarm_remote, language.choose("远端告警", "remote alarm")),
    ];
    all.into_iter().filter_map(|(is, name)| is.then_some(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(loss: bool) -> Snapshot {
        let channel = |timeslot, state| Channel { timeslot, state, name: None, call: None };
        let span = Span {
            name: "span1".into(),
            card: "lab".into(),
            alarm_loss: loss,
            alarm_remote: false,
            alarm_indication: false,
            signaling: "pri".into(),
            link: Some(if loss { Link::Down } else { Link::Up }),
            slips: 3,
            channels: vec![
                channel(1, ChannelState::Idle),
                channel(2, ChannelState::Connected),
                channel(3, ChannelState::Absent),
            ],
        };
        Snapshot { name: "box".into(), version: "1".into(), spans: vec![span], ..Snapshot::default() }
    }

    #[test]
    fn a_span_is_a_row_and_one_that_is_down_a_fault() {
        let well = text(&snapshot(false), Language::English);
        assert!(well.contains("span1  no alarms  D-channel up  3 slips  channels: 1 of 2 in use, 0 out"), "{well}");
        assert!(well.contains("no calls"), "{well}");
        assert_eq!(exit(&snapshot(false)), Exit::Good);
        let down = text(&snapshot(true), Language::Chinese);
        assert!(down.contains("span1  信号丢失  D 信道断开  滑码 3"), "{down}");
        assert_eq!(exit(&snapshot(true)), Exit::Fault);
    }
}
