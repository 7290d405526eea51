//! Faults as they are written.

use super::{ALL, Fault, Kind, Order, Way};
use base::Digits;
use lab::faults::{Echo, Flap, Slip};
use std::time::Duration;

/// What faults there are, one a line, as `--help` and errors show them.
pub const KINDS: &str = "\
lost-frames 5%          so many frames of the D-channel vanish
doubled-frames 5%       so many come twice
bit-errors 1e-4         so many of all bits are turned, in audio and frames
d-channel down          no frame comes through
d-channel flap 5s 2s    up and down by turns
slip 3s                 a sample of all channels is left out every 3 s; `slip 3s repeat`: given twice
noise -30               white noise of -30 dBm0 on all channels
echo 12dB 40ms          what goes one way comes back the other, so much weaker and later (10 to 90 ms)
silence                 no audio; `silence 1,2`: in these timeslots
lost-audio 5%           so many blocks of 10 ms are missing
late-signaling 200ms    signaling bits come so much later
bounced-signaling 10%   so many changes of signaling bits are taken back for 20 ms
stuck-signaling         signaling bits change no more; `stuck-signaling 1,2`: of these timeslots
wrong-timers 10x        the network's own timers are ten times too fast; 0.1x: too slow
glare 4008001234        each call that the box begins is met by one to this number on its channel
clear                   ends all faults";

/// Why words are no fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}; {remedy}")]
pub struct BadFault {
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub remedy: &'static str,
}

fn bad(what: String, remedy: &'static str) -> BadFault {
    BadFault { what, remedy }
}

/// Reads a fault's words.
///
/// # Errors
/// What is wrong with them, and the remedy.
pub fn parse(words: &[&str]) -> Result<Order, BadFault> {
    if let ["clear"] = words {
        return Ok(Order::Clear);
    }
    let (words, lasts) = match words {
        [before @ .., "for", length] => (before, Some(duration(length)?)),
        _ => (words, None),
    };
    let (words, way) = match words {
        [before @ .., "to-box"] => (before, Way::ToBox),
        [before @ .., "from-box"] => (before, Way::FromBox),
        _ => (words, Way::Both),
    };
    let kind = kind(words)?;
    if way != Way::Both && matches!(kind, Kind::WrongTimers(_) | Kind::Glare(_)) {
        return Err(bad(format!("`{}` has no direction", words[0]), "leave to-box or from-box out"));
    }
    Ok(Order::Begin(Fault { kind, way, lasts }))
}

fn kind(words: &[&str]) -> Result<Kind, BadFault> {
    Ok(match words {
        ["lost-frames", share] => Kind::LostFrames(permille(share)?),
        ["doubled-frames", share] => Kind::DoubledFrames(permille(share)?),
        ["bit-errors", rate] => Kind::BitErrors(error_rate(rate)?),
        ["d-channel", "down"] => Kind::DChannel(Flap::Down),
        ["d-channel", "flap", up, down] => Kind::DChannel(Flap::Turns { up: duration(up)?, down: duration(down)? }),
        ["slip", every] => Kind::Slip(Slip::Omit(duration(every)?)),
        ["slip", every, "repeat"] => Kind::Slip(Slip::Repeat(duration(every)?)),
        ["noise", level] => Kind::Noise(noise(level)?),
        ["echo", loss, delay] => Kind::Echo(echo(loss, delay)?),
        ["silence"] => Kind::Silence(ALL),
        ["silence", slots] => Kind::Silence(timeslots(slots)?),
        ["lost-audio", share] => Kind::LostAudio(permille(share)?),
        ["late-signaling", delay] => Kind::LateSignaling(duration(delay)?),
        ["bounced-signaling", share] => Kind::BouncedSignaling(permille(share)?),
        ["stuck-signaling"] => Kind::StuckSignaling(ALL),
        ["stuck-signaling", slots] => Kind::StuckSignaling(timeslots(slots)?),
        ["wrong-timers", pace] => Kind::WrongTimers(pace_percent(pace)?),
        ["glare", number] => Kind::Glare(number_of(number)?),
        [] => return Err(bad("no fault is named".into(), "write one such as `lost-frames 5% for 10s`, or `clear`")),
        [name, ..] => return Err(bad(format!("`{name}` with these words is no fault"), KINDS_IN_A_LINE)),
    })
}

const KINDS_IN_A_LINE: &str = "faults are: lost-frames 5%, doubled-frames 5%, bit-errors 1e-4, d-channel down, d-channel flap 5s 2s, slip 3s [repeat], \
     noise -30, echo 12dB 40ms, silence [1,2], lost-audio 5%, late-signaling 200ms, bounced-signaling 10%, stuck-signaling [1,2], \
     wrong-timers 10x, glare NUMBER, each with [to-box|from-box] [for 10s]; and clear";

fn permille(text: &str) -> Result<u16, BadFault> {
    let share = text.strip_suffix('%').and_then(|number| number.parse::<f64>().ok());
    // A cast of a float stays within the integer's range.
    match share.map(|percent| (percent * 10.0).round()) {
        Some(permille @ 1.0..=1000.0) => Ok(permille as u16),
        _ => Err(bad(format!("`{text}` is no share"), "write it in per cent, from 0.1% to 100%")),
    }
}

fn error_rate(text: &str) -> Result<u32, BadFault> {
    match text.parse::<f64>().map(|rate| (rate * 1e6).round()) {
        Ok(per_million @ 1.0..=500_000.0) => Ok(per_million as u32),
        _ => Err(bad(format!("`{text}` is no bit error rate"), "write it as 1e-4, from 1e-6 to 0.5")),
    }
}

fn noise(text: &str) -> Result<i8, BadFault> {
    match text.trim_end_matches("dBm0").parse() {
        Ok(level @ -70..=0) => Ok(level),
        _ => Err(bad(format!("`{text}` is no level"), "write it in dBm0, from -70 to 0, such as `noise -30`")),
    }
}

fn echo(loss: &str, delay: &str) -> Result<Echo, BadFault> {
    let known = "write loss and delay as `echo 12dB 40ms`, 0dB to 60dB and 10ms to 90ms";
    let loss_db = loss.strip_suffix("dB").and_then(|number| number.parse().ok()).filter(|&loss: &u8| loss <= 60);
    let ms = delay.strip_suffix("ms").and_then(|number| number.parse().ok()).filter(|ms: &u16| (10..=90).contains(ms));
    match (loss_db, ms) {
        // What a block sends is heard in the next one at the earliest.
        (Some(loss_db), Some(ms)) => Ok(Echo { loss_db, delay_samples: 8 * (ms - 10) }),
        _ => Err(bad(format!("`{loss} {delay}` is no echo"), known)),
    }
}

fn timeslots(text: &str) -> Result<u32, BadFault> {
    let slot = |slot: &str| slot.parse::<u32>().ok().filter(|slot| (1..=31).contains(slot) && *slot != 16);
    text.split(',').try_fold(0, |all, one| Some(all | 1 << slot(one)?)).ok_or_else(|| {
        bad(format!("`{text}` are no timeslots"), "they are 1 to 15 and 17 to 31, with commas between, such as 1,2,17")
    })
}

fn pace_percent(text: &str) -> Result<u32, BadFault> {
    let pace = text.strip_suffix('x').and_then(|number| number.parse::<f64>().ok());
    match pace.map(|pace| (pace * 100.0).round()) {
        Some(percent @ 1.0..=10_000.0) => Ok(percent as u32),
        _ => Err(bad(
            format!("`{text}` is no pace"),
            "write 10x for ten times too fast, 0.1x for too slow; 0.01x to 100x",
        )),
    }
}

fn number_of(text: &str) -> Result<Digits, BadFault> {
    match text.parse::<Digits>() {
        Ok(digits) if !digits.is_empty() => Ok(digits),
        _ => Err(bad(format!("`{text}` is no number"), "name the number that the meeting call dials")),
    }
}

/// No fault lasts, and no clock slips, longer than this.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

fn duration(text: &str) -> Result<Duration, BadFault> {
    let units = [("ms", 1), ("s", 1000), ("m", 60_000)];
    let read = units.iter().find_map(|(unit, ms)| {
        let count: u64 = text.strip_suffix(unit)?.parse().ok()?;
        count.checked_mul(*ms).map(Duration::from_millis)
    });
    let known = "write 500ms, 10s or 2m, up to a day";
    read.filter(|length| !length.is_zero() && *length <= LONGEST)
        .ok_or_else(|| bad(format!("`{text}` is no length of time"), known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(line: &str) -> Result<Order, BadFault> {
        parse(&line.split_whitespace().collect::<Vec<_>>())
    }

    #[track_caller]
    fn check(line: &str, kind: Kind, way: Way, lasts: Option<u64>) {
        let lasts = lasts.map(Duration::from_secs);
        assert_eq!(order(line), Ok(Order::Begin(Fault { kind, way, lasts })), "{line}");
    }

    #[test]
    fn each_kind_is_read_with_its_direction_and_length() {
        check("lost-frames 5% to-box for 10s", Kind::LostFrames(50), Way::ToBox, Some(10));
        check("lost-frames 0.1%", Kind::LostFrames(1), Way::Both, None);
        check("bit-errors 1e-4", Kind::BitErrors(100), Way::Both, None);
        check("d-channel down for 2m", Kind::DChannel(Flap::Down), Way::Both, Some(120));
        let (up, down) = (Duration::from_secs(5), Duration::from_millis(500));
        check("d-channel flap 5s 500ms", Kind::DChannel(Flap::Turns { up, down }), Way::Both, None);
        check("slip 3s", Kind::Slip(Slip::Omit(Duration::from_secs(3))), Way::Both, None);
        check("noise -30 from-box", Kind::Noise(-30), Way::FromBox, None);
        check("echo 12dB 40ms", Kind::Echo(Echo { loss_db: 12, delay_samples: 240 }), Way::Both, None);
        check("silence 1,31", Kind::Silence(1 << 1 | 1 << 31), Way::Both, None);
        check("wrong-timers 0.1x", Kind::WrongTimers(10), Way::Both, None);
        check("glare 4008001234", Kind::Glare("4008001234".parse().expect("digits")), Way::Both, None);
        assert_eq!(order("clear"), Ok(Order::Clear));
    }

    #[test]
    fn what_is_shown_can_be_ordered_again() {
        for line in KINDS.lines().map(|line| line.split("  ").next().unwrap_or_default()) {
            match order(line) {
                Ok(Order::Begin(fault)) => assert_eq!(order(&fault.to_string()), Ok(Order::Begin(fault)), "{line}"),
                other => assert_eq!((other, line), (Ok(Order::Clear), "clear")),
            }
        }
        for line in ["silence 3,17 to-box", "slip 250ms repeat", "stuck-signaling 1 from-box", "bit-errors 0.25"] {
            let Ok(Order::Begin(fault)) = order(line) else { panic!("{line}") };
            assert_eq!(order(&fault.to_string()), Ok(Order::Begin(fault)), "{fault}");
            let whole = Order::Begin(Fault { lasts: Some(Duration::from_millis(1500)), ..fault });
            assert_eq!(order(&whole.to_string()), Ok(whole), "{whole}");
        }
    }

    #[test]
    fn bad_words_are_told_with_their_remedy() {
        let fault = |line: &str| order(line).expect_err("a fault").to_string();
        assert!(fault("lost-frames 5").contains("per cent"));
        assert!(fault("lost-frames 100.1%").contains("0.1% to 100%"));
        assert!(fault("bit-errors 1").contains("1e-4"));
        assert!(fault("noise loud").contains("dBm0"));
        assert!(fault("noise 1").contains("-70 to 0"));
        assert!(fault("echo 12dB 9ms").contains("10ms to 90ms"));
        assert!(fault("silence 16").contains("1 to 15 and 17 to 31"));
        assert!(fault("slip 0s").contains("500ms"));
        assert!(fault("wrong-timers 3").contains("10x"));
        assert!(fault("glare 1 to-box").contains("no direction"));
        assert!(fault("thunder").contains("lost-frames 5%"));
        assert!(fault("for 10s").contains("no fault is named"));
    }
}
