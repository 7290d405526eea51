//! Lines and verdicts as text.

use crate::words::{self, Language};
use ipc::lines::{Health, Line};
use serde::Serialize;
use std::fmt::Write;

/// Pretty, for people look at it too.
pub(crate) fn json(what: &impl Serialize) -> String {
    serde_json::to_string_pretty(what).unwrap_or_default()
}

/// How far a test is.
pub(crate) fn progress(line: &Line, language: Language) -> String {
    let step = line.step.map(|step| words::step(step, language)).unwrap_or_default();
    format!("{}: {step} …", line.name)
}

/// One row a line: name, kind, last verdict.
pub(crate) fn list(lines: &[Line], language: Language) -> String {
    if lines.is_empty() {
        return language.choose("配置中没有线路", "the configuration has no line").into();
    }
    let width = lines.iter().map(|line| line.name.len()).max().unwrap_or_default();
    let row = |line: &Line| {
        let last = match (&line.verdict, line.step) {
            (_, Some(step)) => words::step(step, language).to_owned(),
            (Some(verdict), None) => words::health(verdict.health, language).to_owned(),
            (None, None) => language.choose("未测试", "not tested").to_owned(),
        };
        let label = if line.label.is_empty() { String::new() } else { format!("  ({})", line.label) };
        format!("{:width$}  {}  {last}{label}", line.name, words::kind(line.kind, language))
    };
    lines.iter().map(row).collect::<Vec<_>>().join("\n")
}

/// All verdicts, and how many of which.
pub(crate) fn report(tested: &[Line], language: Language) -> String {
    let mut text = String::new();
    for line in tested {
        let Some(verdict) = &line.verdict else { continue };
        let label = if line.label.is_empty() { String::new() } else { format!(" ({})", line.label) };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}{label}  {}", line.name, words::health(verdict.health, language));
        for finding in &verdict.findings {
            let _ = writeln!(text, "  {} {}", mark(finding.health), language.of(&finding.says));
            if !language.of(&finding.remedy).is_empty() {
                let _ = writeln!(text, "    → {}", language.of(&finding.remedy));
            }
        }
    }
    text + &summary(tested, language)
}

fn summary(tested: &[Line], language: Language) -> String {
    let count = |health| {
        let is = |line: &&Line| line.verdict.as_ref().is_some_and(|verdict| verdict.health == health);
        tested.iter().filter(is).count()
    };
    let [good, warning, fault] = [Health::Good, Health::Warning, Health::Fault].map(count);
    match language {
        Language::Chinese => format!("共 {} 条：正常 {good}，警告 {warning}，故障 {fault}", tested.len()),
        Language::English => {
            let lines = if tested.len() == 1 { "line" } else { "lines" };
            format!("{} {lines}: {good} good, {warning} with warnings, {fault} faulty", tested.len())
        }
    }
}

const fn mark(health: Health) -> char {
    match health {
        Health::Good => '✓',
        Health::Warning => '!',
        Health::Fault => '✗',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipc::lines::{Finding, Kind, Measured, Said, Verdict};

    fn line() -> Line {
        let said = |zh: &str, en: &str| Said { zh: zh.into(), en: en.into() };
        let finding =
            |health, says, remedy| Finding { code: "x".into(), health, says, remedy, measured: Measured::default() };
        let findings = vec![
            finding(Health::Fault, said("无馈电", "no battery"), said("插好线路", "plug it in")),
            finding(Health::Good, said("好", "fine"), Said::default()),
        ];
        let verdict = Verdict { health: Health::Fault, findings, wall_ms: 0, took_ms: 500 };
        Line {
            name: "bank/5".into(),
            label: "front desk".into(),
            kind: Kind::Exchange,
            tests: 1,
            step: None,
            verdict: Some(verdict),
        }
    }

    #[test]
    fn a_report_says_what_is_wrong_and_what_to_do_in_both_languages() {
        let english = "bank/5 (front desk)  FAULT\n  ✗ no battery\n    → plug it in\n  ✓ fine\n\
                       1 line: 0 good, 0 with warnings, 1 faulty";
        assert_eq!(report(&[line()], Language::English), english);
        let chinese = "bank/5 (front desk)  故障\n  ✗ 无馈电\n    → 插好线路\n  ✓ 好\n共 1 条：正常 0，警告 0，故障 1";
        assert_eq!(report(&[line()], Language::Chinese), chinese);
    }

    #[test]
    fn a_list_tells_the_last_verdict_or_the_present_step() {
        assert_eq!(list(&[line()], Language::English), "bank/5  analog line  FAULT  (front desk)");
        let tested = Line { step: Some(ipc::lines::Step::Listening), label: String::new(), ..line() };
        assert_eq!(list(&[tested], Language::Chinese), "bank/5  模拟外线  听拨号音");
        assert_eq!(list(&[], Language::English), "the configuration has no line");
    }
}
