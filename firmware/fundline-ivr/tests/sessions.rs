//! Sessions over the real socket with real speech: the test is `fundlined`, and web servers good and bad are in it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use fund_io::FundSystem;
use fundline_ivr::apps::{AppServer, Apps};
use fundline_ivr::{Fetcher, Prompter, Services, link};
use fundsim::{DEMO_FUND, Running};
use ipc::PROTOCOL;
use ipc::ivr::{FromIvr, Piece, PlayEnd, SessionId, ToIvr};
use ipc::stream::{Receiver, Sender, split};
use speech_io::{Lang, SayAs, Speaker};
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::{TcpListener, UnixListener, UnixStream};
use vxml::Limits;

const PATIENCE: Duration = Duration::from_secs(20);

/// `fundlined` as far as the IVR process sees it.
struct Main {
    from: Receiver<FromIvr>,
    to: Sender<ToIvr>,
}

struct World {
    folder: TempDir,
    listener: UnixListener,
    speaker: Speaker,
    /// `http://address`
    web: String,
    company: Running,
}

async fn world(pages: Router) -> World {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("fund");
    let config = fundsim::Config { seed: Some(5), ..fundsim::Config::new("127.0.0.1:0".parse().unwrap(), data) };
    let company = fundsim::start(config).await.unwrap();
    let system = FundSystem::new(&format!("http://{}", company.addr())).unwrap();
    let apps = AppServer::new(Apps::new(folder.path().join("apps")), Some(system)).router();
    let web = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", web.local_addr().unwrap());
    tokio::spawn(axum::serve(web, pages.merge(apps)).into_future());

    let socket = folder.path().join("ivr.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let limits = Limits { final_processing: Duration::from_secs(2), ..Limits::default() };
    let fetcher = Fetcher::new(limits.document_size).unwrap();
    let speaker = Speaker::new(&folder.path().join("speech"), None);
    let services = Services { prompter: Prompter::new(speaker.clone(), fetcher.clone()), fetcher, limits };
    tokio::spawn(async move { link::keep(&socket, &services).await });
    World { folder, listener, speaker, web: address, company }
}

impl World {
    async fn main(&self) -> Main {
        let (socket, _) = tokio::time::timeout(PATIENCE, self.listener.accept()).await.unwrap().unwrap();
        let mut main = Main::over(socket);
        assert_eq!(main.next().await, FromIvr::Hello { protocol: PROTOCOL });
        main.say(ToIvr::Hello { protocol: PROTOCOL }).await;
        main
    }

    fn page(&self, path: &str) -> String {
        format!("{}/{path}", self.web)
    }

    async fn nav(&self) -> String {
        FundSystem::new(&format!("http://{}", self.company.addr())).unwrap().fund(DEMO_FUND).await.unwrap().latest.nav
    }
}

impl Main {
    fn over(socket: UnixStream) -> Self {
        let (from, to) = split(socket);
        Self { from, to }
    }

    async fn say(&mut self, message: ToIvr) {
        self.to.send(&message).await.unwrap();
    }

    async fn next(&mut self) -> FromIvr {
        tokio::time::timeout(PATIENCE, self.from.receive()).await.expect("an answer in time").unwrap().unwrap()
    }

    async fn start(&mut self, session: u32, url: &str) -> SessionId {
        let id = SessionId(session);
        let call = u128::from(session);
        let (local, remote) = ("4008001234".into(), "13800138000".into());
        self.say(ToIvr::Start { session: id, call, url: url.into(), local, remote }).await;
        id
    }

    async fn press(&mut self, session: SessionId, keys: &str) {
        for digit in keys.chars() {
            self.say(ToIvr::Digit { session, digit }).await;
        }
    }

    /// The next play of this session: its number and pieces. Steps and secrecy are stepped over.
    async fn play(&mut self, session: SessionId) -> (u32, Vec<Piece>) {
        loop {
            match self.next().await {
                FromIvr::Play { session: whose, play, pieces, .. } if whose == session => return (play, pieces),
                FromIvr::Ended { session: whose, failed } if whose == session => panic!("ended, failed: {failed}"),
                _ => {}
            }
        }
    }

    async fn heard(&mut self, session: SessionId, play: u32) {
        self.say(ToIvr::PlayDone { session, play, end: PlayEnd::Completed, played_ms: 1_000 }).await;
    }

    /// How this session ends: whatever it still says is heard to its end.
    async fn ended(&mut self, session: SessionId) -> bool {
        loop {
            match self.next().await {
                FromIvr::Play { session: whose, play, .. } => self.heard(whose, play).await,
                FromIvr::Ended { session: whose, failed } if whose == session => return failed,
                _ => {}
            }
        }
    }
}

fn files(pieces: &[Piece]) -> Vec<PathBuf> {
    let file = |piece: &Piece| match piece {
        Piece::File(file) => Some(PathBuf::from(file)),
        Piece::Silence(_) => None,
    };
    pieces.iter().filter_map(file).collect()
}

fn document(body: &str) -> impl IntoResponse + Clone + Send + Sync + use<> {
    let text = format!(
        "<?xml version=\"1.0\"?><vxml version=\"2.1\" xmlns=\"http://www.w3.org/2001/vxml\" xml:lang=\"en-US\">{body}</vxml>"
    );
    ([(header::CONTENT_TYPE, "application/voicexml+xml")], text)
}

/// A page of one form that says its words and waits for a key.
fn says(words: &str) -> impl IntoResponse + Clone + Send + Sync + use<> {
    document(&format!("<menu id=\"m\"><prompt>{words}</prompt><choice dtmf=\"1\" next=\"/again\"/></menu>"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_hears_the_net_asset_value_as_it_should_be_said() {
    let world = world(Router::new()).await;
    let mut main = world.main().await;
    let session = main.start(7, &world.page("apps/hotline/start")).await;
    let (_, welcome) = main.play(session).await;
    assert!(files(&welcome).len() > 3 && files(&welcome).iter().all(|file| file.is_file()), "{welcome:?}");
    main.press(session, &format!("11{DEMO_FUND}#")).await;
    let nav = world.nav().await;
    let label = world.speaker.speak("单位净值", Lang::Zh, None).await.unwrap();
    let value = world.speaker.speak(&nav, Lang::Zh, Some(&SayAs::Decimal)).await.unwrap();
    let expected = [label, value].concat();
    let heard = loop {
        let (_, pieces) = main.play(session).await;
        let heard = files(&pieces);
        if heard.contains(&expected[0]) {
            break heard;
        }
    };
    assert!(heard.windows(2).any(|pair| pair == expected), "{heard:?}");
    main.say(ToIvr::Hangup { session }).await;
    assert!(!main.ended(session).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_loops_or_is_none_ends_its_own_session_only() {
    let pages = Router::new()
        .route("/loop", get(|| async { document("<form><block><script>while (true) {}</script></block></form>") }))
        .route("/round", get(|| async { document("<form id=\"a\"><block><goto next=\"/round\"/></block></form>") }))
        .route("/regex", get(|| async {
            document("<form><block><if cond=\"/(a+)+b/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')\"/></block></form>")
        }))
        .route("/none", get(|| async { "no XML" }))
        .route("/large", get(|| async { "x".repeat(3 << 20) }))
        .route("/silent", get(|| async { std::future::pending::<&str>().await }))
        .route("/good", get(|| async { says("good") }));
    let world = world(pages).await;
    let mut main = world.main().await;
    let good = main.start(1, &world.page("good")).await;
    main.play(good).await;
    for (at, path) in ["loop", "round", "regex", "none", "large", "missing"].into_iter().enumerate() {
        let bad = main.start(10 + at as u32, &world.page(path)).await;
        assert!(main.ended(bad).await, "{path}");
    }
    // Somebody else's server that never answers is left when the caller hangs up.
    let waiting = main.start(30, &world.page("silent")).await;
    main.say(ToIvr::Hangup { session: waiting }).await;
    main.ended(waiting).await;
    // The first caller is still served.
    main.press(good, "5").await;
    main.say(ToIvr::Hangup { session: good }).await;
    assert!(!main.ended(good).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_are_a_sessions_own_and_redirects_are_followed() {
    async fn second(headers: HeaderMap) -> impl IntoResponse {
        let cookie = headers.get(header::COOKIE).and_then(|cookie| cookie.to_str().ok()).unwrap_or("none").to_owned();
        document(&format!("<form id=\"{}\"><block>hello</block></form>", cookie.replace('=', "-")))
    }
    async fn first(headers: HeaderMap) -> impl IntoResponse {
        let call = headers.get("x-fundline-call").unwrap().to_str().unwrap().to_owned();
        let call = call.trim_start_matches('0').to_owned();
        ([(header::SET_COOKIE, format!("call={call}; Path=/"))], Redirect::to("/second"))
    }
    let pages = Router::new().route("/first", get(first)).route("/second", get(second));
    let world = world(pages).await;
    let mut main = world.main().await;
    for number in [1, 2] {
        let session = main.start(number, &world.page("first")).await;
        loop {
            if let FromIvr::Path { step, .. } = main.next().await {
                assert_eq!(step, format!("call-{number}"));
                break;
            }
        }
        main.say(ToIvr::Hangup { session }).await;
        main.ended(session).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_posted_and_never_sent_on_to_another_server() {
    const PIN: &str = "482915";
    let stranger = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = format!("http://{}/take", stranger.local_addr().unwrap());
    let taken = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&taken);
    let take = post(move || async move {
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        "taken"
    });
    tokio::spawn(axum::serve(stranger, Router::new().route("/take", take)).into_future());
    let ask = "<form id=\"ask\"><field name=\"pin\" type=\"digits?length=6\"><property name=\"fundline.sensitive\" value=\"true\"/>PIN\
        <filled><submit next=\"/check\" method=\"post\" namelist=\"pin\"/></filled></field></form>";
    let pages = Router::new().route("/ask", get(move || async move { document(ask) })).route(
        "/check",
        post(move |body: String| async move {
            assert_eq!(body, format!("pin={PIN}"));
            (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, elsewhere)])
        }),
    );
    let world = world(pages).await;
    let mut main = world.main().await;
    let session = main.start(1, &world.page("ask")).await;
    main.play(session).await;
    main.press(session, PIN).await;
    assert!(main.ended(session).await, "the document has no handler for it");
    assert_eq!(taken.load(std::sync::atomic::Ordering::Relaxed), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn recordings_are_fetched_once_and_have_a_fallback() {
    let tone: Vec<i16> = (0..4000).map(|n| if n % 8 < 4 { 3000 } else { -3000 }).collect();
    let wav = media::wav::pcm_file(&tone);
    let fetched = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&fetched);
    let pages = Router::new()
        .route("/say", get(|| async {
            document("<menu id=\"m\"><prompt><audio src=\"/tone.wav\"/><audio src=\"/gone.wav\">instead</audio><break time=\"250ms\"/></prompt>\
                <choice dtmf=\"1\" next=\"/say\"/></menu>")
        }))
        .route("/tone.wav", get(move || async move {
            count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            wav.clone()
        }));
    let world = world(pages).await;
    let instead = world.speaker.speak("instead", Lang::En, None).await.unwrap();
    let mut main = world.main().await;
    let session = main.start(1, &world.page("say")).await;
    for _ in 0..2 {
        let (_, pieces) = main.play(session).await;
        assert_eq!(pieces.len(), 3);
        let clip = media::Clip::from_wav(&std::fs::read(&files(&pieces)[0]).unwrap()).unwrap();
        assert_eq!(clip, media::Clip::from_pcm(&tone));
        assert_eq!((&files(&pieces)[1], &pieces[2]), (&instead[0], &Piece::Silence(250)));
        main.press(session, "1").await;
    }
    assert_eq!(fetched.load(std::sync::atomic::Ordering::Relaxed), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_link_is_lost_sessions_do_their_last_work_and_the_link_is_made_again() {
    let (told, mut last_work) = tokio::sync::mpsc::channel::<()>(1);
    let pages = Router::new()
        .route("/page", get(|| async {
            document("<catch event=\"connection.disconnect\"><submit next=\"/last\"/></catch><menu id=\"m\">Hello.<choice dtmf=\"1\" next=\"/page\"/></menu>")
        }))
        .route("/last", get(move || {
            let told = told.clone();
            async move {
                told.send(()).await.unwrap();
                document("<form><block><exit/></block></form>")
            }
        }));
    let world = world(pages).await;
    let mut main = world.main().await;
    let session = main.start(1, &world.page("page")).await;
    main.play(session).await;
    drop(main);
    tokio::time::timeout(PATIENCE, last_work.recv()).await.unwrap().unwrap();
    let mut main = world.main().await;
    let session = main.start(1, &world.page("page")).await;
    let (play, _) = main.play(session).await;
    main.heard(session, play).await;
    main.say(ToIvr::Hangup { session }).await;
    main.ended(session).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_main_process_of_another_build_is_refused() {
    let world = world(Router::new()).await;
    for _ in 0..2 {
        let (socket, _) = world.listener.accept().await.unwrap();
        let mut main = Main::over(socket);
        assert_eq!(main.next().await, FromIvr::Hello { protocol: PROTOCOL });
        main.say(ToIvr::Hello { protocol: PROTOCOL + 1 }).await;
        assert!(matches!(main.from.receive().await, Ok(None) | Err(_)), "it hangs up and comes again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_callers_at_once_are_all_served() {
    let world = world(Router::new()).await;
    let mut main = world.main().await;
    let nav = world.nav().await;
    let value = world.speaker.speak(&nav, Lang::En, Some(&SayAs::Decimal)).await.unwrap();
    for number in 0..60 {
        main.start(number, &world.page("apps/hotline/start")).await;
        main.press(SessionId(number), &format!("21{DEMO_FUND}#")).await;
    }
    let mut served = std::collections::BTreeSet::new();
    while served.len() < 60 {
        if let FromIvr::Play { session, pieces, .. } = main.next().await
            && files(&pieces).contains(&value[0])
        {
            served.insert(session);
        }
    }
    for number in 0..60 {
        main.say(ToIvr::Hangup { session: SessionId(number) }).await;
    }
    for _ in 0..60 {
        while !matches!(main.next().await, FromIvr::Ended { failed: false, .. }) {}
    }
    // One clip a phrase, however many heard it: 60 times the greeting would be hundreds.
    let clips = std::fs::read_dir(world.folder.path().join("speech")).unwrap().count();
    assert!((10..60).contains(&clips), "{clips}");
}
