//! Signaling in the audio: what a span's machine wants of the engine, and what the engine tells it.

use media::{Command, Event, FskEvent, Listening, MfEvent, Modulation, PortId, Register};
use sig_span::{Heard, Listen, Order, loopstart};

/// What a port is used for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PortUse {
    /// The party that speaks there.
    pub(super) party: Option<u32>,
    /// Signaling needs its audio without a call too: it is open always.
    pub(super) is_kept: bool,
    /// Its receivers for signaling.
    pub(super) listens: Listen,
}

/// An order of signaling in the engine's words; receivers are [`listen`]'s.
pub(super) fn command(port: PortId, order: Order) -> Option<Command> {
    Some(match order {
        Order::Listen(_) => return None,
        Order::SendDigits { digits, on_ms, off_ms } => Command::SendDigits { port, digits, on_ms, off_ms },
        Order::SendFsk { modulation, seizure_bits, mark_bits, octets } => {
            let modulation = match modulation {
                loopstart::Modulation::Bell202 => Modulation::Bell202,
                loopstart::Modulation::V23 => Modulation::V23,
            };
            Command::SendFsk { port, modulation, seizure_bits, mark_bits, octets }
        }
        Order::SendMf(signal) => {
            Command::SendMf { port, signal: signal.map(|(register, signal)| (of_register(register), signal)) }
        }
        Order::Tone(Some(tone)) => Command::Tone { port, tone },
        Order::Tone(None) => Command::StopTone(port),
    })
}

/// The receivers that change. Digits are left out: parties listen for them too.
pub(super) fn listen(port: PortId, before: Listen, now: Listen) -> impl Iterator<Item = Command> {
    let on = |on| if on { Listening::On } else { Listening::Off };
    let progress = (before.progress != now.progress).then(|| Command::ListenProgress { port, on: on(now.progress) });
    let fsk = (before.fsk != now.fsk).then(|| Command::ListenFsk { port, on: on(now.fsk) });
    let mf = (before.mf != now.mf).then(|| Command::ListenMf { port, register: now.mf.map(of_register) });
    [progress, fsk, mf].into_iter().flatten()
}

const fn of_register(register: sig_span::Register) -> Register {
    match register {
        sig_span::Register::Forward => Register::Forward,
        sig_span::Register::Backward => Register::Backward,
    }
}

/// What signaling is told of an event.
pub(super) fn heard(event: &Event) -> Option<(PortId, Heard)> {
    match *event {
        Event::DigitEnded { port, digit, .. } => Some((port, Heard::Digit(digit))),
        Event::Progress { port, event } => Some((port, Heard::Progress(event))),
        Event::Fsk { port, event: FskEvent::Carrier } => Some((port, Heard::FskCarrier)),
        Event::Fsk { port, event: FskEvent::Octet(octet) } => Some((port, Heard::FskOctet(octet))),
        Event::Fsk { port, event: FskEvent::Lost } => Some((port, Heard::FskLost)),
        Event::Mf { port, event: MfEvent::Began(signal) } => Some((port, Heard::Mf(Some(signal)))),
        Event::Mf { port, event: MfEvent::Ended(_) } => Some((port, Heard::Mf(None))),
        _ => None,
    }
}
