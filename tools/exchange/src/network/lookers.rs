//! Threads that look for phrases, so that signaling and audio never wait for it.

use crate::party::{Look, Looked};
use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

/// Threads at most: looking is short.
const THREADS: usize = 4;

/// The threads. They end when this is dropped. A party has one look under way at most, which bounds both queues.
pub(super) struct Lookers {
    /// To the threads; without them a look is worked when it is ordered.
    work: Option<Sender<(u32, Look)>>,
    looked: Sender<(u32, Looked)>,
    done: Receiver<(u32, Looked)>,
}

impl Lookers {
    /// As many as there are processors; `woken` is called when a look is done.
    pub(super) fn start(woken: &Arc<dyn Fn() + Send + Sync>) -> io::Result<Self> {
        let (work, waiting) = channel::<(u32, Look)>();
        let (looked, done) = channel();
        let waiting = Arc::new(Mutex::new(waiting));
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS);
        for _ in 0..threads {
            let (waiting, looked, woken) = (Arc::clone(&waiting), looked.clone(), Arc::clone(woken));
            std::thread::Builder::new().name("judge".into()).spawn(move || {
                while let Some((party, look)) = next(&waiting) {
                    if looked.send((party, look.work())).is_err() {
                        return;
                    }
                    woken();
                }
            })?;
        }
        Ok(Self { work: Some(work), looked, done })
    }

    /// No threads: the same story runs the same twice.
    pub(super) fn here() -> Self {
        let (looked, done) = channel();
        Self { work: None, looked, done }
    }

    pub(super) fn order(&self, party: u32, look: Look) {
        match &self.work {
            // Fails only if all threads have panicked, which the log shows.
            Some(work) => drop(work.send((party, look))),
            None => drop(self.looked.send((party, look.work()))),
        }
    }

    pub(super) fn poll(&self) -> Option<(u32, Looked)> {
        self.done.try_recv().ok()
    }
}

fn next(waiting: &Mutex<Receiver<(u32, Look)>>) -> Option<(u32, Look)> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}
