//! What all requests share, and who may ask.

use crate::daemon::Daemon;
use crate::error::ApiError;
use crate::limiter::Limiter;
use crate::password::Password;
use crate::session::{LIFETIME, Sessions};
use crate::store::Readers;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use base::{Instant, WallTime};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::{Semaphore, watch};

/// The one user.
pub(crate) const USER: &str = "admin";
/// `__Host-`: a browser takes it over TLS only, for this host and all its paths (RFC 6265bis §4.1.3.2).
const COOKIE: &str = "__Host-fundline";
/// Passwords hashed at once: each takes 19 MiB.
const HASHES_AT_ONCE: usize = 2;
/// Live feeds at once.
pub(crate) const FEEDS: usize = 64;

/// Where the other end of the connection is.
#[derive(Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

pub(crate) struct App {
    pub(crate) daemon: Daemon,
    pub(crate) readers: Readers,
    /// Folder of recordings.
    pub(crate) recordings: PathBuf,
    /// `None` for the moments in which the first one is made.
    pub(crate) password: watch::Receiver<Option<Arc<Password>>>,
    pub(crate) hashes: Semaphore,
    pub(crate) feeds: Arc<Semaphore>,
    sessions: Mutex<Sessions>,
    limiter: Mutex<Limiter>,
    /// Changes whenever a session was ended, so that open feeds look whether it was theirs.
    ended: watch::Sender<()>,
    started: std::time::Instant,
}

impl App {
    pub(crate) fn new(
        daemon: Daemon,
        store: PathBuf,
        recordings: PathBuf,
        password: watch::Receiver<Option<Arc<Password>>>,
    ) -> Self {
        Self {
            daemon,
            readers: Readers::new(store),
            recordings,
            password,
            hashes: Semaphore::new(HASHES_AT_ONCE),
            feeds: Arc::new(Semaphore::new(FEEDS)),
            sessions: Mutex::default(),
            limiter: Mutex::default(),
            ended: watch::Sender::new(()),
            started: std::time::Instant::now(),
        }
    }

    /// The one place that reads the clock for sessions and limits.
    pub(crate) fn now(&self) -> Instant {
        Instant::new(self.started.elapsed())
    }

    pub(crate) fn limiter(&self) -> MutexGuard<'_, Limiter> {
        self.limiter.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a session and gives the cookie that names it.
    pub(crate) fn sign_in(&self) -> String {
        let token = drawn_token();
        self.sessions().open(self.now(), &token);
        format!("{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={}", LIFETIME.as_secs())
    }

    /// Ends a session and gives the cookie that forgets it.
    pub(crate) fn sign_out(&self, session: &Session) -> String {
        self.sessions().close(&session.0);
        self.ended.send_replace(());
        format!("{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0")
    }

    pub(crate) fn sign_out_others(&self, session: &Session) {
        self.sessions().close_others(&session.0);
        self.ended.send_replace(());
    }

    pub(crate) fn is_signed_in(&self, session: &Session) -> bool {
        self.sessions().touch(self.now(), &session.0)
    }

    pub(crate) fn ended(&self) -> watch::Receiver<()> {
        self.ended.subscribe()
    }

    /// The session a request's cookie names, if it still lasts.
    pub(crate) fn session(&self, headers: &HeaderMap) -> Option<Session> {
        let session = Session(cookie(headers, COOKIE)?.to_owned());
        self.is_signed_in(&session).then_some(session)
    }
}

/// UTC milliseconds.
pub(crate) fn wall_now() -> WallTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    WallTime(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

fn drawn_token() -> String {
    let mut octets = [0_u8; 32];
    getrandom::fill(&mut octets).expect("the operating system gives random octets");
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// A cookie's value.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(found, value)| (found == name).then_some(value))
}

/// A request that carries a session which still lasts. Handlers that take it refuse all others.
#[derive(Clone)]
pub(crate) struct Session(String);

impl FromRequestParts<Arc<App>> for Session {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        app.session(&parts.headers).ok_or(ApiError::NotSignedIn)
    }
}

/// Refuses what another site's page made a browser send: changes, and the live feed. `SameSite=Strict` says the same to
/// browsers that know it; signing in carries no cookie yet and needs this.
pub(crate) async fn own_origin(State(_): State<Arc<App>>, request: Request, next: Next) -> Result<Response, ApiError> {
    let headers = request.headers();
    let only_reads = matches!(*request.method(), Method::GET | Method::HEAD) && !headers.contains_key(header::UPGRADE);
    if only_reads || is_own(headers) { Ok(next.run(request).await) } else { Err(ApiError::ForeignOrigin) }
}

fn is_own(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("origin"), text("host"), text("sec-fetch-site")) {
        (Some(origin), Some(host), _) => origin.strip_prefix("https://") == Some(host),
        (Some(_), None, _) => false,
        (None, _, Some(site)) => matches!(site, "same-origin" | "none"),
        // No browser: nobody's cookies are borrowed.
        (None, _, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[track_caller]
    fn check(headers: &[(&'static str, &'static str)], expected: bool) {
        let map = headers
            .iter()
            .map(|&(name, value)| (header::HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        assert_eq!(is_own(&map), expected, "{headers:?}");
    }

    #[test]
    fn only_the_boxs_own_page_may_change_things() {
        check(&[("host", "box:8443"), ("origin", "https://box:8443")], true);
        check(&[("host", "box:8443"), ("origin", "https://box")], false);
        check(&[("host", "box:8443"), ("origin", "http://box:8443")], false);
        check(&[("host", "box:8443"), ("origin", "https://evil.example")], false);
        check(&[("host", "box:8443"), ("origin", "null")], false);
        check(&[("origin", "https://box:8443")], false);
        check(&[("host", "box:8443"), ("sec-fetch-site", "cross-site")], false);
        check(&[("host", "box:8443"), ("sec-fetch-site", "same-origin")], true);
        check(&[("host", "box:8443")], true);
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; lang=en"));
        headers.append(header::COOKIE, HeaderValue::from_static("b=2"));
        assert_eq!(cookie(&headers, "lang"), Some("en"));
        assert_eq!(cookie(&headers, "b"), Some("2"));
        assert_eq!(cookie(&headers, "an"), None);
    }
}
