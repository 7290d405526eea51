//! Prompts: which are due, what they hold, and the queue in which they wait to be played (VoiceXML 2.0 §4.1).

use super::{Done, Interpreter, Thrown, Work};
use crate::api::{PromptItem, SayAs};
use crate::document::{Choice, Given, ItemKind, Piece, Prompt};
use crate::fault::without_query;
use crate::script::Value;
use base::Digit;
use core::time::Duration;
use std::collections::VecDeque;
use std::sync::Arc;
use url::Url;

/// What is to be heard, in order.
#[derive(Default)]
pub(super) struct Queue {
    items: VecDeque<(PromptItem, bool)>,
    /// `timeout` of the last prompt that had one.
    timeout: Option<Duration>,
}

/// Items next to each other that a key may all stop, or may not.
pub(super) struct Chunk {
    pub(super) items: Vec<PromptItem>,
    pub(super) barge_in: bool,
}

impl Queue {
    pub(super) fn clear(&mut self) {
        self.items.clear();
        self.timeout = None;
    }

    /// Queues an item of the platform's own.
    pub(super) fn push_plain(&mut self, item: PromptItem) {
        self.items.push_back((item, true));
    }

    pub(super) fn take_timeout(&mut self) -> Option<Duration> {
        self.timeout.take()
    }

    /// Whether something in it must be heard to its end.
    pub(super) fn must_be_heard(&self) -> bool {
        self.items.iter().any(|(_, barge_in)| !barge_in)
    }

    /// Puts a chunk back in front.
    pub(super) fn push_front(&mut self, chunk: Chunk) {
        for item in chunk.items.into_iter().rev() {
            self.items.push_front((item, chunk.barge_in));
        }
    }

    pub(super) fn next_chunk(&mut self) -> Option<Chunk> {
        let (first, barge_in) = self.items.pop_front()?;
        let mut items = vec![first];
        let alike = self.items.iter().take_while(|(_, other)| *other == barge_in).count();
        items.extend(self.items.drain(..alike).map(|(item, _)| item));
        Some(Chunk { items, barge_in })
    }

    /// Everything, for a play that no key stops.
    pub(super) fn take_all(&mut self) -> Vec<PromptItem> {
        self.items.drain(..).map(|(item, _)| item).collect()
    }
}

/// What rendering carries along.
struct Style {
    lang: String,
    base: Option<Url>,
}

impl Interpreter {
    /// Queues what an item says when it is visited: of the prompts whose condition holds, those with the highest count
    /// that is not above the prompt counter (VoiceXML 2.0 §4.1.6).
    pub(super) fn queue_item_prompts(&mut self, number: usize) -> Done {
        let dialog = self.dialog()?;
        let visit = self.visit_mut()?;
        let counter = visit.items[number].prompt_count;
        visit.items[number].prompt_count = counter.saturating_add(1);
        let chain = self.chain()?;
        let mut due: Vec<&Arc<Prompt>> = Vec::new();
        for prompt in dialog.items[number].prompts.iter().filter(|prompt| prompt.count <= counter) {
            self.here.place = prompt.at;
            let holds = match &prompt.cond {
                Some(cond) => self.engine.eval_truth(chain, cond)?,
                None => true,
            };
            if holds {
                due.push(prompt);
            }
        }
        let highest = due.iter().map(|prompt| prompt.count).max();
        for prompt in due.into_iter().filter(|prompt| Some(prompt.count) == highest) {
            self.queue_due(prompt)?;
        }
        Ok(())
    }

    /// A `<prompt>` in executable content.
    pub(super) fn queue_prompt(&mut self, prompt: &Prompt) -> Done {
        let chain = self.chain()?;
        match &prompt.cond {
            Some(cond) if !self.engine.eval_truth(chain, cond)? => Ok(()),
            _ => self.queue_due(prompt),
        }
    }

    fn queue_due(&mut self, prompt: &Prompt) -> Done {
        self.here.place = prompt.at;
        let document = self.context()?.document.clone();
        let base = prompt.base.as_ref().and_then(|base| document.base.join(base).ok());
        let lang = prompt.lang.clone().unwrap_or_else(|| self.lang().to_owned());
        let mut items = Vec::new();
        self.render(&prompt.pieces, &Style { lang, base }, &mut items)?;
        if self.ending.is_some() {
            return Ok(());
        }
        let barge_in = prompt.barge_in.unwrap_or_else(|| self.property_truth("bargein", true));
        self.queue.items.extend(items.into_iter().map(|item| (item, barge_in)));
        if self.queue.items.len() > self.limits.prompt_items {
            let most = self.limits.prompt_items;
            self.queue.clear();
            return Err(Thrown::semantic(format!("more than {most} items in the prompt queue; say less at once")));
        }
        self.queue.timeout = prompt.timeout.or(self.queue.timeout);
        Ok(())
    }

    fn render(&mut self, pieces: &[Piece], style: &Style, out: &mut Vec<PromptItem>) -> Done {
        for piece in pieces {
            self.spend(1)?;
            if out.len() > self.limits.prompt_items {
                return Err(Thrown::semantic("a prompt with too many items; say less at once"));
            }
            self.render_piece(piece, style, out)?;
        }
        Ok(())
    }

    fn render_piece(&mut self, piece: &Piece, style: &Style, out: &mut Vec<PromptItem>) -> Done {
        match piece {
            Piece::Text(text) => speak(text, style, None, out),
            Piece::Value(expr) => {
                let text = self.engine.eval_text(self.chain()?, expr)?;
                speak(&text, style, None, out);
            }
            Piece::SayAs { interpret_as, format, pieces } => {
                let text = self.words_of(pieces)?;
                let say_as = SayAs { interpret_as: interpret_as.clone(), format: format.clone() };
                speak(&text, style, Some(say_as), out);
            }
            Piece::Sentence { lang, pieces } => self.sentence(lang.as_ref(), pieces, style, out)?,
            Piece::Audio { src, fallback } => self.audio(src, fallback, style, out)?,
            Piece::Break(time) => out.push(PromptItem::Break(*time)),
            Piece::Mark(name) => out.push(PromptItem::Mark(self.given(name)?)),
            Piece::Enumerate(template) => self.enumerate(template, style, out)?,
            Piece::Foreach { array, item, pieces } => {
                for value in self.array(array)? {
                    let scope = self.chain()?[4];
                    self.engine.put(scope, item, value)?;
                    self.render(pieces, style, out)?;
                }
            }
        }
        Ok(())
    }

    /// Words and values of a sentence are one item; what lies between them parts it.
    fn sentence(&mut self, lang: Option<&String>, pieces: &[Piece], style: &Style, out: &mut Vec<PromptItem>) -> Done {
        let style = Style { lang: lang.unwrap_or(&style.lang).clone(), base: style.base.clone() };
        let is_word = |piece: &Piece| matches!(piece, Piece::Text(_) | Piece::Value(_));
        for run in pieces.chunk_by(|one, other| is_word(one) && is_word(other)) {
            if run.iter().all(is_word) {
                let text = self.words_of(run)?;
                speak(&text, &style, None, out);
            } else {
                self.render(run, &style, out)?;
            }
        }
        Ok(())
    }

    /// `<audio>` (VoiceXML 2.0 §4.1.3): an expression that gives nothing silences its fallback too (VoiceXML 2.1 §3).
    fn audio(&mut self, src: &Given, fallback: &[Piece], style: &Style, out: &mut Vec<PromptItem>) -> Done {
        let written = match src {
            Given::Text(text) => text.clone(),
            Given::Expr(expr) => match self.engine.eval(self.chain()?, expr)? {
                Value::Undefined => return Ok(()),
                _ => self.given(src)?,
            },
        };
        let mut instead = Vec::new();
        self.render(fallback, style, &mut instead)?;
        let base = style.base.clone().unwrap_or(self.context()?.document.base.clone());
        match base.join(&written) {
            Ok(url) => out.push(PromptItem::Audio { url: url.into(), fallback: instead }),
            Err(error) => {
                let at = self.here.text();
                let written = without_query(&written);
                self.say("document", format!("{at}: audio {written:?}: {error}; write an address"));
                out.append(&mut instead);
            }
        }
        Ok(())
    }

    /// The choices of the menu or field, by a template with `_prompt` and `_dtmf`, or in the platform's words.
    fn enumerate(&mut self, template: &[Piece], style: &Style, out: &mut Vec<PromptItem>) -> Done {
        let dialog = self.dialog()?;
        let item = self.visit()?.current.and_then(|number| dialog.items.get(number));
        let choices: &[Choice] = match item.map(|item| &item.kind) {
            Some(ItemKind::Menu { choices }) => choices,
            Some(ItemKind::Field { options, .. }) => options,
            _ => return Err(Thrown::semantic("<enumerate> outside a menu or a field with options")),
        };
        for choice in choices {
            if template.is_empty() {
                let (words, keys) = (&choice.words, &choice.keys);
                let text = match (keys.is_empty(), style.lang.starts_with("zh")) {
                    (true, _) => words.clone(),
                    (false, true) => format!("{words}请按{keys}。"),
                    (false, false) => format!("For {words}, press {keys}."),
                };
                speak(&text, style, None, out);
                continue;
            }
            let (scope, close) = self.open()?;
            let named = self.engine.put(scope, "_prompt", Value::text(&choice.words));
            let named = named.and_then(|()| self.engine.put(scope, "_dtmf", Value::text(&choice.keys)));
            let done = named.map_err(Thrown::from).and_then(|()| self.render(template, style, out));
            if let Work::Close(scope, before) = close {
                self.close(scope, before);
            }
            done?;
        }
        Ok(())
    }

    /// Text and values put together.
    pub(super) fn words_of(&mut self, pieces: &[Piece]) -> Result<String, Thrown> {
        let mut text = String::new();
        for piece in pieces {
            self.spend(1)?;
            match piece {
                Piece::Text(words) => text.push_str(words),
                Piece::Value(expr) => text.push_str(&self.engine.eval_text(self.chain()?, expr)?),
                Piece::SayAs { pieces, .. } | Piece::Sentence { pieces, .. } => text.push_str(&self.words_of(pieces)?),
                Piece::Foreach { array, item, pieces } => {
                    for value in self.array(array)? {
                        let scope = self.chain()?[4];
                        self.engine.put(scope, item, value)?;
                        text.push_str(&self.words_of(pieces)?);
                    }
                }
                Piece::Audio { .. } | Piece::Break(_) | Piece::Mark(_) | Piece::Enumerate(_) => {}
            }
        }
        Ok(fold(&text))
    }
}

fn speak(text: &str, style: &Style, say_as: Option<SayAs>, out: &mut Vec<PromptItem>) {
    let text = fold(text);
    // A full stop between two values is no word.
    if text.chars().any(|letter| !letter.is_whitespace() && !SILENT.contains(letter)) {
        out.push(PromptItem::Speak { text, lang: style.lang.clone(), say_as });
    }
}

/// Signs that are not read out.
const SILENT: &str = ".,;:!?()\"'。，、；：！？（）《》“”‘’…";

/// White space folded to single spaces.
fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The keys as text.
pub(super) fn text_of(keys: &[Digit]) -> String {
    keys.iter().map(|key| key.as_char()).collect()
}
