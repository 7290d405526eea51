//! Call progress: what its receiver costs, and how surely a hang-up is heard.

// The classifier's own tests and its benchmark listen to the same tones; each uses a part of them.
#[allow(dead_code)]
#[path = "../../../firmware/dsp-progress/tests/signals/mod.rs"]
mod signals;

use crate::dsp::{own, peer};
use crate::figure::{Figure, Goal, Taken};
use crate::instructions::of_one;
use crate::signal::{self, LANES};
use dsp_progress::{BLOCK, Kind, Row, TABLES};
use signals::{Faults, tone, verdicts};
use std::ffi::OsStr;

/// Blocks of each line in the file.
const BLOCKS: usize = 1000;

/// 32 channels, all carrying speech or tones, nothing gated.
pub(crate) fn instructions() -> Taken {
    let file = interop::target_folder().join("bench-tones.raw");
    let line = |lane: usize| {
        if lane.is_multiple_of(4) {
            let row = &TABLES[lane * 5 % TABLES.len()];
            tone(row, &Faults { level: -15.0, snr_db: 20.0, seed: lane as u64 + 1, ..Faults::NONE }, BLOCKS * 10)
        } else {
            signal::speaking(lane as u64)
        }
    };
    let lines: Vec<Vec<i16>> = (0..LANES).map(line).collect();
    signal::interleaved(&file, &lines).map_err(|error| format!("{}: {error}", file.display()))?;
    let samples = (LANES * BLOCK) as f64;
    let kernel = [OsStr::new("kernel"), OsStr::new("progress"), file.as_os_str()];
    let value = of_one(&own()?, &kernel, 500)? / samples;
    let lanes = LANES.to_string();
    let arguments = [file.as_os_str(), OsStr::new(&lanes)];
    let peer_value = of_one(&peer("progress_many", "-lspandsp"), &arguments, 500)? / samples;
    Ok(vec![Figure {
        name: "dsp.progress.instr_per_sample",
        value,
        unit: "instr/sample/channel",
        goal: Goal::AtMost(10.0),
        peer: Some(("spandsp", peer_value)),
        how: "callgrind, 500 blocks of 32 channels: 8 carry tones of the tables, 24 a synthetic voice; peer with six tones"
            .into(),
    }])
}

/// Busy and congestion of all tables, by a line that knows of no country, as in the count of false ones.
pub(crate) fn hang_ups() -> Taken {
    const SEEDS: u64 = 200;
    let rows: Vec<&Row> = TABLES.iter().filter(|row| matches!(row.kind, Kind::Busy | Kind::Congestion)).collect();
    let (mut found, mut all, mut cadences) = (0, 0, Vec::new());
    for row in &rows {
        let whole: u64 = row.cadence.iter().map(|&(on, off)| u64::from(on + off)).sum();
        for seed in 1..=SEEDS {
            let faults = Faults::any(seed);
            all += 1;
            let samples = tone(row, &faults, (whole * 5) as usize + 200);
            let heard = verdicts("", &samples).into_iter().find(|(_, verdict)| verdict.kind.is_hang_up());
            let Some((at, _)) = heard else {
                eprintln!("bench: no hang-up heard: {} {:?} {faults:?}", row.country, row.kind);
                continue;
            };
            found += 1;
            let length = whole as f64 * (faults.on_factor + faults.off_factor) / 2.0;
            cadences.push((at.as_millis() as f64 / length).floor() as u32);
        }
    }
    cadences.sort_unstable();
    let median = *cadences.get(cadences.len() / 2).ok_or("none was heard")?;
    let how = format!(
        "{} tones, {SEEDS} times each: -35 to -5 dBm0, noise 20 dB below, frequency to 1.5 %, times to 10 %, begun anywhere in the \
         cadence, A-law, no country set",
        rows.len()
    );
    Ok(vec![
        Figure {
            name: "sig.fxo.hangup_detect_pct",
            value: 100.0 * f64::from(found) / f64::from(all),
            unit: "%",
            goal: Goal::AtLeast(99.9),
            peer: None,
            how: how.clone(),
        },
        Figure {
            name: "sig.fxo.hangup_cadences",
            value: f64::from(median),
            unit: "count",
            goal: Goal::AtMost(2.0),
            peer: None,
            how: how + "; whole cadences heard until the verdict, median",
        },
    ])
}
