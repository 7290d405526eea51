//! The box's main process: cards, engine, signaling, calls, routes and records.
