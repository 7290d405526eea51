//! Every dependency in a manifest has a line above it that says why.

use crate::fault::{Fault, Rule};
use crate::files::File;

pub(crate) fn check(files: &[File]) -> Vec<Fault> {
    files.iter().filter(|file| file.name() == "Cargo.toml").flat_map(in_manifest).collect()
}

fn in_manifest(file: &File) -> Vec<Fault> {
    let mut faults = Vec::new();
    let (mut listing, mut open) = (false, 0);
    let mut above = "";
    for (at, line) in file.text.lines().enumerate() {
        let bare = line.trim();
        // Inside a list of features over several lines there is nothing to justify.
        let begins = open == 0 && !bare.is_empty() && !bare.starts_with('#');
        if begins && bare.starts_with('[') {
            let table = bare.trim_matches(['[', ']']);
            listing = table.ends_with("dependencies");
            // `[dependencies.name]` is one dependency with a table of its own.
            if let Some((_, name)) = table.split_once("dependencies.") {
                faults.extend(unless_justified(file, at, name, above));
            }
        } else if begins && listing && !bare.contains("path =") {
            let name = bare.split(['=', '.', ' ']).next().unwrap_or(bare);
            faults.extend(unless_justified(file, at, name, above));
        }
        if !bare.starts_with('#') {
            open += bare.matches(['[', '{']).count() as isize - bare.matches([']', '}']).count() as isize;
        }
        above = bare;
    }
    faults
}

fn unless_justified(file: &File, at: usize, name: &str, above: &str) -> Option<Fault> {
    let said = above.strip_prefix('#').is_some_and(|why| !why.trim().is_empty());
    (!said).then(|| Fault {
        rule: Rule::Justification,
        file: file.path.clone(),
        line: at + 1,
        what: format!("nothing says why `{name}` is needed"),
        remedy: "write one comment line directly above it that does, or remove it",
    })
}
