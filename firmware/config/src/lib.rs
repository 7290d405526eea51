//! The configuration file: structures, checks and error messages with file and line.
