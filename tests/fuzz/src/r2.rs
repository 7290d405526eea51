//! R2 spans as lists of operations: bits, register signals, words of a call model.

use crate::living::{HANG_UP, Living};
use crate::{Choices, digits, setup};
use base::{Cause, Digits, Instant};
use core::time::Duration;
use ports::call::{Address, Inband, Number, Presentation, Primitive};
use ports::span::{Abcd, Alarms};
use sig_r2::{
    Acceptance, Action, Answer, COUNTRIES, CallHandle, Calling, ChannelState, Collect, Control, Direction, R2Span,
    Release, Settings,
};

/// Seized by both, by us, by the far end.
const CHANNELS: [(u8, Direction); 4] =
    [(1, Direction::BothWay), (2, Direction::Outgoing), (17, Direction::Incoming), (31, Direction::BothWay)];

/// Bits, signals and words in any order. When the far end is idle and all calls are cleared, every channel is idle again.
pub(crate) fn r2(octets: &[u8]) {
    let mut choices = Choices(octets);
    let mut end = End::new(&mut choices);
    while !choices.is_empty() {
        let choice = choices.octet();
        let (timeslot, _) = CHANNELS[usize::from(choice >> 4) & 3];
        match choice & 15 {
            0..=2 => end.span.handle_cas(end.now, timeslot, Abcd::new(choices.octet())),
            3..=6 => {
                let signal = choices.octet();
                end.span.handle_mf(end.now, timeslot, Some(signal & 31).filter(|_| signal & 128 == 0));
            }
            7 | 8 => end.dial(choice, timeslot, &mut choices),
            9..=11 => end.line(choice >> 4, &mut choices),
            12 => end.span.handle_alarms(end.now, Alarms { loss: choice & 64 != 0, ..Alarms::default() }),
            13 if choice & 64 == 0 => end.span.block(timeslot),
            13 => end.span.unblock(timeslot),
            _ => end.wait(Duration::from_millis(10 * u64::from(choices.octet()))),
        }
        end.drain();
    }
    end.come_to_rest();
}

struct End {
    span: Box<R2Span>,
    now: Instant,
    living: Living<CallHandle>,
}

impl End {
    fn new(choices: &mut Choices<'_>) -> Self {
        let country = COUNTRIES[usize::from(choices.octet()) % COUNTRIES.len()];
        let (options, more) = (choices.octet(), choices.octet());
        let mut settings = Settings::new(country).with_direction(Direction::Unused);
        for (timeslot, direction) in CHANNELS {
            settings.directions[usize::from(timeslot)] = direction;
        }
        settings.dnis_digits = Some(options & 7).filter(|&digits| digits > 0);
        settings.calling = match options >> 3 & 3 {
            0 => Calling::Not,
            1 => Calling::Last,
            digits => Calling::AfterDigits(digits),
        };
        settings.calling_digits = options >> 5;
        settings.control = [Control::First, Control::Caller, Control::Called, Control::Caller][usize::from(more & 3)];
        settings.answer = if more & 4 == 0 { Answer::Single } else { Answer::Double };
        settings.release = if more & 8 == 0 { Release::ClearBack } else { Release::Forced };
        settings.acceptance = if more & 16 == 0 { Acceptance::GroupB } else { Acceptance::GroupA };
        settings.collect = if more & 32 == 0 { Collect::Offer } else { Collect::Refuse };
        let mut end = Self { span: Box::new(R2Span::new(settings)), now: Instant::ZERO, living: Living::new() };
        end.span.start(end.now);
        end.drain();
        end
    }

    fn dial(&mut self, choice: u8, timeslot: u8, choices: &mut Choices<'_>) {
        let number = digits(choices.some());
        let presentation = if choice & 16 == 0 { Presentation::Allowed } else { Presentation::Restricted };
        let mut setup = setup(Number { presentation, ..Number::unknown(number) }, number);
        setup.address = if choice & 64 == 0 { Address::Complete } else { Address::Open };
        let wanted = Some(timeslot).filter(|_| choice & 128 == 0);
        if let Ok(call) = self.span.call(self.now, setup, wanted) {
            self.living.placed(call);
        }
    }

    fn line(&mut self, which: u8, choices: &mut Choices<'_>) {
        let Some(call) = self.living.one(which) else { return };
        let choice = choices.octet();
        let primitive = match choice & 15 {
            0 | 1 => Primitive::Proceeding,
            2 => Primitive::Alerting(Inband::Silent),
            3..=5 => Primitive::Connected,
            6 => Primitive::Progress(Inband::Audio),
            7 | 8 => Primitive::Digits {
                digits: digits(choices.some()),
                address: if choice & 16 == 0 { Address::Open } else { Address::Complete },
            },
            9 => Primitive::Charge(u16::from(choices.octet()) << 8 | 1),
            10 => Primitive::Held,
            11 | 12 => Primitive::Clearing { cause: Cause(choices.octet() & 0x7F), inband: Inband::Silent },
            13 => Primitive::Released { cause: Cause::NORMAL_CLEARING },
            14 => Primitive::Reanswered,
            _ => Primitive::Setup(setup(Number::default(), Digits::new())),
        };
        self.span.line(self.now, call, primitive);
    }

    fn drain(&mut self) {
        let mut actions = 0;
        while let Some(action) = self.span.poll_action() {
            actions += 1;
            assert!(actions <= 1000, "a span that never stops acting");
            match action {
                Action::Line { call, primitive, .. } => self.living.told(call, &primitive),
                Action::Cas { timeslot, bits } => {
                    assert_eq!(bits.bits() & 3, self.span.settings().country.cd, "c and d never change");
                    assert!(CHANNELS.iter().any(|channel| channel.0 == timeslot), "timeslot {timeslot} is not used");
                }
                Action::SendMf { signal: Some((_, signal)), .. } => assert!((1..=15).contains(&signal)),
                Action::Report { report, .. } => assert!(!report.to_string().is_empty()),
                Action::SendMf { signal: None, .. }
                | Action::ListenMf { .. }
                | Action::PlayTone { .. }
                | Action::ChannelChanged { .. } => {}
            }
        }
    }

    fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        for _ in 0..5000 {
            let Some(due) = self.span.deadline().filter(|&due| due <= until) else { break };
            self.now = self.now.max(due);
            self.span.handle_timeout(self.now);
            self.drain();
        }
        self.now = until;
    }

    fn come_to_rest(&mut self) {
        self.span.handle_alarms(self.now, Alarms::default());
        for (timeslot, _) in CHANNELS {
            self.span.unblock(timeslot);
            self.span.handle_cas(self.now, timeslot, Abcd::new(0b1000));
            self.drain();
        }
        // A seizure that nobody acknowledged is held for half a minute, on three channels one after the other.
        for _ in 0..6 {
            for call in self.living.all() {
                self.span.line(self.now, call, HANG_UP);
                self.drain();
            }
            self.wait(Duration::from_secs(40));
        }
        assert!(self.living.is_empty() && self.span.calls().count() == 0, "calls that nothing ends");
        for (timeslot, _) in CHANNELS {
            assert_eq!(self.span.channel_state(timeslot), ChannelState::Idle, "channel {timeslot} is stuck");
        }
    }
}
