//! The hash chain of a recording in Ogg Opus: one line a page, which is a second at most.
//!
//! A line is the page's number, its samples a channel, how many of those were lost, its octets, and the SHA-256 of the line before's hash,
//! the octets and both counts. Line 0 is the two pages of headers. The last line, `end` or (closed after a crash) `cut`, is the word and
//! the hash of the hash before and the word. The first hash starts from the recording's id.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Write as _};
use std::os::unix::fs::FileExt;
use std::path::Path;

use base::RecordingId;
use sha2::{Digest, Sha256};

use crate::chain::{
    BadSecond, CRASH_TAIL, Ending, Hash, RATE, Verified, VerifyError, chain_path, hex, read_chain, read_full,
    recording_of,
};
use crate::ogg::{self, LAST, Stream};
use crate::opus_stream::{AudioPage, CLOCK, HEAD_PAGES, PRE_SKIP, head, serial};

/// Most octets of a page: its header, its table, and all that the table can say.
const LARGEST: usize = 27 + 255 + 255 * 255;

/// A recording's chain while its file grows.
#[derive(Clone)]
pub(crate) struct PageChain {
    hash: Hash,
    page: u64,
    lines: String,
}

impl PageChain {
    pub(crate) fn new(id: RecordingId) -> Self {
        let hash =
            Sha256::new().chain_update(b"fundline recording 2").chain_update(id.0.to_be_bytes()).finalize().into();
        Self { hash, page: 0, lines: String::new() }
    }

    fn hashed(&self, octets: &[u8], frames: u32, lost: u32) -> Hash {
        let counts = [frames.to_be_bytes(), lost.to_be_bytes()].concat();
        Sha256::new().chain_update(self.hash).chain_update(octets).chain_update(counts).finalize().into()
    }

    pub(crate) fn add(&mut self, page: &AudioPage) {
        let AudioPage { octets, frames, lost } = page;
        self.hash = self.hashed(octets, *frames, *lost);
        let (number, len, hash) = (self.page, octets.len(), hex(&self.hash));
        writeln!(self.lines, "{number:08} {frames:05} {lost:05} {len:05} {hash}").expect("a String takes all");
        self.page += 1;
    }

    /// The last line, and the chain's last hash.
    pub(crate) fn end(&mut self, ending: Ending) -> String {
        self.hash = Sha256::new().chain_update(self.hash).chain_update(ending.word()).finalize().into();
        let head = hex(&self.hash);
        writeln!(self.lines, "{} {head}", ending.word()).expect("a String takes all");
        head
    }

    /// The lines not yet written.
    pub(crate) fn take_lines(&mut self) -> String {
        std::mem::take(&mut self.lines)
    }
}

enum Line<'a> {
    Page { frames: u32, lost: u32, octets: usize, hash: &'a str },
    End { ending: Ending, hash: &'a str },
}

fn parse(line: &str, page: u64) -> Option<Line<'_>> {
    match *line.split(' ').collect::<Vec<_>>().as_slice() {
        [number, frames, lost, octets, hash] => {
            number.parse::<u64>().ok().filter(|&number| number == page)?;
            let octets = octets.parse().ok().filter(|&octets| octets <= LARGEST)?;
            Some(Line::Page { frames: frames.parse().ok()?, lost: lost.parse().ok()?, octets, hash })
        }
        ["end", hash] => Some(Line::End { ending: Ending::Whole, hash }),
        ["cut", hash] => Some(Line::End { ending: Ending::Cut, hash }),
        _ => None,
    }
}

/// How far chain and audio agree, and what stopped it.
struct Walk {
    chain: PageChain,
    frames: u64,
    lost_frames: u64,
    /// Octets of the file, and of the chain, that agree.
    octets: u64,
    chain_octets: u64,
    /// The last page that agrees ends the stream.
    is_ended: bool,
    stop: Stop,
}

enum Stop {
    Ended { head: String, ending: Ending },
    Open,
    Bad(BadSecond),
}

pub(crate) fn verify(file: &Path) -> Result<Verified, VerifyError> {
    let walk = walk(file)?;
    let bad = |why| Err(VerifyError::FirstBadSecond { second: walk.frames / RATE, why });
    match walk.stop {
        Stop::Ended { head, ending } => {
            Ok(Verified { frames: walk.frames, lost_frames: walk.lost_frames, head, ending })
        }
        Stop::Bad(why) => bad(why),
        Stop::Open => bad(BadSecond::ChainMissing),
    }
}

fn walk(file: &Path) -> Result<Walk, VerifyError> {
    let id = recording_of(file).ok_or_else(|| VerifyError::NotARecording(file.to_owned()))?;
    let text = read_chain(file)?;
    let io = |source| VerifyError::Io { path: file.to_owned(), source };
    let mut audio = BufReader::new(File::open(file).map_err(io)?);
    let chain = PageChain::new(id);
    let mut walk =
        Walk { chain, frames: 0, lost_frames: 0, octets: 0, chain_octets: 0, is_ended: false, stop: Stop::Open };
    let mut buffer = vec![0; LARGEST];
    for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
        let Some(parsed) = parse(line.trim_end_matches('\n'), walk.chain.page) else {
            walk.stop = Stop::Bad(BadSecond::ChainDamaged);
            return Ok(walk);
        };
        match parsed {
            Line::Page { frames, lost, octets, hash } => {
                let page = &mut buffer[..octets];
                let found = read_full(&mut audio, page).map_err(io)?;
                if walk.octets == 0 && found > 0 && !page.starts_with(b"OggS") {
                    return Err(VerifyError::OtherFormat { path: file.to_owned(), octet: 0, expected: "OggS" });
                }
                let next = walk.chain.hashed(page, frames, lost);
                let why = match (found < octets, hex(&next) == hash) {
                    (true, _) => Some(BadSecond::AudioMissing),
                    (false, false) => Some(BadSecond::Changed),
                    (false, true) => None,
                };
                if let Some(why) = why {
                    walk.stop = Stop::Bad(why);
                    return Ok(walk);
                }
                walk.is_ended = page.get(5).is_some_and(|flags| flags & LAST != 0);
                walk.chain.hash = next;
                walk.chain.page += 1;
                walk.frames += u64::from(frames);
                walk.lost_frames += u64::from(lost);
                walk.octets += octets as u64;
                walk.chain_octets += line.len() as u64;
            }
            Line::End { ending, hash } => {
                let more = read_full(&mut audio, &mut buffer[..1]).map_err(io)?;
                let head = walk.chain.clone().end(ending);
                walk.stop = match (head == hash, more) {
                    (false, _) => Stop::Bad(BadSecond::Changed),
                    (true, 0) => Stop::Ended { head, ending },
                    (true, _) => Stop::Bad(BadSecond::AudioAdded),
                };
                return Ok(walk);
            }
        }
    }
    Ok(walk)
}

/// Makes a file that a crash left open whole: pages behind the chain's last line get theirs, half a page goes, an empty last page ends the
/// stream. `None` where chain and audio do not agree, or the chain is closed.
pub(crate) fn close_cut(file: &Path) -> Result<Option<Verified>, VerifyError> {
    let id = recording_of(file).ok_or_else(|| VerifyError::NotARecording(file.to_owned()))?;
    let mut walk = walk(file)?;
    if !matches!(walk.stop, Stop::Open) {
        return Ok(None);
    }
    let io = |source| VerifyError::Io { path: file.to_owned(), source };
    let audio = OpenOptions::new().read(true).write(true).open(file).map_err(io)?;
    let length = audio.metadata().map_err(io)?.len();
    // Flushes come each second, and late ones bring several pages.
    if length.saturating_sub(walk.octets) > CRASH_TAIL * 2 * LARGEST as u64 {
        return Ok(None);
    }
    let mut tail = vec![0; usize::try_from(length.saturating_sub(walk.octets)).unwrap_or(0)];
    audio.read_exact_at(&mut tail, walk.octets).map_err(io)?;
    let mut added = Vec::new();
    let mut rest = tail.as_slice();
    if walk.chain.page == 0 {
        let head = head(id);
        rest = rest.strip_prefix(head.as_slice()).unwrap_or_default();
        added.push(AudioPage { octets: head, frames: 0, lost: 0 });
    }
    let (mut sequence, mut granule) = (HEAD_PAGES, walk.frames * CLOCK);
    if walk.chain.page > 0 {
        sequence += u32::try_from(walk.chain.page - 1).unwrap_or(u32::MAX);
    }
    let mut is_ended = walk.is_ended;
    while let Ok(page) = ogg::parse(rest)
        && (page.serial, page.sequence) == (serial(id), sequence)
        && page.granule >= granule
        && !is_ended
    {
        is_ended = page.flags & LAST != 0;
        let until = if is_ended { page.granule.saturating_sub(PRE_SKIP.into()).max(granule) } else { page.granule };
        let frames = u32::try_from((until - granule) / CLOCK).unwrap_or(u32::MAX);
        added.push(AudioPage { octets: rest[..page.len].to_vec(), frames, lost: 0 });
        granule = until;
        sequence += 1;
        rest = &rest[page.len..];
    }
    if !is_ended {
        let octets = Stream::new(serial(id), sequence).page(LAST, granule, &[]);
        added.push(AudioPage { octets, frames: 0, lost: 0 });
    }
    finish(file, &audio, &mut walk, &added).map(Some)
}

fn finish(file: &Path, audio: &File, walk: &mut Walk, added: &[AudioPage]) -> Result<Verified, VerifyError> {
    let write = || -> io::Result<()> {
        let octets = added.iter().map(|page| page.octets.as_slice()).collect::<Vec<_>>().concat();
        audio.write_all_at(&octets, walk.octets)?;
        audio.set_len(walk.octets + octets.len() as u64)?;
        audio.sync_data()
    };
    write().map_err(|source| VerifyError::Io { path: file.to_owned(), source })?;
    added.iter().for_each(|page| walk.chain.add(page));
    let head = walk.chain.end(Ending::Cut);
    let path = chain_path(file);
    let mut write = || -> io::Result<()> {
        let mut chain = OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
        chain.set_len(walk.chain_octets)?;
        io::Seek::seek(&mut chain, io::SeekFrom::End(0))?;
        chain.write_all(walk.chain.take_lines().as_bytes())?;
        chain.sync_data()
    };
    write().map_err(|source| VerifyError::Io { path: path.clone(), source })?;
    let frames = walk.frames + added.iter().map(|page| u64::from(page.frames)).sum::<u64>();
    Ok(Verified { frames, lost_frames: walk.lost_frames, head, ending: Ending::Cut })
}
