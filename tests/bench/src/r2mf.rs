//! What a receiver of R2 signals costs.

// The receiver's own tests and its benchmark listen to the same signals; each uses a part of them.
#[allow(dead_code)]
#[path = "../../../firmware/dsp-mf/tests/signals/mod.rs"]
mod signals;

use crate::dsp::{own, peer};
use crate::figure::{Figure, Goal, Taken};
use crate::instructions::of_one;
use crate::signal::{self, LANES};
use dsp_mf::{BLOCK, Register, SIGNALS};
use signals::{Line, MS, Pair};
use std::ffi::OsStr;
use test_signals::Random;

/// Blocks of each line in the file.
const BLOCKS: usize = 1000;

/// Which signals a lane's receiver listens to.
pub(crate) fn register(lane: usize) -> Register {
    if lane < LANES / 2 { Register::Forward } else { Register::Backward }
}

/// 32 channels, all carrying speech or signals, nothing gated.
pub(crate) fn instructions() -> Taken {
    let file = interop::target_folder().join("bench-r2mf.raw");
    let lines: Vec<Vec<i16>> = (0..LANES).map(line).collect();
    signal::interleaved(&file, &lines).map_err(|error| format!("{}: {error}", file.display()))?;
    let samples = (LANES * BLOCK) as f64;
    let kernel = [OsStr::new("kernel"), OsStr::new("r2mf"), file.as_os_str()];
    let value = of_one(&own()?, &kernel, 500)? / samples;
    let lanes = LANES.to_string();
    let arguments = [file.as_os_str(), OsStr::new(&lanes)];
    let peer_value = of_one(&peer("r2mf_many", "-lspandsp"), &arguments, 500)? / samples;
    Ok(vec![Figure {
        name: "dsp.r2mf.instr_per_sample",
        value,
        unit: "instr/sample/channel",
        goal: Goal::AtMost(6.0),
        peer: Some(("spandsp", peer_value)),
        how: "callgrind, 500 blocks of 32 channels, half of each register: 8 carry signals 60/60 ms, 24 a synthetic voice".into(),
    }])
}

/// Every fourth line carries signals, the others speak.
fn line(lane: usize) -> Vec<i16> {
    if !lane.is_multiple_of(4) {
        return signal::speaking(lane as u64);
    }
    let mut random = Random(lane as u64 + 9);
    let mut line = Line::default().silence(random.below(800));
    while line.0.len() < BLOCKS * BLOCK {
        let pair = Pair::nominal(register(lane), 1 + random.below(SIGNALS.into()) as u8);
        line = line.tone(pair, 60 * MS).silence(60 * MS);
    }
    line.plus(|| random.noise(-40.0)).samples()
}
