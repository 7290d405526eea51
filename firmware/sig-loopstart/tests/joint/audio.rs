//! Audio as what receivers make of it: digits, octets, tones in their cadences.

use super::ms;
use base::{Dbm0, Digit, Digits};
use dsp_progress::{Kind, Spectrum, TABLES, ToneEvent};
use sig_loopstart::{Heard, Tone};
use std::time::Duration;

const LEVEL: Dbm0 = Dbm0(-10.0);

/// Something heard, so long after its sending began.
pub(super) struct Sound {
    pub(super) at: Duration,
    pub(super) heard: Heard,
}

/// A digit is told at its end.
pub(super) fn digits(digits: &Digits, on_ms: u16, off_ms: u16) -> Vec<Sound> {
    let cycle = u64::from(on_ms) + u64::from(off_ms);
    let sound = |(place, name)| Sound {
        at: ms(place as u64 * cycle + u64::from(on_ms)),
        heard: Heard::Digit(Digit::new(name).expect("only digits are sent")),
    };
    digits.as_str().chars().enumerate().map(sound).collect()
}

/// At 1200 bit/s.
pub(super) fn fsk(seizure_bits: u16, mark_bits: u16, octets: &[u8]) -> Vec<Sound> {
    let front = u64::from(seizure_bits) + u64::from(mark_bits);
    let at = |bits: u64| ms(bits * 1000 / 1200);
    let mut sounds = vec![Sound { at: at(20), heard: Heard::FskCarrier }];
    // A receiver takes alternating bits for octets too.
    sounds.extend(
        (0..u64::from(seizure_bits) / 10).map(|place| Sound { at: at(10 * place), heard: Heard::FskOctet(0x55) }),
    );
    let octet = |(place, &octet)| Sound { at: at(front + 10 * (place as u64 + 1)), heard: Heard::FskOctet(octet) };
    sounds.extend(octets.iter().enumerate().map(octet));
    sounds.push(Sound { at: at(front + 10 * octets.len() as u64 + 12), heard: Heard::FskLost });
    sounds
}

/// Tones that play until something else does are played so long.
const LONGEST: u64 = 200_000;

/// As a receiver tells it: 50 ms after the tone's beginning, each 200 ms, and 20 ms after its end.
fn burst(sounds: &mut Vec<Sound>, spectrum: Spectrum, from: u64, on: u64) {
    let mut tell = |at, event| sounds.push(Sound { at: ms(at), heard: Heard::Progress(event) });
    tell(from + 50, ToneEvent::Began(spectrum));
    for lasted in (200..on).step_by(200) {
        tell(from + lasted, ToneEvent::Lasts { spectrum, duration_ms: lasted as u32 });
    }
    tell(from + on + 20, ToneEvent::Ended { spectrum, duration_ms: on as u32 });
}

fn kind(tone: Tone) -> Kind {
    match tone {
        Tone::Dial => Kind::DialTone,
        Tone::Ringback => Kind::Ringback,
        Tone::Busy => Kind::Busy,
        Tone::Congestion => Kind::Congestion,
        Tone::Vacant => Kind::VacantNumber,
        Tone::Howler => Kind::Howler,
        Tone::CallWaiting => Kind::CallWaiting,
        Tone::Alert => unreachable!("it has no cadence and no country"),
    }
}

/// A tone of the network's own, so many times.
pub(super) fn strange(hz: u16, on: u64, off: u64, times: u64) -> Vec<Sound> {
    let mut sounds = Vec::new();
    for time in 0..times {
        burst(&mut sounds, Spectrum::single(hz, LEVEL), time * (on + off), on);
    }
    sounds
}

/// A tone as this country has it; as China has it where that is in no table.
pub(super) fn tone(country: &str, tone: Tone) -> Vec<Sound> {
    let mut sounds = Vec::new();
    if tone == Tone::Alert {
        burst(&mut sounds, Spectrum::pair(2130, 2750, LEVEL), 0, 100);
        return sounds;
    }
    let row = |country: &str| TABLES.iter().find(|row| row.country == country && row.kind == kind(tone));
    let row = row(country).or_else(|| row("cn")).expect("China has all tones");
    let spectrum = Spectrum { modulated: row.modulated, ..Spectrum::pair(row.hz[0], row.hz[1], LEVEL) };
    if row.cadence.is_empty() {
        burst(&mut sounds, spectrum, 0, LONGEST);
    }
    let mut at = 0;
    for &(on, off) in row.cadence.iter().cycle() {
        if at > LONGEST {
            break;
        }
        burst(&mut sounds, spectrum, at, on.into());
        at += u64::from(on) + u64::from(off);
    }
    sounds
}

pub(crate) fn began(hz: [u16; 2]) -> Heard {
    Heard::Progress(ToneEvent::Began(Spectrum::pair(hz[0], hz[1], LEVEL)))
}

pub(crate) fn voice() -> Heard {
    Heard::Progress(ToneEvent::Voice)
}

pub(crate) fn silence() -> Heard {
    Heard::Progress(ToneEvent::Silence { lasted_ms: 200 })
}
