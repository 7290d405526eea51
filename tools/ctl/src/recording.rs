//! Recordings against their chains of hashes, and the chains against the store.

use crate::exit::Exit;
use crate::words::Language;
use base::RecordingId;
use records_io::{BadSecond, Ending, Reader, VerifyError, all_recordings};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A file that was written so lately may belong to a call that is still up.
const GROWING: Duration = Duration::from_secs(10);

/// What became of one recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Checked {
    file: PathBuf,
    verdict: Verdict,
    /// Milliseconds that are proven.
    proven_ms: u64,
    /// How many of them were lost, and are silent.
    lost_ms: u64,
    /// The first second that does not fit, from 0.
    first_bad_second: Option<u64>,
    /// What is wrong.
    fault: Option<String>,
    /// The last hash.
    head: Option<String>,
    #[serde(skip)]
    why: Option<BadSecond>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    /// Every octet is as it was written.
    Good,
    /// So is this one, but a power cut ended it.
    Cut,
    /// Its call is still up.
    Growing,
    /// It is not what was written.
    Bad,
    /// File and chain agree, but not with the store: both were rewritten.
    Replaced,
    /// It cannot be read, or is no recording.
    Unreadable,
}

/// Checks all that is named. A name that is neither file nor id of a recording comes back.
pub(crate) fn verify(root: &Path, names: &[String]) -> Result<Vec<Checked>, String> {
    let folder = root.join("var/lib/fundline/recordings");
    let store = Reader::open(&root.join("var/lib/fundline/fundline.db")).ok();
    let mut files = Vec::new();
    for name in names {
        if name == "all" {
            files.extend(all_recordings(&folder));
        } else if Path::new(name).is_file() {
            files.push(PathBuf::from(name));
        } else {
            files.push(by_id(&folder, store.as_ref(), name).ok_or_else(|| name.clone())?);
        }
    }
    Ok(files.into_iter().map(|file| check(file, store.as_ref())).collect())
}

fn by_id(folder: &Path, store: Option<&Reader>, name: &str) -> Option<PathBuf> {
    let id: RecordingId = Some(name).filter(|name| name.len() == 32)?.parse().ok()?;
    let row = store.and_then(|store| store.recording(&id.to_string()).ok().flatten());
    let kept = row.map(|row| folder.join(row.path)).filter(|path| path.is_file());
    let is_it = |path: &PathBuf| path.file_stem().is_some_and(|stem| *stem == *id.to_string());
    kept.or_else(|| all_recordings(folder).into_iter().find(is_it))
}

/// The last hash that the store has of this file's recording.
fn stored_head(file: &Path, store: Option<&Reader>) -> Option<String> {
    let id = file.file_stem()?.to_str()?;
    store?.recording(id).ok().flatten().map(|row| row.head)
}

fn check(file: PathBuf, store: Option<&Reader>) -> Checked {
    let mut checked = Checked {
        verdict: Verdict::Unreadable,
        proven_ms: 0,
        lost_ms: 0,
        first_bad_second: None,
        fault: None,
        head: None,
        why: None,
        file,
    };
    let known = stored_head(&checked.file, store);
    match records_io::verify(&checked.file) {
        Ok(good) => {
            checked.verdict = match (good.ending, known) {
                (_, Some(head)) if head != good.head => Verdict::Replaced,
                (Ending::Whole, _) => Verdict::Good,
                (Ending::Cut, _) => Verdict::Cut,
            };
            (checked.proven_ms, checked.lost_ms) = (good.frames / 8, good.lost_frames / 8);
            checked.head = Some(good.head);
        }
        Err(VerifyError::FirstBadSecond { second, why }) => {
            let grows = why == BadSecond::ChainMissing || why == BadSecond::HeaderChanged;
            let is_new = |file: &Path| {
                let age = file.metadata().ok()?.modified().ok()?.elapsed().ok()?;
                Some(age < GROWING)
            };
            let is_growing = grows && known.is_none() && is_new(&checked.file) == Some(true);
            checked.verdict = if is_growing { Verdict::Growing } else { Verdict::Bad };
            checked.proven_ms = second * 1000;
            if !is_growing {
                (checked.first_bad_second, checked.why) = (Some(second), Some(why));
                checked.fault = Some(why.to_string());
            }
        }
        Err(other) => checked.fault = Some(other.to_string()),
    }
    checked
}

/// By the worst of them.
pub(crate) fn exit(checked: &[Checked]) -> Exit {
    let any = |verdicts: &[Verdict]| checked.iter().any(|one| verdicts.contains(&one.verdict));
    if any(&[Verdict::Bad, Verdict::Replaced]) {
        Exit::Fault
    } else if any(&[Verdict::Unreadable]) {
        Exit::NoInput
    } else if any(&[Verdict::Cut]) || checked.iter().any(|one| one.lost_ms > 0) {
        Exit::Warning
    } else {
        Exit::Good
    }
}

const fn why(bad: BadSecond, language: Language) -> &'static str {
    match bad {
        BadSecond::Changed => language.choose("声音被改动", "the audio was changed"),
        BadSecond::AudioMissing => language.choose("缺少声音", "audio is missing"),
        BadSecond::ChainMissing => language.choose("校验链到此为止", "the chain ends here"),
        BadSecond::AudioAdded => language.choose("多出声音", "audio was added"),
        BadSecond::HeaderChanged => language.choose("文件头被改动", "the header was changed"),
        BadSecond::ChainDamaged => language.choose("校验链损坏", "the chain's line is damaged"),
    }
}

/// One line a recording, and a sum.
pub(crate) fn text(checked: &[Checked], language: Language) -> String {
    let seconds = |ms: u64| format!("{}.{:03}", ms / 1000, ms % 1000);
    let line = |one: &Checked| {
        let lost = match one.lost_ms {
            0 => String::new(),
            lost => language.choose("，其中丢失 ", ", of which lost: ").to_owned() + &seconds(lost) + " s",
        };
        let proven = seconds(one.proven_ms);
        let said = match one.verdict {
            Verdict::Good => format!("{} {proven} s{lost}", language.choose("完好", "good")),
            Verdict::Cut => {
                format!(
                    "{} {proven} s{lost}",
                    language.choose("完好，因断电或崩溃中止", "good, ended by a power cut or crash,")
                )
            }
            Verdict::Growing => language.choose("通话仍在进行", "its call is still up").to_owned(),
            Verdict::Bad => {
                let second = one.first_bad_second.unwrap_or(0);
                let why = one.why.map_or("", |bad| why(bad, language));
                match language {
                    Language::Chinese => format!("不符！自第 {second} 秒起：{why}；之前的完好"),
                    Language::English => format!("BAD from second {second} on: {why}; what is before is good"),
                }
            }
            Verdict::Replaced => language
                .choose(
                    "不符！文件与校验链一致，但与设备数据库不同：两者都被替换",
                    "BAD: file and chain agree, but not with the store: both were replaced",
                )
                .to_owned(),
            Verdict::Unreadable => one.fault.clone().unwrap_or_default(),
        };
        format!("{}  {said}", one.file.display())
    };
    let bad = checked.iter().filter(|one| matches!(one.verdict, Verdict::Bad | Verdict::Replaced)).count();
    let sum = match language {
        Language::Chinese => format!("共 {} 个录音，{bad} 个不符", checked.len()),
        Language::English => format!("{} recordings, {bad} bad", checked.len()),
    };
    checked.iter().map(line).chain([sum]).collect::<Vec<_>>().join("\n")
}

/// A name that leads nowhere.
pub(crate) fn unknown(name: &str, root: &Path, language: Language) -> String {
    let folder = root.join("var/lib/fundline/recordings");
    let folder = folder.display();
    match language {
        Language::Chinese => {
            format!("\"{name}\" 既不是文件，也不是 {folder} 下录音的编号（32 位十六进制）；可用 --root 指明根目录")
        }
        Language::English => {
            format!(
                "\"{name}\" is no file, and no recording below {folder} has this id of 32 hexadecimal digits; --root names another box"
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::WallTime;
    use records_io::{Format, RecordingItem, RecordingReport, RecordingWriter, Store};
    use std::sync::mpsc::channel;

    const NOW: WallTime = WallTime(1_795_514_400_000);

    /// A box's root with one recording of two and a half seconds, known to the store.
    fn root(format: Format) -> (tempfile::TempDir, PathBuf, String) {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("var/lib/fundline/recordings");
        let (told, reports) = channel();
        let (mut sink, writer) =
            RecordingWriter::start_with(folder.clone(), format, 1000, move |report| drop(told.send(report))).unwrap();
        let id = RecordingId(0xB0_0000_0007);
        for number in 0..250 {
            sink.push(RecordingItem::Block { id, number, received: [number as u8; 80], sent: [7; 80] });
        }
        sink.push(RecordingItem::End { id });
        drop(writer);
        let RecordingReport::Closed(closed) = reports.recv().unwrap() else { panic!("it is whole") };
        let path = folder.join(&closed.path);
        let store = Store::open(&root.path().join("var/lib/fundline/fundline.db"), NOW).unwrap();
        store.submit(vec![closed.into()], |result| result.unwrap());
        drop(store);
        (root, path, id.to_string())
    }

    #[test]
    fn a_changed_octet_is_found_by_file_by_id_and_among_all() {
        for format in Format::ALL {
            let (root, path, id) = root(format);
            let named = [path.display().to_string(), id, "all".to_owned()];
            let checked = verify(root.path(), &named).unwrap();
            assert!(checked.iter().all(|one| one.verdict == Verdict::Good && one.proven_ms == 2500), "{checked:?}");
            assert_eq!((checked.len(), exit(&checked)), (3, Exit::Good));

            let mut octets = std::fs::read(&path).unwrap();
            let at = octets.len() * 6 / 10;
            octets[at] ^= 1;
            std::fs::write(&path, octets).unwrap();
            let checked = verify(root.path(), &named).unwrap();
            let seconds: Vec<_> = checked.iter().map(|one| one.first_bad_second).collect();
            // An Opus file is a page a flush: the writer was faster than a second here.
            let expected = if format == Format::Wav { Some(1) } else { seconds[0] };
            assert_eq!((seconds, exit(&checked)), (vec![expected; 3], Exit::Fault));
            assert!(expected.is_some());
            assert!(text(&checked, Language::English).contains("BAD from second"));
            assert!(text(&checked, Language::Chinese).ends_with("共 3 个录音，3 个不符"));
        }
    }

    #[test]
    fn a_copy_is_proven_without_a_box_and_a_forged_chain_only_beside_the_store() {
        let (root, path, id) = root(Format::Wav);
        let away = tempfile::tempdir().unwrap();
        let copy = away.path().join(path.file_name().unwrap());
        std::fs::copy(&path, &copy).unwrap();
        std::fs::copy(path.with_extension("chain"), copy.with_extension("chain")).unwrap();
        let named = [copy.display().to_string()];
        assert_eq!(verify(away.path(), &named).unwrap()[0].verdict, Verdict::Good);
        // Another recording's head in the store stands for both files made anew.
        let db = root.path().join("var/lib/fundline/fundline.db");
        let forged = records_io::Write::RecordingClosed {
            id: id.parse().unwrap(),
            path: path.strip_prefix(root.path().join("var/lib/fundline/recordings")).unwrap().display().to_string(),
            started: NOW,
            frames: 20_000,
            lost_frames: 0,
            head: "0".repeat(64),
        };
        let store = Store::open(&db, NOW).unwrap();
        store.submit(vec![forged], |result| result.unwrap());
        drop(store);
        let checked = verify(root.path(), &[id]).unwrap();
        assert_eq!((checked[0].verdict, exit(&checked)), (Verdict::Replaced, Exit::Fault));
    }

    #[test]
    fn what_is_no_recording_is_told_with_a_remedy() {
        let away = tempfile::tempdir().unwrap();
        let stranger = away.path().join("music.wav");
        std::fs::write(&stranger, "RIFF").unwrap();
        let checked = verify(away.path(), &[stranger.display().to_string()]).unwrap();
        assert_eq!(exit(&checked), Exit::NoInput);
        assert!(text(&checked, Language::English).contains("give the file the name it had"));
        assert_eq!(verify(away.path(), &["music".into()]), Err("music".into()));
    }
}
