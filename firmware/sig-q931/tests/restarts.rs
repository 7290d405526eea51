//! Restarts of channels and of the interface as they go on, both ends asking (Q.931 §5.5).

use base::Instant;
use sig_q931::{Action, ChannelState, Interface, LinkState, Parameters, Report, Side};

const SIDES: [Side; 2] = [Side::User, Side::Network];

/// One end; the test is the other.
struct End {
    interface: Interface,
    now: Instant,
    /// Timeslots that were restarted, and that were given up.
    free: Vec<u8>,
    given_up: Vec<u8>,
}

impl End {
    fn new(side: Side) -> Self {
        let interface = Interface::new(side, Parameters::china(side));
        let mut end = Self { interface, now: Instant::ZERO, free: vec![], given_up: vec![] };
        end.interface.handle_link(end.now, LinkState::Up);
        end
    }

    /// What is asked and answered: 0 is the interface.
    fn sent(&mut self) -> Vec<(&'static str, u8)> {
        let mut sent = vec![];
        while let Some(action) = self.interface.poll_action() {
            match action {
                Action::Transmit(octets) => match octets.as_slice() {
                    [8, 2, 0, 0, 0x46, 0x18, 3, 0xA9, 0x83, slot, 0x79, 1, 0x80] => sent.push(("RESTART", slot & 0x7F)),
                    [8, 2, 0, 0, 0x46, 0x79, 1, 0x86] => sent.push(("RESTART", 0)),
                    [8, 2, 0x80, 0, 0x4E, 0x18, 3, 0xA9, 0x83, slot, 0x79, 1, 0x80] => sent.push(("ACK", slot & 0x7F)),
                    other => panic!("{other:02x?}"),
                },
                Action::ChannelRestarted(timeslot) => self.free.push(timeslot),
                Action::Report(Report::OutOfService(timeslot)) => self.given_up.push(timeslot),
                Action::Report(_) | Action::Line { .. } => {}
            }
        }
        sent
    }

    fn restart(&mut self, timeslots: &[u8]) {
        for &timeslot in timeslots {
            self.interface.restart(self.now, timeslot);
        }
    }

    /// The peer's RESTART for one channel, or its answer to ours.
    fn hear(&mut self, head: [u8; 5], timeslot: u8) {
        let elements = [0x18, 3, 0xA9, 0x83, 0x80 | timeslot, 0x79, 1, 0x80];
        self.interface.handle_message(self.now, &[&head[..], &elements].concat());
    }

    fn asked(&mut self, timeslot: u8) {
        self.hear([8, 2, 0, 0, 0x46], timeslot);
    }

    fn answered(&mut self, timeslot: u8) {
        self.hear([8, 2, 0x80, 0, 0x4E], timeslot);
    }

    /// T316.
    fn expire(&mut self) {
        self.now = self.interface.deadline().expect("T316 runs");
        self.interface.handle_timeout(self.now);
    }

    fn is_idle(&self, timeslot: u8) -> bool {
        self.interface.channel_state(timeslot) == ChannelState::Idle
    }
}

#[test]
fn restarts_go_one_by_one_and_a_channel_without_answer_holds_up_the_others_for_one_t316_only() {
    for side in SIDES {
        let mut end = End::new(side);
        end.restart(&[3, 5, 9]);
        assert_eq!(end.sent(), [("RESTART", 3)], "no other before the answer");
        end.answered(3);
        assert_eq!(end.sent(), [("RESTART", 5)]);
        assert!(end.is_idle(3) && !end.is_idle(5) && !end.is_idle(9), "what waits is not used either");
        end.expire();
        assert_eq!(end.sent(), [("RESTART", 9)], "the next in turn");
        end.answered(9);
        assert_eq!(end.sent(), [("RESTART", 5)]);
        end.answered(5);
        assert_eq!((end.sent(), end.free.as_slice()), (vec![], &[3, 9, 5][..]));
        assert_eq!(end.interface.deadline(), None);
    }
}

#[test]
fn a_channel_that_both_ends_restart_is_free_when_both_are_done() {
    for side in SIDES {
        let mut end = End::new(side);
        end.restart(&[7]);
        end.asked(7);
        assert_eq!(end.sent(), [("RESTART", 7), ("ACK", 7)]);
        assert!(!end.is_idle(7), "ours is still under way");
        end.answered(7);
        assert_eq!((end.sent(), end.is_idle(7), end.free.as_slice()), (vec![], true, &[7][..]));
    }
}

#[test]
fn a_restart_that_waits_is_needless_when_the_peer_restarts_the_channel() {
    let mut end = End::new(Side::Network);
    end.restart(&[7, 8]);
    end.asked(8);
    assert_eq!(end.sent(), [("RESTART", 7), ("ACK", 8)]);
    end.answered(7);
    assert_eq!((end.sent(), end.is_idle(8)), (vec![], true));
}

#[test]
fn a_channel_that_the_network_gave_up_is_taken_back_by_the_peer_by_the_owner_and_by_a_new_link() {
    let given_up = || {
        let mut end = End::new(Side::Network);
        end.restart(&[4]);
        end.expire();
        end.expire();
        assert_eq!(end.sent(), [("RESTART", 4), ("RESTART", 4)]);
        assert_eq!((end.given_up.as_slice(), end.interface.deadline()), (&[4][..], None));
        assert!(!end.is_idle(4));
        end
    };
    let mut end = given_up();
    end.answered(4);
    assert!(!end.is_idle(4), "an answer to nothing");
    end.asked(4);
    assert_eq!((end.sent(), end.is_idle(4)), (vec![("ACK", 4)], true), "the peer lives again");
    let mut end = given_up();
    end.interface.set_out_of_service(4, false);
    assert!(end.is_idle(4), "the owner says so");
    let mut end = given_up();
    end.interface.handle_link(end.now, LinkState::Down);
    end.interface.handle_link(end.now, LinkState::Up);
    assert_eq!((end.sent(), end.is_idle(4)), (vec![("RESTART", 4)], false), "asked anew");
}

#[test]
fn a_blocked_channel_stays_blocked_whatever_restarts_it() {
    let blocked = |side| {
        let mut end = End::new(side);
        end.interface.set_out_of_service(5, true);
        assert_eq!(end.interface.channel_state(5), ChannelState::Blocked);
        end
    };
    for side in SIDES {
        let mut end = blocked(side);
        end.restart(&[5]);
        end.answered(5);
        assert_eq!((end.sent(), end.free.as_slice()), (vec![("RESTART", 5)], &[5][..]));
        assert_eq!(end.interface.channel_state(5), ChannelState::Blocked, "our restart");
        end.asked(5);
        assert_eq!(end.interface.channel_state(5), ChannelState::Blocked, "the peer's");
        end.interface.restart_all(end.now);
        assert_eq!(end.interface.channel_state(5), ChannelState::Blocked, "the interface's");
        end.interface.handle_message(end.now, &[8, 2, 0x80, 0, 0x4E, 0x79, 1, 0x86]);
        end.interface.set_out_of_service(5, false);
        assert!(end.is_idle(5), "the owner's word ends it");

        let mut end = blocked(side);
        end.restart(&[5]);
        end.interface.set_out_of_service(5, false);
        assert!(!end.is_idle(5), "a restart that goes on is not ended by the owner");
        end.answered(5);
        assert!(end.is_idle(5));
    }
}

#[test]
fn what_the_peer_leaves_out_of_a_restart_of_the_interface_is_asked_for_channel_by_channel() {
    for side in SIDES {
        let mut end = End::new(side);
        end.restart(&[30]);
        end.interface.restart_all(end.now);
        assert_eq!(end.sent(), [("RESTART", 30)], "the interface waits its turn");
        end.answered(30);
        assert_eq!(end.sent(), [("RESTART", 0)]);
        // All but 2 and 31.
        let map = [0x18, 6, 0xA9, 0x93, 0x7F, 0xFE, 0xFF, 0xFA, 0x79, 1, 0x80];
        end.interface.handle_message(end.now, &[&[8, 2, 0x80, 0, 0x4E][..], &map].concat());
        assert_eq!(end.sent(), [("RESTART", 31)]);
        end.answered(31);
        assert_eq!(end.sent(), [("RESTART", 2)]);
        assert!(end.is_idle(31) && !end.is_idle(2));
    }
}
