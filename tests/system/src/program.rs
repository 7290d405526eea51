//! A program under test: started with its log in a file, ended with its test.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The path of a program of this tree, built for the same profile as this test.
#[track_caller]
pub fn built(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    let folder = test.parent().and_then(Path::parent).expect("tests lie in target/PROFILE/deps");
    let program = folder.join(name);
    assert!(program.exists(), "{} is not built: cargo build --workspace --bins", program.display());
    program
}

/// A running program.
pub struct Program {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Program {
    /// Starts it; what it prints goes behind what the log holds already.
    #[track_caller]
    pub fn start(name: &'static str, mut command: Command, log: &Path) -> Self {
        let open = || File::options().create(true).append(true).open(log).expect("a log");
        command.stdin(Stdio::null()).stdout(open()).stderr(open());
        let child = command.spawn().unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        Self { name, child, log: log.into() }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Fails the test if it has ended.
    #[track_caller]
    pub fn must_live(&mut self) {
        if let Ok(Some(status)) = self.child.try_wait() {
            panic!("{} has ended ({status}):\n{}", self.name, tail(&self.log));
        }
    }

    /// Ends it without a word.
    pub fn kill(mut self) {
        // Gone already is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to stop; it must within `limit`.
    #[track_caller]
    pub fn stop(mut self, limit: Duration) {
        signal(self.pid(), Signal::SIGTERM);
        let began = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            assert!(began.elapsed() < limit, "{} does not stop:\n{}", self.name, tail(&self.log));
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Process ids and names of a process's children.
    pub fn children(parent: u32) -> Vec<(u32, String)> {
        let Ok(all) = std::fs::read_dir("/proc") else { return Vec::new() };
        let pids = all.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
        let child = |pid: u32| {
            let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
            let field = |name: &str| status.lines().find_map(|line| Some(line.strip_prefix(name)?.trim().to_owned()));
            (field("PPid:")?.parse() == Ok(parent)).then_some((pid, field("Name:")?))
        };
        pids.filter_map(child).collect()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        signal(self.pid(), Signal::SIGTERM);
        let began = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && began.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(20));
        }
        // A program that is gone cannot be killed, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process; one that is gone is no fault.
pub fn signal(pid: u32, signal: Signal) {
    if let Ok(pid) = i32::try_from(pid) {
        let _ = kill(Pid::from_raw(pid), signal);
    }
}

/// The last lines of a log.
pub(crate) fn tail(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}
