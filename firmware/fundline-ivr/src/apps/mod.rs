//! The application server: VoiceXML documents from templates, filled with the fund system's data.
//!
//! It listens on a loopback address for the box's own interpreter. `/apps/<app>/<page>` renders `<page>.vxml.j2` of that
//! application, by GET or POST; `/apps/<app>/<file>` with the ending of a recording, grammar or script gives the file as it is.

mod data;
mod files;
mod form;
mod page;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
pub use files::Apps;
use form::{Form, Refused};
use fund_io::FundSystem;
use page::Request;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// The header in which the interpreter names the telephone call, 32 hexadecimal digits.
pub const CALL_HEADER: &str = "x-fundline-call";

/// Octets of a request's body.
const BODY_LIMIT: usize = 64 << 10;
/// Documents rendered at once; each may wait for the fund system. More wait in line.
const RENDERS: usize = 64;

/// What all requests share.
#[derive(Clone)]
pub struct AppServer(Arc<Inner>);

struct Inner {
    apps: Apps,
    fund: Option<FundSystem>,
    renders: Semaphore,
}

impl AppServer {
    /// A server of these applications, with the fund system that their templates may ask.
    #[must_use]
    pub fn new(apps: Apps, fund: Option<FundSystem>) -> Self {
        Self(Arc::new(Inner { apps, fund, renders: Semaphore::new(RENDERS) }))
    }

    /// The routes.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/apps/{app}/{page}", get(answer).post(answer))
            .layer(DefaultBodyLimit::max(BODY_LIMIT))
            .with_state(self.clone())
    }

    /// Serves on `listener` until the task is dropped.
    ///
    /// # Errors
    /// What the socket said.
    pub async fn serve(self, listener: TcpListener) -> std::io::Result<()> {
        axum::serve(listener, self.router()).await
    }

    async fn answer(&self, request: Request) -> Response {
        if let Some((kind, octets)) = self.0.apps.asset(&request.app, &request.page) {
            return ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "max-age=60")], octets).into_response();
        }
        if !self.0.apps.has_page(&request.app, &request.page) {
            tracing::warn!(
                app = request.app,
                page = request.page,
                "no such page: {}/{}.vxml.j2 is neither in the folder of applications nor built in",
                request.app,
                request.page
            );
            return (StatusCode::NOT_FOUND, "no such page").into_response();
        }
        // The semaphore is never closed.
        let _permit = self.0.renders.acquire().await;
        let inner = Arc::clone(&self.0);
        let runtime = tokio::runtime::Handle::current();
        let render = move || page::render(&inner.apps, data::Inquiry::new(inner.fund.clone(), runtime), &request);
        let document = tokio::task::spawn_blocking(render).await.unwrap_or_else(|why| {
            tracing::error!(%why, "a template stopped the renderer");
            page::apology(None)
        });
        let headers =
            [(header::CONTENT_TYPE, "application/voicexml+xml; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
        (headers, document).into_response()
    }
}

/// Address, query and body are in no log line: they hold account numbers.
async fn answer(
    State(server): State<AppServer>,
    method: Method,
    Path((app, page)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let call = headers.get(CALL_HEADER).and_then(|name| name.to_str().ok()).unwrap_or("none").to_owned();
    let form = match Form::read(query.as_deref().unwrap_or_default(), &body) {
        Ok(form) => form,
        Err(refused @ Refused::SecretInAddress) => {
            tracing::warn!(app, page, "{refused}");
            return (StatusCode::BAD_REQUEST, refused.to_string()).into_response();
        }
        Err(refused) => return (StatusCode::BAD_REQUEST, refused.to_string()).into_response(),
    };
    tracing::debug!(%method, app, page, "document");
    server.answer(Request { app, page, call, form }).await
}
