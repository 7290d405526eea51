//! Instructions counted by callgrind: exact on any machine, however busy.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

/// Instructions of one more of what the program's last argument counts.
pub(crate) fn of_one(program: &Path, arguments: &[&OsStr], count: u64) -> Result<f64, String> {
    let (once, twice) = (of_run(program, arguments, count)?, of_run(program, arguments, 2 * count)?);
    Ok((twice.saturating_sub(once)) as f64 / count as f64)
}

fn of_run(program: &Path, arguments: &[&OsStr], count: u64) -> Result<u64, String> {
    let run = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(arguments)
        .arg(count.to_string())
        .output()
        .map_err(|error| format!("valgrind: {error}; run scripts/setup-debian.sh test"))?;
    let told = String::from_utf8_lossy(&run.stderr);
    if !run.status.success() {
        return Err(format!("{} under callgrind: {}", program.display(), told.lines().last().unwrap_or_default()));
    }
    told.lines()
        .find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok())
        .ok_or_else(|| "callgrind did not say how many instructions it collected".to_owned())
}
