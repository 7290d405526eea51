//! The real programs: the box, the telephone network and a fund system, in a folder and on ports of their own.

use crate::figure::{Figure, Goal, Taken};
use crate::process::Process;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// How long anything may take to begin.
const PATIENCE: Duration = Duration::from_secs(60);
const MEASURED: Duration = Duration::from_secs(30);
const CHANNELS: usize = 30;
const SPANS: usize = 8;

/// Addresses and folder of a box.
pub(crate) struct Place {
    root: tempfile::TempDir,
    /// The box's address, the network's.
    pub(crate) spans: Vec<(SocketAddr, SocketAddr)>,
    pub(crate) page: SocketAddr,
    ivr: SocketAddr,
    fund: SocketAddr,
}

impl Place {
    pub(crate) fn new(spans: usize) -> Result<Self, String> {
        let root = tempfile::Builder::new().prefix("fundline-bench-").tempdir().map_err(|error| error.to_string())?;
        let udp = || UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let tcp = || TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let free = |found: std::io::Result<SocketAddr>| found.map_err(|error| format!("no free port: {error}"));
        let spans = (0..spans).map(|_| Ok((free(udp())?, free(udp())?))).collect::<Result<Vec<_>, String>>()?;
        let (page, ivr, fund) = (free(tcp())?, free(tcp())?, free(tcp())?);
        let place = Self { root, spans, page, ivr, fund };
        let folder = place.path("etc/fundline");
        let laid = std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(folder.join("fundline.toml"), place.configuration()));
        laid.map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(place)
    }

    fn path(&self, below: &str) -> PathBuf {
        self.root.path().join(below)
    }

    fn configuration(&self) -> String {
        let spans: String = (self.spans.iter().enumerate())
            .map(|(at, (local, remote))| {
                format!(
                    "[[span]]\nname = \"span{at}\"\ncard = \"pseudowire\"\nlocal = \"{local}\"\nremote = \"{remote}\"\n"
                )
            })
            .collect();
        let Self { page, ivr, fund, .. } = self;
        format!(
            "[box]\nname = \"bench\"\n{spans}[[app]]\nname = \"hotline\"\nurl = \"http://{ivr}/apps/hotline/start\"\n\
             [[route]]\ncalled = \"4008001234\"\napp = \"hotline\"\n[recording]\nenabled = true\n[web]\nlisten = \"{page}\"\n\
             [ivr]\nlisten = \"{ivr}\"\nfund = \"http://{fund}\"\n"
        )
    }

    /// A program of this tree, beside this one.
    fn program(name: &str) -> Result<Command, String> {
        let own = std::env::current_exe().map_err(|error| error.to_string())?;
        let program = own.with_file_name(name);
        if program.exists() { Ok(Command::new(program)) } else { Err(format!("{} is not built", program.display())) }
    }

    pub(crate) fn start_box(&self) -> Result<Process, String> {
        let mut command = Self::program("fundlined")?;
        command.arg("--root").arg(self.root.path());
        Process::start(command, &self.path("fundlined.log"))
    }

    fn start_network(&self) -> Result<Process, String> {
        let mut command = Self::program("fundline-exchange")?;
        command.arg("run").arg("--control").arg(self.path("exchange.sock"));
        for (box_end, far_end) in &self.spans {
            command.arg("--span").arg(format!("{far_end},{box_end}"));
        }
        Process::start(command, &self.path("exchange.log"))
    }

    fn start_fund_system(&self) -> Result<Process, String> {
        let mut command = Self::program("fundline-fundsim")?;
        command.arg("--listen").arg(self.fund.to_string()).arg("--data").arg(self.path("fundsim")).arg("--lab");
        Process::start(command, &self.path("fundsim.log"))
    }

    /// Asks the network; its first answer.
    fn ask(&self, request: &Value) -> Result<Value, String> {
        let client = self.send(request)?;
        let mut line = String::new();
        BufReader::new(client).read_line(&mut line).map_err(|error| error.to_string())?;
        serde_json::from_str(&line).map_err(|error| format!("the exchange said {line:?}: {error}"))
    }

    /// Sends a request; the connection is the party's life.
    fn send(&self, request: &Value) -> Result<UnixStream, String> {
        let path = self.path("exchange.sock");
        let mut client = UnixStream::connect(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        client.set_read_timeout(Some(PATIENCE)).map_err(|error| error.to_string())?;
        writeln!(client, "{request}").map_err(|error| error.to_string())?;
        Ok(client)
    }

    /// Spans whose links are up, and channels in use on all.
    fn status(&self) -> Result<(usize, usize), String> {
        let status = self.ask(&json!({ "ask": "status" }))?;
        let spans = status["spans"].as_array().ok_or_else(|| format!("no status: {status}"))?;
        let busy = spans.iter().filter_map(|span| span["busy"].as_u64()).sum::<u64>();
        Ok((spans.iter().filter(|span| span["link"] == "up").count(), busy as usize))
    }

    fn recordings(&self) -> Vec<PathBuf> {
        fn below(folder: &Path, found: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    below(&path, found);
                } else if path.extension().is_some_and(|kind| kind == "wav") {
                    found.push(path);
                }
            }
        }
        let mut found = Vec::new();
        below(&self.path("var/lib/fundline/recordings"), &mut found);
        found
    }
}

/// Waits until something holds.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) -> Result<(), String> {
    let began = Instant::now();
    while !holds() {
        if began.elapsed() > PATIENCE {
            return Err(format!("{what}: not within {PATIENCE:?}"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// The lab, up, with its links.
fn start(spans: usize) -> Result<(Place, Process, [Process; 2]), String> {
    let place = Place::new(spans)?;
    let others = [place.start_fund_system()?, place.start_network()?];
    until("the network's control socket", || place.status().is_ok())?;
    until("the fund system", || TcpStream::connect(place.fund).is_ok())?;
    let fundlined = place.start_box()?;
    until("all links", || place.status().is_ok_and(|(up, _)| up == spans))?;
    until("the page", || TcpStream::connect(place.page).is_ok())?;
    until("the applications", || TcpStream::connect(place.ivr).is_ok())?;
    Ok((place, fundlined, others))
}

/// 8 spans over UDP, each channel in a dialog: a prompt that a key interrupts every few seconds, both directions recorded.
pub(crate) fn ivr240() -> Taken {
    let (place, fundlined, _others) = start(SPANS)?;
    let callers = SPANS * CHANNELS;
    // The phrases are rendered by the first caller, as they are on a box that has been up for a while.
    let first = place.send(&caller(0, 2))?;
    std::thread::sleep(Duration::from_secs(12));
    drop(first);
    until("the first caller to be gone", || place.status().is_ok_and(|(_, busy)| busy == 0))?;
    let before = place.recordings().len();
    let mut connections = Vec::with_capacity(callers);
    for number in 0..callers {
        connections.push(place.send(&caller(number, 40))?);
        // 25 calls a second: a busy hour's beginning, not a test of the rate.
        std::thread::sleep(Duration::from_millis(40));
    }
    until("all channels in use", || place.status().is_ok_and(|(_, busy)| busy == callers))?;
    std::thread::sleep(Duration::from_secs(5));
    let octets = |place: &Place| -> u64 {
        place.recordings().iter().filter_map(|file| file.metadata().ok()).map(|known| known.len()).sum()
    };
    let (recorded, began, ticks) = (octets(&place), Instant::now(), fundlined.cpu_of_all()?);
    std::thread::sleep(MEASURED);
    let (seconds, spent) = (began.elapsed().as_secs_f64(), fundlined.cpu_of_all()? - ticks);
    let grown = (octets(&place) - recorded) as f64;
    let (_, busy) = place.status()?;
    let files = place.recordings().len() - before;
    let expected = 16_000.0 * seconds * callers as f64;
    if busy != callers || files != callers || grown < 0.95 * expected {
        return Err(format!(
            "{busy} of {callers} channels in use at the end, {files} recordings, which grew by {:.0} % of what they should",
            100.0 * grown / expected
        ));
    }
    Ok(vec![Figure {
        name: "lab.ivr240.cpu_pct_per_channel",
        value: 100.0 * spent / seconds / callers as f64,
        unit: "%",
        goal: Goal::AtMost(0.06),
        peer: None,
        how: format!(
            "{callers} callers for {seconds:.0} s, a key over the prompt every 3 s, both directions on disk ({:.1} MB/s); \
             user and system time of fundlined and its children by /proc",
            grown / seconds / 1e6
        ),
    }])
}

/// A caller who chooses English, then has the menu said again every three seconds.
fn caller(number: usize, rounds: usize) -> Value {
    let script =
        format!("wait answer within 30s\npause 2s\npress 2\n{}hang up\n", "pause 3s\npress 9\n".repeat(rounds));
    let from = format!("1390000{number:04}");
    json!({ "ask": "call", "to": "4008001234", "from": from, "span": number / CHANNELS % SPANS, "script": script })
}

/// The sum of all its processes after a minute of nothing, two spans up.
pub(crate) fn idle() -> Taken {
    let (_place, fundlined, _others) = start(2)?;
    std::thread::sleep(Duration::from_secs(60));
    let (value, processes) = fundlined.memory_of_all()?;
    Ok(vec![Figure {
        name: "lab.rss_idle_mib",
        value,
        unit: "MiB",
        goal: Goal::AtMost(40.0),
        peer: None,
        how: format!("VmRSS after 60 s, two spans up: {processes}"),
    }])
}
