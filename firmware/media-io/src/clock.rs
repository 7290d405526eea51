//! The pace, and what the kernel is asked for so that it is kept.

use nix::sys::mman::{MlockAllFlags, mlockall};
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

const TICK_MS: u64 = 10;

/// Above the system's own threads of ordinary drivers, below its watchdogs.
const PRIORITY: i32 = 50;

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

/// Asks for the real-time scheduler and locked memory; says what was refused.
pub(crate) fn realtime() {
    if let Err(error) = fifo() {
        tracing::warn!(
            "the engine's thread runs without real-time priority ({error}): under load, audio may stutter; give the \
             program CAP_SYS_NICE or an RTPRIO limit of {PRIORITY}"
        );
    }
    if let Err(error) = mlockall(MlockAllFlags::MCL_CURRENT) {
        tracing::warn!("memory is not locked ({error}): give the program CAP_IPC_LOCK or a larger MEMLOCK limit");
    }
}

#[allow(unsafe_code)]
fn fifo() -> io::Result<()> {
    let parameters = nix::libc::sched_param { sched_priority: PRIORITY };
    // SAFETY: the pointer is to a live value of the type that the call reads; 0 is the calling thread.
    let result = unsafe {
        nix::libc::sched_setscheduler(0, nix::libc::SCHED_FIFO | nix::libc::SCHED_RESET_ON_FORK, &raw const parameters)
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
