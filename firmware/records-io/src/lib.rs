//! Call records, event log and recording files.
