//! The scopes, and the script engine behind them.

use super::value::{Value, literal, path};
use crate::api::{Limits, SessionInfo};
use base::{Instant, Secret};
use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};
use rquickjs::context::EvalOptions;
use rquickjs::function::IntoArgs;
use rquickjs::{Array, Context, Ctx, FromJs, Function, IntoJs, Object, Runtime};
use std::sync::Arc;

/// Names one scope.
pub(crate) type ScopeId = u32;

/// The scopes an expression sees, outermost first: session, application, document, dialog, anonymous.
pub(crate) type Chain = [ScopeId; 5];

/// Why a script failed, in the engine's words. Always `error.semantic`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScriptError(pub(crate) String);

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

type Result<T> = core::result::Result<T, ScriptError>;

fn fail<T>(text: impl Into<String>) -> Result<T> {
    Err(ScriptError(text.into()))
}

const SECRET_HAS_NO_TEXT: &str = "a sensitive value cannot be read, only submitted by POST";

/// All variables of a session.
pub(crate) struct Engine {
    store: Store,
    vault: Vec<Secret>,
    next_scope: ScopeId,
    limits: Limits,
    info: SessionInfo,
    start: Instant,
    now: Instant,
    used: Arc<AtomicU64>,
}

enum Store {
    Plain(Vec<(ScopeId, Vec<(String, Value)>)>),
    Script(Box<Machine>),
}

/// The engine proper. What bootstrap.js returned is kept in the runtime itself, so that all of it moves between threads.
struct Machine {
    context: Context,
    runtime: Runtime,
}

impl Engine {
    pub(crate) fn new(now: Instant, info: SessionInfo, limits: Limits) -> Self {
        Self {
            store: Store::Plain(Vec::new()),
            vault: Vec::new(),
            next_scope: 0,
            limits,
            info,
            start: now,
            now,
            used: Arc::default(),
        }
    }

    /// Units of script steps run since the last call of this.
    pub(crate) fn take_used(&mut self) -> u64 {
        self.used.swap(0, Ordering::Relaxed)
    }

    /// The time scripts see from now on.
    pub(crate) fn set_now(&mut self, now: Instant) {
        self.now = now;
    }

    /// Whether a script engine had to be made.
    #[cfg(test)]
    pub(crate) fn is_scripted(&self) -> bool {
        matches!(self.store, Store::Script(_))
    }

    /// Keeps a secret; its number stands for it in scripts.
    pub(crate) fn hide(&mut self, secret: Secret) -> Value {
        self.vault.push(secret);
        Value::Secret(self.vault.len() - 1)
    }

    /// The secret of that number.
    pub(crate) fn secret(&self, number: usize) -> Option<&Secret> {
        self.vault.get(number)
    }

    /// A new, empty scope.
    pub(crate) fn make_scope(&mut self) -> ScopeId {
        self.next_scope += 1;
        let id = self.next_scope;
        match &mut self.store {
            Store::Plain(scopes) => scopes.push((id, Vec::new())),
            // Out of memory shows at the first use of the scope.
            Store::Script(_) => drop(self.call::<_, ()>("make", (id,))),
        }
        id
    }

    /// Forgets a scope.
    pub(crate) fn drop_scope(&mut self, id: ScopeId) {
        match &mut self.store {
            Store::Plain(scopes) => scopes.retain(|(other, _)| *other != id),
            Store::Script(_) => drop(self.call::<_, ()>("drop", (id,))),
        }
    }

    /// Sets a variable in a scope of its own, declaring it if need be.
    pub(crate) fn put(&mut self, scope: ScopeId, name: &str, value: Value) -> Result<()> {
        match &mut self.store {
            Store::Plain(scopes) => {
                let Some((_, vars)) = scopes.iter_mut().find(|(id, _)| *id == scope) else {
                    return fail("the scope is gone");
                };
                match vars.iter_mut().find(|(key, _)| key == name) {
                    Some((_, old)) => *old = value,
                    None => vars.push((name.into(), value)),
                }
                Ok(())
            }
            Store::Script(_) => self.call("put", (scope, name.to_owned(), Sent(value))),
        }
    }

    /// A scope's own variable; `None` if it was never declared there.
    pub(crate) fn get(&mut self, scope: ScopeId, name: &str) -> Result<Option<Value>> {
        if let Store::Plain(scopes) = &self.store {
            return Ok(plain_get(scopes, scope, name).cloned());
        }
        if !self.call::<_, bool>("has", (scope, name.to_owned()))? {
            return Ok(None);
        }
        self.call::<_, Received>("get", (scope, name.to_owned())).map(|received| Some(received.0))
    }

    /// Whether a scope has that variable.
    pub(crate) fn has(&mut self, scope: ScopeId, name: &str) -> Result<bool> {
        match &self.store {
            Store::Plain(scopes) => Ok(plain_get(scopes, scope, name).is_some()),
            Store::Script(_) => self.call("has", (scope, name.to_owned())),
        }
    }

    /// The value of an expression, copied out.
    pub(crate) fn eval(&mut self, chain: Chain, expr: &str) -> Result<Value> {
        match self.simple(chain, expr) {
            Some(value) => Ok(value),
            None => self.call_in::<Received>(chain, "value", expr).map(|received| received.0),
        }
    }

    /// The value of an expression as text; fails for a secret.
    pub(crate) fn eval_text(&mut self, chain: Chain, expr: &str) -> Result<String> {
        match self.simple(chain, expr) {
            Some(Value::Secret(_)) => fail(SECRET_HAS_NO_TEXT),
            Some(Value::Object(_)) => Ok("[object Object]".into()),
            Some(value) => value.to_text().ok_or_else(|| ScriptError(SECRET_HAS_NO_TEXT.into())),
            None => self.call_in(chain, "text", expr),
        }
    }

    /// Whether an expression holds.
    pub(crate) fn eval_truth(&mut self, chain: Chain, expr: &str) -> Result<bool> {
        match self.simple(chain, expr) {
            Some(value) => Ok(value.truthy()),
            None => self.call_in(chain, "truth", expr),
        }
    }

    /// `<var expr>`: declares `name` in `scope` with the expression's value.
    pub(crate) fn declare(&mut self, chain: Chain, scope: ScopeId, name: &str, expr: &str) -> Result<()> {
        match self.simple(chain, expr) {
            Some(value) => self.put(scope, name, value),
            None => {
                self.scripted()?;
                self.call("declare", (chain.to_vec(), scope, name.to_owned(), expression(expr)))
            }
        }
    }

    /// `<assign>` (VoiceXML 2.0 §5.3.2): sets a variable that exists somewhere in the chain, or a member of one.
    pub(crate) fn assign(&mut self, chain: Chain, name: &str, expr: &str) -> Result<()> {
        let Some(parts) = path(name).or_else(|| name.contains('[').then(Vec::new)) else {
            return fail(format!("{name:?} is no variable; a name such as a, document.a or a.b is wanted"));
        };
        if parts.first() == Some(&"session") {
            return fail("session variables cannot be changed; declare one of your own by <var>");
        }
        if let (Store::Plain(scopes), [single]) = (&self.store, parts.as_slice()) {
            let home = chain.iter().rev().find(|&&id| plain_get(scopes, id, single).is_some()).copied();
            let value = self.simple(chain, expr);
            match (home, value) {
                (Some(scope), Some(value)) if scope != chain[0] => return self.put(scope, single, value),
                (None, _) => return fail(format!("{name} was never declared; add <var name=\"{name}\"/>")),
                _ => {}
            }
        }
        self.scripted()?;
        self.call("assign", (chain.to_vec(), name.to_owned(), expression(expr)))
    }

    /// `<script>`: its `var` and `function` declarations land in `scope`.
    pub(crate) fn run(&mut self, chain: Chain, scope: ScopeId, code: &str) -> Result<()> {
        if code.trim().is_empty() {
            return Ok(());
        }
        self.scripted()?;
        self.call("run", (chain.to_vec(), scope, code.to_owned()))
    }

    /// What needs no script engine: literals always, names as long as variables are plain.
    fn simple(&self, chain: Chain, expr: &str) -> Option<Value> {
        let expr = expr.trim();
        if let Some(value) = literal(expr) {
            return Some(value);
        }
        let Store::Plain(scopes) = &self.store else { return None };
        let parts = path(expr)?;
        let (first, rest) = parts.split_first()?;
        let found = chain.iter().rev().find_map(|&id| plain_get(scopes, id, first));
        let (mut value, members) = match (found, rest) {
            (Some(value), members) => (value, members),
            (None, [name, members @ ..]) => {
                let at = ["session", "application", "document", "dialog"].iter().position(|word| word == first)?;
                (plain_get(scopes, chain[at], name).unwrap_or(&Value::Undefined), members)
            }
            (None, []) => return None,
        };
        for member in members {
            let Value::Object(_) = value else { return None };
            value = value.member(member).unwrap_or(&Value::Undefined);
        }
        // An object must keep its identity: only the engine can hand out references.
        (!matches!(value, Value::Object(_) | Value::List(_))).then(|| value.clone())
    }

    /// Makes the script engine and moves all variables into it.
    fn scripted(&mut self) -> Result<()> {
        let Store::Plain(scopes) = &mut self.store else { return Ok(()) };
        let scopes = core::mem::take(scopes);
        let machine = match Machine::new(&self.info, &self.limits) {
            Ok(machine) => machine,
            Err(error) => {
                self.store = Store::Plain(scopes);
                return Err(error);
            }
        };
        self.store = Store::Script(Box::new(machine));
        for (id, vars) in scopes {
            self.call::<_, ()>("make", (id,))?;
            for (name, value) in vars {
                self.put(id, &name, value)?;
            }
        }
        Ok(())
    }

    fn call_in<T: for<'js> FromJs<'js>>(&mut self, chain: Chain, operation: &str, code: &str) -> Result<T> {
        self.scripted()?;
        self.call(operation, (chain.to_vec(), expression(code)))
    }

    /// One call into the engine, with the step counter and the clock set anew.
    fn call<A, T>(&mut self, operation: &str, args: A) -> Result<T>
    where
        A: for<'js> IntoArgs<'js>,
        T: for<'js> FromJs<'js>,
    {
        let wall = self.info.wall.0.saturating_add(self.now.since(self.start).as_millis() as u64);
        let steps = self.limits.script_steps;
        let Store::Script(machine) = &mut self.store else { return fail("no script engine") };
        machine.arm(steps, self.used.clone());
        machine.context.with(|ctx| {
            let run = || -> rquickjs::Result<T> {
                let kept = ctx.userdata::<Object>().ok_or(rquickjs::Error::Unknown)?;
                let api: Object = (*kept).clone();
                drop(kept);
                api.get::<_, Function>("time")?.call::<_, ()>((wall as f64,))?;
                api.get::<_, Function>(operation)?.call(args)
            };
            run().map_err(|error| explain(&ctx, &error))
        })
    }
}

impl Machine {
    fn new(info: &SessionInfo, limits: &Limits) -> Result<Self> {
        let gone = |error: rquickjs::Error| ScriptError(format!("no script engine: {error}"));
        let runtime = Runtime::new().map_err(gone)?;
        runtime.set_memory_limit(limits.script_memory);
        runtime.set_max_stack_size(limits.script_stack);
        let context = Context::full(&runtime).map_err(gone)?;
        let (high, low) = ((info.seed >> 32) as u32 as i32, info.seed as u32 as i32);
        let offset = info.utc_offset_minutes;
        let booted: rquickjs::Result<()> = context.with(|ctx| {
            let mut options = EvalOptions::default();
            options.strict = false;
            let boot: Function = ctx.eval_with_options(include_str!("bootstrap.js"), options)?;
            let api: Object = boot.call((high, low, offset))?;
            ctx.store_userdata(api).map(drop).map_err(|_| rquickjs::Error::Unknown)
        });
        booted.map_err(gone)?;
        Ok(Self { context, runtime })
    }

    /// Allows one evaluation that many units of steps.
    fn arm(&self, steps: u64, used: Arc<AtomicU64>) {
        let mut left = steps;
        self.runtime.set_interrupt_handler(Some(Box::new(move || {
            used.fetch_add(1, Ordering::Relaxed);
            left = left.saturating_sub(1);
            left == 0
        })));
    }
}

/// An expression as the engine must see it: `{a: 1}` is an object where an expression is wanted, and not a block.
fn expression(code: &str) -> String {
    if code.trim_start().starts_with('{') { format!("({code}\n)") } else { code.to_owned() }
}

fn plain_get<'a>(scopes: &'a [(ScopeId, Vec<(String, Value)>)], scope: ScopeId, name: &str) -> Option<&'a Value> {
    let (_, vars) = scopes.iter().find(|(id, _)| *id == scope)?;
    vars.iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// What the engine says of its failure, shortened; it never holds a secret because the engine holds none.
fn explain(ctx: &Ctx<'_>, error: &rquickjs::Error) -> ScriptError {
    let text = match error {
        rquickjs::Error::Exception => {
            let thrown = ctx.catch();
            match thrown.as_exception().and_then(|exception| exception.message()) {
                Some(message) if message == "interrupted" => {
                    "the script ran for too many steps; shorten its loops".into()
                }
                Some(message) if message.is_empty() || message == "out of memory" => {
                    "the script ran out of memory; keep less".into()
                }
                Some(message) => message,
                None => "the script threw a value or ran out of memory".into(),
            }
        }
        other => other.to_string(),
    };
    ScriptError(text.chars().take(200).collect())
}

/// How deep and how many members a value is copied between the two worlds.
const COPY_DEPTH: usize = 8;
const COPY_MEMBERS: usize = 1000;

/// A value on its way into the engine.
struct Sent(Value);

impl<'js> IntoJs<'js> for Sent {
    fn into_js(self, ctx: &Ctx<'js>) -> rquickjs::Result<rquickjs::Value<'js>> {
        match self.0 {
            Value::Undefined => Ok(rquickjs::Value::new_undefined(ctx.clone())),
            Value::Null => Ok(rquickjs::Value::new_null(ctx.clone())),
            Value::Bool(claim) => claim.into_js(ctx),
            Value::Number(number) => number.into_js(ctx),
            Value::Text(text) => text.into_js(ctx),
            Value::Secret(number) => ctx.globals().get::<_, Function>("%secret")?.call((number as u32,)),
            Value::Object(members) => {
                let object = Object::new(ctx.clone())?;
                for (name, value) in members {
                    object.set(name, Self(value))?;
                }
                object.into_js(ctx)
            }
            Value::List(values) => {
                let array = Array::new(ctx.clone())?;
                for (at, value) in values.into_iter().enumerate() {
                    array.set(at, Self(value))?;
                }
                array.into_js(ctx)
            }
        }
    }
}

/// A value copied out of the engine. Functions become undefined.
struct Received(Value);

impl<'js> FromJs<'js> for Received {
    fn from_js(ctx: &Ctx<'js>, value: rquickjs::Value<'js>) -> rquickjs::Result<Self> {
        let reveal: Function = ctx.globals().get("%reveal")?;
        let mut left = COPY_MEMBERS;
        copy_out(&reveal, value, COPY_DEPTH, &mut left).map(Self)
    }
}

fn copy_out<'js>(
    reveal: &Function<'js>,
    value: rquickjs::Value<'js>,
    depth: usize,
    left: &mut usize,
) -> rquickjs::Result<Value> {
    *left = left.saturating_sub(1);
    if value.is_null() {
        return Ok(Value::Null);
    }
    if let Some(claim) = value.as_bool() {
        return Ok(Value::Bool(claim));
    }
    if let Some(number) = value.as_number() {
        return Ok(Value::Number(number));
    }
    if let Some(text) = value.as_string() {
        return text.to_string().map(Value::Text);
    }
    let Some(object) = value.as_object().filter(|object| !object.is_function()) else { return Ok(Value::Undefined) };
    let known: i32 = reveal.call((value.clone(),))?;
    if let Ok(number) = usize::try_from(known) {
        return Ok(Value::Secret(number));
    }
    if depth == 0 || *left == 0 {
        return Ok(Value::Undefined);
    }
    if let Some(array) = value.as_array() {
        let mut values = Vec::new();
        for at in 0..array.len().min(*left) {
            values.push(copy_out(reveal, array.get(at)?, depth - 1, left)?);
        }
        return Ok(Value::List(values));
    }
    let mut members = Vec::new();
    for key in object.keys::<String>().take(*left) {
        let key = key?;
        let member: rquickjs::Value = object.get(key.as_str())?;
        members.push((key, copy_out(reveal, member, depth - 1, left)?));
    }
    Ok(Value::Object(members))
}

#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;
