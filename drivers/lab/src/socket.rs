//! Spans over Unix sockets, for other programs' protocol stacks.
//!
//! One thread a span accepts the far end on `<dir>/d`, `<dir>/cas` and `<dir>/audio`, moves messages between the sockets and the rings, and
//! goes round at least every [`PACE`] while there is audio. The two halves touch only rings and counters.

use crate::cas::{Bits, Watch};
use crate::endpoint::Endpoint;
use crate::wire::{CAS_MESSAGE, ChannelBits, ChannelBlock, MESSAGE, is_bearer};
use crate::{Gone, Notifier};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::{EfdFlags, EventFd};
use ports::span::{
    Abcd, Alarms, BLOCK, BlockSource, DataLink, Frame, MAX_FRAME, SILENCE, SendError, SpanAudio, SpanBlock, SpanEvent,
    TIMESLOTS,
};
use rtrb::{Consumer, Producer, RingBuffer};
use std::collections::VecDeque;
use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Longest time between two looks at the ring of audio to send.
const PACE: Duration = Duration::from_millis(5);
/// Longest wait with no audio peer; a frame to send or the end wakes the thread at once.
const IDLE: Duration = Duration::from_millis(200);
/// Frames waiting in each direction; beyond that `send` says [`SendError::Full`], and the far end's socket is not read.
const FRAMES: usize = 64;
/// Channel blocks waiting in each direction: 80 ms of every channel. Beyond that they are dropped and counted.
const CHANNEL_BLOCKS: usize = 256;
/// Blocks of one channel before it is played, so that an unsteady sender leaves no holes.
const START_AT: usize = 2;
/// Blocks of one channel held at most; beyond that the oldest is dropped and counted.
const HELD: usize = 8;
/// Messages taken from a socket at one go.
const BURST: usize = 128;

/// Why the sockets could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The socket's path could not be listened on.
    #[error("lab span cannot listen at {path}: {source}; check that the directory exists and may be written")]
    Socket {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The span's thread could not be started.
    #[error("lab span at {path} cannot start its thread: {source}")]
    Thread {
        /// The span's directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// What a span's sockets did since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Frames from the far end.
    pub frames_in: u64,
    /// Frames to the far end.
    pub frames_out: u64,
    /// Frames to the far end lost because its socket was full or nobody was there.
    pub frames_dropped: u64,
    /// Channel blocks from the far end.
    pub blocks_in: u64,
    /// Channel blocks to the far end.
    pub blocks_out: u64,
    /// Channel blocks of either direction lost to a full queue or socket.
    pub blocks_dropped: u64,
    /// Signaling bits from the far end, changes or not.
    pub cas_in: u64,
    /// Changes of signaling bits to the far end.
    pub cas_out: u64,
    /// Messages of any socket that were no frame, no bits or no block.
    pub malformed: u64,
}

#[derive(Debug, Default)]
struct Counters {
    frames_in: AtomicU64,
    frames_out: AtomicU64,
    frames_dropped: AtomicU64,
    blocks_in: AtomicU64,
    blocks_out: AtomicU64,
    blocks_dropped: AtomicU64,
    cas_in: AtomicU64,
    cas_out: AtomicU64,
    malformed: AtomicU64,
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// What the halves and the thread share besides rings.
#[derive(Debug)]
struct Shared {
    counters: Counters,
    /// 0 while no audio peer is connected, else the number of the connection.
    audio_peer: AtomicU32,
    stop: AtomicBool,
    wake: EventFd,
}

/// Ends the thread with the last half.
struct Owner {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        let _awake_anyway = self.shared.wake.write(1);
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
        {
            let _panicked = thread.join();
        }
    }
}

/// A span whose far end is another program on `<dir>/d` or `<dir>/cas`, and `<dir>/audio`.
pub struct SocketSpan {
    audio: SocketAudio,
    link: SocketLink,
}

impl SocketSpan {
    /// Listens at `<dir>/d`, `<dir>/cas` and `<dir>/audio`, making `dir` and replacing sockets that an earlier run left. `notify` is called
    /// whenever an event waits. The thread ends, and the sockets go, when both halves are dropped.
    pub fn listen(dir: &Path, notify: Notifier) -> Result<Self, ListenError> {
        let at_dir = |source| ListenError::Socket { path: dir.to_path_buf(), source };
        std::fs::create_dir_all(dir).map_err(at_dir)?;
        let shared = Arc::new(Shared {
            counters: Counters::default(),
            audio_peer: AtomicU32::new(0),
            stop: AtomicBool::new(false),
            wake: EventFd::from_flags(EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC)
                .map_err(|errno| at_dir(errno.into()))?,
        });
        let (audio_tx, audio_out) = RingBuffer::new(CHANNEL_BLOCKS);
        let (audio_in, audio_rx) = RingBuffer::new(CHANNEL_BLOCKS);
        let (frame_tx, frames_out) = RingBuffer::new(FRAMES);
        let (events, event_rx) = RingBuffer::new(FRAMES);
        let cas = Bits::new();
        let server = Server {
            data: Endpoint::listen(dir.join("d"))?,
            cas: Endpoint::listen(dir.join("cas"))?,
            audio: Endpoint::listen(dir.join("audio"))?,
            shared: shared.clone(),
            audio_out,
            audio_in,
            frames_out,
            bits_out: Watch::new(Arc::clone(&cas)),
            bits_told: [None; TIMESLOTS],
            events,
            told: None,
            connections: 0,
            notify,
        };
        let thread = std::thread::Builder::new()
            .name("lab-span".into())
            .spawn(move || server.run())
            .map_err(|source| ListenError::Thread { path: dir.to_path_buf(), source })?;
        let owner = Arc::new(Owner { shared: shared.clone(), thread: Some(thread) });
        Ok(Self {
            audio: SocketAudio {
                tx: audio_tx,
                rx: audio_rx,
                channels: core::array::from_fn(|_| Channel::default()),
                connection: 0,
                sequence: 0,
                owner: owner.clone(),
            },
            link: SocketLink { tx: frame_tx, rx: event_rx, cas, owner },
        })
    }

    /// The engine's half and signaling's half; each may go to its own thread.
    pub fn into_halves(self) -> (SocketAudio, SocketLink) {
        (self.audio, self.link)
    }
}

/// What waits to be played of one channel.
#[derive(Default)]
struct Channel {
    waiting: VecDeque<[u8; BLOCK]>,
    /// The far end has sent on it since it connected.
    open: bool,
    playing: bool,
}

impl Channel {
    /// Queues a block; true if the oldest had to go.
    fn push(&mut self, octets: [u8; BLOCK]) -> bool {
        self.open = true;
        if self.waiting.capacity() == 0 {
            self.waiting.reserve_exact(HELD);
        }
        let full = self.waiting.len() == HELD;
        if full {
            self.waiting.pop_front();
        }
        self.waiting.push_back(octets);
        full
    }

    fn next(&mut self) -> Option<[u8; BLOCK]> {
        self.playing = if self.playing { !self.waiting.is_empty() } else { self.waiting.len() >= START_AT };
        if self.playing { self.waiting.pop_front() } else { None }
    }
}

/// Audio of a span over Unix sockets.
pub struct SocketAudio {
    tx: Producer<ChannelBlock>,
    rx: Consumer<ChannelBlock>,
    channels: [Channel; TIMESLOTS],
    connection: u32,
    sequence: u16,
    owner: Arc<Owner>,
}

impl SocketAudio {
    /// Forgets the channels of an earlier connection.
    fn follow_connection(&mut self) {
        let connection = self.owner.shared.audio_peer.load(Ordering::Acquire);
        if connection != self.connection {
            self.connection = connection;
            for channel in &mut self.channels {
                channel.waiting.clear();
                (channel.open, channel.playing) = (false, false);
            }
        }
    }
}

impl SpanAudio for SocketAudio {
    type Error = Gone;

    fn read(&mut self, block: &mut SpanBlock) -> Result<BlockSource, Gone> {
        self.follow_connection();
        while let Ok(received) = self.rx.pop() {
            if self.channels[usize::from(received.slot)].push(received.octets) {
                count(&self.owner.shared.counters.blocks_dropped);
            }
        }
        for (slot, channel) in block.slot.iter_mut().zip(&mut self.channels) {
            *slot = channel.next().unwrap_or([SILENCE; BLOCK]);
        }
        if self.rx.is_abandoned() {
            return Err(Gone);
        }
        Ok(if self.connection == 0 { BlockSource::Missing } else { BlockSource::Line })
    }

    fn write(&mut self, block: &SpanBlock) -> Result<(), Gone> {
        if self.tx.is_abandoned() {
            return Err(Gone);
        }
        let sequence = self.sequence;
        self.sequence = sequence.wrapping_add(1);
        if self.connection == 0 {
            return Ok(());
        }
        for (slot, octets) in block.slot.iter().enumerate().filter(|&(slot, _)| is_bearer(slot)) {
            if !self.channels[slot].open && *octets == [SILENCE; BLOCK] {
                continue;
            }
            if self.tx.push(ChannelBlock { slot: slot as u8, sequence, octets: *octets }).is_err() {
                count(&self.owner.shared.counters.blocks_dropped);
            }
        }
        Ok(())
    }
}

/// The D-channel and the signaling bits of a span over Unix sockets. Its first event is always the state of the alarms.
pub struct SocketLink {
    tx: Producer<Frame>,
    rx: Consumer<SpanEvent>,
    cas: Arc<Bits>,
    owner: Arc<Owner>,
}

impl SocketLink {
    /// What the sockets did since the start.
    pub fn statistics(&self) -> Statistics {
        let counters = &self.owner.shared.counters;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Statistics {
            frames_in: read(&counters.frames_in),
            frames_out: read(&counters.frames_out),
            frames_dropped: read(&counters.frames_dropped),
            blocks_in: read(&counters.blocks_in),
            blocks_out: read(&counters.blocks_out),
            blocks_dropped: read(&counters.blocks_dropped),
            cas_in: read(&counters.cas_in),
            cas_out: read(&counters.cas_out),
            malformed: read(&counters.malformed),
        }
    }
}

impl DataLink for SocketLink {
    fn set_cas(&mut self, timeslot: u8, bits: Abcd) {
        if self.cas.set(timeslot, bits) {
            let _full_is_awake = self.owner.shared.wake.write(1);
        }
    }

    fn send(&mut self, frame: &[u8]) -> Result<(), SendError> {
        let frame = Frame::from_slice(frame).map_err(|_| SendError::TooLong)?;
        if self.tx.is_abandoned() {
            return Err(SendError::Gone);
        }
        self.tx.push(frame).map_err(|_| SendError::Full)?;
        let _full_is_awake = self.owner.shared.wake.write(1);
        Ok(())
    }

    fn poll_event(&mut self) -> Option<SpanEvent> {
        self.rx.pop().ok()
    }
}

/// The thread's side.
struct Server {
    data: Endpoint,
    cas: Endpoint,
    audio: Endpoint,
    shared: Arc<Shared>,
    audio_out: Consumer<ChannelBlock>,
    audio_in: Producer<ChannelBlock>,
    frames_out: Consumer<Frame>,
    bits_out: Watch,
    /// The peer's bits that signaling knows of.
    bits_told: [Option<Abcd>; TIMESLOTS],
    events: Producer<SpanEvent>,
    /// The alarms that signaling knows of.
    told: Option<Alarms>,
    connections: u32,
    notify: Notifier,
}

impl Server {
    fn run(mut self) {
        while !self.shared.stop.load(Ordering::Acquire) {
            let mut news = self.tell_alarms();
            news |= self.take_frames();
            news |= self.take_bits();
            self.take_audio();
            self.send_frames();
            self.send_bits();
            self.send_audio();
            news |= self.tell_alarms();
            if news {
                (self.notify)();
            }
            self.wait();
        }
    }

    fn wait(&mut self) {
        let room = self.events.slots() > 1;
        let pace = if self.audio.peer.is_some() || !room { PACE } else { IDLE };
        let timeout = PollTimeout::try_from(pace).unwrap_or(PollTimeout::ZERO);
        let wake = || PollFd::new(self.shared.wake.as_fd(), PollFlags::POLLIN);
        let mut fds = [
            wake(),
            // While signaling takes nothing the far end is left to wait, hung up or not.
            if room { self.data.poll_fd(PollFlags::POLLIN) } else { wake() },
            if room { self.cas.poll_fd(PollFlags::POLLIN) } else { wake() },
            self.audio.poll_fd(PollFlags::POLLIN),
        ];
        // An error here is an interruption: the next round looks at everything anyway.
        let _woken = poll(&mut fds, timeout);
        let _drained = self.shared.wake.read();
        if self.data.peer.is_none() {
            self.data.accept();
        }
        if self.cas.peer.is_none() && self.cas.accept() {
            // It has heard nothing yet, and whatever it says is news.
            self.bits_out.forget();
            self.bits_told = [None; TIMESLOTS];
        }
        if self.audio.peer.is_none() && self.audio.accept() {
            // Zero means nobody; it is skipped.
            self.connections = self.connections.wrapping_add(1).max(1);
            self.shared.audio_peer.store(self.connections, Ordering::Release);
        }
    }

    /// The D-channel or the signaling bits are the line: no peer there is loss of signal.
    fn tell_alarms(&mut self) -> bool {
        let now = Alarms { loss: self.data.peer.is_none() && self.cas.peer.is_none(), ..Alarms::default() };
        if self.told == Some(now) || self.events.push(SpanEvent::Alarms(now)).is_err() {
            return false;
        }
        self.told = Some(now);
        true
    }

    fn take_frames(&mut self) -> bool {
        let mut news = false;
        let mut buffer = [0; MAX_FRAME + 1];
        // One place is kept for the alarms.
        while self.events.slots() > 1 {
            let Some(message) = self.data.receive(&mut buffer) else { break };
            let event = match Frame::from_slice(message) {
                Ok(frame) => {
                    count(&self.shared.counters.frames_in);
                    SpanEvent::Frame(frame)
                }
                Err(_) => {
                    count(&self.shared.counters.malformed);
                    SpanEvent::BadFrame
                }
            };
            news |= self.events.push(event).is_ok();
        }
        news
    }

    fn take_bits(&mut self) -> bool {
        let mut news = false;
        let mut buffer = [0; CAS_MESSAGE + 1];
        while self.events.slots() > 1 {
            let Some(message) = self.cas.receive(&mut buffer) else { break };
            let Ok(ChannelBits { slot, bits }) = ChannelBits::parse(message) else {
                count(&self.shared.counters.malformed);
                continue;
            };
            count(&self.shared.counters.cas_in);
            if self.bits_told[usize::from(slot)].replace(bits) != Some(bits) {
                news |= self.events.push(SpanEvent::Cas { timeslot: slot, bits }).is_ok();
            }
        }
        news
    }

    fn take_audio(&mut self) {
        let mut buffer = [0; MESSAGE + 1];
        for _ in 0..BURST {
            let Some(message) = self.audio.receive(&mut buffer) else { break };
            match ChannelBlock::parse(message) {
                Ok(block) => {
                    count(&self.shared.counters.blocks_in);
                    if self.audio_in.push(block).is_err() {
                        count(&self.shared.counters.blocks_dropped);
                    }
                }
                Err(_) => count(&self.shared.counters.malformed),
            }
        }
        if self.audio.peer.is_none() {
            self.shared.audio_peer.store(0, Ordering::Release);
        }
    }

    fn send_frames(&mut self) {
        while let Ok(frame) = self.frames_out.pop() {
            let counters = &self.shared.counters;
            count(if self.data.send(&frame) { &counters.frames_out } else { &counters.frames_dropped });
        }
    }

    fn send_bits(&mut self) {
        while self.cas.peer.is_some()
            && let Some((slot, bits)) = self.bits_out.next()
        {
            if !self.cas.send(&ChannelBits { slot, bits }.to_message()) {
                // It does not read: it is told all of them when it does.
                return self.bits_out.forget();
            }
            count(&self.shared.counters.cas_out);
        }
    }

    fn send_audio(&mut self) {
        for _ in 0..CHANNEL_BLOCKS {
            let Ok(block) = self.audio_out.pop() else { break };
            let counters = &self.shared.counters;
            count(if self.audio.send(&block.to_message()) { &counters.blocks_out } else { &counters.blocks_dropped });
        }
    }
}
