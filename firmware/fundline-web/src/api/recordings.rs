//! Recordings as browsers play them: the stored A-law becomes 16-bit samples on the way out.

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
use records_io::{FRAME, HEADER, RecordingRow};
use serde::Deserialize;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Samples a channel that are read and converted at once: a second.
const PIECE: u64 = 8000;

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
    let known = app
        .readers
        .ask(move |reader| Ok((reader.recording(&number.to_string())?, reader.recording_began(&number.to_string())?)))
        .await?;
    let folder = app.recordings.clone();
    let row = known.0.clone();
    let opened = tokio::task::spawn_blocking(move || open(&folder, number, &known.0, known.1));
    let Some((file, frames)) = opened.await.map_err(|_| ApiError::Stopping)?? else {
        return Err(ApiError::NotFound("recording"));
    };
    // The last hash of a closed recording's chain names its content; an open one still grows.
    let tag = row.map(|row| format!("\"{}\"", row.head));
    let mut response = answer(&headers, tag.as_deref(), file, frames)?;
    if query.download.is_some() {
        let name = format!("attachment; filename=\"{number}.wav\"");
        response.headers_mut().extend(HeaderValue::try_from(name).map(|it| (header::CONTENT_DISPOSITION, it)).ok());
    }
    Ok(response)
}

/// The file and how many samples a channel it holds.
fn open(
    folder: &Path,
    number: RecordingId,
    row: &Option<RecordingRow>,
    began: Option<WallTime>,
) -> Result<Option<(File, u64)>, ApiError> {
    let by_row = row.as_ref().map(|row| Path::new(&row.path)).filter(|path| stays_below(path));
    let by_time = || began.and_then(|began| records_io::find_recording(folder, number, began));
    let Some(path): Option<PathBuf> = by_row.map(|path| folder.join(path)).or_else(by_time) else { return Ok(None) };
    match File::open(path).and_then(|file| file.metadata().map(|known| (file, known.len()))) {
        Ok((file, length)) => {
            let frames = length.saturating_sub(HEADER as u64) / FRAME as u64;
            Ok(Some((file, frames.min(MOST_FRAMES))))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ApiError::Recording(error)),
    }
}

fn stays_below(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_)))
}

fn answer(headers: &HeaderMap, tag: Option<&str>, file: File, frames: u64) -> Result<Response, ApiError> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let length = range::wav_length(frames);
    // A part of another content than the browser began with would not fit (RFC 9110 §13.1.5).
    let fits = text(header::IF_RANGE).is_none_or(|wanted| Some(wanted) == tag);
    let asked = range::asked(text(header::RANGE).filter(|_| fits), length);
    let (status, first, last) = match asked {
        Asked::Whole => (StatusCode::OK, 0, length - 1),
        Asked::Part { first, last } => (StatusCode::PARTIAL_CONTENT, first, last),
        Asked::Beyond => return Err(ApiError::RangeBeyondEnd { length }),
    };
    let mut response = (status, body(file, frames, first, last)).into_response();
    let mut put = |name, value: String| {
        response.headers_mut().extend(HeaderValue::try_from(value).map(|value| (name, value)).ok());
    };
    put(header::CONTENT_TYPE, "audio/wav".into());
    put(header::ACCEPT_RANGES, "bytes".into());
    put(header::CONTENT_LENGTH, (last + 1 - first).to_string());
    if status == StatusCode::PARTIAL_CONTENT {
        put(header::CONTENT_RANGE, format!("bytes {first}-{last}/{length}"));
    }
    put(header::CACHE_CONTROL, if tag.is_some() { "private, max-age=3600" } else { "no-store" }.into());
    if let Some(tag) = tag {
        put(header::ETAG, tag.into());
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
