//! The box's signaling against libpri: libpri is the network, [`sig_pri::PriSpan`] the subscriber, a lab card's sockets the line. Real
//! time, every wait bounded. Each story runs twice, with frames handed over whole and through software HDLC.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
mod subscriber;

use interop::{PriPeer, Side};
use ports::call::{Address, Inband, Primitive};
use sig_pri::{CallHandle, ChannelState, LinkState};
use std::time::Duration;
use subscriber::{Answer, Framing, Subscriber, setup};

const PATIENCE: Duration = Duration::from_secs(10);
const BUSY: base::Cause = base::Cause::USER_BUSY;
const NORMAL: base::Cause = base::Cause::NORMAL_CLEARING;

/// Runs a story over both kinds of line, the link up at its beginning.
fn both(story: fn(&mut Subscriber, &mut PriPeer), overlap: usize) {
    for framing in [Framing::Whole, Framing::Hdlc] {
        let dir = tempfile::tempdir().unwrap();
        let mut subscriber = Subscriber::listen(dir.path(), framing, overlap > 0);
        let mut peer = PriPeer::start(dir.path(), Side::Network, overlap);
        subscriber.until("the link is up", |subscriber| subscriber.span.link_state() == LinkState::Up);
        peer.wait("up", None, PATIENCE);
        story(&mut subscriber, &mut peer);
        assert_eq!(subscriber.span.calls().count(), 0, "no call is left over");
        assert!(
            (1..=31).filter(|&slot| slot != 16).all(|slot| subscriber.span.channel_state(slot) == ChannelState::Idle)
        );
        assert_eq!(subscriber.complaints, Vec::<String>::new());
    }
}

#[test]
fn twenty_calls_of_the_network_at_once_are_answered_and_cleared_from_either_end() {
    both(
        |subscriber, peer| {
            for id in 1..=20_u8 {
                let channel = if id < 16 { id } else { id + 1 };
                peer.command(&format!("call id={id} channel={channel} to=40080012{id:02} from=139012345{id:02}"));
            }
            for id in 1..=20 {
                subscriber.wait_event(peer, "answered", id);
            }
            let offered = subscriber.setups();
            assert_eq!(offered.len(), 20);
            for (number, (_, channel, setup)) in (1_u8..).zip(&offered) {
                assert_eq!(*channel, Some(if number < 16 { number } else { number + 1 }));
                assert_eq!(setup.to.digits.as_str(), format!("40080012{number:02}"));
                assert_eq!(setup.from.digits.as_str(), format!("139012345{number:02}"));
                assert_eq!(setup.address, Address::Complete);
            }
            for (call, ..) in &offered[..10] {
                subscriber.line(*call, Primitive::Clearing { cause: NORMAL, inband: Inband::Silent });
            }
            for id in 11..=20 {
                peer.command(&format!("hangup id={id} cause=16"));
            }
            for id in 1..=10 {
                assert_eq!(subscriber.wait_event(peer, "clearing", id)["cause"], 16);
            }
            for id in 1..=20 {
                subscriber.wait_event(peer, "released", id);
            }
            subscriber.until("all are released", |subscriber| subscriber.released().len() == 20);
            assert!(subscriber.released().iter().all(|&(_, cause)| cause == NORMAL));
        },
        0,
    );
}

#[test]
fn twenty_calls_of_the_box_at_once_are_answered_and_cleared_from_either_end() {
    both(
        |subscriber, peer| {
            peer.command("incoming do=answer");
            let calls: Vec<CallHandle> =
                (1..=20).map(|id| subscriber.call(setup(&format!("80{id:02}"), "4008001234"))).collect();
            subscriber.until("all are answered", |subscriber| {
                calls.iter().all(|&call| subscriber.told(call, Primitive::Connected))
            });
            for id in 1000..1020 {
                let ring = subscriber.wait_event(peer, "ring", id);
                assert_eq!(ring["to"], format!("80{:02}", id - 999));
                assert_eq!((ring["from"].as_str(), ring["complete"].as_bool()), (Some("4008001234"), Some(true)));
            }
            let channels: std::collections::BTreeSet<_> = calls.iter().map(|&call| subscriber.channel(call)).collect();
            assert_eq!(channels.len(), 20, "each has a channel of its own");
            for &call in &calls[..10] {
                subscriber.line(call, Primitive::Clearing { cause: NORMAL, inband: Inband::Silent });
            }
            for id in 1010..1020 {
                peer.command(&format!("hangup id={id} cause=16"));
            }
            subscriber.until("all are released", |subscriber| subscriber.released().len() == 20);
            for id in 1000..1020 {
                subscriber.wait_event(peer, "released", id);
            }
        },
        0,
    );
}

#[test]
fn digits_one_by_one_make_a_number_at_either_end() {
    both(
        |subscriber, peer| {
            // To the box: it asks for more until its plan has a whole number.
            subscriber.answer = Answer::WhenDigits(10);
            peer.command("call id=1 channel=4 overlap=yes to=4008001234 from=2112345678");
            subscriber.wait_event(peer, "setup_ack", 1);
            subscriber.wait_event(peer, "answered", 1);
            let (call, _, setup) = subscriber.setups().remove(0);
            assert_eq!(setup.address, Address::Open);
            assert_eq!(subscriber.number(call), "4008001234");
            peer.command("hangup id=1");
            subscriber.wait_event(peer, "released", 1);

            // From the box: three digits at first, the rest one by one.
            peer.command("incoming do=answer");
            let mut open = setup_open("800");
            open.from = setup.from;
            let call = subscriber.call(open);
            subscriber.wait_any_event(peer, "ring");
            for digit in ["1", "2", "3"] {
                let digits = digit.parse().unwrap();
                subscriber.line(call, Primitive::Digits { digits, address: Address::Open });
            }
            subscriber.until("it is answered", |subscriber| subscriber.told(call, Primitive::Connected));
            subscriber.line(call, Primitive::Clearing { cause: NORMAL, inband: Inband::Silent });
            subscriber.until("it is released", |subscriber| subscriber.released().iter().any(|&(of, _)| of == call));
            subscriber.wait_event(peer, "released", 1000);
        },
        6,
    );
}

fn setup_open(to: &str) -> ports::call::Setup {
    ports::call::Setup { address: Address::Open, ..setup(to, "") }
}

#[test]
fn a_refused_call_brings_its_cause_to_the_other_end() {
    both(
        |subscriber, peer| {
            subscriber.answer = Answer::Refuse(BUSY);
            peer.command("call id=1 channel=7 to=1 from=2");
            assert_eq!(subscriber.wait_event(peer, "released", 1)["cause"], 17);
            peer.command("incoming do=busy");
            let call = subscriber.call(setup("8001", ""));
            subscriber.until("it is released", |subscriber| subscriber.released().iter().any(|&(of, _)| of == call));
            assert!(subscriber.told(call, Primitive::Clearing { cause: BUSY, inband: Inband::Silent }));
            subscriber.wait_event(peer, "released", 1000);
        },
        0,
    );
}

#[test]
fn a_caller_who_gives_up_while_it_rings_frees_the_channel() {
    both(
        |subscriber, peer| {
            subscriber.answer = Answer::Ring;
            peer.command("call id=1 channel=30 to=1 from=2");
            subscriber.wait_event(peer, "alerting", 1);
            peer.command("hangup id=1 cause=16");
            subscriber.wait_event(peer, "released", 1);
            subscriber.until("it is released", |subscriber| subscriber.released().len() == 1);
            peer.command("incoming do=ring");
            let call = subscriber.call(setup("8001", ""));
            subscriber.until("it rings", |subscriber| {
                subscriber.told(call, Primitive::Alerting(Inband::Silent))
                    || subscriber.told(call, Primitive::Alerting(Inband::Audio))
            });
            subscriber.line(call, Primitive::Clearing { cause: NORMAL, inband: Inband::Silent });
            subscriber.until("it is released", |subscriber| subscriber.released().len() == 2);
            subscriber.wait_event(peer, "released", 1000);
        },
        0,
    );
}

#[test]
fn channels_are_restarted_from_either_end_even_under_a_call() {
    both(
        |subscriber, peer| {
            peer.command("restart channel=3");
            subscriber.wait_any(peer, "restart_ack", 3);
            assert_eq!(std::mem::take(&mut subscriber.restarted), [3]);
            subscriber.restart(21);
            subscriber.until("libpri has answered", |subscriber| subscriber.restarted == [21]);
            subscriber.wait_any(peer, "restart", 21);

            // Q.931 §5.5: a call on a restarted channel is gone.
            peer.command("call id=1 channel=9 to=1 from=2");
            subscriber.wait_event(peer, "answered", 1);
            peer.command("restart channel=9");
            subscriber.until("its call is released", |subscriber| subscriber.released().len() == 1);
            subscriber.until("channel 9 is idle", |subscriber| subscriber.restarted.ends_with(&[9]));
            // libpri keeps its half of the call and clears it: it is told that there is none, and the channel is free for the next.
            peer.command("hangup id=1");
            subscriber.wait_event(peer, "released", 1);
            assert_eq!(subscriber.complaints.len(), 1);
            assert!(subscriber.complaints.remove(0).contains("Disconnect"));
            peer.command("call id=2 channel=9 to=1 from=2");
            subscriber.wait_event(peer, "answered", 2);
            peer.command("hangup id=2");
            subscriber.wait_event(peer, "released", 2);
            subscriber.until("it is released", |subscriber| subscriber.released().len() == 2);
        },
        0,
    );
}

#[test]
fn a_line_that_was_cut_comes_up_again_and_carries_the_next_call() {
    for framing in [Framing::Whole, Framing::Hdlc] {
        let dir = tempfile::tempdir().unwrap();
        let mut subscriber = Subscriber::listen(dir.path(), framing, false);
        for _ in 0..3 {
            let mut peer = PriPeer::start(dir.path(), Side::Network, 0);
            subscriber.until("the link is up", |subscriber| subscriber.span.link_state() == LinkState::Up);
            subscriber.wait_any_event(&mut peer, "up");
            peer.command("call id=1 channel=1 to=1 from=2");
            subscriber.wait_event(&mut peer, "answered", 1);
            peer.command("hangup id=1");
            subscriber.wait_event(&mut peer, "released", 1);
            drop(peer);
            subscriber.until("the link is down", |subscriber| subscriber.span.link_state() == LinkState::Down);
        }
        subscriber.until("all calls are gone", |subscriber| subscriber.span.calls().count() == 0);
    }
}

#[test]
fn the_box_as_the_network_serves_libpri_as_a_private_exchange() {
    let dir = tempfile::tempdir().unwrap();
    let mut network = Subscriber::listen_as(sig_pri::Side::Network, dir.path(), Framing::Whole, false);
    let mut peer = PriPeer::start(dir.path(), Side::User, 0);
    network.until("the link is up", |network| network.span.link_state() == LinkState::Up);
    peer.wait("up", None, PATIENCE);
    peer.command("call id=1 channel=5 to=10086 from=8001");
    network.wait_event(&mut peer, "answered", 1);
    peer.command("incoming do=answer");
    let call = network.call(setup("8001", "13901234567"));
    network.until("it is answered", |network| network.told(call, Primitive::Connected));
    network.line(call, Primitive::Clearing { cause: NORMAL, inband: Inband::Silent });
    peer.command("hangup id=1");
    network.until("both are released", |network| network.released().len() == 2);
    assert_eq!(network.complaints, Vec::<String>::new());
}
