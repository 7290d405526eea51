//! A program with its children, and what they cost, by /proc.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Ticks of /proc/PID/stat in a second: fixed by the kernel's interface.
const TICKS: f64 = 100.0;

/// A running program; dropping it ends it.
pub(crate) struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    pub(crate) fn start(mut command: Command, log: &Path) -> Result<Self, String> {
        let open = || File::options().create(true).append(true).open(log);
        let (out, err) = (open().map_err(|error| error.to_string())?, open().map_err(|error| error.to_string())?);
        let child = command.stdin(Stdio::null()).stdout(out).stderr(err).spawn();
        let child = child.map_err(|error| format!("{}: {error}", command.get_program().display()))?;
        Ok(Self { child, log: log.to_owned() })
    }

    /// Seconds of CPU that it and its children have used.
    pub(crate) fn cpu_of_all(&self) -> Result<f64, String> {
        self.family()?.iter().map(|process| Ok(process.ticks as f64 / TICKS)).sum()
    }

    /// MiB in memory of it and its children, and how they are shared out.
    pub(crate) fn memory_of_all(&self) -> Result<(f64, String), String> {
        let sizes: Vec<(String, f64)> = (self.family()?.iter())
            .map(|process| (process.name.clone(), resident_mib(process.pid).unwrap_or_default()))
            .collect();
        let shares: Vec<String> = sizes.iter().map(|(name, mib)| format!("{name} {mib:.1}")).collect();
        Ok((sizes.iter().map(|(_, mib)| mib).sum(), shares.join(", ")))
    }

    /// This process and its descendants.
    fn family(&self) -> Result<Vec<Status>, String> {
        let own = self.child.id();
        let all: Vec<Status> = std::fs::read_dir("/proc")
            .map_err(|error| error.to_string())?
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .filter_map(Status::of)
            .collect();
        let mut family = vec![own];
        // Each round finds the next generation; there are two at most.
        for _ in 0..3 {
            let born = all.iter().filter(|one| family.contains(&one.parent) && !family.contains(&one.pid));
            let born: Vec<u32> = born.map(|one| one.pid).collect();
            family.extend(born);
        }
        let found: Vec<Status> = all.into_iter().filter(|one| family.contains(&one.pid)).collect();
        if found.is_empty() {
            let log = std::fs::read_to_string(&self.log).unwrap_or_default();
            return Err(format!("the program has ended: {}", log.lines().last().unwrap_or_default()));
        }
        Ok(found)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Its children end with it.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

struct Status {
    pid: u32,
    parent: u32,
    name: String,
    ticks: u64,
}

impl Status {
    fn of(pid: u32) -> Option<Self> {
        let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name stands in brackets and may hold anything.
        let (before, after) = text.rsplit_once(") ")?;
        let fields: Vec<&str> = after.split(' ').collect();
        let at = |number: usize| fields.get(number).and_then(|field| field.parse::<u64>().ok());
        let name = before.split_once('(')?.1.to_owned();
        // proc(5): parent is field 4, utime 14, stime 15; the first here is field 3.
        Some(Self { pid, parent: u32::try_from(at(1)?).ok()?, name, ticks: at(11)? + at(12)? })
    }
}

fn resident_mib(pid: u32) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}
