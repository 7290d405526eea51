//! Layer 3 messages and the machine that answers them.

use crate::living::{HANG_UP, Living};
use crate::{Choices, digits, setup};
use base::{Cause, Digits, Instant};
use core::time::Duration;
use ports::call::{Address, Inband, Number, Primitive};
use sig_q931::wire::{Elements, Header};
use sig_q931::{Action, CALLS, CallHandle, Interface, LinkState, Overlap, Parameters, Side};

/// Header and elements of any octets.
pub(crate) fn q931(octets: &[u8]) {
    let Ok((header, rest)) = Header::parse(octets) else { return };
    assert!(header.reference < 0x8000);
    let again = [&header.octets()[..], rest].concat();
    assert_eq!(Header::parse(&again), Ok((header, rest)));
    let elements = Elements::parse(rest);
    assert_eq!(elements.restarted() & (1 | 1 << 16), 0, "timeslots 0 and 16 carry no call");
    assert!(elements.digits().len() <= Digits::CAPACITY);
}

/// Messages of a peer and words of a call model in any order. When all calls are cleared and all timers have run out, none is left.
pub(crate) fn q931_calls(octets: &[u8]) {
    let mut choices = Choices(octets);
    let side = if choices.octet() & 1 == 0 { Side::User } else { Side::Network };
    let mut end = End::new(side);
    while !choices.is_empty() {
        let choice = choices.octet();
        match choice & 15 {
            0..=6 => end.interface.handle_message(end.now, choices.some()),
            7 => end.answered_message(choices.octet(), choices.some()),
            8 | 9 => end.line(choice >> 4, &mut choices),
            10 => {
                let channel = Some(choices.octet()).filter(|&slot| slot != 0);
                let number = digits(choices.some());
                if let Ok(call) = end.interface.call(end.now, setup(Number::default(), number), channel) {
                    end.living.placed(call);
                }
            }
            11 => end.interface.restart(end.now, choices.octet()),
            12 => end
                .interface
                .handle_link(end.now, [LinkState::Up, LinkState::Down, LinkState::Reset][usize::from(choice >> 4) % 3]),
            13 => end.interface.set_out_of_service(choices.octet(), choice & 16 == 0),
            _ => end.wait(Duration::from_millis(200 * u64::from(choices.octet()))),
        }
        end.drain();
    }
    end.come_to_rest();
}

struct End {
    interface: Interface,
    now: Instant,
    living: Living<CallHandle>,
    /// The last message sent: its reference is one that lives.
    sent: Vec<u8>,
}

impl End {
    fn new(side: Side) -> Self {
        let parameters = Parameters { overlap: Overlap::Received, ..Parameters::china(side) };
        let mut interface = Interface::new(side, parameters);
        interface.handle_link(Instant::ZERO, LinkState::Up);
        Self { interface, now: Instant::ZERO, living: Living::new(), sent: Vec::new() }
    }

    /// A message of the call that the last sent one belongs to.
    fn answered_message(&mut self, kind: u8, elements: &[u8]) {
        if let [discriminator, length, high, low, ..] = self.sent[..] {
            let message = [&[discriminator, length, high ^ 0x80, low, kind & 0x7F], elements].concat();
            self.interface.handle_message(self.now, &message);
        }
    }

    fn line(&mut self, which: u8, choices: &mut Choices<'_>) {
        let Some(call) = self.living.one(which) else { return };
        let choice = choices.octet();
        let inband = if choice & 0x80 == 0 { Inband::Silent } else { Inband::Audio };
        let primitive = match choice & 7 {
            0 => Primitive::Proceeding,
            1 => Primitive::Alerting(inband),
            2 => Primitive::Connected,
            3 => Primitive::Progress(inband),
            4 => Primitive::Digits { digits: digits(choices.some()), address: Address::Open },
            5 => Primitive::Clearing { cause: Cause(choices.octet() & 0x7F), inband },
            6 => Primitive::Held,
            _ => Primitive::Setup(setup(Number::default(), Digits::new())),
        };
        self.interface.line(self.now, call, primitive);
    }

    fn drain(&mut self) {
        let mut actions = 0;
        while let Some(action) = self.interface.poll_action() {
            actions += 1;
            assert!(actions <= 1000, "an interface that never stops acting");
            match action {
                Action::Transmit(message) => {
                    let (header, _) = Header::parse(&message).expect("what is sent can be read");
                    assert!(message.len() <= 260, "{header:?} does not fit a frame");
                    self.sent = message.to_vec();
                }
                Action::Line { call, primitive, .. } => self.living.told(call, &primitive),
                Action::ChannelRestarted(slot) => assert!(slot != 0 && slot != 16 && slot < 32),
                Action::Report(_) => {}
            }
        }
        assert!(self.interface.calls().count() <= CALLS);
    }

    fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        for _ in 0..2000 {
            let Some(due) = self.interface.deadline().filter(|&due| due <= until) else { break };
            self.now = self.now.max(due);
            self.interface.handle_timeout(self.now);
            self.drain();
        }
        self.now = until;
    }

    fn come_to_rest(&mut self) {
        // T301, T302, T309 and the rest run out in turn; a call that rings is cleared by its owner.
        for _ in 0..12 {
            for call in self.living.all() {
                self.interface.line(self.now, call, HANG_UP);
                self.drain();
            }
            self.wait(Duration::from_secs(100));
        }
        assert_eq!(self.interface.calls().count(), 0, "calls that nothing ends");
        assert!(self.living.is_empty(), "calls whose end was not told");
    }
}
