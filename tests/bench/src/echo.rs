//! What the echo canceller costs, how fast it learns and how much echo it leaves; its curves as pictures.

// The canceller's own tests and its benchmark listen to the same signals.
#[path = "../../../firmware/dsp-echo/tests/signals/mod.rs"]
mod signals;

use crate::dsp::{own, peer};
use crate::figure::{Figure, Goal, Taken};
use crate::instructions::of_one;
use crate::kernels::samples;
use crate::plot::{Axis, Panel, Shown, svg};
use crate::signal::{self, LANES};
use dsp_echo::{BLOCK, EchoBank, Pair, TAIL_128_MS};
use signals::{Css, FILTER_ALONE, HYBRIDS, Heard, Line, combined_loss, level, loss};
use std::ffi::OsStr;
use test_signals::through_alaw;

/// Return losses of the hybrids in dB (G.168 wants from 6 dB on).
const RETURN_LOSSES: [(f64, &str); 3] = [(6.0, "6 dB"), (10.0, "10 dB"), (24.0, "24 dB")];
/// That of a figure taken at one only.
const RETURN_LOSS: f64 = 10.0;
/// The top of a picture.
const MOST_DB: f64 = 70.0;
/// Lanes of a bank, as the engine has them.
const WIDTH: usize = 8;
const FAR_DBM0: f64 = -10.0;
/// Blocks of the far end's composite source signal.
const PERIOD: usize = 35;
/// Its periods in ten seconds, after which the echo left is measured.
const PERIODS: usize = 29;

/// 32 lines, both ends talking, nothing gated.
pub(crate) fn instructions() -> Taken {
    let file = interop::target_folder().join("bench-echo.raw");
    let lines: Vec<Vec<i16>> = (0..LANES).flat_map(both_ends).collect();
    signal::interleaved(&file, &lines).map_err(|error| format!("{}: {error}", file.display()))?;
    let samples = (LANES * BLOCK) as f64;
    let kernel = [OsStr::new("kernel"), OsStr::new("echo"), file.as_os_str()];
    let value = of_one(&own()?, &kernel, 500)? / samples;
    let channels = (2 * LANES).to_string();
    let arguments = [file.as_os_str(), OsStr::new(&channels)];
    let peer_value = of_one(&peer("echo_many", "-lspeexdsp"), &arguments, 500)? / samples;
    Ok(vec![Figure {
        name: "dsp.echo1024.instr_per_sample",
        value,
        unit: "instr/sample/channel",
        goal: Goal::AtMost(400.0),
        peer: Some(("speexdsp", peer_value)),
        how: "callgrind, 500 blocks of 32 channels in banks of 8, a synthetic voice at each end, echoes by G.168's paths; 1,040 taps, with \
              processor, comfort noise and disabler; peer with 1,024 taps and its filter alone"
            .into(),
    }])
}

/// The kernel: energy that is left of `count` blocks of all lines.
pub(crate) fn run(file: &str, count: usize) -> Option<u64> {
    let held = samples(file)?;
    let (blocks, _) = held.as_chunks::<BLOCK>();
    let (ends, _) = blocks.as_chunks::<2>();
    let (rounds, _) = ends.as_chunks::<LANES>();
    let mut banks: Vec<EchoBank<WIDTH, TAIL_128_MS>> = (0..LANES / WIDTH).map(|_| EchoBank::new()).collect();
    let mut energy = 0;
    for round in rounds.iter().cycle().take(count) {
        for (bank, lines) in banks.iter_mut().zip(round.as_chunks::<WIDTH>().0) {
            let mut left = lines.map(|[_, near]| near);
            let mut lanes = lines.iter().zip(&mut left);
            let mut pairs = std::array::from_fn(|_| lanes.next().map(|([far, _], near)| Pair { far, near }));
            media::wide::cancel(bank, &mut pairs);
            energy += left.iter().flatten().map(|&sample| u64::from(sample.unsigned_abs()).pow(2)).sum::<u64>();
        }
    }
    Some(energy)
}

/// The far end's voice, and the near end's with the far end's echo, through the law.
fn both_ends(lane: usize) -> [Vec<i16>; 2] {
    let far = signal::speaking(lane as u64);
    let taps = HYBRIDS[lane % HYBRIDS.len()].taps(RETURN_LOSS);
    let near = signal::speaking((LANES + lane) as u64);
    let mixed = near.iter().enumerate().map(|(at, &near)| {
        let past = far[..=at].iter().rev();
        f64::from(near) + taps.iter().zip(past).map(|(tap, &past)| tap * f64::from(past)).sum::<f64>()
    });
    let mixed = through_alaw(mixed);
    [far, mixed]
}

/// Loss against milliseconds, by name.
type Curve = (&'static str, Vec<(f64, f64)>);

/// The slowest of all paths to a combined loss of 20 dB.
pub(crate) fn convergence() -> Taken {
    let mut slowest = 0;
    let mut panels = Vec::new();
    for hybrid in HYBRIDS {
        let curves = RETURN_LOSSES.map(|(return_loss, name)| {
            let mut far = Css::far(FAR_DBM0);
            let heard = Line::new(hybrid.taps(return_loss)).hear(10 * PERIOD, || far.next_sample());
            slowest = slowest.max(converged_after(&heard));
            (name, points(&heard[..30], 1, combined_loss))
        });
        panels.push(panel(hybrid.name(), 300.0, 100.0, curves.into()));
    }
    draw(
        "echo-combined.svg",
        "Combined loss with the processor (G.168 Test 2A), by echo path and return loss",
        &panels,
    )?;
    Ok(vec![Figure {
        name: "dsp.echo.converge_ms_20db",
        value: (slowest * 10) as f64,
        unit: "ms",
        goal: Goal::AtMost(100.0),
        peer: None,
        how: "composite source signal at -10 dBm0, paths D.2 to D.9 of G.168 with return losses of 6, 10 and 24 dB: the slowest; from \
              there on each 10 ms; curves in target/echo-combined.svg"
            .into(),
    }])
}

/// Blocks until the combined loss of each block is 20 dB for good.
fn converged_after(heard: &[Heard]) -> usize {
    let is_bad = |heard: &Heard| {
        let far = level(&heard.far);
        far > FAR_DBM0 - 20.0 && far - level(&heard.left) < 20.0
    };
    heard.iter().rposition(is_bad).map_or(1, |last| last + 1)
}

/// What the filter alone takes out after ten seconds, on the worst of all paths.
pub(crate) fn steady_state() -> Taken {
    let mut worst = [f64::INFINITY; 2];
    let mut panels = Vec::new();
    for hybrid in HYBRIDS {
        let mut curves = Vec::new();
        for (worst, alaw) in worst.iter_mut().zip([false, true]) {
            let mut far = Css::far(FAR_DBM0);
            let mut line = Line::new(hybrid.taps(RETURN_LOSS)).with(FILTER_ALONE);
            line.alaw = alaw;
            let heard = line.hear(PERIODS * PERIOD, || far.next_sample());
            *worst = worst.min(loss(&heard[(PERIODS - 2) * PERIOD..]));
            curves.push((if alaw { "A-law" } else { "linear" }, points(&heard, PERIOD, loss)));
        }
        panels.push(panel(hybrid.name(), 10_500.0, 2500.0, curves));
    }
    draw("echo-erle.svg", "Echo return loss enhancement of the filter alone (G.168 Test 2B), by echo path", &panels)?;
    let figure = |name, value, least| {
        Figure {
        name,
        value,
        unit: "dB",
        goal: Goal::AtLeast(least),
        peer: None,
        how: "composite source signal at -10 dBm0, processor off, paths D.2 to D.9 of G.168 with a return loss of 10 dB: the worst, after \
              10 s; curves in target/echo-erle.svg"
            .into(),
    }
    };
    let [linear, alaw] = worst;
    Ok(vec![figure("dsp.echo.erle_db", linear, 40.0), figure("dsp.echo.erle_alaw_db", alaw, 30.0)])
}

/// A loss each so many blocks, against milliseconds.
fn points(heard: &[Heard], every: usize, loss: fn(&[Heard]) -> f64) -> Vec<(f64, f64)> {
    let ms = |at: usize| ((at + 1) * every * 10) as f64;
    heard.chunks(every).enumerate().map(|(at, heard)| (ms(at), loss(heard).clamp(0.0, MOST_DB))).collect()
}

fn panel(title: String, ms: f64, step: f64, curves: Vec<Curve>) -> Panel {
    let marks: Vec<f64> = (0..).map(|at| f64::from(at) * step).take_while(|&at| at <= ms).collect();
    let x = Axis::new("ms", 0.0, ms, &marks);
    let y = Axis::new("dB", 0.0, MOST_DB, &[0.0, 20.0, 40.0, 60.0]);
    Panel { title, x, y, shown: Shown::Lines(curves) }
}

fn draw(file: &str, title: &str, panels: &[Panel]) -> Result<(), String> {
    let path = interop::target_folder().join(file);
    std::fs::write(&path, svg(title, panels, 4)).map_err(|error| format!("{}: {error}", path.display()))
}
