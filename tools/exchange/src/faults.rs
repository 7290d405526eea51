//! Faults on order, in words: what a command line, a request or a script's step says is wrong with a span.
//!
//! `lost-frames 5% to-box for 10s`: a kind with its values, a direction where one can be chosen, and how long. A kind that is ordered anew takes
//! the place of its last order; `clear` ends all.

mod parse;

pub use parse::{BadFault, KINDS, parse};

use base::Digits;
use lab::faults::{Echo, Faults, Flap, LineFaults, Slip};
use std::fmt;
use std::time::Duration;

/// What is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// This, beside the faults of other kinds.
    Begin(Fault),
    /// No more faults.
    Clear,
}

/// A fault of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What goes wrong.
    pub kind: Kind,
    /// Which way.
    pub way: Way,
    /// How long; `None`: until it is cleared.
    pub lasts: Option<Duration>,
}

/// Which way of a span suffers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// Both.
    #[default]
    Both,
    /// What the network sends.
    ToBox,
    /// What it receives.
    FromBox,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Of a thousand frames of the D-channel, so many vanish.
    LostFrames(u16),
    /// So many come twice.
    DoubledFrames(u16),
    /// Of a million bits, so many are turned.
    BitErrors(u32),
    /// The D-channel is down, or comes and goes.
    DChannel(Flap),
    /// The clocks do not agree.
    Slip(Slip),
    /// White noise on all channels, in dBm0.
    Noise(i8),
    /// What goes one way comes back the other.
    Echo(Echo),
    /// These timeslots (bit n is timeslot n) are silent.
    Silence(u32),
    /// Of a thousand blocks of audio, so many are missing.
    LostAudio(u16),
    /// Signaling bits come so much later.
    LateSignaling(Duration),
    /// Of a thousand changes of signaling bits, so many are taken back for a moment.
    BouncedSignaling(u16),
    /// Signaling bits of these timeslots change no more.
    StuckSignaling(u32),
    /// The network's own timers run so much too fast, in per cent of the right pace.
    WrongTimers(u32),
    /// Each call that the box begins is met by one to this number on the same channel.
    Glare(Digits),
}

/// All bearer timeslots.
pub(crate) const ALL: u32 = 0xFFFE_FFFE;

impl Fault {
    /// Both are of one kind, so that only one of them can be.
    pub fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(&self.kind) == std::mem::discriminant(&other.kind)
    }

    /// Adds itself to what a card's wrapper does. Timers and glare are the network's own doing.
    pub(crate) fn apply(&self, faults: &mut Faults) {
        // The card is the network's: it sends to the box.
        if self.way != Way::FromBox {
            self.apply_line(&mut faults.send);
        }
        if self.way != Way::ToBox {
            self.apply_line(&mut faults.receive);
        }
    }

    const fn apply_line(&self, line: &mut LineFaults) {
        match self.kind {
            Kind::LostFrames(permille) => line.frames_lost = permille,
            Kind::DoubledFrames(permille) => line.frames_doubled = permille,
            Kind::BitErrors(per_million) => line.bits_turned = per_million,
            Kind::DChannel(flap) => line.d_channel = flap,
            Kind::Slip(slip) => line.slip = slip,
            Kind::Noise(level) => line.noise_dbm0 = Some(level),
            Kind::Echo(echo) => line.echo = Some(echo),
            Kind::Silence(timeslots) => line.silent = timeslots,
            Kind::LostAudio(permille) => line.blocks_lost = permille,
            Kind::LateSignaling(delay) => line.cas_delay = delay,
            Kind::BouncedSignaling(permille) => line.cas_bounced = permille,
            Kind::StuckSignaling(timeslots) => line.cas_stuck = timeslots,
            Kind::WrongTimers(_) | Kind::Glare(_) => {}
        }
    }
}

/// As it is ordered, without its length of time.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::LostFrames(permille) => write!(f, "lost-frames {}", Percent(permille)),
            Kind::DoubledFrames(permille) => write!(f, "doubled-frames {}", Percent(permille)),
            Kind::BitErrors(per_million) => write!(f, "bit-errors {:e}", f64::from(per_million) / 1e6),
            Kind::DChannel(Flap::Turns { up, down }) => write!(f, "d-channel flap {} {}", Length(up), Length(down)),
            Kind::DChannel(Flap::Up) => f.write_str("d-channel up"),
            Kind::DChannel(Flap::Down) => f.write_str("d-channel down"),
            Kind::Slip(Slip::Omit(every)) => write!(f, "slip {}", Length(every)),
            Kind::Slip(Slip::Repeat(every)) => write!(f, "slip {} repeat", Length(every)),
            Kind::Slip(Slip::None) => f.write_str("slip none"),
            Kind::Noise(level) => write!(f, "noise {level}"),
            Kind::Echo(echo) => write!(f, "echo {}dB {}ms", echo.loss_db, 10 + echo.delay_samples / 8),
            Kind::Silence(timeslots) => write!(f, "silence{}", Timeslots(timeslots)),
            Kind::LostAudio(permille) => write!(f, "lost-audio {}", Percent(permille)),
            Kind::LateSignaling(delay) => write!(f, "late-signaling {}", Length(delay)),
            Kind::BouncedSignaling(permille) => write!(f, "bounced-signaling {}", Percent(permille)),
            Kind::StuckSignaling(timeslots) => write!(f, "stuck-signaling{}", Timeslots(timeslots)),
            Kind::WrongTimers(percent) => write!(f, "wrong-timers {}x", f64::from(percent) / 100.0),
            Kind::Glare(number) => write!(f, "glare {}", number.as_str()),
        }?;
        f.write_str(match self.way {
            Way::Both => "",
            Way::ToBox => " to-box",
            Way::FromBox => " from-box",
        })
    }
}

/// As it is ordered.
impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clear => f.write_str("clear"),
            Self::Begin(fault @ Fault { lasts: Some(lasts), .. }) => write!(f, "{fault} for {}", Length(*lasts)),
            Self::Begin(fault) => fault.fmt(f),
        }
    }
}

struct Percent(u16);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", f64::from(self.0) / 10.0)
    }
}

struct Length(Duration);

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_millis() {
            ms if ms % 1000 == 0 => write!(f, "{}s", ms / 1000),
            ms => write!(f, "{ms}ms"),
        }
    }
}

/// Nothing where all of them are meant.
struct Timeslots(u32);

impl fmt::Display for Timeslots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let some = self.0 != ALL;
        let slots = (1..32).filter(|slot| some && self.0 >> slot & 1 == 1);
        slots.enumerate().try_for_each(|(at, slot)| write!(f, "{}{slot}", if at == 0 { ' ' } else { ',' }))
    }
}
