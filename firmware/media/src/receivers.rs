//! The receivers of all ports, in banks.

use crate::load::{Extra, gives_up};
use crate::port::{Port, READING};
use crate::rooms::Rooms;
use crate::{Block, Event, Listening, PortId, Sink, wide};
use dsp_fax::FaxToneBank;
use dsp_fsk::FskBank;
use dsp_level::{LevelBank, VoiceBank, VoiceSettings};
use dsp_mf::{MfBank, Register};
use dsp_progress::ProgressBank;
use dsp_tone::{DtmfBank, Profile};

/// Lanes of one bank.
const LANES: usize = 32;

/// The receivers of 32 ports.
struct Banks {
    dtmf: DtmfBank<LANES>,
    mf: MfBank<LANES>,
    fsk: FskBank<LANES>,
    fax: FaxToneBank<LANES>,
    progress: ProgressBank<LANES>,
    voice: VoiceBank<LANES>,
    levels: LevelBank<LANES>,
}

/// All receivers. Those of a kind that no port of a bank listens to cost a look at 32 flags.
pub(crate) struct Receivers(Box<[Banks]>);

impl Receivers {
    pub(crate) fn new(ports: usize) -> Self {
        let banks = || Banks {
            dtmf: DtmfBank::new(Profile::ATT),
            mf: MfBank::new(),
            fsk: FskBank::new(),
            fax: FaxToneBank::new(),
            progress: ProgressBank::new(),
            voice: VoiceBank::new(VoiceSettings::LINE),
            levels: LevelBank::new(),
        };
        Self((0..ports.div_ceil(LANES)).map(|_| banks()).collect())
    }

    /// Has DTMF receivers keep to this profile; they forget what they have heard.
    pub(crate) fn read_by(&mut self, profile: Profile) {
        self.0.iter_mut().for_each(|banks| banks.dtmf = DtmfBank::new(profile));
    }

    /// What the port's DTMF receiver has heard is forgotten.
    pub(crate) fn forget_dtmf(&mut self, port: PortId) {
        let (banks, lane) = self.of(port);
        banks.dtmf.reset(lane);
    }

    pub(crate) fn listen_mf(&mut self, port: PortId, register: Option<Register>) {
        let (banks, lane) = self.of(port);
        banks.mf.listen(lane, register);
    }

    pub(crate) fn listen_fsk(&mut self, port: PortId, on: Listening) {
        let (banks, lane) = self.of(port);
        banks.fsk.listen(lane, on == Listening::On);
    }

    pub(crate) fn listen_fax(&mut self, port: PortId, on: Listening) {
        let (banks, lane) = self.of(port);
        banks.fax.listen(lane, on == Listening::On);
    }

    pub(crate) fn listen_progress(&mut self, port: PortId, on: Listening) {
        let (banks, lane) = self.of(port);
        banks.progress.listen(lane, on == Listening::On);
    }

    pub(crate) fn listen_voice(&mut self, port: PortId, on: Listening) {
        let (banks, lane) = self.of(port);
        banks.voice.listen(lane, on == Listening::On);
    }

    pub(crate) fn listen_levels(&mut self, port: PortId, on: Listening) {
        let (banks, lane) = self.of(port);
        banks.levels.listen(lane, on == Listening::On);
    }

    fn of(&mut self, port: PortId) -> (&mut Banks, usize) {
        (&mut self.0[usize::from(port.0) / LANES], usize::from(port.0) % LANES)
    }

    /// Ten milliseconds of all ports that listen to something; at this level of load some no longer do.
    pub(crate) fn hear(&mut self, ports: &mut [Port], rooms: &Rooms, level: u8, rx: &[Block], sink: &mut impl Sink) {
        let hears = |port: &Port| !gives_up(level, Extra::Hearing, rooms.is_joined(usize::from(port.id.0)));
        for (number, (banks, ports)) in self.0.iter_mut().zip(ports.chunks_mut(LANES)).enumerate() {
            let rx = rx.get(number * LANES..).unwrap_or_default();
            if let Some(blocks) = heard(ports, rx, Port::listens) {
                wide::detect(&mut banks.dtmf, &blocks, |lane, event| ports[lane].on_dtmf(event, sink));
                for (lane, port) in ports.iter_mut().enumerate().filter(|(lane, _)| blocks[*lane].is_some()) {
                    port.note_tone(banks.dtmf.tone_present(lane));
                }
            }
            // Most ports listen to nothing else most of the time.
            if !ports.iter().any(Port::hears_more) {
                continue;
            }
            let id = |lane: usize| ports[lane].id;
            if let Some(blocks) = heard(ports, rx, |port| port.hears_mf) {
                wide::detect(&mut banks.mf, &blocks, |lane, event| sink.event(Event::Mf { port: id(lane), event }));
            }
            if let Some(blocks) = heard(ports, rx, |port| port.hears_fsk) {
                wide::detect(&mut banks.fsk, &blocks, |lane, event| sink.event(Event::Fsk { port: id(lane), event }));
            }
            if let Some(blocks) = heard(ports, rx, |port| port.hears_fax && hears(port)) {
                wide::detect(&mut banks.fax, &blocks, |lane, event| sink.event(Event::Fax { port: id(lane), event }));
            }
            if let Some(blocks) = heard(ports, rx, |port| port.hears_progress && hears(port)) {
                wide::detect(&mut banks.progress, &blocks, |lane, event| {
                    sink.event(Event::Progress { port: id(lane), event });
                });
            }
            if let Some(blocks) = heard(ports, rx, |port| port.hears_voice && hears(port)) {
                wide::detect(&mut banks.voice, &blocks, |lane, event| {
                    sink.event(Event::Voice { port: id(lane), event })
                });
            }
            if let Some(blocks) = heard(ports, rx, |port| port.meters && hears(port)) {
                wide::detect(&mut banks.levels, &blocks, |_, never| match never {});
                let metered = ports.iter_mut().enumerate().filter(|(lane, _)| blocks[*lane].is_some());
                metered.for_each(|(lane, port)| read(&banks.levels, lane, port, sink));
            }
        }
    }
}

/// Tells what a meter shows, when it is time.
fn read(levels: &LevelBank<LANES>, lane: usize, port: &mut Port, sink: &mut impl Sink) {
    port.until_reading -= 1;
    if port.until_reading > 0 {
        return;
    }
    port.until_reading = READING;
    if let Some(levels) = levels.levels(lane) {
        sink.event(Event::Levels { port: port.id, levels });
    }
}

/// The blocks of the ports that listen; `None` if none does.
fn heard<'a>(ports: &[Port], rx: &'a [Block], listens: impl Fn(&Port) -> bool) -> Option<[Option<&'a Block>; LANES]> {
    let mut blocks = [None; LANES];
    let mut any = false;
    for (lane, _) in ports.iter().enumerate().filter(|(_, port)| listens(port)) {
        blocks[lane] = Some(rx.get(lane).unwrap_or(&crate::SILENT));
        any = true;
    }
    any.then_some(blocks)
}
