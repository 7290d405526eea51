//! The media engine: one pure 10 ms tick that plays, detects, bridges and records.
