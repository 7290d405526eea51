//! The page and its API as a browser meets them, without a socket in between.

use crate::app::{App, Peer};
use crate::daemon::Daemon;
use crate::password::Password;
use crate::{limiter, router};
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::{Extension, Router};
use base::{Secret, WallTime};
use dsp_g711::{alaw_decode, alaw_encode};
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use tokio::sync::watch;
use tower::ServiceExt;

#[path = "../examples/lab_box/fill.rs"]
mod fill;

const NOW: WallTime = WallTime(1_782_000_000_000);
/// WAV octets of the recording: header and two channels of 16 bits.
const WAV: usize = 44 + fill::SECONDS as usize * 8000 * 4;

struct Desk {
    folder: tempfile::TempDir,
    first: Secret,
    router: Router,
    cookie: Option<String>,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    #[track_caller]
    fn refused(&self, status: StatusCode, code: &str) {
        assert_eq!((self.status, self.json()["error"]["code"].as_str()), (status, Some(code)));
        assert!(!self.json()["error"]["remedy"].as_str().unwrap().is_empty());
    }
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (password, first) = Password::first(folder.path().join("password")).unwrap();
        let (_, password) = watch::channel(Some(Arc::new(password)));
        let data = folder.path().join("var/lib/fundline");
        let daemon = Daemon::follow(folder.path().join("web.sock"));
        let app = Arc::new(App::new(daemon, data.join("fundline.db"), data.join("recordings"), password));
        Self { router: router(app), folder, first, cookie: None }
    }

    async fn signed_in() -> Self {
        let mut desk = Self::new();
        let answer = desk.sign_in(desk.first.clone()).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        desk.take_cookie(&answer);
        desk
    }

    fn take_cookie(&mut self, answer: &Answer) {
        self.cookie = answer.header(header::SET_COOKIE).split(';').next().map(str::to_owned);
    }

    async fn send(&self, request: axum::http::request::Builder, body: String, from: IpAddr) -> Answer {
        let request = match &self.cookie {
            Some(cookie) => request.header(header::COOKIE, cookie),
            None => request,
        };
        let request = request.header(header::HOST, "box:8443").body(Body::from(body)).unwrap();
        let response = self.router.clone().layer(Extension(Peer(from))).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    async fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    async fn get_with(&self, path: &str, headers: &[(header::HeaderName, &str)]) -> Answer {
        let request = headers.iter().fold(Request::get(path), |request, (name, value)| request.header(name, *value));
        self.send(request, String::new(), Ipv4Addr::LOCALHOST.into()).await
    }

    async fn post(&self, path: &str, form: String) -> Answer {
        self.send(Self::form(path), form, Ipv4Addr::LOCALHOST.into()).await
    }

    fn form(path: &str) -> axum::http::request::Builder {
        Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
    }

    async fn sign_in(&self, password: Secret) -> Answer {
        self.post("/api/login", format!("user=admin&password={}", password.reveal())).await
    }

    fn filled(&self) -> fill::Filled {
        fill::fill(self.folder.path(), NOW).unwrap()
    }
}

#[tokio::test]
async fn a_stranger_sees_the_sign_in_and_nothing_else() {
    let desk = Desk::new();
    let home = desk.get("/").await;
    assert_eq!(home.status, StatusCode::OK);
    assert!(String::from_utf8_lossy(&home.body).contains(r#"action="/api/login""#));
    let id = "0".repeat(32);
    for path in ["status", "live", "calls", &format!("calls/{id}"), "events", &format!("recordings/{id}")] {
        desk.get(&format!("/api/{path}")).await.refused(StatusCode::UNAUTHORIZED, "not_signed_in");
    }
    for path in ["logout", "password"] {
        desk.post(&format!("/api/{path}"), String::new()).await.refused(StatusCode::UNAUTHORIZED, "not_signed_in");
    }
}

#[tokio::test]
async fn the_right_password_opens_the_page_until_it_is_left() {
    let mut desk = Desk::new();
    desk.sign_in(Secret::new("wrong")).await.refused(StatusCode::UNAUTHORIZED, "wrong_password");
    let stranger = format!("user=root&password={}", desk.first.reveal());
    desk.post("/api/login", stranger).await.refused(StatusCode::UNAUTHORIZED, "wrong_password");

    let answer = desk.sign_in(desk.first.clone()).await;
    let cookie = answer.header(header::SET_COOKIE);
    for word in ["__Host-", "Secure", "HttpOnly", "SameSite=Strict", "Max-Age=43200"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    desk.take_cookie(&answer);
    assert!(!String::from_utf8_lossy(&desk.get("/").await.body).contains(r#"action="/api/login""#));
    assert_eq!(desk.get("/api/status").await.json()["link"], "away");
    assert_eq!(desk.post("/api/logout", String::new()).await.status, StatusCode::NO_CONTENT);
    desk.get("/api/status").await.refused(StatusCode::UNAUTHORIZED, "not_signed_in");
}

#[tokio::test]
async fn a_browser_without_scripts_is_led_from_page_to_page() {
    let desk = Desk::new();
    let form = |password: &str| format!("user=admin&password={password}");
    let send = async |password: &str| {
        let request = Desk::form("/api/login").header(header::ACCEPT, "text/html,*/*");
        desk.send(request, form(password), Ipv4Addr::LOCALHOST.into()).await
    };
    let wrong = send("wrong").await;
    assert_eq!((wrong.status, wrong.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/?message=wrong_password"));
    let page = desk.get("/?message=wrong_password").await;
    assert!(String::from_utf8_lossy(&page.body).contains(r#"data-message="wrong_password""#));
    let foreign = desk.get("/?message=%22%3E%3Cscript%3E").await;
    assert!(!String::from_utf8_lossy(&foreign.body).contains("<script>"));
    let right = send(desk.first.reveal()).await;
    assert_eq!((right.status, right.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/"));
}

#[tokio::test]
async fn a_guesser_has_to_wait_and_others_have_not() {
    let desk = Desk::new();
    for _ in 0..limiter::FREE_TRIES {
        desk.sign_in(Secret::new("guess")).await.refused(StatusCode::UNAUTHORIZED, "wrong_password");
    }
    let refused = desk.sign_in(desk.first.clone()).await;
    refused.refused(StatusCode::TOO_MANY_REQUESTS, "too_many_tries");
    assert_eq!(refused.header(header::RETRY_AFTER), "2");
    let form = format!("user=admin&password={}", desk.first.reveal());
    let other = desk.send(Desk::form("/api/login"), form, Ipv4Addr::new(10, 0, 0, 1).into()).await;
    assert_eq!(other.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn another_sites_page_can_neither_sign_in_nor_listen() {
    let desk = Desk::signed_in().await;
    let own = Request::post("/api/logout").header(header::ORIGIN, "https://evil.example");
    let answer = desk.send(own, String::new(), Ipv4Addr::LOCALHOST.into()).await;
    answer.refused(StatusCode::FORBIDDEN, "foreign_origin");
    let headers = [(header::ORIGIN, "https://evil.example"), (header::UPGRADE, "websocket")];
    desk.get_with("/api/live", &headers).await.refused(StatusCode::FORBIDDEN, "foreign_origin");
    assert_eq!(desk.get("/api/status").await.status, StatusCode::OK, "still signed in");
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions_and_not_this_one() {
    let mut desk = Desk::signed_in().await;
    let other = desk.cookie.clone();
    let answer = desk.sign_in(desk.first.clone()).await;
    desk.take_cookie(&answer);
    let change = |current: &str, new: &str| format!("current={current}&new={new}");
    let first = desk.first.reveal().to_owned();
    desk.post("/api/password", change(&first, "short")).await.refused(StatusCode::BAD_REQUEST, "weak_password");
    let wrong = desk.post("/api/password", change("wrong", "long-enough-1")).await;
    wrong.refused(StatusCode::UNAUTHORIZED, "wrong_password");
    let done = desk.post("/api/password", change(&first, "long-enough-1")).await;
    assert_eq!(done.status, StatusCode::NO_CONTENT);
    assert_eq!(desk.get("/api/status").await.status, StatusCode::OK);
    desk.cookie = other;
    desk.get("/api/status").await.refused(StatusCode::UNAUTHORIZED, "not_signed_in");
    desk.sign_in(Secret::new(first)).await.refused(StatusCode::UNAUTHORIZED, "wrong_password");
    assert_eq!(desk.sign_in(Secret::new("long-enough-1")).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn every_answer_forbids_scripts_from_elsewhere_and_caches() {
    let desk = Desk::signed_in().await;
    for path in ["/", "/api/status", "/nowhere"] {
        let answer = desk.get(path).await;
        let policy = answer.header(header::CONTENT_SECURITY_POLICY);
        assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "{path} {policy}");
        assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store", "{path}");
    }
    desk.get("/nowhere").await.refused(StatusCode::NOT_FOUND, "no_such_page");
    assert_eq!(desk.get("/assets/..%2f..%2f..%2fetc%2fpasswd").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn lists_work_while_the_main_process_is_away() {
    let desk = Desk::signed_in().await;
    desk.get("/api/calls").await.refused(StatusCode::SERVICE_UNAVAILABLE, "no_store");
    let fill::Filled { store, call, .. } = desk.filled();
    // Its writer is gone too: the file alone is read.
    drop(store);
    assert_eq!(desk.get("/api/status").await.json()["link"], "away");
    let page = desk.get("/api/calls?limit=50").await.json();
    assert_eq!((page["calls"].as_array().unwrap().len(), page["more"].as_bool()), (50, Some(true)));
    assert_eq!(page["calls"][0]["id"], call.to_string());
    assert_eq!(page["calls"][0]["cause_words"], "normal call clearing");
    let last = page["calls"][49]["id"].as_str().unwrap();
    let rest = desk.get(&format!("/api/calls?limit=50&after={last}")).await.json();
    assert_eq!((rest["calls"].as_array().unwrap().len(), rest["more"].as_bool()), (11, Some(false)));
}

#[tokio::test]
async fn calls_are_found_by_number_and_day() {
    let desk = Desk::signed_in().await;
    let filled = desk.filled();
    let found = async |query: &str| desk.get(&format!("/api/calls?limit=200&{query}")).await.json()["calls"].clone();
    let ids = |calls: &Value| calls.as_array().unwrap().len();
    let by_number = found("number=1234567").await;
    assert_eq!((ids(&by_number), by_number[0]["id"].as_str()), (1, Some(filled.call.to_string().as_str())));
    assert_eq!(ids(&found("number=4008001234").await), 61);
    assert_eq!(ids(&found("number=%25").await), 0, "a per cent sign is no wildcard");
    assert_eq!(ids(&found("number=&since=&until=").await), 61, "a form sends empty fields");
    let minutes = |back: u64| NOW.0 - back * 60_000;
    assert_eq!(ids(&found(&format!("since={}&until={}", minutes(71), minutes(69))).await), 1);
}

#[tokio::test]
async fn bad_parameters_are_named_with_what_was_expected() {
    let desk = Desk::signed_in().await;
    let mut filled = desk.filled();
    let long = "1".repeat(41);
    for (path, name) in [
        ("/api/calls?since=yesterday", "since"),
        ("/api/calls?until=-1", "until"),
        ("/api/calls?after=../../etc/passwd", "after"),
        ("/api/calls?limit=0", "limit"),
        ("/api/calls?limit=201", "limit"),
        (&format!("/api/calls?number={long}"), "number"),
        ("/api/calls?limit=1&limit=2", "query"),
        ("/api/calls/12", "id"),
        ("/api/calls/+0000000000000000000000000000001", "id"),
        ("/api/recordings/..%2f..%2ffundline.db", "id"),
        ("/api/events?after=x", "after"),
    ] {
        let answer = desk.get(path).await;
        answer.refused(StatusCode::BAD_REQUEST, "bad_parameter");
        let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.starts_with(&format!("{name}: ")), "{path}: {message}");
    }
    let unknown = base::CallId(filled.ids.next_id());
    for path in ["calls", "recordings"] {
        desk.get(&format!("/api/{path}/{unknown}")).await.refused(StatusCode::NOT_FOUND, "not_found");
    }
}

#[tokio::test]
async fn a_calls_details_hold_its_legs_steps_and_recording() {
    let desk = Desk::signed_in().await;
    let filled = desk.filled();
    let detail = desk.get(&format!("/api/calls/{}", filled.call)).await.json();
    assert_eq!(detail["path"], "language > menu > nav > nav_result");
    assert_eq!(detail["steps"].as_array().unwrap().len(), 4);
    assert_eq!(detail["legs"][0]["segments"][0]["recording"], filled.recording.to_string());
    assert_eq!(detail["files"][0]["frames"], fill::SECONDS * 8000);
}

#[tokio::test]
async fn events_are_read_in_both_directions() {
    let desk = Desk::signed_in().await;
    let last = desk.filled().next_event - 1;
    let newest = desk.get("/api/events?limit=3").await.json();
    let numbers: Vec<u64> =
        newest["events"].as_array().unwrap().iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert_eq!((numbers, newest["more"].as_bool()), (vec![last, last - 1, last - 2], Some(true)));
    let after = desk.get(&format!("/api/events?after={}", last - 2)).await.json();
    assert_eq!(after["events"][0]["seq"], last - 1);
    assert_eq!((after["events"].as_array().unwrap().len(), after["more"].as_bool()), (2, Some(false)));
    let before = desk.get(&format!("/api/events?before={}&limit=1", last - 5)).await.json();
    assert_eq!(before["events"][0]["seq"], last - 6);
    assert_eq!(desk.get(&format!("/api/events?after={}", u64::MAX)).await.json()["more"], false);
}

#[tokio::test]
async fn a_recording_becomes_linear_samples_of_two_channels() {
    let desk = Desk::signed_in().await;
    let path = format!("/api/recordings/{}", desk.filled().recording);
    let whole = desk.get(&path).await;
    assert_eq!((whole.status, whole.body.len()), (StatusCode::OK, WAV));
    assert_eq!((whole.header(header::CONTENT_TYPE), whole.header(header::ACCEPT_RANGES)), ("audio/wav", "bytes"));
    assert_eq!(whole.header(header::CONTENT_LENGTH), WAV.to_string());
    assert!(whole.headers.get(header::CONTENT_DISPOSITION).is_none());
    let sample = |frame: usize, channel: usize| {
        let at = 44 + frame * 4 + channel * 2;
        i16::from_le_bytes([whole.body[at], whole.body[at + 1]])
    };
    for frame in [0, 1, 79, 80, 12_345, 31_999] {
        for (channel, hertz) in [(0, 440.0_f32), (1, 1000.0)] {
            let wave = (frame as f32 / 8000.0 * hertz * std::f32::consts::TAU).sin() * 8000.0;
            assert_eq!(sample(frame, channel), alaw_decode(alaw_encode(wave as i16)), "{frame} {channel}");
        }
    }
    let saved = desk.get(&format!("{path}?download=1")).await;
    assert!(saved.header(header::CONTENT_DISPOSITION).starts_with("attachment; filename="));
}

#[tokio::test]
async fn a_recording_is_given_as_it_is_stored_with_its_chain() {
    let desk = Desk::signed_in().await;
    let id = desk.filled().recording;
    let folder = tempfile::tempdir().unwrap();
    for (part, kind) in [("stored", "wav"), ("chain", "chain")] {
        let answer = desk.get(&format!("/api/recordings/{id}/{part}")).await;
        assert_eq!(answer.status, StatusCode::OK);
        let name = format!("{id}.{kind}");
        assert_eq!(answer.header(header::CONTENT_DISPOSITION), format!("attachment; filename=\"{name}\""));
        std::fs::write(folder.path().join(name), &answer.body).unwrap();
    }
    let verified = records_io::verify(&folder.path().join(format!("{id}.wav"))).unwrap();
    assert_eq!(verified.lost_frames, 0, "a copy that was downloaded is proven far from the box");
    desk.get(&format!("/api/recordings/{:032x}/stored", 9)).await.refused(StatusCode::NOT_FOUND, "not_found");
}

#[tokio::test]
async fn an_opus_recording_is_sent_as_it_is() {
    let desk = Desk::signed_in().await;
    let id = desk.filled().recording;
    let row = records_io::Reader::open(&desk.folder.path().join("var/lib/fundline").join("fundline.db"))
        .unwrap()
        .recording(&id.to_string())
        .unwrap()
        .unwrap();
    let path = row.path.replace(".wav", ".opus");
    std::fs::write(desk.folder.path().join("var/lib/fundline").join("recordings").join(&path), b"OggS and so on")
        .unwrap();
    let store =
        records_io::Store::open(&desk.folder.path().join("var/lib/fundline").join("fundline.db"), base::WallTime(0))
            .unwrap();
    let closed = records_io::Write::RecordingClosed {
        id: id.to_string().parse().unwrap(),
        path,
        started: base::WallTime(0),
        frames: 1,
        lost_frames: 0,
        head: row.head,
    };
    store.submit(vec![closed], |result| result.unwrap());
    drop(store);
    let address = format!("/api/recordings/{id}");
    let answer = desk.get(&address).await;
    assert_eq!(answer.header(header::CONTENT_TYPE), "audio/ogg; codecs=opus");
    assert_eq!(answer.body, b"OggS and so on");
    let part = desk.get_with(&address, &[(header::RANGE, "bytes=5-7")]).await;
    assert_eq!((part.status, part.body.as_slice()), (StatusCode::PARTIAL_CONTENT, b"and".as_slice()));
    let saved = desk.get(&format!("{address}?download=1")).await;
    assert_eq!(saved.header(header::CONTENT_DISPOSITION), format!("attachment; filename=\"{id}.opus\""));
}

#[tokio::test]
async fn a_browser_seeks_by_ranges() {
    let desk = Desk::signed_in().await;
    let path = format!("/api/recordings/{}", desk.filled().recording);
    let whole = desk.get(&path).await;
    for (asked, first, last) in [
        ("bytes=0-", 0, WAV - 1),
        ("bytes=40-50", 40, 50),
        ("bytes=-7", WAV - 7, WAV - 1),
        ("bytes=100001-120000", 100_001, 120_000),
    ] {
        let part = desk.get_with(&path, &[(header::RANGE, asked)]).await;
        assert_eq!(part.status, StatusCode::PARTIAL_CONTENT, "{asked}");
        assert_eq!(part.header(header::CONTENT_RANGE), format!("bytes {first}-{last}/{WAV}"));
        assert_eq!(part.header(header::CONTENT_LENGTH), (last + 1 - first).to_string());
        assert!(part.body == whole.body[first..=last], "{asked}");
    }
    let beyond = desk.get_with(&path, &[(header::RANGE, "bytes=999999999-")]).await;
    beyond.refused(StatusCode::RANGE_NOT_SATISFIABLE, "range_beyond_end");
    assert_eq!(beyond.header(header::CONTENT_RANGE), format!("bytes */{WAV}"));
    let tag = whole.header(header::ETAG);
    let same = desk.get_with(&path, &[(header::RANGE, "bytes=0-1"), (header::IF_RANGE, tag)]).await;
    let other = desk.get_with(&path, &[(header::RANGE, "bytes=0-1"), (header::IF_RANGE, "\"x\"")]).await;
    assert_eq!((same.status, other.status), (StatusCode::PARTIAL_CONTENT, StatusCode::OK));
}

#[tokio::test]
async fn an_oversized_form_is_refused_unread() {
    let desk = Desk::new();
    let form = format!("user=admin&password={}", "x".repeat(20_000));
    desk.post("/api/login", form).await.refused(StatusCode::BAD_REQUEST, "bad_parameter");
    let answer = desk.send(
        Request::builder().method(Method::DELETE).uri("/api/calls"),
        String::new(),
        Ipv4Addr::LOCALHOST.into(),
    );
    assert_eq!(answer.await.status, StatusCode::METHOD_NOT_ALLOWED);
}
