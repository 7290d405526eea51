//! Checks of the tree that a compiler does not make. `xtask tidy` prints what is wrong; `cargo test` runs the same.
//!
//! **What it does.** [`tidy`] takes a workspace's folder and tells every place where one of the house's rules is broken,
//! with file, line and remedy:
//!
//! | rule | what is refused |
//! | --- | --- |
//! | [`Rule::Floor`] | a crate without `package.metadata.floor`, a dependency on a higher floor |
//! | [`Rule::Circle`] | crates that need each other, dev-dependencies counted |
//! | [`Rule::Purity`] | a clock, socket, file, thread, process or random source named on floors 0 to 3 |
//! | [`Rule::NoStd`] | a crate for the line card's processor without `#![no_std]` |
//! | [`Rule::Length`] | a source file of more than 800 lines |
//! | [`Rule::LeftOver`] | code and notes left for later |
//! | [`Rule::MachinePath`] | paths that exist on one person's machine alone |
//! | [`Rule::Justification`] | a dependency without a line above it that says why it is there |
//!
//! **How it works.** Crates and their dependencies come from `cargo metadata`, files from git (without git, from the
//! folder). Rust sources are cut into tokens, so that comments, strings and `#[cfg(test)]` code do not count as named.
//!
//! ```no_run
//! for fault in xtask::tidy(std::path::Path::new("."))? {
//!     eprintln!("{fault}");
//! }
//! # Ok::<(), xtask::Broken>(())
//! ```
//!
//! **Left out.** Macros are not expanded: a macro of a library that reads a clock is not seen.

mod fault;
mod files;
mod floors;
mod justification;
mod purity;
mod text;
mod tokens;
mod workspace;

pub use fault::{Broken, Fault, Rule};

use std::path::Path;

/// Every fault of the workspace in `root`, by file and line.
pub fn tidy(root: &Path) -> Result<Vec<Fault>, Broken> {
    let packages = workspace::packages(root)?;
    let files = files::listed(root)?;
    let mut faults = floors::check(&packages);
    faults.extend(purity::check(&packages, &files));
    faults.extend(text::check(&files));
    faults.extend(justification::check(&files));
    faults.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    Ok(faults)
}
