//! The live feed: the box's state and events as they come, on a WebSocket.

use crate::app::{App, Session, wall_now};
use crate::error::ApiError;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use ipc::lines::Line;
use ipc::web::Event;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

/// How often the feed says that it lives, and looks whether its session does.
const BEAT: Duration = Duration::from_secs(10);
/// A browser that takes nothing for so long is gone.
const STUCK: Duration = Duration::from_secs(10);
/// Browsers say nothing here; what they send is bounded all the same.
const LONGEST_MESSAGE: usize = 4096;
/// The session is over (4000 to 4999 are the application's own: RFC 6455 §7.4.2).
const SIGNED_OUT: u16 = 4401;

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Told<'a> {
    /// The box's clock; comes first, and with each beat.
    Clock { now_ms: u64 },
    /// All that is known now.
    State {
        #[serde(flatten)]
        known: &'a crate::daemon::State,
    },
    /// All lines and their tests.
    Lines { lines: &'a [Line] },
    /// A new event.
    Event { event: &'a Event },
    /// Events came faster than they were taken: ask for those after the last one seen.
    EventsMissed { count: u64 },
}

pub(super) async fn live(
    State(app): State<Arc<App>>,
    session: Session,
    upgrade: WebSocketUpgrade,
) -> Result<Response, ApiError> {
    let place = Arc::clone(&app.feeds).try_acquire_owned().map_err(|_| ApiError::TooManyFeeds)?;
    Ok(upgrade.max_message_size(LONGEST_MESSAGE).on_upgrade(async move |socket| {
        // How a feed ends is the browser's affair.
        drop(feed(&app, &session, socket).await);
        drop(place);
    }))
}

/// The socket is gone or stuck.
struct Gone;

async fn feed(app: &App, session: &Session, mut socket: WebSocket) -> Result<(), Gone> {
    let mut events = app.daemon.events();
    let mut known = app.daemon.state.clone();
    let mut lines = app.daemon.lines.clone();
    let mut ended = app.ended();
    let mut beat = interval_at(Instant::now() + BEAT, BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    known.mark_changed();
    lines.mark_changed();
    tell(&mut socket, &Told::Clock { now_ms: wall_now().0 }).await?;
    loop {
        tokio::select! {
            biased;
            _ = ended.changed() => stay(app, session, &mut socket).await?,
            _ = beat.tick() => {
                stay(app, session, &mut socket).await?;
                tell(&mut socket, &Told::Clock { now_ms: wall_now().0 }).await?;
            }
            taken = socket.recv() => match taken {
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(Gone),
            },
            event = events.recv() => match event {
                Ok(event) => tell(&mut socket, &Told::Event { event: &event }).await?,
                Err(RecvError::Lagged(count)) => tell(&mut socket, &Told::EventsMissed { count }).await?,
                Err(RecvError::Closed) => return Ok(()),
            },
            changed = known.changed() => {
                changed.map_err(|_| Gone)?;
                let now = known.borrow_and_update().clone();
                tell(&mut socket, &Told::State { known: &now }).await?;
            }
            changed = lines.changed() => {
                changed.map_err(|_| Gone)?;
                let now = lines.borrow_and_update().clone();
                tell(&mut socket, &Told::Lines { lines: &now }).await?;
            }
        }
    }
}

/// Ends the feed when its session has ended.
async fn stay(app: &App, session: &Session, socket: &mut WebSocket) -> Result<(), Gone> {
    if app.is_signed_in(session) {
        return Ok(());
    }
    let close = CloseFrame { code: SIGNED_OUT, reason: "signed out".into() };
    drop(timeout(STUCK, socket.send(Message::Close(Some(close)))).await);
    Err(Gone)
}

async fn tell(socket: &mut WebSocket, told: &Told<'_>) -> Result<(), Gone> {
    let text = serde_json::to_string(told).map_err(|_| Gone)?;
    timeout(STUCK, socket.send(Message::Text(text.into()))).await.map_err(|_| Gone)?.map_err(|_| Gone)
}
