//! SRGS 1.0 grammars in XML with `mode="dtmf"`.

use super::Expansion;
use super::matcher::{Grammar, Reading};
use base::Digit;
use roxmltree::Node;
use std::collections::BTreeMap;

/// Rules inside one another; a grammar that needs more refers to itself.
const RULE_DEPTH: usize = 24;
/// Parts of a grammar after rules are expanded in place.
const PARTS: usize = 20_000;

/// Why a grammar cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SrgsFault {
    /// `mode="voice"`: this box listens to keys only.
    Voice,
    /// A form of grammar, or part of one, that is not taken: `error.unsupported.format`.
    Unsupported(String),
    /// No valid grammar: `error.badfetch`, at this octet of the document.
    Invalid { at: usize, what: String },
}

struct Compiler<'a, 'input> {
    rules: Vec<(String, Node<'a, 'input>)>,
    /// Where each rule stands among them.
    numbers: BTreeMap<String, usize>,
    tags: Vec<String>,
    /// Rules being expanded right now.
    depth: usize,
    parts: usize,
}

fn invalid<T>(node: Node<'_, '_>, what: impl Into<String>) -> Result<T, SrgsFault> {
    Err(SrgsFault::Invalid { at: node.range().start, what: what.into() })
}

/// Compiles a `<grammar>` element. `fragment` names the rule to use instead of the root.
pub(crate) fn compile(grammar: Node<'_, '_>, fragment: Option<&str>) -> Result<Grammar, SrgsFault> {
    if grammar.attribute("mode").unwrap_or("voice") != "dtmf" {
        return Err(SrgsFault::Voice);
    }
    if let Some(other) = grammar.attribute("type").filter(|kind| *kind != "application/srgs+xml") {
        return Err(SrgsFault::Unsupported(format!("grammars of type {other:?}; write application/srgs+xml")));
    }
    let (mut rules, mut numbers) = (Vec::new(), BTreeMap::new());
    for rule in grammar.children().filter(|node| node.is_element() && node.tag_name().name() == "rule") {
        let Some(id) = rule.attribute("id") else { return invalid(rule, "rule without id; add one") };
        if numbers.insert(id.to_owned(), rules.len()).is_some() {
            return invalid(rule, format!("a second rule {id:?}; give it another id"));
        }
        rules.push((id.to_owned(), rule));
    }
    let scripts = reads_scripts(grammar);
    let mut compiler = Compiler { rules, numbers, tags: Vec::new(), depth: 0, parts: 0 };
    let root = match fragment.or_else(|| grammar.attribute("root")) {
        Some(root) => root.to_owned(),
        None => match compiler.rules.first() {
            Some((id, _)) => id.clone(),
            None => return invalid(grammar, "grammar without a rule; add <rule> and root"),
        },
    };
    let expansion = compiler.rule(&root, grammar)?;
    let names = compiler.rules.iter().map(|(id, _)| id.clone()).collect();
    let reading = if scripts { Reading::Scripts { head: head_tags(grammar) } } else { Reading::Literals };
    Grammar::new(&expansion, compiler.tags, names, reading)
        .map_err(|what| SrgsFault::Invalid { at: grammar.range().start, what: what.into() })
}

/// Tags at the head of a grammar declare what its rules use (SRGS 1.0 §4.4).
fn head_tags(grammar: Node<'_, '_>) -> String {
    let tags = grammar.children().filter(|node| node.is_element() && node.tag_name().name() == "tag");
    tags.filter_map(|tag| tag.text()).map(|text| format!("{};\n", text.trim())).collect()
}

/// By `tag-format`; without one, tags that assign to `out` are scripts, others literals.
fn reads_scripts(grammar: Node<'_, '_>) -> bool {
    match grammar.attribute("tag-format") {
        Some(format) => !format.contains("literals"),
        None => grammar
            .descendants()
            .filter(|node| node.has_tag_name("tag") || node.tag_name().name() == "tag")
            .any(|tag| tag.text().is_some_and(|text| text.contains("out") && text.contains('='))),
    }
}

impl<'a, 'input> Compiler<'a, 'input> {
    fn rule(&mut self, id: &str, from: Node<'a, 'input>) -> Result<Expansion, SrgsFault> {
        let Some(&number) = self.numbers.get(id) else {
            return invalid(from, format!("no rule {id:?} in this grammar; add it or mend the reference"));
        };
        if self.depth == RULE_DEPTH {
            return invalid(from, format!("rule {id:?} refers to itself; write it with repeat"));
        }
        self.depth += 1;
        let node = self.rules[number].1;
        let inner = self.sequence(node)?;
        self.depth -= 1;
        Ok(Expansion::Rule { number, inner: Box::new(inner) })
    }

    fn sequence(&mut self, node: Node<'a, 'input>) -> Result<Expansion, SrgsFault> {
        let mut parts = Vec::new();
        for child in node.children() {
            if child.is_text() {
                parts.extend(tokens(child, child.text().unwrap_or_default())?);
            } else if child.is_element() {
                parts.push(self.element(child)?);
            }
        }
        Ok(Expansion::Sequence(parts))
    }

    fn element(&mut self, node: Node<'a, 'input>) -> Result<Expansion, SrgsFault> {
        self.parts += 1;
        if self.parts > PARTS {
            return invalid(node, "the grammar is too large; split it");
        }
        match node.tag_name().name() {
            "item" => {
                let inner = self.sequence(node)?;
                let Some(text) = node.attribute("repeat") else { return Ok(inner) };
                let Some((min, max)) = repeat(text) else {
                    return invalid(node, format!("repeat={text:?}; 3, 1-4 or 2- is wanted"));
                };
                Ok(inner.times(min, max))
            }
            "one-of" => {
                let items = node.children().filter(Node::is_element);
                items.map(|item| self.element(item)).collect::<Result<_, _>>().map(Expansion::OneOf)
            }
            "token" => Ok(Expansion::Sequence(tokens(node, node.text().unwrap_or_default())?)),
            "ruleref" => self.reference(node),
            "tag" => {
                self.tags.push(node.text().unwrap_or_default().trim().to_owned());
                Ok(Expansion::Tag(self.tags.len() - 1))
            }
            "example" => Ok(Expansion::Sequence(Vec::new())),
            other => invalid(node, format!("<{other}> has no place in a rule")),
        }
    }

    fn reference(&mut self, node: Node<'a, 'input>) -> Result<Expansion, SrgsFault> {
        match (node.attribute("special"), node.attribute("uri")) {
            (Some("NULL"), None) => Ok(Expansion::Sequence(Vec::new())),
            (Some("VOID"), None) => Ok(Expansion::Void),
            (Some("GARBAGE"), None) => Ok(Expansion::key("0123456789*#ABCD").times(0, None)),
            (None, Some(uri)) => match uri.strip_prefix('#') {
                Some(id) => self.rule(id, node),
                None => Err(SrgsFault::Unsupported(format!("a rule of another grammar, {uri:?}; copy it in"))),
            },
            _ => invalid(node, "ruleref wants either uri or special, which is NULL, VOID or GARBAGE"),
        }
    }
}

/// Keys written as tokens: `1 2 3`, `12`, `"*"`, `star`, `pound` (SRGS 1.0 Appendix E).
fn tokens(node: Node<'_, '_>, text: &str) -> Result<Vec<Expansion>, SrgsFault> {
    let mut keys = Vec::new();
    for word in text.split_whitespace() {
        match word.trim_matches('"') {
            "star" => keys.push(Expansion::key("*")),
            "pound" | "hash" => keys.push(Expansion::key("#")),
            word => {
                for name in word.chars() {
                    if Digit::new(name).is_none() {
                        return invalid(node, format!("{word:?} is no key; 0 to 9, *, # and A to D are"));
                    }
                    keys.push(Expansion::key(&name.to_string()));
                }
            }
        }
    }
    Ok(keys)
}

/// `3`, `1-4`, `2-` (SRGS 1.0 §2.5).
fn repeat(text: &str) -> Option<(u32, Option<u32>)> {
    let count = |part: &str| part.trim().parse::<u32>().ok().filter(|count| *count <= 1000);
    match text.split_once('-') {
        None => count(text).map(|count| (count, Some(count))),
        Some((min, "")) => count(min).map(|min| (min, None)),
        Some((min, max)) => match (count(min)?, count(max)?) {
            (min, max) if min <= max => Some((min, Some(max))),
            (_, _) => None,
        },
    }
}
