//! Tone generation and the banked DTMF detector.
