//! Call records, the numbered event log, and recording files.
//!
//! **The store** is SQLite with one writer thread ([`Store`]). Batches of [`Write`]s that wait are committed together,
//! each whole or not at all, and a batch's owner is told after the disk has it. While the disk refuses, batches are kept in memory and tried
//! again; calls go on. What must reach the centre enters the outbox in the same transaction. Anybody may read beside it ([`Reader`]).
//!
//! **Recordings** are two-channel files, received left, sent right: A-law in WAV, or Opus in Ogg ([`RecordingWriter`], [`Format`]). The engine's thread puts blocks into
//! a ring and never waits; the writer appends and makes safe once a second, so that a power cut costs at most the last second. Beside each file
//! grows a chain of hashes, one a second ([`verify`]); what was lost to a full ring or disk is silent, counted, and in the chain.
//!
//! **At a start**, [`Store::open`] closes the calls that a crash left open, and [`repair_all`] makes their recordings playable.
//!
//! # How to drive it
//!
//! ```
//! use base::{CallId, WallTime};
//! use records_io::{CallFilter, Reader, Store, Write};
//! use std::sync::mpsc::channel;
//!
//! let dir = tempfile::tempdir()?;
//! let path = dir.path().join("fundline.db");
//! let now = WallTime(1_795_514_400_000);
//! let store = Store::open(&path, now)?;
//! let opened = Write::CallOpened {
//!     id: CallId(1),
//!     from: "13901234567".into(),
//!     to: "4008001234".into(),
//!     line: "span 1 channel 5".into(),
//!     started: now,
//! };
//! let (told, answer) = channel();
//! store.submit(vec![opened], move |result| told.send(result).unwrap());
//! assert_eq!(answer.recv()?, Ok(()));
//! assert_eq!(Reader::open(&path)?.calls(&CallFilter::default())?[0].called, "4008001234");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Left out
//!
//! Deleting old recordings, signing the chain's heads, and carrying the outbox to the centre, which is the uplink's work.
//!
//! # References
//!
//! - G.711 (11/88) for the samples; RIFF WAVE format tag 6 for the file; FIPS 180-4 for SHA-256.
//! - RFC 3533 for Ogg, RFC 7845 for Opus in it.

mod chain;
mod disk;
mod files;
mod format;
mod growing;
mod header;
mod ogg;
mod opus_stream;
mod pages;
mod reader;
mod recordings;
mod schema;
mod store;
mod write;
mod writer;

pub use chain::{BadSecond, Ending, Verified, VerifyError, verify};
pub use files::{all_recordings, find_recording, recording_path, repair, repair_all};
pub use format::Format;
pub use header::{FRAME, HEADER};
pub use reader::{
    CallDetail, CallFilter, CallRow, EventRow, LegRow, PAGE, Reader, RecordingRow, SegmentRow, SilenceRow, StepRow,
};
pub use store::{EVENTS_KEPT_AT_LEAST, OnCommit, OpenError, Start, Store, WriteError};
pub use write::{Direction, Silenced, Write};
pub use writer::{BLOCK, ClosedRecording, RecordingItem, RecordingReport, RecordingSink, RecordingWriter};
