//! Instructions a sample, beside spandsp's.

use crate::figure::{Figure, Goal, Taken};
use crate::instructions::of_one;
use crate::signal::{self, LANES};
use dsp_tone::BLOCK;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// A peer's C program.
pub(crate) fn peer(name: &str, library: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("c");
    interop::compiled(&folder, name, &[&format!("{name}.c")], &[library])
}

/// This program, for its kernels.
pub(crate) fn own() -> Result<PathBuf, String> {
    std::env::current_exe().map_err(|error| error.to_string())
}

/// 32 channels, all carrying speech or digits, nothing gated.
pub(crate) fn dtmf() -> Taken {
    let file = interop::target_folder().join("bench-lines.raw");
    signal::write(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let words = |words: [&'static str; 2]| words.map(OsStr::new);
    let [kernel, name] = words(["kernel", "dtmf"]);
    let samples = (LANES * BLOCK) as f64;
    let value = of_one(&own()?, &[kernel, name, file.as_os_str()], 500)? / samples;
    let lanes = LANES.to_string();
    let peer_value = of_one(&peer("dtmf_many", "-lspandsp"), &[file.as_os_str(), OsStr::new(&lanes)], 500)? / samples;
    Ok(vec![Figure {
        name: "dsp.dtmf.instr_per_sample",
        value,
        unit: "instr/sample/channel",
        goal: Goal::AtMost(8.0),
        peer: Some(("spandsp", peer_value)),
        how: "callgrind, 500 blocks of 32 channels: 8 dial 80/80 ms, 24 carry a synthetic voice".into(),
    }])
}

pub(crate) fn alaw_encode() -> Taken {
    law("dsp.alaw_encode.instr_per_sample", "alaw_encode", "encode", 1.5)
}

pub(crate) fn alaw_decode() -> Taken {
    law("dsp.alaw_decode.instr_per_sample", "alaw_decode", "decode", 1.0)
}

fn law(name: &'static str, kernel: &str, way: &str, goal: f64) -> Taken {
    let value = of_one(&own()?, &[OsStr::new("kernel"), OsStr::new(kernel)], 20_000)? / BLOCK as f64;
    let peer_value = of_one(&peer("alaw_many", "-lspandsp"), &[OsStr::new(way)], 20_000)? / BLOCK as f64;
    let how = "callgrind, blocks of 80 samples of 32 channels in turn, 20,000 blocks".into();
    let peer = Some(("spandsp", peer_value));
    Ok(vec![Figure { name, value, unit: "instr/sample", goal: Goal::AtMost(goal), peer, how }])
}
