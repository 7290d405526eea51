//! From octets to a checked tree: encoding, XML, depth, and the place of every element.

use super::{Common, Dialog, Document, GrammarUse, Line};
use crate::api::Limits;
use crate::fault::{Fault, Place, without_query};
use crate::grammar::{self, Grammar, SrgsFault};
use core::cell::Cell;
use roxmltree::{Node, ParsingOptions};
use std::collections::BTreeMap;
use std::sync::Arc;
use url::Url;

pub(super) const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Elements, texts and comments of one document.
const NODES: u32 = 200_000;

/// The octets of a document as text. UTF-8 is the one encoding taken.
pub(crate) fn decode(body: &[u8]) -> Result<&str, Fault> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    core::str::from_utf8(body).map_err(|error| {
        let before = &body[..error.valid_up_to()];
        let row = before.iter().filter(|octet| **octet == b'\n').count() as u32 + 1;
        let column = before.iter().rev().take_while(|octet| **octet != b'\n').count() as u32 + 1;
        Place { row, column }.fault("an octet that is not UTF-8", "have the server send UTF-8")
    })
}

/// Reads a document that came from `url`.
pub(crate) fn read(text: &str, url: &Url, limits: &Limits) -> Result<Document, Fault> {
    let mut url = url.clone();
    url.set_fragment(None);
    with_root(text, &url, limits, |root, mut reader| reader.document(root, url.clone()))
}

/// Reads a document and refuses attributes that no element of the standard has.
pub(crate) fn read_strictly(text: &str, url: &Url, limits: &Limits) -> Result<Document, Fault> {
    with_root(text, url, limits, |root, mut reader| {
        let document = reader.document(root, url.clone())?;
        reader.check_attributes(root)?;
        Ok(document)
    })
}

/// Reads a grammar document. The fragment of its address names the rule to use.
pub(crate) fn read_grammar(text: &str, url: &Url, limits: &Limits) -> Result<Grammar, GrammarFault> {
    let read = with_root(text, url, limits, |root, reader| {
        if root.tag_name().name() != "grammar" {
            let what = format!("<{}> where <grammar> is wanted", root.tag_name().name());
            return Err(reader.fault(root, what, "send SRGS in XML"));
        }
        match grammar::compile(root, url.fragment()) {
            Ok(made) => Ok(Ok(made)),
            Err(SrgsFault::Invalid { at, what }) => Err(reader.place_at(at).fault(what, "")),
            Err(SrgsFault::Voice) => Ok(Err(GrammarFault::Unsupported("a voice grammar; write mode=\"dtmf\"".into()))),
            Err(SrgsFault::Unsupported(what)) => Ok(Err(GrammarFault::Unsupported(what))),
        }
    });
    read.map_err(GrammarFault::Invalid)?
}

/// Why a grammar document gives no grammar.
#[derive(Clone, Debug)]
pub(crate) enum GrammarFault {
    /// `error.badfetch`.
    Invalid(Fault),
    /// `error.unsupported.format`.
    Unsupported(String),
}

fn with_root<T>(
    text: &str,
    base: &Url,
    limits: &Limits,
    then: impl FnOnce(Node<'_, '_>, Reader) -> Result<T, Fault>,
) -> Result<T, Fault> {
    if text.len() > limits.document_size {
        return Err(Place::default().fault(format!("more than {} octets", limits.document_size), "split the document"));
    }
    check_depth(text, limits.document_depth)?;
    let options = ParsingOptions { allow_dtd: false, nodes_limit: NODES, ..ParsingOptions::default() };
    let tree = roxmltree::Document::parse_with_options(text, options).map_err(|error| {
        let at = error.pos();
        Place { row: at.row, column: at.col }.fault(without_position(&error.to_string()), "write well-formed XML")
    })?;
    let reader = Reader::new(text, &tree, base.clone());
    then(tree.root_element(), reader)
}

/// The parser's words without its own `at row:column`, which the fault carries.
fn without_position(text: &str) -> String {
    text.rsplit_once(" at ").filter(|(_, place)| place.contains(':')).map_or(text, |(what, _)| what).to_owned()
}

/// Counts tags before anything recursive sees the text.
fn check_depth(text: &str, most: usize) -> Result<(), Fault> {
    let octets = text.as_bytes();
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(found) = octets[at..].iter().position(|octet| *octet == b'<') {
        at += found;
        let rest = &text[at..];
        let skip = |end: &str| rest.find(end).map_or(rest.len(), |length| length + end.len());
        if rest.starts_with("<!--") {
            at += skip("-->");
        } else if rest.starts_with("<![CDATA[") {
            at += skip("]]>");
        } else {
            let length = tag_length(rest.as_bytes());
            let tag = &rest.as_bytes()[..length];
            match tag.get(1) {
                Some(b'/') => depth = depth.saturating_sub(1),
                Some(b'?' | b'!') | None => {}
                Some(_) if tag.ends_with(b"/>") => {}
                Some(_) => depth += 1,
            }
            if depth > most {
                let row = text[..at].bytes().filter(|octet| *octet == b'\n').count() as u32 + 1;
                let place = Place { row, column: 1 };
                return Err(place.fault(format!("elements more than {most} deep"), "nest less"));
            }
            at += length;
        }
    }
    Ok(())
}

/// The length of the tag that begins `octets`; `>` within quotes does not end it.
fn tag_length(octets: &[u8]) -> usize {
    let mut quote = None;
    for (at, octet) in octets.iter().enumerate() {
        match (quote, octet) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(*octet),
            (Some(open), octet) if open == *octet => quote = None,
            (_, _) => {}
        }
    }
    octets.len()
}

/// What reading needs to know beside the node it reads.
pub(super) struct Reader {
    /// Octet of each node's start, and its place, in order.
    places: Vec<(usize, Place)>,
    pub(super) base: Url,
    /// Of all inline grammars so far.
    pub(super) grammar_steps: Cell<usize>,
}

impl Reader {
    /// Counts rows and columns once, for all nodes: they stand in document order.
    fn new(text: &str, tree: &roxmltree::Document<'_>, base: Url) -> Self {
        let mut letters = text.char_indices().peekable();
        let mut place = Place { row: 1, column: 1 };
        let mut places = Vec::new();
        for node in tree.descendants() {
            let start = node.range().start;
            while let Some((_, letter)) = letters.next_if(|(at, _)| *at < start) {
                match letter {
                    '\n' => place = Place { row: place.row + 1, column: 1 },
                    _ => place.column += 1,
                }
            }
            places.push((start, place));
        }
        Self { places, base, grammar_steps: Cell::new(0) }
    }

    pub(super) fn place_at(&self, octet: usize) -> Place {
        let after = self.places.partition_point(|(start, _)| *start <= octet);
        self.places.get(after.saturating_sub(1)).map(|(_, place)| *place).unwrap_or_default()
    }

    pub(super) fn place(&self, node: Node<'_, '_>) -> Place {
        self.place_at(node.range().start)
    }

    pub(super) fn fault(&self, node: Node<'_, '_>, what: impl Into<String>, remedy: impl Into<String>) -> Fault {
        self.place(node).fault(what, remedy)
    }

    /// An element that has no place where it stands.
    pub(super) fn misplaced(&self, node: Node<'_, '_>) -> Fault {
        let name = node.tag_name().name();
        let parent = node.parent().map_or("", |parent| parent.tag_name().name());
        self.fault(node, format!("<{name}> has no place in <{parent}>"), "remove it or move it to where it belongs")
    }

    pub(super) fn lang(node: Node<'_, '_>) -> Option<String> {
        node.attribute((XML, "lang")).map(str::to_owned)
    }

    fn document(&mut self, root: Node<'_, '_>, url: Url) -> Result<Document, Fault> {
        if root.tag_name().name() != "vxml" {
            let what = format!("<{}> where <vxml> is wanted", root.tag_name().name());
            return Err(self.fault(root, what, "send a VoiceXML document"));
        }
        if !matches!(root.attribute("version"), Some("2.0" | "2.1")) {
            return Err(self.fault(root, "<vxml> without version 2.0 or 2.1", "write version=\"2.1\""));
        }
        if let Some(base) = root.attribute((XML, "base")) {
            self.base = self
                .base
                .join(base)
                .map_err(|error| self.fault(root, format!("xml:base={base:?}: {error}"), "write an address"))?;
        }
        let mut head: Vec<Line> = Vec::new();
        let mut common = Common::default();
        let mut dialogs: Vec<Arc<Dialog>> = Vec::new();
        for node in self.elements(root)? {
            match node.tag_name().name() {
                "form" => dialogs.push(Arc::new(self.form(node)?)),
                "menu" => dialogs.push(Arc::new(self.menu(node)?)),
                "var" | "script" => head.push(self.line(node)?),
                "meta" | "metadata" => {}
                "data" => head.push(self.line(node)?),
                _ if self.common(node, &mut common)? => {}
                _ => return Err(self.misplaced(node)),
            }
        }
        let mut ids = BTreeMap::new();
        for (number, dialog) in dialogs.iter().enumerate() {
            let Some(id) = &dialog.id else { continue };
            if ids.insert(id.clone(), number).is_some() {
                return Err(dialog.at.fault(format!("a second dialog with id {id:?}"), "give it another id"));
            }
        }
        Ok(Document {
            ids,
            name: Arc::from(without_query(url.as_str())),
            asked: url.clone(),
            url,
            base: self.base.clone(),
            application: Self::text(root, "application"),
            lang: Self::lang(root),
            head: head.into(),
            common,
            dialogs,
        })
    }

    /// The child elements of an element that takes no text.
    pub(super) fn elements<'a, 'input>(&self, node: Node<'a, 'input>) -> Result<Vec<Node<'a, 'input>>, Fault> {
        let mut elements = Vec::new();
        for child in node.children() {
            if child.is_element() {
                elements.push(child);
            } else if child.is_text() && child.text().is_some_and(|text| !text.trim().is_empty()) {
                let name = node.tag_name().name();
                return Err(self.fault(child, format!("text in <{name}>"), "put it in a <prompt>, or remove it"));
            }
        }
        Ok(elements)
    }

    /// Takes properties, handlers and links; `false` if the element is none of them.
    pub(super) fn common(&self, node: Node<'_, '_>, common: &mut Common) -> Result<bool, Fault> {
        match node.tag_name().name() {
            "property" => common.properties.push(self.property(node)?),
            "catch" | "error" | "help" | "noinput" | "nomatch" => common.handlers.push(Arc::new(self.handler(node)?)),
            "link" => common.links.push(Arc::new(self.link(node)?)),
            _ => return Ok(false),
        }
        Ok(true)
    }

    pub(super) fn grammar_into(&self, node: Node<'_, '_>, uses: &mut Vec<GrammarUse>) -> Result<(), Fault> {
        uses.extend(self.grammar(node)?);
        Ok(())
    }
}
