//! The lab card: spans in memory, and spans over Unix sockets for other programs' stacks.
