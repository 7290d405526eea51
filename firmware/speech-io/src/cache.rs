//! The folder of clips, bounded.

use crate::SpeechError;
use media::wav::{self, Coding, Format};
use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

/// A clip handed out within this time may still be waiting to be played and is kept.
const IN_USE: Duration = Duration::from_secs(600);
/// What a crash left half written is removed when it is this old.
const STALE: Duration = Duration::from_secs(3600);
/// When the cache is full it is emptied to this many parts of sixteen, so that not every new clip costs a search.
const KEPT_SIXTEENTHS: u64 = 14;

const CLIP: Format = Format { coding: Coding::Alaw, channels: 1, rate_hz: speech::TELEPHONE_HZ };

pub(crate) struct Cache {
    folder: PathBuf,
    limit: u64,
    index: OnceLock<Mutex<Index>>,
}

#[derive(Default)]
struct Index {
    clips: HashMap<String, Entry>,
    octets: u64,
}

struct Entry {
    octets: u64,
    used: SystemTime,
    /// Written by this process, or found whole since.
    sound: bool,
}

impl Cache {
    pub(crate) fn new(folder: &Path, limit: u64) -> Self {
        Self { folder: folder.to_path_buf(), limit, index: OnceLock::new() }
    }

    fn place(&self, name: &str) -> PathBuf {
        self.folder.join(name).with_extension("wav")
    }

    /// The clip of this name, if it is there and whole.
    pub(crate) fn find(&self, name: &str) -> Option<PathBuf> {
        let place = self.place(name);
        let mut index = self.index();
        let entry = index.clips.get_mut(name)?;
        let whole = if entry.sound { place.is_file() } else { is_whole(&place) };
        if whole {
            entry.sound = true;
            entry.used = SystemTime::now();
            return Some(place);
        }
        if let Some(gone) = index.clips.remove(name) {
            index.octets -= gone.octets;
        }
        None
    }

    /// Writes a clip, then makes room.
    pub(crate) fn keep(&self, name: &str, samples: &[i16]) -> Result<PathBuf, SpeechError> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let place = self.place(name);
        let file = clip_file(samples);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let half = self.folder.join(format!("{name}.{}.{number}.half", std::process::id()));
        fs::create_dir_all(&self.folder).map_err(|error| SpeechError::cache(&self.folder, error))?;
        let written =
            fs::File::create(&half).and_then(|mut open| open.write_all(&file)).and_then(|()| fs::rename(&half, &place));
        if let Err(error) = written {
            // Whatever was written of it is of no use.
            let _ = fs::remove_file(&half);
            return Err(SpeechError::cache(&place, error));
        }
        let mut index = self.index();
        let entry = Entry { octets: file.len() as u64, used: SystemTime::now(), sound: true };
        index.octets += entry.octets;
        if let Some(before) = index.clips.insert(name.to_owned(), entry) {
            index.octets -= before.octets;
        }
        if index.octets > self.limit {
            self.make_room(&mut index);
        }
        Ok(place)
    }

    fn make_room(&self, index: &mut Index) {
        let now = SystemTime::now();
        let mut oldest: Vec<(SystemTime, String)> = index
            .clips
            .iter()
            .filter(|(_, entry)| now.duration_since(entry.used).is_ok_and(|age| age >= IN_USE))
            .map(|(name, entry)| (entry.used, name.clone()))
            .collect();
        oldest.sort();
        for (_, name) in oldest {
            if index.octets <= self.limit / 16 * KEPT_SIXTEENTHS {
                break;
            }
            // One that cannot be removed is no longer counted: the limit is a wish, the prompt is not.
            let _ = fs::remove_file(self.place(&name));
            if let Some(gone) = index.clips.remove(&name) {
                index.octets -= gone.octets;
            }
        }
    }

    fn index(&self) -> std::sync::MutexGuard<'_, Index> {
        self.index.get_or_init(|| Mutex::new(self.found())).lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What earlier runs left in the folder.
    fn found(&self) -> Index {
        let mut index = Index::default();
        let Ok(files) = fs::read_dir(&self.folder) else { return index };
        for file in files.flatten() {
            let (Ok(facts), Ok(name)) = (file.metadata(), file.file_name().into_string()) else { continue };
            let used = facts.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            if let Some(name) = name.strip_suffix(".wav") {
                index.octets += facts.len();
                index.clips.insert(name.to_owned(), Entry { octets: facts.len(), used, sound: false });
            } else if name.ends_with(".half") && used.elapsed().is_ok_and(|age| age >= STALE) {
                // It may have gone meanwhile.
                let _ = fs::remove_file(file.path());
            }
        }
        index
    }
}

fn clip_file(samples: &[i16]) -> Vec<u8> {
    let frames = u32::try_from(samples.len()).unwrap_or(u32::MAX);
    let mut file = wav::header(CLIP, frames).to_vec();
    file.extend(samples.iter().map(|sample| dsp_g711::alaw_encode(*sample)));
    file
}

/// Whether the file is as long as its header says: a power cut may have taken the end.
fn is_whole(place: &Path) -> bool {
    let Ok(file) = fs::read(place) else { return false };
    let frames = file.len().saturating_sub(wav::HEADER);
    frames > 0 && u32::try_from(frames).is_ok_and(|frames| file.starts_with(&wav::header(CLIP, frames)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aged(cache: &Cache, name: &str, seconds: u64) {
        let mut index = cache.index();
        index.clips.get_mut(name).unwrap().used = SystemTime::now() - Duration::from_secs(seconds);
    }

    #[test]
    fn a_full_cache_drops_what_was_not_used_for_longest() {
        let folder = tempfile::tempdir().unwrap();
        let clip = clip_file(&[100; 1000]).len() as u64;
        let cache = Cache::new(folder.path(), clip * 16);
        for n in 0..16_u64 {
            cache.keep(&format!("c{n}"), &[100; 1000]).unwrap();
            aged(&cache, &format!("c{n}"), 10_000 - n);
        }
        assert!(cache.find("c0").is_some(), "found, and so used last");
        cache.keep("more", &[100; 1000]).unwrap();
        let kept = |name: &str| folder.path().join(name).with_extension("wav").exists();
        assert!(kept("c0") && kept("more") && kept("c15"));
        assert!(!kept("c1") && !kept("c2") && !kept("c3") && kept("c4"));
        assert!(cache.find("c1").is_none());
        assert_eq!(cache.index().octets, clip * 14);
    }

    #[test]
    fn a_clip_that_may_be_playing_is_never_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path(), 1);
        for name in ["a", "b"] {
            cache.keep(name, &[100; 1000]).unwrap();
        }
        assert!(cache.find("a").is_some() && cache.find("b").is_some());
    }

    #[test]
    fn clips_of_an_earlier_run_are_found_and_cut_ones_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let first = Cache::new(folder.path(), 1 << 20);
        let whole = first.keep("whole", &[5; 800]).unwrap();
        let cut = first.keep("cut", &[5; 800]).unwrap();
        fs::write(&cut, &fs::read(&cut).unwrap()[..300]).unwrap();
        let second = Cache::new(folder.path(), 1 << 20);
        assert_eq!(second.find("whole"), Some(whole));
        assert_eq!(second.find("cut"), None);
    }

    #[test]
    fn a_clip_is_a_wav_that_the_media_engine_takes() {
        let samples: Vec<i16> = (0..400).map(|n| n * 40).collect();
        let clip = media::Clip::from_wav(&clip_file(&samples)).unwrap();
        assert_eq!(clip, media::Clip::from_pcm(&samples));
    }
}
