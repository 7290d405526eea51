//! The languages that the box speaks.

/// A language of prompts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lang {
    /// Mandarin Chinese.
    Zh,
    /// English.
    En,
}

impl Lang {
    /// The language of an `xml:lang` value (BCP 47), by its primary subtag in any case: `zh`, `zh-CN`, `cmn`, `en`, `en-US`.
    /// `None` where the box does not speak it, as with Cantonese (`yue`, `zh-yue`).
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let mut subtags = tag.trim().split(['-', '_']);
        let primary = subtags.next()?;
        let second = subtags.next().unwrap_or("");
        if primary.eq_ignore_ascii_case("cmn") {
            Some(Self::Zh)
        } else if primary.eq_ignore_ascii_case("zh") {
            let other = ["yue", "wuu", "hak", "nan", "hk"].iter().any(|o| second.eq_ignore_ascii_case(o));
            (!other).then_some(Self::Zh)
        } else if primary.eq_ignore_ascii_case("en") {
            Some(Self::En)
        } else {
            None
        }
    }

    /// The tag of the language, as in `xml:lang`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en-US",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tags_of_both_languages_are_known_and_others_are_not() {
        for tag in ["zh", "zh-CN", "ZH-cn", "zh_CN", "zh-Hans-CN", "cmn", "cmn-Hans", " zh "] {
            assert_eq!(Lang::from_tag(tag), Some(Lang::Zh), "{tag}");
        }
        for tag in ["en", "en-US", "en-GB", "EN"] {
            assert_eq!(Lang::from_tag(tag), Some(Lang::En), "{tag}");
        }
        for tag in ["", "yue", "zh-yue", "zh-HK", "fr", "english", "z", "enx-US"] {
            assert_eq!(Lang::from_tag(tag), None, "{tag}");
        }
    }

    #[test]
    fn a_language_is_found_by_its_own_tag() {
        for lang in [Lang::Zh, Lang::En] {
            assert_eq!(Lang::from_tag(lang.tag()), Some(lang));
        }
    }
}
