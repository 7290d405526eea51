//! What comes off a line or a socket.

use lab::wire::{CAS_MESSAGE, ChannelBits, ChannelBlock, MESSAGE};
use line_framing::{CasEvent, CasRx, CasTx, HdlcRx, HdlcTx};
use ports::span::{Abcd, MAX_FRAME};
use sig_q921::{FrameView, Lapd, Side};

/// Any octets as signaling bits; then multiframes of bits that they choose, which must be heard.
pub(crate) fn cas(octets: &[u8]) {
    let (mut rx, mut tx) = (CasRx::new(octets.first().copied().unwrap_or(1) % 8), CasTx::new());
    let mut heard = [None; 32];
    let mut hear = |rx: &mut CasRx, line: &[u8]| {
        rx.receive(line, |event| {
            if let CasEvent::Bits { timeslot, bits } = event {
                assert!(timeslot % 16 != 0 && timeslot < 32, "{timeslot}");
                heard[usize::from(timeslot)] = Some(bits);
            }
        });
        heard
    };
    hear(&mut rx, octets);
    // 0000 on the first fifteen timeslots would look like the alignment signal.
    let bits = |timeslot: u8| Abcd::new(octets.get(usize::from(timeslot)).map_or(1, |octet| octet | 1));
    (1..32).for_each(|timeslot| tx.set(timeslot, bits(timeslot)));
    let mut line = [0; 16 * 12];
    tx.fill(&mut line);
    let heard = hear(&mut rx, &line);
    for timeslot in (1..32).filter(|timeslot| timeslot % 16 != 0) {
        assert_eq!(heard[usize::from(timeslot)], Some(bits(timeslot)), "timeslot {timeslot}");
    }
}

/// Any octets of a timeslot; then the same octets as frames, sent and received again.
pub(crate) fn hdlc(octets: &[u8]) {
    let mut rx = HdlcRx::new();
    let mut seen = 0;
    rx.receive(octets, |frame| {
        seen += 1;
        if let Ok(frame) = frame {
            assert!((1..=MAX_FRAME).contains(&frame.len()), "{} octets", frame.len());
        }
    });
    assert_eq!(rx.counters().frames + rx.counters().bad(), seen);

    let mut tx = HdlcTx::new();
    let mut sent: Vec<&[u8]> = octets.chunks(40).take(8).filter(|frame| tx.push(frame).is_ok()).collect();
    let mut line = [0; 1000];
    tx.fill(&mut line);
    // What stands on the line before, cut anywhere, costs no frame that comes whole.
    rx.receive(&line, |frame| {
        if let Ok(frame) = frame
            && sent.first() == Some(&frame)
        {
            sent.remove(0);
        }
    });
    assert!(sent.is_empty(), "{} frames were lost", sent.len());
}

/// A frame that is understood is written as it was read.
pub(crate) fn q921(octets: &[u8]) {
    let view = FrameView::new(octets);
    let _shown = (view.sapi(), view.tei(), view.role_bit(), view.control(), view.address_is_whole());
    for side in [Side::User, Side::Network] {
        match Lapd::parse(side, octets, 260) {
            Ok(frame) => {
                assert!(frame.information.len() <= 260);
                assert_eq!(frame.encode(side).as_slice(), octets);
            }
            Err(fault) => assert!(!fault.to_string().is_empty()),
        }
    }
}

/// A message of the lab card's sockets, as audio and as signaling bits.
pub(crate) fn lab_audio(octets: &[u8]) {
    match ChannelBits::parse(octets) {
        Ok(bits) => assert_eq!(bits.to_message().as_slice(), octets),
        Err(fault) => assert!(octets.len() == CAS_MESSAGE || fault.to_string().contains("octets")),
    }
    match ChannelBlock::parse(octets) {
        Ok(block) => assert_eq!(block.to_message().as_slice(), octets),
        Err(fault) => assert!(octets.len() != MESSAGE || fault.to_string().contains("timeslot")),
    }
}
