//! The lines of the box, and what a line doctor would say of them.

use ipc::lines::{Finding, Health, Kind, Line, Measured, Said, Step, Verdict};

/// Two spans and two analog lines, nothing tested yet.
pub(crate) fn lines() -> Vec<Line> {
    let line = |name: &str, label: &str, kind| Line {
        name: name.into(),
        label: label.into(),
        kind,
        tests: 0,
        step: None,
        verdict: None,
    };
    vec![
        line("span1", "", Kind::Span),
        line("span2", "", Kind::Span),
        line("bank/1", "前台 front desk", Kind::Exchange),
        line("bank/2", "62345679", Kind::Exchange),
    ]
}

/// These are being tested; all, where none is named.
pub(crate) fn begin(lines: &mut [Line], names: &[String]) {
    for line in lines.iter_mut().filter(|line| names.is_empty() || names.contains(&line.name)) {
        line.step = Some(if line.kind == Kind::Span { Step::Watching } else { Step::Listening });
    }
}

/// All tests under way end.
pub(crate) fn end(lines: &mut [Line], wall_ms: u64) {
    for line in lines.iter_mut().filter(|line| line.step.is_some()) {
        line.step = None;
        line.tests += 1;
        let findings = findings(&line.name);
        let health = findings.iter().map(|finding| finding.health).max().unwrap_or(Health::Good);
        line.verdict = Some(Verdict { health, findings, wall_ms, took_ms: 10_000 });
    }
}

fn findings(name: &str) -> Vec<Finding> {
    match name {
        "span1" => vec![
            finding("signal_good", Health::Good, ["信号与帧同步正常", "signal and frame alignment are good"], ["", ""]),
            finding("d_channel_up", Health::Good, ["D 信道已建立", "D-channel is up"], ["", ""]),
        ],
        "span2" => vec![
            finding(
                "slips",
                Health::Warning,
                ["10 秒内滑码 3 次", "3 slips in 10 s"],
                [
                    "两端时钟不同步：让一端提供时钟，另一端跟随线路",
                    "one end must give the clock and the other follow the line",
                ],
            ),
            finding("signal_good", Health::Good, ["信号与帧同步正常", "signal and frame alignment are good"], ["", ""]),
        ],
        "bank/1" => vec![finding(
            "no_battery",
            Health::Fault,
            ["无馈电", "no battery"],
            ["检查线路是否插好；用电话机试听", "check that the line is plugged in; try a telephone on it"],
        )],
        _ => vec![finding(
            "dial_tone",
            Health::Good,
            ["拨号音 450 Hz，电平 -12.0 dBm0（中国）", "dial tone 450 Hz at -12.0 dBm0 (China)"],
            ["", ""],
        )],
    }
}

fn finding(code: &str, health: Health, says: [&str; 2], remedy: [&str; 2]) -> Finding {
    let said = |[zh, en]: [&str; 2]| Said { zh: zh.into(), en: en.into() };
    Finding { code: code.into(), health, says: said(says), remedy: said(remedy), measured: Measured::default() }
}
