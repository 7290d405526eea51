//! The messages between the box's processes, and their framing on Unix sockets.
