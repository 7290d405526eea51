//! The hash chain beside each recording: `<id>.chain`.
//!
//! One line a second of audio: its number, how many of its samples a channel were lost, and the SHA-256 of the line before's
//! hash, that loss and the second's octets as they stand in the WAV file. The first hash starts from the recording's id. The last line,
//! `end` or (closed after a crash) `cut`, covers what is left of the last second. So a changed, missing or added
//! octet shows, and in which second. Files in Opus have a chain of pages instead: see `pages`.
//! Who can rewrite both files can rewrite the chain: the last hash is kept in the store
//! and goes to the centre for that.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use base::RecordingId;
use sha2::{Digest, Sha256};

use crate::Format;
use crate::header::{FRAME, HEADER, header};

/// Octets of one second: two channels of A-law at 8 kHz.
pub(crate) const SECOND: usize = 16_000;
/// Samples a channel in a second.
pub(crate) const RATE: u64 = 8000;
/// Seconds at the end that a crash may leave without their lines: those kept for a slow disk, and what the system writes of the
/// chain up to half a minute late, as only the audio is made safe at once. More were not left by a crash.
pub(crate) const CRASH_TAIL: u64 = 60;

pub(crate) type Hash = [u8; 32];

/// A recording's chain while its file grows.
pub(crate) struct Chain {
    hash: Hash,
    second: u64,
    /// Of the second that is being filled.
    running: Sha256,
    filled: usize,
    lost: u32,
    lines: String,
}

/// How a chain ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The call ended and the file is whole.
    Whole,
    /// A crash or power cut ended it; it was closed at the next start.
    Cut,
}

impl Ending {
    /// The chain's last word.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Whole => "end",
            Self::Cut => "cut",
        }
    }
}

/// What a good recording holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Samples a channel.
    pub frames: u64,
    /// How many of them were lost and are silent.
    pub lost_frames: u64,
    /// The last hash, 64 hexadecimal digits.
    pub head: String,
    /// How it ended.
    pub ending: Ending,
}

/// Why a recording is not what was written.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// From this second on (counted from 0) it is not proven.
    #[error("second {second}: {why}")]
    FirstBadSecond {
        /// The second.
        second: u64,
        /// What is wrong there.
        why: BadSecond,
    },
    /// The name is not an id of 32 hexadecimal digits and `.wav` or `.opus`.
    #[error("{0}: a recording's name is 32 hexadecimal digits and .wav or .opus; give the file the name it had")]
    NotARecording(PathBuf),
    /// The file is of another kind than its name says.
    #[error("{path}: octet {octet}: {expected} expected; this file was not written by the box, or was converted since")]
    OtherFormat {
        /// The file.
        path: PathBuf,
        /// Where.
        octet: u64,
        /// What should be there.
        expected: &'static str,
    },
    /// A file cannot be read.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's word.
        source: io::Error,
    },
}

/// What is wrong with a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSecond {
    /// The audio is not the one that was hashed.
    #[error("the audio was changed")]
    Changed,
    /// The audio ends here, the chain does not.
    #[error("audio is missing")]
    AudioMissing,
    /// The chain ends here without saying so.
    #[error("the chain ends here")]
    ChainMissing,
    /// There is more audio than the chain covers.
    #[error("audio was added")]
    AudioAdded,
    /// The header is not the one of this audio.
    #[error("the header was changed")]
    HeaderChanged,
    /// The chain's line cannot be read.
    #[error("the chain's line is damaged")]
    ChainDamaged,
}

impl Chain {
    pub(crate) fn new(id: RecordingId) -> Self {
        let hash =
            Sha256::new().chain_update(b"fundline recording 1").chain_update(id.0.to_be_bytes()).finalize().into();
        Self { hash, second: 0, running: Sha256::new(), filled: 0, lost: 0, lines: String::new() }.begun()
    }

    fn begun(mut self) -> Self {
        self.running = Sha256::new().chain_update(self.hash);
        self
    }

    /// Takes in octets of the file, all kept or all lost.
    pub(crate) fn update(&mut self, mut octets: &[u8], lost: bool) {
        while !octets.is_empty() {
            let (now, rest) = octets.split_at(octets.len().min(SECOND - self.filled));
            self.running.update(now);
            self.filled += now.len();
            if lost {
                // At most the 8000 frames of a second.
                self.lost += (now.len() / FRAME) as u32;
            }
            octets = rest;
            if self.filled == SECOND {
                let (second, lost) = (self.second, self.lost);
                self.close_second();
                let hash = hex(&self.hash);
                writeln!(self.lines, "{second:08} {lost:04} {hash}").expect("a String takes all");
            }
        }
    }

    fn close_second(&mut self) {
        self.running.update(self.lost.to_be_bytes());
        self.hash = std::mem::take(&mut self.running).finalize().into();
        self.running.update(self.hash);
        self.second += 1;
        self.filled = 0;
        self.lost = 0;
    }

    /// The last line, and the chain's last hash.
    pub(crate) fn end(&mut self, ending: Ending) -> String {
        let word = ending.word();
        let (second, lost, frames) = (self.second, self.lost, self.filled / FRAME);
        self.running.update(word);
        self.close_second();
        let head = hex(&self.hash);
        writeln!(self.lines, "{word} {second:08} {frames:04} {lost:04} {head}").expect("a String takes all");
        head
    }

    /// The lines not yet written.
    pub(crate) fn take_lines(&mut self) -> String {
        std::mem::take(&mut self.lines)
    }
}

pub(crate) fn hex(hash: &Hash) -> String {
    hash.iter().fold(String::with_capacity(64), |mut text, octet| {
        write!(text, "{octet:02x}").expect("a String takes all");
        text
    })
}

/// The chain's file beside a recording.
pub(crate) fn chain_path(wav: &Path) -> PathBuf {
    wav.with_extension("chain")
}

/// The recording a file's name says it is.
pub(crate) fn recording_of(wav: &Path) -> Option<RecordingId> {
    let stem = wav.file_stem()?.to_str()?;
    (stem.len() == 32).then(|| stem.parse().ok())?
}

/// Checks every second of a closed recording against its chain.
pub fn verify(file: &Path) -> Result<Verified, VerifyError> {
    match Format::of(file) {
        Some(Format::Wav) => verify_wav(file),
        Some(Format::Opus) => crate::pages::verify(file),
        None => Err(VerifyError::NotARecording(file.to_owned())),
    }
}

fn verify_wav(wav: &Path) -> Result<Verified, VerifyError> {
    let walk = walk(wav)?;
    if matches!(walk.stop, Stop::Ended { .. }) && walk.header != header(walk.frames) {
        return Err(VerifyError::FirstBadSecond { second: 0, why: BadSecond::HeaderChanged });
    }
    match walk.stop {
        Stop::Ended { head, ending } => {
            Ok(Verified { frames: walk.frames, lost_frames: walk.lost_frames, head, ending })
        }
        Stop::Bad(why) => Err(VerifyError::FirstBadSecond { second: walk.chain.second, why }),
        Stop::Open { .. } => {
            Err(VerifyError::FirstBadSecond { second: walk.chain.second, why: BadSecond::ChainMissing })
        }
    }
}

/// How far chain and audio agree, and what stopped it.
struct Walk {
    header: [u8; HEADER],
    chain: Chain,
    frames: u64,
    lost_frames: u64,
    stop: Stop,
}

enum Stop {
    /// An ending that agrees.
    Ended {
        head: String,
        ending: Ending,
    },
    /// No ending: the whole lines are good. Octets of the chain's file that are whole lines.
    Open {
        chain_octets: u64,
    },
    Bad(BadSecond),
}

enum Line {
    Second { lost: u32, hash: String },
    End { ending: Ending, octets: usize, lost: u32, hash: String },
}

fn parse(line: &str, second: u64) -> Option<Line> {
    let words: Vec<&str> = line.split(' ').collect();
    let at = |word: &str| word.parse::<u64>().ok().filter(|&at| at == second);
    match words.as_slice() {
        [number, lost, hash] => {
            at(number)?;
            Some(Line::Second { lost: lost.parse().ok()?, hash: (*hash).to_owned() })
        }
        [word, number, frames, lost, hash] => {
            at(number)?;
            let ending = match *word {
                "end" => Ending::Whole,
                "cut" => Ending::Cut,
                _ => return None,
            };
            let octets = frames.parse::<usize>().ok()?.checked_mul(FRAME).filter(|&octets| octets < SECOND)?;
            Some(Line::End { ending, octets, lost: lost.parse().ok()?, hash: (*hash).to_owned() })
        }
        _ => None,
    }
}

fn walk(wav: &Path) -> Result<Walk, VerifyError> {
    let id = recording_of(wav).ok_or_else(|| VerifyError::NotARecording(wav.to_owned()))?;
    let text = read_chain(wav)?;
    let io = |source| VerifyError::Io { path: wav.to_owned(), source };
    let mut audio = BufReader::new(File::open(wav).map_err(io)?);
    let mut found = [0; HEADER];
    let length = read_full(&mut audio, &mut found).map_err(io)?;
    let path = || wav.to_owned();
    // An empty file is one that a power cut left without its header.
    if length > 0 && !found.starts_with(b"RIFF") {
        return Err(VerifyError::OtherFormat { path: path(), octet: 0, expected: "RIFF" });
    }
    if length == HEADER && found[8..22] != header(0)[8..22] {
        return Err(VerifyError::OtherFormat { path: path(), octet: 8, expected: "WAVE, format 6 (A-law)" });
    }
    let mut walk =
        Walk { header: found, chain: Chain::new(id), frames: 0, lost_frames: 0, stop: Stop::Open { chain_octets: 0 } };
    let mut chain_octets = 0;
    let mut octets = vec![0; SECOND];
    // The last piece is what follows the last line feed: nothing, or a torn line.
    let whole = text.rfind('\n').map_or("", |at| &text[..at]);
    for line in whole.split('\n').filter(|_| !text.is_empty() && text.contains('\n')) {
        let second = walk.chain.second;
        let Some(line) = parse(line, second) else {
            walk.stop = Stop::Bad(BadSecond::ChainDamaged);
            return Ok(walk);
        };
        match line {
            Line::Second { lost, hash } => {
                if read_full(&mut audio, &mut octets).map_err(io)? < SECOND {
                    walk.stop = Stop::Bad(BadSecond::AudioMissing);
                    return Ok(walk);
                }
                let mut next = walk.chain.resumed();
                next.running.update(&octets);
                next.lost = lost;
                next.close_second();
                if hex(&next.hash) != hash {
                    walk.stop = Stop::Bad(BadSecond::Changed);
                    return Ok(walk);
                }
                walk.chain = next;
                walk.frames += RATE;
                walk.lost_frames += u64::from(lost);
                chain_octets += 8 + 1 + 4 + 1 + 64 + 1;
            }
            Line::End { ending, octets: left, lost, hash } => {
                walk.stop = ending_of(&walk.chain, &mut audio, left, lost, ending, &hash).map_err(io)?;
                if matches!(walk.stop, Stop::Ended { .. }) {
                    walk.frames += (left / FRAME) as u64;
                    walk.lost_frames += u64::from(lost);
                }
                return Ok(walk);
            }
        }
    }
    walk.stop = Stop::Open { chain_octets };
    Ok(walk)
}

fn ending_of(
    chain: &Chain,
    audio: &mut impl Read,
    left: usize,
    lost: u32,
    ending: Ending,
    hash: &str,
) -> io::Result<Stop> {
    let mut octets = vec![0; SECOND];
    let found = read_full(audio, &mut octets)?;
    if found < left {
        return Ok(Stop::Bad(BadSecond::AudioMissing));
    }
    let mut last = chain.resumed();
    last.running.update(&octets[..left]);
    last.filled = left;
    last.lost = lost;
    let head = last.end(ending);
    Ok(match (head == hash, found > left) {
        (false, _) => Stop::Bad(BadSecond::Changed),
        (true, true) => Stop::Bad(BadSecond::AudioAdded),
        (true, false) => Stop::Ended { head, ending },
    })
}

impl Chain {
    /// A chain at the same second, with nothing of the next one taken in.
    fn resumed(&self) -> Self {
        Self { hash: self.hash, second: self.second, running: Sha256::new(), filled: 0, lost: 0, lines: String::new() }
            .begun()
    }
}

/// Closes the chain of a file that a crash left open: the seconds without a line get theirs, then comes a
/// `cut` line. A chain that does not agree with its audio is left as it is, for [`verify`] to tell.
pub(crate) fn close_cut(wav: &Path, data: u64) -> Result<Option<Verified>, VerifyError> {
    let mut walk = walk(wav)?;
    let Stop::Open { chain_octets } = walk.stop else { return Ok(None) };
    let tail = data.saturating_sub(walk.chain.second * SECOND as u64);
    if tail > CRASH_TAIL * SECOND as u64 {
        return Ok(None);
    }
    let io = |source| VerifyError::Io { path: wav.to_owned(), source };
    let mut octets = Vec::new();
    let mut audio = File::open(wav).map_err(io)?;
    audio.seek(SeekFrom::Start(HEADER as u64 + walk.chain.second * SECOND as u64)).map_err(io)?;
    audio.take(tail).read_to_end(&mut octets).map_err(io)?;
    walk.chain = walk.chain.resumed();
    walk.chain.update(&octets, false);
    let head = walk.chain.end(Ending::Cut);

    let path = chain_path(wav);
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
        file.set_len(chain_octets)?;
        file.seek(SeekFrom::End(0))?;
        file.write_all(walk.chain.lines.as_bytes())?;
        file.sync_data()
    };
    write().map_err(|source| VerifyError::Io { path: path.clone(), source })?;
    let frames = walk.frames + (octets.len() / FRAME) as u64;
    Ok(Some(Verified { frames, lost_frames: walk.lost_frames, head, ending: Ending::Cut }))
}

/// Whether the chain has its last line.
pub(crate) fn is_closed(wav: &Path) -> bool {
    let Ok(mut file) = File::open(chain_path(wav)) else { return false };
    let length = file.metadata().map_or(0, |known| known.len());
    let mut tail = Vec::new();
    let read = file.seek(SeekFrom::Start(length.saturating_sub(200))).and_then(|_| file.read_to_end(&mut tail));
    let tail = String::from_utf8_lossy(&tail);
    let last = tail.trim_end_matches('\n').rsplit('\n').next().unwrap_or_default();
    read.is_ok() && tail.ends_with('\n') && (last.starts_with("end ") || last.starts_with("cut "))
}

/// The lines beside a recording; none where the file is not there.
pub(crate) fn read_chain(recording: &Path) -> Result<String, VerifyError> {
    let path = chain_path(recording);
    match std::fs::read(&path) {
        Ok(octets) => Ok(String::from_utf8_lossy(&octets).into_owned()),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(source) => Err(VerifyError::Io { path, source }),
    }
}

pub(crate) fn read_full(from: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < into.len() {
        match from.read(&mut into[filled..]) {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(fault) if fault.kind() == io::ErrorKind::Interrupted => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(filled)
}
