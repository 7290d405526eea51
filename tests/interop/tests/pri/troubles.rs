//! Calls that do not go well, and lines.

use crate::subscriber::{Answer, Subscriber, setup};
use base::Cause;
use interop::PriPeer;
use ports::call::{Inband, Primitive};
use ports::span::Alarms;
use sig_pri::{LinkState, Report};

pub(crate) fn a_refused_call_brings_its_cause_to_the_other_end(subscriber: &mut Subscriber, peer: &mut PriPeer) {
    for (id, cause) in (1..).zip([1, 17, 21, 28, 34, 88]) {
        subscriber.answer = Answer::Refuse(Cause(cause));
        peer.command(&format!("call id={id} channel=7 to=1 from=2"));
        assert_eq!(subscriber.wait_event(peer, "released", id)["cause"], cause);
    }
    // libpri answers and then disconnects, or refuses in one message. For most causes that is a DISCONNECT before any answer,
    // which it never sends (libpri 1.6, `q931_disconnect` of a call that is not `alive`): one of the others stands for them.
    let manners = [("busy", 1), ("busy", 17), ("busy", 21), ("busy", 27), ("refuse", 1)];
    for (ring, (manner, cause)) in (1000..).zip(manners) {
        peer.command(&format!("incoming do={manner} cause={cause}"));
        let call = subscriber.call(setup("8001", ""));
        assert_eq!(subscriber.until_released(call), Cause(cause));
        let clearing = Primitive::Clearing { cause: Cause(cause), inband: Inband::Silent };
        assert!(subscriber.told(call, clearing) || manner == "refuse");
        subscriber.wait_event(peer, "ring", ring);
    }
}

pub(crate) fn a_call_refused_for_its_channel_goes_out_on_another(subscriber: &mut Subscriber, peer: &mut PriPeer) {
    peer.command("incoming do=answer");
    let first = subscriber.call(setup("8001", ""));
    subscriber.until("it is answered", |subscriber| subscriber.told(first, Primitive::Connected));
    let channel = subscriber.channel(first).unwrap();
    subscriber.hang_up(first);
    subscriber.until_released(first);

    // The box hunts as before; libpri does not have that channel.
    peer.command(&format!("taken channel={channel}"));
    let second = subscriber.call(setup("8001", ""));
    subscriber.until("it is answered", |subscriber| subscriber.told(second, Primitive::Connected));
    assert_ne!(subscriber.channel(second), Some(channel));
    let rehunted = |report: &Report| matches!(report, Report::Rehunted { from, .. } if *from == Some(channel));
    assert!(subscriber.reports.iter().any(rehunted), "{:?}", subscriber.reports);
    subscriber.hang_up(second);
    subscriber.until_released(second);
}

pub(crate) fn both_ends_seize_one_channel_and_both_calls_come_up(subscriber: &mut Subscriber, peer: &mut PriPeer) {
    peer.command("incoming do=answer");
    // libpri obeys a command before it reads what the line brought, so the two calls cross.
    peer.command("call id=1 channel=5 preferred=yes to=4008001234 from=8001");
    let ours = subscriber.call_on(Some(5), setup("8001", ""), &[]);
    subscriber.wait_event(peer, "answered", 1);
    subscriber.until("ours is answered", |subscriber| subscriber.told(ours, Primitive::Connected));
    let (theirs, ..) = subscriber.setups().remove(0);
    let kept = if subscriber.line.box_is_network() { ours } else { theirs };
    assert_eq!(subscriber.channel(kept), Some(5), "the network's call keeps the channel");
    assert_ne!(subscriber.channel(ours), subscriber.channel(theirs));
    for call in [ours, theirs] {
        subscriber.hang_up(call);
        subscriber.until_released(call);
    }
}

pub(crate) fn channels_are_restarted_from_either_end_even_under_a_call(
    subscriber: &mut Subscriber,
    peer: &mut PriPeer,
) {
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
}

pub(crate) fn a_restart_of_the_span_ends_its_calls(subscriber: &mut Subscriber, peer: &mut PriPeer) {
    for id in 1..=3 {
        peer.command(&format!("call id={id} channel={id} to=1 from=2"));
        subscriber.wait_event(peer, "answered", id);
    }
    // libpri's last CONNECT ACKNOWLEDGE may still be on its way: it must not cross the restart.
    for (call, ..) in subscriber.setups() {
        subscriber.until_active(call);
    }
    subscriber.restart_all();
    subscriber.until("all calls are released", |subscriber| subscriber.released().len() == 3);
    subscriber.until("all channels are idle", |subscriber| subscriber.restarted.len() == 30);
    for id in 4..=6 {
        peer.command(&format!("call id={id} channel={} to=1 from=2", id - 3));
        subscriber.wait_event(peer, "answered", id);
        peer.command(&format!("hangup id={id}"));
        subscriber.wait_event(peer, "released", id);
    }
}

pub(crate) fn a_short_alarm_leaves_the_active_call_alone(subscriber: &mut Subscriber, peer: &mut PriPeer) {
    peer.command("call id=1 channel=9 to=1 from=2");
    subscriber.wait_event(peer, "answered", 1);
    let (call, ..) = subscriber.setups().remove(0);
    subscriber.alarms(Alarms { loss: true, ..Alarms::default() });
    assert_eq!(subscriber.span.link_state(), LinkState::Down);
    subscriber.alarms(Alarms::default());
    subscriber.until("the link is back", |subscriber| subscriber.span.link_state() == LinkState::Up);
    // The two ends compare: libpri says that the call is active with it, too.
    subscriber.until("libpri has said its state", |subscriber| {
        subscriber.reports.iter().any(|report| matches!(report, Report::Status { state: Some(10), .. }))
    });
    assert_eq!((subscriber.released(), subscriber.span.calls().count()), (vec![], 1));
    peer.command("hangup id=1");
    subscriber.wait_event(peer, "released", 1);
    assert_eq!(subscriber.until_released(call), Cause::NORMAL_CLEARING);
}
