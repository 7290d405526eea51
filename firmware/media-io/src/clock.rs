//! The pace.

use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

const TICK_MS: u64 = 10;

/// A timer that expires every 10 ms, and how late one is when it wakes us.
pub(crate) struct Ticks {
    timer: TimerFd,
    began: Instant,
    /// Expirations since it began.
    count: u64,
}

/// What came of waiting.
pub(crate) struct Woken {
    /// Ticks whose time has come.
    pub(crate) due: u64,
    /// Since the time of the first of them.
    pub(crate) late: Duration,
}

impl Ticks {
    pub(crate) fn new() -> io::Result<Self> {
        let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_CLOEXEC)?;
        timer.set(
            Expiration::Interval(TimeSpec::from_duration(Duration::from_millis(TICK_MS))),
            TimerSetTimeFlags::empty(),
        )?;
        Ok(Self { timer, began: Instant::now(), count: 0 })
    }

    /// Waits until a tick is due. After a signal none is: look whether to stop, and wait again.
    pub(crate) fn wait(&mut self) -> Woken {
        let mut count = [0; 8];
        let due = match nix::unistd::read(self.timer.as_fd(), &mut count) {
            Ok(8) => u64::from_ne_bytes(count),
            Ok(_) | Err(_) => return Woken { due: 0, late: Duration::ZERO },
        };
        let first = Duration::from_millis((self.count + 1) * TICK_MS);
        self.count += due;
        Woken { due, late: self.began.elapsed().saturating_sub(first) }
    }
}
