//! What goes into a session and what comes out of it.

use base::{Digit, Secret, WallTime};
use core::fmt;
use core::time::Duration;

/// What a session knows from its start. Wall time and seed are handed in, so that the same session runs the same twice.
#[derive(Clone, Debug)]
pub struct SessionInfo {
    /// `session.connection.local.uri`: the number that was called (VoiceXML 2.0 §5.1.4).
    pub local: String,
    /// `session.connection.remote.uri`: the caller's number.
    pub remote: String,
    /// The first document's address, absolute; a fragment names the dialog to begin with.
    pub start_url: String,
    /// `session.connection.protocol.name`, such as `isdn` or `sip`.
    pub protocol: String,
    /// `session.connection.aai`: what the network or an earlier application passed along.
    pub aai: String,
    /// The language of documents without `xml:lang`, such as `zh-CN`.
    pub language: String,
    /// Wall time at the start, for `Date` in scripts.
    pub wall: WallTime,
    /// East of UTC, in minutes: the zone in which scripts see local time. China is 480.
    pub utc_offset_minutes: i32,
    /// Seeds `Math.random`.
    pub seed: u64,
}

impl SessionInfo {
    /// A session with Chinese as its language, China's time zone and nothing passed along.
    pub fn new(local: &str, remote: &str, start_url: &str, wall: WallTime, seed: u64) -> Self {
        Self {
            local: local.into(),
            remote: remote.into(),
            start_url: start_url.into(),
            protocol: "isdn".into(),
            aai: String::new(),
            language: "zh-CN".into(),
            wall,
            utc_offset_minutes: 480,
            seed,
        }
    }
}

/// What one session may use. Beyond a limit the session gets `error.semantic` or `error.badfetch`, never a hang.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Octets of one script engine's memory.
    pub script_memory: usize,
    /// Octets of one script engine's stack.
    pub script_stack: usize,
    /// Script steps of one evaluation: branches and calls, counted in units of about ten thousand.
    pub script_steps: u64,
    /// Octets of one document, script or grammar.
    pub document_size: usize,
    /// Elements inside one another in a document or grammar.
    pub document_depth: usize,
    /// Subdialogs inside one another.
    pub subdialog_depth: usize,
    /// Steps of the interpreter (executed elements, form iterations; a document counts 100) between two moments at
    /// which the caller heard or pressed something.
    pub steps_without_caller: u32,
    /// Digits kept that came before a field asked for them.
    pub type_ahead: usize,
    /// How long handlers of `connection.disconnect` may go on after the hangup.
    pub final_processing: Duration,
    /// `fetchtimeout` where neither document nor property says one.
    pub fetch_timeout: Duration,
    /// Items in one prompt queue.
    pub prompt_items: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            script_memory: 4 << 20,
            script_stack: 192 << 10,
            script_steps: 100,
            document_size: 1 << 20,
            document_depth: 64,
            subdialog_depth: 16,
            steps_without_caller: 20_000,
            type_ahead: 64,
            final_processing: Duration::from_secs(10),
            fetch_timeout: Duration::from_secs(10),
            prompt_items: 2048,
        }
    }
}

/// Names one fetch of this session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FetchId(pub u32);

/// Names one play of this session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlayId(pub u32);

/// What happens to a session.
#[derive(Clone, Debug)]
pub enum Input {
    /// A fetch came to its end. One nobody waits for any more is ignored.
    Fetched {
        /// Which.
        fetch: FetchId,
        /// What it brought.
        result: Result<Fetched, FetchFailure>,
    },
    /// A play came to its end. One that was stopped may be reported or not.
    PlayDone {
        /// Which.
        play: PlayId,
        /// Why it ended.
        reason: PlayEnd,
        /// How much of it was heard, in milliseconds.
        played_ms: u64,
    },
    /// The caller pressed a key.
    Digit(Digit),
    /// The caller hung up.
    Hangup,
    /// The transfer begun by [`Action::Transfer`] ended.
    TransferDone(TransferOutcome),
    /// Time passed.
    Tick,
}

/// What a server answered, after redirects.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The address after redirects.
    pub url: String,
    /// The status; 400 and above become `error.badfetch.http.NNN`.
    pub status: u16,
    /// The media type as it was sent, empty if none.
    pub content_type: String,
    /// The octets.
    pub body: Vec<u8>,
}

/// Why a fetch brought nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchFailure {
    /// The server refused with this HTTP status.
    Status(u16),
    /// No answer in time.
    TimedOut,
    /// No connection; the text says why.
    Unreachable(String),
    /// More octets than the shell takes.
    TooLarge,
    /// No scheme or address that the shell can fetch.
    BadAddress,
}

/// Why a play ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlayEnd {
    /// All was heard.
    Completed,
    /// The media plane stopped it at a key of its own accord.
    BargedIn,
    /// [`Action::StopPlay`] stopped it.
    Stopped,
    /// It could not be played.
    Failed,
}

/// How a transfer ended (VoiceXML 2.0 §2.3.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferOutcome {
    /// Bridge: the far end was busy.
    Busy,
    /// Bridge: no answer within `connecttimeout`.
    NoAnswer,
    /// Bridge: the network was busy.
    NetworkBusy,
    /// Bridge: the caller ended it by a key of the transfer's grammar; the machine asks for that itself.
    NearEndDisconnect,
    /// Bridge: the far end hung up, after this many milliseconds of conversation.
    FarEndDisconnect(u64),
    /// Bridge: the network ended the conversation, after this many milliseconds.
    NetworkDisconnect(u64),
    /// Bridge: `maxtime` ran out.
    MaxtimeDisconnect(u64),
    /// Blind: the caller is in the network's hands.
    Blind,
    /// No such destination: `error.connection.baddestination`.
    BadDestination,
    /// No route: `error.connection.noroute`.
    NoRoute,
    /// No line free: `error.connection.noresource`.
    NoResource,
    /// Not allowed: `error.connection.noauthorization`.
    NoAuthorization,
    /// The platform cannot transfer this way: `error.unsupported.transfer.bridge` or `.blind`.
    Unsupported,
    /// Nobody knows.
    Unknown,
}

/// What the owner must do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Fetch and answer by [`Input::Fetched`]. Redirects are followed and cookies kept by the shell.
    Fetch {
        /// Names the fetch.
        fetch: FetchId,
        /// What for.
        purpose: Purpose,
        /// How.
        method: Method,
        /// Absolute, without fragment. Never holds a secret.
        url: String,
        /// POST only: fields to send as `application/x-www-form-urlencoded`.
        body: Option<Form>,
        /// `fetchtimeout`.
        timeout: Duration,
        /// `maxage`: the oldest cached copy that will do; `None` leaves it to the server's headers.
        max_age: Option<Duration>,
        /// `maxstale`: how long past its expiry a cached copy will do.
        max_stale: Option<Duration>,
    },
    /// The fetch is no longer wanted.
    CancelFetch(FetchId),
    /// Play one after another and answer by [`Input::PlayDone`]. Never given while another play runs.
    Play {
        /// Names the play.
        play: PlayId,
        /// What, in order.
        items: Vec<PromptItem>,
        /// Whether the machine will stop it at a key: the media plane may do so at once by itself.
        barge_in: bool,
    },
    /// Stop what plays.
    StopPlay(PlayId),
    /// A secret is about to be asked for, or is so no longer: silence the recordings.
    Sensitive(Sensitive),
    /// Connect the caller to somebody else and answer by [`Input::TransferDone`].
    Transfer {
        /// Bridge or blind.
        kind: TransferKind,
        /// Where, as written: `tel:8001`, `sip:...`.
        dest: String,
        /// How long it may ring.
        connect_timeout: Duration,
        /// Bridge: how long they may talk; `None` is for ever.
        max_time: Option<Duration>,
        /// What to pass along, empty if nothing.
        aai: String,
        /// `transferaudio`: a recording for the caller to hear until the far end answers, absolute.
        audio: Option<String>,
    },
    /// The caller ended the bridged transfer by a key: take the far end down and answer `TransferDone`.
    EndTransfer,
    /// Hang up.
    Disconnect,
    /// The session is over; nothing follows.
    Exit {
        /// Why.
        reason: ExitReason,
        /// `<exit>`'s `expr` (named `expr`) or `namelist`, as text. Never a secret.
        values: Vec<(String, String)>,
    },
    /// A line for the log: `<log>` of a document, or a fault of a document with its place and remedy.
    Log {
        /// `<log>`'s label, or `document` for faults.
        label: String,
        /// The line.
        text: String,
    },
    /// A step of the caller's way: a dialog's id (`main`) or a menu's choice (`main>1`). Never what a field was told.
    Path(String),
}

/// What is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A VoiceXML document.
    Document,
    /// The application root document.
    ApplicationRoot,
    /// A subdialog's document.
    Subdialog,
    /// A script.
    Script,
    /// A grammar.
    Grammar,
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Fields travel in the address.
    Get,
    /// Fields travel in the body.
    Post,
}

/// Fields of a POST, of which some may be secret.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Form {
    pub(crate) fields: Vec<(String, FieldValue)>,
}

/// One field's value.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum FieldValue {
    Open(String),
    Hidden(Secret),
}

impl Form {
    /// The body as `application/x-www-form-urlencoded`, secrets included: send it and let it drop.
    pub fn encode(&self) -> Secret {
        let mut writer = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.fields {
            match value {
                FieldValue::Open(text) => writer.append_pair(name, text),
                FieldValue::Hidden(secret) => writer.append_pair(name, secret.reveal()),
            };
        }
        Secret::new(writer.finish())
    }

    /// The names of the fields, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(name, _)| name.as_str())
    }

    /// Whether any field is secret.
    pub fn is_secret(&self) -> bool {
        self.fields.iter().any(|(_, value)| matches!(value, FieldValue::Hidden(_)))
    }
}

/// Names only: a value may identify a customer even where it is no PIN.
impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Form")?;
        f.debug_list().entries(self.names()).finish()
    }
}

/// Whether a secret is being collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sensitive {
    /// From here on.
    On,
    /// No longer.
    Off,
}

/// The kinds of transfer (VoiceXML 2.1 §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferKind {
    /// The session goes on afterwards.
    Bridge,
    /// The session ends once the caller is handed over.
    Blind,
}

/// Why a session is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExitReason {
    /// `<exit>`, or no form item left to visit.
    Finished,
    /// The caller hung up.
    HungUp,
    /// The document hung up.
    Disconnected,
    /// The caller was handed over by a blind transfer.
    Transferred,
    /// An event that no handler of the document took, by its name.
    Event(String),
}

/// One thing to play.
#[derive(Clone, Debug, PartialEq)]
pub enum PromptItem {
    /// Words. Each run of text, `<value>`, `<say-as>` and `<s>` is one item, so that equal words are rendered once.
    Speak {
        /// The words, white space folded.
        text: String,
        /// `xml:lang` in force.
        lang: String,
        /// How `<say-as>` wants it read.
        say_as: Option<SayAs>,
    },
    /// A recording, and what to play if there is none.
    Audio {
        /// Absolute.
        url: String,
        /// Played if the recording cannot be.
        fallback: Vec<PromptItem>,
    },
    /// Silence.
    Break(Duration),
    /// A place in the prompt with a name.
    Mark(String),
}

/// `<say-as>` (SSML 1.0 §3.1.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SayAs {
    /// `digits`, `date`, `currency` ...
    pub interpret_as: String,
    /// `ymd` ..., empty if none.
    pub format: String,
}
