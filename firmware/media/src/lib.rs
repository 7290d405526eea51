//! The media engine: one pure tick of 10 ms that plays, detects, bridges and records.
//!
//! **Ports** are the channels of the box. Each tick gives every port the block it received and takes the block it sends;
//! all that must act in the same 10 ms meets in [`Engine::tick`]. [`Command`] and [`Event`] are its language, [`Sink`] takes what
//! comes out. The tick neither allocates nor frees, waits nor reads a clock (`tests/allocations.rs`): clips are shared, and come
//! back in [`Event::PlayDone`] for another thread to free.
//!
//! **Barge-in.** A digit is reported early, when 10 ms of its tone were heard: the prompt ducks by 12 dB. Confirmed, it stops the
//! prompt; taken back, the prompt comes up again. Channels are detected in banks of 32.
//!
//! **Together.** Ports hear each other in bridges of two and in conferences of any number: each member hears the sum of all others, added in 32 bits and cut once.
//! Beyond 16 members four have the floor, the loudest, who keep it through their pauses. A **supervisor** hears all that a port says and hears, and is heard by
//! nobody, by that port, or by all (`tests/rooms.rs` proves that a listener changes no sample of anybody else's). **On hold** a port hears music, and plays
//! over it. A port carries audio from when it is opened, before any answer.
//!
//! **Plays** wait in a queue, repeat, stand still on order, tell the marks of their clips when they are sent, and how many samples of them were.
//!
//! **Call progress** (tones, voice, silence), **R2 register signals**, **caller id by FSK** and **fax tones** are told of ports that are asked to listen to them;
//! on others they cost nothing.
//!
//! **Echo.** [`Command::CancelEcho`] takes a line's echo out of what a port receives, before anything else hears it.
//!
//! **Overload.** Whoever ticks says by [`Engine::took`] how long it took; [`Load`] decides what is given up, and never gives up what a call lives by.
//!
//! **Level.** [`Command::MeasureLevel`] tells once how loud a port's line is, for tests of lines, [`Command::ListenLevels`] each second, for pages;
//! [`Command::ListenVoice`] tells who speaks; [`Command::SetGain`] makes a direction louder or softer.
//!
//! **Simulations** use [`symbolic::SymbolicEngine`], the same contract without samples.
//!
//! **Recording** takes what a port receives and is sent, one of both, or the mix of a conference. It runs 60 ms behind, so that what must not be recorded (all of it under a mask, keys under a clamp) is
//! silenced from its very beginning, before anything has left the engine.
//!
//! # How to drive it
//!
//! ```
//! use media::{BargeIn, Clip, Command, Engine, Event, PlayEnd, PlayId, PortId, RecordedBlock, Sink};
//! use std::sync::Arc;
//!
//! #[derive(Default)]
//! struct Taken(Vec<Event>);
//! impl Sink for Taken {
//!     fn event(&mut self, event: Event) {
//!         self.0.push(event);
//!     }
//!     fn recorded(&mut self, _block: &RecordedBlock) {}
//! }
//!
//! let (mut engine, mut taken) = (Engine::new(1), Taken::default());
//! let port = PortId(0);
//! engine.handle(Command::Open(port), &mut taken);
//! let clip = Arc::new(Clip::from_pcm(&[1000; 120]));
//! engine.handle(Command::Play { port, play: PlayId(7), clip, barge_in: BargeIn::Allowed }, &mut taken);
//! let (rx, mut tx) = ([[0; 80]], [[0; 80]]);
//! engine.tick(&rx, &mut tx, &mut taken);
//! assert!(tx[0][79] > 900);
//! engine.tick(&rx, &mut tx, &mut taken);
//! assert!(matches!(taken.0[0], Event::PlayDone { played_ms: 15, reason: PlayEnd::Completed, .. }));
//! ```
//!
//! # Left out
//!
//! Automatic gain: the network's levels are planned. Packet loss concealment: spans lose no packets.
//!
//! # References
//!
//! - G.711 (11/88) for the law in which clips and recordings are kept; Q.24 (11/88) Annex A by way of `dsp-tone`.

mod clip;
mod command;
mod echo;
mod engine;
mod event;
mod floor;
mod keys;
mod load;
mod meter;
mod mixer;
mod play;
mod port;
mod receivers;
mod recorder;
mod recorders;
mod rooms;
mod signals;
pub mod symbolic;
mod taps;
pub mod wav;
pub mod wide;

pub use clip::Clip;
pub use command::{
    BargeIn, Clamp, Command, ConferenceId, Direction, DtmfDetection, EchoTail, Listening, Mask, Muting, Pausing,
    PlayId, PortId, RecordSlot, Repeat, Source, Supervision,
};
pub use dsp_echo::Settings as EchoSettings;
pub use dsp_fax::{Answer, FaxSignal, FaxToneEvent};
pub use dsp_fsk::{FskEvent, Modulation, Octets};
pub use dsp_level::{Levels, VoiceEvent};
pub use dsp_mf::{MfEvent, Register};
pub use dsp_progress::{Spectrum, ToneEvent};
pub use dsp_tone::{Cadence, Length, Profile as DtmfProfile, ToneSpec};
pub use engine::Engine;
pub use event::{Event, PlayEnd, RecordedBlock, Refusal, Sink};
pub use load::Load;

/// Samples in a block.
pub const BLOCK: usize = 80;
/// 10 ms of one port: linear samples at 8 kHz.
pub type Block = [i16; BLOCK];
/// A line at rest.
const SILENT: Block = [0; BLOCK];
