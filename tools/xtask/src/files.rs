//! The tree's files.

use crate::fault::Broken;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A text file of the tree.
pub(crate) struct File {
    /// Relative to the workspace.
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

impl File {
    pub(crate) fn extension(&self) -> &str {
        self.path.extension().and_then(|extension| extension.to_str()).unwrap_or("")
    }

    pub(crate) fn name(&self) -> &str {
        self.path.file_name().and_then(|name| name.to_str()).unwrap_or("")
    }
}

/// Folders that hold what was built or fetched, where git does not say so.
const NOT_OURS: [&str; 5] = [".git", "target", "node_modules", "dist", "run"];

/// Every text file that git tracks or would track; without git, every one in the folder.
pub(crate) fn listed(root: &Path) -> Result<Vec<File>, Broken> {
    let mut paths = if root.join(".git").exists() { from_git(root)? } else { from_folder(root)? };
    paths.sort();
    paths.dedup();
    let mut files = Vec::new();
    for path in paths {
        let full = root.join(&path);
        // Tracked, but deleted in the work tree; or a link to a folder.
        if !full.is_file() {
            continue;
        }
        let octets = std::fs::read(&full).map_err(|why| Broken::Unreadable { path: full, why })?;
        // What is no text has no lines to judge.
        if let Ok(text) = String::from_utf8(octets) {
            files.push(File { path, text });
        }
    }
    Ok(files)
}

fn from_git(root: &Path) -> Result<Vec<PathBuf>, Broken> {
    const PROGRAM: &str = "git ls-files";
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .map_err(|why| Broken::Program { program: PROGRAM, why })?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(Broken::Failed { program: PROGRAM, why });
    }
    let names = output.stdout.split(|octet| *octet == 0).filter(|name| !name.is_empty());
    Ok(names.map(|name| PathBuf::from(String::from_utf8_lossy(name).into_owned())).collect())
}

fn from_folder(root: &Path) -> Result<Vec<PathBuf>, Broken> {
    let mut folders = vec![PathBuf::new()];
    let mut paths = Vec::new();
    while let Some(folder) = folders.pop() {
        let full = root.join(&folder);
        let unreadable = |why| Broken::Unreadable { path: full.clone(), why };
        for entry in std::fs::read_dir(&full).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let path = folder.join(entry.file_name());
            if !entry.file_type().map_err(unreadable)?.is_dir() {
                paths.push(path);
            } else if !NOT_OURS.iter().any(|name| entry.file_name() == *name) {
                folders.push(path);
            }
        }
    }
    Ok(paths)
}
