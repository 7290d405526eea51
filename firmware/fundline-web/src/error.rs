//! What the API answers when it cannot do what was asked: a code for programs, a sentence and a remedy for people.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::time::Duration;

/// One variant a distinct fault.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    #[error("you are not signed in, or the session has ended")]
    NotSignedIn,
    #[error("user or password is wrong")]
    WrongPassword,
    #[error("too many wrong passwords from this address")]
    TooManyTries(Duration),
    #[error("the request does not come from the box's own page")]
    ForeignOrigin,
    #[error("the new password needs at least 10 characters and at most 256 octets")]
    WeakPassword,
    #[error("{name}: {expected} expected")]
    BadParameter { name: &'static str, expected: &'static str },
    #[error("there is no {0} of this id")]
    NotFound(&'static str),
    #[error("this call is not recorded")]
    NotRecorded,
    #[error("nothing is served under this address")]
    NoSuchPage,
    #[error("there are no call records yet")]
    NoStore,
    #[error("the call records cannot be read")]
    Store(#[source] rusqlite::Error),
    #[error("the recording's file cannot be read")]
    Recording(#[source] std::io::Error),
    #[error("the recording ends before the part that was asked for")]
    RangeBeyondEnd { length: u64 },
    #[error("the new password cannot be kept")]
    PasswordNotKept(#[from] crate::PasswordError),
    #[error("64 pages are open already")]
    TooManyFeeds,
    #[error("the main process, fundlined, takes no orders now")]
    Away,
    #[error("the box is still starting")]
    Starting,
    #[error("the box is stopping")]
    Stopping,
}

impl ApiError {
    const fn status(&self) -> StatusCode {
        match self {
            Self::NotSignedIn | Self::WrongPassword => StatusCode::UNAUTHORIZED,
            Self::TooManyTries(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::WeakPassword | Self::BadParameter { .. } => StatusCode::BAD_REQUEST,
            Self::NotFound(_) | Self::NoSuchPage => StatusCode::NOT_FOUND,
            Self::NotRecorded => StatusCode::CONFLICT,
            Self::RangeBeyondEnd { .. } => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::NoStore | Self::TooManyFeeds | Self::Away | Self::Starting | Self::Stopping => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Store(_) | Self::Recording(_) | Self::PasswordNotKept(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::NotSignedIn => "not_signed_in",
            Self::WrongPassword => "wrong_password",
            Self::TooManyTries(_) => "too_many_tries",
            Self::ForeignOrigin => "foreign_origin",
            Self::WeakPassword => "weak_password",
            Self::BadParameter { .. } => "bad_parameter",
            Self::NotFound(_) => "not_found",
            Self::NotRecorded => "not_recorded",
            Self::NoSuchPage => "no_such_page",
            Self::NoStore => "no_store",
            Self::Store(_) => "store",
            Self::Recording(_) => "recording",
            Self::RangeBeyondEnd { .. } => "range_beyond_end",
            Self::PasswordNotKept(_) => "password_not_kept",
            Self::TooManyFeeds => "too_many_feeds",
            Self::Away => "away",
            Self::Starting => "starting",
            Self::Stopping => "stopping",
        }
    }

    fn remedy(&self) -> String {
        match self {
            Self::NotSignedIn => "sign in".into(),
            Self::WrongPassword => "check capital letters and hyphens; who lost the password deletes \
                var/lib/fundline/web/password and restarts the box for a new first one"
                .into(),
            Self::TooManyTries(wait) => format!("wait {} seconds", whole_seconds(*wait)),
            Self::ForeignOrigin => "open the page by the box's own address".into(),
            Self::WeakPassword => "choose a longer one".into(),
            Self::BadParameter { .. } | Self::NoSuchPage => "docs/api.md lists what is served and how".into(),
            Self::NotFound(_) => "it may have been deleted; look in the list".into(),
            Self::NotRecorded => "recordings begin with the answer; `[recording] enabled` may be off".into(),
            Self::NoStore => "they begin with the first start of fundlined; see that it runs".into(),
            Self::Store(_) | Self::Recording(_) => "see the box's log for the system's word; check the disk".into(),
            Self::RangeBeyondEnd { .. } => "ask for a part within the recording".into(),
            Self::PasswordNotKept(_) => "the old one stays; check the disk".into(),
            Self::TooManyFeeds => "close some".into(),
            Self::Away => "see that it runs, and try again in a second".into(),
            Self::Starting => "try again in a second".into(),
            Self::Stopping => "try again when it is back".into(),
        }
    }

    /// What goes to the log; what a user did wrong does not.
    fn log(&self) {
        match self {
            Self::Store(error) => tracing::warn!(%error, "call records cannot be read"),
            Self::Recording(error) => tracing::warn!(%error, "a recording cannot be read"),
            Self::PasswordNotKept(error) => tracing::error!(%error, "a new password cannot be kept"),
            Self::NotSignedIn
            | Self::WrongPassword
            | Self::TooManyTries(_)
            | Self::ForeignOrigin
            | Self::WeakPassword
            | Self::BadParameter { .. }
            | Self::NotFound(_)
            | Self::NotRecorded
            | Self::NoSuchPage
            | Self::NoStore
            | Self::RangeBeyondEnd { .. }
            | Self::TooManyFeeds
            | Self::Away
            | Self::Starting
            | Self::Stopping => {}
        }
    }
}

fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.log();
        let mut body = json!({ "code": self.code(), "message": self.to_string(), "remedy": self.remedy() });
        let mut headers = Vec::new();
        match &self {
            Self::TooManyTries(wait) => {
                let seconds = whole_seconds(*wait);
                body["seconds"] = seconds.into();
                headers.push((header::RETRY_AFTER, HeaderValue::from(seconds)));
            }
            Self::RangeBeyondEnd { length } => {
                headers
                    .extend(HeaderValue::try_from(format!("bytes */{length}")).map(|it| (header::CONTENT_RANGE, it)));
            }
            _ => {}
        }
        let mut response = (self.status(), Json(json!({ "error": body }))).into_response();
        response.headers_mut().extend(headers);
        response
    }
}
