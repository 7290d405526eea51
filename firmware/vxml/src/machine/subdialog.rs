//! `<subdialog>`: a context of its own, parameters in, values or an event back (VoiceXML 2.0 §2.3.4).

use super::fetch::address;
use super::transition::{Arrival, How};
use super::{Done, Interpreter, Thrown};
use crate::api::Purpose;
use crate::document::{Event, Given, Subdialog};
use crate::script::{ScopeId, Value};

impl Interpreter {
    /// Calls a subdialog.
    pub(super) fn call(&mut self, subdialog: &Subdialog) -> Done {
        if self.ending.as_ref().is_some_and(|ending| !ending.is_told) {
            self.tell_ending();
            return Ok(());
        }
        let mut params = Vec::new();
        for param in &subdialog.params {
            self.here.place = param.at;
            let value = match &param.value {
                Given::Text(text) => Value::text(text),
                Given::Expr(expr) => self.engine.eval(self.chain()?, expr)?,
            };
            params.push((param.name.clone(), value));
        }
        let src = self.given(&subdialog.src)?;
        let document = self.context()?.document.clone();
        let form = self.form(&subdialog.namelist)?;
        let how = How::Subdialog(params);
        if src.starts_with('#') {
            let mut url = document.url.clone();
            url.set_fragment(src.strip_prefix('#'));
            let root = self.context()?.root.clone();
            return self.enter(Arrival { url, how }, document, root);
        }
        let url = address(&document.base, &src)?;
        let arrival = Arrival { url: url.clone(), how };
        self.send(Purpose::Subdialog, url, form, subdialog.is_post, &subdialog.fetch, arrival)
    }

    /// The parameter for a variable of the subdialog's first form, if there is one.
    pub(super) fn take_param(&mut self, name: &str, scope: ScopeId) -> Result<Option<Value>, Thrown> {
        let context = self.context_mut()?;
        if context.visit.is_none() || scope != context.chain[3] {
            return Ok(None);
        }
        let found = context.params.iter().position(|(param, _)| param == name);
        Ok(found.map(|at| context.params.remove(at).1))
    }

    /// A parameter that no `<var>` of the form took is a mistake of the caller.
    pub(super) fn check_params(&mut self) -> Done {
        let left = core::mem::take(&mut self.context_mut()?.params);
        match left.first() {
            Some((name, _)) => Err(Thrown::semantic(format!(
                "<param> {name:?} without a variable; add <var name={name:?}/> to the form"
            ))),
            None => Ok(()),
        }
    }

    /// `<return>`.
    pub(super) fn give_back(&mut self, event: Option<&Event>, namelist: &[String]) -> Done {
        if self.contexts.len() < 2 {
            return Err(Thrown::semantic("<return> outside a subdialog; write <exit/>"));
        }
        let chain = self.chain()?;
        let event = match event {
            Some(event) => Some(self.event(event)?),
            None => None,
        };
        let mut members = Vec::new();
        for name in namelist {
            members.push((name.clone(), self.engine.eval(chain, name)?));
        }
        self.drop_context();
        if let Some(thrown) = event {
            return Err(thrown);
        }
        let visit = self.visit()?;
        let Some(number) = visit.current else {
            return Err(Thrown::semantic("no <subdialog> waits for this <return>"));
        };
        let variable = visit.dialog.items[number].variable.clone();
        let scope = self.chain()?[3];
        self.engine.put(scope, &variable, Value::Object(members))?;
        self.process_filled(&[number])
    }
}
