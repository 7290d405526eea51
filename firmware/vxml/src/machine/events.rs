//! Events: counters, the choice of a handler, and the handlers of the platform (VoiceXML 2.0 §5.2).

use super::{Done, Interpreter, Thrown, Work};
use crate::api::{ExitReason, PromptItem};
use crate::document::Handler;
use crate::script::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A handler, and the document it stands in.
type Found = (Arc<Handler>, Arc<str>);

/// Event names counted for one item or form, so that a document that makes them up cannot fill the memory.
const COUNTED_EVENTS: usize = 256;

impl Interpreter {
    /// Gives an event to its handler. What was being executed is over.
    pub(super) fn throw(&mut self, thrown: Thrown) {
        if self.is_over() {
            return;
        }
        self.stop_all();
        let mut thrown = thrown;
        if thrown.is_fault {
            self.say("document", format!("{}: {}: {}", self.here.text(), thrown.event, thrown.message));
        }
        self.unwind();
        if self.contexts.is_empty() {
            return self.finish(ExitReason::Event(thrown.event), Vec::new());
        }
        self.count(&thrown.event);
        let done = self.handle_event(&mut thrown);
        if let Err(again) = done {
            // Only a scope or a variable that cannot be had fails here: the engine's memory is full.
            self.say("document", format!("{}: {}", self.here.text(), again.message));
            self.unwind();
            self.finish(ExitReason::Event(again.event), Vec::new());
        }
    }

    fn handle_event(&mut self, thrown: &mut Thrown) -> Done {
        let (scope, close) = self.open()?;
        self.engine.put(scope, "_event", Value::text(&thrown.event))?;
        let message = if thrown.message.is_empty() { Value::Undefined } else { Value::text(&thrown.message) };
        self.engine.put(scope, "_message", message)?;
        let mut found = self.handler(&thrown.event)?;
        if found.as_ref().is_some_and(|(handler, _)| self.is_handling(handler)) {
            let at = self.here.text();
            self.say(
                "document",
                format!("{at}: the handler of {} throws what it handles; end it otherwise", thrown.event),
            );
            *thrown = Thrown::semantic(format!("the handler of {} throws what it handles", thrown.event));
            self.engine.put(scope, "_event", Value::text(&thrown.event))?;
            found = self.handler(&thrown.event)?.filter(|(handler, _)| !self.is_handling(handler));
        }
        let Some((handler, from)) = found else {
            self.push([close]);
            self.unwind();
            self.default_handler(&thrown.event);
            return Ok(());
        };
        let context = self.context_mut()?;
        context.handling.push(handler.clone());
        if let Some(visit) = &mut context.visit {
            visit.is_quiet = true;
        }
        self.push([Work::Select, close, Work::Code { code: handler.code.clone(), at: 0, scope, from }]);
        Ok(())
    }

    fn is_handling(&self, handler: &Arc<Handler>) -> bool {
        let running = self.contexts.last().map(|context| &context.handling);
        running.is_some_and(|running| running.iter().any(|other| Arc::ptr_eq(other, handler)))
    }

    /// Counts an event and all its prefixes (VoiceXML 2.0 §5.2.2).
    fn count(&mut self, event: &str) {
        let Ok(visit) = self.visit_mut() else { return };
        let counters = match visit.current.and_then(|current| visit.items.get_mut(current)) {
            Some(item) => &mut item.events,
            None => &mut visit.events,
        };
        for prefix in prefixes(event) {
            if let Some(count) = counters.get_mut(prefix) {
                *count = count.saturating_add(1);
            } else if counters.len() < COUNTED_EVENTS {
                counters.insert(prefix.into(), 1);
            }
        }
    }

    /// The handler for an event: of those that match, the ones with the highest count not above the counter; of those
    /// the first, innermost first (VoiceXML 2.0 §5.2.4).
    fn handler(&mut self, event: &str) -> Result<Option<Found>, Thrown> {
        let mut candidates: Vec<Found> = Vec::new();
        self.with_commons(|common, from| -> Option<()> {
            let matching = common.handlers.iter().filter(|handler| matches(&handler.events, event));
            candidates.extend(matching.map(|handler| (handler.clone(), from.clone())));
            None
        });
        self.steps_left = self.steps_left.saturating_sub(candidates.len() as u32);
        let counters = self.counters();
        let mut best: Option<Found> = None;
        for (handler, from) in candidates {
            let reached = counters.as_ref().map_or(1, |counters| reached(counters, &handler.events, event));
            let is_better = best.as_ref().is_none_or(|(best, _)| handler.count > best.count);
            if handler.count > reached || !is_better {
                continue;
            }
            let chain = self.chain()?;
            let holds = match &handler.cond {
                None => true,
                Some(cond) => self.engine.eval_truth(chain, cond).unwrap_or_else(|error| {
                    let place = format!("{from}:{}:{}", handler.at.row, handler.at.column);
                    self.say("document", format!("{place}: cond of a handler: {error}"));
                    false
                }),
            };
            if holds {
                best = Some((handler, from));
            }
        }
        Ok(best)
    }

    fn counters(&self) -> Option<BTreeMap<String, u32>> {
        let visit = self.visit().ok()?;
        let item = visit.current.and_then(|current| visit.items.get(current));
        Some(item.map_or_else(|| visit.events.clone(), |item| item.events.clone()))
    }

    /// What the platform does with an event no document handles (VoiceXML 2.0 §5.2.5).
    fn default_handler(&mut self, event: &str) {
        if let Ok(visit) = self.visit_mut() {
            visit.is_quiet = false;
        }
        let is = |family: &str| event == family || event.strip_prefix(family).is_some_and(|rest| rest.starts_with('.'));
        if is("noinput") || is("cancel") {
            self.push([Work::Select]);
        } else if is("help") || is("nomatch") || is("maxspeechtimeout") {
            self.apologise(if is("help") { Words::NoHelp } else { Words::NoMatch });
            self.push([Work::Select]);
        } else if is("connection.disconnect") {
            self.end_of_call();
        } else if is("exit") {
            self.finish(ExitReason::Finished, Vec::new());
        } else {
            if is("error") {
                self.apologise(Words::Error);
            }
            self.finish(ExitReason::Event(event.into()), Vec::new());
        }
    }

    fn apologise(&mut self, words: Words) {
        let lang = self.lang().to_owned();
        let text = words.text(&lang).to_owned();
        self.queue.push_plain(PromptItem::Speak { text, lang, say_as: None });
    }
}

/// What the platform itself says.
#[derive(Clone, Copy)]
enum Words {
    NoHelp,
    NoMatch,
    Error,
}

impl Words {
    fn text(self, lang: &str) -> &'static str {
        match (self, lang.starts_with("zh")) {
            (Self::NoHelp, true) => "抱歉，此处没有帮助信息。",
            (Self::NoMatch, true) => "抱歉，您的输入有误。",
            (Self::Error, true) => "抱歉，系统出现故障，请稍后再拨。",
            (Self::NoHelp, false) => "Sorry, there is no help here.",
            (Self::NoMatch, false) => "Sorry, that is not a valid entry.",
            (Self::Error, false) => "Sorry, there is a fault in the system. Please call again later.",
        }
    }
}

/// `a`, `a.b` and `a.b.c` of `a.b.c`.
fn prefixes(event: &str) -> impl Iterator<Item = &str> {
    let dots = event.match_indices('.').map(|(at, _)| at);
    dots.chain([event.len()]).map(|end| &event[..end])
}

/// Whether one of the names is the event or a prefix of it by whole words; no names match all.
fn matches(names: &[String], event: &str) -> bool {
    names.is_empty() || names.iter().any(|name| covers(name, event))
}

fn covers(name: &str, event: &str) -> bool {
    event.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// How often what the handler names has happened: its own name's counter, so that `catch event="error" count="2"` counts
/// all errors. A handler of several names, or of all, counts the event itself.
fn reached(counters: &BTreeMap<String, u32>, names: &[String], event: &str) -> u32 {
    let named = names.iter().filter(|name| covers(name, event)).filter_map(|name| counters.get(name.as_str())).max();
    named.or_else(|| counters.get(event)).copied().unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_covers_events_by_whole_words() {
        assert!(covers("error", "error.badfetch.http.404"));
        assert!(covers("error.badfetch", "error.badfetch"));
        assert!(!covers("error", "errors"));
        assert!(!covers("error.badfetch", "error"));
        assert_eq!(prefixes("a.b.c").collect::<Vec<_>>(), ["a", "a.b", "a.b.c"]);
    }
}
