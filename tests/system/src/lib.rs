//! A whole lab for one test: the box's processes, the telephone network and a fund system, on ports and in a folder of their own.
//!
//! [`Lab::start`] brings it up, [`Lab::call`] lets a scripted caller dial in, [`Lab::fund`] asks the fund system what is true. What a
//! caller heard is judged by the exchange from the audio it received, never by the box's own word.
//!
//! Everything waits with a bound; a program that ends early fails the test with the end of its log.

mod http;
mod program;

pub use http::FundSystem;
pub use program::{Program, built, signal};

use serde_json::Value;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a program may take until it answers, on a machine busy with other tests.
const START: Duration = Duration::from_secs(60);

/// What is at the far end of the box's spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FarEnd {
    /// `fundline-exchange`, over two spans in UDP.
    Exchange,
    /// The same, and a channel bank of two analog lines as the third span.
    ExchangeWithBank,
    /// Whoever connects to the sockets of one lab span, `run/fundline/span1`.
    Sockets,
}

impl FarEnd {
    /// Spans in UDP.
    const fn spans(self) -> usize {
        match self {
            Self::Exchange => 2,
            Self::ExchangeWithBank => 3,
            Self::Sockets => 0,
        }
    }

    /// What a span carries, as the exchange's command line says it.
    const fn kind(self, number: usize) -> &'static str {
        match (self, number) {
            (Self::ExchangeWithBank, 2) => "loopstart:cn:lines=2:number=62345601",
            _ => "pri",
        }
    }
}

/// The bank as the box sees it.
const BANK: &str = r#"signaling = "loopstart"
country = "cn"
[[line]]
span = "span3"
channel = 1
number = "62345601"
[[line]]
span = "span3"
channel = 2
number = "62345602"
[[trunk]]
name = "analog"
spans = ["span3"]
[[extension]]
number = "8002"
trunk = "analog"
[[route]]
called = "8002"
extension = "8002"
[[route]]
called = "6234560x"
app = "hotline"
"#;

/// A lab.
pub struct Lab {
    root: TempDir,
    far_end: FarEnd,
    page: SocketAddr,
    fund: FundSystem,
    programs: Vec<Program>,
    fundlined: Option<Program>,
}

impl Lab {
    /// A lab whose two spans lead to the exchange, all of it up.
    #[track_caller]
    pub fn start() -> Self {
        Self::with(FarEnd::Exchange)
    }

    /// A lab with two analog lines beside them, 62345601 and 62345602: the hotline answers there, and extension 8002 is called there.
    #[track_caller]
    pub fn start_with_bank() -> Self {
        Self::with(FarEnd::ExchangeWithBank)
    }

    /// A lab whose one span is open for another program's protocol stack.
    #[track_caller]
    pub fn start_with_sockets() -> Self {
        Self::with(FarEnd::Sockets)
    }

    #[track_caller]
    fn with(far_end: FarEnd) -> Self {
        let root = tempfile::Builder::new().prefix("fundline-lab-").tempdir().expect("a folder for the lab");
        let at = |name: &str| root.path().join(name);
        let [page, ivr, fund_at] = [free_tcp(), free_tcp(), free_tcp()];
        let spans: Vec<_> = (0..far_end.spans()).map(|_| (free_udp(), free_udp())).collect();
        std::fs::create_dir_all(at("etc/fundline")).expect("the lab's folders");
        std::fs::create_dir_all(at("log")).expect("the lab's folders");
        let text = spans_text(far_end, &spans) + &services_text(page, ivr, fund_at);
        std::fs::write(at("etc/fundline/fundline.toml"), text).expect("a file");

        let mut fund = Command::new(built("fundline-fundsim"));
        fund.args(["--listen", &fund_at.to_string(), "--lab", "--data"]).arg(at("fundsim"));
        let mut programs = vec![Program::start("fundsim", fund, &at("log/fundsim.log"))];
        if far_end != FarEnd::Sockets {
            let mut exchange = Command::new(built("fundline-exchange"));
            exchange.arg("run").arg("--control").arg(at("exchange.sock"));
            for (number, (local, remote)) in spans.iter().enumerate() {
                exchange.args(["--span", &format!("{remote},{local},{}", far_end.kind(number))]);
            }
            programs.push(Program::start("exchange", exchange, &at("log/exchange.log")));
        }
        let fund = FundSystem::new(fund_at);
        let mut lab = Self { root, far_end, page, fund, programs, fundlined: None };
        lab.wait_for("the fund system", START, |lab| TcpStream::connect(lab.fund.address()).is_ok());
        if far_end != FarEnd::Sockets {
            lab.wait_for("the exchange's control socket", START, |lab| lab.path("exchange.sock").exists());
        }
        lab.start_box();
        lab
    }

    /// Starts the box and waits until its page answers and its spans carry calls.
    #[track_caller]
    pub fn start_box(&mut self) {
        let mut command = Command::new(built("fundlined"));
        command.arg("--root").arg(self.root.path()).env("RUST_LOG", "debug,hyper=info,rustls=info");
        let log = self.path("log/fundlined.log");
        self.fundlined = Some(Program::start("fundlined", command, &log));
        self.wait_for("the page", START, |lab| TcpStream::connect(lab.page).is_ok());
        self.wait_for("the box's own programs", START, |lab| {
            lab.status()["processes"].as_array().is_some_and(|all| all.iter().all(|process| process["up"] == true))
        });
        match self.far_end {
            FarEnd::Exchange | FarEnd::ExchangeWithBank => self.wait_for("the spans", START, Self::spans_are_up),
            FarEnd::Sockets => {
                self.wait_for("the span's socket", START, |lab| lab.path("run/fundline/span1/d").exists())
            }
        }
    }

    /// How the box says it is.
    fn status(&self) -> Value {
        let mut status = Command::new(built("fundlinectl"));
        let answer = status.arg("--root").arg(self.path("")).args(["status", "--json"]).output();
        serde_json::from_slice(&answer.expect("fundlinectl starts").stdout).unwrap_or(Value::Null)
    }

    /// Both ends say so: an exchange whose box was just killed still thinks that all is well.
    fn spans_are_up(&self) -> bool {
        let box_says = self.status();
        let is_up = |span: &Value| span["link"].is_null() || span["link"] == "Up";
        if !box_says["spans"].as_array().is_some_and(|spans| spans.iter().all(is_up)) {
            return false;
        }
        let mut status = Command::new(built("fundline-exchange"));
        status.args(["status", "--json", "--control"]).arg(self.path("exchange.sock"));
        let answer = status.output().expect("fundline-exchange starts");
        let spans: Value = serde_json::from_slice(&answer.stdout).unwrap_or(Value::Null);
        let are_up = |spans: &Vec<Value>| spans.iter().all(|span| span["link"] == "up");
        spans.as_array().is_some_and(|spans| spans.len() == self.far_end.spans() && are_up(spans))
    }

    /// Ends the box at once, as a power cut would.
    pub fn cut_power(&mut self) {
        if let Some(fundlined) = self.fundlined.take() {
            fundlined.kill();
        }
    }

    /// Asks the box to stop and waits until it has.
    #[track_caller]
    pub fn stop_box(&mut self) {
        if let Some(fundlined) = self.fundlined.take() {
            fundlined.stop(Duration::from_secs(20));
        }
    }

    /// The box's main process.
    pub fn box_pid(&self) -> u32 {
        self.fundlined.as_ref().map_or(0, Program::pid)
    }

    /// The process id of a child of the box, by its program's name.
    #[track_caller]
    pub fn child_of_box(&self, name: &str) -> u32 {
        let parent = self.box_pid();
        let found = Program::children(parent).into_iter().find(|(_, program)| program == name);
        found.unwrap_or_else(|| panic!("{name} does not run below fundlined ({parent})")).0
    }

    /// A path below the lab's folder.
    pub fn path(&self, below: impl AsRef<Path>) -> PathBuf {
        self.root.path().join(below)
    }

    /// Where the box's page is.
    pub const fn page(&self) -> SocketAddr {
        self.page
    }

    /// The fund system.
    pub const fn fund(&self) -> &FundSystem {
        &self.fund
    }

    /// What the box kept.
    #[track_caller]
    pub fn records(&self) -> records_io::Reader {
        records_io::Reader::open(&self.path("var/lib/fundline/fundline.db")).expect("the box's store")
    }

    /// What a log says.
    pub fn log(&self, below: &str) -> String {
        String::from_utf8_lossy(&std::fs::read(self.path(below)).unwrap_or_default()).into_owned()
    }

    /// How often a caller was with this device, so far.
    pub fn segments_with(&self, device: &str) -> usize {
        let Ok(records) = records_io::Reader::open(&self.path("var/lib/fundline/fundline.db")) else { return 0 };
        let filter = records_io::CallFilter { limit: 100, ..Default::default() };
        let calls = records.calls(&filter).unwrap_or_default();
        let details = calls.iter().filter_map(|call| records.call(call.id.parse().ok()?).ok()?);
        let segments = details.flat_map(|call| call.legs).flat_map(|leg| leg.segments);
        segments.filter(|segment| segment.device == device).count()
    }

    /// The files of all recordings.
    pub fn recordings(&self) -> Vec<PathBuf> {
        let mut folders = vec![self.path("var/lib/fundline/recordings")];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
                if path.is_dir() {
                    folders.push(path);
                } else if records_io::Format::of(&path).is_some() {
                    files.push(path);
                }
            }
        }
        files
    }

    /// A caller with this script.
    pub fn caller(&self, script: &str) -> Caller<'_> {
        Caller { lab: self, way: "call", to: "4008001234".into(), script: script.into(), settings: Vec::new() }
    }

    /// A telephone of the network, to be rung by the box.
    pub fn telephone(&self, number: &str, script: &str) -> Caller<'_> {
        Caller { lab: self, way: "answer", to: number.into(), script: script.into(), settings: Vec::new() }
    }

    /// Waits until `ready`, at most `limit`, while all programs live.
    #[track_caller]
    pub fn wait_for(&mut self, what: &str, limit: Duration, ready: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !ready(self) {
            for program in self.programs.iter_mut().chain(&mut self.fundlined) {
                program.must_live();
            }
            assert!(began.elapsed() < limit, "{what}: not there after {limit:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // The box first, so that its stop is not mistaken for a failure of the line.
        drop(self.fundlined.take());
        self.programs.clear();
        if std::thread::panicking() {
            for log in ["log/fundlined.log", "log/exchange.log", "log/fundsim.log"] {
                eprintln!("--- end of {log}\n{}", program::tail(&self.path(log)));
            }
        }
    }
}

/// A scripted party, before it acts.
pub struct Caller<'a> {
    lab: &'a Lab,
    way: &'static str,
    to: String,
    script: String,
    settings: Vec<(String, String)>,
}

impl Caller<'_> {
    /// Dials another number than the hotline.
    #[must_use]
    pub fn to(mut self, number: &str) -> Self {
        self.to = number.into();
        self
    }

    /// Gives the script a variable.
    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.into(), value.into()));
        self
    }

    /// Begins to act.
    #[track_caller]
    pub fn start(self) -> OnTheLine {
        let place = tempfile::Builder::new().prefix("party-").tempdir_in(self.lab.root.path()).expect("a folder");
        let (script, wav) = (place.path().join("script.txt"), place.path().join("heard.wav"));
        std::fs::write(&script, &self.script).expect("a script");
        let mut command = Command::new(built("fundline-exchange"));
        command.arg(self.way).arg("--control").arg(self.lab.path("exchange.sock")).args(["--to", &self.to]);
        command.arg("--script").arg(script).arg("--out").arg(&wav).arg("--json");
        for (name, value) in &self.settings {
            command.args(["--set", &format!("{name}={value}")]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("fundline-exchange starts");
        let mut said = BufReader::new(child.stdout.take().expect("stdout is a pipe"));
        if self.way == "answer" {
            // It can be rung once it says so.
            let mut line = String::new();
            said.read_line(&mut line).expect("stdout is a pipe");
            assert!(line.contains("registered"), "a telephone could not be registered: {line}");
        }
        // The folder goes away with the lab.
        let _ = place.keep();
        OnTheLine { child, said, wav }
    }
}

/// A party that is acting.
pub struct OnTheLine {
    child: Child,
    said: BufReader<ChildStdout>,
    wav: PathBuf,
}

impl OnTheLine {
    /// Waits for its end.
    #[track_caller]
    pub fn end(mut self) -> Heard {
        let mut text = String::new();
        self.said.read_to_string(&mut text).expect("stdout is a pipe");
        let out = self.child.wait_with_output().expect("fundline-exchange was started");
        let report = serde_json::from_str(text.lines().last().unwrap_or_default()).unwrap_or(Value::Null);
        let said = format!("{text}{}", String::from_utf8_lossy(&out.stderr));
        Heard { satisfied: out.status.success(), report, said, wav: self.wav }
    }

    /// Waits for its end, which must be as the script expects.
    #[track_caller]
    pub fn content(self) -> Heard {
        let heard = self.end();
        assert!(heard.satisfied, "the party did not hear what it should have: {}", heard.said);
        heard
    }
}

/// What a party reports.
#[derive(Debug)]
pub struct Heard {
    /// Every expectation was met.
    pub satisfied: bool,
    /// The exchange's report.
    pub report: Value,
    /// The same as printed, with error messages.
    pub said: String,
    /// What it heard.
    pub wav: PathBuf,
}

fn free_tcp() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|socket| socket.local_addr()).expect("a free port")
}

fn free_udp() -> SocketAddr {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|socket| socket.local_addr()).expect("a free port")
}

fn spans_text(far_end: FarEnd, spans: &[(SocketAddr, SocketAddr)]) -> String {
    let mut text = String::from("[box]\nname = \"Test branch\"\n");
    if far_end == FarEnd::Sockets {
        text += "[[span]]\nname = \"span1\"\ncard = \"lab\"\ndir = \"/run/fundline/span1\"\n";
        text += "[[trunk]]\nname = \"phones\"\nspans = [\"span1\"]\n";
        return text;
    }
    for (number, (local, remote)) in (1..).zip(spans) {
        let addresses = format!("local = \"{local}\"\nremote = \"{remote}\"\n");
        let _ = write!(text, "[[span]]\nname = \"span{number}\"\ncard = \"pseudowire\"\n{addresses}");
    }
    if far_end == FarEnd::ExchangeWithBank {
        text += BANK;
    }
    text + "[[trunk]]\nname = \"phones\"\nspans = [\"span2\"]\n"
}

fn services_text(page: SocketAddr, ivr: SocketAddr, fund: SocketAddr) -> String {
    format!(
        r#"[[extension]]
number = "8001"
trunk = "phones"
[[app]]
name = "hotline"
url = "http://{ivr}/apps/hotline/start"
[[route]]
called = "4008001234"
app = "hotline"
[[route]]
called = "8001"
extension = "8001"
[web]
listen = "{page}"
[ivr]
listen = "{ivr}"
fund = "http://{fund}"
"#
    )
}
