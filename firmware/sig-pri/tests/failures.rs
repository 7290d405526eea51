//! Lines that break, peers that restart, messages that are lost.

mod pair;

use base::Cause;
use pair::{BOTH, NETWORK, Pair, USER, bearers, clearing, released, setup};
use ports::call::{Inband, Primitive, Refusal};
use ports::span::Alarms;
use sig_pri::{ChannelState, LinkState, PriSpan, Side};
use sig_q931::wire::MessageType as M;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const LOSS: Alarms = Alarms { loss: true, remote: false, indication: false };
const CLEAR: Alarms = Alarms { loss: false, remote: false, indication: false };

#[test]
fn a_call_survives_a_line_that_is_back_within_t309() {
    let mut pair = Pair::new();
    let (calls, channel) = pair.answered(USER);
    pair.cut();
    for end in BOTH {
        pair.alarms(end, LOSS);
        assert_eq!(pair.ends[end].link_state(), LinkState::Down);
    }
    // One second is left for SABME to be repeated: one end sees the line before the other.
    pair.pass(88 * SECOND);
    pair.mend();
    for end in BOTH {
        pair.alarms(end, CLEAR);
    }
    pair.pass(30 * SECOND);
    for end in BOTH {
        assert_eq!(pair.ends[end].link_state(), LinkState::Up);
        assert_eq!(pair.ends[end].channel_state(channel), ChannelState::Connected);
        assert!(!pair.heard(end, calls[end]).iter().any(|word| matches!(word, Primitive::Released { .. })));
    }
    assert!(pair.sent[USER].contains(&M::StatusEnquiry), "the ends compare what they think");
}

#[test]
fn a_call_ends_with_27_when_the_line_stays_away_for_t309() {
    let mut pair = Pair::new();
    let (calls, _) = pair.answered(USER);
    pair.cut();
    for end in BOTH {
        pair.alarms(end, LOSS);
    }
    pair.pass(90 * SECOND);
    for end in BOTH {
        assert_eq!(pair.heard(end, calls[end]).last(), Some(&released(Cause::DESTINATION_OUT_OF_ORDER)));
    }
    pair.assert_idle();
}

#[test]
fn frames_that_come_behind_an_alarm_do_not_bring_the_link_up() {
    let mut pair = Pair::new();
    for alarms in [LOSS, Alarms { remote: true, ..CLEAR }, Alarms { indication: true, ..CLEAR }] {
        pair.alarms(USER, alarms);
        pair.pass(20 * SECOND);
        for end in BOTH {
            assert_eq!(pair.ends[end].link_state(), LinkState::Down, "{alarms:?}");
            assert_eq!(pair.ends[end].call(pair.now, setup("1"), None), Err(Refusal::OutOfService));
        }
        pair.alarms(USER, CLEAR);
        pair.pass(5 * SECOND);
        assert_eq!(pair.ends.each_ref().map(|end| end.link_state()), [LinkState::Up; 2], "{alarms:?}");
    }
}

#[test]
fn an_alarm_is_not_needed_to_notice_that_the_line_is_dead() {
    let mut pair = Pair::new();
    let (calls, _) = pair.answered(USER);
    pair.cut();
    // T203, three enquiries, four SABMEs, and T309.
    pair.pass(Duration::from_secs(10 + 3 + 4 + 90));
    for end in BOTH {
        assert_eq!(pair.heard(end, calls[end]).last(), Some(&released(Cause::DESTINATION_OUT_OF_ORDER)));
        assert_eq!(pair.links[end].last(), Some(&LinkState::Down));
        let downs = pair.links[end].iter().filter(|&&state| state == LinkState::Down).count();
        assert_eq!(downs, 1, "one alarm for one failure, however often the link is tried again");
    }
    pair.mend();
    pair.pass(10 * SECOND);
    assert_eq!(pair.ends.each_ref().map(|end| end.link_state()), [LinkState::Up; 2]);
}

#[test]
fn calls_that_are_being_set_up_end_with_the_link() {
    let mut pair = Pair::new();
    let ours = pair.call(USER, setup("10086"), None);
    pair.settle();
    let (theirs, ..) = pair.offered(NETWORK);
    pair.say(NETWORK, theirs, Primitive::Alerting(Inband::Silent));
    for end in BOTH {
        pair.alarms(end, LOSS);
    }
    for (end, call) in [(USER, ours), (NETWORK, theirs)] {
        assert!(matches!(pair.heard(end, call).last(), Some(Primitive::Released { .. })));
        assert_eq!(pair.calls(end), 0, "for the models they are over");
    }
    assert_eq!(pair.ends[USER].call(pair.now, setup("1"), None), Err(Refusal::OutOfService));
    for end in BOTH {
        pair.alarms(end, CLEAR);
    }
    pair.pass(5 * SECOND);
    pair.assert_idle();
}

/// The called end takes another channel than asked for; the answer that says so is lost with the link.
#[test]
fn a_channel_that_was_told_in_vain_is_told_again() {
    let mut pair = Pair::new();
    pair.ends[NETWORK].block(31);
    let ours = pair.call(USER, setup("10086"), Some(31));
    pair.settle();
    let (theirs, channel, _) = pair.offered(NETWORK);
    assert_ne!(channel, 31);
    pair.cut();
    pair.say(NETWORK, theirs, Primitive::Proceeding);
    // The frame is repeated in vain (N200); the link is established anew before it is given up.
    pair.pass(Duration::from_millis(4500));
    pair.mend();
    pair.pass(SECOND);
    pair.say(NETWORK, theirs, Primitive::Connected);
    let connected = pair.told[USER].iter().find(|word| word.call == ours && word.primitive == Primitive::Connected);
    assert_eq!(connected.map(|word| word.channel), Some(Some(channel)), "both ends talk on one channel");
}

/// Nothing passes for as long as one end needs to notice it, and not for as long as the other needs.
#[test]
fn a_hang_up_that_the_line_swallowed_reaches_a_peer_that_noticed_nothing() {
    for end in BOTH {
        let peer = 1 - end;
        let mut pair = Pair::new();
        let (calls, _) = pair.answered(end);
        pair.cut();
        pair.say(end, calls[end], clearing(Cause::NORMAL_CLEARING));
        // DISCONNECT is repeated and the link established anew, in vain, four times each (N200); the peer's T203 is longer.
        pair.pass(Duration::from_millis(8500));
        assert!(matches!(pair.heard(end, calls[end]).last(), Some(Primitive::Released { .. })));
        assert_eq!(pair.calls(peer), 1, "the peer has noticed nothing");
        pair.mend();
        pair.pass(10 * SECOND);
        assert!(matches!(pair.heard(peer, calls[peer]).last(), Some(Primitive::Released { .. })));
        pair.assert_idle();
    }
}

#[test]
fn a_call_hung_up_while_the_line_is_away_ends_at_the_other_side_when_it_is_back() {
    let mut pair = Pair::new();
    let (calls, channel) = pair.answered(USER);
    pair.cut();
    for end in BOTH {
        pair.alarms(end, LOSS);
    }
    pair.say(USER, calls[USER], clearing(Cause::NORMAL_CLEARING));
    assert_eq!(
        pair.heard(USER, calls[USER]).last(),
        Some(&released(Cause::NORMAL_CLEARING)),
        "the model need not wait"
    );
    assert_eq!(pair.ends[USER].channel_state(channel), ChannelState::Clearing, "the channel has to");
    pair.pass(20 * SECOND);
    pair.mend();
    for end in BOTH {
        pair.alarms(end, CLEAR);
    }
    pair.pass(5 * SECOND);
    assert_eq!(pair.heard(NETWORK, calls[NETWORK]).last(), Some(&released(Cause::NORMAL_CLEARING)));
    let ends = pair.heard(USER, calls[USER]).iter().filter(|word| matches!(word, Primitive::Released { .. })).count();
    assert_eq!(ends, 1, "nothing follows Released");
    pair.assert_idle();
}

#[test]
fn a_peer_that_was_started_anew_loses_its_calls_at_our_side_too() {
    let mut pair = Pair::new();
    let (calls, _) = pair.answered(NETWORK);
    *pair.ends[NETWORK] = PriSpan::standard(Side::Network);
    pair.ends[NETWORK].start(pair.now);
    pair.settle();
    pair.pass(SECOND);
    assert!(matches!(pair.heard(USER, calls[USER]).last(), Some(Primitive::Released { .. })));
    pair.assert_idle();
}

#[test]
fn a_box_that_was_started_anew_is_asked_for_its_calls_and_has_none() {
    let mut pair = Pair::new();
    let (calls, channel) = pair.answered(USER);
    *pair.ends[USER] = PriSpan::standard(Side::User);
    pair.ends[USER].start(pair.now);
    pair.settle();
    assert!(matches!(pair.heard(NETWORK, calls[NETWORK]).last(), Some(Primitive::Released { .. })));
    assert_eq!(pair.ends[NETWORK].channel_state(channel), ChannelState::Idle);
}

#[test]
fn restart_of_a_channel_ends_its_call_at_both_ends_and_no_other() {
    for end in BOTH {
        let mut pair = Pair::new();
        let (kept, kept_channel) = pair.answered(USER);
        let (calls, channel) = pair.answered(USER);
        pair.ends[end].restart(pair.now, channel);
        assert_eq!(pair.ends[end].channel_state(channel), ChannelState::OutOfService, "not before the answer");
        pair.settle();
        for end in BOTH {
            assert_eq!(pair.heard(end, calls[end]).last(), Some(&released(Cause::TEMPORARY_FAILURE)));
            assert_eq!(pair.restarted[end], [channel]);
            assert_eq!(pair.ends[end].channel_state(channel), ChannelState::Idle);
            assert_eq!(pair.ends[end].channel_state(kept_channel), ChannelState::Connected);
            assert!(!pair.heard(end, kept[end]).iter().any(|word| matches!(word, Primitive::Released { .. })));
        }
    }
}

#[test]
fn restart_of_the_span_ends_everything() {
    for end in BOTH {
        let mut pair = Pair::new();
        let calls: Vec<_> = (0..30).map(|n| pair.answered(n % 2).0).collect();
        pair.ends[end].restart_all(pair.now);
        pair.settle();
        for end in BOTH {
            assert!(
                calls.iter().all(|call| pair.heard(end, call[end]).last() == Some(&released(Cause::TEMPORARY_FAILURE)))
            );
            assert!(pair.restarted[end].iter().copied().eq(bearers()));
        }
        pair.assert_idle();
        assert_eq!(pair.sent[end].iter().filter(|&&kind| kind == M::Restart).count(), 1);
    }
}

#[test]
fn a_restart_under_way_when_the_line_goes_is_sent_again_when_it_is_back() {
    let mut pair = Pair::new();
    pair.cut();
    pair.ends[USER].restart(pair.now, 5);
    for end in BOTH {
        pair.alarms(end, LOSS);
    }
    pair.mend();
    for end in BOTH {
        pair.alarms(end, CLEAR);
    }
    pair.pass(2 * SECOND);
    assert_eq!(pair.restarted, [vec![5], vec![5]], "without waiting for T316");
    pair.assert_idle();
}

#[test]
fn a_lost_frame_delays_a_call_and_does_not_change_it() {
    for lost in 0..12 {
        let mut pair = Pair::new();
        let ours = pair.call(USER, setup("10086"), None);
        let mut seen = 0;
        let mut answered = false;
        for _ in 0..200 {
            for end in BOTH {
                pair.collect();
                if !pair.line[end].is_empty() && seen == lost {
                    pair.line[end].pop_front();
                }
                seen += usize::from(!pair.line[end].is_empty() || seen == lost);
                pair.step(end);
            }
            let offered = pair.told[NETWORK].iter().find(|word| matches!(word.primitive, Primitive::Setup(_))).copied();
            if let (Some(word), false) = (offered, answered) {
                answered = true;
                pair.ends[NETWORK].line(pair.now, word.call, Primitive::Alerting(Inband::Silent));
                pair.ends[NETWORK].line(pair.now, word.call, Primitive::Connected);
            }
            pair.collect();
            if pair.line.iter().all(std::collections::VecDeque::is_empty) {
                pair.expire();
            }
        }
        pair.settle();
        let heard = pair.heard(USER, ours);
        assert_eq!(heard, [Primitive::Alerting(Inband::Silent), Primitive::Connected], "frame {lost} lost");
    }
}
