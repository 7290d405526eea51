//! Q.931 call control for primary rate interfaces, user and network side, as pure machines.
