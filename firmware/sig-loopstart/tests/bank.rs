//! Thirty lines on a channel bank: two banks joined by the signaling bits of an E1.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
mod joint;

use base::{Cause, Instant};
use joint::{clearing, country, ms, number, released, setup};
use ports::call::{Detail, Primitive, Refusal, Setup, Text};
use ports::span::{Abcd, Alarms};
use sig_loopstart::{
    Action, Attachment, BadLine, CallHandle, CallerIdWait, ChannelState, DialStart, FxoSettings, FxsSettings, Hook,
    LineBank, LineSettings, LineState, Order, bank,
};

const BOX: usize = 0;
const EXCHANGE: usize = 1;

struct Banks {
    now: Instant,
    ends: [Box<LineBank>; 2],
    told: [Vec<(CallHandle, u8, Primitive)>; 2],
    /// Bits as they stand on the line, towards each end.
    bits: [[Option<Abcd>; 32]; 2],
    states: [Vec<(u8, ChannelState)>; 2],
    orders: [Vec<Order>; 2],
}

fn timeslots() -> impl Iterator<Item = u8> {
    (1..=31).filter(|&slot| slot != 16)
}

impl Banks {
    fn new() -> Self {
        let mut ends = [(); 2].map(|()| Box::new(LineBank::new(Attachment::ChannelBank)));
        for slot in timeslots() {
            let mut fxo = FxoSettings::new(country("cn"), number("62345678"));
            fxo.caller_id = CallerIdWait::No;
            fxo.dial_start = DialStart::Blind(ms(500));
            ends[BOX].add(slot, LineSettings::Fxo(fxo)).unwrap();
            let mut fxs = FxsSettings::new(country("cn"), number("62345678"));
            fxs.names_callers = false;
            ends[EXCHANGE].add(slot, LineSettings::Fxs(fxs)).unwrap();
        }
        let told = Default::default();
        let (states, orders) = (Default::default(), Default::default());
        let mut banks = Self { now: Instant::ZERO, ends, told, bits: [[None; 32]; 2], states, orders };
        banks.collect();
        banks
    }

    fn collect(&mut self) {
        // What one end does may make the other act at once: the bits cross until nothing changes.
        for _ in 0..100 {
            let mut is_quiet = true;
            for end in [BOX, EXCHANGE] {
                while let Some(action) = self.ends[end].poll_action() {
                    is_quiet = false;
                    match action {
                        Action::Cas { timeslot, bits } => {
                            self.bits[1 - end][usize::from(timeslot)] = Some(bits);
                            self.ends[1 - end].handle_cas(self.now, timeslot, bits);
                        }
                        Action::Line { call, channel, primitive } => {
                            self.told[end].push((call, channel.unwrap(), primitive));
                        }
                        Action::ChannelState { channel, state } => self.states[end].push((channel, state)),
                        Action::Do { order, .. } => self.orders[end].push(order),
                        Action::Report { .. } => {}
                    }
                }
            }
            if is_quiet {
                return;
            }
        }
        panic!("the banks never fall silent");
    }

    fn wait(&mut self, time: u64) {
        let until = self.now + ms(time);
        self.collect();
        for _ in 0..100_000 {
            let due = self.ends.iter().filter_map(|end| end.deadline()).min();
            let Some(due) = due.filter(|&due| due <= until) else {
                self.now = until;
                return;
            };
            self.now = self.now.max(due);
            for end in [BOX, EXCHANGE] {
                self.ends[end].handle_timeout(self.now);
            }
            self.collect();
        }
        panic!("a deadline that is never met");
    }

    fn says(&mut self, end: usize, call: CallHandle, primitive: Primitive) {
        self.ends[end].line(self.now, call, primitive);
        self.collect();
    }

    fn idle(&self, end: usize) -> usize {
        timeslots().filter(|&slot| self.ends[end].channel_state(slot) == ChannelState::Idle).count()
    }

    /// The calls offered to an end.
    fn offered(&self, end: usize) -> Vec<(CallHandle, u8, Setup)> {
        let setups = self.told[end].iter().filter_map(|&(call, channel, primitive)| match primitive {
            Primitive::Setup(setup) => Some((call, channel, setup)),
            _ => None,
        });
        setups.collect()
    }
}

#[test]
fn thirty_calls_ring_thirty_lines_and_the_next_finds_none() {
    let mut banks = Banks::new();
    let rung = banks.states[EXCHANGE].iter().filter(|&&(_, state)| state == ChannelState::Idle).count();
    assert_eq!(rung, 30, "each line is told to be idle");
    let calls: Vec<_> =
        (0..30).map(|_| banks.ends[EXCHANGE].call(banks.now, setup("114", ""), None).unwrap()).collect();
    assert_eq!(banks.ends[EXCHANGE].call(banks.now, setup("114", ""), None), Err(Refusal::NoChannel));
    banks.wait(1000);
    let offered = banks.offered(BOX);
    assert_eq!(offered.iter().map(|(_, channel, _)| *channel).collect::<Vec<_>>(), timeslots().collect::<Vec<_>>());
    for &(call, ..) in &offered {
        banks.says(BOX, call, Primitive::Connected);
    }
    banks.wait(1000);
    let answered = banks.told[EXCHANGE].iter().filter(|(.., primitive)| *primitive == Primitive::Connected).count();
    assert_eq!((answered, banks.ends[BOX].calls().count()), (30, 30));
    // Every second one is hung up by the exchange, the others by the box.
    for (place, (call, (offered, ..))) in calls.iter().zip(&offered).enumerate() {
        if place % 2 == 0 {
            banks.says(EXCHANGE, *call, clearing());
        } else {
            banks.says(BOX, *offered, clearing());
        }
    }
    banks.wait(1000);
    for end in [BOX, EXCHANGE] {
        let cleared: Vec<_> =
            banks.told[end].iter().filter(|(.., told)| *told == clearing()).map(|told| told.0).collect();
        assert_eq!(cleared.len(), 15, "end {end}");
        for call in cleared {
            banks.says(end, call, clearing());
        }
    }
    banks.wait(3000);
    assert_eq!((banks.idle(BOX), banks.idle(EXCHANGE)), (30, 30));
    for end in [BOX, EXCHANGE] {
        let mut over: Vec<_> = banks.told[end]
            .iter()
            .filter(|(.., told)| *told == released(Cause::NORMAL_CLEARING))
            .map(|told| told.0)
            .collect();
        over.sort();
        over.dedup();
        assert_eq!(over.len(), 30, "each handle is released once");
    }
}

#[test]
fn pulses_cross_the_signaling_bits() {
    let mut banks = Banks::new();
    let mut pulsing = Box::new(LineBank::new(Attachment::ChannelBank));
    let mut fxo = FxoSettings::new(country("cn"), number("62345678"));
    fxo.dialling = sig_loopstart::Dialling::Pulse;
    fxo.dial_start = DialStart::Blind(ms(500));
    pulsing.add(17, LineSettings::Fxo(fxo)).unwrap();
    banks.ends[BOX] = pulsing;
    banks.collect();
    let call = banks.ends[BOX].call(banks.now, setup("", "1205"), Some(17)).unwrap();
    banks.wait(15_000);
    let mut dialled = String::new();
    for (_, channel, primitive) in &banks.told[EXCHANGE] {
        assert_eq!(*channel, 17);
        match primitive {
            Primitive::Setup(setup) => dialled += setup.to.digits.as_str(),
            Primitive::Digits { digits, .. } => dialled += digits.as_str(),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(dialled, "1205");
    assert!(banks.told[BOX].iter().all(|(told, ..)| *told == call));
    let moved = |order: &Order| matches!(order, Order::SetHook(_) | Order::SetLine(_));
    assert!(!banks.orders.iter().flatten().any(moved), "on a channel bank the pair is bits, and nothing else");
}

#[test]
fn calls_hunt_in_turn_past_lines_that_are_blocked_or_busy() {
    let mut banks = Banks::new();
    banks.ends[BOX].set_blocked(2, true);
    assert_eq!(banks.ends[BOX].call(banks.now, setup("", "114"), Some(2)), Err(Refusal::OutOfService));
    assert_eq!(
        banks.ends[BOX].call(banks.now, setup("", "114"), Some(16)),
        Err(Refusal::OutOfService),
        "there is no such line"
    );
    banks.ends[BOX].call(banks.now, setup("", "114"), None).unwrap();
    banks.ends[BOX].call(banks.now, setup("", "114"), Some(3)).unwrap();
    assert_eq!(banks.ends[BOX].call(banks.now, setup("", "114"), Some(3)), Err(Refusal::NoChannel));
    banks.ends[BOX].call(banks.now, setup("", "114"), None).unwrap();
    banks.wait(100);
    let busy: Vec<_> = timeslots().filter(|&slot| banks.ends[BOX].channel_state(slot) == ChannelState::Busy).collect();
    assert_eq!(busy, [1, 3, 4]);
    assert_eq!(banks.ends[BOX].channel_state(2), ChannelState::Blocked);
    assert_eq!(banks.ends[BOX].channel_state(16), ChannelState::Absent);
}

#[test]
fn an_alarm_that_lasts_ends_the_calls_and_its_end_brings_the_lines_back() {
    let mut banks = Banks::new();
    let ringing = banks.ends[EXCHANGE].call(banks.now, setup("114", ""), Some(1)).unwrap();
    let talking = banks.ends[EXCHANGE].call(banks.now, setup("114", ""), Some(31)).unwrap();
    banks.wait(500);
    let [_, (answered, 31, _)] = banks.offered(BOX)[..] else { panic!("{:?}", banks.told[BOX]) };
    banks.says(BOX, answered, Primitive::Connected);
    banks.wait(1000);
    let red = Alarms { loss: true, ..Alarms::default() };
    for end in [BOX, EXCHANGE] {
        banks.ends[end].handle_alarms(banks.now, red);
    }
    assert_eq!(banks.ends[BOX].call(banks.now, setup("", "114"), None), Err(Refusal::OutOfService));
    banks.wait(2499);
    assert!([ringing, talking].iter().all(|call| banks.ends[EXCHANGE].calls().any(|(lives, _)| lives == *call)));
    banks.wait(500);
    assert_eq!((banks.idle(BOX), banks.idle(EXCHANGE)), (0, 0));
    for call in [ringing, talking] {
        let ended =
            banks.told[EXCHANGE].iter().any(|told| (told.0, told.2) == (call, released(Cause::NETWORK_OUT_OF_ORDER)));
        assert!(ended, "{call}");
    }
    banks.says(BOX, answered, clearing());
    for end in [BOX, EXCHANGE] {
        banks.ends[end].handle_alarms(banks.now, Alarms::default());
    }
    banks.wait(5000);
    assert_eq!((banks.idle(BOX), banks.idle(EXCHANGE)), (30, 30), "{:?}", banks.told);
    assert_eq!((banks.ends[BOX].calls().count(), banks.ends[EXCHANGE].calls().count()), (0, 0));
}

#[test]
fn calls_outlive_a_short_alarm_and_what_was_done_behind_it_counts_after_it() {
    let mut banks = Banks::new();
    let calls = [1, 2].map(|line| banks.ends[EXCHANGE].call(banks.now, setup("114", ""), Some(line)).unwrap());
    banks.wait(500);
    for (call, _, _) in banks.offered(BOX) {
        banks.says(BOX, call, Primitive::Connected);
    }
    banks.wait(1000);
    let red = Alarms { loss: true, ..Alarms::default() };
    banks.ends[EXCHANGE].handle_alarms(banks.now, red);
    let (first, ..) = banks.offered(BOX)[0];
    banks.says(BOX, first, clearing());
    banks.wait(2000);
    assert_eq!(banks.ends[EXCHANGE].calls().count(), 2, "nothing is believed behind an alarm");
    banks.ends[EXCHANGE].handle_alarms(banks.now, Alarms::default());
    banks.wait(1000);
    let hung_up = (calls[0], 1, clearing());
    assert!(banks.told[EXCHANGE].contains(&hung_up), "{:?}", banks.told[EXCHANGE]);
    assert!(!banks.told[EXCHANGE].iter().any(|told| told.0 == calls[1] && told.2 == clearing()));
    assert_eq!(banks.ends[EXCHANGE].calls().count(), 2);
}

#[test]
fn bits_that_stand_for_a_moment_only_are_none() {
    for (length, rings) in [(5, false), (80, true)] {
        let mut banks = Banks::new();
        let ringing = bank::line_bits(LineState { ringing: true, ..LineState::QUIET });
        banks.ends[BOX].handle_cas(banks.now, 9, ringing);
        banks.wait(length);
        banks.ends[BOX].handle_cas(banks.now, 9, bank::line_bits(LineState::QUIET));
        banks.wait(500);
        assert_eq!(banks.offered(BOX).len(), usize::from(rings), "{length} ms");
    }
}

#[test]
fn a_handle_of_a_call_that_is_over_does_nothing() {
    let mut banks = Banks::new();
    let first = banks.ends[EXCHANGE].call(banks.now, setup("114", ""), Some(5)).unwrap();
    banks.says(EXCHANGE, first, clearing());
    banks.wait(2000);
    let second = banks.ends[EXCHANGE].call(banks.now, setup("114", ""), Some(5)).unwrap();
    assert_ne!(first, second);
    banks.says(EXCHANGE, first, clearing());
    banks.wait(100);
    assert_eq!(banks.ends[EXCHANGE].calls().collect::<Vec<_>>(), [(second, 5)]);
}

#[test]
fn lines_of_a_card_take_their_orders_as_such() {
    let mut card = LineBank::new(Attachment::Card);
    let settings = FxoSettings::new(country("cn"), number("1"));
    card.add(16, LineSettings::Fxo(settings)).unwrap();
    assert_eq!(card.add(16, LineSettings::Fxo(settings)), Err(BadLine::Taken));
    let first = card.poll_action();
    assert_eq!(first, Some(Action::Do { channel: 16, order: Order::SetHook(Hook::On) }));
    card.handle_line(Instant::ZERO, 16, LineState::DEAD);
    card.handle_timeout(Instant::from_millis(2000));
    assert_eq!(card.channel_state(16), ChannelState::OutOfService);
    let mut bank = LineBank::new(Attachment::ChannelBank);
    assert_eq!(bank.add(16, LineSettings::Fxo(settings)), Err(BadLine::NoChannel));
    for slot in timeslots() {
        bank.add(slot, LineSettings::Fxo(settings)).unwrap();
    }
    let mut full = Box::new(LineBank::new(Attachment::Card));
    for channel in 1..=30 {
        full.add(channel, LineSettings::Fxo(settings)).unwrap();
    }
    assert_eq!(full.add(31, LineSettings::Fxo(settings)), Err(BadLine::Full));
}

#[test]
fn a_display_is_the_callers_name_in_the_caller_id() {
    let mut bank = LineBank::new(Attachment::ChannelBank);
    bank.add(1, LineSettings::Fxs(FxsSettings::new(country("cn"), number("62345678")))).unwrap();
    let name = Detail::Display(Text::new(b"LI MING"));
    bank.call_with(Instant::ZERO, setup("13800138000", "62345678"), &[name], None).unwrap();
    let mut sent = None;
    for _ in 0..10 {
        while let Some(action) = bank.poll_action() {
            if let Action::Do { order: Order::SendFsk { octets, .. }, .. } = action {
                sent = Some(octets);
            }
        }
        bank.handle_timeout(bank.deadline().unwrap());
    }
    let sent = sent.expect("the caller is named after the first ring");
    assert!(sent.windows(7).any(|octets| octets == b"LI MING"), "{sent:?}");
    assert!(sent.windows(11).any(|octets| octets == b"13800138000"), "{sent:?}");
}
