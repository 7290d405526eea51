//! The program itself on a lab card's sockets: the test is the exchange and `fundline-ivr`; the other programs are fakes beside it.

use base::{Cause, Instant};
use ipc::frame::{decode, encode};
use ipc::ivr::{FromIvr, ToIvr};
use nix::sys::signal::{Signal, kill};
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, UnixAddr, connect, recv, send, socket};
use nix::unistd::Pid;
use ports::call::{Address, Bearer, Inband, Number, Primitive, Setup};
use records_io::{CallFilter, CallRow, Reader};
use sig_pri::{Action, CallHandle, PriSpan, Side};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(20);

const CONFIG: &str = r#"
[box]
name = "test"
[[span]]
name = "span1"
card = "lab"
dir = "/run/fundline/span1"
[[app]]
name = "hotline"
url = "http://127.0.0.1:1/start"
[[route]]
called = "4008001234"
app = "hotline"
"#;

/// A root with a configuration, and the program with fakes beside it.
struct Site {
    folder: tempfile::TempDir,
}

/// The program running.
struct Running {
    child: Child,
    log: Receiver<String>,
}

impl Site {
    fn new() -> Self {
        let site = Self { folder: tempfile::tempdir().expect("a folder") };
        let (etc, bin) = (site.path("root/etc/fundline"), site.path("bin"));
        std::fs::create_dir_all(&etc).expect("a folder");
        std::fs::create_dir_all(&bin).expect("a folder");
        std::fs::write(etc.join("fundline.toml"), CONFIG).expect("the configuration");
        std::fs::copy(env!("CARGO_BIN_EXE_fundlined"), bin.join("fundlined")).expect("the program");
        for (name, script) in [("fundline-ivr", "exec sleep 60"), ("fundline-web", "exit 3")] {
            let path = bin.join(name);
            std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a fake");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("a fake");
        }
        site
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    fn start(&self) -> Running {
        let mut child = Command::new(self.path("bin/fundlined"))
            .arg("--root")
            .arg(self.path("root"))
            .env("RUST_LOG", "info")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let (told, log) = channel();
        let lines = BufReader::new(child.stderr.take().expect("it is piped")).lines();
        std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| told.send(line)));
        Running { child, log }
    }

    /// The one call in the store.
    fn call(&self) -> CallRow {
        let reader = Reader::open(&self.path("root/var/lib/fundline/fundline.db")).expect("the store");
        let mut calls = reader.calls(&CallFilter::default()).expect("its calls");
        assert_eq!(calls.len(), 1);
        calls.remove(0)
    }
}

impl Running {
    /// Reads the log up to a line that holds this.
    #[track_caller]
    fn await_log(&self, wanted: &str) -> String {
        let mut before = Vec::new();
        loop {
            match self.log.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(wanted) => return line,
                Ok(line) => before.push(line),
                Err(_) => panic!("the log never says {wanted:?}: {before:#?}"),
            }
        }
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().try_into().expect("a process id")), signal).expect("it runs");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// The exchange's end of the D-channel.
struct Exchange {
    socket: OwnedFd,
    pri: PriSpan,
    began: std::time::Instant,
    told: Vec<(CallHandle, Primitive)>,
}

impl Exchange {
    fn new(site: &Site) -> Self {
        let socket = socket(AddressFamily::Unix, SockType::SeqPacket, SockFlag::SOCK_NONBLOCK, None).expect("a socket");
        let path = site.path("root/run/fundline/span1/d");
        connect(socket.as_raw_fd(), &UnixAddr::new(&path).expect("a short path")).expect("the box listens");
        let mut pri = PriSpan::standard(Side::Network);
        pri.start(Instant::ZERO);
        Self { socket, pri, began: std::time::Instant::now(), told: Vec::new() }
    }

    /// Plays the exchange until this is so, or for so long.
    fn serve(&mut self, at_most: Duration, is_so: impl Fn(&Self) -> bool) -> bool {
        let end = std::time::Instant::now() + at_most;
        let mut buffer = [0; 300];
        while !is_so(self) {
            if std::time::Instant::now() > end {
                return false;
            }
            let now = Instant::new(self.began.elapsed());
            self.pri.handle_timeout(now);
            while let Ok(length @ 1..) = recv(self.socket.as_raw_fd(), &mut buffer, MsgFlags::empty()) {
                self.pri.handle_frame(now, &buffer[..length]);
            }
            while let Some(action) = self.pri.poll_action() {
                match action {
                    Action::Transmit(frame) => drop(send(self.socket.as_raw_fd(), &frame, MsgFlags::MSG_NOSIGNAL)),
                    Action::Line { call, primitive, .. } => {
                        if let Primitive::Clearing { cause, .. } = primitive {
                            self.pri.line(now, call, Primitive::Released { cause });
                        }
                        self.told.push((call, primitive));
                    }
                    Action::Link(_) | Action::ChannelRestarted(_) | Action::Report(_) | Action::LinkError(_) => {}
                }
            }
            // A socket that is polled: the wait is for the other process.
            std::thread::park_timeout(Duration::from_millis(2));
        }
        true
    }

    fn was_told(&self, call: CallHandle, wanted: Primitive) -> bool {
        self.told.contains(&(call, wanted))
    }

    fn answered_call(&mut self) -> CallHandle {
        assert!(self.serve(PATIENCE, |exchange| exchange.pri.link_state() == sig_pri::LinkState::Up));
        let number = |digits: &str| Number::unknown(digits.parse().expect("a number"));
        let setup = Setup {
            from: number("13800138000"),
            to: number("4008001234"),
            redirecting: None,
            bearer: Bearer::Speech,
            address: Address::Complete,
        };
        let call = self.pri.call(Instant::new(self.began.elapsed()), setup, None).expect("a channel is free");
        assert!(self.serve(PATIENCE, |exchange| exchange.was_told(call, Primitive::Connected)), "{:?}", self.told);
        call
    }
}

/// The test as `fundline-ivr`.
struct Ivr {
    socket: UnixStream,
    buffer: Vec<u8>,
}

impl Ivr {
    fn new(root: &Path) -> Self {
        let socket = UnixStream::connect(root.join("run/fundline/ivr.sock")).expect("the box listens");
        socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let mut ivr = Self { socket, buffer: Vec::new() };
        ivr.send(&FromIvr::Hello { protocol: ipc::PROTOCOL });
        assert_eq!(ivr.next(), ToIvr::Hello { protocol: ipc::PROTOCOL });
        ivr
    }

    fn send(&mut self, message: &FromIvr) {
        self.socket.write_all(&encode(message).expect("a message")).expect("the box reads");
    }

    fn next(&mut self) -> ToIvr {
        loop {
            if let Some((message, used)) = decode(&self.buffer).expect("messages") {
                self.buffer.drain(..used);
                return message;
            }
            let mut octets = [0; 4096];
            let read = self.socket.read(&mut octets).expect("a message in time");
            assert!(read > 0, "the box closed the socket");
            self.buffer.extend(&octets[..read]);
        }
    }
}

#[test]
fn asked_to_stop_the_box_releases_its_call_closes_the_record_and_ends_well() {
    let site = Site::new();
    let mut running = site.start();
    running.await_log("D-channel is being established");
    let mode = |name: &str| {
        let facts = std::fs::metadata(site.path("root/run/fundline").join(name)).expect("the socket");
        facts.permissions().mode() & 0o777
    };
    assert_eq!(["ivr.sock", "web.sock", "ctl.sock"].map(mode), [0o600; 3]);
    running.await_log("it is started again program=\"fundline-web\"");
    let mut ivr = Ivr::new(&site.path("root"));
    let mut exchange = Exchange::new(&site);
    let call = exchange.answered_call();
    let ToIvr::Start { url, remote, .. } = ivr.next() else { panic!("the application is started") };
    assert_eq!((url.as_str(), remote.as_str()), ("http://127.0.0.1:1/start", "13800138000"));

    running.signal(Signal::SIGTERM);
    let cause = Cause::TEMPORARY_FAILURE;
    assert!(exchange.serve(PATIENCE, |exchange| {
        exchange.was_told(call, Primitive::Clearing { cause, inband: Inband::Silent })
    }));
    exchange
        .serve(PATIENCE, |exchange| exchange.told.iter().any(|(_, told)| matches!(told, Primitive::Released { .. })));
    assert!(matches!(ivr.next(), ToIvr::Hangup { .. }));
    running.await_log("stopped");
    assert!(running.child.wait().expect("it ends").success());
    let row = site.call();
    assert_eq!((row.state.as_str(), row.cause, row.line.as_str()), ("ended", Some(41), "span1/1"));
    assert_eq!(row.recordings.len(), 1);
}

#[test]
fn killed_in_mid_call_the_next_start_closes_record_and_recording() {
    let site = Site::new();
    let running = site.start();
    running.await_log("D-channel is being established");
    let _ivr = Ivr::new(&site.path("root"));
    let mut exchange = Exchange::new(&site);
    exchange.answered_call();
    exchange.serve(Duration::from_millis(2_500), |_| false);
    running.signal(Signal::SIGKILL);
    drop(running);
    assert_eq!(site.call().state, "open");

    let again = site.start();
    again.await_log("closed as interrupted");
    again.await_log("recordings of the last run were cut off");
    drop(again);
    let row = site.call();
    assert_eq!((row.state.as_str(), row.answered.is_some()), ("interrupted", true));
    let id = row.recordings[0].parse().expect("a recording's id");
    let began = base::WallTime(row.started.try_into().expect("after 1970"));
    let file = records_io::find_recording(&site.path("root/var/lib/fundline/recordings"), id, began);
    let verified = records_io::verify(&file.expect("the file is there")).expect("its chain is whole");
    assert!(verified.frames >= 8_000, "all but the last second: {}", verified.frames);
}
