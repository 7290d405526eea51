//! Questions to the store, answered off the page's own threads.

use crate::error::ApiError;
use records_io::Reader;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// Questions answered at once; further ones wait.
const AT_ONCE: usize = 4;

/// Connections that can only read, opened when needed and kept for the next question.
pub(crate) struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Reader>>>,
    turns: Semaphore,
}

impl Readers {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, idle: Arc::default(), turns: Semaphore::new(AT_ONCE) }
    }

    /// Asks one question.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Reader) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, ApiError> {
        let _turn = self.turns.acquire().await.map_err(|_| ApiError::Stopping)?;
        let (path, idle) = (self.path.clone(), Arc::clone(&self.idle));
        let answer = tokio::task::spawn_blocking(move || {
            let kept = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let reader = match kept {
                Some(reader) => reader,
                None if !path.exists() => return Err(ApiError::NoStore),
                None => Reader::open(&path).map_err(ApiError::Store)?,
            };
            // A connection that failed is not used again.
            let answer = question(&reader).map_err(ApiError::Store)?;
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
            Ok(answer)
        });
        answer.await.map_err(|_| ApiError::Stopping)?
    }
}
