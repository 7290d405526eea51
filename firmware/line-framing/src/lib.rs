//! HDLC framing for D-channels that arrive as raw octets.
