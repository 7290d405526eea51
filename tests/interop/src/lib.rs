//! The real processes with real peers: libpri, spandsp, pocketsphinx, Chromium.
