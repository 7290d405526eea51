//! `make bench`: takes the box's figures, peers beside them in the same run, prints a table, writes `target/bench.json`.
//!
//! Instructions are counted by callgrind, as the difference between a run and one twice as long, so that starting up is not in
//! it. Digits are read and lost by the receiver itself. The lab's figures are taken of the real programs. A figure that cannot be taken is left
//! out, and a line on stderr says why.

// The table is what this program is for.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod callerid;
mod calls;
mod corpus;
mod day;
mod digits;
mod dsp;
mod echo;
mod engine;
mod faxtones;
mod figure;
mod instructions;
mod kernels;
mod lab;
mod plot;
mod process;
mod progress;
mod r2mf;
mod range;
mod ready;
mod signal;

use figure::{Figure, Taken};
use std::process::ExitCode;

/// Figures that are taken together, by the name of the first.
type Part = (&'static str, fn() -> Taken);

/// All of them, in the order of the table.
const PARTS: &[Part] = &[
    ("dsp.dtmf.instr_per_sample", dsp::dtmf),
    ("dsp.alaw_encode.instr_per_sample", dsp::alaw_encode),
    ("dsp.alaw_decode.instr_per_sample", dsp::alaw_decode),
    ("dsp.dtmf.read_pct_10db", digits::read_at_10_db),
    ("dsp.dtmf.hole_ms", digits::longest_hole),
    ("dsp.dtmf range: table and plot", range::draw),
    ("dsp.progress.instr_per_sample", progress::instructions),
    ("dsp.r2mf.instr_per_sample", r2mf::instructions),
    ("dsp.fsk_callerid.instr_per_sample", callerid::instructions),
    ("dsp.faxtones.instr_per_sample", faxtones::instructions),
    ("dsp.echo1024.instr_per_sample", echo::instructions),
    ("dsp.echo.converge_ms_20db", echo::convergence),
    ("dsp.echo.erle_db, dsp.echo.erle_alaw_db", echo::steady_state),
    ("sig.callerid.read_pct_15db", callerid::read_at_15_db),
    ("sig.fxo.hangup_detect_pct", progress::hang_ups),
    ("corpus: sig.fxo.false_hangups_100h, dsp.dtmf.false_100h, dsp.faxtones.false_100h", corpus::false_ones),
    ("sig.q931.instr_per_call", calls::q931),
    ("sig.day_of_calls.calls_per_s", day::calls_per_s),
    ("engine.full240.cpu_pct, engine.tick_late_p999_ms", engine::full),
    ("engine.recorded_pair.cpu_pct", engine::recorded_pairs),
    ("lab.start_to_ready_s", ready::start),
    ("lab.rss_idle_mib", lab::idle),
    ("lab.ivr240.cpu_pct_per_channel", lab::ivr240),
];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        // Run by this program itself, under callgrind.
        ["kernel", rest @ ..] => kernels::run(rest),
        [] => take(""),
        ["--only", only] => take(only),
        _ => {
            eprintln!("usage: bench [--only PART-OF-A-NAME]");
            ExitCode::from(2)
        }
    }
}

fn take(only: &str) -> ExitCode {
    let mut figures: Vec<Figure> = Vec::new();
    for (name, part) in PARTS.iter().filter(|(name, _)| name.contains(only)) {
        eprintln!("bench: {name} ...");
        match part() {
            Ok(taken) => figures.extend(taken),
            Err(why) => eprintln!("bench: {name} is left out: {why}"),
        }
    }
    if figures.is_empty() {
        // A drawing was all that was wanted: the file of an earlier run stays.
        return ExitCode::SUCCESS;
    }
    print!("{}", figure::table(&figures));
    match figure::write(&figures) {
        Ok(path) => println!("\n{}", path.display()),
        Err(error) => {
            eprintln!("bench: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
