//! The card: one thread that owns the sockets of all spans.

use crate::arrival::{Intake, Moment};
use crate::halves::{AudioHalf, DataHalf, Notifier, Owner, Shared};
use crate::pace::Pace;
use crate::packet::{Format, MAX_FRAMES, MAX_PACKET, MULTIFRAME, Rows, Rtp, Signaling};
use crate::span::{Receiver, Sink, Statistics, Transmitter};
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use ports::span::{Frame, SpanBlock, SpanEvent, TIMESLOTS};
use rtrb::{Consumer, Producer, RingBuffer};
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Blocks that wait in each direction; beyond them the newest is dropped and counted.
const BLOCKS: usize = 16;
/// Packets of rows between the thread and the engine.
const PACKETS: usize = 64;
/// Frames and events that wait in each direction.
const FRAMES: usize = 128;
/// Packets sent at one go at most when the thread was late.
const CATCH_UP: u64 = 8;
/// Datagrams taken from one socket at one go: a flood cannot hold the thread.
const BURST: usize = 64;

/// One span's addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanConfig {
    /// Where packets come in.
    pub local: SocketAddr,
    /// Where packets go, and the only address from which they are taken.
    pub remote: SocketAddr,
    /// What the span's signaling is; both ends must have the same.
    pub signaling: Signaling,
}

/// Which clock paces the packets that a span sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// This machine's.
    #[default]
    Own,
    /// The far end's, recovered from its packets: a gateway whose trunk is the source of time then hears no slips from us; those that the
    /// engine's clock makes needful happen in our own buffers. Not for both ends at once: they would follow each other anywhere.
    Adaptive,
}

/// A card of some spans.
#[derive(Clone, Debug)]
pub struct Config {
    /// Its spans, in order.
    pub spans: Vec<SpanConfig>,
    /// Milliseconds a packet, 1 to 5; both ends must have the same. A span with CAS sends a multiframe of 2 ms in one packet, as
    /// RFC 5086 §5.4 has it, or two halves of it if this is 1.
    pub packet_ms: u8,
    /// RTP header, if the far end wants one.
    pub rtp: Option<Rtp>,
    /// Which clock paces the packets.
    pub clock: Clock,
}

/// Why a card did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not 1 to 5 ms.
    #[error("{0} ms a packet: 1 to 5 are possible")]
    PacketTime(u8),
    /// An address could not be bound.
    #[error("pseudowire cannot listen on {local}: {source}; choose a free address of this machine as `local`")]
    Socket {
        /// Which.
        local: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// No timer or no thread.
    #[error("pseudowire cannot start its thread: {0}")]
    Thread(#[from] io::Error),
}

/// Spans over UDP. See the crate's documentation.
#[derive(Debug)]
pub struct PseudowireCard;

impl PseudowireCard {
    /// Binds all sockets and starts the thread. It ends when all halves are dropped.
    ///
    /// # Errors
    /// [`Error`] with the address that cannot be had.
    pub fn start(config: &Config, notify: Notifier) -> Result<Vec<(AudioHalf, DataHalf)>, Error> {
        if !(1..=5).contains(&config.packet_ms) {
            return Err(Error::PacketTime(config.packet_ms));
        }
        let formats: Vec<Format> = config.spans.iter().map(|span| format(span, config)).collect();
        let interval = interval(&formats);
        let sockets = config.spans.iter().map(bound).collect::<Result<Vec<_>, _>>()?;
        let timer = packet_timer(interval)?;
        let stop = Arc::new(AtomicBool::new(false));
        let mut lines = Vec::new();
        let mut ends = Vec::new();
        for ((socket, span), format) in sockets.into_iter().zip(&config.spans).zip(formats) {
            let intake = match config.clock {
                Clock::Own => Ok(Intake::plain()),
                Clock::Adaptive => Intake::stamped(&socket),
            };
            let intake = intake.map_err(|source| Error::Socket { local: span.local, source })?;
            let pace = Pace::new(interval, format);
            let (line, end) = line(socket, span.remote, format, (config.clock, intake, pace));
            lines.push(line);
            ends.push(end);
        }
        let server = Server { lines, notify, stop: Arc::clone(&stop), began: std::time::Instant::now() };
        let thread = std::thread::Builder::new().name("pseudowire".into()).spawn(move || server.run(&timer))?;
        let owner = Arc::new(Owner { stop, thread: Some(thread) });
        let halves = |end: Ends| {
            let audio = AudioHalf::new(end.rows, end.blocks, Arc::clone(&end.shared), Arc::clone(&owner));
            (audio, DataHalf::new(end.frames, end.events, end.signaling, end.shared, Arc::clone(&owner)))
        };
        Ok(ends.into_iter().map(halves).collect())
    }
}

fn format(span: &SpanConfig, config: &Config) -> Format {
    let frames = 8 * usize::from(config.packet_ms);
    let frames = match span.signaling {
        Signaling::DChannel => frames,
        Signaling::Cas => frames.min(MULTIFRAME),
    };
    Format { frames, signaling: span.signaling, rtp: config.rtp }
}

/// The timer wakes as often as the span with the shortest packets has one to send. Longer ones, 5 ms beside the 2 ms of CAS, then go out by less than
/// that too late, by turns; the receiving buffer holds 25 ms. To meet each on the millisecond the thread would wake twice as often.
fn interval(formats: &[Format]) -> Duration {
    let shortest = formats.iter().map(|format| format.frames).min().unwrap_or(MAX_FRAMES);
    Duration::from_micros(125) * shortest as u32
}

fn bound(span: &SpanConfig) -> Result<UdpSocket, Error> {
    let socket = UdpSocket::bind(span.local).and_then(|socket| socket.set_nonblocking(true).map(|()| socket));
    socket.map_err(|source| Error::Socket { local: span.local, source })
}

fn packet_timer(interval: Duration) -> io::Result<TimerFd> {
    let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_CLOEXEC)?;
    timer.set(Expiration::Interval(TimeSpec::from_duration(interval)), TimerSetTimeFlags::empty())?;
    Ok(timer)
}

/// The rings' ends for the halves.
struct Ends {
    rows: Consumer<Rows>,
    blocks: Producer<SpanBlock>,
    frames: Producer<Frame>,
    events: Consumer<SpanEvent>,
    signaling: Signaling,
    shared: Arc<Shared>,
}

fn line(
    socket: UdpSocket,
    remote: SocketAddr,
    format: Format,
    (clock, intake, pace): (Clock, Intake, Pace),
) -> (Line, Ends) {
    let (rows_in, rows) = RingBuffer::new(PACKETS);
    let (blocks, blocks_out) = RingBuffer::new(BLOCKS);
    let (frames, frames_out) = RingBuffer::new(FRAMES);
    let (events_in, events) = RingBuffer::new(FRAMES);
    let shared = Arc::new(Shared::default());
    let line = Line {
        socket,
        intake,
        remote,
        receiver: Receiver::new(format),
        transmitter: Transmitter::new(format, 0, 0),
        clock,
        pace,
        outlet: Outlet { rows: rows_in, events: events_in, dropped: 0, news: false },
        blocks: blocks_out,
        frames: frames_out,
        kept: None,
        statistics: Statistics::default(),
        shared: Arc::clone(&shared),
    };
    (line, Ends { rows, blocks, frames, events, signaling: format.signaling, shared })
}

/// One span in the thread.
struct Line {
    socket: UdpSocket,
    intake: Intake,
    remote: SocketAddr,
    receiver: Receiver,
    transmitter: Transmitter,
    clock: Clock,
    pace: Pace,
    outlet: Outlet,
    blocks: Consumer<SpanBlock>,
    frames: Consumer<Frame>,
    /// A frame for which the HDLC transmitter had no room.
    kept: Option<Frame>,
    statistics: Statistics,
    shared: Arc<Shared>,
}

/// Where received rows and events go.
struct Outlet {
    rows: Producer<Rows>,
    events: Producer<SpanEvent>,
    dropped: u64,
    news: bool,
}

impl Sink for Outlet {
    fn rows(&mut self, rows: &Rows) {
        self.dropped += u64::from(self.rows.push(rows.clone()).is_err());
    }

    fn event(&mut self, event: SpanEvent) -> bool {
        let taken = self.events.push(event).is_ok();
        self.news |= taken;
        taken
    }
}

impl Line {
    fn receive(&mut self, moment: Moment) {
        // One octet more than the longest packet, so that a longer one shows.
        let mut buffer = [0; MAX_PACKET + 1];
        for _ in 0..BURST {
            match self.intake.next(&self.socket, &mut buffer, moment) {
                Ok((length, Some(from), arrived)) if from == self.remote => {
                    let Self { receiver, statistics, outlet, .. } = self;
                    receiver.handle_arrived(moment.now, arrived, &buffer[..length], statistics, outlet);
                }
                Ok(_) => self.statistics.foreign += 1,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                // Word of a far end that is not there yet.
                Err(_) => {}
            }
        }
        self.receiver.tick(moment.now, &mut self.statistics, &mut self.outlet);
    }

    /// Sends what is due after so many times of the timer.
    fn send(&mut self, times: u64) {
        while let Ok(block) = self.blocks.pop() {
            self.transmitter.put(&block);
        }
        while let Some(frame) = self.kept.take().or_else(|| self.frames.pop().ok()) {
            if self.transmitter.send(&frame).is_err() {
                self.kept = Some(frame);
                break;
            }
            self.statistics.frames_out += 1;
        }
        for timeslot in 1..TIMESLOTS as u8 {
            self.transmitter.set_cas(timeslot, self.shared.bits(timeslot));
        }
        self.transmitter.set_circuit(self.shared.circuit());
        if self.clock == Clock::Adaptive {
            self.pace.follow(self.receiver.clock_ppm());
        }
        let mut buffer = [0; MAX_PACKET];
        for _ in 0..self.pace.packets(times).min(CATCH_UP) {
            let length = self.transmitter.packet(&mut buffer, self.receiver.alarms());
            match self.socket.send_to(&buffer[..length], self.remote) {
                Ok(_) => self.statistics.packets_out += 1,
                Err(_) => self.statistics.unsent += 1,
            }
        }
    }

    fn publish(&mut self) {
        self.statistics.audio_dropped = self.outlet.dropped;
        let slips = self.transmitter.slips();
        self.statistics.send_underruns = slips.empty;
        self.statistics.send_slipped = slips.deleted as i64 - slips.inserted as i64;
        if self.clock == Clock::Adaptive {
            // Within 150 ppm.
            self.statistics.clock_ppb = (self.receiver.clock_ppm() * 1e3) as i32;
        }
        *self.shared.statistics.lock().unwrap_or_else(PoisonError::into_inner) = self.statistics;
    }
}

struct Server {
    lines: Vec<Line>,
    notify: Notifier,
    stop: Arc<AtomicBool>,
    began: std::time::Instant,
}

impl Server {
    // Each span has a socket of its own, and a packet time brings one packet to each: recvmmsg and sendmmsg would save nothing.
    fn run(mut self, timer: &TimerFd) {
        while !self.stop.load(Ordering::Acquire) {
            let times = expirations(timer);
            let moment = Moment::take(self.began);
            let mut news = false;
            for line in &mut self.lines {
                line.receive(moment);
                line.send(times);
                line.publish();
                news |= std::mem::take(&mut line.outlet.news);
            }
            if news {
                (self.notify)();
            }
        }
    }
}

fn expirations(timer: &TimerFd) -> u64 {
    let mut count = [0; 8];
    match nix::unistd::read(timer.as_fd(), &mut count) {
        Ok(8) => u64::from_ne_bytes(count),
        // Interrupted: look at the sockets all the same.
        Ok(_) | Err(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_wakes_no_more_often_than_its_shortest_packets_are_due() {
        let check = |signalings: &[Signaling], packet_ms, expected_ms| {
            let [local, remote] = [1, 2].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
            let spans = signalings.iter().map(|&signaling| SpanConfig { local, remote, signaling }).collect();
            let config = Config { spans, packet_ms, rtp: None, clock: Clock::Own };
            let formats: Vec<Format> = config.spans.iter().map(|span| format(span, &config)).collect();
            assert_eq!(interval(&formats), Duration::from_millis(expected_ms), "{signalings:?}, {packet_ms} ms");
        };
        check(&[], 5, 5);
        check(&[Signaling::DChannel; 3], 5, 5);
        check(&[Signaling::Cas], 5, 2);
        check(&[Signaling::DChannel, Signaling::Cas], 5, 2);
        check(&[Signaling::Cas, Signaling::DChannel], 3, 2);
        check(&[Signaling::Cas, Signaling::DChannel], 1, 1);
    }
}
