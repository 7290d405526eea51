//! The whole server on a real port: TLS, the live feed, and the main process at the other end of the Unix socket.

use crate::{Options, Server, start};
use axum::http::header;
use base::Secret;
use ipc::lines::{Kind, Line, Step};
use ipc::stream::split;
use ipc::web::{Call, Event, FromWeb, RecordingState, Snapshot, ToWeb};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixListener};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// No step of these stories takes longer.
const BOUND: Duration = Duration::from_secs(20);

struct RunningBox {
    folder: tempfile::TempDir,
    address: SocketAddr,
    first: Secret,
}

async fn server(folder: &tempfile::TempDir) -> (Server, mpsc::Receiver<Secret>) {
    let etc = folder.path().join("etc/fundline");
    std::fs::create_dir_all(&etc).unwrap();
    std::fs::create_dir_all(folder.path().join("run/fundline")).unwrap();
    std::fs::write(etc.join("fundline.toml"), "[box]\nname = \"x\"\n[web]\nlisten = \"127.0.0.1:0\"\n").unwrap();
    let (sender, first) = mpsc::channel();
    let options = Options { root: folder.path().to_owned(), config: None };
    let server = start(options, move |secret| sender.send(secret.clone()).unwrap()).await.unwrap();
    (server, first)
}

impl RunningBox {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (server, first) = server(&folder).await;
        let address = server.address();
        tokio::spawn(server.run());
        let first = tokio::task::spawn_blocking(move || first.recv_timeout(BOUND)).await.unwrap().unwrap();
        Self { folder, address, first }
    }

    /// Trusts exactly the certificate that the box made.
    async fn connect(&self) -> impl AsyncRead + AsyncWrite + Unpin {
        let pem = std::fs::read(self.folder.path().join("var/lib/fundline/web/cert.pem")).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(&pem).unwrap()).unwrap();
        let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let stream = TcpStream::connect(self.address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
    }

    async fn ask(&self, request: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // A peer that closes without a TLS goodbye has still said all.
        drop(timeout(BOUND, stream.read_to_end(&mut answer)).await.unwrap());
        String::from_utf8_lossy(&answer).into_owned()
    }

    async fn post(&self, path: &str, form: &str, cookie: &str) -> String {
        let length = form.len();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: box\r\nConnection: close\r\nCookie: {cookie}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}"
        );
        self.ask(&request).await
    }

    async fn sign_in(&self) -> String {
        let answer = self.post("/api/login", &format!("user=admin&password={}", self.first.reveal()), "").await;
        let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    async fn live(&self, cookie: &str) -> Result<WebSocketStream<impl AsyncRead + AsyncWrite + Unpin>, Error> {
        let mut request = "wss://box/api/live".into_client_request().unwrap();
        request.headers_mut().insert(header::COOKIE, cookie.parse().unwrap());
        request.headers_mut().insert(header::ORIGIN, "https://box".parse().unwrap());
        Ok(client_async(request, self.connect().await).await?.0)
    }

    fn listener(&self) -> UnixListener {
        UnixListener::bind(self.folder.path().join("run/fundline/web.sock")).unwrap()
    }
}

async fn next(feed: &mut WebSocketStream<impl AsyncRead + AsyncWrite + Unpin>) -> Message {
    let mut feed = std::pin::pin!(feed);
    let message = std::future::poll_fn(|context| futures_util::Stream::poll_next(feed.as_mut(), context));
    timeout(BOUND, message).await.unwrap().unwrap().unwrap()
}

/// The next message of a kind; others in between are passed over.
async fn told(feed: &mut WebSocketStream<impl AsyncRead + AsyncWrite + Unpin>, kind: &str) -> Value {
    let wanted = async {
        loop {
            let Message::Text(text) = next(feed).await else { continue };
            let value: Value = serde_json::from_str(&text).unwrap();
            if value["kind"] == kind {
                return value;
            }
        }
    };
    timeout(BOUND, wanted).await.unwrap_or_else(|_| panic!("no {kind} came"))
}

#[tokio::test]
async fn a_fresh_box_serves_its_sign_in_over_tls_and_prints_its_password_once() {
    let running = RunningBox::start().await;
    let answer = running.ask("GET / HTTP/1.1\r\nHost: box\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.contains("/api/login"));
    // The same folder again: nothing is printed, the certificate stays.
    let (again, first) = server(&running.folder).await;
    let running_again = tokio::spawn(again.run());
    assert!(first.recv_timeout(BOUND).is_err(), "the sender is dropped unused");
    running_again.abort();
}

#[tokio::test]
async fn plain_http_is_told_to_come_back_with_https() {
    let running = RunningBox::start().await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: box\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    drop(timeout(BOUND, stream.read_to_end(&mut answer)).await.unwrap());
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("write https://"), "{answer}");
}

#[tokio::test]
async fn the_feed_tells_clock_state_and_events_as_they_come() {
    let running = RunningBox::start().await;
    let cookie = running.sign_in().await;
    let mut feed = running.live(&cookie).await.unwrap();
    assert!(told(&mut feed, "clock").await["now_ms"].as_u64().unwrap() > 1_700_000_000_000);
    assert_eq!(told(&mut feed, "state").await["link"], "away");

    let (stream, _) = timeout(BOUND, running.listener().accept()).await.unwrap().unwrap();
    let (mut receiver, mut sender) = split::<FromWeb, ToWeb>(stream);
    assert_eq!(receiver.receive().await.unwrap(), Some(FromWeb::Hello { protocol: ipc::PROTOCOL }));
    sender.send(&ToWeb::Hello { protocol: ipc::PROTOCOL }).await.unwrap();
    sender.send(&ToWeb::Snapshot(Snapshot { name: "branch".into(), ..Snapshot::default() })).await.unwrap();
    let state = told(&mut feed, "state").await;
    assert_eq!((state["link"].as_str(), state["snapshot"]["name"].as_str()), (Some("up"), Some("branch")));
    let event = Event { seq: 7, wall_ms: 5, call: None, kind: "Alarm".into(), body: "{}".into() };
    sender.send(&ToWeb::Event(event)).await.unwrap();
    assert_eq!(told(&mut feed, "event").await["event"]["seq"], 7);

    drop((receiver, sender));
    let state = told(&mut feed, "state").await;
    assert_eq!((state["link"].as_str(), state["snapshot"]["name"].as_str()), (Some("away"), Some("branch")));
}

#[tokio::test]
async fn a_test_of_lines_is_ordered_of_the_main_process_and_told_by_the_feed() {
    let running = RunningBox::start().await;
    let cookie = running.sign_in().await;
    let away = running.post("/api/lines/test", "line=all", &cookie).await;
    assert!(away.starts_with("HTTP/1.1 503") && away.contains(r#""code":"away""#), "{away}");

    let (stream, _) = timeout(BOUND, running.listener().accept()).await.unwrap().unwrap();
    let (mut receiver, mut sender) = split::<FromWeb, ToWeb>(stream);
    assert!(matches!(receiver.receive().await.unwrap(), Some(FromWeb::Hello { .. })));
    let line = |name: &str| Line {
        name: name.into(),
        label: String::new(),
        kind: Kind::Span,
        tests: 0,
        step: None,
        verdict: None,
    };
    sender.send(&ToWeb::Hello { protocol: ipc::PROTOCOL }).await.unwrap();
    sender.send(&ToWeb::Lines(vec![line("span1"), line("span2")])).await.unwrap();
    sender.send(&ToWeb::Snapshot(Snapshot::default())).await.unwrap();
    let mut feed = running.live(&cookie).await.unwrap();
    while told(&mut feed, "state").await["link"] != "up" {}

    let stranger = running.post("/api/lines/test", "line=span1,span3", &cookie).await;
    assert!(stranger.starts_with("HTTP/1.1 404"), "{stranger}");
    for (wanted, ordered) in [("span2", vec!["span2".to_owned()]), ("all", Vec::new())] {
        let taken = running.post("/api/lines/test", &format!("line={wanted}"), &cookie).await;
        assert!(taken.starts_with("HTTP/1.1 202"), "{taken}");
        assert_eq!(receiver.receive().await.unwrap(), Some(FromWeb::Test { lines: ordered }));
    }
    let tested = Line { step: Some(Step::Watching), ..line("span1") };
    sender.send(&ToWeb::Lines(vec![tested])).await.unwrap();
    while told(&mut feed, "lines").await["lines"][0]["step"] != "watching" {}
    let refused = running.post("/api/lines/test", "line=all", "").await;
    assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");
}

#[tokio::test]
async fn what_is_recorded_of_a_call_is_ordered_of_the_main_process() {
    let running = RunningBox::start().await;
    let cookie = running.sign_in().await;
    let (stream, _) = timeout(BOUND, running.listener().accept()).await.unwrap().unwrap();
    let (mut receiver, mut sender) = split::<FromWeb, ToWeb>(stream);
    assert!(matches!(receiver.receive().await.unwrap(), Some(FromWeb::Hello { .. })));
    let call = |id: u8, recording| Call {
        id: format!("{id:032x}"),
        from: "13900139000".into(),
        to: "4008001234".into(),
        line: "span1/5".into(),
        started_ms: 1,
        answered_ms: None,
        state: "connected".into(),
        step: String::new(),
        with: None,
        recording,
    };
    let calls = vec![call(1, Some(RecordingState::On)), call(2, None)];
    sender.send(&ToWeb::Hello { protocol: ipc::PROTOCOL }).await.unwrap();
    sender.send(&ToWeb::Snapshot(Snapshot { calls, ..Snapshot::default() })).await.unwrap();
    let mut feed = running.live(&cookie).await.unwrap();
    let shown = loop {
        let state = told(&mut feed, "state").await;
        if state["link"] == "up" {
            break state;
        }
    };
    assert_eq!(shown["snapshot"]["calls"][0]["recording"], "on");
    let order = async |id: u8, body: &str, cookie: &str| {
        running.post(&format!("/api/calls/{id:032x}/recording"), body, cookie).await
    };
    for (word, state) in
        [("paused", RecordingState::Paused), ("masked", RecordingState::Masked), ("on", RecordingState::On)]
    {
        let taken = order(1, &format!(r#"{{"state": "{word}"}}"#), &cookie).await;
        assert!(taken.starts_with("HTTP/1.1 202"), "{taken}");
        let ordered = FromWeb::Recording { call: format!("{:032x}", 1), state, user: "admin".into() };
        assert_eq!(receiver.receive().await.unwrap(), Some(ordered));
    }
    let paused = r#"{"state":"paused"}"#;
    for (id, body, cookie, expected) in [
        (1, "state=paused", cookie.as_str(), "HTTP/1.1 400"),
        (1, r#"{"state":"loud"}"#, &cookie, "HTTP/1.1 400"),
        (2, paused, &cookie, "HTTP/1.1 409"),
        (3, paused, &cookie, "HTTP/1.1 404"),
        (1, paused, "", "HTTP/1.1 401"),
    ] {
        let refused = order(id, body, cookie).await;
        assert!(refused.starts_with(expected), "{body}: {refused}");
    }
}

#[tokio::test]
async fn signing_out_ends_the_open_feed_and_no_new_one_opens() {
    let running = RunningBox::start().await;
    let cookie = running.sign_in().await;
    let mut feed = running.live(&cookie).await.unwrap();
    told(&mut feed, "clock").await;
    told(&mut feed, "lines").await;
    running.post("/api/logout", "", &cookie).await;
    let Message::Close(Some(frame)) = next(&mut feed).await else { panic!("a close was expected") };
    assert_eq!(u16::from(frame.code), 4401);
    let Err(Error::Http(refused)) = running.live(&cookie).await else { panic!("a refusal was expected") };
    assert_eq!(refused.status(), 401);
}

#[tokio::test]
async fn faults_of_the_start_name_the_place_and_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let options = |root: &std::path::Path| Options { root: root.to_owned(), config: None };
    let told = async |root: &std::path::Path| start(options(root), |_| ()).await.err().unwrap().to_string();
    let missing = told(folder.path()).await;
    assert!(missing.contains("etc/fundline/fundline.toml") && missing.contains("fundline.example.toml"), "{missing}");
    let (running, _first) = server(&folder).await;
    let text = format!("[box]\nname = \"x\"\n[web]\nlisten = \"{}\"\n", running.address());
    std::fs::write(folder.path().join("etc/fundline/fundline.toml"), text).unwrap();
    let taken = told(folder.path()).await;
    assert!(taken.contains("end the program that holds the port"), "{taken}");
    std::fs::write(folder.path().join("etc/fundline/fundline.toml"), "[box]\nname = 1\n").unwrap();
    let faulty = told(folder.path()).await;
    assert!(faulty.contains("fundline.toml:2:8: "), "{faulty}");
}
