//! What a span's lines want of its engines, and what those hear.

use super::{Ears, Pair};
use crate::audio::{Audio, TICK_MS};
use crate::plan::{Call, End};
use base::{Digit, Instant};
use media::{Command, DtmfDetection, Event, FskEvent, Listening, MfEvent, PortId};
use sig_span::loopstart::Modulation;
use sig_span::{Heard, Order, Register};

impl<A: Audio> Pair<A> {
    /// The engines live until now.
    pub(super) fn tick(&mut self, now: Instant, plan: &[Call]) {
        let until = now.as_millis() / TICK_MS;
        while self.audio.due().is_some_and(|due| due <= until) {
            if let Some(due) = self.audio.due() {
                self.audio.skip_to(due - 1);
            }
            self.audio.tick(&mut self.told);
            self.hear(now, plan);
        }
        self.audio.skip_to(until);
    }

    /// Passes on what the engines told.
    fn hear(&mut self, now: Instant, plan: &[Call]) {
        let mut told = core::mem::take(&mut self.told);
        for (end, event) in told.drain(..) {
            let (port, heard) = match event {
                Event::DigitEnded { port, digit, .. } => (port, Heard::Digit(digit)),
                Event::Progress { port, event } => (port, Heard::Progress(event)),
                Event::Mf { port, event: MfEvent::Began(signal) } => (port, Heard::Mf(Some(signal))),
                Event::Mf { port, event: MfEvent::Ended(_) } => (port, Heard::Mf(None)),
                Event::Fsk { port, event: FskEvent::Carrier } => (port, Heard::FskCarrier),
                Event::Fsk { port, event: FskEvent::Octet(octet) } => (port, Heard::FskOctet(octet)),
                Event::Fsk { port, event: FskEvent::Lost } => (port, Heard::FskLost),
                _ => continue,
            };
            self.counts.events += 1;
            let timeslot = port.0 as u8;
            let ears = self.half(end).ears[usize::from(port.0)];
            let is_for_line = match heard {
                Heard::Digit(digit) => {
                    if ears.keys {
                        self.key(now, end, timeslot, digit);
                    }
                    ears.line.dtmf
                }
                Heard::Progress(_) => ears.line.progress,
                Heard::FskCarrier | Heard::FskOctet(_) | Heard::FskLost => ears.line.fsk,
                Heard::Mf(_) => ears.line.mf.is_some(),
            };
            if is_for_line {
                self.half(end).protocol.heard(now, timeslot, &heard);
                self.drain(now, end, plan);
            }
        }
        self.told = told;
    }

    fn key(&mut self, now: Instant, end: End, timeslot: u8, digit: Digit) {
        if let Some(live) = self.half(end).lives.iter_mut().find(|live| live.record.channel == Some(timeslot)) {
            // More than fit are never pressed.
            let _ = live.record.heard.push(digit.as_char());
            self.note(now, end, &[1, u64::from(timeslot), digit.as_char() as u64]);
        }
    }

    /// What the line wants of the audio.
    pub(super) fn obey(&mut self, end: End, timeslot: u8, order: Order) {
        let port = PortId(u16::from(timeslot));
        match order {
            Order::Listen(listen) => self.listen(end, timeslot, |ears| ears.line = listen),
            Order::SendDigits { digits, on_ms, off_ms } => {
                self.command(end, Command::SendDigits { port, digits, on_ms, off_ms });
            }
            Order::Tone(Some(tone)) => self.command(end, Command::Tone { port, tone }),
            Order::Tone(None) => self.command(end, Command::StopTone(port)),
            Order::SendFsk { modulation, seizure_bits, mark_bits, octets } => {
                let octets = media::Octets::from_slice(&octets).unwrap_or_default();
                let modulation = match modulation {
                    Modulation::Bell202 => media::Modulation::Bell202,
                    Modulation::V23 => media::Modulation::V23,
                };
                self.command(end, Command::SendFsk { port, modulation, seizure_bits, mark_bits, octets });
            }
            Order::SendMf(signal) => {
                let signal = signal.map(|(of, signal)| (register(of), signal));
                self.command(end, Command::SendMf { port, signal });
            }
        }
    }

    pub(super) fn listen(&mut self, end: End, timeslot: u8, change: impl FnOnce(&mut Ears)) {
        let port = PortId(u16::from(timeslot));
        let ears = &mut self.half(end).ears[usize::from(timeslot)];
        let before = *ears;
        change(ears);
        let after = *ears;
        let dtmf = |ears: Ears| if ears.line.dtmf || ears.keys { DtmfDetection::On } else { DtmfDetection::Off };
        if dtmf(before) != dtmf(after) {
            self.command(end, Command::Detect { port, dtmf: dtmf(after) });
        }
        if before.line.progress != after.line.progress {
            let on = if after.line.progress { Listening::On } else { Listening::Off };
            self.command(end, Command::ListenProgress { port, on });
        }
        if before.line.fsk != after.line.fsk {
            let on = if after.line.fsk { Listening::On } else { Listening::Off };
            self.command(end, Command::ListenFsk { port, on });
        }
        if before.line.mf != after.line.mf {
            self.command(end, Command::ListenMf { port, register: after.line.mf.map(register) });
        }
    }

    /// A call is over: what was being said or keyed for it is not heard by the next.
    pub(super) fn silence(&mut self, end: End, timeslot: u8) {
        let port = PortId(u16::from(timeslot));
        self.command(end, Command::Close(port));
        self.command(end, Command::Open(port));
        let ears = core::mem::take(&mut self.half(end).ears[usize::from(timeslot)]);
        self.listen(end, timeslot, |now| now.line = ears.line);
    }

    pub(super) fn command(&mut self, end: End, command: Command) {
        // What a command brings at once is the end of a play or a tone, which nobody waits for.
        let mut told = Vec::new();
        self.audio.handle(end, command, &mut told);
    }
}

const fn register(register: Register) -> media::Register {
    match register {
        Register::Forward => media::Register::Forward,
        Register::Backward => media::Register::Backward,
    }
}
