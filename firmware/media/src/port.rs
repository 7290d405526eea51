//! One port: what it plays, sends and hides.

use crate::keys::Keys;
use crate::meter::{self, Meter};
use crate::mixer::add;
use crate::play::{Hold, Play};
use crate::recorder::DELAY;
use crate::signals::Signals;
use crate::{
    BLOCK, BargeIn, Block, Clamp, DtmfDetection, EchoTail, Event, Mask, Muting, Pausing, PlayEnd, PortId, Refusal,
    SILENT, Sink, wide,
};
use base::Queue;
use dsp_level::Gain;
use dsp_tone::{DigitSender, DtmfEvent, Tone, ToneSpec};

/// Plays kept a port, the present one counted.
pub(crate) const PLAYS: usize = 32;
/// Ticks from one reading of a meter to the next.
pub(crate) const READING: u8 = 100;
/// Strings of digits that wait behind the one being sent.
pub(crate) const STRINGS: usize = 8;
/// Full gain of a play, and the gain under an early digit: -12 dB.
const UNITY: i32 = 1 << 12;
const DUCKED: i32 = UNITY / 4;
/// Blocks hidden after a tone, for what the detector's window no longer shows.
const TAIL: u8 = 2;

/// Whether the port's recordings are silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Masking {
    Off,
    On,
    /// Asked to end; no tone was heard for so many blocks.
    Ending(usize),
}

pub(crate) struct Port {
    pub(crate) id: PortId,
    pub(crate) open: bool,
    pub(crate) received_muted: Muting,
    pub(crate) sent_muted: Muting,
    keys: Keys,
    clamp: Clamp,
    passed_clamp: Clamp,
    masking: Masking,
    /// Blocks to go until a tone that ended is past.
    tail: u8,
    playing: Option<Play>,
    waiting: Queue<Play, { PLAYS - 1 }>,
    gain: i32,
    gain_wanted: i32,
    pausing: Pausing,
    hold: Option<Hold>,
    tone: Option<Tone>,
    sender: Option<DigitSender>,
    strings: Queue<DigitSender, STRINGS>,
    pub(crate) signals: Signals,
    /// Which receivers run besides that of DTMF.
    pub(crate) hears_mf: bool,
    pub(crate) hears_fsk: bool,
    pub(crate) hears_fax: bool,
    pub(crate) hears_progress: bool,
    pub(crate) hears_voice: bool,
    pub(crate) meters: bool,
    /// Ticks until the meter is read.
    pub(crate) until_reading: u8,
    pub(crate) received_gain: Gain,
    pub(crate) sent_gain: Gain,
    pub(crate) echo: Option<EchoTail>,
    /// A measurement under way.
    pub(crate) meter: Option<Meter>,
}

/// What supervisors have to do with what a port is sent.
pub(crate) struct Overheard<'a> {
    /// What they say to it.
    pub(crate) words: Block,
    /// Takes what it is sent but that.
    pub(crate) sent: &'a mut Block,
}

impl Port {
    pub(crate) fn new(id: PortId) -> Self {
        Self {
            id,
            open: false,
            received_muted: Muting::Off,
            sent_muted: Muting::Off,
            keys: Keys::new(),
            clamp: Clamp::Off,
            passed_clamp: Clamp::Off,
            masking: Masking::Off,
            tail: 0,
            playing: None,
            waiting: Queue::new(),
            gain: UNITY,
            gain_wanted: UNITY,
            pausing: Pausing::Off,
            hold: None,
            tone: None,
            sender: None,
            strings: Queue::new(),
            signals: Signals::NONE,
            hears_mf: false,
            hears_fsk: false,
            hears_fax: false,
            hears_progress: false,
            hears_voice: false,
            meters: false,
            until_reading: READING,
            received_gain: Gain::default(),
            sent_gain: Gain::default(),
            echo: None,
            meter: None,
        }
    }

    /// Ends plays, tone, hold, digits and signals; the engine has already ended what it was joined to and recorded for.
    pub(crate) fn close(&mut self, sink: &mut impl Sink) {
        self.end_plays(PlayEnd::Closed, sink);
        self.stop_tone(sink);
        self.retrieve(sink);
        self.signals.close(self.id, sink);
        *self = Self::new(self.id);
    }

    /// Whether the detector must run for this port.
    pub(crate) fn listens(&self) -> bool {
        let clamps = self.clamp == Clamp::On || self.passed_clamp == Clamp::On;
        self.open && (self.keys.are_wanted() || clamps || self.is_masked())
    }

    /// Whether any other receiver must run for this port.
    pub(crate) fn hears_more(&self) -> bool {
        let for_line = self.hears_mf | self.hears_fsk | self.hears_progress;
        for_line | self.hears_fax | self.hears_voice | self.meters
    }

    /// Whether its recordings are silent.
    pub(crate) fn is_masked(&self) -> bool {
        self.masking != Masking::Off
    }

    /// Whether those it is joined to hear it.
    pub(crate) const fn passes(&self) -> bool {
        self.hold.is_none()
    }

    pub(crate) fn play(&mut self, play: Play, sink: &mut impl Sink) {
        if self.playing.is_none() {
            // A play that begins while no digit ducks it begins at full level.
            self.gain = self.gain_wanted;
            self.playing = Some(play);
        } else if let Err(full) = self.waiting.push(play) {
            full.0.done(self.id, PlayEnd::Refused, sink);
        }
    }

    pub(crate) fn end_plays(&mut self, reason: PlayEnd, sink: &mut impl Sink) {
        while let Some(play) = self.playing.take().or_else(|| self.waiting.pop()) {
            play.done(self.id, reason, sink);
        }
        self.unduck();
    }

    pub(crate) const fn pause(&mut self, on: Pausing) {
        self.pausing = on;
    }

    pub(crate) fn hold(&mut self, hold: Hold, sink: &mut impl Sink) {
        self.retrieve(sink);
        self.hold = Some(hold);
    }

    pub(crate) fn retrieve(&mut self, sink: &mut impl Sink) {
        if let Some(hold) = self.hold.take() {
            hold.ended(self.id, sink);
        }
    }

    pub(crate) fn start_tone(&mut self, tone: ToneSpec, sink: &mut impl Sink) {
        self.stop_tone(sink);
        self.tone = Some(Tone::new(tone));
    }

    pub(crate) fn stop_tone(&mut self, sink: &mut impl Sink) {
        if self.tone.take().is_some() {
            sink.event(Event::ToneDone { port: self.id });
        }
    }

    pub(crate) fn send_digits(&mut self, sender: DigitSender, sink: &mut impl Sink) {
        if self.sender.is_none() {
            self.sender = Some(sender);
        } else if self.strings.push(sender).is_err() {
            sink.event(Event::Refused { port: self.id, why: Refusal::TooManyDigits });
        }
    }

    pub(crate) fn detect(&mut self, dtmf: DtmfDetection) {
        self.keys.want(dtmf);
        if dtmf == DtmfDetection::Off {
            self.unduck();
        }
    }

    pub(crate) fn clamp(&mut self, clamp: Clamp) {
        self.clamp = clamp;
    }

    pub(crate) fn clamp_passed(&mut self, clamp: Clamp) {
        self.passed_clamp = clamp;
    }

    pub(crate) fn mask(&mut self, mask: Mask) {
        self.masking = match (mask, self.masking) {
            (Mask::On, _) => Masking::On,
            (Mask::Off, Masking::On) => Masking::Ending(0),
            (Mask::Off, as_it_is @ (Masking::Off | Masking::Ending(_))) => as_it_is,
        };
    }

    /// Obeys the detector.
    pub(crate) fn on_dtmf(&mut self, event: DtmfEvent, sink: &mut impl Sink) {
        self.keys.tell(self.id, event, sink);
        if !self.keys.are_wanted() {
            return;
        }
        match event {
            DtmfEvent::Early(_) => self.gain_wanted = DUCKED,
            DtmfEvent::Retracted => self.unduck(),
            DtmfEvent::Began(_) => {
                self.unduck();
                if self.playing.as_ref().is_some_and(|play| play.barge_in == BargeIn::Allowed) {
                    self.end_plays(PlayEnd::BargedIn, sink);
                }
            }
            DtmfEvent::Ended { .. } => {}
        }
    }

    /// Goes on measuring, if anybody wants it.
    pub(crate) fn measure(&mut self, received: &Block, sink: &mut impl Sink) {
        if let Some(level) = self.meter.as_mut().and_then(|meter| meter.add(meter::power(received))) {
            self.meter = None;
            sink.event(Event::Level { port: self.id, level });
        }
    }

    fn unduck(&mut self) {
        self.gain_wanted = UNITY;
    }

    /// Learns whether a tone is on the line now; the mask and the clamp go by it.
    pub(crate) fn note_tone(&mut self, present: bool) {
        self.tail = if present { TAIL + 1 } else { self.tail.saturating_sub(1) };
        if let Masking::Ending(quiet) = self.masking {
            // The mask outlasts the tone by the delay line, so that not even its echo is recorded.
            self.masking = match (present, quiet) {
                (true, _) => Masking::Ending(0),
                (false, DELAY..) => Masking::Off,
                (false, quiet) => Masking::Ending(quiet + 1),
            };
        }
    }

    /// A tone of this port that must not be recorded is on the line, or has just ended.
    pub(crate) fn clamps_now(&self) -> bool {
        self.clamp == Clamp::On && self.tail > 0
    }

    /// A tone of this port that must not be passed on is on the line, or has just ended.
    pub(crate) fn keeps_keys_now(&self) -> bool {
        self.passed_clamp == Clamp::On && self.tail > 0
    }

    /// It sends digits that must not be recorded.
    pub(crate) fn sends_clamped(&self) -> bool {
        self.clamp == Clamp::On && self.sender.is_some()
    }

    /// Writes what is sent in this block over `tx`, which holds what those it is joined to say.
    pub(crate) fn compose(&mut self, tx: &mut Block, overheard: Option<Overheard<'_>>, sink: &mut impl Sink) {
        let is_mixed = self.send(tx, sink);
        if self.sent_muted == Muting::On {
            *tx = SILENT;
        }
        let Some(Overheard { words, sent }) = overheard else { return };
        *sent = *tx;
        if is_mixed && self.sent_muted == Muting::Off {
            add(tx, &words);
        }
    }

    /// The same without supervisors and muting; tells whether more may be added.
    fn send(&mut self, tx: &mut Block, sink: &mut impl Sink) -> bool {
        if let Some(sender) = &mut self.sender {
            sender.fill(tx);
            if sender.is_over() {
                self.sender = self.strings.pop();
                sink.event(Event::DigitsSent { port: self.id });
            }
            return false;
        }
        if self.signals.fill(self.id, tx, sink) {
            return false;
        }
        self.mix_music(tx);
        self.mix_plays(tx, sink);
        self.mix_tone(tx, sink);
        true
    }

    /// On hold nobody else is heard. The music waits while anything is played.
    fn mix_music(&mut self, tx: &mut Block) {
        let Some(hold) = &mut self.hold else { return };
        *tx = SILENT;
        if self.playing.is_none() {
            hold.pieces(BLOCK, |at, octets| mix_alaw(octets, &mut tx[at..], UNITY, UNITY));
        }
    }

    fn mix_plays(&mut self, tx: &mut Block, sink: &mut impl Sink) {
        if self.pausing == Pausing::On {
            self.gain = self.gain_wanted;
            return;
        }
        let mut filled = 0;
        while let Some(play) = &mut self.playing {
            let (gain, wanted) = match play.barge_in {
                BargeIn::Allowed => (self.gain, self.gain_wanted),
                BargeIn::Refused => (UNITY, UNITY),
            };
            let from = play.at();
            let taken = play.advance(BLOCK - filled);
            mix_alaw(&play.clip.alaw()[from..play.at()], &mut tx[filled..filled + taken], gain, wanted);
            filled += taken;
            play.tell_marks(self.id, sink);
            if !play.is_over() {
                break;
            }
            if play.begin_turn() {
                continue;
            }
            // The next clip goes on in the same block, so that phrases join without a gap.
            if let Some(play) = self.playing.take() {
                play.done(self.id, PlayEnd::Completed, sink);
            }
            self.playing = self.waiting.pop();
        }
        self.gain = self.gain_wanted;
    }

    fn mix_tone(&mut self, tx: &mut Block, sink: &mut impl Sink) {
        let Some(tone) = &mut self.tone else { return };
        let mut samples = SILENT;
        tone.fill(&mut samples);
        add(tx, &samples);
        if tone.is_over() {
            self.stop_tone(sink);
        }
    }
}

/// Adds decoded octets to `out`, the gain going from one value to the other over them.
fn mix_alaw(octets: &[u8], out: &mut [i16], gain: i32, wanted: i32) {
    let mut samples = [0; BLOCK];
    let len = wide::alaw_decode(octets, &mut samples);
    let samples = &mut samples[..len];
    if (gain, wanted) != (UNITY, UNITY) {
        for (at, sample) in samples.iter_mut().enumerate() {
            let now = gain + (wanted - gain) * at as i32 / BLOCK as i32;
            *sample = (i32::from(*sample) * now / UNITY) as i16;
        }
    }
    out.iter_mut().zip(samples).for_each(|(out, sample)| *out = out.saturating_add(*sample));
}
