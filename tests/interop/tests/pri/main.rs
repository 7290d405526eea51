//! The box's signaling against libpri: on each of five kinds of line each story is told, so that cargo's count of tests is the count of
//! scenarios. libpri is the network or the customer, EuroISDN or QSIG, [`sig_pri::PriSpan`] the other end, a lab card's sockets the
//! line. Real time, every wait bounded.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
mod calls;
mod services;
mod subscriber;
mod troubles;

use interop::{PriPeer, Side, Switch};
use sig_pri::{ChannelState, LinkState, Profile};
use subscriber::{Framing, Line, Subscriber};

const EURO_NETWORK: Line =
    Line { libpri: Side::Network, switch: Switch::EuroIsdn, profile: &Profile::EURO_ISDN, framing: Framing::Whole };
const EURO_CUSTOMER: Line = Line { libpri: Side::User, ..EURO_NETWORK };
const QSIG_NETWORK: Line = Line { switch: Switch::Qsig, profile: &Profile::QSIG, ..EURO_NETWORK };
const QSIG_CUSTOMER: Line = Line { libpri: Side::User, ..QSIG_NETWORK };
/// The profile that the box has by itself, its frames through software HDLC both ways.
const CHINA_HDLC: Line = Line { profile: &Profile::CHINA, framing: Framing::Hdlc, ..EURO_NETWORK };

/// Tells a story on one line, whose link is up at its beginning and which is idle at its end.
fn tell(line: Line, overlap: usize, story: fn(&mut Subscriber, &mut PriPeer)) {
    let dir = tempfile::tempdir().unwrap();
    let mut subscriber = Subscriber::listen(dir.path(), line, overlap > 0);
    let mut peer = PriPeer::start_as(dir.path(), line.libpri, line.switch, overlap);
    subscriber.until("the link is up", |subscriber| subscriber.span.link_state() == LinkState::Up);
    subscriber.wait_any_event(&mut peer, "up");
    story(&mut subscriber, &mut peer);
    subscriber.until("no call is left over", |subscriber| subscriber.span.calls().count() == 0);
    assert!((1..=31).filter(|&slot| slot != 16).all(|slot| subscriber.span.channel_state(slot) == ChannelState::Idle));
    assert_eq!(subscriber.complaints, Vec::<String>::new());
}

/// A test for each story on each line.
macro_rules! stories {
    ($($module:ident::$story:ident($overlap:literal) on $lines:ident;)*) => {
        $(mod $story {
            stories!(@ $lines crate::$module::$story, $overlap);
        })*
    };
    (@ every_line $story:path, $overlap:literal) => {
        stories!(@ public_lines $story, $overlap);
        #[test]
        fn libpri_as_a_private_network() {
            super::tell(super::QSIG_NETWORK, $overlap, $story);
        }
        #[test]
        fn libpri_as_a_private_exchange() {
            super::tell(super::QSIG_CUSTOMER, $overlap, $story);
        }
    };
    (@ public_lines $story:path, $overlap:literal) => {
        #[test]
        fn libpri_as_a_public_network() {
            super::tell(super::EURO_NETWORK, $overlap, $story);
        }
        #[test]
        fn libpri_as_its_customer() {
            super::tell(super::EURO_CUSTOMER, $overlap, $story);
        }
        #[test]
        fn libpri_behind_software_hdlc() {
            super::tell(super::CHINA_HDLC, $overlap, $story);
        }
    };
}

stories! {
    calls::twenty_calls_of_libpri_at_once(0) on every_line;
    calls::twenty_calls_of_the_box_at_once(0) on every_line;
    calls::digits_one_by_one_make_a_number_at_either_end(6) on every_line;
    calls::a_caller_who_gives_up_while_it_rings_frees_the_channel(0) on every_line;
    calls::a_thousand_calls_in_a_row(0) on every_line;
    services::who_diverted_and_who_answered_is_told(0) on every_line;
    services::users_tell_each_other_something(0) on every_line;
    services::a_name_is_displayed(0) on every_line;
    services::a_call_is_held_and_taken_back_by_either_end(0) on every_line;
    services::a_far_party_that_holds_is_notified(0) on public_lines;
    troubles::a_refused_call_brings_its_cause_to_the_other_end(0) on every_line;
    troubles::a_call_refused_for_its_channel_goes_out_on_another(0) on every_line;
    troubles::both_ends_seize_one_channel_and_both_calls_come_up(0) on every_line;
    troubles::channels_are_restarted_from_either_end_even_under_a_call(0) on every_line;
    troubles::a_restart_of_the_span_ends_its_calls(0) on every_line;
    troubles::a_short_alarm_leaves_the_active_call_alone(0) on every_line;
}

#[test]
fn a_line_that_was_cut_comes_up_again_and_carries_the_next_call() {
    for line in [EURO_NETWORK, QSIG_CUSTOMER, CHINA_HDLC] {
        let dir = tempfile::tempdir().unwrap();
        let mut subscriber = Subscriber::listen(dir.path(), line, false);
        for _ in 0..3 {
            let mut peer = PriPeer::start_as(dir.path(), line.libpri, line.switch, 0);
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
