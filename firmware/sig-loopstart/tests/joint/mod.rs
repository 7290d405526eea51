//! A line of the network joined to the exchange's end of it, and a clock that jumps to what comes next. What one end does to the pair, and what it
//! sends, reaches the other a little later; what is sent is heard only by a receiver that is switched on.
#![allow(dead_code, reason = "each test file uses its part")]

mod audio;

use audio::{Sound, tone};
use base::{Cause, Digits, Instant};
use dsp_progress::{Spectrum, ToneEvent};
use ports::call::{Address, Bearer, Inband, Number, Primitive, Setup};
use sig_loopstart::{
    Country, FxoLine, FxoSettings, FxsLine, FxsSettings, Heard, Hook, LineAction, LineState, Listen, Order, Report,
    Tone,
};
use std::time::Duration;

#[allow(unused_imports, reason = "each test file uses its part")]
pub(crate) use audio::{began, silence, voice};

/// Signaling bits and pairs take so long to cross.
const PAIR_DELAY: Duration = Duration::from_millis(8);
/// Receivers tell what they hear so much later.
const AUDIO_DELAY: Duration = Duration::from_millis(30);

pub(crate) fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// On its way.
#[derive(Clone, Debug)]
enum Passing {
    Line(LineState),
    Hook(Hook),
    ToFxo(Heard),
    ToFxs(Heard),
}

pub(crate) struct Joint {
    pub(crate) now: Instant,
    pub(crate) fxo: FxoLine,
    pub(crate) fxs: FxsLine,
    /// What comes when, and whether a tone brings it that may end sooner.
    passing: Vec<(Instant, bool, Passing)>,
    country: &'static Country,
    /// The tone that is being told of, and since when.
    sounding: Option<(Spectrum, Instant)>,
    pub(crate) tone: Option<Tone>,
    listens: [Listen; 2],
    pub(crate) line: LineState,
    pub(crate) hook: Hook,
    /// The pair is cut: nothing passes, and the far end's battery is gone.
    is_cut: bool,
    /// What each model was told, and when.
    pub(crate) box_told: Vec<(Instant, Primitive)>,
    pub(crate) exchange_told: Vec<(Instant, Primitive)>,
    pub(crate) reports: Vec<Report>,
    /// Rings so far.
    pub(crate) rings: u32,
}

pub(crate) fn number(text: &str) -> Digits {
    text.parse().unwrap()
}

pub(crate) fn country(code: &str) -> &'static Country {
    Country::named(code).unwrap()
}

pub(crate) fn setup(from: &str, to: &str) -> Setup {
    Setup {
        from: Number::unknown(number(from)),
        to: Number::unknown(number(to)),
        redirecting: None,
        bearer: Bearer::Speech,
        address: Address::Complete,
    }
}

impl Joint {
    pub(crate) fn new(code: &str) -> Self {
        Self::with(code, |_| {}, |_| {})
    }

    pub(crate) fn with(
        code: &str,
        set_fxo: impl FnOnce(&mut FxoSettings),
        set_fxs: impl FnOnce(&mut FxsSettings),
    ) -> Self {
        let mut fxo = FxoSettings::new(country(code), number("62345678"));
        let mut fxs = FxsSettings::new(country(code), number("62345678"));
        set_fxo(&mut fxo);
        set_fxs(&mut fxs);
        let mut joint = Self {
            now: Instant::ZERO,
            fxo: FxoLine::new(fxo),
            fxs: FxsLine::new(fxs),
            passing: Vec::new(),
            country: country(code),
            sounding: None,
            tone: None,
            listens: [Listen::default(); 2],
            line: LineState::QUIET,
            hook: Hook::On,
            is_cut: false,
            box_told: Vec::new(),
            exchange_told: Vec::new(),
            reports: Vec::new(),
            rings: 0,
        };
        joint.wait(1000);
        joint
    }

    /// Takes the actions of both ends.
    fn collect(&mut self) {
        while let Some(action) = self.fxo.poll_action() {
            match action {
                LineAction::Line(primitive) => self.box_told.push((self.now, primitive)),
                LineAction::Report(report) => self.reports.push(report),
                LineAction::Do(Order::SetHook(hook)) => {
                    self.hook = hook;
                    self.send(PAIR_DELAY, Passing::Hook(hook));
                }
                LineAction::Do(Order::Listen(listen)) => self.listens[0] = listen,
                LineAction::Do(Order::SendDigits { digits, on_ms, off_ms }) => {
                    self.send_sounds(audio::digits(&digits, on_ms, off_ms), Passing::ToFxs, false);
                }
                LineAction::Do(order) => panic!("an order that a telephone cannot carry out: {order:?}"),
            }
        }
        while let Some(action) = self.fxs.poll_action() {
            match action {
                LineAction::Line(primitive) => self.exchange_told.push((self.now, primitive)),
                LineAction::Report(report) => panic!("an exchange has nothing to report: {report:?}"),
                LineAction::Do(order) => self.order_fxs(order),
            }
        }
    }

    fn order_fxs(&mut self, order: Order) {
        match order {
            Order::SetLine(line) => {
                self.rings += u32::from(line.ringing && !self.line.ringing);
                self.line = line;
                self.send(PAIR_DELAY, Passing::Line(line));
            }
            Order::PlayTone(tone) => self.play(tone),
            Order::Listen(listen) => self.listens[1] = listen,
            Order::SendDigits { digits, on_ms, off_ms } => {
                self.send_sounds(audio::digits(&digits, on_ms, off_ms), Passing::ToFxo, false);
            }
            Order::SendFsk { seizure_bits, mark_bits, octets, .. } => {
                self.send_sounds(audio::fsk(seizure_bits, mark_bits, &octets), Passing::ToFxo, false);
            }
            Order::SetHook(hook) => panic!("an exchange has no hook: {hook:?}"),
        }
    }

    fn play(&mut self, next: Option<Tone>) {
        self.tone = next;
        // What the last tone would have brought does not come; its end does.
        self.passing.retain(|(_, is_tone, _)| !is_tone);
        if let Some((spectrum, since)) = self.sounding.take() {
            // It was heard 50 ms and the way there after it began.
            let duration_ms = (self.now - since + AUDIO_DELAY).as_millis() as u32 + 50;
            let over = Heard::Progress(ToneEvent::Ended { spectrum, duration_ms });
            self.passing.push((self.now + AUDIO_DELAY, false, Passing::ToFxo(over)));
        }
        if let Some(next) = next {
            self.send_sounds(tone(self.country.code, next), Passing::ToFxo, true);
        }
    }

    fn send(&mut self, delay: Duration, what: Passing) {
        if !self.is_cut {
            self.passing.push((self.now + delay, false, what));
        }
    }

    fn send_sounds(&mut self, sounds: Vec<Sound>, way: fn(Heard) -> Passing, is_tone: bool) {
        for Sound { at, heard } in sounds {
            self.passing.push((self.now + AUDIO_DELAY + at, is_tone, way(heard)));
        }
    }

    fn deliver(&mut self, what: Passing) {
        let hears = |listens: Listen, heard: &Heard| match heard {
            Heard::Digit(_) => listens.dtmf,
            Heard::Progress(_) => listens.progress,
            Heard::FskOctet(_) | Heard::FskCarrier | Heard::FskLost => listens.fsk,
        };
        if let Passing::ToFxo(Heard::Progress(event)) = &what {
            self.sounding = match *event {
                ToneEvent::Began(spectrum) => Some((spectrum, self.now)),
                ToneEvent::Lasts { .. } => self.sounding,
                ToneEvent::Ended { .. } | ToneEvent::Voice | ToneEvent::Silence { .. } => None,
            };
        }
        match what {
            Passing::Line(line) => self.fxo.handle_line(self.now, line),
            Passing::Hook(hook) => self.fxs.handle_hook(self.now, hook),
            Passing::ToFxo(heard) if !self.is_cut && hears(self.listens[0], &heard) => {
                self.fxo.handle_heard(self.now, &heard);
            }
            Passing::ToFxs(heard) if !self.is_cut && hears(self.listens[1], &heard) => {
                self.fxs.handle_heard(self.now, &heard);
            }
            Passing::ToFxo(_) | Passing::ToFxs(_) => {}
        }
    }

    fn next(&self) -> Option<Instant> {
        let passing = self.passing.iter().map(|(at, ..)| *at);
        passing.chain(self.fxo.deadline()).chain(self.fxs.deadline()).min()
    }

    /// Lets the time pass.
    pub(crate) fn wait(&mut self, time: u64) {
        let until = self.now + ms(time);
        self.collect();
        for _ in 0..200_000 {
            let Some(at) = self.next().filter(|&at| at <= until) else {
                self.now = until;
                return;
            };
            self.now = self.now.max(at);
            self.fxo.handle_timeout(self.now);
            self.fxs.handle_timeout(self.now);
            // Oldest first; of one moment, as they were sent.
            if let Some(place) = self.passing.iter().position(|(due, ..)| *due == at) {
                let (.., what) = self.passing.remove(place);
                self.deliver(what);
            }
            self.collect();
        }
        panic!("the ends never fall silent");
    }

    /// Waits until something is so, and says when it was.
    #[track_caller]
    pub(crate) fn until(&mut self, longest: u64, mut is_so: impl FnMut(&Self) -> bool) -> Instant {
        for _ in 0..longest / 10 {
            if is_so(self) {
                return self.now;
            }
            self.wait(10);
        }
        panic!(
            "not within {longest} ms; box {:?}, exchange {:?}, {:?}",
            self.box_told, self.exchange_told, self.reports
        );
    }

    #[track_caller]
    pub(crate) fn until_box(&mut self, longest: u64, expected: impl Fn(&Primitive) -> bool) -> Instant {
        self.until(longest, |joint| joint.box_told.iter().any(|(_, primitive)| expected(primitive)))
    }

    #[track_caller]
    pub(crate) fn until_exchange(&mut self, longest: u64, expected: impl Fn(&Primitive) -> bool) -> Instant {
        self.until(longest, |joint| joint.exchange_told.iter().any(|(_, primitive)| expected(primitive)))
    }

    /// The exchange rings the box.
    pub(crate) fn ring(&mut self, from: Number) {
        let wanted = Setup { from, ..setup("", "62345678") };
        self.fxs.call(self.now, &wanted).expect("the telephone is on hook");
        self.collect();
    }

    /// The box calls.
    pub(crate) fn dial(&mut self, to: &str) {
        self.fxo.call(self.now, &setup("", to)).expect("the line is idle");
        self.collect();
    }

    pub(crate) fn box_says(&mut self, primitive: Primitive) {
        self.fxo.line(self.now, primitive);
        self.collect();
    }

    pub(crate) fn exchange_says(&mut self, primitive: Primitive) {
        self.fxs.line(self.now, primitive);
        self.collect();
    }

    /// Something is heard by the box that no end sent.
    pub(crate) fn box_hears(&mut self, heard: Heard) {
        self.deliver(Passing::ToFxo(heard));
        self.collect();
    }

    /// The network plays a tone that no table has.
    pub(crate) fn strange_tone(&mut self, hz: u16, on: u64, off: u64, times: u64) {
        self.send_sounds(audio::strange(hz, on, off, times), Passing::ToFxo, true);
        // Until the last of them is in its midst.
        self.wait(times * (on + off) - off - on / 2);
    }

    /// The network plays this, whatever its machine thinks.
    pub(crate) fn tone_is(&mut self, tone: Option<Tone>) {
        self.play(tone);
    }

    pub(crate) fn line_is(&mut self, line: LineState) {
        self.fxo.handle_line(self.now, line);
        self.collect();
    }

    /// What the box does reaches nobody any more; its line is fed all the same.
    pub(crate) fn deafen(&mut self) {
        self.is_cut = true;
    }

    /// The wire breaks, or is mended.
    pub(crate) fn cut(&mut self, is_cut: bool) {
        self.is_cut = is_cut;
        self.passing.retain(|(.., what)| !matches!(what, Passing::Line(_) | Passing::Hook(_)));
        let (line, hook) = if is_cut { (LineState::DEAD, Hook::On) } else { (self.line, self.hook) };
        self.fxo.handle_line(self.now, line);
        self.fxs.handle_hook(self.now, hook);
        self.collect();
    }

    /// A call in, answered. The exchange's caller is known to the box.
    pub(crate) fn talk(&mut self) {
        self.ring(Number::unknown(number("13800138000")));
        self.until_box(12_000, |primitive| matches!(primitive, Primitive::Setup(_)));
        self.box_says(Primitive::Connected);
        self.until_exchange(1000, |primitive| *primitive == Primitive::Connected);
        self.wait(1000);
        self.forget();
    }

    pub(crate) fn forget(&mut self) {
        self.box_told.clear();
        self.exchange_told.clear();
        self.reports.clear();
    }

    /// The setup that the box was offered.
    pub(crate) fn offered(&self) -> Option<Setup> {
        self.box_told.iter().find_map(|(_, primitive)| match primitive {
            Primitive::Setup(setup) => Some(*setup),
            _ => None,
        })
    }

    pub(crate) fn box_primitives(&self) -> Vec<Primitive> {
        self.box_told.iter().map(|(_, primitive)| *primitive).collect()
    }

    pub(crate) fn exchange_primitives(&self) -> Vec<Primitive> {
        self.exchange_told.iter().map(|(_, primitive)| *primitive).collect()
    }

    /// Both models clear what lives, as long as it takes; then both ends are idle.
    #[track_caller]
    pub(crate) fn come_to_rest(&mut self) {
        for _ in 0..4 {
            self.box_says(clearing());
            self.exchange_says(clearing());
            self.wait(10_000);
        }
        assert!(self.fxo.is_idle(), "the box's line is stuck: {:?}", self.fxo);
        assert!(self.fxs.is_idle(), "the exchange's line is stuck: {:?}", self.fxs);
        assert!(!self.fxo.has_call() && !self.fxs.has_call());
    }
}

pub(crate) fn clearing() -> Primitive {
    Primitive::Clearing { cause: Cause::NORMAL_CLEARING, inband: Inband::Silent }
}

pub(crate) fn released(cause: Cause) -> Primitive {
    Primitive::Released { cause }
}
