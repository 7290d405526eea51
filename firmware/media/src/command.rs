//! What the engine is told.

use crate::Clip;
use base::Digits;
use dsp_echo::Settings as EchoSettings;
use dsp_fax::FaxSignal;
use dsp_fsk::{Modulation, Octets};
use dsp_mf::Register;
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

/// A conference, below [`Engine::conferences`](crate::Engine::conferences). It exists as long as the engine and is empty until somebody joins it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConferenceId(pub u16);

/// What a supervisor does beyond hearing all that the supervised port says and hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Supervision {
    /// Nothing: nobody hears the supervisor.
    Listen,
    /// The supervised port hears the supervisor; whom it is joined to does not.
    Whisper,
    /// All who are joined hear the supervisor.
    Barge,
}

/// What a recording is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// What a port receives and what it is sent, by one recording at a time.
    Port(PortId),
    /// What a port receives; the other channel is silent.
    Received(PortId),
    /// What a port is sent; the other channel is silent.
    Sent(PortId),
    /// What all members of a conference say, mixed, as what was received; the other channel is silent.
    Conference(ConferenceId),
}

/// How often a clip is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// So often; 0 is once too.
    Times(u16),
    /// Until it is stopped.
    Endless,
}

/// How late an echo may come that is still cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EchoTail {
    /// 32 ms: the hybrid of this box's own analog line.
    Ms32,
    /// 128 ms: hybrids across a network.
    Ms128,
}

/// Whether plays stand still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pausing {
    /// Where they are, silent.
    On,
    /// They go on.
    Off,
}

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

/// Whether a port's DTMF tones are cut out of what would hold them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clamp {
    /// Cut out.
    On,
    /// Left as they are.
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
        /// Comes back in [`Event::PlayDone`](crate::Event::PlayDone), exactly once.
        play: PlayId,
        /// What is played.
        clip: Arc<Clip>,
        /// Whether a digit stops it.
        barge_in: BargeIn,
    },
    /// The same, again and again without a gap. Of an empty clip there is one turn.
    PlayRepeated {
        /// Who hears it.
        port: PortId,
        /// Comes back in [`Event::PlayDone`](crate::Event::PlayDone), exactly once.
        play: PlayId,
        /// What is played.
        clip: Arc<Clip>,
        /// Whether a digit stops it.
        barge_in: BargeIn,
        /// How often.
        repeat: Repeat,
    },
    /// Has the port's plays, present and waiting, stand still or go on. Digits may stop them meanwhile.
    PausePlay {
        /// Whose.
        port: PortId,
        /// On or off.
        on: Pausing,
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
    /// Sends a fax or modem tone in place of the present one, with -13 dBm0, or ends it; [`Event::FaxToneSent`](crate::Event::FaxToneSent) comes when it is
    /// over. Meanwhile the port sends nothing else.
    SendFaxTone {
        /// Who gets it.
        port: PortId,
        /// Which.
        signal: Option<FaxSignal>,
    },
    /// Takes the echo of what the port is sent out of what it receives, before anything else is done with that. The canceller begins anew each time; it
    /// costs nothing where there is none.
    CancelEcho {
        /// Whose.
        port: PortId,
        /// How late the echo may come; `None` is no canceller.
        tail: Option<EchoTail>,
        /// Of the canceller.
        settings: EchoSettings,
    },
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
    /// Switches the reporting of fax and modem tones; either way the receiver begins anew.
    ListenFax {
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
    /// Switches the reporting of somebody beginning and ceasing to speak.
    ListenVoice {
        /// Whose.
        port: PortId,
        /// On or off.
        on: Listening,
    },
    /// Switches a meter of what is received, told of by [`Event::Levels`](crate::Event::Levels) each second.
    ListenLevels {
        /// Whose.
        port: PortId,
        /// On or off.
        on: Listening,
    },
    /// Makes one direction of a port louder or softer, over 10 ms: of what is received before anything else is done with it, of what is sent after all
    /// else was.
    SetGain {
        /// Whose.
        port: PortId,
        /// Which way.
        direction: Direction,
        /// By so many decibels; 0 leaves every sample as it is.
        db: f32,
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
    /// Makes the port a member of a conference: it hears all others. The bridge, conference or supervision it was in ends.
    Join {
        /// Of which.
        conference: ConferenceId,
        /// Who.
        port: PortId,
    },
    /// Takes the port out of its conference, or ends its supervision of another.
    Leave(PortId),
    /// Lets a port hear all that another says and hears, whatever that one is joined to, now and later. What the port itself was in ends. Once more
    /// for the same two, it changes the way within one tick. It ends by [`Command::Leave`] and when either port is closed.
    Supervise {
        /// Who supervises.
        port: PortId,
        /// Whom; no supervisor itself.
        supervised: PortId,
        /// And who hears the supervisor.
        way: Supervision,
    },
    /// Cuts a port off from whom it is joined to: they do not hear each other; the port hears music, if there is any, from its beginning, again and
    /// again. Plays and tones are heard as ever: the music waits while one plays. Supervisors go on hearing the port. On hold already, it begins anew.
    Hold {
        /// Who.
        port: PortId,
        /// Comes back in [`Event::HoldEnded`](crate::Event::HoldEnded).
        music: Option<Arc<Clip>>,
    },
    /// Ends the hold.
    Retrieve(PortId),
    /// Keeps the port's DTMF tones from all who hear it: bridge, conference and supervisors get silence instead, from the block in which a tone is
    /// suspected until 30 to 50 ms after it ended. Up to 15 ms of its beginning are passed on, less than any receiver takes for a digit; speech that looks
    /// like a tone for a moment loses that moment.
    ClampPassed {
        /// Whose tones.
        port: PortId,
        /// On or off.
        clamp: Clamp,
    },
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
    /// Starts recording any source, several of one port at once if wanted.
    StartTap {
        /// From what.
        source: Source,
        /// Which recorder; it must be free.
        recording: RecordSlot,
    },
    /// Stops a recorder. What is still in its delay line is given out first, then [`Event::RecordStopped`](crate::Event::RecordStopped).
    StopRecord(RecordSlot),
    /// Silences the port's recordings, this one and any that starts later, and that of the conference it is in.
    MaskRecord {
        /// Whose.
        port: PortId,
        /// On or off.
        mask: Mask,
    },
    /// Cuts the port's DTMF tones out of its own recordings, and out of those of the port bridged to it and of its conference and of all who are in it.
    ClampRecord {
        /// Whose tones.
        port: PortId,
        /// On or off.
        clamp: Clamp,
    },
}
