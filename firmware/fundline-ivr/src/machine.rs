//! The interpreter on a thread of its own.
//!
//! A script engine lives and dies on one thread. With a thread a session, a document that loops holds up its own caller only, a
//! panic ends that thread only, and the tasks that carry messages never wait for a script.

use base::Instant;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::Duration;
use tokio::sync::mpsc;
use vxml::{Action, Input, Interpreter, Limits, SessionInfo};

/// How long the interpreter may work on one input. Its own limits end a document's loops long before.
const WORK_LIMIT: Duration = Duration::from_secs(20);

/// Why there is no interpreter any more.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    #[error("the interpreter stopped on a fault of its own; please report the document that did it")]
    Panicked,
    #[error("the document kept the interpreter busy for more than {WORK_LIMIT:?}")]
    Overran,
    #[error("no thread for the interpreter ({0}); the box has too many processes or too little memory")]
    NoThread(std::io::Error),
}

/// What the interpreter wants after one input.
#[derive(Debug, Default)]
pub(crate) struct Step {
    pub(crate) actions: Vec<Action>,
    /// When it must be called again at the latest.
    pub(crate) deadline: Option<Instant>,
}

/// A session's interpreter. It ends when this is dropped.
pub(crate) struct Machine {
    inputs: SyncSender<(Instant, Input)>,
    steps: mpsc::Receiver<Step>,
}

impl Machine {
    /// Begins a session; its first step is the answer.
    pub(crate) async fn start(now: Instant, info: SessionInfo, limits: Limits) -> Result<(Self, Step), Broken> {
        let (inputs, to_handle) = sync_channel::<(Instant, Input)>(1);
        let (done, steps) = mpsc::channel(1);
        let work = move || {
            let mut interpreter = Interpreter::new(now, info, limits);
            loop {
                let actions = std::iter::from_fn(|| interpreter.poll_action()).collect();
                let step = Step { actions, deadline: interpreter.deadline() };
                // Either end closes when the session is over.
                if done.blocking_send(step).is_err() {
                    return;
                }
                let Ok((now, input)) = to_handle.recv() else { return };
                interpreter.handle(now, input);
            }
        };
        thread::Builder::new().name("session".into()).spawn(work).map_err(Broken::NoThread)?;
        let mut machine = Self { inputs, steps };
        let first = machine.step().await?;
        Ok((machine, first))
    }

    /// Applies one input.
    pub(crate) async fn handle(&mut self, now: Instant, input: Input) -> Result<Step, Broken> {
        // The thread waits for exactly this; where it has panicked, the step below says so.
        let _ = self.inputs.try_send((now, input));
        self.step().await
    }

    async fn step(&mut self) -> Result<Step, Broken> {
        match tokio::time::timeout(WORK_LIMIT, self.steps.recv()).await {
            Ok(step) => step.ok_or(Broken::Panicked),
            Err(_) => Err(Broken::Overran),
        }
    }
}
