//! The side that is asked: one login at one server.

use super::{Algorithm, Question};
use crate::headers::{field, parts};
use crate::message::{Request, Response};
use crate::values::{Authentication, quoted};
use base::Secret;

/// Why a challenge cannot be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoginFailed {
    /// The response holds no challenge that we know to answer.
    #[error("no challenge by digest with MD5 or SHA-256 and qop=auth")]
    NoChallenge,
    /// The server refused what we answered: user or password is wrong.
    #[error("user or password is not accepted")]
    Rejected,
}

/// User and password at one server, and what it asked last.
#[derive(Clone, Debug)]
pub struct Login {
    user: String,
    password: Secret,
    asked: Option<Asked>,
}

#[derive(Clone, Debug)]
struct Asked {
    field: &'static str,
    realm: String,
    nonce: String,
    opaque: Option<String>,
    algorithm: Algorithm,
    named: bool,
    counted: bool,
    count: u32,
    /// Credentials were sent that the server has not yet accepted.
    sent: bool,
}

impl Login {
    /// A login that nobody has asked for yet.
    pub const fn new(user: String, password: Secret) -> Self {
        Self { user, password, asked: None }
    }

    /// Takes a 401 or 407. `Ok`: send the request again, with the next CSeq, after [`Login::authorize`]. The first challenge that we know
    /// to answer is taken: the server has put the best first (RFC 8760 §2.4).
    pub fn handle_challenge(&mut self, response: &Response) -> Result<(), LoginFailed> {
        let (asks, answers) = match response.status {
            407 => ("Proxy-Authenticate", "Proxy-Authorization"),
            _ => ("WWW-Authenticate", "Authorization"),
        };
        let challenges = response.common.values_of(asks).filter_map(|value| Authentication::parse(value).ok());
        let (asked, stale) = challenges.filter_map(|one| read(&one, answers)).next().ok_or(LoginFailed::NoChallenge)?;
        let answered =
            self.asked.as_ref().is_some_and(|old| old.realm == asked.realm && old.field == asked.field && old.sent);
        self.asked = Some(asked);
        // RFC 3261 §22.2: not again with the same password, unless only the nonce was old.
        if answered && !stale {
            self.asked = None;
            return Err(LoginFailed::Rejected);
        }
        Ok(())
    }

    /// Takes note that the server accepted: a later challenge is then one of an old nonce, whatever it says.
    pub fn handle_success(&mut self) {
        if let Some(asked) = &mut self.asked {
            asked.sent = false;
        }
    }

    /// Puts credentials into a request, if the server has asked before. `cnonce` is a fresh token.
    pub fn authorize(&mut self, request: &mut Request, cnonce: &str) {
        let Some(asked) = &mut self.asked else { return };
        asked.count = asked.count.saturating_add(1);
        asked.sent = true;
        let (count, uri) = (format!("{:08x}", asked.count), request.uri.to_string());
        let question = Question {
            algorithm: asked.algorithm,
            user: &self.user,
            realm: &asked.realm,
            password: self.password.reveal(),
            method: request.method().as_str(),
            uri: &uri,
            nonce: &asked.nonce,
            count: asked.counted.then_some((count.as_str(), cnonce)),
        };
        let (user, realm, nonce) = (quoted(&self.user), quoted(&asked.realm), quoted(&asked.nonce));
        let response = question.response();
        let mut value =
            format!("Digest username={user}, realm={realm}, nonce={nonce}, uri=\"{uri}\", response=\"{response}\"");
        if asked.named {
            value += &format!(", algorithm={}", asked.algorithm.name());
        }
        if let Some(opaque) = &asked.opaque {
            value += &format!(", opaque={}", quoted(opaque));
        }
        if asked.counted {
            value += &format!(", qop=auth, nc={count}, cnonce={}", quoted(cnonce));
        }
        let name = asked.field;
        request.common.headers.retain(|header| parts(header).0 != name);
        request.common.headers.push(field(name, &value));
    }
}

/// A challenge that we can answer, and whether only the nonce was old.
fn read(challenge: &Authentication, field: &'static str) -> Option<(Asked, bool)> {
    let digest = challenge.scheme.eq_ignore_ascii_case("Digest");
    let name = challenge.value_of("algorithm");
    let algorithm = Algorithm::named(name.as_deref()).filter(|_| digest)?;
    let qop = challenge.value_of("qop");
    let auth = |qop: &String| qop.split(',').any(|one| one.trim().eq_ignore_ascii_case("auth"));
    if qop.as_ref().is_some_and(|qop| !auth(qop)) {
        return None;
    }
    let asked = Asked {
        field,
        realm: challenge.value_of("realm")?,
        nonce: challenge.value_of("nonce")?,
        opaque: challenge.value_of("opaque"),
        algorithm,
        named: name.is_some(),
        counted: qop.is_some(),
        count: 0,
        sent: false,
    };
    let stale = challenge.value_of("stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true"));
    Some((asked, stale))
}
