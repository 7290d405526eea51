//! The functions by which a template asks the fund system.
//!
//! Each gives an object with `ok`; where that is false, `error` says why in one word. Templates run on a thread that may wait.

use super::form::Hidden;
use base::Secret;
use fund_io::{FundError, FundSystem, Lang};
use minijinja::value::Serde;
use minijinja::{Environment, Error, ErrorKind, Value, context};
use serde::Serialize;
use std::sync::Arc;
use tokio::runtime::Handle;

/// Days of history that a template gets at most.
const MOST_DAYS: u32 = 250;

/// What a template may ask, and whom.
pub(crate) struct Inquiry {
    fund: Option<FundSystem>,
    runtime: Handle,
}

impl Inquiry {
    pub(crate) fn new(fund: Option<FundSystem>, runtime: Handle) -> Arc<Self> {
        Arc::new(Self { fund, runtime })
    }

    /// Adds `fund`, `navs`, `announcements` and `login`. `call` names the telephone call to the fund system's PIN rule.
    pub(crate) fn add_functions(self: Arc<Self>, env: &mut Environment<'_>, call: &str) {
        let inquiry = Arc::clone(&self);
        env.add_function("fund", move |code: &str| {
            inquiry.ask(async |system| Ok(Serde(system.fund(code).await?).into()))
        });
        let inquiry = Arc::clone(&self);
        env.add_function("navs", move |code: &str, days: u32| {
            let days = days.clamp(1, MOST_DAYS);
            inquiry.ask(async |system| Ok(context! { history => Serde(system.navs(code, days).await?) }))
        });
        let inquiry = Arc::clone(&self);
        env.add_function("announcements", move |lang: &str| {
            let lang = if lang == "en" { Lang::En } else { Lang::Zh };
            inquiry.ask(async |system| Ok(context! { announcements => Serde(system.announcements(lang).await?) }))
        });
        let (inquiry, call) = (self, call.to_owned());
        env.add_function("login", move |account: &str, pin: Value| {
            let Some(Hidden(pin)) = pin.downcast_object_ref::<Hidden>() else {
                let wanted = "login wants the account and form.pin as it was posted";
                return Err(Error::new(ErrorKind::InvalidOperation, wanted));
            };
            Ok(inquiry.ask(async |system| login(system, account, pin, &call).await))
        });
    }

    fn ask(&self, question: impl AsyncFnOnce(&FundSystem) -> Result<Value, FundError>) -> Value {
        let Some(system) = &self.fund else {
            tracing::warn!("a template asks the fund system, and none is configured: set `fund` under [ivr]");
            return refusal("unavailable", false);
        };
        match self.runtime.block_on(question(system)) {
            Ok(answer) => context! { ok => true, ..answer },
            Err(why) => {
                let (word, end_call) = word(&why);
                refusal(word, end_call)
            }
        }
    }
}

async fn login(system: &FundSystem, account: &str, pin: &Secret, call: &str) -> Result<Value, FundError> {
    #[derive(Serialize)]
    struct Customer {
        customer: String,
        name: fund_io::Words,
        #[serde(flatten)]
        held: fund_io::Holdings,
    }
    let session = system.open_session(account, pin, call).await?;
    let held = system.holdings(&session).await?;
    Ok(Serde(Customer { customer: session.customer, name: session.name, held }).into())
}

fn refusal(word: &str, end_call: bool) -> Value {
    context! { ok => false, error => word, end_call => end_call }
}

fn word(why: &FundError) -> (&'static str, bool) {
    match why {
        // A code or account of the wrong length cannot exist.
        FundError::NotFound => ("not_found", false),
        FundError::Refused { field } if field == "code" => ("not_found", false),
        FundError::Refused { field } if field == "account" || field == "pin" => ("wrong_pin", false),
        FundError::WrongPin { end_call } => ("wrong_pin", *end_call),
        FundError::Locked => ("locked", true),
        FundError::SessionEnded
        | FundError::Refused { .. }
        | FundError::Unavailable { .. }
        | FundError::Malformed { .. } => ("unavailable", false),
    }
}
