//! What a receiver of fax and modem tones costs.

// The receiver's own tests and its benchmark listen to the same signals; each uses a part of them.
#[allow(dead_code)]
#[path = "../../../firmware/dsp-fax/tests/signals/mod.rs"]
mod signals;

use crate::dsp::{own, peer};
use crate::figure::{Figure, Goal, Taken};
use crate::instructions::of_one;
use crate::signal::{self, LANES};
use dsp_fax::BLOCK;
use signals::{Line, MS, Tone};
use std::ffi::OsStr;
use test_signals::Random;

/// Blocks of each line in the file.
const BLOCKS: usize = 1000;

/// 32 channels, all carrying speech or fax tones, nothing gated.
pub(crate) fn instructions() -> Taken {
    let file = interop::target_folder().join("bench-faxtones.raw");
    let lines: Vec<Vec<i16>> = (0..LANES).map(line).collect();
    signal::interleaved(&file, &lines).map_err(|error| format!("{}: {error}", file.display()))?;
    let samples = (LANES * BLOCK) as f64;
    let kernel = [OsStr::new("kernel"), OsStr::new("faxtones"), file.as_os_str()];
    let value = of_one(&own()?, &kernel, 500)? / samples;
    let lanes = LANES.to_string();
    let arguments = [file.as_os_str(), OsStr::new(&lanes)];
    let peer_value = of_one(&peer("faxtones_many", "-lspandsp"), &arguments, 500)? / samples;
    Ok(vec![Figure {
        name: "dsp.faxtones.instr_per_sample",
        value,
        unit: "instr/sample/channel",
        goal: Goal::AtMost(20.0),
        peer: Some(("spandsp", peer_value)),
        how: "callgrind, 500 blocks of 32 channels: 8 carry CNG, answering tones or flags, 24 a synthetic voice; peer with receivers \
              of CNG, answering tones and flags"
            .into(),
    }])
}

/// Every fourth line carries tones, the others speak.
fn line(lane: usize) -> Vec<i16> {
    if !lane.is_multiple_of(4) {
        return signal::speaking(lane as u64);
    }
    let mut random = Random(lane as u64 + 9);
    let mut line = Line::default().silence(random.below(800));
    while line.0.len() < BLOCKS * BLOCK {
        let reversed = Tone { depth: 0.2, turns: Some((450, 180.0)), ..Tone::of(2100.0, -13.0) };
        line = match lane / 4 % 4 {
            0 => line.tone(Tone::of(1100.0, -13.0), 500 * MS).silence(3000 * MS),
            1 => line.tone(Tone::of(2100.0, -13.0), 3000 * MS).silence(75 * MS),
            2 => line.tone(reversed, 4000 * MS).silence(75 * MS),
            _ => line.v21(&[0x7E; 38], -13.0, 0.0).silence(75 * MS),
        };
    }
    line.plus(|| random.noise(-40.0)).samples()
}
