//! Analog lines of both kinds, on a channel bank, as lists of operations.

use crate::living::{HANG_UP, Living};
use crate::{Choices, digits, setup};
use base::{Cause, Dbm0, Digit, Digits, Instant};
use core::time::Duration;
use dsp_progress::{Spectrum, ToneEvent};
use ports::call::{Address, Inband, Number, Primitive};
use ports::span::{Abcd, Alarms};
use sig_loopstart::{
    Action, Attachment, COUNTRIES, CallHandle, ChannelState, Dialling, FxoSettings, FxsSettings, Heard, Hook, LineBank,
    LineSettings, LineState, bank,
};

/// Lines of the network, and lines to telephones.
const FXO: [u8; 2] = [1, 2];
const FXS: [u8; 2] = [17, 31];

/// Bits, sounds and words of a call model in any order. When the bits are quiet and all calls are cleared, every line is idle again.
pub(crate) fn loopstart(octets: &[u8]) {
    let mut choices = Choices(octets);
    let mut end = End::new(&mut choices);
    while !choices.is_empty() {
        let choice = choices.octet();
        let channel = [FXO[0], FXO[1], FXS[0], FXS[1]][usize::from(choice >> 4) & 3];
        match choice & 15 {
            0..=3 => end.lines.handle_cas(end.now, channel, Abcd::new(choices.octet())),
            4 | 5 => end.lines.handle_heard(end.now, channel, &sound(&mut choices)),
            6 => {
                for &octet in choices.some() {
                    end.lines.handle_heard(end.now, channel, &Heard::FskOctet(octet));
                    end.drain();
                }
            }
            7 | 8 => {
                let number = digits(choices.some());
                let setup = setup(Number::unknown(number), number);
                let wanted = Some(channel).filter(|_| choice & 128 == 0);
                if let Ok(call) = end.lines.call(end.now, setup, wanted) {
                    end.living.placed(call);
                }
            }
            9..=11 => end.line(choice >> 4, &mut choices),
            12 => end.lines.handle_alarms(end.now, Alarms { loss: choice & 16 != 0, ..Alarms::default() }),
            13 => {
                let calls: Vec<_> = end.lines.calls().map(|(call, _)| call).collect();
                if let Some(&call) = calls.first() {
                    let _not_talking = end.lines.call_waiting(end.now, call, &Number::unknown(digits(choices.some())));
                }
            }
            _ => end.wait(Duration::from_millis(20 * u64::from(choices.octet()))),
        }
        end.drain();
    }
    end.come_to_rest();
}

struct End {
    lines: Box<LineBank>,
    now: Instant,
    living: Living<CallHandle>,
}

impl End {
    fn new(choices: &mut Choices<'_>) -> Self {
        let mut lines = Box::new(LineBank::new(Attachment::ChannelBank));
        let country = &COUNTRIES[usize::from(choices.octet()) % COUNTRIES.len()];
        let options = choices.octet();
        for channel in FXO {
            let mut fxo = FxoSettings::new(country, digits(b"62345678"));
            fxo.dialling = if options & 1 == 0 { Dialling::Tone } else { Dialling::Pulse };
            (fxo.reversal_answers, fxo.reversal_ends) = (options & 2 != 0, options & 4 != 0);
            fxo.silence_limit = Some(Duration::from_secs(30)).filter(|_| options & 8 != 0);
            assert_eq!(lines.add(channel, LineSettings::Fxo(fxo)), Ok(()));
        }
        for channel in FXS {
            let mut fxs = FxsSettings::new(country, digits(b"62345678"));
            fxs.reverses_on_answer = options & 16 != 0;
            fxs.battery_drop = fxs.battery_drop.filter(|_| options & 32 == 0);
            assert_eq!(lines.add(channel, LineSettings::Fxs(fxs)), Ok(()));
        }
        Self { lines, now: Instant::ZERO, living: Living::new() }
    }

    fn line(&mut self, which: u8, choices: &mut Choices<'_>) {
        let Some(call) = self.living.one(which) else { return };
        let choice = choices.octet();
        let inband = if choice & 0x80 == 0 { Inband::Silent } else { Inband::Audio };
        let primitive = match choice & 15 {
            0 => Primitive::Proceeding,
            1 => Primitive::Alerting(inband),
            2..=5 => Primitive::Connected,
            6 => Primitive::Progress(inband),
            7 => Primitive::Digits { digits: digits(choices.some()), address: Address::Open },
            8 => Primitive::Info(digits(choices.some())),
            9 | 10 => Primitive::Flash,
            11 | 12 => Primitive::Clearing { cause: Cause(choices.octet() & 0x7F), inband },
            13 => Primitive::Held,
            14 => Primitive::Released { cause: Cause::NORMAL_CLEARING },
            _ => Primitive::Setup(setup(Number::default(), Digits::new())),
        };
        self.lines.line(self.now, call, primitive);
    }

    fn drain(&mut self) {
        let mut actions = 0;
        while let Some(action) = self.lines.poll_action() {
            actions += 1;
            assert!(actions <= 1000, "lines that never stop acting");
            match action {
                Action::Line { call, primitive, .. } => self.living.told(call, &primitive),
                Action::Cas { bits, .. } => assert_eq!(bits.bits() & 1, 1, "d is always 1"),
                Action::Do { .. } | Action::ChannelState { .. } | Action::Report { .. } => {}
            }
        }
    }

    fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        for _ in 0..5000 {
            let Some(due) = self.lines.deadline().filter(|&due| due <= until) else { break };
            self.now = self.now.max(due);
            self.lines.handle_timeout(self.now);
            self.drain();
        }
        self.now = until;
    }

    fn come_to_rest(&mut self) {
        self.lines.handle_alarms(self.now, Alarms::default());
        for channel in FXO {
            self.lines.handle_cas(self.now, channel, bank::line_bits(LineState::QUIET));
        }
        for channel in FXS {
            self.lines.handle_cas(self.now, channel, bank::hook_bits(Hook::On));
        }
        // A ring that nobody wanted, a hang-up, its guard: each takes its time.
        for _ in 0..6 {
            for call in self.living.all() {
                self.lines.line(self.now, call, HANG_UP);
                self.drain();
            }
            self.wait(Duration::from_secs(10));
        }
        assert!(self.living.is_empty() && self.lines.calls().count() == 0, "calls that nothing ends");
        for channel in FXO.into_iter().chain(FXS) {
            assert_eq!(self.lines.channel_state(channel), ChannelState::Idle, "line {channel} is stuck");
        }
    }
}

fn sound(choices: &mut Choices<'_>) -> Heard {
    let (kind, value) = (choices.octet(), choices.octet());
    let level = Dbm0(-20.0);
    let spectrum = match value & 7 {
        0..=3 => Spectrum::single(450, level),
        4 => Spectrum::pair(350, 440, level),
        5 => Spectrum::pair(2130, 2750, level),
        _ => Spectrum::single(u16::from(value) * 15, level),
    };
    let duration_ms = u32::from(choices.octet()) * 20;
    match kind & 7 {
        0 => Heard::Digit(Digit::GRID[usize::from(value & 15)]),
        1 => Heard::FskCarrier,
        2 => Heard::FskLost,
        3 => Heard::Progress(ToneEvent::Began(spectrum)),
        4 => Heard::Progress(ToneEvent::Lasts { spectrum, duration_ms }),
        5 => Heard::Progress(ToneEvent::Ended { spectrum, duration_ms }),
        6 => Heard::Progress(ToneEvent::Voice),
        _ => Heard::Progress(ToneEvent::Silence { lasted_ms: 200 }),
    }
}
