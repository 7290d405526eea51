//! A bad line on order: a wrapper round any card's halves.
//!
//! [`faulty`] takes the two halves of a span and gives two that do the same, except for what [`Faults`] orders. A [`FaultHandle`]
//! changes the order while calls run, and counts what was done. Everything is drawn from one seed, so that a run can be repeated.
//!
//! There is no clock in it: time passes by 10 ms with each block that is read, or by [`FaultHandle::advance`] where nobody reads audio.

mod audio;
mod link;
mod random;

pub use audio::FaultyAudio;
pub use link::FaultyLink;

use ports::span::Alarms;
use random::Random;
use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What is wrong with one direction of a span. Nothing is, by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineFaults {
    /// Of a thousand frames, how many vanish.
    pub frames_lost: u16,
    /// Of a thousand frames, how many have a bit error that the check sequence finds: a bad frame for the receiver.
    pub frames_spoilt: u16,
    /// Of a thousand frames, how many have a bit error that the check sequence misses.
    pub frames_altered: u16,
    /// Of a thousand frames, how many come twice.
    pub frames_doubled: u16,
    /// Of a million bits of audio and frames, how many are turned. A frame that is hit is a bad frame for the receiver; signaling bits,
    /// which are sent over and over, outlast it.
    pub bits_turned: u32,
    /// The D-channel comes and goes: all frames vanish while it is gone.
    pub d_channel: Flap,
    /// Signaling bits arrive so much later.
    pub cas_delay: Duration,
    /// Of a thousand changes of signaling bits, how many are taken back for [`BOUNCE`] before they stay.
    pub cas_bounced: u16,
    /// Timeslots (bit n is timeslot n) whose signaling bits do not change any more.
    pub cas_stuck: u32,
    /// White noise on every channel, in dBm0.
    pub noise_dbm0: Option<i8>,
    /// What goes the other way comes back.
    pub echo: Option<Echo>,
    /// Timeslots (bit n is timeslot n) that are silent.
    pub silent: u32,
    /// Of a thousand blocks, how many are missing.
    pub blocks_lost: u16,
    /// Clocks that do not agree.
    pub slip: Slip,
}

/// How long signaling bits that bounce are taken back.
pub const BOUNCE: Duration = Duration::from_millis(20);

const MILLION: u32 = 1_000_000;

/// The D-channel's ups and downs, counted from the start of the span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flap {
    /// It is up.
    #[default]
    Up,
    /// It is down.
    Down,
    /// It is up and down by turns.
    Turns {
        /// First so long up.
        up: Duration,
        /// Then so long down.
        down: Duration,
    },
}

impl Flap {
    fn is_down(self, now: Duration) -> bool {
        match self {
            Self::Up => false,
            Self::Down => true,
            Self::Turns { up, down } => match (up + down).as_nanos() {
                0 => false,
                period => now.as_nanos() % period >= up.as_nanos(),
            },
        }
    }
}

/// An echo, of a hybrid somewhere beyond the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Echo {
    /// Samples between a block and its echo, beyond the 10 ms of a block; at most 640.
    pub delay_samples: u16,
    /// Loss on the way.
    pub loss_db: u8,
}

/// A clock slip: one sample of all channels, every so often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Slip {
    /// The clocks agree.
    #[default]
    None,
    /// A sample is left out each time.
    Omit(Duration),
    /// A sample is given twice each time.
    Repeat(Duration),
}

/// What is wrong with a span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// What comes from the line.
    pub receive: LineFaults,
    /// What goes to the line.
    pub send: LineFaults,
    /// Alarms beside those of the card. With loss nothing comes from the line.
    pub alarms: Alarms,
}

impl Faults {
    /// The same faults in both directions.
    pub fn both(line: LineFaults) -> Self {
        Self { receive: line, send: line, alarms: Alarms::default() }
    }
}

/// What was done to a span since the start, in both directions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FaultCounts {
    /// Frames that vanished, by chance or while the D-channel was down.
    pub frames_lost: u64,
    /// Frames spoilt.
    pub frames_spoilt: u64,
    /// Frames altered.
    pub frames_altered: u64,
    /// Frames doubled.
    pub frames_doubled: u64,
    /// Changes of signaling bits that bounced.
    pub cas_bounced: u64,
    /// Changes of signaling bits that were kept back for good.
    pub cas_stuck: u64,
    /// Bits of audio turned.
    pub bits_turned: u64,
    /// Blocks taken away.
    pub blocks_lost: u64,
    /// Samples slipped.
    pub slips: u64,
}

#[derive(Debug, Default)]
struct Counters {
    frames_lost: AtomicU64,
    frames_spoilt: AtomicU64,
    frames_altered: AtomicU64,
    frames_doubled: AtomicU64,
    cas_bounced: AtomicU64,
    cas_stuck: AtomicU64,
    bits_turned: AtomicU64,
    blocks_lost: AtomicU64,
    slips: AtomicU64,
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// What the halves and the handle share.
#[derive(Debug)]
struct Shared {
    ordered: Mutex<Faults>,
    /// Goes up with every order.
    version: AtomicU32,
    now_us: AtomicU64,
    /// Samples that were put in (positive) or left out of what comes from the line.
    slipped: AtomicI64,
    counters: Counters,
}

impl Shared {
    fn now(&self) -> Duration {
        Duration::from_micros(self.now_us.load(Ordering::Relaxed))
    }
}

/// One half's view of the order, taken anew when it changes.
#[derive(Debug)]
struct Order {
    shared: Arc<Shared>,
    version: u32,
    faults: Faults,
    random: Random,
}

impl Order {
    fn new(shared: Arc<Shared>, seed: u64) -> Self {
        // Older than any order, so that the first look takes it.
        let version = shared.version.load(Ordering::Acquire).wrapping_sub(1);
        Self { shared, version, faults: Faults::default(), random: Random::new(seed) }
    }

    /// The order as it is now; never waits: an order that is being written is taken the next time.
    fn look(&mut self) -> Faults {
        let version = self.shared.version.load(Ordering::Acquire);
        if version != self.version
            && let Ok(ordered) = self.shared.ordered.try_lock()
        {
            (self.faults, self.version) = (*ordered, version);
        }
        self.faults
    }

    /// Whether chance, of a thousand, wills it.
    fn hits(&mut self, permille: u16) -> bool {
        permille > 0 && self.random.below(1000) < u64::from(permille)
    }

    /// Whether any of so many bits is turned where a million hold `per_million` errors.
    fn hits_any(&mut self, bits: usize, per_million: u32) -> bool {
        per_million > 0 && self.good_bits(per_million) < bits
    }

    /// How many bits come well before the next that is turned.
    fn good_bits(&mut self, per_million: u32) -> usize {
        let error_rate = f64::from(per_million.clamp(1, MILLION - 1)) / f64::from(MILLION);
        // A cast of a float stays within the integer's range.
        (self.random.unit().ln() / (1.0 - error_rate).ln()) as usize
    }
}

/// Changes what is wrong with a span while it runs.
#[derive(Clone, Debug)]
pub struct FaultHandle(Arc<Shared>);

impl FaultHandle {
    /// Orders these faults from now on, and no others.
    pub fn set(&self, faults: Faults) {
        self.change(|ordered| *ordered = faults);
    }

    /// Changes the order.
    pub fn change(&self, change: impl FnOnce(&mut Faults)) {
        let mut ordered = self.0.ordered.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut ordered);
        self.0.version.fetch_add(1, Ordering::Release);
    }

    /// What is ordered.
    pub fn faults(&self) -> Faults {
        *self.0.ordered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets time pass. Only where nobody reads the audio half.
    pub fn advance(&self, by: Duration) {
        self.0.now_us.fetch_add(u64::try_from(by.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// What was done since the start.
    pub fn counts(&self) -> FaultCounts {
        let counters = &self.0.counters;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        FaultCounts {
            frames_lost: read(&counters.frames_lost),
            frames_spoilt: read(&counters.frames_spoilt),
            frames_altered: read(&counters.frames_altered),
            frames_doubled: read(&counters.frames_doubled),
            cas_bounced: read(&counters.cas_bounced),
            cas_stuck: read(&counters.cas_stuck),
            bits_turned: read(&counters.bits_turned),
            blocks_lost: read(&counters.blocks_lost),
            slips: read(&counters.slips),
        }
    }
}

/// Wraps a span's halves. The same seed and the same calls give the same faults.
pub fn faulty<A, L>(audio: A, link: L, faults: Faults, seed: u64) -> (FaultyAudio<A>, FaultyLink<L>, FaultHandle) {
    let shared = Arc::new(Shared {
        ordered: Mutex::new(faults),
        version: AtomicU32::new(0),
        now_us: AtomicU64::new(0),
        slipped: AtomicI64::new(0),
        counters: Counters::default(),
    });
    let audio = FaultyAudio::new(audio, Order::new(Arc::clone(&shared), seed));
    let link = FaultyLink::new(link, Order::new(Arc::clone(&shared), seed.rotate_left(32) ^ 0x5EED));
    (audio, link, FaultHandle(shared))
}
