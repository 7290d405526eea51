//! A caller whose ears are prompt items and whose clock jumps.

use base::{Digit, Instant, WallTime};
use fund_io::FundSystem;
use fundline_ivr::apps::{AppServer, Apps};
use fundline_ivr::{Fetcher, Sensitivity, Visitor, Wanted};
use fundsim::{DEMO_ACCOUNT, Running};
use serde_json::Value;
use std::cell::RefCell;
use std::sync::{LazyLock, Mutex, Once};
use std::time::Duration;
use tempfile::TempDir;
use vxml::{Action, ExitReason, Input, Interpreter, Limits, PlayEnd, PlayId, PromptItem, SessionInfo, TransferOutcome};

/// Actions that one input may lead to; more is a loop.
const MOST_ACTIONS: usize = 500;

/// A fund system and an application server.
pub(crate) struct Hotline {
    pub(crate) company: RefCell<Option<Running>>,
    pub(crate) pin: String,
    address: String,
    start: String,
    _folder: TempDir,
}

impl Hotline {
    pub(crate) async fn open() -> Self {
        write_log();
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("fund");
        let listen = "127.0.0.1:0".parse().unwrap();
        let company =
            fundsim::start(fundsim::Config { lab: true, ..fundsim::Config::new(listen, data) }).await.unwrap();
        let pin = company.demo().unwrap().pin.reveal().to_owned();
        let address = format!("http://{}", company.addr());
        let server = AppServer::new(Apps::new(folder.path().join("apps")), Some(FundSystem::new(&address).unwrap()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let start = format!("http://{}/apps/hotline/start", listener.local_addr().unwrap());
        tokio::spawn(server.serve(listener));
        Self { company: RefCell::new(Some(company)), pin, address, start, _folder: folder }
    }

    pub(crate) async fn call(&self) -> Caller {
        static CALLS: Mutex<u128> = Mutex::new(0);
        let number = {
            let mut calls = CALLS.lock().unwrap();
            *calls += 1;
            *calls
        };
        let info = SessionInfo::new("4008001234", "13800138000", &self.start, WallTime(1_760_000_000_000), 1);
        let limits = Limits::default();
        let mut caller = Caller {
            fetcher: Fetcher::new(limits.document_size).unwrap(),
            visitor: Visitor::new(number),
            machine: Interpreter::new(Instant::ZERO, info, limits),
            now: Instant::ZERO,
            playing: None,
            heard: Vec::new(),
            is_sensitive: false,
            disconnected: false,
            transfer: None,
            ended: None,
            path: Vec::new(),
            urls: Vec::new(),
            lines: Vec::new(),
        };
        caller.settle().await;
        caller
    }

    pub(crate) fn wrong_pin(&self) -> &'static str {
        if self.pin == "777777" { "777778" } else { "777777" }
    }

    async fn ask(&self, path: &str) -> Value {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        client.get(format!("{}{path}", self.address)).send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn nav(&self, code: &str) -> String {
        text(&self.ask(&format!("/v1/funds/{code}")).await["nav"])
    }

    /// Total and single values of the demonstration account.
    pub(crate) async fn balance(&self) -> (String, Vec<String>) {
        let account = self.ask(&format!("/v1/lab/accounts/{DEMO_ACCOUNT}")).await;
        let held = account["balance"]["holdings"].as_array().unwrap();
        (text(&account["balance"]["total_value"]), held.iter().map(|holding| text(&holding["value"])).collect())
    }

    /// Titles and texts.
    pub(crate) async fn news(&self, lang: &str) -> Vec<(String, String)> {
        let news = self.ask(&format!("/v1/announcements?lang={lang}")).await;
        let all = news["announcements"].as_array().unwrap();
        all.iter().map(|item| (text(&item["title"]), text(&item["body"]))).collect()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

pub(crate) struct Caller {
    fetcher: Fetcher,
    visitor: Visitor,
    machine: Interpreter,
    now: Instant,
    playing: Option<PlayId>,
    heard: Vec<String>,
    pub(crate) is_sensitive: bool,
    pub(crate) disconnected: bool,
    pub(crate) transfer: Option<String>,
    pub(crate) ended: Option<ExitReason>,
    /// Steps, fetched addresses, and lines for the log.
    pub(crate) path: Vec<String>,
    pub(crate) urls: Vec<String>,
    pub(crate) lines: Vec<String>,
}

impl Caller {
    /// What was played since the last key or pause, in order.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.clone()
    }

    pub(crate) fn has_heard(&self, words: &str) -> bool {
        self.heard.iter().any(|said| said == words)
    }

    pub(crate) fn has_heard_part(&self, words: &str) -> bool {
        self.heard.iter().any(|said| said.contains(words))
    }

    pub(crate) fn has_heard_menu(&self) -> bool {
        self.has_heard_part("基金净值查询，请按1。市场公告，请按2。")
    }

    /// Presses keys, a tenth of a second apart.
    pub(crate) async fn press(&mut self, keys: &str) {
        self.heard.clear();
        for key in keys.chars() {
            self.now += Duration::from_millis(100);
            self.input(Input::Digit(Digit::new(key).unwrap())).await;
        }
    }

    /// Hears what plays to its end.
    pub(crate) async fn listen(&mut self) {
        for _ in 0..20 {
            let Some(play) = self.playing.take() else { return };
            self.now += Duration::from_secs(3);
            self.input(Input::PlayDone { play, reason: PlayEnd::Completed, played_ms: 3_000 }).await;
            // One prompt after another is a chain, but what answers silence is not.
            if self.machine.deadline().is_some() {
                return;
            }
        }
        panic!("it never stops talking: {:?}", self.heard);
    }

    /// Says nothing until the hotline gives up waiting.
    pub(crate) async fn wait(&mut self) {
        self.heard.clear();
        self.now = self.machine.deadline().expect("it waits for something");
        self.input(Input::Tick).await;
    }

    pub(crate) async fn transferred(&mut self, outcome: TransferOutcome) {
        self.heard.clear();
        self.input(Input::TransferDone(outcome)).await;
    }

    pub(crate) async fn hang_up(&mut self) {
        self.input(Input::Hangup).await;
    }

    async fn input(&mut self, input: Input) {
        self.machine.handle(self.now, input);
        self.settle().await;
    }

    /// Does what the interpreter asks until it waits for the caller.
    async fn settle(&mut self) {
        for _ in 0..MOST_ACTIONS {
            let Some(action) = self.machine.poll_action() else { return };
            self.obey(action).await;
        }
        panic!("no end of actions: {:?}", self.lines);
    }

    async fn obey(&mut self, action: Action) {
        match action {
            Action::Fetch { fetch, url, body, timeout, .. } => {
                self.urls.push(url.clone());
                let body = body.map(|form| (form.encode(), Sensitivity::Secret));
                let result = self.fetcher.fetch(&self.visitor, Wanted { url, body, timeout }).await;
                self.machine.handle(self.now, Input::Fetched { fetch, result });
            }
            Action::Play { play, items, .. } => {
                self.playing = Some(play);
                self.heard.extend(items.iter().filter_map(said));
            }
            Action::StopPlay(play) => drop(self.playing.take_if(|playing| *playing == play)),
            Action::Sensitive(wanted) => self.is_sensitive = wanted == vxml::Sensitive::On,
            Action::Transfer { dest, .. } => self.transfer = Some(dest),
            Action::Disconnect => self.disconnected = true,
            Action::Exit { reason, .. } => self.ended = Some(reason),
            Action::Log { text, .. } => self.lines.push(text),
            Action::Path(step) => self.path.push(step),
            Action::CancelFetch(_) | Action::EndTransfer => {}
        }
    }
}

/// The words of an item, with how they are to be read.
fn said(item: &PromptItem) -> Option<String> {
    match item {
        PromptItem::Speak { text, say_as: None, .. } => Some(text.clone()),
        PromptItem::Speak { text, say_as: Some(say_as), .. } => Some(format!("{text} as {}", say_as.interpret_as)),
        PromptItem::Audio { url, .. } => Some(url.clone()),
        PromptItem::Break(_) | PromptItem::Mark(_) => None,
    }
}

static LOG: LazyLock<Mutex<Vec<u8>>> = LazyLock::new(Mutex::default);

struct LogWriter;

impl std::io::Write for LogWriter {
    fn write(&mut self, octets: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Keeps every line that any part of the process logs, at every level.
fn write_log() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(|| LogWriter)
            .init();
    });
}

/// All that was logged.
pub(crate) fn log() -> String {
    String::from_utf8_lossy(&LOG.lock().unwrap()).into_owned()
}
