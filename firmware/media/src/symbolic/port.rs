//! One port: what it plays, sends and hears.

use super::ear::{DtmfEar, FOR_EVER};
use super::fax_ear::{FaxEar, Faxing};
use super::outgoing::{Dialling, Modulating, Toning, before_end};
use super::signal_ears::{FskEar, MfEar};
use super::tone_ear::ToneEar;
use super::voice_ear::{Reading, VoiceEar};
use super::{Phrase, Sound};
use crate::keys::Keys;
use crate::meter::{self, Meter};
use crate::play::{Hold, Play};
use crate::port::{PLAYS, STRINGS};
use crate::{BLOCK, BargeIn, Clamp, DtmfDetection, Event, Muting, Pausing, PlayEnd, PortId, Refusal, Sink};
use base::Queue;
use dsp_fax::FaxSignal;
use dsp_mf::{Register, frequencies};
use dsp_tone::DtmfEvent;

/// A play under way.
struct Playing {
    play: Play,
    phrase: Phrase,
    since: u64,
}

/// A port on hold, and the music it hears.
struct Held {
    hold: Hold,
    music: Option<Sound>,
}

pub(super) struct Port {
    id: PortId,
    pub(super) open: bool,
    pub(super) received_muted: Muting,
    pub(super) sent_muted: Muting,
    keys: Keys,
    clamp: Clamp,
    passed_clamp: Clamp,
    pausing: Pausing,
    held: Option<Held>,
    playing: Option<Playing>,
    waiting: Queue<Play, { PLAYS - 1 }>,
    tone: Option<Toning>,
    dialling: Option<Dialling>,
    strings: Queue<Dialling, STRINGS>,
    signal: Option<(Register, u8)>,
    modulating: Option<Modulating>,
    faxing: Option<Faxing>,
    pub(super) mf_ear: Option<MfEar>,
    pub(super) fsk_ear: Option<FskEar>,
    pub(super) fax_ear: Option<FaxEar>,
    pub(super) tone_ear: Option<ToneEar>,
    pub(super) voice_ear: Option<VoiceEar>,
    pub(super) reading: Option<Reading>,
    /// Its receivers of tones were given up under load.
    pub(super) is_deaf: bool,
    pub(super) meter: Option<Meter>,
    ear: DtmfEar,
}

impl Port {
    pub(super) const fn new(id: PortId) -> Self {
        Self {
            id,
            open: false,
            received_muted: Muting::Off,
            sent_muted: Muting::Off,
            keys: Keys::new(),
            clamp: Clamp::Off,
            passed_clamp: Clamp::Off,
            pausing: Pausing::Off,
            held: None,
            playing: None,
            waiting: Queue::new(),
            tone: None,
            dialling: None,
            strings: Queue::new(),
            signal: None,
            modulating: None,
            faxing: None,
            mf_ear: None,
            fsk_ear: None,
            fax_ear: None,
            tone_ear: None,
            voice_ear: None,
            reading: None,
            is_deaf: false,
            meter: None,
            ear: DtmfEar::new(),
        }
    }

    pub(super) fn close(&mut self, sink: &mut impl Sink) {
        self.end_plays(PlayEnd::Closed, sink);
        self.stop_tone(sink);
        self.retrieve(sink);
        if self.faxing.is_some() {
            sink.event(Event::FaxToneSent { port: self.id });
        }
        *self = Self::new(self.id);
    }

    /// What others hear of what it receives.
    pub(super) fn said(&self, received: Sound) -> Sound {
        let keeps_keys = self.passed_clamp == Clamp::On && self.ear.is_busy();
        if self.received_muted == Muting::On || keeps_keys { Sound::Silence } else { received }
    }

    /// Whether those it is joined to hear it.
    pub(super) const fn passes(&self) -> bool {
        self.held.is_none()
    }

    pub(super) fn hold(&mut self, hold: Hold, now: u64, sink: &mut impl Sink) {
        self.retrieve(sink);
        let music = hold.music.as_deref().filter(|music| !music.alaw().is_empty());
        let music = music.map(|music| Sound::Phrase { phrase: Phrase::of(music), since: now });
        self.held = Some(Held { hold, music });
    }

    pub(super) fn retrieve(&mut self, sink: &mut impl Sink) {
        if let Some(held) = self.held.take() {
            held.hold.ended(self.id, sink);
        }
    }

    pub(super) const fn pause(&mut self, on: Pausing) {
        self.pausing = on;
    }

    pub(super) fn clamp_passed(&mut self, clamp: Clamp) {
        let before = self.listens();
        self.passed_clamp = clamp;
        self.start_anew(before);
    }

    pub(super) fn play(&mut self, play: Play, now: u64, sink: &mut impl Sink) {
        if self.playing.is_none() {
            self.begin(play, now);
        } else if let Err(full) = self.waiting.push(play) {
            full.0.done(self.id, PlayEnd::Refused, sink);
        }
    }

    fn begin(&mut self, play: Play, now: u64) {
        self.playing = Some(Playing { phrase: Phrase::of(&play.clip), play, since: now });
    }

    pub(super) fn end_plays(&mut self, reason: PlayEnd, sink: &mut impl Sink) {
        while let Some(play) = self.playing.take().map(|playing| playing.play).or_else(|| self.waiting.pop()) {
            play.done(self.id, reason, sink);
        }
    }

    pub(super) fn start_tone(&mut self, tone: Toning, sink: &mut impl Sink) {
        self.stop_tone(sink);
        self.tone = Some(tone);
    }

    pub(super) fn stop_tone(&mut self, sink: &mut impl Sink) {
        if self.tone.take().is_some() {
            sink.event(Event::ToneDone { port: self.id });
        }
    }

    pub(super) fn dial(&mut self, digits: Dialling, sink: &mut impl Sink) {
        if self.dialling.is_none() {
            self.dialling = Some(digits);
        } else if self.strings.push(digits).is_err() {
            sink.event(Event::Refused { port: self.id, why: Refusal::TooManyDigits });
        }
    }

    pub(super) fn send_mf(&mut self, signal: Option<(Register, u8)>, sink: &mut impl Sink) {
        if signal.is_some_and(|(register, signal)| frequencies(register, signal).is_none()) {
            return sink.event(Event::Refused { port: self.id, why: Refusal::NoSuchSignal });
        }
        self.signal = signal;
    }

    pub(super) fn modulate(&mut self, octets: Modulating, sink: &mut impl Sink) {
        match self.modulating {
            None => self.modulating = Some(octets),
            Some(_) => sink.event(Event::Refused { port: self.id, why: Refusal::SendsFsk }),
        }
    }

    pub(super) fn stop_fsk(&mut self, sink: &mut impl Sink) {
        if self.modulating.take().is_some() {
            sink.event(Event::FskSent { port: self.id });
        }
    }

    pub(super) fn send_fax(&mut self, signal: Option<FaxSignal>, sink: &mut impl Sink) {
        let Some(signal) = signal else {
            return self.faxing.iter_mut().for_each(Faxing::stop);
        };
        if self.faxing.replace(Faxing::new(signal)).is_some() {
            sink.event(Event::FaxToneSent { port: self.id });
        }
    }

    fn listens(&self) -> bool {
        self.keys.are_wanted() || self.clamp == Clamp::On || self.passed_clamp == Clamp::On
    }

    pub(super) fn detect(&mut self, dtmf: DtmfDetection) {
        let before = self.listens();
        self.keys.want(dtmf);
        self.start_anew(before);
    }

    pub(super) fn clamp(&mut self, clamp: Clamp) {
        let before = self.listens();
        self.clamp = clamp;
        self.start_anew(before);
    }

    /// A receiver that did not run has heard nothing.
    fn start_anew(&mut self, ran: bool) {
        if !ran {
            self.ear = DtmfEar::new();
        }
    }

    pub(super) fn hear(&mut self, sound: Sound, sink: &mut impl Sink) {
        if self.listens() {
            let digit = if let Sound::Digit(digit) = sound { Some(digit) } else { None };
            let mut ear = self.ear;
            ear.tick(digit, |event| self.on_dtmf(event, sink));
            self.ear = ear;
        }
        let port = self.id;
        if let Some(ear) = &mut self.mf_ear {
            ear.tick(sound, |event| sink.event(Event::Mf { port, event }));
        }
        if let Some(ear) = &mut self.fsk_ear {
            ear.tick(sound, |event| sink.event(Event::Fsk { port, event }));
        }
        if let Some(ear) = self.fax_ear.as_mut().filter(|_| !self.is_deaf) {
            ear.tick(sound, |event| sink.event(Event::Fax { port, event }));
        }
        if let Some(ear) = self.tone_ear.as_mut().filter(|_| !self.is_deaf) {
            ear.tick(sound, |event| sink.event(Event::Progress { port, event }));
        }
        if let Some(ear) = self.voice_ear.as_mut().filter(|_| !self.is_deaf) {
            ear.tick(sound, |event| sink.event(Event::Voice { port, event }));
        }
        if let Some(levels) = self.reading.as_mut().filter(|_| !self.is_deaf).and_then(|reading| reading.tick(sound)) {
            sink.event(Event::Levels { port, levels });
        }
        let power = || sound.level().map_or(0.0, meter::power_at);
        if let Some(level) = self.meter.as_mut().and_then(|meter| meter.add(power())) {
            self.meter = None;
            sink.event(Event::Level { port, level });
        }
    }

    fn on_dtmf(&mut self, event: DtmfEvent, sink: &mut impl Sink) {
        self.keys.tell(self.id, event, sink);
        let barges_in = self.keys.are_wanted() && matches!(event, DtmfEvent::Began(_));
        if barges_in && self.playing.as_ref().is_some_and(|playing| playing.play.barge_in == BargeIn::Allowed) {
            self.end_plays(PlayEnd::BargedIn, sink);
        }
    }

    /// What the next tick sends, where those it is joined to bring `bridged`.
    pub(super) fn sound(&self, bridged: Sound) -> Sound {
        if self.sent_muted == Muting::On {
            return Sound::Silence;
        }
        if let Some(dialling) = &self.dialling {
            return dialling.sound();
        }
        if let Some((register, signal)) = self.signal {
            return Sound::Mf(register, signal);
        }
        if let Some(modulating) = &self.modulating {
            return modulating.sound();
        }
        if let Some(faxing) = &self.faxing {
            return faxing.sound();
        }
        let playing = self.playing.as_ref().filter(|_| self.pausing == Pausing::Off);
        let phrase = playing.map(|playing| Sound::Phrase { phrase: playing.phrase, since: playing.since });
        let music = self.held.as_ref().filter(|_| self.playing.is_none()).and_then(|held| held.music);
        phrase.or_else(|| self.tone.as_ref().and_then(Toning::sound)).or(music).unwrap_or(bridged)
    }

    /// Sends for one tick.
    pub(super) fn send(&mut self, bridged: Sound, now: u64, sink: &mut impl Sink) -> Sound {
        let sound = self.sound(bridged);
        self.advance(now, sink);
        sound
    }

    fn advance(&mut self, now: u64, sink: &mut impl Sink) {
        if let Some(dialling) = &mut self.dialling {
            if dialling.advance(1) {
                self.dialling = self.strings.pop();
                sink.event(Event::DigitsSent { port: self.id });
            }
            return;
        }
        if self.signal.is_some() {
            return;
        }
        if let Some(modulating) = &mut self.modulating {
            if modulating.advance(1) {
                self.stop_fsk(sink);
            }
            return;
        }
        if let Some(faxing) = &mut self.faxing {
            if faxing.advance(1) {
                self.faxing = None;
                sink.event(Event::FaxToneSent { port: self.id });
            }
            return;
        }
        self.advance_plays(now, sink);
        if self.tone.as_mut().is_some_and(|tone| tone.advance(1)) {
            self.stop_tone(sink);
        }
    }

    fn advance_plays(&mut self, now: u64, sink: &mut impl Sink) {
        if self.pausing == Pausing::On {
            return;
        }
        let mut samples = BLOCK;
        while let Some(playing) = &mut self.playing {
            samples -= playing.play.advance(samples);
            playing.play.tell_marks(self.id, sink);
            if !playing.play.is_over() {
                return;
            }
            if playing.play.begin_turn() {
                playing.since = now;
                continue;
            }
            if let Some(playing) = self.playing.take() {
                playing.play.done(self.id, PlayEnd::Completed, sink);
            }
            if let Some(next) = self.waiting.pop() {
                self.begin(next, now);
            }
        }
    }

    /// How many ticks like the last one, which sent `sent`, would give no event and send the same.
    pub(super) fn steady(&self, bridged: Sound, sent: Sound) -> u64 {
        if self.sound(bridged) != sent {
            return 0;
        }
        let ears = self.ears_steady();
        if let Some(dialling) = &self.dialling {
            return ears.min(dialling.steady());
        }
        if self.signal.is_some() {
            return ears;
        }
        if let Some(modulating) = &self.modulating {
            return ears.min(modulating.steady());
        }
        if let Some(faxing) = &self.faxing {
            return ears.min(faxing.steady());
        }
        let playing = self.playing.as_ref().filter(|_| self.pausing == Pausing::Off);
        let play = playing.map_or(FOR_EVER, |playing| before_end(playing.play.until_news()));
        let tone = self.tone.as_ref().map_or(FOR_EVER, Toning::steady);
        ears.min(play).min(tone)
    }

    fn ears_steady(&self) -> u64 {
        let dtmf = if self.listens() { self.ear.steady() } else { FOR_EVER };
        let tone = self.tone_ear.as_ref().filter(|_| !self.is_deaf).map_or(FOR_EVER, ToneEar::steady);
        let fax = self.fax_ear.as_ref().filter(|_| !self.is_deaf).map_or(FOR_EVER, FaxEar::steady);
        let voice = self.voice_ear.as_ref().filter(|_| !self.is_deaf).map_or(FOR_EVER, VoiceEar::steady);
        let reading = self.reading.as_ref().filter(|_| !self.is_deaf).map_or(FOR_EVER, Reading::steady);
        let mf = self.mf_ear.as_ref().map_or(FOR_EVER, MfEar::steady);
        let fsk = self.fsk_ear.as_ref().map_or(FOR_EVER, FskEar::steady);
        // A measurement is short, and takes every tick.
        let meter = if self.meter.is_some() { 0 } else { FOR_EVER };
        dtmf.min(tone).min(fax).min(voice).min(reading).min(mf).min(fsk).min(meter)
    }

    pub(super) fn skip(&mut self, ticks: u64) {
        self.ear.skip(ticks);
        if let Some(ear) = self.tone_ear.as_mut().filter(|_| !self.is_deaf) {
            ear.skip(ticks);
        }
        if let Some(ear) = self.fax_ear.as_mut().filter(|_| !self.is_deaf) {
            ear.skip(ticks);
        }
        if let Some(ear) = self.voice_ear.as_mut().filter(|_| !self.is_deaf) {
            ear.skip(ticks);
        }
        if let Some(reading) = self.reading.as_mut().filter(|_| !self.is_deaf) {
            reading.skip(ticks);
        }
        if let Some(dialling) = &mut self.dialling {
            dialling.advance(ticks);
            return;
        }
        if self.signal.is_some() {
            return;
        }
        if let Some(modulating) = &mut self.modulating {
            modulating.advance(ticks);
            return;
        }
        if let Some(faxing) = &mut self.faxing {
            faxing.advance(ticks);
            return;
        }
        if let Some(playing) = self.playing.as_mut().filter(|_| self.pausing == Pausing::Off) {
            playing.play.advance(usize::try_from(ticks).unwrap_or(usize::MAX).saturating_mul(BLOCK));
        }
        if let Some(tone) = &mut self.tone {
            tone.advance(ticks);
        }
    }
}
