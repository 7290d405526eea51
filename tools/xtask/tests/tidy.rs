//! Small trees that break one rule each, and this tree, which breaks none.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use xtask::{Fault, Rule};

/// Lays a tree of crates and files down in the test's own folder.
struct Tree {
    root: PathBuf,
}

impl Tree {
    fn new(name: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tidy").join(name);
        if root.exists() {
            fs::remove_dir_all(&root).unwrap();
        }
        let tree = Self { root };
        // Cargo wants a workspace to have a member.
        tree.file("Cargo.toml", "[workspace]\nresolver = \"2\"\nmembers = [\"crates/*\"]\n").krate("plain", 0, "")
    }

    fn file(self, path: &str, text: &str) -> Self {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// A crate on a floor; `more` follows its first five lines.
    fn krate(self, name: &str, floor: u64, more: &str) -> Self {
        let manifest =
            format!("[package]\nname = \"{name}\"\nversion = \"0.0.0\"\n[package.metadata]\nfloor = {floor}\n{more}");
        self.file(&format!("crates/{name}/Cargo.toml"), &manifest).source(name, "#![no_std]\n")
    }

    fn source(self, name: &str, text: &str) -> Self {
        self.file(&format!("crates/{name}/src/lib.rs"), text)
    }

    fn faults(&self) -> Vec<Fault> {
        xtask::tidy(&self.root).unwrap()
    }

    /// Expects exactly these faults: rule, file and line.
    #[track_caller]
    fn check(&self, expected: &[(Rule, &str, usize)]) {
        let faults = self.faults();
        let found: Vec<_> = faults.iter().map(|fault| (fault.rule, fault.file.to_str().unwrap(), fault.line)).collect();
        assert_eq!(found, expected, "{faults:#?}");
    }
}

fn needs(section: &str, name: &str) -> String {
    format!("[{section}]\n# a reason\n{name} = {{ path = \"../{name}\" }}\n")
}

#[test]
fn this_tree_is_tidy() {
    let faults = xtask::tidy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap();
    let told: Vec<String> = faults.iter().map(Fault::to_string).collect();
    assert!(told.is_empty(), "\n{}\n", told.join("\n"));
}

#[test]
fn a_crate_may_need_its_own_floor_and_lower_ones() {
    Tree::new("level")
        .krate("base", 0, "")
        .krate("ports", 1, &needs("dependencies", "base"))
        .krate("line-framing", 1, &needs("dependencies", "ports"))
        .check(&[]);
}

#[test]
fn an_upward_arrow_is_told_with_its_line() {
    let tree = Tree::new("upward").krate("base", 0, &needs("dependencies", "ports")).krate("ports", 1, "");
    tree.check(&[(Rule::Floor, "crates/base/Cargo.toml", 8)]);
    let told = tree.faults()[0].to_string();
    assert!(told.starts_with("crates/base/Cargo.toml:8: base (floor 0) needs ports (floor 1)"), "{told}");
    Tree::new("upward-build").krate("base", 0, &needs("build-dependencies", "ports")).krate("ports", 1, "").check(&[(
        Rule::Floor,
        "crates/base/Cargo.toml",
        8,
    )]);
}

#[test]
fn tests_may_look_up_but_not_in_circles() {
    let up = needs("dev-dependencies", "ports");
    Tree::new("dev-up").krate("base", 0, &up).krate("ports", 8, "").check(&[]);
    Tree::new("dev-circle").krate("base", 0, &up).krate("ports", 8, &needs("dependencies", "base")).check(&[(
        Rule::Circle,
        "crates/base/Cargo.toml",
        8,
    )]);
}

#[test]
fn a_crate_without_a_floor_is_refused() {
    Tree::new("no-floor")
        .file("crates/a/Cargo.toml", "[package]\nname = \"a\"\nversion = \"0.0.0\"\n")
        .source("a", "")
        .check(&[(Rule::Floor, "crates/a/Cargo.toml", 1)]);
    Tree::new("attic").krate("a", 9, "").check(&[(Rule::Floor, "crates/a/Cargo.toml", 5)]);
    Tree::new("top").krate("a", 8, "").check(&[]);
}

#[test]
fn a_pure_crate_that_names_a_clock_a_socket_or_a_file_is_told() {
    let impure = "//! std::fs in words.\nuse std::time::{Duration, Instant};\nfn a() {\n    std::net::TcpStream::connect(b);\n    tokio::spawn(c);\n}\n";
    let faults = [
        (Rule::Purity, "crates/call/src/lib.rs", 2),
        (Rule::Purity, "crates/call/src/lib.rs", 4),
        (Rule::Purity, "crates/call/src/lib.rs", 5),
    ];
    Tree::new("impure").krate("call", 3, "").source("call", impure).check(&faults);
    Tree::new("shell").krate("call", 4, "").source("call", impure).check(&[]);
}

#[test]
fn tests_of_a_pure_crate_may_use_files() {
    Tree::new("pure-tests")
        .krate("call", 3, "")
        .source("call", "#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n")
        .file("crates/call/src/machine_tests.rs", "use std::fs;\n")
        .file("crates/call/tests/golden.rs", "use std::fs;\n")
        .check(&[]);
}

#[test]
fn a_pure_crate_that_depends_on_a_runtime_is_told() {
    let tokio = "[dependencies]\n# a reason\ntokio = \"1\"\n";
    let fault = (Rule::Purity, "crates/call/Cargo.toml", 8);
    Tree::new("runtime").krate("call", 3, tokio).check(&[fault]);
    Tree::new("runtime-shell").krate("call", 4, tokio).check(&[]);
    Tree::new("runtime-test").krate("call", 3, &tokio.replace("[dep", "[dev-dep")).check(&[]);
}

#[test]
fn a_crate_for_the_line_card_says_no_std() {
    for name in ["base", "ports", "line-framing", "sig-r2", "dsp-tone"] {
        let file = format!("crates/{name}/src/lib.rs");
        let tree = Tree::new(&format!("std-{name}")).krate(name, 2, "").source(name, "// #![no_std]\n");
        tree.check(&[(Rule::NoStd, &file, 1)]);
        tree.source(name, "//! Header.\n#![no_std]\n").check(&[]);
    }
    Tree::new("std-call").krate("call", 3, "").source("call", "").check(&[]);
}

#[test]
fn a_file_over_800_lines_is_told() {
    Tree::new("long").file("a.rs", &"//\n".repeat(800)).file("b.txt", &"\n".repeat(900)).check(&[]);
    Tree::new("too-long").file("a.rs", &"//\n".repeat(801)).check(&[(Rule::Length, "a.rs", 801)]);
}

#[test]
fn what_is_left_for_later_is_told() {
    let note = concat!("# TO", "DO: later\n");
    Tree::new("note").file("a.sh", note).check(&[(Rule::LeftOver, "a.sh", 1)]);
    let fix = concat!("\n// FIX", "ME\n");
    Tree::new("fix").file("a.rs", fix).check(&[(Rule::LeftOver, "a.rs", 2)]);
    let code = concat!("fn a() {\n    to", "do!()\n}\n");
    Tree::new("code").file("a.rs", code).check(&[(Rule::LeftOver, "a.rs", 2)]);
    Tree::new("lint").file("a.toml", "todo = \"warn\"\n").file("a.rs", "const TODOS: u8 = 1;\n").check(&[]);
}

#[test]
fn a_path_of_one_machine_is_told() {
    for path in [concat!("/ro", "ot/a"), concat!("(/ho", "me/li/b)"), concat!("\"/ro", "ot/.cargo\"")] {
        Tree::new("machine").file("a.md", path).check(&[(Rule::MachinePath, "a.md", 1)]);
    }
    for path in ["run/root/a", "${x}/home/b", "/rootfs/a", "the folders /root/ and /home/"] {
        Tree::new("no-machine").file("a.md", path).check(&[]);
    }
}

#[test]
fn a_dependency_without_a_reason_is_told() {
    let fault = |line| (Rule::Justification, "crates/a/Cargo.toml", line);
    Tree::new("bare").krate("a", 5, "[dependencies]\ntokio = \"1\"\n").check(&[fault(7)]);
    Tree::new("empty-reason").krate("a", 5, "[dependencies]\n#\ntokio = \"1\"\n").check(&[fault(8)]);
    Tree::new("second").krate("a", 5, "[dependencies]\n# a reason\ntokio = \"1\"\nserde = \"1\"\n").check(&[fault(9)]);
    Tree::new("own-table").krate("a", 5, "[dependencies.tokio]\nversion = \"1\"\n").check(&[fault(6)]);
    Tree::new("dev").krate("a", 5, "[dev-dependencies]\ntokio = \"1\"\n").check(&[fault(7)]);
    Tree::new("lines")
        .krate(
            "a",
            5,
            "[dependencies]\n# a reason\ntokio = { version = \"1\", features = [\n  \"rt\",\n] }\n[features]\nb = []\n",
        )
        .check(&[]);
}

#[test]
fn built_and_fetched_folders_are_not_judged() {
    let note = concat!("TO", "DO");
    Tree::new("built").file("target/a.rs", note).file("ui/node_modules/b.ts", note).check(&[]);
}

#[test]
fn a_folder_that_is_no_workspace_is_a_clear_error() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tidy/nothing");
    fs::create_dir_all(&root).unwrap();
    fs::write(root.join("Cargo.toml"), "[workspace\n").unwrap();
    let told = xtask::tidy(&root).unwrap_err().to_string();
    assert!(told.starts_with("cargo metadata failed: "), "{told}");
}
