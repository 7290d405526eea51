//! Where an application's files are: in the box's folder of applications, else inside the program.

use rust_embed::RustEmbed;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// Octets of a template or recording.
const MOST_OCTETS: u64 = 32 << 20;
/// The ending of a page's template.
const PAGE: &str = ".vxml.j2";
/// Endings of files that are given as they are, and their media types.
const ASSETS: [(&str, &str); 3] =
    [(".wav", "audio/x-wav"), (".grxml", "application/srgs+xml"), (".js", "application/javascript")];

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../apps"]
struct BuiltIn;

/// The applications of a box.
#[derive(Clone, Debug)]
pub struct Apps {
    folder: PathBuf,
}

impl Apps {
    /// The built-in applications, and those in `folder`. A folder with a built-in application's name replaces it file by
    /// file: what it does not hold is taken from the program.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// A file of an application, by its whole name.
    pub(crate) fn read(&self, app: &str, name: &str) -> Option<Cow<'static, [u8]>> {
        if !is_plain(app) || !is_plain(name) {
            return None;
        }
        let place = self.folder.join(app).join(name);
        if place.metadata().is_ok_and(|facts| facts.is_file() && facts.len() <= MOST_OCTETS) {
            match fs::read(&place) {
                Ok(octets) => return Some(octets.into()),
                Err(error) => tracing::warn!(file = %place.display(), %error, "not readable, the built-in one is used"),
            }
        }
        BuiltIn::get(&format!("{app}/{name}")).map(|file| file.data)
    }

    /// A template's text.
    pub(crate) fn template(&self, app: &str, name: &str) -> Result<Option<String>, std::string::FromUtf8Error> {
        self.read(app, name).map(|octets| String::from_utf8(octets.into_owned())).transpose()
    }

    /// The template's name of a page.
    pub(crate) fn page_file(page: &str) -> String {
        format!("{page}{PAGE}")
    }

    /// Whether there is such a page. Templates that begin with `_` are parts of others and no pages.
    pub(crate) fn has_page(&self, app: &str, page: &str) -> bool {
        !page.starts_with('_') && self.read(app, &Self::page_file(page)).is_some()
    }

    /// A recording, grammar or script, with its media type.
    pub(crate) fn asset(&self, app: &str, name: &str) -> Option<(&'static str, Cow<'static, [u8]>)> {
        let (_, kind) = ASSETS.iter().find(|(ending, _)| name.ends_with(ending))?;
        Some((kind, self.read(app, name)?))
    }

    /// All templates that begin with `beginning`: application and file name.
    pub(crate) fn templates(&self, beginning: &str) -> BTreeSet<(String, String)> {
        let built_in = BuiltIn::iter().map(|path| path.into_owned());
        let folders = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let own = folders.flat_map(|app| {
            let files = fs::read_dir(app.path()).into_iter().flatten().flatten();
            let path = move |file: fs::DirEntry| {
                format!("{}/{}", app.file_name().to_string_lossy(), file.file_name().to_string_lossy())
            };
            files.map(path).collect::<Vec<_>>()
        });
        let named = built_in.chain(own).filter_map(|path| {
            let (app, name) = path.split_once('/')?;
            (name.starts_with(beginning) && name.ends_with(".j2")).then(|| (app.to_owned(), name.to_owned()))
        });
        named.collect()
    }
}

/// A name that cannot lead out of its folder.
fn is_plain(name: &str) -> bool {
    (1..=100).contains(&name.len())
        && !name.starts_with('.')
        && name.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"._-".contains(&octet))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_replaces_a_built_in_application_file_by_file() {
        let folder = tempfile::tempdir().unwrap();
        let apps = Apps::new(folder.path());
        let built_in = apps.template("hotline", "start.vxml.j2").unwrap().unwrap();
        fs::create_dir(folder.path().join("hotline")).unwrap();
        fs::write(folder.path().join("hotline/start.vxml.j2"), "mine").unwrap();
        assert_eq!(apps.template("hotline", "start.vxml.j2").unwrap().as_deref(), Some("mine"));
        assert_ne!(built_in, "mine");
        assert!(apps.has_page("hotline", "menu"));
    }

    #[test]
    fn no_name_leads_out_of_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("apps/one")).unwrap();
        fs::write(folder.path().join("secret.wav"), "x").unwrap();
        let apps = Apps::new(folder.path().join("apps"));
        for (app, name) in
            [("..", "secret.wav"), ("one", "../../secret.wav"), ("one", ".."), ("", "secret.wav"), ("one", "")]
        {
            assert!(apps.read(app, name).is_none(), "{app}/{name}");
        }
        assert!(!apps.has_page("hotline", "_words.zh"));
    }
}
