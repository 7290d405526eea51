//! The real thing with real peers: Debian's libpri as the telephone network, Debian's openr2 as the other end of R2 channels, Debian's
//! spandsp as the judge of digits.
//!
//! The peers are small C programs below `c/`, compiled when a test first wants one ([`peer_program`]) and kept in the target
//! folder. [`PriPeer`] runs libpri at the far end of a lab card's sockets and reads what it tells; [`R2Peer`] runs
//! openr2 on a clock and on lines that the test drives; [`dtmf_digits`] asks spandsp
//! which digits a WAV file holds. A missing library fails the test and says which command installs it.

mod build;
mod peer;
mod r2;

pub use build::{compiled, peer_program, target_folder};
pub use peer::{PriPeer, Side, Switch};
pub use r2::{BLOCK, R2Peer, Sent};

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a program below `c/` prints about samples that it is given as linear words of 16 bits. It prints less than a pipe holds, so that
/// neither waits for the other.
///
/// # Panics
///
/// Where the program cannot be made or started, or fails.
pub fn said_of(program: &str, arguments: &[&str], samples: &[i16]) -> Vec<u8> {
    let mut peer = Command::new(peer_program(program))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a program that was just compiled starts");
    let octets: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    peer.stdin.take().expect("a pipe").write_all(&octets).expect("it reads all");
    let said = peer.wait_with_output().expect("it ends");
    assert!(said.status.success(), "{program} {arguments:?}: {said:?}");
    said.stdout
}

/// The DTMF digits that spandsp finds in each channel of a WAV file.
///
/// # Panics
///
/// Where the file cannot be read, or spandsp is not installed.
pub fn dtmf_digits(wav: &Path) -> Vec<String> {
    let scan = Command::new(peer_program("dtmf_scan")).arg(wav).output().expect("the scanner was just built");
    assert!(scan.status.success(), "dtmf_scan: {}", String::from_utf8_lossy(&scan.stderr));
    let lines = String::from_utf8_lossy(&scan.stdout).into_owned();
    lines.lines().map(|line| line.split_once(' ').map_or(String::new(), |(_, digits)| digits.to_owned())).collect()
}
