//! The workspace's crates, from `cargo metadata`.

use crate::fault::Broken;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A crate of the workspace.
pub(crate) struct Package {
    pub(crate) name: String,
    /// `package.metadata.floor`.
    pub(crate) floor: Option<u64>,
    /// The folder, relative to the workspace.
    pub(crate) folder: PathBuf,
    pub(crate) manifest: String,
    pub(crate) dependencies: Vec<Dependency>,
}

impl Package {
    pub(crate) fn manifest_path(&self) -> PathBuf {
        self.folder.join("Cargo.toml")
    }

    /// The line on which the manifest names this dependency, 1 if it does not.
    pub(crate) fn line_of(&self, dependency: &str) -> usize {
        let names = |line: &str| {
            line.trim_start().strip_prefix(dependency).is_some_and(|rest| rest.trim_start().starts_with(['=', '.']))
        };
        self.manifest.lines().position(names).map_or(1, |at| at + 1)
    }
}

pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// In the program: normal and build dependencies.
    Built,
    /// In the tests only.
    Dev,
}

/// The crates of the workspace in `root`. Reads nothing from the network.
pub(crate) fn packages(root: &Path) -> Result<Vec<Package>, Broken> {
    const PROGRAM: &str = "cargo metadata";
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root)
        .output()
        .map_err(|why| Broken::Program { program: PROGRAM, why })?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(Broken::Failed { program: PROGRAM, why });
    }
    let metadata: Metadata = serde_json::from_slice(&output.stdout)?;
    metadata.packages.into_iter().map(|package| package.read(&metadata.workspace_root)).collect()
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<RawPackage>,
    workspace_root: PathBuf,
}

#[derive(Deserialize)]
struct RawPackage {
    name: String,
    manifest_path: PathBuf,
    metadata: Option<serde_json::Value>,
    dependencies: Vec<RawDependency>,
}

#[derive(Deserialize)]
struct RawDependency {
    name: String,
    kind: Option<String>,
}

impl RawPackage {
    fn read(self, root: &Path) -> Result<Package, Broken> {
        let manifest = std::fs::read_to_string(&self.manifest_path)
            .map_err(|why| Broken::Unreadable { path: self.manifest_path.clone(), why })?;
        let folder = self.manifest_path.parent().unwrap_or(Path::new(""));
        let dependencies = self.dependencies.into_iter().map(|raw| Dependency {
            name: raw.name,
            kind: if raw.kind.as_deref() == Some("dev") { Kind::Dev } else { Kind::Built },
        });
        Ok(Package {
            name: self.name,
            floor: self.metadata.as_ref().and_then(|metadata| metadata.get("floor")).and_then(|floor| floor.as_u64()),
            folder: folder.strip_prefix(root).unwrap_or(folder).to_owned(),
            manifest,
            dependencies: dependencies.collect(),
        })
    }
}
