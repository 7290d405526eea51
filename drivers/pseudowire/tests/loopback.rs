//! Two cards on loopback, on the real clock: what one end writes, the other reads.

use ports::span::{
    Abcd, Alarms, BLOCK, D_SLOT, DataLink, SILENCE, SendError, SpanAudio, SpanBlock, SpanEvent, TIMESLOTS,
};
use pseudowire::{AudioHalf, Clock, Config, DataHalf, Error, PseudowireCard, Rtp, Signaling, SpanConfig};
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// No story here takes longer; a machine under load may be slow.
const AT_MOST: Duration = Duration::from_secs(20);

fn free() -> SocketAddr {
    UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port")
}

/// One end of a span: what it hears is judged as it comes.
struct End {
    audio: AudioHalf,
    data: DataHalf,
    written: u32,
    /// Samples of all bearers that came as they were sent, and the longest run of them without a gap.
    exact: u32,
    run: u32,
    longest: u32,
    last: Option<u32>,
    frames: Vec<Vec<u8>>,
    alarms: Vec<Alarms>,
    bits: Vec<(u8, u8)>,
}

impl End {
    fn new((audio, data): (AudioHalf, DataHalf)) -> Self {
        let (frames, alarms, bits) = (Vec::new(), Vec::new(), Vec::new());
        Self { audio, data, written: 0, exact: 0, run: 0, longest: 0, last: None, frames, alarms, bits }
    }

    /// 10 ms.
    fn tick(&mut self) {
        let mut block = SpanBlock::silent();
        for at in 0..BLOCK {
            self.written += 1;
            for (slot, octets) in block.slot.iter_mut().enumerate() {
                octets[at] = sample(self.written, slot);
            }
        }
        self.audio.write(&block).expect("the thread lives");
        self.audio.read(&mut block).expect("the thread lives");
        (0..BLOCK).for_each(|at| self.judge(&block, at));
        while let Some(event) = self.data.poll_event() {
            match event {
                SpanEvent::Frame(frame) => self.frames.push(frame.to_vec()),
                SpanEvent::Alarms(alarms) => self.alarms.push(alarms),
                SpanEvent::Cas { timeslot, bits } => self.bits.push((timeslot, bits.bits())),
                SpanEvent::BadFrame | SpanEvent::Slip(_) => {}
            }
        }
    }

    /// Silence, or the far end's sample of one number on every bearer.
    fn judge(&mut self, block: &SpanBlock, at: usize) {
        let number = u32::from_be_bytes([1, 2, 3, 4].map(|slot: usize| block.slot[slot][at]));
        let bearers = || (1..TIMESLOTS).filter(|&slot| slot != D_SLOT);
        if bearers().all(|slot| block.slot[slot][at] == SILENCE) {
            return;
        }
        for slot in bearers() {
            assert_eq!(block.slot[slot][at], sample(number, slot), "slot {slot} of sample {number}");
        }
        self.exact += 1;
        self.run = if self.last == number.checked_sub(1) { self.run + 1 } else { 1 };
        self.longest = self.longest.max(self.run);
        self.last = Some(number);
    }
}

/// The number itself in the first four bearers, and octets that follow from it in the others.
fn sample(number: u32, slot: usize) -> u8 {
    match slot {
        0 => SILENCE,
        1..=4 => number.to_be_bytes()[slot - 1],
        _ => (number.wrapping_mul(0x9E37_79B9) >> (slot % 24)) as u8,
    }
}

/// Ticks all ends every 10 ms of real time until this is so.
#[track_caller]
fn until(ends: &mut [&mut End], what: &str, mut is_so: impl FnMut(&mut [&mut End]) -> bool) {
    let began = Instant::now();
    for tick in 1_u64.. {
        ends.iter_mut().for_each(|end| end.tick());
        if is_so(ends) {
            return;
        }
        assert!(began.elapsed() < AT_MOST, "{what} did not come in {AT_MOST:?}");
        std::thread::sleep(Duration::from_millis(tick * 10).saturating_sub(began.elapsed()));
    }
}

fn config(spans: &[(SocketAddr, SocketAddr)], packet_ms: u8, rtp: Option<Rtp>) -> Config {
    let span = |&(local, remote)| SpanConfig { local, remote, signaling: Signaling::DChannel };
    Config { spans: spans.iter().map(span).collect(), packet_ms, rtp, clock: Clock::Own }
}

fn card(config: &Config) -> Vec<End> {
    PseudowireCard::start(config, Arc::new(|| {})).expect("the addresses are free").into_iter().map(End::new).collect()
}

fn pair(packet_ms: u8, rtp: Option<Rtp>) -> (End, End) {
    let (here, there) = (free(), free());
    let end = |local, remote| card(&config(&[(local, remote)], packet_ms, rtp)).remove(0);
    (end(here, there), end(there, here))
}

/// Half a second of audio of all bearers without a gap, and twenty frames in order, in both directions.
#[track_caller]
fn carries(packet_ms: u8, rtp: Option<Rtp>) {
    let (mut near, mut far) = pair(packet_ms, rtp);
    let frames: Vec<Vec<u8>> = (0..20).map(|number| vec![number; 3 + 13 * usize::from(number)]).collect();
    for frame in &frames {
        near.data.send(frame).expect("room");
        far.data.send(frame).expect("room");
    }
    until(&mut [&mut near, &mut far], "audio and frames", |ends| {
        ends.iter().all(|end| end.longest >= 4000 && end.frames.len() >= frames.len())
    });
    for (from, to) in [(&near, &far), (&far, &near)] {
        let delay = to.last.map(|heard| from.written - heard);
        let deepened = to.data.statistics().underruns + from.data.statistics().send_underruns > 0;
        // 50 ms as the crate's header says, and a block more where the two ends' ticks fall badly.
        assert!(deepened || delay.is_some_and(|rows| (300..=480).contains(&rows)), "{delay:?} rows");
    }
    for end in [&near, &far] {
        assert_eq!(end.frames, frames);
        let statistics = end.data.statistics();
        let bad = (statistics.malformed, statistics.foreign, statistics.bad_frames, statistics.duplicates);
        assert_eq!(bad, (0, 0, 0, 0), "{statistics:?}");
        assert!(statistics.packets_in >= 500 / u64::from(packet_ms), "{statistics:?}");
        assert!(end.alarms.last().is_some_and(|alarms| alarms.is_clear()), "{:?}", end.alarms);
    }
}

#[test]
fn audio_of_all_bearers_and_frames_cross_in_packets_of_5_ms() {
    carries(5, None);
}

#[test]
fn audio_of_all_bearers_and_frames_cross_in_packets_of_1_ms_with_rtp() {
    carries(1, Some(Rtp { payload_type: 97, ssrc: 0x1234_5678 }));
}

/// A span with CAS beside one with a D-channel on each card.
#[test]
fn signaling_bits_cross_beside_audio_and_beside_a_span_with_a_d_channel() {
    for packet_ms in [1, 5] {
        let addresses: [SocketAddr; 4] = std::array::from_fn(|_| free());
        let [a, b, c, d] = addresses;
        let cards = [[(a, c), (b, d)], [(c, a), (d, b)]].map(|spans| {
            let mut config = config(&spans, packet_ms, None);
            config.spans[1].signaling = Signaling::Cas;
            card(&config)
        });
        let [mut near, mut far] = cards;
        let mut ends: Vec<&mut End> = near.iter_mut().chain(far.iter_mut()).collect();
        ends[1].data.set_cas(3, Abcd::new(0b1001));
        ends[3].data.set_cas(31, Abcd::new(0b0101));
        ends[0].data.send(b"frame").expect("room");
        assert_eq!(ends[1].data.send(b"frame"), Err(SendError::Gone), "there is no D-channel");
        until(&mut ends, "audio, a frame and bits", |ends| {
            let carried = ends.iter().all(|end| end.longest >= 800);
            carried && !ends[2].frames.is_empty() && ends[3].bits.contains(&(3, 9)) && ends[1].bits.contains(&(31, 5))
        });
        ends[1].data.set_cas(3, Abcd::new(0b0001));
        until(&mut ends, "a change", |ends| ends[3].bits.last() == Some(&(3, 1)));
        ends[1].data.show(true, false);
        until(&mut ends, "the alarm indication", |ends| ends[3].alarms.last().is_some_and(|alarms| alarms.indication));
        assert_eq!(ends[3].data.statistics().malformed, 0);
        assert!(ends[3].data.statistics().cas_in >= 31);
    }
}

/// One machine has one clock: the difference that is found is nothing, and audio goes on as before.
#[test]
fn a_card_that_follows_its_far_end_carries_audio_and_finds_no_difference() {
    let (here, there) = (free(), free());
    let mut config = config(&[(here, there)], 5, None);
    config.clock = Clock::Adaptive;
    let mut near = card(&config).remove(0);
    config.spans[0] = SpanConfig { local: there, remote: here, ..config.spans[0] };
    config.clock = Clock::Own;
    let mut far = card(&config).remove(0);
    until(&mut [&mut near, &mut far], "audio", |ends| ends.iter().all(|end| end.longest >= 4000));
    let statistics = near.data.statistics();
    assert!(statistics.packets_in >= 100 && statistics.foreign == 0, "{statistics:?}");
    assert!(statistics.clock_ppb.abs() <= 150_000, "{statistics:?}");
}

#[test]
fn spans_of_one_card_do_not_mix() {
    let addresses: [SocketAddr; 4] = std::array::from_fn(|_| free());
    let [a, b, c, d] = addresses;
    let mut near = card(&config(&[(a, c), (b, d)], 5, None));
    let mut far = card(&config(&[(c, a), (d, b)], 5, None));
    near[0].data.send(b"first").expect("room");
    near[1].data.send(b"second").expect("room");
    let mut ends: Vec<&mut End> = near.iter_mut().chain(far.iter_mut()).collect();
    until(&mut ends, "a frame on each span", |ends| ends[2..].iter().all(|end| !end.frames.is_empty()));
    assert_eq!(
        (far[0].frames.as_slice(), far[1].frames.as_slice()),
        ([b"first".to_vec()].as_slice(), [b"second".to_vec()].as_slice())
    );
}

#[test]
fn a_far_end_that_dies_is_loss_and_its_return_clears_it() {
    let (here, there) = (free(), free());
    let mut near = card(&config(&[(here, there)], 5, None)).remove(0);
    let far = || card(&config(&[(there, here)], 5, None)).remove(0);
    let clear = |end: &End| end.alarms.last().is_some_and(|alarms| alarms.is_clear());
    let mut first = far();
    until(&mut [&mut near, &mut first], "a clear line", |ends| ends.iter().all(|end| clear(end)));
    drop(first);
    until(&mut [&mut near], "loss", |ends| ends[0].alarms.last().is_some_and(|alarms| alarms.loss));
    let heard = near.exact;
    // The new one numbers its packets from the start again.
    let mut second = far();
    until(&mut [&mut near, &mut second], "a clear line again", |ends| ends.iter().all(|end| clear(end)));
    until(&mut [&mut near, &mut second], "audio again", |ends| ends[0].exact > heard);
}

#[test]
fn an_end_that_hears_nothing_tells_the_one_it_sends_to() {
    // A socket that hears the card, and answers as a pseudowire that hears nothing would.
    let (here, peer) = (free(), UdpSocket::bind("127.0.0.1:0").expect("a free port"));
    peer.set_read_timeout(Some(AT_MOST)).expect("a socket");
    let mut near = card(&config(&[(here, peer.local_addr().expect("it is bound"))], 5, None)).remove(0);
    let mut packet = [0; 2000];
    let mut sequence = 0_u16;
    let length = peer.recv(&mut packet).expect("the card sends at once");
    assert_eq!((length, packet[0] & 4), (4 + 40 * 31, 4), "R is set while nothing comes");
    until(&mut [&mut near], "the remote alarm", |ends| {
        for _ in 0..2 {
            packet[0] = 4;
            packet[2..4].copy_from_slice(&sequence.to_be_bytes());
            peer.send_to(&packet[..length], here).expect("it is sent");
            sequence += 1;
        }
        ends[0].alarms.last() == Some(&Alarms { remote: true, ..Alarms::default() })
    });
    let cleared = (0..1000).any(|_| peer.recv(&mut packet).is_ok() && packet[0] & 4 == 0);
    assert!(cleared, "R goes when packets come");
}

#[test]
fn strangers_and_nonsense_are_counted_and_change_nothing() {
    let (here, peer) = (free(), UdpSocket::bind("127.0.0.1:0").expect("a free port"));
    let mut near = card(&config(&[(here, peer.local_addr().expect("it is bound"))], 5, None)).remove(0);
    let stranger = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    for length in [0, 1, 3, 4, 100, 1243, 1244, 1245, 9000] {
        peer.send_to(&vec![0xFF; length], here).expect("it is sent");
        stranger.send_to(&vec![0; length], here).expect("it is sent");
    }
    until(&mut [&mut near], "all of them", |ends| {
        let statistics = ends[0].data.statistics();
        (statistics.malformed, statistics.foreign) == (9, 9)
    });
    assert_eq!((near.exact, near.frames.len(), near.data.statistics().packets_in), (0, 0, 0));
    assert!(near.alarms.last().is_some_and(|alarms| alarms.loss));
}

#[test]
fn signaling_is_woken_by_news() {
    let (here, there) = (free(), free());
    let woken = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&woken);
    let notify = Arc::new(move || {
        count.fetch_add(1, Ordering::Relaxed);
    });
    let mut near = PseudowireCard::start(&config(&[(here, there)], 5, None), notify).expect("the address is free");
    let mut near = End::new(near.remove(0));
    let mut far = card(&config(&[(there, here)], 5, None)).remove(0);
    let clear = |end: &End| end.alarms.last().is_some_and(|alarms| alarms.is_clear());
    until(&mut [&mut near, &mut far], "a clear line", |ends| ends.iter().all(|end| clear(end)));
    let before = woken.load(Ordering::Relaxed);
    assert!(before >= 2, "loss at the start, and its end");
    far.data.send(b"frame").expect("room");
    until(&mut [&mut near, &mut far], "the frame", |ends| !ends[0].frames.is_empty());
    assert!(woken.load(Ordering::Relaxed) > before);
}

#[test]
fn frames_too_long_and_too_many_are_refused() {
    let mut near = card(&config(&[(free(), free())], 5, None)).remove(0);
    assert_eq!(near.data.send(&[0; 265]), Err(SendError::TooLong));
    // A frame takes 33 ms of the line, so that the queues fill faster than they empty.
    let refused = (0..1000).find_map(|_| near.data.send(&[0; 264]).err());
    assert_eq!(refused, Some(SendError::Full));
}

#[test]
fn an_address_in_use_is_named() {
    let taken = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let local = taken.local_addr().expect("it is bound");
    let refused =
        PseudowireCard::start(&config(&[(local, free())], 5, None), Arc::new(|| {})).expect_err("it is taken");
    assert!(refused.to_string().contains(&local.to_string()), "{refused}");
    for packet_ms in [0, 6] {
        let refused = PseudowireCard::start(&config(&[], packet_ms, None), Arc::new(|| {}));
        assert!(matches!(refused, Err(Error::PacketTime(given)) if given == packet_ms));
    }
}
