//! Which of the digits that a port receives are told, the same for samples and for symbols.

use crate::{DtmfDetection, Event, PortId, Sink};
use base::Digit;
use dsp_tone::DtmfEvent;

pub(crate) struct Keys {
    wanted: DtmfDetection,
    /// An early digit was told and neither confirmed nor retracted.
    early: bool,
    /// A digit was told whose end was not.
    digit: Option<Digit>,
}

impl Keys {
    pub(crate) const fn new() -> Self {
        Self { wanted: DtmfDetection::Off, early: false, digit: None }
    }

    pub(crate) fn are_wanted(&self) -> bool {
        self.wanted == DtmfDetection::On
    }

    pub(crate) const fn want(&mut self, dtmf: DtmfDetection) {
        // What began before is not told to its end.
        *self = match dtmf {
            DtmfDetection::Off => Self::new(),
            DtmfDetection::On => Self { wanted: dtmf, ..*self },
        };
    }

    /// Tells what the receiver says, where digits are wanted.
    pub(crate) fn tell(&mut self, port: PortId, event: DtmfEvent, sink: &mut impl Sink) {
        match event {
            _ if !self.are_wanted() => {}
            DtmfEvent::Early(digit) => {
                self.early = true;
                sink.event(Event::DigitEarly { port, digit });
            }
            DtmfEvent::Retracted => {
                if core::mem::take(&mut self.early) {
                    sink.event(Event::DigitRetracted { port });
                }
            }
            DtmfEvent::Began(digit) => {
                self.early = false;
                self.digit = Some(digit);
                sink.event(Event::Digit { port, digit });
            }
            DtmfEvent::Ended { digit, duration_ms } => {
                if self.digit.take().is_some() {
                    sink.event(Event::DigitEnded { port, digit, duration_ms });
                }
            }
        }
    }
}
