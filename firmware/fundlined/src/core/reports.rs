//! What signaling reports: for the log, for the technician, for the call's record.

use super::Core;
use call::{At, LegId};
use sig_span::loopstart::{self, Evidence};
use sig_span::{CallHandle, Report, pri};

impl Core {
    pub(super) fn span_report(
        &mut self,
        at: At,
        span: usize,
        channel: Option<u8>,
        call: Option<CallHandle>,
        report: Report,
    ) {
        let name = self.spans[span].name.clone();
        match report {
            Report::Pri(pri::Report::DChannelFailed { kept }) => {
                let text = match kept {
                    0 => "D-channel is down; the far end does not answer".to_owned(),
                    kept => format!(
                        "D-channel is down; the far end does not answer; {kept} of its calls go on for the time of T309"
                    ),
                };
                self.model.alarm(at, &name, text);
            }
            Report::Pri(pri::Report::DChannelRestored) => self.model.alarm(at, &name, "D-channel is up again".into()),
            Report::Pri(pri::Report::Service { timeslot, usable }) => {
                let word = if usable { "put back into" } else { "taken out of" };
                self.model.alarm(at, &format!("{name}/{timeslot}"), format!("{word} service by the far end"));
            }
            Report::Pri(pri::Report::OutOfService(timeslot)) => {
                let text = "the far end answers no RESTART; no call is put there until it does";
                self.model.alarm(at, &format!("{name}/{timeslot}"), text.into());
            }
            Report::Pri(pri::Report::Unexpected { message, state, cause }) => {
                tracing::warn!(span = %name, "the far end sent {message}, which does not fit state {state:?}; answered by cause {cause}");
            }
            Report::Pri(report) => tracing::debug!(span = %name, ?report, "signaling"),
            Report::Link(error) => tracing::debug!(span = %name, ?error, "data link"),
            Report::R2(report) => tracing::info!(span = %name, channel, "{report}"),
            Report::Line(report) => {
                let leg = call.and_then(|call| self.lines.by_call(span, call));
                let line = channel.map_or_else(|| name.clone(), |channel| format!("{name}/{channel}"));
                self.line_report(at, &line, leg, report);
            }
        }
    }

    fn line_report(&mut self, at: At, line: &str, leg: Option<LegId>, report: loopstart::Report) {
        use loopstart::Report as R;
        match report {
            R::HangUp(evidence) => {
                if let Some(leg) = leg {
                    self.model.hung_up_by(at, leg, words(&evidence));
                }
            }
            R::Fault(fault) => {
                self.changed = true;
                tracing::warn!(%line, "{fault}");
                self.model.alarm(at, line, fault.to_string());
            }
            R::Recovered => {
                self.changed = true;
                tracing::info!(%line, "the line is back");
                self.model.alarm(at, line, "the line can be used again".into());
            }
            R::NoDialTone => {
                let text = "no dial tone; check the line, or set dial_at = \"dial-tone-or-blind\" for it";
                tracing::warn!(%line, "{text}");
                self.model.alarm(at, line, text.into());
            }
            R::BadCallerId => tracing::info!(%line, "a caller id came that could not be read"),
            R::Glare => tracing::debug!(%line, "rung while it was seized; the incoming call goes first"),
            R::Answer(verdict) => tracing::debug!(%line, kind = ?verdict.kind, evidence = ?verdict.evidence, "answer"),
            R::CallerId(caller) => tracing::debug!(%line, ?caller, "caller id"),
            R::CallWaiting(caller) => tracing::debug!(%line, ?caller, "another caller waits"),
        }
    }
}

/// By what the far party's hang-up was known, for the call's record.
fn words(evidence: &Evidence) -> String {
    match evidence {
        Evidence::BatteryLost => "loop current lost".into(),
        Evidence::Reversed => "line reversed".into(),
        Evidence::Silence(time) => format!("silent for {} s", time.as_secs()),
        Evidence::Tone(verdict) => {
            let evidence = &verdict.evidence;
            let hz = match evidence.frequency_hz {
                [one, 0] => format!("{one} Hz"),
                [low, high] => format!("{low}+{high} Hz"),
            };
            let whose = match evidence.country {
                _ if evidence.learned => "learned from this line",
                Some(country) => country,
                None => "no table",
            };
            let cadence = match evidence.off_ms {
                0 => format!("for {} ms", evidence.on_ms),
                off_ms => format!("{}/{off_ms} ms, {} times", evidence.on_ms, evidence.cadences),
            };
            format!("tone {hz} {cadence} ({whose}, {} % sure)", evidence.confidence_pct)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dsp_progress::{Kind, Verdict};
    use std::time::Duration;

    #[test]
    fn evidence_reads_as_a_sentence() {
        let evidence = dsp_progress::Evidence {
            frequency_hz: [450, 0],
            on_ms: 352,
            off_ms: 348,
            cadences: 2,
            confidence_pct: 97,
            learned: false,
            country: Some("cn"),
        };
        let busy = Evidence::Tone(Verdict { kind: Kind::Busy, evidence });
        assert_eq!(words(&busy), "tone 450 Hz 352/348 ms, 2 times (cn, 97 % sure)");
        let learned =
            dsp_progress::Evidence { frequency_hz: [480, 620], off_ms: 0, learned: true, country: None, ..evidence };
        let howler = Evidence::Tone(Verdict { kind: Kind::LearnedHangUp, evidence: learned });
        assert_eq!(words(&howler), "tone 480+620 Hz for 352 ms (learned from this line, 97 % sure)");
        assert_eq!(words(&Evidence::Silence(Duration::from_secs(30))), "silent for 30 s");
    }
}
