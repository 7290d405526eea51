//! PINs that must be nowhere, and the search for them.

use std::path::{Path, PathBuf};
use system::Lab;

/// A drawn PIN.
pub(crate) struct Pin(String);

impl Pin {
    /// Six digits that no file of the lab holds yet, so that finding them later means that they leaked.
    pub(crate) fn draw(lab: &Lab) -> Self {
        for _ in 0..100 {
            let number = getrandom::u32().expect("the system has chance") % 1_000_000;
            let pin = Self(format!("{number:06}"));
            let known = files(&lab.path("")).iter().any(|file| holds(&read(file), &pin).is_some());
            if !known {
                return pin;
            }
        }
        panic!("a hundred numbers were all in the lab's files");
    }

    /// The digits, for the caller's keys.
    pub(crate) fn digits(&self) -> &str {
        &self.0
    }
}

/// No PIN is in any file of the box or the fund system, and none is to be heard in a recording.
#[track_caller]
pub(crate) fn absent(lab: &Lab, pins: &[&Pin], recordings: &[PathBuf]) {
    for file in files(&lab.path("")) {
        let octets = read(&file);
        for pin in pins {
            if let Some(around) = holds(&octets, pin) {
                panic!("{} holds the PIN {}: ...{around}...", file.display(), pin.0);
            }
        }
    }
    for recording in recordings {
        // The decoder is spandsp's: a second opinion on what can be heard.
        for digits in interop::dtmf_digits(recording) {
            for pin in pins {
                assert!(!digits.contains(&pin.0), "{}: a PIN can be heard: {digits}", recording.display());
            }
            // Language, menu and account number; then nothing.
            assert!(digits.len() <= 16, "{}: more keys than the open ones: {digits}", recording.display());
        }
    }
}

/// Files of the box and of the fund system: the callers' own folders say what their callers keyed.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                if !name.starts_with("party-") && name != "exchange-speech" {
                    folders.push(path);
                }
            } else if path.is_file() && name != "exchange.log" {
                found.push(path);
            }
        }
    }
    found
}

fn read(file: &Path) -> Vec<u8> {
    // Journals come and go.
    std::fs::read(file).unwrap_or_default()
}

/// The PIN in these octets, with what stands around it. Figures of other kinds are longer runs of digits or letters of hexadecimal numbers: times in
/// milliseconds and fractions of seconds, identifiers, hashes. A PIN behind or before letters of a word counts.
fn holds(octets: &[u8], pin: &Pin) -> Option<String> {
    let wanted = pin.0.as_bytes();
    let mut at = 0;
    while let Some(found) = find(&octets[at..], wanted) {
        let begin = at + found;
        let end = begin + wanted.len();
        let is_part = |octet: Option<&u8>| octet.is_some_and(|octet| octet.is_ascii_hexdigit());
        let run_before = octets[..begin].iter().rev().take_while(|octet| octet.is_ascii_hexdigit()).count();
        let run_after = octets[end..].iter().take_while(|octet| octet.is_ascii_hexdigit()).count();
        let run = run_before + wanted.len() + run_after;
        let identifier = run >= 13 && (is_part(octets.get(end)) || run_before > 0);
        // 2026-11-24T12:00:00.123456Z: six digits of a second.
        let of_a_second = begin >= 3
            && octets[begin - 1] == b'.'
            && octets[begin - 2].is_ascii_digit()
            && octets[begin - 3].is_ascii_digit()
            && octets.get(end) == Some(&b'Z');
        if !identifier && !of_a_second {
            let around = &octets[begin.saturating_sub(40)..octets.len().min(end + 40)];
            return Some(String::from_utf8_lossy(around).into_owned());
        }
        at = begin + 1;
    }
    None
}

fn find(octets: &[u8], wanted: &[u8]) -> Option<usize> {
    octets.windows(wanted.len()).position(|window| window == wanted)
}
