//! A span over Unix sockets with a far end that comes, speaks and goes. Real sockets; every wait is bounded.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
use lab::wire::{ChannelBlock, MESSAGE};
use lab::{SocketLink, SocketSpan};
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockType, UnixAddr, connect, recv, send, setsockopt, socket, sockopt,
};
use nix::sys::time::TimeVal;
use ports::span::{Abcd, Alarms, BLOCK, BlockSource, DataLink, SILENCE, SpanAudio, SpanBlock, SpanEvent};
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(10);
const CLEAR: Alarms = Alarms { loss: false, remote: false, indication: false };
const LOSS: Alarms = Alarms { loss: true, remote: false, indication: false };

#[test]
fn frames_cross_both_ways_and_a_peer_that_returns_finds_the_span_again() {
    let dir = Dir::new("frames");
    let (_audio, mut link, woken) = listen(&dir.0);
    assert_eq!(next_event(&mut link, &woken), SpanEvent::Alarms(LOSS));
    for round in 0..3_u8 {
        let peer = Peer::connect(&dir.0.join("d"));
        assert_eq!(next_event(&mut link, &woken), SpanEvent::Alarms(CLEAR));
        peer.send(&[2, 1, 0x7F, round]);
        let frame = ports::span::Frame::from_slice(&[2, 1, 0x7F, round]).unwrap();
        assert_eq!(next_event(&mut link, &woken), SpanEvent::Frame(frame));
        link.send(&[2, 1, 0x73]).unwrap();
        assert_eq!(peer.receive(), [2, 1, 0x73]);
        peer.send(&[0; 265]);
        assert_eq!(next_event(&mut link, &woken), SpanEvent::BadFrame);
        drop(peer);
        assert_eq!(next_event(&mut link, &woken), SpanEvent::Alarms(LOSS));
    }
    assert_eq!((link.statistics().frames_in, link.statistics().frames_out, link.statistics().malformed), (3, 3, 3));
}

#[test]
fn signaling_bits_cross_both_ways_and_a_peer_that_returns_is_told_all_of_them() {
    let dir = Dir::new("cas");
    let (_audio, mut link, woken) = listen(&dir.0);
    let cas = |timeslot, bits| SpanEvent::Cas { timeslot, bits: Abcd::new(bits) };
    assert_eq!(next_event(&mut link, &woken), SpanEvent::Alarms(LOSS));
    link.set_cas(1, Abcd::new(0b1001));
    link.set_cas(31, Abcd::new(0b1101));
    for round in 1..3 {
        let peer = Peer::connect(&dir.0.join("cas"));
        assert_eq!(next_event(&mut link, &woken), SpanEvent::Alarms(CLEAR), "no D-channel is needed");
        assert_eq!((peer.receive(), peer.receive()), (vec![1, 0b1001], vec![31, 0b1101]));
        // The same again is no event; nonsense neither.
        for message in [&[17, 9][..], &[17, 9], &[16, 9], &[17, 16], &[17], &[17, 9, 9], &[17, 1]] {
            peer.send(message);
        }
        assert_eq!(next_event(&mut link, &woken), cas(17, 9));
        assert_eq!(next_event(&mut link, &woken), cas(17, 1));
        link.set_cas(31, Abcd::new(0b0101));
        link.set_cas(31, Abcd::new(0b0101));
        assert_eq!(peer.receive(), [31, 0b0101]);
        link.set_cas(31, Abcd::new(0b1101));
        assert_eq!(peer.receive(), [31, 0b1101]);
        until("all are counted", || {
            let statistics = link.statistics();
            (statistics.cas_in, statistics.cas_out, statistics.malformed) == (3 * round, 4 * round, 4 * round)
        });
        drop(peer);
        assert_eq!(next_event(&mut link, &woken), SpanEvent::Alarms(LOSS));
    }
}

#[test]
fn audio_of_the_channels_that_are_in_use_crosses_both_ways() {
    let dir = Dir::new("audio");
    let (mut audio, link, _woken) = listen(&dir.0);
    let mut heard = SpanBlock::silent();
    assert_eq!(audio.read(&mut heard), Ok(BlockSource::Missing));
    let peer = Peer::connect(&dir.0.join("audio"));
    until("the peer is seen", || audio.read(&mut heard) == Ok(BlockSource::Line));

    // Neither a wrong slot nor a wrong length disturbs the channel.
    peer.send(&[1; MESSAGE + 1]);
    peer.send(&[16; MESSAGE]);
    for sequence in 0..2 {
        peer.send(&ChannelBlock { slot: 31, sequence, octets: [sequence as u8; BLOCK] }.to_message());
    }
    until("both blocks are in", || link.statistics().blocks_in == 2);
    assert_eq!(link.statistics().malformed, 2);
    for octet in [0, 1, SILENCE] {
        audio.read(&mut heard).unwrap();
        assert_eq!(heard.slot[31], [octet; BLOCK]);
        assert_eq!(heard.slot[1], [SILENCE; BLOCK]);
    }

    // Silence goes out on the slot that the peer opened, sound on any other bearer, nothing on 0 and 16.
    let mut said = SpanBlock::silent();
    for slot in [0, 1, 16] {
        said.slot[slot] = [7; BLOCK];
    }
    audio.write(&said).unwrap();
    let sent: Vec<_> = (0..2).map(|_| ChannelBlock::parse(&peer.receive()).unwrap()).collect();
    assert_eq!((sent[0].slot, sent[0].octets), (1, [7; BLOCK]));
    assert_eq!((sent[1].slot, sent[1].octets), (31, [SILENCE; BLOCK]));
    assert_eq!(sent[0].sequence, sent[1].sequence);
}

#[test]
fn a_peer_that_never_reads_costs_blocks_and_no_wait() {
    let dir = Dir::new("full");
    let (mut audio, link, _woken) = listen(&dir.0);
    let _peer = Peer::connect(&dir.0.join("audio"));
    let mut block = SpanBlock::silent();
    until("the peer is seen", || audio.read(&mut block) == Ok(BlockSource::Line));
    block.slot = [[7; BLOCK]; 32];
    until("something is dropped", || {
        audio.write(&block).unwrap();
        link.statistics().blocks_dropped > 0
    });
}

#[test]
fn the_sockets_go_with_the_last_half_and_a_second_span_takes_the_place_over() {
    let dir = Dir::new("again");
    let (audio, link, _woken) = listen(&dir.0);
    assert!(dir.0.join("d").exists());
    drop(audio);
    assert!(dir.0.join("d").exists());
    drop(link);
    assert!(!dir.0.join("d").exists() && !dir.0.join("audio").exists());
    std::fs::write(dir.0.join("d"), "left by a crash").unwrap();
    let (_audio, mut link, woken) = listen(&dir.0);
    assert_eq!(next_event(&mut link, &woken), SpanEvent::Alarms(LOSS));
    let _peer = Peer::connect(&dir.0.join("d"));
    assert_eq!(next_event(&mut link, &woken), SpanEvent::Alarms(CLEAR));
}

struct Dir(PathBuf);

impl Dir {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("fundline-lab-{}-{name}", std::process::id())))
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

fn listen(dir: &Path) -> (lab::SocketAudio, SocketLink, Receiver<()>) {
    let (wake, woken) = channel();
    let wake = std::sync::Mutex::new(wake);
    let notify = Arc::new(move || {
        wake.lock().unwrap().send(()).ok();
    });
    let (audio, link) = SocketSpan::listen(dir, notify).unwrap().into_halves();
    (audio, link, woken)
}

/// The next event, woken by the notifier alone: an event without a wake-up fails here.
#[track_caller]
fn next_event(link: &mut SocketLink, woken: &Receiver<()>) -> SpanEvent {
    loop {
        if let Some(event) = link.poll_event() {
            return event;
        }
        woken.recv_timeout(PATIENCE).expect("a wake-up within ten seconds");
    }
}

#[track_caller]
fn until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < PATIENCE, "not within ten seconds: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

struct Peer(OwnedFd);

impl Peer {
    fn connect(path: &Path) -> Self {
        let fd = socket(AddressFamily::Unix, SockType::SeqPacket, SockFlag::empty(), None).unwrap();
        setsockopt(&fd, sockopt::ReceiveTimeout, &TimeVal::new(10, 0)).unwrap();
        connect(fd.as_raw_fd(), &UnixAddr::new(path).unwrap()).unwrap();
        Self(fd)
    }

    fn send(&self, message: &[u8]) {
        send(self.0.as_raw_fd(), message, MsgFlags::empty()).unwrap();
    }

    fn receive(&self) -> Vec<u8> {
        let mut buffer = [0; 512];
        let length = recv(self.0.as_raw_fd(), &mut buffer, MsgFlags::empty()).unwrap();
        buffer[..length].to_vec()
    }
}
