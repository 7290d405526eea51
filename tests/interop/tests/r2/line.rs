//! A line with our end and openr2's, and the ways in which its variants differ.

use crate::end::{End, setup};
use base::Cause;
use interop::{R2Peer, Sent};
use ports::call::Primitive;
use serde_json::Value;
use sig_r2::{CallHandle, Calling, ChannelState, Country, Settings};
use std::collections::VecDeque;
use test_signals::Random;

/// What openr2 calls the causes that it tells and takes.
pub(crate) const BUSY: u64 = 0;
pub(crate) const CONGESTION: u64 = 1;
pub(crate) const UNALLOCATED: u64 = 2;
pub(crate) const OUT_OF_ORDER: u64 = 3;
pub(crate) const NORMAL: u64 = 6;
pub(crate) const FORCED_RELEASE: u64 = 8;

/// A variant of openr2 and our country that speaks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Variant {
    /// openr2's name.
    pub(crate) name: &'static str,
    /// Ours.
    pub(crate) country: &'static str,
}

impl Variant {
    pub(crate) fn settings(self) -> Settings {
        let country = Country::named(self.country).unwrap_or_else(|| panic!("no country is called {}", self.country));
        let mut settings = Settings::new(country);
        settings.dnis_digits = Some(4);
        settings
    }

    /// openr2's table for China takes the request for the calling number's next digit for that of the called number's: where it
    /// calls, nobody may ask who; where it is called, it can ask (see `china`).
    pub(crate) fn sends_its_number(self) -> bool {
        self.name != "CN"
    }

    /// Both numbers are asked for, where they can be.
    fn usual(self, settings: &mut Settings) -> &'static [&'static str] {
        if self.sends_its_number() {
            return &[];
        }
        settings.calling = Calling::Not;
        &["ani_first=no"]
    }

    /// What openr2 makes of our signals that refuse a call, with this cause.
    pub(crate) fn cause_told(self, cause: Cause) -> u64 {
        match (cause, self.name) {
            (Cause::USER_BUSY, _) => BUSY,
            // Mexico has one signal for both.
            (Cause::UNALLOCATED_NUMBER, "MX") => BUSY,
            (Cause::UNALLOCATED_NUMBER, _) => UNALLOCATED,
            // China's six backward signals have none for it.
            (Cause::DESTINATION_OUT_OF_ORDER, "CN") => CONGESTION,
            (Cause::DESTINATION_OUT_OF_ORDER, _) => OUT_OF_ORDER,
            _ => CONGESTION,
        }
    }
}

/// Where the line is cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Cut {
    #[default]
    Nowhere,
    /// What openr2 sends does not arrive: the last bits stand, silence.
    FromPeer,
    /// What we send does not.
    ToPeer,
}

/// What a line does to all that is heard on it.
pub(crate) struct Trouble {
    gain: f64,
    noise_dbm0: f64,
    chance: Random,
}

impl Trouble {
    pub(crate) fn new(loss_db: f64, noise_dbm0: f64) -> Self {
        Self { gain: 10_f64.powf(-loss_db / 20.0), noise_dbm0, chance: Random(0x5eed) }
    }

    fn spoil(&mut self, channels: &mut [Sent]) {
        for sent in channels {
            for octet in &mut sent.audio {
                let value = f64::from(dsp_g711::alaw_decode(*octet)) * self.gain + self.chance.noise(self.noise_dbm0);
                *octet = dsp_g711::alaw_encode(value.round() as i16);
            }
        }
    }
}

/// See the module.
pub(crate) struct Line {
    pub(crate) end: End,
    pub(crate) peer: R2Peer,
    pub(crate) cut: Cut,
    pub(crate) trouble: Option<Trouble>,
    to_end: Wire,
    to_peer: Wire,
}

/// One direction of the line: what is sent arrives so many times 10 ms later.
struct Wire {
    under_way: VecDeque<Vec<Sent>>,
    arrived: Vec<Sent>,
}

impl Wire {
    fn new(channels: usize, lag: usize) -> Self {
        let idle = vec![Sent::IDLE; channels];
        Self { under_way: vec![idle.clone(); lag].into(), arrived: idle }
    }

    fn carry(&mut self, sent: Vec<Sent>) {
        self.under_way.push_back(sent);
        self.arrived = self.under_way.pop_front().unwrap();
    }
}

impl Line {
    /// So many channels, with settings for us and options for openr2, which come before the usual ones.
    pub(crate) fn new(variant: Variant, settings: Settings, channels: usize, options: &[&str]) -> Self {
        Self::with_lag(variant, settings, channels, options, 0)
    }

    /// Each way, so many times 10 ms more than there are by itself.
    pub(crate) fn with_lag(
        variant: Variant,
        settings: Settings,
        channels: usize,
        options: &[&str],
        lag: usize,
    ) -> Self {
        let options = [options, &["max_dnis=4", "max_ani=8"]].concat();
        let mut line = Self {
            end: End::new(settings, channels),
            peer: R2Peer::start(variant.name, channels, &options),
            cut: Cut::default(),
            trouble: None,
            to_end: Wire::new(channels, lag),
            to_peer: Wire::new(channels, lag),
        };
        // Both ends' idle bits are seen.
        (0..20 + lag).for_each(|_| line.tick());
        line
    }

    /// One channel, everything as usual.
    pub(crate) fn usual(variant: Variant) -> Self {
        Self::with_channels(variant, 1)
    }

    pub(crate) fn with_channels(variant: Variant, channels: usize) -> Self {
        Self::with(variant, channels, |_| ())
    }

    pub(crate) fn with_settings(variant: Variant, change: impl Fn(&mut Settings)) -> Self {
        Self::with(variant, 1, change)
    }

    fn with(variant: Variant, channels: usize, change: impl Fn(&mut Settings)) -> Self {
        let mut settings = variant.settings();
        let options = variant.usual(&mut settings);
        change(&mut settings);
        Self::new(variant, settings, channels, options)
    }

    /// Over a satellite, or as far as a line on land goes.
    pub(crate) fn long(variant: Variant, channels: usize, lag: usize) -> Self {
        let mut settings = variant.settings();
        let options = variant.usual(&mut settings);
        Self::with_lag(variant, settings, channels, options, lag)
    }

    /// 10 ms.
    pub(crate) fn tick(&mut self) {
        if self.cut != Cut::FromPeer {
            let mut sent = self.peer.sent().to_vec();
            self.trouble.iter_mut().for_each(|trouble| trouble.spoil(&mut sent));
            self.to_end.carry(sent);
        }
        let mut sent = self.end.tick(&self.to_end.arrived);
        self.trouble.iter_mut().for_each(|trouble| trouble.spoil(&mut sent));
        if self.cut != Cut::ToPeer {
            self.to_peer.carry(sent);
        }
        self.peer.hear(&self.to_peer.arrived);
    }

    /// For 10 ms, the shortest there is here, these bits come from the far end.
    pub(crate) fn glitch(&mut self, bits: u8) {
        let sent = Sent { bits, ..self.peer.sent()[0] };
        self.to_peer.carry(self.end.tick(&[sent]));
        self.peer.hear(&self.to_peer.arrived);
    }

    /// Runs the line until something holds, at most a minute of its own time.
    #[track_caller]
    pub(crate) fn until(&mut self, what: &str, mut holds: impl FnMut(&mut Self) -> bool) {
        for _ in 0..6000 {
            if holds(self) {
                return;
            }
            self.tick();
        }
        panic!(
            "not within 60 s: {what}; told here: {:#?}, {:#?}; told there: {:#?}",
            self.end.told,
            self.end.reports,
            self.peer.story()
        );
    }

    pub(crate) fn for_ms(&mut self, ms: u32) {
        (0..ms / 10).for_each(|_| self.tick());
    }

    /// What openr2 tells of channel 1.
    #[track_caller]
    pub(crate) fn peer_tells(&mut self, event: &str) -> Value {
        self.peer_tells_of(event, 1)
    }

    #[track_caller]
    pub(crate) fn peer_tells_of(&mut self, event: &str, channel: usize) -> Value {
        let mut found = None;
        self.until(&format!("openr2 tells {event} of channel {channel}"), |line| {
            found = line.peer.take(event, channel);
            found.is_some()
        });
        found.unwrap()
    }

    /// A call from here to 1590: openr2 answers it and learns so much of who calls, 13800138; then it is hung up here.
    #[track_caller]
    pub(crate) fn call_there(&mut self, learned: &str) {
        let call = self.end.call(setup("1590", Some("13800138")));
        self.until("it is answered", |line| line.end.has_told(call, Primitive::Connected));
        let offered = self.peer_tells("offered");
        let numbers = (offered["to"].as_str(), offered["from"].as_str());
        assert_eq!(numbers, (Some("1590"), Some(learned)), "{}", self.end.span.settings().country.code);
        self.end.hang_up(call);
        self.until_idle();
    }

    /// The same from openr2 to here.
    #[track_caller]
    pub(crate) fn call_here(&mut self, learned: &str) {
        self.peer.command("call to=1590 from=13800138");
        self.peer_tells("answered");
        let (_, setup) = self.offered();
        let numbers = (setup.to.digits.as_str(), setup.from.digits.as_str());
        assert_eq!(numbers, ("1590", learned), "{}", self.end.span.settings().country.code);
        self.peer.command("hangup");
        self.until_idle();
    }

    /// Calls that are not released yet.
    pub(crate) fn living(&self) -> Vec<CallHandle> {
        self.end.span.calls().map(|(call, _)| call).collect()
    }

    /// The next call that is offered here.
    #[track_caller]
    pub(crate) fn offered(&mut self) -> (CallHandle, ports::call::Setup) {
        self.until("a call is offered", |line| !line.end.offered().is_empty());
        self.end.offered().remove(0)
    }

    #[track_caller]
    pub(crate) fn until_released(&mut self, call: CallHandle) -> Cause {
        let mut found = None;
        self.until("the call is released", |line| {
            found = line.end.cause(call);
            found.is_some()
        });
        found.unwrap()
    }

    /// All channels are free at both ends, which have nothing against each other's bits.
    #[track_caller]
    pub(crate) fn until_idle(&mut self) {
        self.until("all is idle", |line| {
            let free = |sent: &Sent| sent.bits & 0b1100 == 0b1000;
            line.end.span.calls().count() == 0
                && line.to_end.arrived.iter().all(free)
                && line.to_peer.arrived.iter().all(free)
                && line.end.all_are(ChannelState::Idle)
        });
    }
}
