//! Two cards on loopback: what one engine writes, the other reads.

use ports::span::{DataLink, SpanAudio, SpanBlock, SpanEvent};
use pseudowire::{AudioHalf, Config, DataHalf, Error, PseudowireCard, SpanConfig};
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

fn free() -> SocketAddr {
    UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port")
}

fn card(local: SocketAddr, remote: SocketAddr) -> (AudioHalf, DataHalf) {
    let config = Config { spans: vec![SpanConfig { local, remote }], packet_ms: 5, rtp: None };
    PseudowireCard::start(&config, Arc::new(|| {})).expect("the address is free").remove(0)
}

#[test]
fn audio_and_frames_cross_between_two_cards() {
    let (here, there) = (free(), free());
    let (mut near_audio, mut near) = card(here, there);
    let (mut far_audio, mut far) = card(there, here);
    let mut block = SpanBlock::silent();
    block.slot[17] = std::array::from_fn(|at| at as u8 | 1);
    let expected = block.slot[17];
    near.send(&[0x00, 0x01, 0x7F]).expect("room");
    let (mut frame, mut heard) = (None, Vec::new());
    let began = Instant::now();
    while (frame.is_none() || heard.len() < 40 * 80) && began.elapsed() < Duration::from_secs(10) {
        near_audio.write(&block).expect("the thread lives");
        let mut received = SpanBlock::silent();
        far_audio.read(&mut received).expect("the thread lives");
        heard.extend(received.slot[17]);
        while let Some(event) = far.poll_event() {
            if let SpanEvent::Frame(octets) = event {
                frame = Some(octets);
            }
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(frame.as_deref(), Some(&[0x00, 0x01, 0x7F][..]));
    assert!(heard.windows(80).any(|window| window == expected), "the block came across bit by bit");
    assert_eq!(far.statistics().malformed, 0);
    assert!(far.statistics().packets_in > 20);
}

#[test]
fn an_address_in_use_is_named() {
    let taken = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let local = taken.local_addr().expect("it is bound");
    let config = Config { spans: vec![SpanConfig { local, remote: free() }], packet_ms: 5, rtp: None };
    let refused = PseudowireCard::start(&config, Arc::new(|| {})).expect_err("the address is taken");
    assert!(refused.to_string().contains(&local.to_string()), "{refused}");
    let config = Config { spans: Vec::new(), packet_ms: 6, rtp: None };
    assert!(matches!(PseudowireCard::start(&config, Arc::new(|| {})), Err(Error::PacketTime(6))));
}
