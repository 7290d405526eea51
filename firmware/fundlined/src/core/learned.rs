//! The hang-up tones that analog lines have taught: kept over restarts as text, `600/0 250/150 3` for 600 Hz, 250 ms on and 150 ms off,
//! heard at the end of three calls; tones are parted by commas.

use super::Core;
use super::spans::SpanState;
use dsp_progress::{Learned, LearnedTone};
use records_io::Write;

impl Core {
    /// Keeps what a line has taught since it was kept last.
    pub(super) fn keep_learned(&mut self, span: usize, timeslot: u8) {
        let state = &mut self.spans[span];
        let Some(learned) = state.protocol().learned(timeslot).copied() else { return };
        let known = state.learned.insert(timeslot, learned).unwrap_or_default();
        if known != learned {
            let line = format!("{}/{timeslot}", state.name);
            self.writes.push(Write::LineLearned { line, tones: text(&learned) });
        }
    }
}

/// Gives lines back what they taught before. Lines that are no more, and tones that cannot be read, are left out.
pub(super) fn teach(spans: &mut [SpanState], kept: &[(String, String)]) {
    for (line, tones) in kept {
        let Some((name, timeslot)) = line.rsplit_once('/') else { continue };
        let (Some(span), Ok(timeslot)) = (spans.iter_mut().find(|span| span.name == name), timeslot.parse()) else {
            continue;
        };
        let learned = parse(tones);
        span.stir().teach(timeslot, learned);
        span.learned.insert(timeslot, learned);
    }
}

fn text(learned: &Learned) -> String {
    let tone = |tone: &LearnedTone| {
        let [low, high] = tone.frequency_hz;
        format!("{low}/{high} {}/{} {}", tone.on_ms, tone.off_ms, tone.calls)
    };
    let taught: Vec<String> = learned.tones.iter().filter(|tone| tone.calls > 0).map(tone).collect();
    taught.join(",")
}

fn parse(text: &str) -> Learned {
    let pair = |text: &str| -> Option<[u16; 2]> {
        let (one, other) = text.split_once('/')?;
        Some([one.parse().ok()?, other.parse().ok()?])
    };
    let tone = |text: &str| -> Option<LearnedTone> {
        let mut parts = text.split(' ');
        let (frequency_hz, [on_ms, off_ms]) = (pair(parts.next()?)?, pair(parts.next()?)?);
        Some(LearnedTone { frequency_hz, on_ms, off_ms, calls: parts.next()?.parse().ok()? })
    };
    let mut learned = Learned::default();
    for (place, tone) in learned.tones.iter_mut().zip(text.split(',').filter_map(tone)) {
        *place = tone;
    }
    learned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_read() {
        let mut learned = Learned::default();
        learned.tones[1] = LearnedTone { frequency_hz: [600, 0], on_ms: 250, off_ms: 150, calls: 3 };
        learned.tones[3] = LearnedTone { frequency_hz: [480, 620], on_ms: 300, off_ms: 310, calls: 1 };
        assert_eq!(text(&learned), "600/0 250/150 3,480/620 300/310 1");
        assert_eq!(text(&parse(&text(&learned))), text(&learned));
        assert_eq!(parse(""), Learned::default());
    }

    #[test]
    fn what_cannot_be_read_teaches_nothing() {
        for bad in ["600", "600/0 250 3", "600/0 250/150", "600/0 250/150 300", "a/b c/d e", ",,,,,,"] {
            assert_eq!(parse(bad), Learned::default(), "{bad}");
        }
        assert_eq!(text(&parse("x,600/0 250/150 2")), "600/0 250/150 2");
        let many = ["600/0 250/150 2"; 9].join(",");
        assert_eq!(parse(&many).tones.iter().filter(|tone| tone.calls == 2).count(), 4);
    }
}
