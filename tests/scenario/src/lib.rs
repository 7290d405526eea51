//! Stories on a clock that jumps: the whole box joined to the telephone network in memory.
