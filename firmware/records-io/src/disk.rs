//! What the writer of recordings needs of a disk: so few orders that a test can stand in its way.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Where recordings lie.
pub(crate) trait Disk: Send {
    /// Makes a file, and its folder where there is none; one that is there already stays as it is, and that is an error.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// Makes a file in place of one that may be there.
    fn replace(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// Takes a file away.
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// One file of it.
pub(crate) trait DiskFile: Send {
    /// Writes all of it there, or says why not; a part of it may have been written then.
    fn write_all_at(&self, octets: &[u8], at: u64) -> io::Result<()>;
    /// What was written to this file is safe.
    fn make_safe(&self) -> io::Result<()>;
    /// What was written to any file of the disk is safe: one order to it costs a fraction of one for each file.
    fn make_all_safe(&self) -> io::Result<()>;
}

/// The system's.
pub(crate) struct SystemDisk;

impl Disk for SystemDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        Ok(Box::new(OpenOptions::new().write(true).create_new(true).open(path)?))
    }

    fn replace(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(OpenOptions::new().write(true).create(true).truncate(true).open(path)?))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }
}

impl DiskFile for File {
    fn write_all_at(&self, octets: &[u8], at: u64) -> io::Result<()> {
        FileExt::write_all_at(self, octets, at)
    }

    fn make_safe(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn make_all_safe(&self) -> io::Result<()> {
        Ok(nix::unistd::syncfs(self)?)
    }
}
