//! Recordings as browsers play them: stored A-law becomes 16-bit samples on the way out, Opus goes as it is. And as they are stored, with
//! their chains, for `fundlinectl recording verify`.

use super::{bad_query, id};
use crate::app::{App, Session};
use crate::error::ApiError;
use crate::range::{self, Asked, MOST_FRAMES, Piece};
use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path as UrlPath, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::{RecordingId, WallTime};
use futures_util::stream;
use records_io::{FRAME, Format, HEADER, RecordingRow};
use serde::Deserialize;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Samples a channel that are read and converted at once: a second.
const PIECE: u64 = 8000;
/// Octets of a stored file that are read at once.
const STORED_PIECE: u64 = 32_768;
/// Opus in Ogg (RFC 7845 §9).
const OPUS: &str = "audio/ogg; codecs=opus";

#[derive(Deserialize)]
pub(super) struct RecordingQuery {
    /// Present: the browser saves the file rather than plays it.
    download: Option<String>,
}

pub(super) async fn recording(
    State(app): State<Arc<App>>,
    _: Session,
    UrlPath(text): UrlPath<String>,
    query: Result<Query<RecordingQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Query(query) = query.map_err(bad_query)?;
    let number: RecordingId = id("id", &text)?;
    let found = find(&app, number).await?;
    let content = found.content()?;
    let download = query.download.map(|_| format!("{number}.{}", found.format.extension()));
    answer(&headers, found.tag(""), content, download)
}

/// The file as it is stored: the one that its chain proves.
pub(super) async fn stored(
    State(app): State<Arc<App>>,
    _: Session,
    UrlPath(text): UrlPath<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let number: RecordingId = id("id", &text)?;
    let found = find(&app, number).await?;
    let content_type = match found.format {
        Format::Wav => "audio/wav",
        Format::Opus => OPUS,
    };
    let name = format!("{number}.{}", found.format.extension());
    let tag = found.tag("-stored");
    answer(&headers, tag, Content::Stored { file: found.file, length: found.length, content_type }, Some(name))
}

/// The hashes of its seconds.
pub(super) async fn chain(
    State(app): State<Arc<App>>,
    _: Session,
    UrlPath(text): UrlPath<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let number: RecordingId = id("id", &text)?;
    let found = find(&app, number).await?;
    let tag = found.tag("-chain");
    let path = found.path.with_extension("chain");
    let opened = tokio::task::spawn_blocking(move || open(&path)).await.map_err(|_| ApiError::Stopping)??;
    let Some((file, length)) = opened else { return Err(ApiError::NotFound("chain")) };
    let content = Content::Stored { file, length, content_type: "text/plain" };
    answer(&headers, tag, content, Some(format!("{number}.chain")))
}

/// A recording's file, and what is known of it.
struct Found {
    path: PathBuf,
    file: File,
    length: u64,
    format: Format,
    row: Option<RecordingRow>,
}

/// What is sent.
enum Content {
    /// A-law, converted: so many samples a channel.
    Linear { file: File, frames: u64 },
    /// As it is.
    Stored { file: File, length: u64, content_type: &'static str },
}

impl Found {
    /// As browsers play it.
    fn content(&self) -> Result<Content, ApiError> {
        let file = self.file.try_clone().map_err(ApiError::Recording)?;
        Ok(match self.format {
            Format::Wav => {
                let frames = self.length.saturating_sub(HEADER as u64) / FRAME as u64;
                Content::Linear { file, frames: frames.min(MOST_FRAMES) }
            }
            Format::Opus => Content::Stored { file, length: self.length, content_type: OPUS },
        })
    }

    /// The last hash of a closed recording's chain names its content; an open one still grows.
    fn tag(&self, form: &str) -> Option<String> {
        self.row.as_ref().map(|row| format!("\"{}{form}\"", row.head))
    }
}

async fn find(app: &App, number: RecordingId) -> Result<Found, ApiError> {
    let (row, began) = app
        .readers
        .ask(move |reader| Ok((reader.recording(&number.to_string())?, reader.recording_began(&number.to_string())?)))
        .await?;
    let folder = app.recordings.clone();
    let look = move || -> Result<Option<Found>, ApiError> {
        let Some(path) = place(&folder, number, &row, began) else { return Ok(None) };
        let Some((file, length)) = open(&path)? else { return Ok(None) };
        let format = Format::of(&path).unwrap_or_default();
        Ok(Some(Found { path, file, length, format, row }))
    };
    let found = tokio::task::spawn_blocking(look).await.map_err(|_| ApiError::Stopping)??;
    found.ok_or(ApiError::NotFound("recording"))
}

fn place(folder: &Path, number: RecordingId, row: &Option<RecordingRow>, began: Option<WallTime>) -> Option<PathBuf> {
    let by_row = row.as_ref().map(|row| Path::new(&row.path)).filter(|path| stays_below(path));
    let by_time = || began.and_then(|began| records_io::find_recording(folder, number, began));
    by_row.map(|path| folder.join(path)).or_else(by_time)
}

/// A file and its length, where there is one.
fn open(path: &Path) -> Result<Option<(File, u64)>, ApiError> {
    match File::open(path).and_then(|file| file.metadata().map(|known| (file, known.len()))) {
        Ok(opened) => Ok(Some(opened)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ApiError::Recording(error)),
    }
}

fn stays_below(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_)))
}

fn answer(
    headers: &HeaderMap,
    tag: Option<String>,
    content: Content,
    download: Option<String>,
) -> Result<Response, ApiError> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let (length, content_type) = match &content {
        Content::Linear { frames, .. } => (range::wav_length(*frames), "audio/wav"),
        Content::Stored { length, content_type, .. } => (*length, *content_type),
    };
    // A part of another content than the browser began with would not fit (RFC 9110 §13.1.5).
    let fits = text(header::IF_RANGE).is_none_or(|wanted| Some(wanted) == tag.as_deref());
    let asked = range::asked(text(header::RANGE).filter(|_| fits), length);
    let (status, first, last) = match asked {
        Asked::Whole => (StatusCode::OK, 0, length.saturating_sub(1)),
        Asked::Part { first, last } => (StatusCode::PARTIAL_CONTENT, first, last),
        Asked::Beyond => return Err(ApiError::RangeBeyondEnd { length }),
    };
    let body = match content {
        Content::Linear { file, frames } => body(file, frames, first, last),
        Content::Stored { file, .. } => stored_body(file, first, if length == 0 { 0 } else { last + 1 }),
    };
    let mut response = (status, body).into_response();
    let mut put = |name, value: String| {
        response.headers_mut().extend(HeaderValue::try_from(value).map(|value| (name, value)).ok());
    };
    put(header::CONTENT_TYPE, content_type.into());
    put(header::ACCEPT_RANGES, "bytes".into());
    put(header::CONTENT_LENGTH, (last + 1 - first).min(length).to_string());
    if status == StatusCode::PARTIAL_CONTENT {
        put(header::CONTENT_RANGE, format!("bytes {first}-{last}/{length}"));
    }
    put(header::CACHE_CONTROL, if tag.is_some() { "private, max-age=3600" } else { "no-store" }.into());
    if let Some(tag) = tag {
        put(header::ETAG, tag);
    }
    if let Some(name) = download {
        put(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""));
    }
    Ok(response)
}

/// Octets `first` to `last` of the WAV file, made as the browser takes them: one second is in memory at a time.
fn body(file: File, frames: u64, first: u64, last: u64) -> Body {
    let file = Arc::new(file);
    Body::from_stream(stream::try_unfold(first, move |at| {
        let file = Arc::clone(&file);
        async move {
            if at > last {
                return Ok::<_, io::Error>(None);
            }
            let octets = if at < range::HEADER {
                let end = (last + 1).min(range::HEADER);
                range::wav_header(frames)[at as usize..end as usize].to_vec()
            } else {
                let piece = Piece::of(at - range::HEADER, last - range::HEADER, PIECE);
                tokio::task::spawn_blocking(move || read(&file, &piece)).await.map_err(io::Error::other)??
            };
            let next = at + octets.len() as u64;
            Ok(Some((Bytes::from(octets), next)))
        }
    }))
}

/// Octets `first` up to `end` of the file, some at a time.
fn stored_body(file: File, first: u64, end: u64) -> Body {
    let file = Arc::new(file);
    Body::from_stream(stream::try_unfold(first, move |at| {
        let file = Arc::clone(&file);
        async move {
            // Never more than a piece.
            let mut octets = vec![0; end.saturating_sub(at).min(STORED_PIECE) as usize];
            if octets.is_empty() {
                return Ok::<_, io::Error>(None);
            }
            let read = move || file.read_exact_at(&mut octets, at).map(|()| octets);
            let octets = tokio::task::spawn_blocking(read).await.map_err(io::Error::other)??;
            let next = at + octets.len() as u64;
            Ok(Some((Bytes::from(octets), next)))
        }
    }))
}

fn read(file: &File, piece: &Piece) -> io::Result<Vec<u8>> {
    let mut stored = vec![0; piece.count];
    file.read_exact_at(&mut stored, HEADER as u64 + piece.from)?;
    Ok(piece.converted(&stored))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_from_the_store_never_leaves_the_folder() {
        assert!(stays_below(Path::new("2026/07/01/a.wav")));
        assert!(!stays_below(Path::new("../a.wav")));
        assert!(!stays_below(Path::new("2026/../../a.wav")));
        assert!(!stays_below(Path::new("/etc/passwd")));
    }
}
