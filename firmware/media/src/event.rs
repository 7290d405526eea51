//! What the engine tells.

use crate::{BLOCK, Clip, PlayId, PortId, RecordSlot};
use base::{Dbm0, Digit};
use dsp_fax::FaxToneEvent;
use dsp_fsk::FskEvent;
use dsp_level::{Levels, VoiceEvent};
use dsp_mf::MfEvent;
use dsp_progress::ToneEvent;
use std::sync::Arc;

/// Why a play ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlayEnd {
    /// Played to its end.
    Completed,
    /// A digit stopped it.
    BargedIn,
    /// [`Command::StopPlay`](crate::Command::StopPlay).
    Stopped,
    /// Never began: the queue is full, or the port is not open.
    Refused,
    /// The port was closed.
    Closed,
}

/// Why a command was not obeyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The engine has no such port.
    NoSuchPort,
    /// The port is not open.
    NotOpen,
    /// The port is open already.
    AlreadyOpen,
    /// A port cannot be bridged to itself.
    BridgeToItself,
    /// More strings of digits wait than are kept.
    TooManyDigits,
    /// R2 has no register signal of this number.
    NoSuchSignal,
    /// Other octets are being sent by FSK.
    SendsFsk,
    /// The engine has no such conference.
    NoSuchConference,
    /// A port cannot supervise itself.
    SupervisesItself,
    /// A supervisor cannot be supervised, nor become one while supervised.
    SupervisesSupervisor,
    /// The recorder is in use, or does not exist.
    NoSuchRecorder,
    /// The engine was made without echo cancellers.
    NoCancellers,
}

/// What happened. All are given out in the tick or the command in which they happen.
#[derive(Clone, Debug)]
pub enum Event {
    /// A tone that looks like this digit has just begun. Provisional: never act on it but by ducking.
    DigitEarly {
        /// Where.
        port: PortId,
        /// Which.
        digit: Digit,
    },
    /// The last early digit was none.
    DigitRetracted {
        /// Where.
        port: PortId,
    },
    /// A digit, confirmed; its tone still lasts.
    Digit {
        /// Where.
        port: PortId,
        /// Which.
        digit: Digit,
    },
    /// A confirmed digit's tone ended.
    DigitEnded {
        /// Where.
        port: PortId,
        /// Which.
        digit: Digit,
        /// Length of the tone.
        duration_ms: u32,
    },
    /// A play ended; every [`Command::Play`](crate::Command::Play) gets exactly one.
    PlayDone {
        /// Where.
        port: PortId,
        /// Which.
        play: PlayId,
        /// How much of it was sent, all its turns together, rounded down.
        played_ms: u32,
        /// The same to the sample: neither ducking nor a pause nor digits sent in between count.
        samples: u64,
        /// Why.
        reason: PlayEnd,
        /// The clip comes back so that it is not freed inside the tick.
        clip: Arc<Clip>,
    },
    /// A mark of the clip was reached: the sample there was sent in this tick.
    Mark {
        /// Where.
        port: PortId,
        /// Of which play.
        play: PlayId,
        /// Which of the clip's marks, counted from 0.
        mark: u16,
    },
    /// A port is no longer on hold: retrieved, held anew or closed.
    HoldEnded {
        /// Where.
        port: PortId,
        /// The music comes back so that it is not freed inside the tick.
        music: Option<Arc<Clip>>,
    },
    /// A string of digits was sent, its last pause too.
    DigitsSent {
        /// Where.
        port: PortId,
    },
    /// A tone ended: by its length, by [`Command::StopTone`](crate::Command::StopTone), by another tone or by closing.
    ToneDone {
        /// Where.
        port: PortId,
    },
    /// FSK ended: all was sent, or [`Command::StopFsk`](crate::Command::StopFsk).
    FskSent {
        /// Where.
        port: PortId,
    },
    /// An R2 register signal began or ended.
    Mf {
        /// Where.
        port: PortId,
        /// Which.
        event: MfEvent,
    },
    /// FSK was heard.
    Fsk {
        /// Where.
        port: PortId,
        /// What of it.
        event: FskEvent,
    },
    /// A fax or modem tone was heard.
    Fax {
        /// Where.
        port: PortId,
        /// Which.
        event: FaxToneEvent,
    },
    /// A fax or modem tone ended: all was sent, or it was told to end or make place for another.
    FaxToneSent {
        /// Where.
        port: PortId,
    },
    /// The processor can no longer do all, or can again: what is given up from now on, [`Load`](crate::Load) says.
    Overload {
        /// 0 is nothing.
        level: u8,
    },
    /// A tone, voice or silence was heard.
    Progress {
        /// Where.
        port: PortId,
        /// Which.
        event: ToneEvent,
    },
    /// Somebody began or ceased to speak.
    Voice {
        /// Where.
        port: PortId,
        /// Which.
        event: VoiceEvent,
    },
    /// What the port's meter shows.
    Levels {
        /// Where.
        port: PortId,
        /// How loud it is, in several ways.
        levels: Levels,
    },
    /// What was measured, the mean of all of it; -70 dBm0 where it is no more than that.
    Level {
        /// Where.
        port: PortId,
        /// How loud it is.
        level: Dbm0,
    },
    /// A recorder gave out its last block.
    RecordStopped {
        /// Which.
        recording: RecordSlot,
    },
    /// A recording did not start: the port is not open or recorded already, or the recorder is in use or does not exist.
    RecordRefused {
        /// Where it was wanted.
        port: PortId,
        /// Which.
        recording: RecordSlot,
    },
    /// A recording by [`Command::StartTap`](crate::Command::StartTap) did not start.
    TapRefused {
        /// Which.
        recording: RecordSlot,
        /// Why.
        why: Refusal,
    },
    /// A command that could not be obeyed, and changed nothing.
    Refused {
        /// The port it named.
        port: PortId,
        /// Why.
        why: Refusal,
    },
}

/// 10 ms of a recording, 60 ms after they were heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedBlock {
    /// Which.
    pub recording: RecordSlot,
    /// What the port received, in A-law octets.
    pub received: [u8; BLOCK],
    /// What it was sent, in A-law octets.
    pub sent: [u8; BLOCK],
    /// Both are silent because of [`Command::MaskRecord`](crate::Command::MaskRecord).
    pub masked: bool,
}

/// Takes what the engine gives out. Called inside the tick: must neither allocate, wait nor free what it is given.
pub trait Sink {
    /// Something happened.
    fn event(&mut self, event: Event);
    /// A block of a recording is due.
    fn recorded(&mut self, block: &RecordedBlock);
}
