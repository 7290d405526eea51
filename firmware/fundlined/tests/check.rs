//! `fundlined --check` as a technician runs it.

use std::process::{Command, Output};

fn check(text: Option<&str>) -> Output {
    let root = tempfile::tempdir().expect("a folder");
    let folder = root.path().join("etc/fundline");
    std::fs::create_dir_all(&folder).expect("a folder below it");
    if let Some(text) = text {
        std::fs::write(folder.join("fundline.toml"), text).expect("a file in it");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_fundlined"));
    command.args(["--check", "--root"]).arg(root.path()).output().expect("fundlined was built")
}

#[test]
fn a_good_file_is_said_to_be_good() {
    let output = check(Some(include_str!("../../../docs/fundline.example.toml")));
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8(output.stdout).unwrap().ends_with("fundline.toml: good\n"));
}

#[test]
fn every_fault_is_told_with_its_line_and_the_status_is_2() {
    let text = "[box]\nname = \"x\"\n\n[[route]]\ncalled = \"12y\"\napp = \"hotline\"\n";
    let output = check(Some(text));
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 2, "{told}");
    assert!(lines[0].contains("fundline.toml:5:10: `y` has no place in a number pattern"), "{told}");
    assert!(lines[1].contains("fundline.toml:6:7: no app is called \"hotline\""), "{told}");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let output = check(None);
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("etc/fundline/fundline.toml:1: cannot be read (No such file"), "{told}");
    assert!(told.contains("docs/fundline.example.toml"), "{told}");
}
