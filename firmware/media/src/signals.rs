//! R2 register signals, FSK and fax tones being sent.

use crate::{BLOCK, Block, Event, PortId, Refusal, Sink};
use base::Dbm0;
use dsp_fax::{FaxSignal, FaxToneSender};
use dsp_fsk::FskSender;
use dsp_mf::{MfSender, Register, frequencies};

/// Level of fax tones.
pub(crate) const FAX: Dbm0 = Dbm0(-13.0);

/// What takes a port's whole way out: while it sends any of this, it sends nothing else.
pub(crate) struct Signals {
    mf: Option<(Register, u8, MfSender)>,
    /// The one before it, which fades out in the next block.
    fading: Option<MfSender>,
    fsk: Option<FskSender>,
    fax: Option<FaxToneSender>,
}

impl Signals {
    pub(crate) const NONE: Self = Self { mf: None, fading: None, fsk: None, fax: None };

    /// Changes the register signal; the phase of one that goes on is left alone. False if there is no such signal.
    pub(crate) fn send_mf(&mut self, signal: Option<(Register, u8)>) -> bool {
        if signal.is_some_and(|(register, signal)| frequencies(register, signal).is_none()) {
            return false;
        }
        if self.mf.as_ref().map(|&(register, signal, _)| (register, signal)) == signal {
            return true;
        }
        if let Some((.., mut sender)) = self.mf.take() {
            sender.stop();
            self.fading = Some(sender);
        }
        self.mf = signal.map(|(register, signal)| (register, signal, MfSender::new(register, signal)));
        true
    }

    pub(crate) fn send_fsk(&mut self, port: PortId, sender: FskSender, sink: &mut impl Sink) {
        match self.fsk {
            None => self.fsk = Some(sender),
            Some(_) => sink.event(Event::Refused { port, why: Refusal::SendsFsk }),
        }
    }

    pub(crate) fn stop_fsk(&mut self, port: PortId, sink: &mut impl Sink) {
        if self.fsk.take().is_some() {
            sink.event(Event::FskSent { port });
        }
    }

    pub(crate) fn send_fax(&mut self, port: PortId, signal: Option<FaxSignal>, sink: &mut impl Sink) {
        let Some(signal) = signal else {
            // It fades in the next block.
            return self.fax.iter_mut().for_each(FaxToneSender::stop);
        };
        if self.fax.replace(FaxToneSender::new(signal, FAX)).is_some() {
            sink.event(Event::FaxToneSent { port });
        }
    }

    /// The port is closed.
    pub(crate) fn close(&mut self, port: PortId, sink: &mut impl Sink) {
        if self.fax.take().is_some() {
            sink.event(Event::FaxToneSent { port });
        }
    }

    fn fill_fax(&mut self, port: PortId, tx: &mut Block, sink: &mut impl Sink) -> bool {
        let Some(sender) = &mut self.fax else { return false };
        sender.fill(tx);
        if sender.is_over() {
            self.fax = None;
            sink.event(Event::FaxToneSent { port });
        }
        true
    }

    /// Writes what is sent in this block in place of all else; tells whether there was anything.
    pub(crate) fn fill(&mut self, port: PortId, tx: &mut Block, sink: &mut impl Sink) -> bool {
        if self.mf.is_none() && self.fading.is_none() {
            return self.fill_fsk(port, tx, sink);
        }
        *tx = [0; BLOCK];
        if let Some((.., sender)) = &mut self.mf {
            sender.fill(tx);
        }
        if let Some(mut sender) = self.fading.take() {
            let mut last = [0; BLOCK];
            sender.fill(&mut last);
            tx.iter_mut().zip(last).for_each(|(out, sample)| *out = out.saturating_add(sample));
        }
        true
    }

    fn fill_fsk(&mut self, port: PortId, tx: &mut Block, sink: &mut impl Sink) -> bool {
        let Some(sender) = &mut self.fsk else { return self.fill_fax(port, tx, sink) };
        sender.fill(tx);
        if sender.is_over() {
            self.stop_fsk(port, sink);
        }
        true
    }
}
