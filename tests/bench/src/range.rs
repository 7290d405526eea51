//! What the DTMF receiver takes: a table of each profile's limits, asked and measured, and a picture of its range.

use crate::figure::Taken;
use crate::plot::{Axis, Panel, Shown, svg};
use crate::signal::{Line, MS, Pair, Received, digits};
use base::Digit;
use dsp_tone::{BLOCK, Edge, Profile};
use test_signals::{Random, peak};

/// Prints the table, in the form of a README, and draws `target/dtmf-range.svg`. No figure of its own.
pub(crate) fn draw() -> Taken {
    print!("{}", table());
    let panels: Vec<Panel> = Profile::ALL.iter().flat_map(panels).collect();
    let file = interop::target_folder().join("dtmf-range.svg");
    let title = "DTMF: what is read (dark) by each profile; green: must be accepted, red: must be refused";
    std::fs::write(&file, svg(title, &panels, 4)).map_err(|error| format!("{}: {error}", file.display()))?;
    println!("\n{}", file.display());
    Ok(Vec::new())
}

/// A tone and how long it lasts, alone on the line.
#[derive(Clone, Copy)]
struct Sent {
    pair: Pair,
    ms: f64,
}

impl Sent {
    fn new(pair: Pair) -> Self {
        Self { pair, ms: 50.0 }
    }

    /// Read once and as what it is.
    fn is_read(&self, profile: Profile, start: usize) -> bool {
        let line = Line::default().silence(160 + start).tone(self.pair, samples(self.ms)).silence(60 * MS);
        digits(&line.events_by(profile)) == self.pair.digit.to_string()
    }
}

fn samples(ms: f64) -> usize {
    (ms * MS as f64).round() as usize
}

/// Both tones off by this share and so many hertz, towards the same side and apart.
fn off(digit: Digit, share: f64, hz: f64) -> [Pair; 2] {
    [1.0, -1.0].map(|apart| Pair {
        low_factor: 1.0 + share,
        high_factor: 1.0 + share * apart,
        low_hz: hz,
        high_hz: hz * apart,
        ..Pair::nominal(digit)
    })
}

/// Whether all digits, wherever in a block they begin, are read (or none of them).
fn all_are(read: bool, profile: Profile, sent: impl Fn(Digit) -> Vec<Sent>) -> bool {
    Digit::GRID.iter().all(|&digit| {
        sent(digit).iter().all(|sent| (0..BLOCK).step_by(7).all(|start| sent.is_read(profile, start) == read))
    })
}

/// How far, in steps from one end of the free range towards the other, `holds`.
fn reach(from: f64, to: f64, step: f64, holds: impl Fn(f64) -> bool) -> Option<f64> {
    let steps = ((to - from).abs() / step).round() as usize;
    let value = |at: usize| from + (to - from).signum() * step * at as f64;
    (0..=steps).map(value).take_while(|value| holds(*value)).last()
}

/// One row: what must be accepted and refused, and what is.
struct Row {
    limit: &'static str,
    unit: &'static str,
    asked: [f64; 2],
    measured: [Option<f64>; 2],
}

impl Row {
    /// `sent` gives what is heard at a value of the limit.
    fn new(
        profile: Profile,
        (limit, unit): (&'static str, &'static str),
        edge: Edge,
        step: f64,
        sent: impl Fn(Digit, f64) -> Vec<Sent>,
    ) -> Self {
        let asked = [f64::from(edge.accept), f64::from(edge.reject)];
        let sent = &sent;
        let read = |read: bool| move |value: f64| all_are(read, profile, |digit| sent(digit, value));
        let measured = [reach(asked[0], asked[1], step, read(true)), reach(asked[1], asked[0], step, read(false))];
        Self { limit, unit, asked, measured }
    }

    fn cells(&self) -> String {
        let value = |value: Option<f64>| value.map_or_else(|| "MISSED".into(), |value| format!("{value:.4}"));
        let short = |text: String| text.trim_end_matches('0').trim_end_matches('.').to_owned();
        let [accept, reject] = self.asked.map(|asked| short(format!("{asked:.4}")));
        let [accepted, refused] = self.measured.map(|measured| short(value(measured)));
        format!("{accept} / {reject} {0} | {accepted} / {refused} {0}", self.unit)
    }
}

fn rows(profile: Profile) -> Vec<Row> {
    let percent = |share: f32| f64::from(share) * 100.0;
    let in_percent =
        Edge { accept: percent(profile.accept_share) as f32, reject: percent(profile.reject_share) as f32 };
    let edge = profile.level_dbm0;
    let levels = |digit, low, high| vec![Sent::new(Pair::nominal(digit).levels(low, high))];
    vec![
        Row::new(profile, ("frequency error", "%"), in_percent, 0.05, |digit, percent| {
            // The hertz belong to what must be accepted, and shrink towards what must be refused.
            let hz = f64::from(profile.accept_hz)
                * ((f64::from(in_percent.reject) - percent) / f64::from(in_percent.reject - in_percent.accept))
                    .max(0.0);
            [1.0, -1.0]
                .into_iter()
                .flat_map(|sign| off(digit, sign * percent / 100.0, sign * hz))
                .map(Sent::new)
                .collect()
        }),
        Row::new(profile, ("weakest tones", "dBm0"), edge, 0.25, |digit, level| levels(digit, level, level)),
        Row::new(profile, ("high group stronger", "dB"), profile.twist_db, 0.25, |digit, twist| {
            levels(digit, -15.0, -15.0 + twist)
        }),
        Row::new(profile, ("low group stronger", "dB"), profile.reverse_twist_db, 0.25, |digit, twist| {
            levels(digit, -15.0 + twist, -15.0)
        }),
        Row::new(profile, ("length of a tone", "ms"), profile.tone_ms, 0.5, |digit, ms| {
            let pair = Pair::nominal(digit);
            let weak = pair.levels(f64::from(edge.accept), f64::from(edge.accept));
            vec![Sent { pair, ms }, Sent { pair: weak, ms }]
        }),
        pauses(profile),
    ]
}

/// A pause makes two digits of one tone, a hole does not.
fn pauses(profile: Profile) -> Row {
    let asked = [f64::from(profile.pause_ms.accept), f64::from(profile.pause_ms.reject)];
    let heard = |pause_ms: f64, count: usize| {
        Digit::GRID.iter().all(|&digit| {
            (0..BLOCK).step_by(7).all(|start| {
                let (pair, tone) = (Pair::nominal(digit), samples(50.0));
                let line = Line::default().silence(160 + start).tone(pair, tone).silence(samples(pause_ms));
                digits(&line.tone(pair, tone).silence(60 * MS).events_by(profile)).len() == count
            })
        })
    };
    let measured =
        [reach(asked[0], asked[1], 0.5, |ms| heard(ms, 2)), reach(asked[1], asked[0], 0.5, |ms| heard(ms, 1))];
    Row { limit: "a pause ends a digit, a hole does not", unit: "ms", asked, measured }
}

/// Per cent of a thousand digits, 50 ms on and off, this weak, read at a signal over noise; over what is given back of dial tone, if wanted.
fn read_pct(profile: Profile, level: f64, snr_db: f64, ms: f64, dial_tone: bool) -> f64 {
    const STRINGS: usize = 100;
    let (mut random, mut noise) = (Random(81), Random(82));
    let mut read = 0;
    for _ in 0..STRINGS {
        let mut line = Line::default().silence(400 + random.below(BLOCK));
        let mut sent = String::new();
        for _ in 0..10 {
            let digit = Digit::GRID[random.below(16)];
            sent.push(digit.as_char());
            line = line.tone(Pair::nominal(digit).levels(level, level), samples(ms)).silence(50 * MS);
        }
        let mut at = 0;
        let heard = digits(
            &line
                .plus(|| {
                    at += 1;
                    let wave = |hz: f64| peak(-33.0) * (std::f64::consts::TAU * hz * f64::from(at) / 8000.0).sin();
                    let echo = if dial_tone { wave(350.0) + wave(440.0) } else { 0.0 };
                    noise.noise(level + 3.0 - snr_db) + echo
                })
                .events_by(profile),
        );
        read += crate::digits::common(&sent, &heard);
    }
    read as f64 / STRINGS as f64 / 10.0 * 100.0
}

fn table() -> String {
    let named = Profile::ALL.map(|profile| profile.name);
    let mut out = String::from("| limit: accepted to / refused from |");
    named.iter().for_each(|name| out += &format!(" {name}: asked | measured |"));
    out += "\n| --- |";
    named.iter().for_each(|_| out += " --- | --- |");
    out.push('\n');
    let columns = Profile::ALL.map(rows);
    for at in 0..columns[0].len() {
        out += &format!("| {} |", columns[0][at].limit);
        columns.iter().for_each(|column| out += &format!(" {} |", column[at].cells()));
        out.push('\n');
    }
    for (what, dial_tone) in [
        ("weakest tones at 10 dB of signal over noise", false),
        ("the same over dial tone of -10 dBm0 given back 20 dB weaker", true),
    ] {
        out += &format!("| {what} |");
        for profile in Profile::ALL {
            let read = read_pct(profile, f64::from(profile.level_dbm0.accept), 10.0, 50.0, dial_tone);
            out += &format!(" 99.9 % | {read:.1} % |");
        }
        out.push('\n');
    }
    out
}

/// The four panels of a profile.
fn panels(profile: &Profile) -> [Panel; 4] {
    let profile = *profile;
    let level = Axis::new("level of a tone, dBm0", -40.0, 4.0, &[-40.0, -30.0, -20.0, -10.0, 0.0]);
    let weakest = f64::from(profile.level_dbm0.accept);
    let level_limits = || ([f64::from(profile.strongest.0), weakest], [f64::from(profile.level_dbm0.reject)]);
    let (accepted, refused) = level_limits();
    let percent = |share: f32| f64::from(share) * 100.0;
    let both = |limit: f64| [-limit, limit];
    let error = Axis::new("frequency error of both, %", -5.0, 5.0, &[-4.0, -2.0, 0.0, 2.0, 4.0])
        .limits(&both(percent(profile.accept_share)), &both(percent(profile.reject_share)));
    let frequency = map(profile, "frequency error", error, level.limits(&accepted, &refused), |digit, error, level| {
        let factor = 1.0 + error / 100.0;
        Pair { low_factor: factor, high_factor: factor, ..Pair::nominal(digit).levels(level, level) }
    });
    let edge = |edge: fn(Edge) -> f32| [-f64::from(edge(profile.reverse_twist_db)), f64::from(edge(profile.twist_db))];
    let twist = Axis::new("high group over low group, dB", -15.0, 15.0, &[-10.0, -5.0, 0.0, 5.0, 10.0])
        .limits(&edge(|edge| edge.accept), &edge(|edge| edge.reject));
    let level = Axis::new("weaker tone, dBm0 (law clips at +3)", -40.0, 4.0, &[-40.0, -30.0, -20.0, -10.0, 0.0]);
    let (accepted, refused) = level_limits();
    let twist = map(profile, "twist", twist, level.limits(&accepted, &refused), |digit, twist, level| {
        Pair::nominal(digit).levels(level + (-twist).max(0.0), level + twist.max(0.0))
    });
    let share = || Axis::new("read, %", 0.0, 100.0, &[0.0, 50.0, 100.0]);
    let over_noise =
        |level: f64, dial| (0..=16).map(move |db| (f64::from(db), read_pct(profile, level, f64::from(db), 50.0, dial)));
    let noise = Panel {
        title: format!("{}: noise", profile.name),
        x: Axis::new("signal over white noise, dB", 0.0, 16.0, &[0.0, 4.0, 8.0, 12.0, 16.0]).limits(&[10.0], &[]),
        y: share(),
        shown: Shown::Lines(vec![
            ("tones of -10 dBm0", over_noise(-10.0, false).collect()),
            ("the weakest", over_noise(weakest, false).collect()),
            ("the weakest over dial tone", over_noise(weakest, true).collect()),
        ]),
    };
    let by_length =
        |snr_db: f64| (15..=50).map(move |ms| (f64::from(ms), read_pct(profile, -10.0, snr_db, f64::from(ms), false)));
    let length = Panel {
        title: format!("{}: length", profile.name),
        x: Axis::new("length of a tone, ms", 15.0, 50.0, &[20.0, 30.0, 40.0, 50.0])
            .limits(&[f64::from(profile.tone_ms.accept)], &[f64::from(profile.tone_ms.reject)]),
        y: share(),
        shown: Shown::Lines(vec![
            ("clean", by_length(60.0).collect()),
            ("10 dB over noise", by_length(10.0).collect()),
        ]),
    };
    [frequency, twist, noise, length]
}

/// How many of the digits are read over a field of two values.
fn map(profile: Profile, what: &str, x: Axis, y: Axis, pair: impl Fn(Digit, f64, f64) -> Pair) -> Panel {
    const COLUMNS: usize = 50;
    const ROWS: usize = 22;
    let share = |x: f64, y: f64| {
        let read = |(at, digit): (usize, &Digit)| usize::from(Sent::new(pair(*digit, x, y)).is_read(profile, at * 5));
        Digit::GRID.iter().enumerate().map(read).sum::<usize>() as f64 / Digit::GRID.len() as f64
    };
    let shares =
        y.middles(ROWS).flat_map(|y| x.middles(COLUMNS).map(move |x| (x, y))).map(|(x, y)| share(x, y)).collect();
    Panel { title: format!("{}: {what}", profile.name), x, y, shown: Shown::Map { columns: COLUMNS, shares } }
}
