//! Signaling in the audio: what a span wants of a channel in the engine's words, and what the engine heard in a span's.

use media::{Command, DtmfDetection, Event, FskEvent, Listening, MfEvent, Modulation, PortId, Register};
use sig_span::{Heard, Listen, Order, loopstart};

/// What carries the order out, receivers excepted: those are [`listen`]'s, since others may listen on the same port.
pub fn command(port: PortId, order: Order) -> Option<Command> {
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

/// What starts and stops the receivers that are not as they were.
pub fn listen(port: PortId, before: Listen, now: Listen) -> impl Iterator<Item = Command> {
    let on = |on| if on { Listening::On } else { Listening::Off };
    let detection = if now.dtmf { DtmfDetection::On } else { DtmfDetection::Off };
    let dtmf = (before.dtmf != now.dtmf).then_some(Command::Detect { port, dtmf: detection });
    let progress = (before.progress != now.progress).then(|| Command::ListenProgress { port, on: on(now.progress) });
    let fsk = (before.fsk != now.fsk).then(|| Command::ListenFsk { port, on: on(now.fsk) });
    let mf = (before.mf != now.mf).then(|| Command::ListenMf { port, register: now.mf.map(of_register) });
    [dtmf, progress, fsk, mf].into_iter().flatten()
}

/// What a span is told of an event of the engine, and at which port.
pub fn heard(event: &Event) -> Option<(PortId, Heard)> {
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

const fn of_register(register: sig_span::Register) -> Register {
    match register {
        sig_span::Register::Forward => Register::Forward,
        sig_span::Register::Backward => Register::Backward,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_receivers_that_change_are_told_of() {
        let caller_ids = Listen { dtmf: true, fsk: true, ..Listen::NONE };
        let tones = Listen { progress: true, ..Listen::NONE };
        let port = PortId(7);
        assert_eq!(listen(port, Listen::NONE, Listen::NONE).count(), 0);
        assert_eq!(listen(port, Listen::NONE, caller_ids).count(), 2);
        assert!(
            listen(port, caller_ids, tones)
                .any(|command| { matches!(command, Command::Detect { port: PortId(7), dtmf: DtmfDetection::Off }) })
        );
        let registers = Listen { mf: Some(sig_span::Register::Backward), ..tones };
        let told: Vec<Command> = listen(port, tones, registers).collect();
        assert!(matches!(told[..], [Command::ListenMf { register: Some(Register::Backward), .. }]));
    }

    #[test]
    fn a_register_signal_is_told_from_silence() {
        let event = |event| Event::Mf { port: PortId(3), event };
        assert_eq!(heard(&event(MfEvent::Began(15))), Some((PortId(3), Heard::Mf(Some(15)))));
        assert_eq!(heard(&event(MfEvent::Ended(15))), Some((PortId(3), Heard::Mf(None))));
        assert_eq!(heard(&Event::DigitsSent { port: PortId(3) }), None);
    }
}
