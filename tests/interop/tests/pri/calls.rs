//! Calls that go well.

use crate::subscriber::{Answer, Subscriber, setup, setup_open};
use base::Cause;
use interop::PriPeer;
use ports::call::{Address, Inband, Primitive};
use sig_pri::CallHandle;

pub(crate) fn twenty_calls_of_libpri_at_once(subscriber: &mut Subscriber, peer: &mut PriPeer) {
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
        subscriber.until_active(*call);
        subscriber.hang_up(*call);
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
    assert!(subscriber.released().iter().all(|&(_, cause)| cause == Cause::NORMAL_CLEARING));
}

pub(crate) fn twenty_calls_of_the_box_at_once(subscriber: &mut Subscriber, peer: &mut PriPeer) {
    peer.command("incoming do=answer");
    let calls: Vec<CallHandle> =
        (1..=20).map(|id| subscriber.call(setup(&format!("80{id:02}"), "4008001234"))).collect();
    subscriber
        .until("all are answered", |subscriber| calls.iter().all(|&call| subscriber.told(call, Primitive::Connected)));
    for id in 1000..1020 {
        let ring = subscriber.wait_event(peer, "ring", id);
        assert_eq!(ring["to"], format!("80{:02}", id - 999));
        assert_eq!((ring["from"].as_str(), ring["complete"].as_bool()), (Some("4008001234"), Some(true)));
    }
    let channels: std::collections::BTreeSet<_> = calls.iter().map(|&call| subscriber.channel(call)).collect();
    assert_eq!(channels.len(), 20, "each has a channel of its own");
    for &call in &calls[..10] {
        subscriber.hang_up(call);
    }
    for id in 1010..1020 {
        peer.command(&format!("hangup id={id} cause=16"));
    }
    subscriber.until("all are released", |subscriber| subscriber.released().len() == 20);
    for id in 1000..1020 {
        subscriber.wait_event(peer, "released", id);
    }
}

pub(crate) fn digits_one_by_one_make_a_number_at_either_end(subscriber: &mut Subscriber, peer: &mut PriPeer) {
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
        subscriber.word(call, Primitive::Digits { digits, address: Address::Open });
    }
    subscriber.until("it is answered", |subscriber| subscriber.told(call, Primitive::Connected));
    subscriber.hang_up(call);
    subscriber.until_released(call);
    subscriber.wait_event(peer, "released", 1000);
}

pub(crate) fn a_caller_who_gives_up_while_it_rings_frees_the_channel(subscriber: &mut Subscriber, peer: &mut PriPeer) {
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
    subscriber.hang_up(call);
    subscriber.until_released(call);
    subscriber.wait_event(peer, "released", 1000);
}

/// Half of them from either end, and hung up by either end in turn.
pub(crate) fn a_thousand_calls_in_a_row(subscriber: &mut Subscriber, peer: &mut PriPeer) {
    peer.command("incoming do=answer");
    for (round, theirs) in (0..500).zip(1000..) {
        let call = subscriber.call(setup("8001", "4008001234"));
        subscriber.until("it is answered", |subscriber| subscriber.told(call, Primitive::Connected));
        if round % 2 == 0 {
            subscriber.hang_up(call);
        } else {
            peer.command(&format!("hangup id={theirs}"));
        }
        assert_eq!(subscriber.until_released(call), Cause::NORMAL_CLEARING, "call {round} of the box");

        let channel = 1 + round % 15;
        peer.command(&format!("call id=1 channel={channel} to=4008001234 from=8001"));
        subscriber.wait_event(peer, "answered", 1);
        let (call, ..) = subscriber.setups().remove(0);
        if round % 2 == 0 {
            peer.command("hangup id=1");
        } else {
            subscriber.until_active(call);
            subscriber.hang_up(call);
        }
        subscriber.wait_event(peer, "released", 1);
        assert_eq!(subscriber.until_released(call), Cause::NORMAL_CLEARING, "call {round} of libpri");
        subscriber.forget_the_past();
        peer.forget_the_past();
    }
}
