//! Floors 0 to 3 name no clock, socket, file, thread, process or random source; what the line card needs is `no_std`.

use crate::fault::{Fault, Rule};
use crate::files::File;
use crate::tokens::{Kind, Token, tokens, without_tests};
use crate::workspace::{self, Package};
use std::path::Path;

const HIGHEST_PURE: u64 = 3;
const REMEDY: &str = "pure crates take time, chance and octets as arguments: move it to a shell on floor 4 or 5 (addresses are in core::net)";

/// Paths that a pure crate does not name. A module imported whole counts as named if something below it is here.
const IMPURE: [&[&str]; 13] = [
    &["std", "time", "Instant"],
    &["std", "time", "SystemTime"],
    &["std", "net"],
    &["std", "thread"],
    &["std", "fs"],
    &["std", "process"],
    &["std", "os"],
    &["std", "hash", "RandomState"],
    &["tokio"],
    &["rand"],
    &["getrandom"],
    &["nix"],
    &["libc"],
];

/// Words after which a path may begin with `::`; they are no part of it.
const KEYWORDS: [&str; 14] =
    ["as", "break", "dyn", "else", "for", "if", "impl", "in", "match", "mut", "return", "use", "where", "while"];

pub(crate) fn check(packages: &[Package], files: &[File]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for package in packages {
        let source = package.folder.join("src");
        let own = files.iter().filter(|file| file.extension() == "rs" && file.path.starts_with(&source));
        if package.floor.is_some_and(|floor| floor <= HIGHEST_PURE) {
            faults.extend(impure_dependencies(package));
            faults.extend(own.clone().filter(|file| !is_test_file(file)).flat_map(impure_names));
        }
        if is_for_the_line_card(&package.name) {
            faults.extend(own.filter(|file| file.path == source.join("lib.rs")).filter_map(with_std));
        }
    }
    faults
}

fn impure_dependencies(package: &Package) -> Vec<Fault> {
    let built = package.dependencies.iter().filter(|dependency| dependency.kind == workspace::Kind::Built);
    let impure = built.filter(|dependency| IMPURE.contains(&[dependency.name.as_str()].as_slice()));
    impure
        .map(|dependency| Fault {
            rule: Rule::Purity,
            file: package.manifest_path(),
            line: package.line_of(&dependency.name),
            what: format!("{} is pure and depends on `{}`", package.name, dependency.name),
            remedy: REMEDY,
        })
        .collect()
}

fn is_test_file(file: &File) -> bool {
    file.name() == "tests.rs"
        || file.name().ends_with("_tests.rs")
        || file.path.iter().any(|part| part == Path::new("tests"))
}

fn impure_names(file: &File) -> Vec<Fault> {
    let kept = without_tests(&tokens(&file.text));
    let mut faults: Vec<Fault> = Vec::new();
    for (path, line) in paths(&kept) {
        if let Some(impure) = IMPURE.into_iter().find(|impure| names(&path, impure)) {
            let what = format!("a pure crate names `{}`", impure.join("::"));
            let fault = Fault { rule: Rule::Purity, file: file.path.clone(), line, what, remedy: REMEDY };
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
    }
    faults
}

/// Whether a path leads to, below, or just above what is impure: `std::net::IpAddr`, and `std::time` or `std::time::*`
/// as a whole, but neither `std::time::Duration` nor `std`.
fn names(path: &[&str], impure: &[&str]) -> bool {
    let path = path.strip_suffix(&["*"]).or_else(|| path.strip_suffix(&["self"])).unwrap_or(path);
    path.starts_with(impure) || (path.len() > 1 && impure.starts_with(path))
}

/// Every path of the source with its line; a tree of `use` gives one for each leaf.
fn paths<'a>(tokens: &[Token<'a>]) -> Vec<(Vec<&'a str>, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let begins =
            matches!(tokens[at].kind, Kind::Name(name) if !KEYWORDS.contains(&name)) && !follows_a_dot(tokens, at);
        at = if begins { tree(tokens, at, &[], &mut found) } else { at + 1 };
    }
    found.retain(|(path, _)| path.len() > 1);
    found
}

/// A field or a method, not a path.
fn follows_a_dot(tokens: &[Token<'_>], at: usize) -> bool {
    at > 0 && tokens[at - 1].kind == Kind::Mark('.')
}

/// Reads one path or tree from `at`; gives the place behind it.
fn tree<'a>(tokens: &[Token<'a>], mut at: usize, prefix: &[&'a str], found: &mut Vec<(Vec<&'a str>, usize)>) -> usize {
    let mut path = prefix.to_vec();
    let line = tokens[at].line;
    loop {
        match tokens.get(at).map(|token| token.kind) {
            Some(Kind::Name(name)) => path.push(name),
            Some(Kind::Mark('*')) => path.push("*"),
            Some(Kind::Mark('{')) => {
                at += 1;
                while let Some(token) = tokens.get(at) {
                    match token.kind {
                        Kind::Mark('}') => return at + 1,
                        Kind::Mark(',') => at += 1,
                        Kind::Name("as") => at += 2,
                        Kind::Name(_) | Kind::Mark('*') => at = tree(tokens, at, &path, found),
                        // Not a tree of `use` after all.
                        Kind::Mark(_) => return at,
                    }
                }
                return at;
            }
            Some(Kind::Mark(_)) | None => break,
        }
        at += 1;
        if !is_separator(tokens, at) {
            break;
        }
        at += 2;
    }
    found.push((path, line));
    at
}

fn is_separator(tokens: &[Token<'_>], at: usize) -> bool {
    let colon = |at: usize| tokens.get(at).is_some_and(|token| token.kind == Kind::Mark(':'));
    colon(at) && colon(at + 1)
}

fn is_for_the_line_card(name: &str) -> bool {
    matches!(name, "base" | "ports" | "line-framing") || name.starts_with("sig-") || name.starts_with("dsp-")
}

fn with_std(file: &File) -> Option<Fault> {
    let all = tokens(&file.text);
    let declared = all.iter().any(|token| token.kind == Kind::Name("no_std"));
    (!declared).then(|| Fault {
        rule: Rule::NoStd,
        file: file.path.clone(),
        line: 1,
        what: "the line card's processor has no operating system, and this crate is for it".into(),
        remedy: "write `#![no_std]` below the header, and `extern crate std` under `#[cfg(test)]` for the tests",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, expected: &[&str]) {
        let all = without_tests(&tokens(source));
        let found = paths(&all);
        let impure = found.iter().filter(|(path, _)| IMPURE.iter().any(|impure| names(path, impure)));
        assert_eq!(impure.map(|(path, _)| path.join("::")).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_path_is_seen_however_it_is_written() {
        check("use std::time::Instant;", &["std::time::Instant"]);
        check("let a = std::time::Instant::now();", &["std::time::Instant::now"]);
        check("use std::{collections::VecDeque, time::{Duration, SystemTime}};", &["std::time::SystemTime"]);
        check("use ::std::{net, io};", &["std::net"]);
        check("use std::time;", &["std::time"]);
        check("use std::time::*;", &["std::time::*"]);
        check("use std::fs::{self, File};", &["std::fs::self", "std::fs::File"]);
        check("use std::{fs as files, thread};", &["std::fs", "std::thread"]);
        check("tokio::spawn(a)", &["tokio::spawn"]);
        check("return ::std::fs::read(a);", &["std::fs::read"]);
    }

    #[test]
    fn what_only_looks_like_one_is_left_alone() {
        check("use std::time::Duration;", &[]);
        check("use core::time::Duration; use base::Instant;", &[]);
        check("let rand = self.rand; rand + 1", &[]);
        check("// std::fs\nlet a = \"std::fs::read\";", &[]);
        check("#[cfg(test)] mod tests { use std::fs; }", &[]);
        check("use crate::std_names::fs;", &[]);
        check("match a { std::cmp::Ordering::Less => {} }", &[]);
    }
}
