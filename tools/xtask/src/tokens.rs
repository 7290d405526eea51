//! Rust source cut into the tokens that matter here: names and punctuation, without comments, literals and test code.

/// A token and its line, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind<'a>,
    pub(crate) line: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind<'a> {
    Name(&'a str),
    Mark(char),
}

/// All tokens of a source file.
pub(crate) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut cut = Cutter { source, at: 0, line: 1 };
    let mut tokens = Vec::new();
    while let Some(next) = cut.peek(0) {
        let line = cut.line;
        if next == '_' || next.is_alphabetic() {
            let name = cut.name();
            if !(is_string_prefix(name) && cut.skip_string()) {
                tokens.push(Token { kind: Kind::Name(name), line });
            }
        } else if next.is_ascii_digit() {
            cut.name();
        } else if !cut.skip_blank() && !cut.skip_string() && !cut.skip_quote() {
            cut.step();
            tokens.push(Token { kind: Kind::Mark(next), line });
        }
    }
    tokens
}

/// The tokens without the items under `#[cfg(test)]`.
pub(crate) fn without_tests<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    const TEST: [Kind<'_>; 7] = [
        Kind::Mark('#'),
        Kind::Mark('['),
        Kind::Name("cfg"),
        Kind::Mark('('),
        Kind::Name("test"),
        Kind::Mark(')'),
        Kind::Mark(']'),
    ];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let begins = tokens[at..].iter().take(TEST.len()).map(|token| token.kind).eq(TEST);
        if begins {
            at = end_of_item(tokens, at + TEST.len());
        } else {
            kept.push(tokens[at]);
            at += 1;
        }
    }
    kept
}

/// Behind the item's closing brace, or its `;` where it has none.
fn end_of_item(tokens: &[Token<'_>], from: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        match token.kind {
            Kind::Mark('{' | '(' | '[') => depth += 1,
            Kind::Mark('}' | ')' | ']') => {
                depth = depth.saturating_sub(1);
                if depth == 0 && token.kind == Kind::Mark('}') {
                    return at + 1;
                }
            }
            Kind::Mark(';') if depth == 0 => return at + 1,
            Kind::Mark(_) | Kind::Name(_) => {}
        }
    }
    tokens.len()
}

fn is_string_prefix(name: &str) -> bool {
    matches!(name, "r" | "b" | "br" | "c" | "cr")
}

struct Cutter<'a> {
    source: &'a str,
    at: usize,
    line: usize,
}

impl<'a> Cutter<'a> {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.source[self.at..].chars().nth(ahead)
    }

    fn step(&mut self) {
        if let Some(next) = self.peek(0) {
            self.at += next.len_utf8();
            self.line += usize::from(next == '\n');
        }
    }

    fn skip_while(&mut self, wanted: impl Fn(char) -> bool) {
        while self.peek(0).is_some_and(&wanted) {
            self.step();
        }
    }

    fn name(&mut self) -> &'a str {
        let from = self.at;
        self.skip_while(|next| next == '_' || next.is_alphanumeric());
        &self.source[from..self.at]
    }

    /// White space and comments; block comments nest.
    fn skip_blank(&mut self) -> bool {
        let rest = &self.source[self.at..];
        if rest.starts_with(char::is_whitespace) {
            self.skip_while(char::is_whitespace);
        } else if rest.starts_with("//") {
            self.skip_while(|next| next != '\n');
        } else if rest.starts_with("/*") {
            let mut depth = 0_usize;
            loop {
                let rest = &self.source[self.at..];
                match rest {
                    "" => break,
                    _ if rest.starts_with("/*") => depth += 1,
                    _ if rest.starts_with("*/") => depth -= 1,
                    _ => {
                        self.step();
                        continue;
                    }
                }
                self.step();
                self.step();
                if depth == 0 {
                    break;
                }
            }
        } else {
            return false;
        }
        true
    }

    /// A string, whose prefix is behind us: plain with escapes, or raw between equal numbers of `#`.
    fn skip_string(&mut self) -> bool {
        let rest = &self.source[self.at..];
        let hashes = rest.chars().take_while(|next| *next == '#').count();
        if !rest[hashes..].starts_with('"') {
            return false;
        }
        let raw = hashes > 0 || self.source[..self.at].ends_with('r');
        (0..=hashes).for_each(|_| self.step());
        let close = format!("\"{}", "#".repeat(hashes));
        while self.at < self.source.len() && !self.source[self.at..].starts_with(&close) {
            if !raw && self.peek(0) == Some('\\') {
                self.step();
            }
            self.step();
        }
        close.chars().for_each(|_| self.step());
        true
    }

    /// A character literal, or a lifetime.
    fn skip_quote(&mut self) -> bool {
        if self.peek(0) != Some('\'') {
            return false;
        }
        self.step();
        if self.peek(0) == Some('\\') {
            self.step();
            self.step();
            self.skip_while(|next| next != '\'');
            self.step();
        } else if self.peek(1) == Some('\'') {
            self.step();
            self.step();
        } else {
            self.name();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, expected: &[&str]) {
        let all = tokens(source);
        let names = without_tests(&all).into_iter().filter_map(|token| match token.kind {
            Kind::Name(name) => Some(name),
            Kind::Mark(_) => None,
        });
        assert_eq!(names.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn comments_and_literals_are_no_names() {
        check("a /* b /* c */ d */ e // f\ng", &["a", "e", "g"]);
        check(r##"a "b \" c" d r#"e " f"# g b"h" 'i' '\'' '\u{41}' j"##, &["a", "d", "g", "j"]);
        check(r#"a r"b\" c"#, &["a", "c"]);
        check("fn a<'b>(c: &'b str)", &["fn", "a", "c", "str"]);
        check("1_000u32 0xff a", &["a"]);
    }

    #[test]
    fn lines_are_counted_through_comments_and_strings() {
        let all = tokens("/* \n */ \"\n\n\" a\nb");
        assert_eq!(all.iter().map(|token| token.line).collect::<Vec<_>>(), [4, 5]);
    }

    #[test]
    fn test_code_is_left_out() {
        check("a #[cfg(test)] mod tests { b { c } } d", &["a", "d"]);
        check("a #[cfg(test)] mod tests; d", &["a", "d"]);
        check("a #[cfg(test)] #[path = \"x\"] mod tests; d", &["a", "d"]);
        check("a #[cfg(test)] fn b(c: [u8; 2]) { e } d", &["a", "d"]);
        check("#[cfg(not(test))] a", &["cfg", "not", "test", "a"]);
    }

    #[test]
    fn unfinished_source_ends() {
        for source in ["\"", "r#\"", "/*", "'", "'\\", "#[cfg(test)] mod a {", "b\"\\"] {
            tokens(source);
            without_tests(&tokens(source));
        }
    }
}
