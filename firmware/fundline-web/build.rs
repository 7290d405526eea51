//! Chooses what is embedded: the built page where there is one, else a plain page that says so.

use std::path::Path;

fn main() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let built = here.join("ui/dist");
    // An empty folder can be watched, a missing one would rebuild this crate every time. Where the source tree is
    // read-only that is all that is lost.
    drop(std::fs::create_dir_all(&built));
    let page = if built.join("index.html").is_file() { built.clone() } else { here.join("plain") };
    println!("cargo:rustc-env=FUNDLINE_PAGE={}", page.display());
    println!("cargo:rerun-if-changed={}", built.display());
    println!("cargo:rerun-if-changed=plain");
    println!("cargo:rerun-if-changed=build.rs");
}
