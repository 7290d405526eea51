//! Fixed phrases rendered before the first caller needs them.

use crate::apps::Apps;
use speech_io::{Lang, Speaker};
use std::collections::BTreeSet;

/// The beginning of the names of templates that hold an application's words: `_words.zh.j2`, `_words.en.j2`.
const WORDS: &str = "_words.";

/// Renders the fixed phrases of all applications, one after the other, so that a caller who comes meanwhile waits for one at
/// most. Without a voice it says so once and ends.
pub async fn run(apps: Apps, speaker: Speaker) {
    if let Err(why) = speaker.check().await {
        tracing::error!("{why}; until then callers hear recorded prompts only");
        return;
    }
    let listing = tokio::task::spawn_blocking(move || phrases(&apps)).await;
    let (mut rendered, mut failed) = (0, 0);
    for (lang, text) in listing.unwrap_or_default() {
        match speaker.speak(&text, lang, None).await {
            Ok(files) => rendered += files.len(),
            Err(_) => failed += 1,
        }
    }
    tracing::info!(rendered, failed, "fixed phrases are ready");
}

/// The fixed texts of all applications.
fn phrases(apps: &Apps) -> BTreeSet<(Lang, String)> {
    let mut texts = BTreeSet::new();
    for (app, name) in apps.templates(WORDS) {
        let tag = name.trim_start_matches(WORDS).trim_end_matches(".j2");
        let (Some(lang), Ok(Some(template))) = (Lang::from_tag(tag), apps.template(&app, &name)) else { continue };
        texts.extend(fixed(&template).into_iter().map(|text| (lang, text)));
    }
    texts
}

/// The runs of text between tags and expressions, as the interpreter will see them.
fn fixed(template: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut rest = template;
    while !rest.is_empty() {
        let open = rest.find(['{', '<']).unwrap_or(rest.len());
        let (text, tag) = rest.split_at(open);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        // A text with an entity in it is left to the moment when it is spoken.
        if !text.is_empty() && !text.contains('&') {
            texts.push(text);
        }
        let close = match tag.get(..2) {
            Some("{{") => "}}",
            Some("{%") => "%}",
            Some("{#") => "#}",
            Some(_) if tag.starts_with('<') => ">",
            _ => "",
        };
        let end = tag.find(close).map_or(tag.len(), |at| at + close.len());
        // A brace alone opens nothing.
        rest = &tag[end.max(usize::from(!tag.is_empty()))..];
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_texts_stand_between_tags_and_expressions() {
        let template = "{# note #}\n{% macro fund(f) %}\n<s>{{ f.name }}基金。</s>\n单位净值<say-as interpret-as=\"number\">{{ f.nav }}</say-as>元\n{% endmacro %} a  b { c & d";
        assert_eq!(fixed(template), ["基金。", "单位净值", "元", "a b"]);
        assert_eq!(fixed("open <tag"), ["open"]);
        assert_eq!(fixed("{{ never closed"), Vec::<String>::new());
    }

    #[test]
    fn the_hotline_has_phrases_in_both_languages() {
        let all = phrases(&Apps::new("/nowhere"));
        assert!(all.contains(&(Lang::Zh, "单位净值".into())));
        assert!(all.contains(&(Lang::En, "The net asset value is".into())));
        assert!(all.len() > 60, "{}", all.len());
    }
}
