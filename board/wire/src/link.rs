//! The link: two ends that find each other, and again after anything.

use crate::frame::{Deframer, MAX_FRAME, Packet, Window, encode};
use crate::message::{Audio, Greeting, Hello, Identity, Message, PROTOCOL};
use base::{Instant, Queue};
use core::time::Duration;

/// Messages on their way at once; the most that an end keeps for its owner, too.
pub const WINDOW: u8 = 8;
/// A hello is said so often until it is answered.
pub const HELLO: Duration = Duration::from_millis(200);
/// An end that has nothing else to say says so as often.
pub const ALIVE: Duration = Duration::from_millis(100);
/// An end that was not heard for so long is gone.
pub const GONE: Duration = Duration::from_millis(500);
/// Messages that were not acknowledged are sent again.
pub const AGAIN: Duration = Duration::from_millis(60);

/// Why the other end is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Nothing came for [`GONE`]: the cable, or the power.
    Silence,
    /// It started anew.
    Restarted,
    /// It had lost us, and began anew.
    LostUs,
}

/// What both ends can do together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// All of it.
    Full,
    /// Their protocols differ: one can be brought up to date, no more.
    UpdateOnly,
}

/// What the owner learns.
#[derive(Clone, Debug, PartialEq, Eq)]
// There is no allocator here to box audio with.
#[allow(clippy::large_enum_variant)]
pub enum Event<Rx> {
    /// Both hear each other.
    Up {
        /// Who is there.
        peer: Identity,
        /// What can be done.
        service: Service,
    },
    /// The other end is gone, and with it all messages on their way.
    Down(Loss),
    /// A message, each once and in order.
    Message(Rx),
    /// 5 ms of audio.
    Audio {
        /// What came.
        audio: Audio,
        /// Blocks before it that did not.
        missing: u16,
    },
}

/// Why a message was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendError {
    /// Nobody is there.
    Down,
    /// [`WINDOW`] messages are on their way.
    Full,
    /// The other end understands updates only.
    UpdateOnly,
    /// The samples are not as many as the lines.
    Uneven,
}

impl core::fmt::Display for SendError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Down => "no line card is there",
            Self::Full => "8 messages wait for the line card's answer",
            Self::UpdateOnly => "the line card's program speaks another protocol: update it",
            Self::Uneven => "audio: 40 samples of each line wanted",
        })
    }
}

impl core::error::Error for SendError {}

/// What came of the line since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Frames that could not be read.
    pub spoilt: u32,
    /// Messages sent more than once.
    pub repeated: u32,
    /// Blocks of audio that did not come.
    pub audio_missing: u32,
    /// Messages and audio of another session, out of turn, or that no room was left for.
    pub dropped: u32,
}

enum State {
    /// A hello is due.
    Greeting(Instant),
    Up(Up),
}

struct Up {
    peer: Greeting,
    service: Service,
    /// It is gone then.
    gone: Instant,
    /// Something must be said then.
    alive: Instant,
    /// What was not acknowledged is sent again then.
    again: Option<Instant>,
    /// Number of the oldest message on its way.
    oldest: u8,
    /// Messages on their way that are due on the line: the last so many.
    unsaid: usize,
    /// Messages the other end has room for, from `oldest` on.
    room: u8,
    /// The next message to come.
    expected: u8,
    /// The next block of audio to come, from the first one on.
    block: Option<u16>,
}

/// One end: `Tx` is what it says, `Rx` what it hears.
///
/// After each call the owner drains [`poll_transmit`](Self::poll_transmit) and [`poll_event`](Self::poll_event), then waits no longer than
/// [`deadline`](Self::deadline). Events that are not taken hold back the other end's messages, and nothing else.
pub struct Link<Tx, Rx> {
    identity: Identity,
    greeting: Greeting,
    state: State,
    deframer: Deframer,
    /// On their way, oldest first; they stay until they are acknowledged.
    on_way: heapless::Deque<Tx, { WINDOW as usize }>,
    audio: Option<Audio>,
    /// A hello is owed, and to whom.
    hello: Option<Option<Greeting>>,
    /// An acknowledgement is owed.
    ack: bool,
    /// Of every kind but audio, one place more for each change of state.
    events: Queue<Event<Rx>, { WINDOW as usize + 4 }>,
    heard: Queue<(Audio, u16), 4>,
    counters: Counters,
    now: Instant,
}

impl<Tx: Message + Clone, Rx: Message> Link<Tx, Rx> {
    /// An end that has not heard of another. `boot` differs from start to start.
    pub fn new(identity: Identity, boot: u32, now: Instant) -> Self {
        Self {
            identity,
            greeting: Greeting { boot, session: 0 },
            state: State::Greeting(now),
            deframer: Deframer::new(),
            on_way: heapless::Deque::new(),
            audio: None,
            hello: None,
            ack: false,
            events: Queue::new(),
            heard: Queue::new(),
            counters: Counters::default(),
            now,
        }
    }

    /// Both ends hear each other.
    pub fn is_up(&self) -> bool {
        matches!(self.state, State::Up(_))
    }

    /// What came of the line.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Messages that [`send`](Self::send) still takes.
    pub fn room(&self) -> usize {
        self.on_way.capacity() - self.on_way.len()
    }

    /// Sends a message.
    pub fn send(&mut self, now: Instant, message: Tx) -> Result<(), SendError> {
        self.now = now;
        let State::Up(up) = &mut self.state else { return Err(SendError::Down) };
        if up.service == Service::UpdateOnly && !message.is_update() {
            return Err(SendError::UpdateOnly);
        }
        self.on_way.push_back(message).map_err(|_| SendError::Full)?;
        up.unsaid += 1;
        Ok(())
    }

    /// Sends audio, in place of what was not yet taken from [`poll_transmit`](Self::poll_transmit).
    pub fn send_audio(&mut self, audio: Audio) -> Result<(), SendError> {
        match &self.state {
            State::Greeting(_) => Err(SendError::Down),
            State::Up(Up { service: Service::UpdateOnly, .. }) => Err(SendError::UpdateOnly),
            State::Up(_) if !audio.is_whole() => Err(SendError::Uneven),
            State::Up(_) => {
                self.audio = Some(audio);
                Ok(())
            }
        }
    }

    /// Octets came, as many as there were.
    pub fn handle_octets(&mut self, now: Instant, octets: &[u8]) {
        self.handle_timeout(now);
        for &octet in octets {
            match self.deframer.push(octet) {
                None => {}
                Some(Ok(packet)) => self.handle_packet(packet),
                Some(Err(_)) => self.counters.spoilt = self.counters.spoilt.saturating_add(1),
            }
        }
    }

    /// Time passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.now = now;
        let up = match &mut self.state {
            State::Greeting(due) if *due <= now => {
                *due = now + HELLO;
                self.hello = Some(None);
                return;
            }
            State::Greeting(_) => return,
            State::Up(up) => up,
        };
        if up.gone <= now {
            return self.lose(Loss::Silence);
        }
        if up.again.is_some_and(|due| due <= now) {
            up.unsaid = self.on_way.len();
            up.again = None;
        }
        if up.alive <= now {
            up.alive = now + ALIVE;
            self.ack = true;
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due.
    pub fn deadline(&self) -> Instant {
        match &self.state {
            State::Greeting(due) => *due,
            State::Up(up) => up.gone.min(up.alive).min(up.again.unwrap_or(up.alive)),
        }
    }

    /// What the owner should know next.
    pub fn poll_event(&mut self) -> Option<Event<Rx>> {
        if let Some(event) = self.events.pop() {
            // The other end may have stopped for want of room.
            self.ack |= self.events.len() + 1 == usize::from(WINDOW) && self.is_up();
            return Some(event);
        }
        self.heard.pop().map(|(audio, missing)| Event::Audio { audio, missing })
    }

    /// The next frame for the line, if there is one.
    pub fn poll_transmit<'a>(&mut self, frame: &'a mut [u8; MAX_FRAME]) -> Option<&'a [u8]> {
        if let Some(hears) = self.hello.take() {
            let hello = Hello { identity: self.identity.clone(), greeting: self.greeting, hears };
            return encode::<Tx>(&Packet::Hello(hello), frame);
        }
        // Audio first: a message can wait for 5 ms, audio cannot.
        if let Some(audio) = self.audio.take() {
            return encode::<Tx>(&Packet::Audio { mark: self.greeting.mark(), audio }, frame);
        }
        let room = self.window_room();
        let State::Up(up) = &mut self.state else { return None };
        let window = Window { mark: self.greeting.mark(), ack: up.expected, room };
        let next = self.on_way.len().saturating_sub(up.unsaid);
        if next < usize::from(up.room)
            && let Some(message) = self.on_way.iter().nth(next).cloned()
        {
            up.unsaid -= 1;
            up.again.get_or_insert(self.now + AGAIN);
            up.alive = self.now + ALIVE;
            self.ack = false;
            let number = up.oldest.wrapping_add(next as u8);
            return encode(&Packet::Message { window, number, message }, frame);
        }
        if core::mem::take(&mut self.ack) {
            return encode::<Tx>(&Packet::Alive(window), frame);
        }
        None
    }

    /// Messages there is a place for.
    fn window_room(&self) -> u8 {
        WINDOW.saturating_sub(self.events.len() as u8)
    }

    fn handle_packet(&mut self, packet: Packet<Rx>) {
        match packet {
            Packet::Hello(hello) => self.handle_hello(hello),
            Packet::Alive(window) => {
                self.handle_window(window);
            }
            Packet::Message { window, number, message } => self.handle_message(window, number, message),
            Packet::Audio { mark, audio } => self.handle_audio(mark, audio),
        }
    }

    fn handle_hello(&mut self, hello: Hello) {
        let hears_us = hello.hears == Some(self.greeting);
        if let State::Up(up) = &mut self.state {
            if up.peer == hello.greeting {
                up.gone = self.now + GONE;
                // It did not get our answer.
                if !hears_us {
                    self.hello = Some(Some(hello.greeting));
                }
                return;
            }
            let loss = if up.peer.boot == hello.greeting.boot { Loss::LostUs } else { Loss::Restarted };
            self.lose(loss);
            self.hello = Some(Some(hello.greeting));
            return;
        }
        self.hello = Some(Some(hello.greeting));
        if hears_us {
            self.rise(hello);
        }
    }

    fn rise(&mut self, hello: Hello) {
        let service = if hello.identity.protocol == PROTOCOL { Service::Full } else { Service::UpdateOnly };
        self.state = State::Up(Up {
            peer: hello.greeting,
            service,
            gone: self.now + GONE,
            alive: self.now + ALIVE,
            again: None,
            oldest: 0,
            unsaid: 0,
            room: WINDOW,
            expected: 0,
            block: None,
        });
        self.tell(Event::Up { peer: hello.identity, service });
    }

    fn lose(&mut self, loss: Loss) {
        self.greeting.session = self.greeting.session.wrapping_add(1);
        self.state = State::Greeting(self.now);
        self.on_way.clear();
        self.audio = None;
        self.ack = false;
        // Of an end that is gone nothing more is told: its messages may be of a call that the loss ends.
        self.events.clear();
        self.heard.clear();
        self.tell(Event::Down(loss));
    }

    /// Takes what the other end has got. False where it speaks of another session.
    fn handle_window(&mut self, window: Window) -> bool {
        let State::Up(up) = &mut self.state else {
            self.counters.dropped = self.counters.dropped.saturating_add(1);
            return false;
        };
        if up.peer.mark() != window.mark {
            self.counters.dropped = self.counters.dropped.saturating_add(1);
            return false;
        }
        up.gone = self.now + GONE;
        let got = window.ack.wrapping_sub(up.oldest);
        let said = self.on_way.len() - up.unsaid;
        if usize::from(got) <= self.on_way.len() {
            for _ in 0..got {
                self.on_way.pop_front();
            }
            up.oldest = window.ack;
            up.room = window.room;
            // An answer to what was sent again may reach further than what is said by now.
            up.unsaid = up.unsaid.min(self.on_way.len());
            if got > 0 {
                let waits = said > usize::from(got);
                up.again = waits.then(|| self.now + AGAIN);
            }
        }
        true
    }

    fn handle_message(&mut self, window: Window, number: u8, message: Rx) {
        if !self.handle_window(window) {
            return;
        }
        let room = self.window_room();
        let State::Up(up) = &mut self.state else { return };
        self.ack = true;
        let understood = up.service == Service::Full || message.is_update();
        if number == up.expected && room > 0 {
            up.expected = up.expected.wrapping_add(1);
            if understood {
                return self.tell(Event::Message(message));
            }
        }
        self.counters.dropped = self.counters.dropped.saturating_add(1);
    }

    fn handle_audio(&mut self, mark: u16, audio: Audio) {
        let State::Up(up) = &mut self.state else { return };
        if up.peer.mark() != mark || up.service == Service::UpdateOnly || !audio.is_whole() {
            self.counters.dropped = self.counters.dropped.saturating_add(1);
            return;
        }
        up.gone = self.now + GONE;
        // A serial line keeps the order: a number ahead means blocks that were spoilt.
        let missing = up.block.map_or(0, |expected| audio.block.wrapping_sub(expected));
        up.block = Some(audio.block.wrapping_add(1));
        self.counters.audio_missing = self.counters.audio_missing.saturating_add(missing.into());
        if self.heard.push((audio, missing)).is_err() {
            self.counters.dropped = self.counters.dropped.saturating_add(1);
        }
    }

    fn tell(&mut self, event: Event<Rx>) {
        if self.events.push(event).is_err() {
            self.counters.dropped = self.counters.dropped.saturating_add(1);
        }
    }
}
