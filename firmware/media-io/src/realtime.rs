//! What the kernel is asked for so that no tick waits: a place before ordinary programs, and memory that stays where it is.
//!
//! All memory of the process is locked as it is, which also brings in whatever of the program's code was not used yet; what is mapped later is locked as it
//! is used. That second half is asked for only where it cannot turn against the program: under a limit, every later mapping beyond it would fail.

use nix::sys::mman::{MlockAllFlags, mlockall};
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit};
use std::io;

/// Above the system's own threads of ordinary drivers, below its watchdogs.
const PRIORITY: i32 = 50;

/// Stack that a tick may use, brought in before the first: eight times what it was seen to need.
const STACK: usize = 128 * 1024;
const PAGE: usize = 4096;

/// The number of CAP_IPC_LOCK among capabilities: who has it is under no limit.
const CAP_IPC_LOCK: u32 = 14;

/// What was granted, or why it was not.
pub(crate) struct Answers {
    /// SCHED_FIFO for this thread.
    pub(crate) scheduler: io::Result<()>,
    /// The process's memory locked.
    pub(crate) memory: io::Result<()>,
}

/// Asks for both, for the thread that calls and its process.
pub(crate) fn ask() -> Answers {
    bring_in_stack();
    let memory = mlockall(MlockAllFlags::MCL_CURRENT).map_err(io::Error::from);
    if memory.is_ok() && is_unlimited() {
        // Refused only by kernels before 4.4, which lock what there is all the same.
        let _unknown = mlockall(MlockAllFlags::MCL_FUTURE | MlockAllFlags::from_bits_retain(nix::libc::MCL_ONFAULT));
    }
    Answers { scheduler: fifo(), memory }
}

impl Answers {
    /// One line for the log: what is missing, what follows and what to do. `None` if nothing is.
    pub(crate) fn warning(&self) -> Option<String> {
        let missing: Vec<String> = [("real-time priority", &self.scheduler), ("locked memory", &self.memory)]
            .into_iter()
            .filter_map(|(what, answer)| Some(format!("without {what} ({})", answer.as_ref().err()?)))
            .collect();
        let remedy = match (&self.scheduler, &self.memory) {
            (Ok(()), Ok(())) => return None,
            (Err(_), Ok(())) => format!("AmbientCapabilities=CAP_SYS_NICE, or LimitRTPRIO={PRIORITY}"),
            (Ok(()), Err(_)) => "AmbientCapabilities=CAP_IPC_LOCK, or LimitMEMLOCK=infinity".into(),
            (Err(_), Err(_)) => format!(
                "AmbientCapabilities=CAP_SYS_NICE CAP_IPC_LOCK, or LimitRTPRIO={PRIORITY} and LimitMEMLOCK=infinity"
            ),
        };
        let missing = missing.join(" and ");
        Some(format!("the engine runs {missing}: under load, audio may stutter; put {remedy} into the service's unit"))
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

/// Writes to each page of stack that ticks will use, so that none of them meets one for the first time.
#[inline(never)]
fn bring_in_stack() {
    let mut stack = [0_u8; STACK];
    for page in stack.chunks_mut(PAGE) {
        page[0] = 1;
    }
    std::hint::black_box(&mut stack);
}

fn is_unlimited() -> bool {
    let no_limit = getrlimit(Resource::RLIMIT_MEMLOCK).is_ok_and(|(soft, _hard)| soft == RLIM_INFINITY);
    no_limit || std::fs::read_to_string("/proc/self/status").is_ok_and(|status| has_capability(&status, CAP_IPC_LOCK))
}

/// Whether a process with this /proc status has a capability in effect.
fn has_capability(status: &str, number: u32) -> bool {
    let effective = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    effective.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask >> number & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warned(scheduler: io::Result<()>, memory: io::Result<()>) -> Option<String> {
        Answers { scheduler, memory }.warning()
    }

    fn refused() -> io::Result<()> {
        Err(io::Error::from_raw_os_error(nix::libc::EPERM))
    }

    #[test]
    fn what_was_granted_is_not_warned_of() {
        assert_eq!(warned(Ok(()), Ok(())), None);
    }

    #[test]
    fn a_refusal_is_one_line_that_names_what_to_put_where() {
        let both = warned(refused(), refused()).expect("a warning");
        assert_eq!(
            both,
            "the engine runs without real-time priority (Operation not permitted (os error 1)) and without locked memory (Operation \
             not permitted (os error 1)): under load, audio may stutter; put AmbientCapabilities=CAP_SYS_NICE CAP_IPC_LOCK, or LimitRTPRIO=50 and \
             LimitMEMLOCK=infinity into the service's unit"
        );
        let scheduler = warned(refused(), Ok(())).expect("a warning");
        assert!(scheduler.contains("CAP_SYS_NICE") && !scheduler.contains("MEMLOCK"), "{scheduler}");
        let memory = warned(Ok(()), refused()).expect("a warning");
        assert!(memory.contains("CAP_IPC_LOCK") && !memory.contains("RTPRIO"), "{memory}");
    }

    #[test]
    fn capabilities_are_read_from_what_the_kernel_shows() {
        let status = |mask| format!("Name:\tfundlined\nCapPrm:\tffffffffffffffff\nCapEff:\t{mask}\nThreads:\t1\n");
        assert!(has_capability(&status("000001ffffffffff"), CAP_IPC_LOCK));
        assert!(has_capability(&status("0000000000004000"), CAP_IPC_LOCK));
        assert!(!has_capability(&status("0000000000800000"), CAP_IPC_LOCK));
        assert!(!has_capability("Name:\tfundlined\n", CAP_IPC_LOCK) && !has_capability(&status("x"), CAP_IPC_LOCK));
    }
}
