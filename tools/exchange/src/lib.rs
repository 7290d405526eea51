//! The telephone network in a program: PRI network side, scripted callers, lab telephones.
