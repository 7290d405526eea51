//! Documents, grammars, scripts and recordings over HTTP.

use crate::apps::CALL_HEADER;
use base::Secret;
use reqwest::cookie::{CookieStore, Jar};
use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderMap, HeaderValue, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, Response, StatusCode, redirect};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use url::{Origin, Url};
use vxml::{FetchFailure, Fetched};

/// Fetches at once over all sessions; more wait in line within their own time limit.
const FETCHES: usize = 512;
/// Redirects followed (RFC 9110 §15.4 leaves the number open).
const REDIRECTS: usize = 10;
/// Octets of one recording.
const MOST_AUDIO: usize = 32 << 20;

/// What all sessions fetch with.
#[derive(Clone)]
pub struct Fetcher {
    client: Client,
    permits: Arc<Semaphore>,
    most_octets: usize,
}

/// One session's cookies, and the name of its call.
#[derive(Clone)]
pub struct Visitor {
    jar: Arc<Jar>,
    call: HeaderValue,
}

impl Visitor {
    /// A visitor without cookies.
    #[must_use]
    pub fn new(call: u128) -> Self {
        let call = HeaderValue::from_str(&format!("{call:032x}")).unwrap_or(HeaderValue::from_static("none"));
        Self { jar: Arc::default(), call }
    }
}

/// What to fetch.
pub struct Wanted {
    /// The address, absolute.
    pub url: String,
    /// The body of a POST, of which it is said whether it holds secrets; `None` for GET.
    pub body: Option<(Secret, Sensitivity)>,
    /// From the beginning to the last octet.
    pub timeout: Duration,
}

/// Whether a body may go to another server when the first one says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sensitivity {
    /// It holds nothing secret.
    Open,
    /// It holds a secret: it goes to the server it was meant for and to no other.
    Secret,
}

/// A recording with what its server said of its age.
pub(crate) struct Audio {
    pub(crate) octets: Vec<u8>,
    pub(crate) fresh_for: Duration,
}

impl Fetcher {
    /// A fetcher that takes documents up to `most_octets`.
    ///
    /// # Errors
    /// What the HTTP library said.
    pub fn new(most_octets: usize) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .user_agent(concat!("fundline-ivr/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { client, permits: Arc::new(Semaphore::new(FETCHES)), most_octets })
    }

    /// Fetches a document, grammar or script. Dropping the future cancels it.
    pub async fn fetch(&self, visitor: &Visitor, wanted: Wanted) -> Result<Fetched, FetchFailure> {
        let timeout = wanted.timeout;
        let work = async {
            let (url, answer) = self.answer(visitor, wanted).await?;
            let (status, content_type) = (answer.status().as_u16(), content_type(answer.headers()));
            let body = self.body(answer, self.most_octets).await?;
            Ok(Fetched { url: url.into(), status, content_type, body })
        };
        tokio::time::timeout(timeout, work).await.unwrap_or(Err(FetchFailure::TimedOut))
    }

    /// Fetches a recording.
    pub(crate) async fn audio(&self, visitor: &Visitor, url: &str, timeout: Duration) -> Result<Audio, FetchFailure> {
        let wanted = Wanted { url: url.to_owned(), body: None, timeout };
        let work = async {
            let (_, answer) = self.answer(visitor, wanted).await?;
            if !answer.status().is_success() {
                return Err(FetchFailure::Status(answer.status().as_u16()));
            }
            let fresh_for = freshness(answer.headers());
            Ok(Audio { octets: self.body(answer, MOST_AUDIO).await?, fresh_for })
        };
        tokio::time::timeout(timeout, work).await.unwrap_or(Err(FetchFailure::TimedOut))
    }

    /// Asks, and follows where it is sent.
    async fn answer(&self, visitor: &Visitor, wanted: Wanted) -> Result<(Url, Response), FetchFailure> {
        // The semaphore is never closed.
        let _permit = self.permits.acquire().await;
        let mut url = http(&wanted.url)?;
        let mut body = wanted.body;
        let meant_for = url.origin();
        for _ in 0..=REDIRECTS {
            let answer = self.send(visitor, &url, body.as_ref().map(|(body, _)| body)).await?;
            let Some(next) = redirected(&answer, &url)? else { return Ok((url, answer)) };
            // After 301, 302 and 303 a POST becomes a GET, as all browsers do it (RFC 9110 §15.4.2).
            if !matches!(answer.status(), StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT) {
                body = None;
            }
            may_follow(body.as_ref().map(|(_, sensitivity)| *sensitivity), &meant_for, &next)?;
            url = next;
        }
        Err(FetchFailure::Unreachable(format!("more than {REDIRECTS} redirects")))
    }

    async fn send(&self, visitor: &Visitor, url: &Url, body: Option<&Secret>) -> Result<Response, FetchFailure> {
        let method = if body.is_some() { Method::POST } else { Method::GET };
        let mut request = self.client.request(method, url.clone()).header(CALL_HEADER, &visitor.call);
        if let Some(cookies) = visitor.jar.cookies(url) {
            request = request.header(COOKIE, cookies);
        }
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body.reveal().to_owned());
        }
        let answer = request.send().await.map_err(|why| unreachable(&why))?;
        let mut cookies = answer.headers().get_all(SET_COOKIE).iter().peekable();
        if cookies.peek().is_some() {
            visitor.jar.set_cookies(&mut cookies, url);
        }
        Ok(answer)
    }

    async fn body(&self, mut answer: Response, most: usize) -> Result<Vec<u8>, FetchFailure> {
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(|why| unreachable(&why))? {
            if body.len() + piece.len() > most {
                return Err(FetchFailure::TooLarge);
            }
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }
}

/// The address without its fragment. `http` only: the box reaches servers outside through a gateway.
fn http(address: &str) -> Result<Url, FetchFailure> {
    let mut url = Url::parse(address).map_err(|_| FetchFailure::BadAddress)?;
    url.set_fragment(None);
    if url.scheme() == "http" { Ok(url) } else { Err(FetchFailure::BadAddress) }
}

fn redirected(answer: &Response, from: &Url) -> Result<Option<Url>, FetchFailure> {
    let place = answer.headers().get(LOCATION).and_then(|place| place.to_str().ok());
    match (answer.status().as_u16(), place) {
        (301 | 302 | 303 | 307 | 308, Some(place)) => {
            let next = from.join(place).map_err(|_| FetchFailure::BadAddress)?;
            http(next.as_str()).map(Some)
        }
        _ => Ok(None),
    }
}

fn may_follow(body: Option<Sensitivity>, meant_for: &Origin, next: &Url) -> Result<(), FetchFailure> {
    if body == Some(Sensitivity::Secret) && next.origin() != *meant_for {
        let why = "a server sent a secret on to another server: it was not sent there";
        return Err(FetchFailure::Unreachable(why.into()));
    }
    Ok(())
}

fn content_type(headers: &HeaderMap) -> String {
    headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned()
}

/// How long an answer may be used without asking again (RFC 9111 §5.2.2). Without a word of it a minute: a prompt that is
/// said sixty times an hour need not be fetched as often.
fn freshness(headers: &HeaderMap) -> Duration {
    const UNSAID: Duration = Duration::from_secs(60);
    const LONGEST: Duration = Duration::from_secs(24 * 3600);
    let Some(said) = headers.get("cache-control").and_then(|said| said.to_str().ok()) else { return UNSAID };
    let said = said.to_ascii_lowercase();
    let mut words = said.split(',').map(str::trim);
    if words.clone().any(|word| word == "no-store" || word == "no-cache") {
        return Duration::ZERO;
    }
    let seconds = words.find_map(|word| word.strip_prefix("max-age=")?.trim_matches('"').parse().ok());
    seconds.map_or(UNSAID, Duration::from_secs).min(LONGEST)
}

/// The error and its causes, without the address: its query may tell what a caller asked for.
fn unreachable(error: &reqwest::Error) -> FetchFailure {
    let mut words = String::from("no answer");
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        words = deeper.to_string();
        cause = deeper.source();
    }
    FetchFailure::Unreachable(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_goes_to_no_other_server() {
        let origin = |text: &str| Url::parse(text).unwrap().origin();
        let next = Url::parse("http://b/next").unwrap();
        assert!(may_follow(Some(Sensitivity::Secret), &origin("http://a/"), &next).is_err());
        assert!(may_follow(Some(Sensitivity::Secret), &origin("http://b/"), &next).is_ok());
        assert!(may_follow(Some(Sensitivity::Open), &origin("http://a/"), &next).is_ok());
        assert!(may_follow(None, &origin("http://a/"), &next).is_ok());
    }

    #[test]
    fn a_recording_is_as_fresh_as_its_server_says() {
        let check = |said: Option<&'static str>, seconds: u64| {
            let mut headers = HeaderMap::new();
            if let Some(said) = said {
                headers.insert("cache-control", HeaderValue::from_static(said));
            }
            assert_eq!(freshness(&headers), Duration::from_secs(seconds), "{said:?}");
        };
        check(None, 60);
        check(Some("max-age=600"), 600);
        check(Some("public, Max-Age=5"), 5);
        check(Some("no-store, max-age=600"), 0);
        check(Some("max-age=99999999"), 86_400);
        check(Some("max-age=nonsense"), 60);
    }
}
