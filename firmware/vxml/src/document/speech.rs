//! Prompts and the SSML inside them (VoiceXML 2.0 §4.1, SSML 1.0 §3).

use super::reader::{Reader, XML};
use super::{Given, Piece, Prompt};
use crate::fault::{Fault, Place};
use core::time::Duration;
use roxmltree::Node;

impl Reader {
    pub(super) fn prompt(&self, node: Node<'_, '_>) -> Result<Prompt, Fault> {
        Ok(Prompt {
            at: self.place(node),
            barge_in: self.truth(node, "bargein")?,
            timeout: self.duration(node, "timeout")?,
            count: self.count(node)?,
            cond: Self::text(node, "cond"),
            lang: Self::lang(node),
            base: node.attribute((XML, "base")).map(str::to_owned),
            pieces: self.pieces(node)?,
        })
    }

    /// Text, audio and values that stand outside a `<prompt>`.
    pub(super) fn bare_prompt(&self, at: Place, nodes: &[Node<'_, '_>]) -> Result<Prompt, Fault> {
        let mut pieces = Vec::new();
        for node in nodes {
            self.piece(*node, &mut pieces)?;
        }
        Ok(Prompt { at, barge_in: None, timeout: None, count: 1, cond: None, lang: None, base: None, pieces })
    }

    pub(super) fn pieces(&self, node: Node<'_, '_>) -> Result<Vec<Piece>, Fault> {
        let mut pieces = Vec::new();
        for child in node.children() {
            self.piece(child, &mut pieces)?;
        }
        Ok(pieces)
    }

    fn piece(&self, node: Node<'_, '_>, pieces: &mut Vec<Piece>) -> Result<(), Fault> {
        if node.is_text() {
            let text = node.text().unwrap_or_default();
            if !text.trim().is_empty() {
                pieces.push(Piece::Text(text.to_owned()));
            }
        }
        if !node.is_element() {
            return Ok(());
        }
        pieces.push(match node.tag_name().name() {
            "value" => Piece::Value(self.required(node, "expr")?),
            "audio" => Piece::Audio { src: self.one_given(node, "src", "expr")?, fallback: self.pieces(node)? },
            "say-as" => Piece::SayAs {
                interpret_as: self.required(node, "interpret-as")?,
                format: Self::text(node, "format").unwrap_or_default(),
                pieces: self.pieces(node)?,
            },
            "s" | "p" => Piece::Sentence { lang: Self::lang(node), pieces: self.pieces(node)? },
            "break" => Piece::Break(self.pause(node)?),
            "mark" => Piece::Mark(self.one_given(node, "name", "nameexpr")?),
            "enumerate" => Piece::Enumerate(self.pieces(node)?),
            "foreach" => {
                let (array, item) = (self.required(node, "array")?, self.required(node, "item")?);
                self.variable(node, &item)?;
                Piece::Foreach { array, item, pieces: self.pieces(node)? }
            }
            "sub" => Piece::Text(self.required(node, "alias")?),
            // How a voice sounds is the speech engine's own choice; the words are kept. A voice of another language is
            // a change of language.
            "voice" => Piece::Sentence { lang: Self::lang(node), pieces: self.pieces(node)? },
            "emphasis" | "prosody" | "phoneme" => {
                pieces.extend(self.pieces(node)?);
                return Ok(());
            }
            "desc" | "metadata" | "meta" | "lexicon" => return Ok(()),
            _ => return Err(self.misplaced(node)),
        });
        Ok(())
    }

    /// `<break>`: a time, or a strength as a time (SSML 1.0 §3.2.3).
    fn pause(&self, node: Node<'_, '_>) -> Result<Duration, Fault> {
        if let Some(time) = self.duration(node, "time")? {
            return Ok(time);
        }
        let ms = match node.attribute("strength").or_else(|| node.attribute("size")) {
            Some("none") => 0,
            Some("x-weak") => 100,
            Some("weak") => 200,
            None | Some("medium") => 400,
            Some("strong" | "large") => 700,
            Some("x-strong") => 1000,
            Some("small") => 200,
            Some(other) => {
                return Err(self.fault(
                    node,
                    format!("strength={other:?}"),
                    "write none, weak, medium, strong or time",
                ));
            }
        };
        Ok(Duration::from_millis(ms))
    }

    /// The words of a choice or an option, for `<enumerate>`.
    pub(super) fn words(node: Node<'_, '_>) -> String {
        let text: String = node
            .descendants()
            .filter(|child| child.is_text())
            .filter(|child| !child.ancestors().any(|above| above.tag_name().name() == "grammar"))
            .filter_map(|child| child.text())
            .collect();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub(super) fn param_value(&self, node: Node<'_, '_>) -> Result<Given, Fault> {
        self.one_given(node, "value", "expr")
    }
}
