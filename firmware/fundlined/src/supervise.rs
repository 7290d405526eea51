//! The other processes: started, started again when they end, stopped at the end.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, watch};

/// Wait before the first start again, and after it: twice as long each time.
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// Longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// A program that ran so long was well: its next wait is the first again.
const WELL: Duration = Duration::from_secs(30);
/// How long a program may take to end when it is asked to.
const GRACE: Duration = Duration::from_secs(3);

/// A program to keep running.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its name in pages and logs.
    pub name: &'static str,
    /// Its file.
    pub path: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
}

/// What a supervisor tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProcessNews {
    /// It was started, for the first time or again.
    Started,
    /// It ended, or could not be started.
    Ended {
        /// In words.
        how: String,
    },
}

/// How long to wait before the next start.
#[derive(Debug, Default)]
pub struct Backoff {
    last: Option<Duration>,
}

impl Backoff {
    /// The wait after a run of this length.
    pub fn after(&mut self, ran: Duration) -> Duration {
        let wait = match self.last {
            Some(last) if ran < WELL => (last * 2).min(LONGEST_WAIT),
            Some(_) | None => FIRST_WAIT,
        };
        self.last = Some(wait);
        wait
    }
}

/// Keeps the program running until `stop` becomes true or is dropped; then ends it.
pub async fn supervise(
    program: Program,
    index: usize,
    news: mpsc::Sender<(usize, ProcessNews)>,
    mut stop: watch::Receiver<bool>,
) {
    let mut backoff = Backoff::default();
    while !*stop.borrow() {
        let began = Instant::now();
        let how = match start(&program) {
            Ok(mut child) => {
                tracing::info!(program = program.name, pid = child.id(), "started");
                drop(news.send((index, ProcessNews::Started)).await);
                tokio::select! {
                    status = child.wait() => status.map_or_else(|why| why.to_string(), |status| status.to_string()),
                    () = stopped(&mut stop) => return end(program.name, child).await,
                }
            }
            Err(why) => format!("{}: {why}", program.path.display()),
        };
        let wait = backoff.after(began.elapsed());
        tracing::warn!(program = program.name, %how, wait_ms = wait.as_millis() as u64, "ended; it is started again");
        drop(news.send((index, ProcessNews::Ended { how })).await);
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stopped(&mut stop) => {}
        }
    }
}

fn start(program: &Program) -> std::io::Result<Child> {
    Command::new(&program.path).args(&program.arguments).stdin(std::process::Stdio::null()).kill_on_drop(true).spawn()
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error: the sender is gone, and with it whoever wanted the program.
    drop(stop.wait_for(|stop| *stop).await);
}

async fn end(name: &str, mut child: Child) {
    if let Some(pid) = child.id().and_then(|pid| i32::try_from(pid).ok()) {
        // It may have ended just now.
        let _gone = kill(Pid::from_raw(pid), Signal::SIGTERM);
    }
    if tokio::time::timeout(GRACE, child.wait()).await.is_err() {
        tracing::warn!(program = name, "did not end in time and is killed");
        drop(child.kill().await);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_wait_doubles_up_to_ten_seconds_and_begins_anew_after_a_long_run() {
        let mut backoff = Backoff::default();
        let short = Duration::from_millis(29_999);
        let waits: Vec<u128> = (0..8).map(|_| backoff.after(short).as_millis()).collect();
        assert_eq!(waits, [200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
        assert_eq!(backoff.after(WELL), FIRST_WAIT);
    }

    fn script(folder: &std::path::Path, text: &str) -> Program {
        let path = folder.join("fake");
        std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        Program { name: "fake", path, arguments: vec!["--root".into()] }
    }

    async fn next(news: &mut mpsc::Receiver<(usize, ProcessNews)>) -> ProcessNews {
        let (index, news) = tokio::time::timeout(Duration::from_secs(20), news.recv()).await.unwrap().unwrap();
        assert_eq!(index, 3);
        news
    }

    #[tokio::test]
    async fn a_program_that_ends_is_started_again() {
        let folder = tempfile::tempdir().unwrap();
        let program = script(folder.path(), "exit 7");
        let (tell, mut news) = mpsc::channel(8);
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(supervise(program, 3, tell, stopped));
        for _ in 0..3 {
            assert_eq!(next(&mut news).await, ProcessNews::Started);
            assert_eq!(next(&mut news).await, ProcessNews::Ended { how: "exit status: 7".into() });
        }
        stop.send(true).unwrap();
        tokio::time::timeout(Duration::from_secs(20), task).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_program_that_runs_is_asked_to_end() {
        let folder = tempfile::tempdir().unwrap();
        let told = folder.path().join("told");
        let text = format!(
            "trap 'echo ended > {}; exit 0' TERM\nwhile :; do read line < /dev/null; sleep 0.01; done",
            told.display()
        );
        let program = script(folder.path(), &text);
        let (tell, mut news) = mpsc::channel(8);
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(supervise(program, 3, tell, stopped));
        assert_eq!(next(&mut news).await, ProcessNews::Started);
        stop.send(true).unwrap();
        tokio::time::timeout(Duration::from_secs(20), task).await.unwrap().unwrap();
        assert!(news.recv().await.is_none());
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_told_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let program = Program { name: "fake", path: folder.path().join("none"), arguments: Vec::new() };
        let (tell, mut news) = mpsc::channel(8);
        let (_stop, stopped) = watch::channel(false);
        let task = tokio::spawn(supervise(program, 3, tell, stopped));
        let ProcessNews::Ended { how } = next(&mut news).await else { panic!("it cannot have started") };
        assert!(how.contains("none: No such file"), "{how}");
        task.abort();
    }
}
