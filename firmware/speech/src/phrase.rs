//! Prompts cut into phrases.

use crate::{Lang, NotSpeakable};

/// The most characters of one request to speak.
pub const MAX_CHARS: usize = 4_000;

/// The longest phrase; a longer sentence is cut at a comma or a space.
const LONGEST_PHRASE: usize = 400;

/// A piece of speech that is rendered, cached and heard as one: a sentence, or the part of it that is in one language.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Phrase {
    /// The language of the voice.
    pub lang: Lang,
    /// What is said, normalised by [`normalised`], with the mark that ends the sentence.
    pub words: String,
}

impl Phrase {
    /// Whether a sentence ends with this phrase, so that a pause follows.
    #[must_use]
    pub fn ends_sentence(&self) -> bool {
        self.words.ends_with(SENTENCE_ENDS)
    }
}

/// Marks that end a sentence.
const SENTENCE_ENDS: [char; 9] = ['.', '!', '?', ';', '。', '！', '？', '；', '…'];

/// The text with its white space made single, full-width digits and letters made ordinary, and without control characters
/// and square brackets, which would be commands to the voice program.
#[must_use]
pub fn normalised(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut space = false;
    for c in text.chars() {
        let c = match c {
            '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '％' => {
                char::from_u32(u32::from(c) - 0xFEE0).expect("full-width forms are 0xFEE0 above ASCII")
            }
            '\u{200b}'..='\u{200f}' | '\u{feff}' => continue,
            '[' | ']' => ' ',
            c if c.is_whitespace() || c.is_control() => ' ',
            c => c,
        };
        if c == ' ' {
            space = true;
            continue;
        }
        if space && !out.is_empty() {
            out.push(' ');
        }
        space = false;
        out.push(c);
    }
    out
}

/// Cuts a text at the ends of its sentences and where its language changes: Latin words in a Chinese prompt are said by
/// the English voice, and the other way round. A text without anything to say gives no phrase.
///
/// # Errors
/// [`NotSpeakable::TooLong`] with more than [`MAX_CHARS`] characters.
pub fn phrases(text: &str, lang: Lang) -> Result<Vec<Phrase>, NotSpeakable> {
    let chars = text.chars().count();
    if chars > MAX_CHARS {
        return Err(NotSpeakable::TooLong { chars, limit: MAX_CHARS });
    }
    let text: Vec<char> = normalised(text).chars().collect();
    let mut out = Vec::new();
    let mut start = 0;
    for at in 0..text.len() {
        if ends_sentence(&text, at) {
            by_language(&text[start..=at], lang, &mut out);
            start = at + 1;
        }
    }
    by_language(&text[start..], lang, &mut out);
    Ok(out)
}

/// A full stop between digits or letters (1.2345, e.g) ends nothing; of several marks in a row the last one counts.
fn ends_sentence(text: &[char], at: usize) -> bool {
    let next = text.get(at + 1);
    let cuts = SENTENCE_ENDS.contains(&text[at]) && !next.is_some_and(|n| SENTENCE_ENDS.contains(n));
    cuts && (text[at] != '.' || next.is_none_or(|n| *n == ' ' || is_han(*n)))
}

/// Cuts one sentence where the script changes.
fn by_language(sentence: &[char], lang: Lang, out: &mut Vec<Phrase>) {
    let mut start = 0;
    let mut current = lang;
    for (at, c) in sentence.iter().enumerate() {
        let script = match lang {
            _ if is_han(*c) => Some(Lang::Zh),
            _ if c.is_alphabetic() => Some(Lang::En),
            // Digits and marks stay with what stands before them in the language of the prompt.
            _ if current != lang && *c != ' ' && !matches!(c, '\'' | '-' | '&') => Some(lang),
            _ => None,
        };
        if let Some(script) = script.filter(|s| *s != current) {
            push_phrase(&sentence[start..at], current, out);
            start = at;
            current = script;
        }
    }
    push_phrase(&sentence[start..], current, out);
}

/// Adds what can be said of a piece, cut to bounded length.
fn push_phrase(piece: &[char], lang: Lang, out: &mut Vec<Phrase>) {
    let mut rest = piece;
    while !rest.is_empty() {
        let (head, tail) = rest.split_at(cut_point(rest));
        rest = tail;
        let words: String = head.iter().collect();
        let words = words.trim();
        if words.chars().any(|c| c.is_alphanumeric() || matches!(c, '%' | '#' | '*' | '+' | '=' | '&' | '@')) {
            out.push(Phrase { lang, words: as_said(words, lang) });
        } else if let (Some(last), Some(mark)) = (out.last_mut(), words.chars().find(|c| SENTENCE_ENDS.contains(c))) {
            // The mark after a word in the other language still ends the sentence.
            if !last.ends_sentence() {
                last.words.push(mark);
            }
        }
    }
}

fn cut_point(piece: &[char]) -> usize {
    if piece.len() <= LONGEST_PHRASE {
        return piece.len();
    }
    let at = piece[..LONGEST_PHRASE].iter().rposition(|c| matches!(c, ',' | '，' | '、' | '：' | ' '));
    at.map_or(LONGEST_PHRASE, |at| at + 1)
}

/// Abbreviations in capitals are spelt, as the trade says them (ETF, FOF, QDII).
fn as_said(words: &str, lang: Lang) -> String {
    if lang == Lang::Zh {
        return words.into();
    }
    let word = |word: &str| {
        let letters = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let abbreviation = (2..=5).contains(&letters.len()) && letters.chars().all(|c| c.is_ascii_uppercase());
        if !abbreviation {
            return word.to_owned();
        }
        let spelt: Vec<String> = letters.chars().map(String::from).collect();
        spelt.join(" ") + &word[letters.len()..]
    };
    words.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, lang: Lang, wanted: &[(Lang, &str)]) {
        let wanted: Vec<Phrase> = wanted.iter().map(|(lang, w)| Phrase { lang: *lang, words: (*w).into() }).collect();
        assert_eq!(phrases(text, lang), Ok(wanted), "{text}");
    }

    use Lang::{En, Zh};

    #[test]
    fn a_prompt_is_cut_at_the_ends_of_its_sentences() {
        check(
            "您好。请按1！好吗？好；再见",
            Zh,
            &[(Zh, "您好。"), (Zh, "请按1！"), (Zh, "好吗？"), (Zh, "好；"), (Zh, "再见")],
        );
        check(
            "Hello. Press 1! Ready? Yes; go",
            En,
            &[(En, "Hello."), (En, "Press 1!"), (En, "Ready?"), (En, "Yes;"), (En, "go")],
        );
        check("什么？！好。", Zh, &[(Zh, "什么？！"), (Zh, "好。")]);
    }

    #[test]
    fn a_point_inside_a_number_cuts_nothing() {
        check("净值1.2345元.", Zh, &[(Zh, "净值1.2345元.")]);
        check("The value is 1.2345. Goodbye.", En, &[(En, "The value is 1.2345."), (En, "Goodbye.")]);
        check("您好.请按一", Zh, &[(Zh, "您好."), (Zh, "请按一")]);
    }

    #[test]
    fn text_is_normalised() {
        check("  请按\n\t１ 键　。 ", Zh, &[(Zh, "请按 1 键 。")]);
        check("ＡＢＣ fund", En, &[(En, "A B C fund")]);
        check("say [[f'eIk]] this\u{7}", En, &[(En, "say f'eIk this")]);
        assert_eq!(normalised(" a\u{200b}b \r\n c "), "ab c");
    }

    #[test]
    fn words_of_the_other_language_go_to_its_voice() {
        check("沪深300ETF联接A类。", Zh, &[(Zh, "沪深300"), (En, "E T F"), (Zh, "联接"), (En, "A"), (Zh, "类。")]);
        check("Press 1 for 中文.", En, &[(En, "Press 1 for"), (Zh, "中文.")]);
        check("欢迎致电Fundline。", Zh, &[(Zh, "欢迎致电"), (En, "Fundline。")]);
    }

    #[test]
    fn what_holds_nothing_to_say_gives_no_phrase() {
        check("", Zh, &[]);
        check(" 。！ ... ", Zh, &[]);
        check("\u{0}\u{1}", En, &[]);
    }

    #[test]
    fn four_thousand_characters_are_taken_and_one_more_is_refused() {
        let most = "一".repeat(MAX_CHARS);
        let cut = phrases(&most, Zh).unwrap();
        assert_eq!(cut.iter().map(|p| p.words.chars().count()).sum::<usize>(), MAX_CHARS);
        assert!(cut.iter().all(|p| p.words.chars().count() <= LONGEST_PHRASE));
        let refused = NotSpeakable::TooLong { chars: MAX_CHARS + 1, limit: MAX_CHARS };
        assert_eq!(phrases(&(most + "一"), Zh), Err(refused));
    }

    #[test]
    fn a_sentence_of_too_many_words_is_cut_at_a_comma() {
        let text = "基金净值，".repeat(100);
        let cut = phrases(&text, Zh).unwrap();
        assert_eq!(cut.len(), 2);
        assert!(cut[0].words.ends_with('，'));
    }
}
