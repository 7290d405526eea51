//! The corpus, replayed, and some thousand deterministic mutations of it for each target. What fails is kept in the target folder.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
use fuzz::mutate::{Random, mutate};
use fuzz::{TARGETS, Target};
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

/// Tests by the names of their targets.
macro_rules! replayed {
    ($($name:ident)*) => {
        $(#[test] fn $name() { replay(stringify!($name)) })*
        const REPLAYED: &[&str] = &[$(stringify!($name)),*];
    };
}

replayed!(cas config dtmf engine fsk fund_answers hdlc ipc lab_audio loopstart pseudowire q921 q921_link q931 q931_calls r2 recording script sip sip_transactions speech vxml wav wire);

#[test]
fn every_target_is_replayed_has_a_corpus_and_a_libfuzzer_program() {
    let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(names, REPLAYED);
    let manifest = std::fs::read_to_string(here().join("libfuzzer/Cargo.toml")).unwrap();
    for name in names {
        assert!(!corpus(name).is_empty(), "corpus/{name} is empty");
        let program = here().join(format!("libfuzzer/fuzz_targets/{name}.rs"));
        assert!(std::fs::read_to_string(program).unwrap().contains(&format!("run(\"{name}\"")));
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} is not in libfuzzer/Cargo.toml");
    }
}

#[track_caller]
fn replay(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let corpus = corpus(name);
    for (path, input) in &corpus {
        feed(target, input, &path.display().to_string());
    }
    let seed = name.bytes().fold(7, |seed: u64, octet| seed.wrapping_mul(31).wrapping_add(u64::from(octet)));
    for number in 0..target.mutations {
        let mut random = Random::new(seed.wrapping_add(number as u64));
        let (path, input) = &corpus[random.below(corpus.len())];
        let other = &corpus[random.below(corpus.len())].1;
        let mut input = input.clone();
        mutate(&mut input, other, &mut random);
        feed(target, &input, &format!("mutation {number} of {}", path.display()));
    }
}

#[track_caller]
fn feed(target: &Target, input: &[u8], what: &str) {
    if catch_unwind(|| (target.run)(input)).is_err() {
        let kept = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{}", target.name));
        std::fs::write(&kept, input).unwrap();
        panic!(
            "{}: {what} makes it panic, see above; the input is kept as {}. Mend the fault, then copy the input to corpus/{}",
            target.name,
            kept.display(),
            target.name
        );
    }
}

/// The files of a corpus folder, by name.
fn corpus(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let Ok(entries) = std::fs::read_dir(here().join("corpus").join(name)) else { return Vec::new() };
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.strip_prefix(here()).unwrap().to_owned(), std::fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
