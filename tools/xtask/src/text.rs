//! What is judged line by line: length, things left for later, machines' paths.

use crate::fault::{Fault, Rule};
use crate::files::File;

const LONGEST: usize = 800;
const SOURCES: [&str; 9] = ["rs", "ts", "js", "svelte", "css", "sh", "py", "c", "h"];

/// Written in two parts, so that this file does not find itself.
const MACROS: [&str; 2] = [concat!("todo", "!("), concat!("unimplemented", "!(")];
const NOTES: [&str; 2] = [concat!("TO", "DO"), concat!("FIX", "ME")];
const MACHINES: [&str; 2] = [concat!("/ro", "ot/"), concat!("/ho", "me/")];

pub(crate) fn check(files: &[File]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in files.iter().filter(|file| file.extension() != "lock" && file.name() != "package-lock.json") {
        faults.extend(too_long(file));
        for (at, line) in file.text.lines().enumerate() {
            let fault = |rule, what, remedy| Fault { rule, file: file.path.clone(), line: at + 1, what, remedy };
            if let Some(found) = left_over(file, line) {
                let remedy = "finish it, or file an issue and describe what is left out in the crate's header";
                faults.push(fault(Rule::LeftOver, format!("`{found}` is left for later"), remedy));
            }
            if let Some(found) = machine_path(line) {
                let remedy = "write a path relative to the tree, or take it from an argument";
                faults.push(fault(Rule::MachinePath, format!("`{found}` exists on one machine alone"), remedy));
            }
        }
    }
    faults
}

fn too_long(file: &File) -> Option<Fault> {
    let lines = file.text.lines().count();
    (SOURCES.contains(&file.extension()) && lines > LONGEST).then(|| Fault {
        rule: Rule::Length,
        file: file.path.clone(),
        line: LONGEST + 1,
        what: format!("{lines} lines, at most {LONGEST} stay readable"),
        remedy: "split it by subject",
    })
}

fn left_over(file: &File, line: &str) -> Option<&'static str> {
    let in_code = MACROS.into_iter().filter(|_| file.extension() == "rs").find(|name| line.contains(name));
    in_code.map(|name| name.trim_end_matches('(')).or_else(|| NOTES.into_iter().find(|note| has_word(line, note)))
}

fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let joined = |name: Option<char>| name.is_some_and(|name| name.is_alphanumeric() || name == '_');
        !joined(line[..at].chars().next_back()) && !joined(line[at + word.len()..].chars().next())
    })
}

/// A path that begins in a person's own folder. `/a/root/b` and `${x}/home/y` begin elsewhere.
fn machine_path(line: &str) -> Option<&'static str> {
    MACHINES.into_iter().find(|path| {
        line.match_indices(path).any(|(at, _)| {
            let begins =
                !line[..at].chars().next_back().is_some_and(|name| name.is_alphanumeric() || "_-.})*".contains(name));
            begins
                && line[at + path.len()..]
                    .chars()
                    .next()
                    .is_some_and(|name| name.is_alphanumeric() || "._".contains(name))
        })
    })
}
