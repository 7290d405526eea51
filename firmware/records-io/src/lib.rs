//! Call records, event log and recording files.

mod chain;
mod files;
mod header;
mod reader;
mod recording;
mod schema;
mod store;
mod write;

pub use chain::{BadSecond, Ending, Verified, VerifyError, verify};
pub use files::{find_recording, recording_path, repair, repair_all};
pub use header::{FRAME, HEADER};
pub use reader::{CallDetail, CallFilter, CallRow, EventRow, LegRow, PAGE, Reader, RecordingRow, SegmentRow, StepRow};
pub use recording::{BLOCK, ClosedRecording, RecordingItem, RecordingReport, RecordingSink, RecordingWriter};
pub use store::{EVENTS_KEPT_AT_LEAST, OnCommit, OpenError, Start, Store, WriteError};
pub use write::{Direction, Write};
