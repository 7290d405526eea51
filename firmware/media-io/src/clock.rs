//! The pace, and what the kernel is asked for so that it is kept.

use nix::sys::mman::{MlockAllFlags, mlockall};
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use std::io;
use std::time::Duration;

pub(crate) const TICK: Duration = Duration::from_millis(10);

/// Above the system's own threads of ordinary drivers, below its watchdogs.
const PRIORITY: i32 = 50;

/// A timer that expires every 10 ms.
pub(crate) fn ticks() -> io::Result<TimerFd> {
    let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_CLOEXEC)?;
    timer.set(Expiration::Interval(TimeSpec::from_duration(TICK)), TimerSetTimeFlags::empty())?;
    Ok(timer)
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
