//! Two networks joined in memory.

use exchange::network::{Kind, Network, Options, Side, Span};
use exchange::report::{Report, Request};
use exchange::{client, control};
use media::{BLOCK, Command, DtmfDetection, Engine, Event, PortId, RecordedBlock, Sink};
use ports::span::{DataLink, SendError, SpanEvent};
use speech_io::Speaker;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::Notify;

const PATIENCE: Duration = Duration::from_secs(60);

/// Both networks.
pub(crate) struct Pair {
    /// The network's side.
    pub(crate) network: Town,
    /// The private exchange's.
    pub(crate) user: Town,
    _runtime: Runtime,
    _folder: TempDir,
}

/// One of them.
pub(crate) struct Town {
    /// Its control socket.
    pub(crate) control: PathBuf,
}

impl Pair {
    /// Joined by so many spans, with their links up.
    pub(crate) fn start(spans: usize) -> Self {
        let (near, far) = (0..spans).map(|_| lab::memory_pair()).unzip();
        let pair = Self::with(near, far);
        for town in [&pair.network, &pair.user] {
            town.until("links are up", |spans| spans.iter().all(|span| span.link == "up"));
        }
        pair
    }

    /// Each with a span that leads nowhere.
    pub(crate) fn unplugged() -> Self {
        let (near, elsewhere) = lab::memory_pair();
        near.cord().pull();
        drop(elsewhere);
        let (far, _elsewhere) = lab::memory_pair();
        Self::with(vec![near], vec![far])
    }

    fn with(near: Vec<lab::LabSpan>, far: Vec<lab::LabSpan>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        let folder = tempfile::tempdir().expect("a folder");
        let [one, other] = [(), ()].map(|()| Arc::new(Notify::new()));
        let town = |name: &str, side, spans, own: &Arc<Notify>, far: &Arc<Notify>| {
            let joined = |span: lab::LabSpan| {
                let (audio, link) = span.into_halves();
                Span::new(Kind::PRI, side, audio, Waking { link, far: Arc::clone(far) }, 1)
            };
            let spans = Vec::into_iter(spans).map(joined).collect();
            Town::start(&runtime, folder.path().join(name), spans, Arc::clone(own))
        };
        let network = town("network.sock", Side::Network, near, &one, &other);
        let user = town("user.sock", Side::User, far, &other, &one);
        Self { network, user, _runtime: runtime, _folder: folder }
    }
}

impl Town {
    fn start(runtime: &Runtime, control: PathBuf, spans: Vec<Span>, woken: Arc<Notify>) -> Self {
        let _inside = runtime.enter();
        let commands = Network::start(spans, Options::default(), woken).expect("threads");
        let speaker = Speaker::new(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("stories"), None);
        let (socket, (ready, is_ready)) = (control.clone(), channel());
        runtime.spawn(async move {
            control::install(&commands, &speaker, None).await.expect("telephones");
            ready.send(()).expect("the test waits");
            control::serve(&socket, commands, speaker).await.expect("a control socket");
        });
        is_ready.recv_timeout(PATIENCE).expect("telephones are installed");
        let town = Self { control };
        let began = Instant::now();
        while client::status(&town.control).is_err() {
            assert!(began.elapsed() < PATIENCE, "no control socket");
            std::thread::sleep(Duration::from_millis(10));
        }
        town
    }

    /// Waits until so many channels are in use.
    pub(crate) fn until_busy(&self, channels: usize) {
        self.until("channels in use", |spans| spans.iter().map(|span| span.busy).sum::<usize>() == channels);
    }

    fn until(&self, what: &str, holds: impl Fn(&[exchange::report::SpanStatus]) -> bool) {
        let began = Instant::now();
        while !holds(&client::status(&self.control).expect("a status")) {
            assert!(began.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// A caller.
    pub(crate) fn call(&self, to: &str, script: &str) -> OnTheLine {
        self.place(Party::new(to, script))
    }

    /// A caller with variables.
    pub(crate) fn call_with(&self, to: &str, script: &str, values: &[(&str, &str)]) -> OnTheLine {
        self.place(Party { values: owned(values), ..Party::new(to, script) })
    }

    /// A caller with all choices.
    pub(crate) fn place(&self, party: Party) -> OnTheLine {
        OnTheLine::order(&self.control, |out| party.request(Some(out)))
    }

    /// A telephone; it can be rung when this returns.
    pub(crate) fn answer(&self, to: &str, script: &str) -> OnTheLine {
        self.answer_with(to, script, &[])
    }

    /// A telephone with variables.
    pub(crate) fn answer_with(&self, to: &str, script: &str, values: &[(&str, &str)]) -> OnTheLine {
        let (to, script, values) = (to.into(), script.into(), owned(values));
        let line = OnTheLine::order(&self.control, |out| Request::Answer { to, script, values, out: Some(out) });
        line.registered.recv_timeout(PATIENCE).expect("the telephone is there");
        line
    }
}

/// A link in memory that wakes the far end, as a card with a thread of its own does.
struct Waking {
    link: lab::LabLink,
    far: Arc<Notify>,
}

impl DataLink for Waking {
    fn set_cas(&mut self, timeslot: u8, bits: ports::span::Abcd) {
        self.link.set_cas(timeslot, bits);
    }

    fn poll_event(&mut self) -> Option<SpanEvent> {
        self.link.poll_event()
    }

    fn send(&mut self, frame: &[u8]) -> Result<(), SendError> {
        let sent = self.link.send(frame);
        self.far.notify_one();
        sent
    }
}

/// What a caller is to do.
pub(crate) struct Party {
    /// The number.
    pub(crate) to: String,
    /// The script.
    pub(crate) script: String,
    /// Its variables.
    pub(crate) values: Vec<(String, String)>,
    /// The span.
    pub(crate) span: Option<usize>,
    /// Digit by digit.
    pub(crate) overlap: bool,
}

impl Party {
    /// Without choices.
    pub(crate) fn new(to: &str, script: &str) -> Self {
        Self { to: to.into(), script: script.into(), values: Vec::new(), span: None, overlap: false }
    }

    /// As the socket takes it.
    pub(crate) fn request(self, out: Option<String>) -> Request {
        let Self { to, script, values, span, overlap } = self;
        Request::Call { to, from: None, name: None, span, line: None, script, values, out, overlap }
    }
}

/// A party that acts.
pub(crate) struct OnTheLine {
    party: JoinHandle<Report>,
    wav: TempDir,
    registered: Receiver<()>,
}

/// What it did and heard.
pub(crate) struct Heard {
    /// The report.
    pub(crate) report: Report,
    /// The samples of its recording.
    pub(crate) heard: Vec<i16>,
}

impl OnTheLine {
    fn order(control: &Path, request: impl FnOnce(String) -> Request) -> Self {
        let wav = tempfile::tempdir().expect("a folder");
        let request = request(wav.path().join("heard.wav").display().to_string());
        let (told, registered) = channel();
        let control = control.to_owned();
        let party = std::thread::spawn(move || {
            client::order(&control, &request, || told.send(()).expect("the test waits")).expect("a report")
        });
        Self { party, wav, registered }
    }

    /// Waits for its end.
    pub(crate) fn end(self) -> Heard {
        let report = self.party.join().expect("the party ends");
        let file = std::fs::read(self.wav.path().join("heard.wav")).expect("a recording");
        Heard { report, heard: media::wav::read_mono(&file).expect("a recording") }
    }
}

/// Does nothing when a telephone is registered.
pub(crate) fn quiet() {}

fn owned(values: &[(&str, &str)]) -> Vec<(String, String)> {
    values.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
}

/// The digits that a detector finds.
pub(crate) fn digits_in(samples: &[i16]) -> String {
    #[derive(Default)]
    struct Found(String);
    impl Sink for Found {
        fn event(&mut self, event: Event) {
            if let Event::Digit { digit, .. } = event {
                self.0.push(digit.as_char());
            }
        }
        fn recorded(&mut self, _: &RecordedBlock) {}
    }
    let (mut engine, mut found, port) = (Engine::new(1), Found::default(), PortId(0));
    engine.handle(Command::Open(port), &mut found);
    engine.handle(Command::Detect { port, dtmf: DtmfDetection::On }, &mut found);
    for block in samples.as_chunks::<BLOCK>().0 {
        engine.tick(std::slice::from_ref(block), &mut [], &mut found);
    }
    found.0
}
