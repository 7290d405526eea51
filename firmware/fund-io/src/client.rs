//! Questions over HTTP.

use crate::answer::{Announcement, Fund, FundLine, Holdings, Nav, Session};
use crate::{BadAddress, FundError};
use base::Secret;
use reqwest::{Client, Method, RequestBuilder, StatusCode, redirect};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::time::Duration;
use url::Url;

/// How long and how large an answer may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For the connection.
    pub connect: Duration,
    /// For the whole answer. A caller listens to silence meanwhile.
    pub answer: Duration,
    /// Octets of an answer.
    pub octets: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(2), answer: Duration::from_secs(6), octets: 1 << 20 }
    }
}

/// A language of announcements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// A fund system that can be asked. Clones share its connections.
#[derive(Clone, Debug)]
pub struct FundSystem {
    base: Url,
    client: Client,
    octets: usize,
}

impl FundSystem {
    /// The fund system at an `http` address.
    ///
    /// # Errors
    /// [`BadAddress`] for what is no such address.
    pub fn new(address: &str) -> Result<Self, BadAddress> {
        Self::with_limits(address, Limits::default())
    }

    /// With other limits.
    ///
    /// # Errors
    /// [`BadAddress`] for what is no `http` address.
    pub fn with_limits(address: &str, limits: Limits) -> Result<Self, BadAddress> {
        let bad = |why: String| BadAddress { address: address.to_owned(), why };
        let base = Url::parse(address).map_err(|why| bad(why.to_string()))?;
        if base.scheme() != "http" || base.cannot_be_a_base() {
            return Err(bad(format!("the scheme is {}", base.scheme())));
        }
        // No proxy: the fund system is on the box's own network. No redirects: a PIN goes where the configuration says.
        let client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .connect_timeout(limits.connect)
            .timeout(limits.answer)
            .build()
            .map_err(|why| bad(why.to_string()))?;
        Ok(Self { base, client, octets: limits.octets })
    }

    /// All funds.
    ///
    /// # Errors
    /// [`FundError`], as with every question below.
    pub async fn funds(&self) -> Result<Vec<FundLine>, FundError> {
        #[derive(Deserialize)]
        struct Answer {
            funds: Vec<FundLine>,
        }
        Ok(self.ask::<Answer>("funds", self.get(&["v1", "funds"])).await?.funds)
    }

    /// One fund with its latest figures.
    pub async fn fund(&self, code: &str) -> Result<Fund, FundError> {
        self.ask("fund", self.get(&["v1", "funds", code])).await
    }

    /// The last `days` days of a fund, newest first.
    pub async fn navs(&self, code: &str, days: u32) -> Result<Vec<Nav>, FundError> {
        #[derive(Deserialize)]
        struct Answer {
            history: Vec<Nav>,
        }
        let question = self.get(&["v1", "funds", code, "nav"]).query(&[("days", days)]);
        Ok(self.ask::<Answer>("nav", question).await?.history)
    }

    /// The announcements in one language, newest first.
    pub async fn announcements(&self, lang: Lang) -> Result<Vec<Announcement>, FundError> {
        #[derive(Deserialize)]
        struct Answer {
            announcements: Vec<Announcement>,
        }
        let lang = match lang {
            Lang::Zh => "zh",
            Lang::En => "en",
        };
        let question = self.get(&["v1", "announcements"]).query(&[("lang", lang)]);
        Ok(self.ask::<Answer>("announcements", question).await?.announcements)
    }

    /// Opens a session with account number and PIN. `call` names the telephone call: the fund system counts wrong tries of
    /// each call and of each account.
    pub async fn open_session(&self, account: &str, pin: &Secret, call: &str) -> Result<Session, FundError> {
        let body = json!({ "account": account, "pin": pin.reveal(), "call": call });
        let question = self.request(Method::POST, &["v1", "sessions"]).json(&body);
        self.ask("session", question).await
    }

    /// What the customer of a session holds.
    pub async fn holdings(&self, session: &Session) -> Result<Holdings, FundError> {
        let question = self.get(&["v1", "sessions", session.token.reveal(), "holdings"]);
        match self.ask("holdings", question).await {
            Err(FundError::NotFound) => Err(FundError::SessionEnded),
            other => other,
        }
    }

    fn get(&self, path: &[&str]) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    fn request(&self, method: Method, path: &[&str]) -> RequestBuilder {
        let mut url = self.base.clone();
        // Every part is encoded, so that what a caller typed cannot lead to another path.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        self.client.request(method, url)
    }

    async fn ask<T: DeserializeOwned>(&self, subject: &'static str, question: RequestBuilder) -> Result<T, FundError> {
        let answer = self.answer(question).await;
        let (status, body) = answer.inspect_err(|why| tracing::warn!(subject, %why, "fund system"))?;
        tracing::debug!(subject, status = status.as_u16(), "fund system answered");
        if status.is_success() {
            // Only the place: serde's text may quote what was sent.
            return serde_json::from_slice(&body).map_err(|why| FundError::Malformed {
                why: format!("{subject}, line {} column {}", why.line(), why.column()),
            });
        }
        Err(refusal(status, &body))
    }

    async fn answer(&self, question: RequestBuilder) -> Result<(StatusCode, Vec<u8>), FundError> {
        // `without_url`: the address may hold a session's token.
        let unavailable = |why: reqwest::Error| FundError::Unavailable { why: in_words(&why.without_url()) };
        let mut answer = question.send().await.map_err(unavailable)?;
        let status = answer.status();
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(unavailable)? {
            if body.len() + piece.len() > self.octets {
                return Err(FundError::Malformed { why: format!("more than {} octets", self.octets) });
            }
            body.extend_from_slice(&piece);
        }
        Ok((status, body))
    }
}

fn refusal(status: StatusCode, body: &[u8]) -> FundError {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Refusal {
        error: String,
        field: Option<String>,
        end_call: bool,
    }
    let told: Refusal = serde_json::from_slice(body).unwrap_or_default();
    match (status, told.error.as_str(), told.field) {
        (StatusCode::UNAUTHORIZED, "locked", _) => FundError::Locked,
        (StatusCode::UNAUTHORIZED, _, _) => FundError::WrongPin { end_call: told.end_call },
        (StatusCode::NOT_FOUND, _, _) => FundError::NotFound,
        (StatusCode::BAD_REQUEST, _, Some(field)) => FundError::Refused { field },
        _ => FundError::Unavailable { why: format!("it answered {status}") },
    }
}

/// The error and its causes: reqwest's own text stops at "error sending request".
fn in_words(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".into();
    }
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        words = format!("{words}: {deeper}");
        cause = deeper.source();
    }
    words
}
