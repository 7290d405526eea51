//! Prompts read from files, kept as long as there is room.

use media::Clip;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// Octets of prompts kept in memory: more than an hour.
pub const KEPT: usize = 32 << 20;
/// Longest file that is read: half an hour of 16-bit audio.
const LONGEST: u64 = 30 << 20;

/// Reads prompts. All callers share it, and the clips.
#[derive(Debug)]
pub struct Clips {
    cache: Mutex<Cache>,
}

#[derive(Debug)]
struct Cache {
    room: usize,
    used: usize,
    clock: u64,
    entries: HashMap<PathBuf, Entry>,
    by_use: BTreeMap<u64, PathBuf>,
}

/// What a file was when it was read. One that changed is read again.
type Version = (Option<SystemTime>, u64);

#[derive(Debug)]
struct Entry {
    clip: Arc<Clip>,
    version: Version,
    used_at: u64,
}

impl Clips {
    /// `room` is how many octets of clips are kept for the next time.
    pub fn new(room: usize) -> Self {
        let cache = Cache { room, used: 0, clock: 0, entries: HashMap::new(), by_use: BTreeMap::new() };
        Self { cache: Mutex::new(cache) }
    }

    /// Reads all of them, in order. Blocks on the disk. The fault names the file and what to do.
    pub fn load(&self, files: &[String]) -> Result<Vec<Arc<Clip>>, String> {
        files.iter().map(|name| self.one(Path::new(name))).collect()
    }

    fn one(&self, path: &Path) -> Result<Arc<Clip>, String> {
        let told = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
        let facts = std::fs::metadata(path).map_err(|why| told(&why))?;
        if !facts.is_file() || facts.len() > LONGEST {
            return Err(told(&"not a file of at most 30 MiB; cut the prompt into shorter ones"));
        }
        let version = (facts.modified().ok(), facts.len());
        if let Some(clip) = self.cache().find(path, version) {
            return Ok(clip);
        }
        let octets = std::fs::read(path).map_err(|why| told(&why))?;
        if let Some(kind) = other_kind(&octets) {
            return Err(told(&format!(
                "octet 0: an {kind} file; prompts are WAV: save it with 8000 samples a second, one channel"
            )));
        }
        let clip = Arc::new(Clip::from_wav(&octets).map_err(|why| told(&why))?);
        self.cache().keep(path, version, &clip);
        Ok(clip)
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, Cache> {
        // A cache is good after any panic: it is only ever an entry short.
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What else people take for a sound file.
fn other_kind(octets: &[u8]) -> Option<&'static str> {
    let kinds: [(&[u8], &str); 4] = [(b"OggS", "Ogg"), (b"ID3", "MP3"), (b"FORM", "AIFF"), (b"\xFF\xFB", "MP3")];
    kinds.into_iter().find(|(begin, _)| octets.starts_with(begin)).map(|(_, kind)| kind)
}

impl Cache {
    fn find(&mut self, path: &Path, version: Version) -> Option<Arc<Clip>> {
        let entry = self.entries.get_mut(path).filter(|entry| entry.version == version)?;
        self.clock += 1;
        self.by_use.remove(&entry.used_at);
        entry.used_at = self.clock;
        self.by_use.insert(self.clock, path.to_owned());
        Some(Arc::clone(&entry.clip))
    }

    fn keep(&mut self, path: &Path, version: Version, clip: &Arc<Clip>) {
        self.drop_entry(path);
        self.clock += 1;
        self.used += clip.alaw().len();
        let entry = Entry { clip: Arc::clone(clip), version, used_at: self.clock };
        self.entries.insert(path.to_owned(), entry);
        self.by_use.insert(self.clock, path.to_owned());
        while self.used > self.room {
            let Some((_, oldest)) = self.by_use.first_key_value() else { break };
            let oldest = oldest.clone();
            self.drop_entry(&oldest);
        }
    }

    fn drop_entry(&mut self, path: &Path) {
        if let Some(entry) = self.entries.remove(path) {
            self.by_use.remove(&entry.used_at);
            self.used -= entry.clip.alaw().len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, name: &str, samples: usize) -> String {
        let path = folder.join(name);
        std::fs::write(&path, media::wav::pcm_file(&vec![0; samples])).unwrap();
        path.to_str().unwrap().into()
    }

    #[test]
    fn a_clip_is_shared_until_its_file_changes() {
        let folder = tempfile::tempdir().unwrap();
        let (clips, file) = (Clips::new(1000), write(folder.path(), "a.wav", 80));
        let load = || clips.load(std::slice::from_ref(&file)).unwrap().remove(0);
        let (first, again) = (load(), load());
        assert!(Arc::ptr_eq(&first, &again));
        write(folder.path(), "a.wav", 160);
        assert_eq!(load().alaw().len(), 160);
    }

    #[test]
    fn a_prompt_that_is_no_wav_is_named_with_its_kind_and_the_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("welcome.wav");
        std::fs::write(&path, b"OggS\0\x02").unwrap();
        let told = Clips::new(1000).load(&[path.display().to_string()]).unwrap_err();
        assert_eq!(
            told.strip_prefix(&path.display().to_string()),
            Some(": octet 0: an Ogg file; prompts are WAV: save it with 8000 samples a second, one channel")
        );
    }

    #[test]
    fn the_least_used_clips_go_when_the_room_is_full() {
        let folder = tempfile::tempdir().unwrap();
        let clips = Clips::new(1000);
        let files: Vec<String> = (0..4).map(|at| write(folder.path(), &format!("{at}.wav"), 400)).collect();
        let first = clips.load(&files[..2]).unwrap().remove(0);
        clips.load(&files[..1]).unwrap();
        clips.load(&files[2..3]).unwrap();
        let cache = clips.cache();
        assert!(cache.used <= 1000 && cache.entries.len() == 2);
        assert!(!cache.entries.contains_key(Path::new(&files[1])), "the one not used since");
        drop(cache);
        assert!(Arc::ptr_eq(&first, &clips.load(&files[..1]).unwrap()[0]));
    }

    #[test]
    fn a_clip_larger_than_all_room_is_played_and_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (clips, file) = (Clips::new(100), write(folder.path(), "a.wav", 400));
        assert_eq!(clips.load(&[file]).unwrap()[0].alaw().len(), 400);
        assert_eq!(clips.cache().used, 0);
    }

    #[test]
    fn a_fault_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let clips = Clips::new(100);
        std::fs::write(folder.path().join("text.wav"), "hello").unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
        assert!(clips.load(&[path("none.wav")]).unwrap_err().contains("none.wav: No such file"));
        assert!(clips.load(&[path("text.wav")]).unwrap_err().contains("text.wav: not a WAV file"));
        assert!(clips.load(&[path("")]).unwrap_err().contains("not a file"));
    }
}
