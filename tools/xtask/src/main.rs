//! `xtask tidy`: checks the tree and tells what is wrong.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["tidy"] => tidy(Path::new(".")),
        ["tidy", root] => tidy(Path::new(root)),
        _ => {
            eprintln!("usage: xtask tidy [FOLDER]");
            ExitCode::from(2)
        }
    }
}

fn tidy(root: &Path) -> ExitCode {
    match xtask::tidy(root) {
        Ok(faults) if faults.is_empty() => ExitCode::SUCCESS,
        Ok(faults) => {
            faults.iter().for_each(|fault| eprintln!("{fault}"));
            eprintln!("tidy: {} to put right", faults.len());
            ExitCode::FAILURE
        }
        Err(broken) => {
            eprintln!("tidy: {broken}");
            ExitCode::FAILURE
        }
    }
}
