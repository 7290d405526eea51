//! The C programs, compiled on first use.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{LazyLock, Mutex};
use std::time::SystemTime;

/// A program, its sources below `c/`, the libraries it wants.
const PROGRAMS: &[(&str, &[&str], &[&str])] = &[
    ("pri_peer", &["pri_peer.c", "pri_calls.c", "pri_events.c", "wav.c"], &["-lpri", "-lm"]),
    ("r2_peer", &["r2_peer.c", "r2_line.c"], &["-lopenr2", "-lm"]),
    ("callerid_peer", &["callerid_peer.c"], &["-lspandsp"]),
    ("mf_peer", &["mf_peer.c"], &["-lspandsp"]),
    ("plc_peer", &["plc_peer.c"], &["-lspandsp"]),
    ("bell_peer", &["bell_peer.c"], &["-lspandsp"]),
    ("faxtones_peer", &["faxtones_peer.c"], &["-lspandsp"]),
    ("dtmf_scan", &["dtmf_scan.c", "wav.c"], &["-lspandsp"]),
];

/// Tests of one process wait for each other's compiler.
static BUILDING: LazyLock<Mutex<()>> = LazyLock::new(Mutex::default);

/// Path of a compiled peer; compiles it where a source is newer.
///
/// # Panics
///
/// Where there is no such program, or it cannot be compiled: the message says what to install.
pub fn peer_program(name: &str) -> PathBuf {
    let &(_, sources, libraries) =
        PROGRAMS.iter().find(|(known, ..)| *known == name).unwrap_or_else(|| panic!("no peer is called {name}"));
    compiled(&Path::new(env!("CARGO_MANIFEST_DIR")).join("c"), name, sources, libraries)
}

/// Path of a C program made of these sources in `folder`, compiled where one of them, or a header, is newer.
///
/// # Panics
///
/// Where it cannot be compiled: the message says what to install.
pub fn compiled(folder: &Path, name: &str, sources: &[&str], libraries: &[&str]) -> PathBuf {
    let out_folder = target_folder().join("interop-peers");
    let out = out_folder.join(name);
    let _one_at_a_time = BUILDING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let built = modified(&out);
    let newest = sources.iter().map(|source| folder.join(source)).chain(headers(folder));
    let newest = newest.filter_map(|source| modified(&source)).max();
    if built.is_some() && built >= newest {
        return out;
    }
    std::fs::create_dir_all(&out_folder).unwrap_or_else(|error| panic!("{}: {error}", out_folder.display()));
    // Another test's process may run the program meanwhile, or compile it too: it changes by renaming only.
    let draft = out_folder.join(format!("{name}.{}", std::process::id()));
    let compiler = Command::new("cc")
        .args(["-O2", "-Wall", "-Wextra", "-Werror", "-o"])
        .arg(&draft)
        .args(sources.iter().map(|source| folder.join(source)))
        .args(libraries)
        .output();
    let compiled = compiler.unwrap_or_else(|error| panic!("cc: {error}; run scripts/setup-debian.sh test"));
    assert!(
        compiled.status.success(),
        "the peer {name} does not compile; run scripts/setup-debian.sh test, it installs what is missing\n{}",
        String::from_utf8_lossy(&compiled.stderr)
    );
    std::fs::rename(&draft, &out).unwrap_or_else(|error| panic!("{}: {error}", out.display()));
    out
}

fn headers(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|extension| extension == "h"))
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().ok()?.modified().ok()
}

/// The folder that cargo builds in: the test's own program lies below it.
pub fn target_folder() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    let found = own.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    found.map_or_else(std::env::temp_dir, Path::to_owned)
}
