//! What a data link lives through.

mod pair;

use pair::{Fate, NETWORK, Pair, USER, numbered};
use sig_q921::{Action, Control, Lapd, MdlError, Parameters, QUEUED_MESSAGES, Role, SendError, Side, State};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn both_ends_may_establish_at_once() {
    let mut pair = Pair::new();
    for end in [USER, NETWORK] {
        pair.links[end].establish(pair.now);
    }
    pair.settle();
    for end in [USER, NETWORK] {
        assert!(pair.links[end].is_up());
        assert_eq!(pair.told[end], [Action::Established]);
    }
}

#[test]
fn sabme_is_sent_once_and_n200_times_again_then_the_link_is_given_up_and_tried_anew() {
    let mut pair = Pair::new();
    pair.links[USER].establish(pair.now);
    let sent = |pair: &mut Pair| {
        pair.lose(NETWORK);
        pair.sent[USER].len()
    };
    for expected in 1..=4 {
        assert_eq!(sent(&mut pair), expected, "SABME at {:?}", pair.now);
        pair.expire();
    }
    assert_eq!(sent(&mut pair), 4);
    assert_eq!(pair.told[USER], [Action::Error(MdlError::G), Action::Released]);
    assert_eq!(pair.now.as_millis(), 4000, "four times T200");
    pair.expire();
    assert_eq!((sent(&mut pair), pair.links[USER].state()), (5, State::AwaitingEstablishment5));
}

#[test]
fn a_late_peer_is_found_without_anybody_asking_again() {
    let mut pair = Pair::new();
    pair.links[USER].establish(pair.now);
    for _ in 0..20 {
        pair.lose(NETWORK);
        pair.expire();
    }
    pair.pass(8 * SECOND);
    assert!(pair.links.iter().all(sig_q921::Link::is_up));
}

#[test]
fn no_more_than_k_frames_wait_for_acknowledgement() {
    let mut pair = Pair::established();
    for n in 0..20 {
        pair.send(USER, &numbered(n));
    }
    assert_eq!(pair.sent[USER].len(), 7);
    pair.settle();
    assert_eq!(pair.delivered[NETWORK].len(), 20);
    assert_eq!(pair.links[USER].unacknowledged(), 0);
}

#[test]
fn the_window_holds_across_the_wrap_of_the_sequence_numbers() {
    let mut pair = Pair::established();
    for n in 0..300 {
        pair.send(USER, &numbered(n));
        pair.settle();
    }
    let expected: Vec<[u8; 3]> = (0..300).map(numbered).collect();
    assert!(pair.delivered[NETWORK].iter().eq(expected.iter()));
    assert!(pair.told.iter().all(Vec::is_empty));
}

#[test]
fn a_full_queue_refuses_and_keeps_what_it_has() {
    let mut pair = Pair::established();
    for n in 0..QUEUED_MESSAGES {
        pair.send(USER, &numbered(n as u16));
    }
    assert_eq!(pair.links[USER].send(pair.now, b"more"), Err(SendError::Full));
    pair.settle();
    assert_eq!(pair.delivered[NETWORK].len(), QUEUED_MESSAGES);
}

#[test]
fn messages_of_260_octets_pass_and_of_261_do_not() {
    let mut pair = Pair::established();
    pair.send(USER, &[7; 260]);
    assert_eq!(pair.links[USER].send(pair.now, &[7; 261]), Err(SendError::Length));
    assert_eq!(pair.links[USER].send(pair.now, &[]), Err(SendError::Length));
    pair.settle();
    assert_eq!(pair.delivered[NETWORK], [[7; 260].as_slice()]);
}

#[test]
fn a_lost_frame_is_rejected_and_comes_again_in_order() {
    let mut pair = Pair::established();
    for n in 0..5 {
        pair.send(USER, &numbered(n));
    }
    pair.step(NETWORK, Fate::Arrives);
    pair.step(NETWORK, Fate::IsLost);
    pair.settle();
    assert!(pair.delivered[NETWORK].iter().eq((0..5).map(numbered).collect::<Vec<_>>().iter()));
    let rejects = pair.sent[NETWORK].iter().filter(|frame| frame[2] == 0x09).count();
    assert_eq!(rejects, 1, "one REJ for one gap");
    assert_eq!(pair.now.as_millis(), 0, "no timer was needed");
}

#[test]
fn a_second_gap_is_rejected_as_the_first_was() {
    let mut pair = Pair::established();
    for round in 0..2 {
        for n in 0..3 {
            pair.send(USER, &numbered(3 * round + n));
        }
        pair.step(NETWORK, Fate::IsLost);
        pair.settle();
    }
    assert!(pair.delivered[NETWORK].iter().eq((0..6).map(numbered).collect::<Vec<_>>().iter()));
    assert_eq!(pair.sent[NETWORK].iter().filter(|frame| frame[2] == 0x09).count(), 2);
    assert_eq!(pair.now.as_millis(), 0, "no timer was needed");
}

#[test]
fn the_last_frame_lost_is_missed_by_t200_alone() {
    let mut pair = Pair::established();
    pair.send(USER, b"one");
    pair.lose(NETWORK);
    pair.expire();
    assert_eq!((pair.now.as_millis(), pair.links[USER].state()), (1000, State::TimerRecovery8));
    pair.settle();
    assert_eq!(pair.delivered[NETWORK], [b"one".as_slice()]);
    assert_eq!(pair.links[USER].state(), State::MultipleFrame7);
    assert!(pair.told.iter().all(Vec::is_empty));
}

#[test]
fn a_frame_that_comes_twice_is_delivered_once() {
    let mut pair = Pair::established();
    pair.send(USER, b"one");
    pair.send(USER, b"two");
    pair.step(NETWORK, Fate::ArrivesTwice);
    pair.settle();
    assert_eq!(pair.delivered[NETWORK], [b"one".as_slice(), b"two".as_slice()]);
}

#[test]
fn an_idle_link_is_tested_after_t203_and_not_before() {
    let mut pair = Pair::established();
    pair.pass(Duration::from_millis(9999));
    assert!(pair.sent[USER].is_empty());
    pair.pass(Duration::from_millis(1));
    assert_eq!(pair.sent[USER][0], [0x00, 0x01, 0x01, 0x01], "RR, P = 1");
    assert!(pair.told.iter().all(Vec::is_empty));
}

#[test]
fn a_peer_that_falls_silent_is_noticed_within_t203_and_n200_enquiries() {
    let mut pair = Pair::established();
    let mut seen = Vec::new();
    while !seen.contains(&Action::Released) {
        pair.expire();
        pair.lose(NETWORK);
        pair.lose(USER);
        seen.clone_from(&pair.told[USER]);
        assert!(pair.now.as_millis() <= 17_000, "still up at {:?}", pair.now);
    }
    let order = [Action::Error(MdlError::I), Action::Error(MdlError::G), Action::Released];
    assert_eq!(seen, order, "enquiries unanswered, then SABME too");
    // T203, then T200 after each of three enquiries, then T200 after each of four SABMEs.
    assert_eq!(pair.now.as_millis(), 10_000 + 3_000 + 4_000);
}

#[test]
fn a_busy_peer_is_asked_until_it_is_ready_and_loses_nothing() {
    let mut pair = Pair::established();
    let respond = |control| Lapd { role: Role::Response, control, information: &[] }.encode(Side::Network);
    let busy = respond(Control::ReceiveNotReady { nr: 0, bit: false });
    pair.links[USER].handle_frame(pair.now, &busy);
    pair.send(USER, b"later");
    assert!(pair.sent[USER].is_empty(), "nothing is sent to a busy peer");
    for _ in 0..10 {
        pair.expire();
        assert_eq!(pair.sent[USER].last().expect("an enquiry")[2..], [0x01, 0x01]);
        pair.lose(NETWORK);
        let still = respond(Control::ReceiveNotReady { nr: 0, bit: true });
        pair.links[USER].handle_frame(pair.now, &still);
        pair.collect();
    }
    assert!(pair.links[USER].is_up(), "a busy peer is no dead peer");
    pair.links[USER].handle_frame(pair.now, &respond(Control::ReceiveReady { nr: 0, bit: false }));
    pair.settle();
    assert_eq!(pair.delivered[NETWORK], [b"later".as_slice()]);
}

#[test]
fn a_restarted_peer_resets_the_link_and_layer_3_is_told() {
    let mut pair = Pair::established();
    pair.send(USER, b"before");
    pair.lose(NETWORK);
    pair.links[NETWORK] = sig_q921::Link::new(Side::Network, Parameters::default());
    pair.links[NETWORK].establish(pair.now);
    pair.settle();
    assert_eq!(pair.told[USER], [Action::Error(MdlError::F), Action::Reset]);
    assert_eq!(pair.told[NETWORK], [Action::Established]);
    pair.send(USER, b"after");
    pair.settle();
    assert_eq!(pair.delivered[NETWORK], [b"after".as_slice()], "what was in flight is lost, as Reset says");
}

#[test]
fn an_idle_link_recovers_from_an_impossible_acknowledgement_without_a_word_to_layer_3() {
    let mut pair = Pair::established();
    let nonsense =
        Lapd { role: Role::Response, control: Control::ReceiveReady { nr: 77, bit: false }, information: &[] };
    pair.links[USER].handle_frame(pair.now, &nonsense.encode(Side::Network));
    assert_eq!(pair.links[USER].state(), State::AwaitingEstablishment5);
    pair.send(USER, b"while it recovers");
    pair.settle();
    assert_eq!(pair.told[USER], [Action::Error(MdlError::J)]);
    assert_eq!(pair.delivered[NETWORK], [b"while it recovers".as_slice()]);
}

#[test]
fn release_goes_through_disc_and_ua_and_is_not_undone() {
    let mut pair = Pair::established();
    pair.links[USER].release(pair.now);
    pair.settle();
    for end in [USER, NETWORK] {
        assert_eq!(
            (pair.links[end].state(), pair.told[end].as_slice()),
            (State::TeiAssigned4, [Action::Released].as_slice())
        );
    }
    assert_eq!(pair.links[USER].deadline(), None, "nobody asked for it again");
    assert_eq!(pair.links[USER].send(pair.now, b"x"), Err(SendError::Down));
}

#[test]
fn disc_without_answer_ends_after_n200_repetitions() {
    let mut pair = Pair::established();
    pair.links[USER].release(pair.now);
    for _ in 0..4 {
        pair.lose(NETWORK);
        pair.expire();
    }
    assert_eq!(pair.told[USER], [Action::Error(MdlError::H), Action::Released]);
    assert_eq!(pair.now.as_millis(), 4000);
}

#[test]
fn a_line_that_is_gone_takes_the_link_down_at_once_and_silently() {
    let mut pair = Pair::established();
    pair.send(USER, b"lost");
    pair.lose(NETWORK);
    pair.sent[USER].clear();
    pair.links[USER].deactivate();
    pair.collect();
    assert_eq!(pair.told[USER], [Action::Released]);
    assert!(pair.sent[USER].is_empty());
    assert_eq!(pair.links[USER].deadline(), None);
    pair.links[USER].establish(pair.now);
    pair.settle();
    assert!(pair.links.iter().all(sig_q921::Link::is_up));
    assert!(pair.delivered[NETWORK].is_empty());
}

#[test]
fn a_peer_without_a_link_says_dm_and_gets_one() {
    let mut pair = Pair::established();
    pair.links[NETWORK] = sig_q921::Link::new(Side::Network, Parameters::default());
    let dm = Lapd { role: Role::Response, control: Control::DisconnectedMode { bit: false }, information: &[] };
    pair.links[USER].handle_frame(pair.now, &dm.encode(Side::Network));
    pair.settle();
    assert_eq!(pair.told[USER], [Action::Error(MdlError::E)]);
    assert!(pair.links.iter().all(sig_q921::Link::is_up));
}
