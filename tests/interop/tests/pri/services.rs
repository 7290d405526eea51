//! What goes beside a call: numbers, names, texts, hold.

use crate::subscriber::{Subscriber, setup};
use interop::{PriPeer, Switch};
use ports::call::{Detail, Number, Primitive, RedirectReason, Text, UserData};

pub(crate) fn who_diverted_and_who_answered_is_told(subscriber: &mut Subscriber, peer: &mut PriPeer) {
    peer.command("call id=1 channel=4 to=4008001234 from=8001 diverted=8009");
    subscriber.wait_event(peer, "answered", 1);
    let (call, _, offered) = subscriber.setups().remove(0);
    subscriber.until_active(call);
    assert_eq!(offered.redirecting.map(|number| number.digits), Some("8009".parse().unwrap()));
    assert!(subscriber.details().contains(&Detail::RedirectReason(RedirectReason::Busy)), "{:?}", subscriber.details());
    subscriber.hang_up(call);
    subscriber.until_released(call);

    peer.command("incoming do=answer connected=8005");
    let redirecting = Some(Number::unknown("8010".parse().unwrap()));
    let diverted = ports::call::Setup { redirecting, ..setup("8001", "4008001234") };
    let call = subscriber.call_on(None, diverted, &[Detail::RedirectReason(RedirectReason::NoReply)]);
    let ring = subscriber.wait_any_event(peer, "ring");
    assert_eq!((ring["diverted"].as_str(), ring["reason"].as_u64()), (Some("8010"), Some(2)));
    subscriber.until("it is answered", |subscriber| subscriber.told(call, Primitive::Connected));
    let connected = subscriber.details().into_iter().find_map(|detail| match detail {
        Detail::ConnectedNumber(number) => Some(number.digits),
        _ => None,
    });
    assert_eq!(connected, Some("8005".parse().unwrap()));
    subscriber.hang_up(call);
    subscriber.until_released(call);
}

pub(crate) fn users_tell_each_other_something(subscriber: &mut Subscriber, peer: &mut PriPeer) {
    peer.command("call id=1 channel=4 to=4008001234 from=8001 uui=account-4711");
    subscriber.wait_event(peer, "answered", 1);
    let (call, ..) = subscriber.setups().remove(0);
    subscriber.until_active(call);
    let told = subscriber.details().into_iter().find_map(|detail| match detail {
        Detail::UserData(data) => Some(data.octets().to_vec()),
        _ => None,
    });
    assert_eq!(told.as_deref(), Some(b"account-4711".as_slice()));
    subscriber.hang_up(call);
    subscriber.until_released(call);

    let data = Detail::UserData(UserData::new(4, b"queue-7").unwrap());
    let call = subscriber.call_on(None, setup("8001", "4008001234"), &[data]);
    assert_eq!(subscriber.wait_any_event(peer, "ring")["uui"], "queue-7");
    subscriber.until_active(call);
    subscriber.hang_up(call);
    subscriber.until_released(call);
}

/// In a public network the network alone displays, in a private one both ends.
pub(crate) fn a_name_is_displayed(subscriber: &mut Subscriber, peer: &mut PriPeer) {
    let line = subscriber.line;
    peer.command("call id=1 channel=4 to=4008001234 from=8001 name=Wang");
    subscriber.wait_event(peer, "answered", 1);
    let (call, ..) = subscriber.setups().remove(0);
    subscriber.until_active(call);
    let shown: Vec<String> = subscriber.details().into_iter().filter_map(shown).collect();
    assert_eq!(shown, ["Wang"]);
    subscriber.hang_up(call);
    subscriber.until_released(call);

    let call = subscriber.call_on(None, setup("8001", "8002"), &[Detail::Display(Text::new(b"Li"))]);
    let name = subscriber.wait_any_event(peer, "ring")["name"].clone();
    subscriber.until_active(call);
    match (line.switch, line.box_is_network()) {
        (Switch::EuroIsdn, false) => assert_eq!(name, "", "a customer displays nothing"),
        (Switch::EuroIsdn, true) | (Switch::Qsig, _) => assert_eq!(name, "Li"),
    }
    subscriber.hang_up(call);
    subscriber.until_released(call);
}

fn shown(detail: Detail) -> Option<String> {
    match detail {
        Detail::Display(text) => Some(text.as_str().to_owned()),
        _ => None,
    }
}

/// Where the profile offers hold; elsewhere it is rejected, and the call goes on.
pub(crate) fn a_call_is_held_and_taken_back_by_either_end(subscriber: &mut Subscriber, peer: &mut PriPeer) {
    let offered = subscriber.line.profile.user.hold == sig_q931::HoldService::Offered;
    peer.command("call id=1 channel=4 to=4008001234 from=8001");
    subscriber.wait_event(peer, "answered", 1);
    let (call, ..) = subscriber.setups().remove(0);
    subscriber.until_active(call);
    peer.command("hold id=1");
    if offered {
        subscriber.wait_event(peer, "hold_ack", 1);
        assert!(subscriber.told(call, Primitive::Held));
        peer.command("retrieve id=1");
        subscriber.wait_event(peer, "retrieve_ack", 1);
        assert!(subscriber.told(call, Primitive::Retrieved));
        subscriber.word(call, Primitive::Held);
        subscriber.wait_event(peer, "hold", 1);
        // Not before libpri's HOLD ACKNOWLEDGE is here, which the call model is not told of.
        subscriber.until("taken back", |subscriber| {
            subscriber.word(call, Primitive::Retrieved);
            peer.take(|event| event["event"] == "retrieve").is_some()
        });
    } else {
        subscriber.wait_event(peer, "hold_rej", 1);
        assert!(!subscriber.told(call, Primitive::Held));
    }
    peer.command("hangup id=1");
    subscriber.wait_event(peer, "released", 1);
    subscriber.until_released(call);
}

/// libpri has NOTIFY in public networks alone.
pub(crate) fn a_far_party_that_holds_is_notified(subscriber: &mut Subscriber, peer: &mut PriPeer) {
    peer.command("call id=1 channel=4 to=4008001234 from=8001");
    subscriber.wait_event(peer, "answered", 1);
    let (call, ..) = subscriber.setups().remove(0);
    subscriber.until_active(call);
    peer.command("notify id=1 info=121");
    subscriber.until("it holds", |subscriber| subscriber.told(call, Primitive::Held));
    peer.command("notify id=1 info=122");
    subscriber.until("it is back", |subscriber| subscriber.told(call, Primitive::Retrieved));
    subscriber.hang_up(call);
    subscriber.until_released(call);
}
