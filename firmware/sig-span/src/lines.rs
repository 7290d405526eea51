//! A bank of analog lines as a span: what its machine wants of the audio in words that an engine knows.

use crate::order::{Heard, Listen, Order};
use crate::protocol::{Action, CallHandle, Report};
use crate::sound::sound;
use base::{Digits, Instant};
use ports::call::{Detail, Refusal, Setup};
use ports::span::TIMESLOTS;
use sig_loopstart::{Attachment, BadLine, LineBank, LineSettings};

/// What is at the other end of an analog line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnd {
    /// The telephone network.
    Exchange,
    /// A telephone.
    Telephone,
}

/// Analog lines behind a channel bank, each in its timeslot of one E1.
#[derive(Clone, Debug)]
pub struct LineSpan {
    pub(crate) bank: LineBank,
    /// Of each timeslot's line: its tones are its country's.
    countries: [&'static str; TIMESLOTS],
    ends: [Option<LineEnd>; TIMESLOTS],
    /// Of each timeslot's telephone.
    telephones: [Option<Digits>; TIMESLOTS],
}

impl LineSpan {
    /// A bank of these lines, each with its timeslot.
    ///
    /// # Errors
    /// Two lines are in one timeslot, or one is in none that carries lines.
    pub fn new(lines: impl IntoIterator<Item = (u8, LineSettings)>) -> Result<Self, BadLine> {
        let mut span = Self {
            bank: LineBank::new(Attachment::ChannelBank),
            countries: [""; TIMESLOTS],
            ends: [None; TIMESLOTS],
            telephones: [None; TIMESLOTS],
        };
        for (timeslot, settings) in lines {
            span.bank.add(timeslot, settings)?;
            let (end, country, telephone) = match settings {
                LineSettings::Fxo(fxo) => (LineEnd::Exchange, fxo.country, None),
                LineSettings::Fxs(fxs) => (LineEnd::Telephone, fxs.country, Some(fxs.number)),
            };
            // A bank has no line outside of its timeslots.
            let place = usize::from(timeslot) % TIMESLOTS;
            (span.countries[place], span.ends[place]) = (country.code, Some(end));
            span.telephones[place] = telephone;
        }
        Ok(span)
    }

    /// Places a call. A telephone here is rung by its own number alone; any other number may go by any line.
    pub(crate) fn call(
        &mut self,
        now: Instant,
        setup: Setup,
        details: &[Detail],
        channel: Option<u8>,
    ) -> Result<sig_loopstart::CallHandle, Refusal> {
        let mut why = None;
        for timeslot in (1..TIMESLOTS).filter(|_| channel.is_none()) {
            if self.telephones[timeslot] == Some(setup.to.digits) {
                match self.bank.call_with(now, setup, details, Some(timeslot as u8)) {
                    Ok(call) => return Ok(call),
                    Err(refusal) => why = Some(refusal),
                }
            }
        }
        why.map_or_else(|| self.bank.call_with(now, setup, details, channel), Err)
    }

    pub(crate) fn poll_action<F>(&mut self) -> Option<Action<F>> {
        use sig_loopstart::Action as Own;
        Some(match self.bank.poll_action()? {
            Own::Cas { timeslot, bits } => Action::Cas { timeslot, bits },
            Own::Do { channel, order } => Action::Audio { timeslot: channel, order: self.audio(channel, order) },
            Own::Line { call, channel, primitive } => Action::Line { call: CallHandle::Line(call), channel, primitive },
            Own::ChannelState { channel, .. } => Action::ChannelChanged(channel),
            Own::Report { channel, call, report } => Action::Report {
                channel: Some(channel),
                call: call.map(CallHandle::Line),
                report: Report::Line(report),
            },
        })
    }

    pub(crate) fn end(&self, timeslot: u8) -> Option<(LineEnd, &'static str)> {
        let place = usize::from(timeslot);
        Some(((*self.ends.get(place)?)?, self.countries.get(place)?))
    }

    fn audio(&self, timeslot: u8, order: sig_loopstart::Order) -> Order {
        use sig_loopstart::Order as Own;
        match order {
            Own::Listen(sig_loopstart::Listen { dtmf, fsk, progress }) => {
                Order::Listen(Listen { dtmf, fsk, progress, mf: None })
            }
            Own::SendDigits { digits, on_ms, off_ms } => Order::SendDigits { digits, on_ms, off_ms },
            Own::SendFsk { modulation, seizure_bits, mark_bits, octets } => {
                Order::SendFsk { modulation, seizure_bits, mark_bits, octets }
            }
            Own::PlayTone(tone) => {
                let country = self.countries.get(usize::from(timeslot)).copied().unwrap_or_default();
                Order::Tone(tone.map(|tone| sound(country, tone)))
            }
            // A bank turns what moves the pair into bits; as an order of the audio it is silence.
            Own::SetHook(_) | Own::SetLine(_) => Order::Tone(None),
        }
    }
}

/// What was heard in the lines' own words; register signals are none of theirs.
pub(crate) fn to_line(heard: &Heard) -> Option<sig_loopstart::Heard> {
    use sig_loopstart::Heard as Own;
    Some(match *heard {
        Heard::Digit(digit) => Own::Digit(digit),
        Heard::Progress(event) => Own::Progress(event),
        Heard::FskCarrier => Own::FskCarrier,
        Heard::FskOctet(octet) => Own::FskOctet(octet),
        Heard::FskLost => Own::FskLost,
        Heard::Mf(_) => return None,
    })
}
