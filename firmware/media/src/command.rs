//! What the engine is told, and what it tells.

use crate::{BLOCK, Clip};
use base::{Dbm0, Digit, Digits};
use dsp_fsk::{FskEvent, Modulation, Octets};
use dsp_mf::{MfEvent, Register};
use dsp_progress::ToneEvent;
use dsp_tone::ToneSpec;
use std::sync::Arc;

/// A port: the index of its blocks in `rx` and `tx`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortId(pub u16);

/// The caller's name for one play; the engine only gives it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlayId(pub u32);

/// A recorder, below the number of ports. The caller chooses one that is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordSlot(pub u16);

/// Whether a digit cuts a play short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BargeIn {
    /// A digit ducks, then stops the play and all that waits behind it.
    Allowed,
    /// The play goes on whatever is keyed.
    Refused,
}

/// Whether digits received by a port are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DtmfDetection {
    /// Digits make events.
    On,
    /// They do not.
    Off,
}

/// Whether a receiver runs, and what it hears makes events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listening {
    /// It runs. It has heard nothing yet.
    On,
    /// It does not, and costs nothing.
    Off,
}

/// One way through a port, seen from the box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// What the port's far end says: neither the bridge nor a recording gets it. Digits are detected nevertheless.
    Received,
    /// What the port's far end would hear: silence is sent instead, and recorded.
    Sent,
}

/// Whether a direction is silenced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Muting {
    /// Silent.
    On,
    /// Heard.
    Off,
}

/// Whether a port's recording is silent on both channels, for as long as something secret is keyed or said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mask {
    /// From the 60 ms before this command on.
    On,
    /// From 60 ms after the last DTMF tone on.
    Off,
}

/// Whether a port's DTMF tones are cut out of every recording that would hold them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clamp {
    /// Cut out.
    On,
    /// Recorded as they are.
    Off,
}

/// What the owner of the calls wants. Commands that cannot be obeyed are answered by an event, never by silence, except
/// that stopping what does not run is no fault.
// What is sent by FSK lies in the command, so that nothing has to be freed inside the tick; rings of commands are allocated once.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug)]
pub enum Command {
    /// Takes the port into use with nothing playing, bridged, muted, masked or recorded, and detection off.
    Open(PortId),
    /// Ends all that the port does; its plays and its recording are reported as ended.
    Close(PortId),
    /// Plays a clip behind those that wait, up to [`Engine::PLAYS`](crate::Engine::PLAYS) a port.
    Play {
        /// Who hears it.
        port: PortId,
        /// Comes back in [`Event::PlayDone`], exactly once.
        play: PlayId,
        /// What is played.
        clip: Arc<Clip>,
        /// Whether a digit stops it.
        barge_in: BargeIn,
    },
    /// Stops the present play and drops those that wait.
    StopPlay(PortId),
    /// Gives a tone, in place of the present one.
    Tone {
        /// Who hears it.
        port: PortId,
        /// What it sounds like.
        tone: ToneSpec,
    },
    /// Ends the tone.
    StopTone(PortId),
    /// Sends DTMF behind digits that are still being sent. Meanwhile the port sends nothing else, so that the far end can read it.
    SendDigits {
        /// Who gets them.
        port: PortId,
        /// Which; a `+` is left out.
        digits: Digits,
        /// Milliseconds of tone.
        on_ms: u16,
        /// Milliseconds of pause.
        off_ms: u16,
    },
    /// Sends an R2 register signal in place of the present one, until it is told otherwise; `None` ends it within 1 ms. Meanwhile the port
    /// sends nothing else. The same signal once more changes nothing.
    SendMf {
        /// Who gets it.
        port: PortId,
        /// Which: the register that sends it, and 1 to 15.
        signal: Option<(Register, u8)>,
    },
    /// Sends octets as caller id does: seizure (0 and 1 in turn), mark, then each octet between a start and a stop bit. Meanwhile the port sends nothing
    /// else.
    SendFsk {
        /// Who gets them.
        port: PortId,
        /// By which frequencies.
        modulation: Modulation,
        /// Bits of seizure: 300, or none where the line is in use.
        seizure_bits: u16,
        /// Bits of mark: 180, or 80 where the line is in use.
        mark_bits: u16,
        /// What is said.
        octets: Octets,
    },
    /// Ends FSK where it is.
    StopFsk(PortId),
    /// Switches the reporting of digits.
    Detect {
        /// Whose.
        port: PortId,
        /// On or off.
        dtmf: DtmfDetection,
    },
    /// Switches the reporting of R2 register signals; either way the receiver begins anew.
    ListenMf {
        /// Whose.
        port: PortId,
        /// Those that this register sends, or none.
        register: Option<Register>,
    },
    /// Switches the reporting of FSK.
    ListenFsk {
        /// Whose.
        port: PortId,
        /// On or off.
        on: Listening,
    },
    /// Switches the reporting of call progress tones, voice and silence.
    ListenProgress {
        /// Whose.
        port: PortId,
        /// On or off.
        on: Listening,
    },
    /// Measures how loud the port's line is, once, in place of a measurement under way.
    MeasureLevel {
        /// Whose.
        port: PortId,
        /// Over so long, in whole blocks.
        ms: u16,
    },
    /// Joins two ports: each hears the other. Bridges they were in end.
    Bridge(PortId, PortId),
    /// Ends the port's bridge, for both.
    Unbridge(PortId),
    /// Silences one direction of a port, or lets it be heard.
    Mute {
        /// Whose.
        port: PortId,
        /// Which way.
        direction: Direction,
        /// On or off.
        on: Muting,
    },
    /// Starts recording what the port receives and what it is sent.
    StartRecord {
        /// Whose audio.
        port: PortId,
        /// Which recorder; it must be free, and the port not recorded.
        recording: RecordSlot,
    },
    /// Stops a recorder. What is still in its delay line is given out first, then [`Event::RecordStopped`].
    StopRecord(RecordSlot),
    /// Silences the port's recording, this one and any that starts later.
    MaskRecord {
        /// Whose.
        port: PortId,
        /// On or off.
        mask: Mask,
    },
    /// Cuts the port's DTMF tones out of its own recording and out of that of the port bridged to it.
    ClampRecord {
        /// Whose tones.
        port: PortId,
        /// On or off.
        clamp: Clamp,
    },
}

/// Why a play ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlayEnd {
    /// Played to its end.
    Completed,
    /// A digit stopped it.
    BargedIn,
    /// [`Command::StopPlay`].
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
    /// A play ended; every [`Command::Play`] gets exactly one.
    PlayDone {
        /// Where.
        port: PortId,
        /// Which.
        play: PlayId,
        /// How much of it was sent.
        played_ms: u32,
        /// Why.
        reason: PlayEnd,
        /// The clip comes back so that it is not freed inside the tick.
        clip: Arc<Clip>,
    },
    /// A string of digits was sent, its last pause too.
    DigitsSent {
        /// Where.
        port: PortId,
    },
    /// A tone ended: by its length, by [`Command::StopTone`], by another tone or by closing.
    ToneDone {
        /// Where.
        port: PortId,
    },
    /// FSK ended: all was sent, or [`Command::StopFsk`].
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
    /// A tone, voice or silence was heard.
    Progress {
        /// Where.
        port: PortId,
        /// Which.
        event: ToneEvent,
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
    /// Both are silent because of [`Command::MaskRecord`].
    pub masked: bool,
}

/// Takes what the engine gives out. Called inside the tick: must neither allocate, wait nor free what it is given.
pub trait Sink {
    /// Something happened.
    fn event(&mut self, event: Event);
    /// A block of a recording is due.
    fn recorded(&mut self, block: &RecordedBlock);
}
