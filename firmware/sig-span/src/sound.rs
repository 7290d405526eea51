//! How the tones that a telephone is given sound in a country.

use base::Dbm0;
use dsp_progress::{Kind, Row, TABLES};
use dsp_tone::{Cadence, Length, ToneSpec};
use sig_loopstart::Tone;

/// Of one frequency; each of two is 3 dB lower (GB/T 3380: -10 ± 3 dBm0).
const LEVEL: Dbm0 = Dbm0(-10.0);
const LEVEL_OF_TWO: Dbm0 = Dbm0(-13.0);
/// SAS: 440 Hz for 300 ms (GR-30-CORE).
const CALL_WAITING: ToneSpec = ToneSpec { length: Length::Ms(300), ..ToneSpec::single(440.0, Dbm0(-16.0)) };
/// DT-AS (EN 300 659-1 §6.1.2).
const ALERT: ToneSpec =
    ToneSpec { second_hz: Some(2750.0), length: Length::Ms(100), ..ToneSpec::single(2130.0, Dbm0(-15.0)) };
/// Where a country's own table says nothing.
const HOWLER: ToneSpec = ToneSpec::single(950.0, Dbm0(-3.0));
/// Countries without a table of their own give the tones that E.180 (03/98) recommends: 425 Hz, as these do.
const RECOMMENDED: &str = "de";

/// The tone as a telephone in this country hears it.
pub fn sound(country: &str, tone: Tone) -> ToneSpec {
    let kinds: &[Kind] = match tone {
        Tone::Dial => &[Kind::DialTone],
        Tone::Ringback => &[Kind::Ringback],
        Tone::Busy => &[Kind::Busy],
        // Networks without a tone of its own for it give the nearest.
        Tone::Congestion => &[Kind::Congestion, Kind::Busy],
        Tone::Vacant => &[Kind::VacantNumber, Kind::Congestion, Kind::Busy],
        Tone::Howler => &[Kind::Howler],
        Tone::CallWaiting => return CALL_WAITING,
        Tone::Alert => return ALERT,
    };
    let row = [country, RECOMMENDED].iter().find_map(|country| kinds.iter().find_map(|kind| row(country, *kind)));
    row.map_or(HOWLER, spec)
}

fn row(country: &str, kind: Kind) -> Option<&'static Row> {
    TABLES.iter().find(|row| row.country == country && row.kind == kind)
}

fn spec(row: &Row) -> ToneSpec {
    let [first, second] = row.hz.map(f32::from);
    let second_hz = (second > 0.0).then_some(second);
    ToneSpec {
        first_hz: first,
        second_hz,
        level: if second_hz.is_some() { LEVEL_OF_TWO } else { LEVEL },
        cadence: Cadence::new(row.cadence),
        length: Length::Endless,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sig_loopstart::COUNTRIES;

    const STEADY: [Tone; 6] = [Tone::Dial, Tone::Ringback, Tone::Busy, Tone::Congestion, Tone::Vacant, Tone::Howler];

    #[test]
    fn china_sounds_as_its_standard_says() {
        let busy = sound("cn", Tone::Busy);
        assert_eq!((busy.first_hz, busy.second_hz, busy.cadence), (450.0, None, Cadence::new(&[(350, 350)])));
        let dial = sound("cn", Tone::Dial);
        assert_eq!((dial.first_hz, dial.level, dial.cadence), (450.0, Dbm0(-10.0), Cadence::CONTINUOUS));
    }

    #[test]
    fn every_country_has_every_tone_and_dial_is_never_taken_for_busy() {
        for country in COUNTRIES {
            for tone in STEADY {
                assert_eq!(sound(country.code, tone).length, Length::Endless, "{} {tone:?}", country.code);
            }
            assert_ne!(sound(country.code, Tone::Dial).cadence, sound(country.code, Tone::Busy).cadence);
            assert_ne!(sound(country.code, Tone::Ringback), sound(country.code, Tone::Busy), "{}", country.code);
        }
    }

    #[test]
    fn a_tone_of_two_frequencies_is_no_louder_than_one_of_one() {
        assert_eq!((sound("us", Tone::Dial).second_hz, sound("us", Tone::Dial).level), (Some(440.0), Dbm0(-13.0)));
    }
}
