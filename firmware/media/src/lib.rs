//! The media engine: one pure 10 ms tick that plays, detects, bridges and records.
//!
//! Detection, playing, bridging and recording meet in [`Engine::tick`]; [`Command`] and [`Event`] are its language.

mod clip;
mod command;
mod engine;
mod port;
mod recorder;
pub mod wav;

pub use clip::Clip;
pub use command::{
    BargeIn, Clamp, Command, Direction, DtmfDetection, Event, Mask, Muting, PlayEnd, PlayId, PortId, RecordSlot,
    RecordedBlock, Refusal, Sink,
};
pub use dsp_tone::{Cadence, Length, ToneSpec};
pub use engine::Engine;

/// Samples in a block.
pub const BLOCK: usize = 80;
/// 10 ms of one port: linear samples at 8 kHz.
pub type Block = [i16; BLOCK];
