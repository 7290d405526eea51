//! Executable content (VoiceXML 2.0 §5.3), one element a step.

use super::{AfterPlay, Done, Interpreter, Thrown, Work};
use crate::api::ExitReason;
use crate::document::{Branch, Code, Event, Given, Line, Piece, Script, Statement};
use crate::script::{ScopeId, Value};
use std::sync::Arc;

impl Interpreter {
    /// Executes line `at`, with the lines after it left on the stack.
    pub(super) fn line(&mut self, code: Code, at: usize, scope: ScopeId, from: Arc<str>) -> Done {
        let Some(line) = code.get(at) else { return Ok(()) };
        if at + 1 < code.len() {
            self.push([Work::Code { code: code.clone(), at: at + 1, scope, from: from.clone() }]);
        }
        self.here.document = from.clone();
        self.here.place = line.at;
        self.execute(line, scope, from)
    }

    fn execute(&mut self, line: &Line, scope: ScopeId, from: Arc<str>) -> Done {
        match &line.what {
            Statement::Var { name, expr } => self.var(name, expr.as_deref(), scope),
            Statement::Assign { name, expr } => Ok(self.engine.assign(self.chain()?, name, expr)?),
            Statement::Clear(names) => self.clear(names),
            Statement::Script(Script::Inline(text)) => Ok(self.engine.run(self.chain()?, scope, text)?),
            Statement::Script(Script::External(src, options)) => self.fetch_script(src, options, scope),
            Statement::If(branches) => self.branch(branches, scope, from),
            Statement::Foreach { array, item, code } => {
                let values = self.array(array)?;
                self.push([Work::Each { values, at: 0, item: item.clone(), code: code.clone(), scope, from }]);
                Ok(())
            }
            Statement::Prompt(prompt) => self.queue_prompt(prompt),
            Statement::Reprompt => {
                self.visit_mut()?.is_quiet = false;
                Ok(())
            }
            Statement::Log { label, expr, pieces } => self.log(label.as_ref(), expr.as_deref(), pieces),
            Statement::GoTo(next, options) => {
                let next = self.given(next)?;
                self.go_to(&next, options)
            }
            Statement::GoToItem(item) => {
                let name = self.given(item)?;
                self.go_to_item(&name)
            }
            Statement::Submit(submit) => self.submit(submit),
            Statement::Exit { expr, namelist } => self.exit(expr.as_deref(), namelist),
            Statement::Return { event, namelist } => self.give_back(event.as_ref(), namelist),
            Statement::Disconnect => {
                self.play_then(AfterPlay::Disconnect);
                Ok(())
            }
            Statement::Throw(event) => Err(self.event(event)?),
            Statement::BeginItem(number) => self.begin_item(*number, scope),
            Statement::Unsupported(event) => Err(Thrown::fault(event, "this interpreter does not have that element")),
        }
    }

    /// A literal, or an expression's value as text.
    pub(super) fn given(&mut self, given: &Given) -> Result<String, Thrown> {
        match given {
            Given::Text(text) => Ok(text.clone()),
            Given::Expr(expr) => Ok(self.engine.eval_text(self.chain()?, expr)?),
        }
    }

    /// A `<throw>` made ready.
    pub(super) fn event(&mut self, event: &Event) -> Result<Thrown, Thrown> {
        let name = self.given(&event.name)?;
        if name.split('.').any(str::is_empty) || name.contains(char::is_whitespace) {
            return Err(Thrown::semantic(format!("{name:?} cannot name an event; write words and dots")));
        }
        let message = match &event.message {
            Some(message) => self.given(message)?,
            None => String::new(),
        };
        Ok(Thrown { event: name, message, is_fault: false })
    }

    fn var(&mut self, name: &str, expr: Option<&str>, scope: ScopeId) -> Done {
        if let Some(value) = self.take_param(name, scope)? {
            return Ok(self.engine.put(scope, name, value)?);
        }
        match expr {
            Some(expr) => Ok(self.engine.declare(self.chain()?, scope, name, expr)?),
            // VoiceXML 2.0 §5.3.1: a second <var> without expr keeps the value.
            None if self.engine.has(scope, name)? => Ok(()),
            None => Ok(self.engine.put(scope, name, Value::Undefined)?),
        }
    }

    fn branch(&mut self, branches: &[Branch], scope: ScopeId, from: Arc<str>) -> Done {
        let chain = self.chain()?;
        for branch in branches {
            let holds = match &branch.cond {
                Some(cond) => self.engine.eval_truth(chain, cond)?,
                None => true,
            };
            if holds {
                self.push([Work::Code { code: branch.code.clone(), at: 0, scope, from }]);
                return Ok(());
            }
        }
        Ok(())
    }

    /// The values of an array expression.
    pub(super) fn array(&mut self, expr: &str) -> Result<Vec<Value>, Thrown> {
        match self.engine.eval(self.chain()?, expr)? {
            Value::List(values) => Ok(values),
            _ => Err(Thrown::semantic(format!("<foreach>: {expr:?} is no array"))),
        }
    }

    pub(super) fn each(
        &mut self,
        values: Vec<Value>,
        at: usize,
        item: String,
        code: Code,
        scope: ScopeId,
        from: Arc<str>,
    ) -> Done {
        let Some(value) = values.get(at).cloned() else { return Ok(()) };
        self.engine.put(scope, &item, value)?;
        let body = Work::Code { code: code.clone(), at: 0, scope, from: from.clone() };
        self.push([Work::Each { values, at: at + 1, item, code, scope, from }, body]);
        Ok(())
    }

    /// `<clear>` (VoiceXML 2.0 §5.3.3): values, and for form items the counters too. No names means all form items.
    fn clear(&mut self, names: &[String]) -> Done {
        let chain = self.chain()?;
        let dialog = self.dialog()?;
        for (number, item) in dialog.items.iter().enumerate() {
            if names.is_empty() || names.contains(&item.variable) {
                self.engine.put(chain[3], &item.variable, Value::Undefined)?;
                self.visit_mut()?.items[number] = super::context::ItemState::default();
            }
        }
        for name in names.iter().filter(|name| !dialog.items.iter().any(|item| item.variable == **name)) {
            self.engine.assign(chain, name, "undefined")?;
        }
        Ok(())
    }

    fn log(&mut self, label: Option<&Given>, expr: Option<&str>, pieces: &[Piece]) -> Done {
        let label = match label {
            Some(label) => self.given(label)?,
            None => String::new(),
        };
        let mut text = self.words_of(pieces)?;
        if let Some(expr) = expr {
            let value = self.engine.eval_text(self.chain()?, expr)?;
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&value);
        }
        self.say(&label, text);
        Ok(())
    }

    fn exit(&mut self, expr: Option<&str>, namelist: &[String]) -> Done {
        let chain = self.chain()?;
        let mut values = Vec::new();
        if let Some(expr) = expr {
            values.push(("expr".to_owned(), self.engine.eval_text(chain, expr)?));
        }
        for name in namelist {
            values.push((name.clone(), self.engine.eval_text(chain, name)?));
        }
        self.unwind();
        self.finish(ExitReason::Finished, values);
        Ok(())
    }

    fn go_to_item(&mut self, name: &str) -> Done {
        let dialog = self.dialog()?;
        let Some(number) = dialog.items.iter().position(|item| item.name.as_deref() == Some(name)) else {
            return Err(Thrown::semantic(format!("no form item {name:?} in this form; mend nextitem")));
        };
        self.unwind();
        self.visit_mut()?.next = Some(number);
        self.push([Work::Select]);
        Ok(())
    }
}
