//! The disk fails in every way that it has, and a recording stays true.

use super::tests::{Bench, ID, NOW};
use super::*;
use crate::disk::{DiskFile, SystemDisk};
use crate::files::recording_path;
use crate::growing::SILENCE;
use crate::{Format, verify};
use media::wav::Wav;
use nix::errno::Errno;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// What stands in the way of a disk's orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// ENOSPC: so many octets still fit, in all files together.
    Full(usize),
    /// EIO when what was written is to be made safe.
    Sync,
    /// EROFS for everything.
    ReadOnly,
}

/// The system's disk, with a fault in front of it.
struct Faulty(Arc<Mutex<Fault>>);

struct FaultyFile(Box<dyn DiskFile>, Arc<Mutex<Fault>>);

fn error(errno: Errno) -> io::Result<()> {
    Err(errno.into())
}

impl Faulty {
    fn open(&self, file: io::Result<Box<dyn DiskFile>>) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(FaultyFile(file?, Arc::clone(&self.0))))
    }

    fn may_change(&self) -> io::Result<()> {
        if *self.0.lock().unwrap() == Fault::ReadOnly { error(Errno::EROFS) } else { Ok(()) }
    }
}

impl Disk for Faulty {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.may_change()?;
        self.open(SystemDisk.create(path))
    }

    fn replace(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.may_change()?;
        self.open(SystemDisk.replace(path))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        SystemDisk.remove(path)
    }
}

impl DiskFile for FaultyFile {
    fn write_all_at(&self, octets: &[u8], at: u64) -> io::Result<()> {
        let mut fault = self.1.lock().unwrap();
        match &mut *fault {
            Fault::None | Fault::Sync => self.0.write_all_at(octets, at),
            Fault::ReadOnly => error(Errno::EROFS),
            Fault::Full(left) => {
                // A part is written before the disk is full.
                let now = octets.len().min(*left);
                *left -= now;
                self.0.write_all_at(&octets[..now], at)?;
                if now < octets.len() { error(Errno::ENOSPC) } else { Ok(()) }
            }
        }
    }

    fn make_safe(&self) -> io::Result<()> {
        match *self.1.lock().unwrap() {
            Fault::None | Fault::Full(_) => self.0.make_safe(),
            Fault::Sync => error(Errno::EIO),
            Fault::ReadOnly => error(Errno::EROFS),
        }
    }

    fn make_all_safe(&self) -> io::Result<()> {
        self.make_safe()
    }
}

fn bench(format: Format) -> (Bench, Arc<Mutex<Fault>>) {
    let fault = Arc::new(Mutex::new(Fault::None));
    (Bench::with(format, Box::new(Faulty(Arc::clone(&fault)))), fault)
}

/// Twenty seconds of a call; the fault comes after three and goes after `until`.
#[track_caller]
fn check(format: Format, comes: Fault, until: u32, said: &str, lost_seconds: u64) {
    let (mut bench, fault) = bench(format);
    for second in 0..20 {
        if second == 3 {
            *fault.lock().unwrap() = comes;
        }
        if second == until {
            *fault.lock().unwrap() = Fault::None;
        }
        bench.blocks(second * 100..(second + 1) * 100);
        bench.files.flush();
    }
    let reports: Vec<_> = bench.reports.try_iter().collect();
    let [RecordingReport::DiskFailed { error }, RecordingReport::DiskRecovered] = reports.as_slice() else {
        panic!("told once, and once that it is over: {reports:?}")
    };
    assert!(error.contains(said), "{error}");
    let closed = bench.end();
    assert_eq!((closed.frames, closed.lost_frames), (20 * 8000, lost_seconds * 8000));
    let file = bench.directory().join(recording_path(ID, NOW, format));
    let verified = verify(&file).unwrap();
    assert_eq!((verified.frames, verified.lost_frames), (closed.frames, closed.lost_frames));
    if format == Format::Wav {
        let octets = std::fs::read(&file).unwrap();
        let data = Wav::parse(&octets).unwrap().data;
        let silent = data.chunks(160).filter(|block| **block == [SILENCE; 160]).count() as u64;
        assert_eq!(silent, lost_seconds * 100);
        let in_place = |(at, block): (usize, &[u8])| block[0] == SILENCE || block[..2] == [at as u8, !(at as u8)];
        assert!(data.chunks(160).enumerate().all(in_place), "what is there is where it was said");
    }
}

#[test]
fn a_full_disk_that_is_cleared_in_time_costs_nothing() {
    for format in Format::ALL {
        check(format, Fault::Full(700), 7, "No space left on device", 0);
    }
}

#[test]
fn a_disk_that_stays_full_costs_what_no_longer_fits_in_memory() {
    for format in Format::ALL {
        // Five seconds are kept from the third on.
        check(format, Fault::Full(700), 13, "No space left on device", 6);
    }
}

#[test]
fn a_disk_that_makes_nothing_safe_is_not_believed() {
    check(Format::Wav, Fault::Sync, 10, "Input/output error", 3);
    check(Format::Opus, Fault::Sync, 10, "Input/output error", 3);
}

#[test]
fn a_disk_that_became_read_only_is_told_and_used_again_when_it_is_not() {
    check(Format::Wav, Fault::ReadOnly, 9, "Read-only file system", 2);
}

#[test]
fn a_disk_slower_than_the_calls_is_one_alarm_and_no_shift_in_time() {
    let mut bench = Bench::new();
    // It takes eight seconds to write one, and that twice: blocks pile up meanwhile.
    for second in [0, 8, 16] {
        bench.blocks(second * 100..(second + 8) * 100);
        bench.files.flush();
    }
    for second in 24..40 {
        bench.blocks(second * 100..(second + 1) * 100);
        bench.files.flush();
    }
    let reports: Vec<_> = bench.reports.try_iter().collect();
    let [RecordingReport::DiskFailed { error }, RecordingReport::DiskRecovered] = reports.as_slice() else {
        panic!("told once, and once that it is over: {reports:?}")
    };
    assert!(error.starts_with("it is slower than the calls: 3000 ms"), "{error}");
    let closed = bench.end();
    assert_eq!((closed.frames, closed.lost_frames), (40 * 8000, 3 * 3 * 8000));
    let octets = std::fs::read(bench.wav()).unwrap();
    assert_eq!(Wav::parse(&octets).unwrap().data[39 * 16_000], (3900_u32 % 256) as u8);
}
