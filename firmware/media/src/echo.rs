//! Echo cancellers of the ports that want one, in banks.

use crate::load::{Extra, gives_up};
use crate::port::Port;
use crate::rooms::Rooms;
use crate::{Block, EchoSettings, EchoTail, PortId, Refusal, SILENT, wide};
use dsp_echo::{EchoBank, Pair, TAIL_32_MS, TAIL_128_MS};

/// Lanes of one bank: as many as the widest vectors hold.
const LANES: usize = 8;

/// The cancellers of eight ports, for either tail.
struct Banks {
    short: EchoBank<LANES, TAIL_32_MS>,
    long: EchoBank<LANES, TAIL_128_MS>,
}

/// All cancellers. Without a port that wants one they cost nothing but their memory.
pub(crate) struct Echoes {
    banks: Box<[Banks]>,
    /// Ports that want one.
    wanted: usize,
    /// What each port was sent last: its echo is in what comes next.
    sent: Box<[Block]>,
    cleaned: Box<[Block]>,
}

impl Echoes {
    /// Room for what is done to what ports receive, without cancellers.
    pub(crate) fn none(ports: usize) -> Self {
        Self {
            banks: Box::default(),
            wanted: 0,
            sent: vec![SILENT; ports].into_boxed_slice(),
            cleaned: vec![SILENT; ports].into_boxed_slice(),
        }
    }

    /// The same with a canceller a port.
    pub(crate) fn new(ports: usize) -> Self {
        let banks = || Banks { short: EchoBank::new(), long: EchoBank::new() };
        Self { banks: (0..ports.div_ceil(LANES)).map(|_| banks()).collect(), ..Self::none(ports) }
    }

    /// The port's line is another one from now on.
    pub(crate) fn set(
        &mut self,
        port: &mut Port,
        tail: Option<EchoTail>,
        settings: EchoSettings,
    ) -> Result<(), Refusal> {
        let at = usize::from(port.id.0);
        let lane = at % LANES;
        let banks = self.banks.get_mut(at / LANES).ok_or(Refusal::NoCancellers)?;
        self.wanted += usize::from(tail.is_some());
        self.wanted -= usize::from(port.echo.is_some());
        port.echo = tail;
        match tail {
            Some(EchoTail::Ms32) => {
                banks.short.restart(lane);
                banks.short.set(lane, settings);
            }
            Some(EchoTail::Ms128) => {
                banks.long.restart(lane);
                banks.long.set(lane, settings);
            }
            None => {}
        }
        self.sent[at] = SILENT;
        Ok(())
    }

    /// The port is closed.
    pub(crate) fn close(&mut self, port: &mut Port) {
        self.wanted -= usize::from(port.echo.take().is_some());
    }

    pub(crate) const fn are_wanted(&self) -> bool {
        self.wanted > 0
    }

    /// Keeps what a port was sent.
    pub(crate) fn sent(&mut self, port: PortId, block: &Block) {
        self.sent[usize::from(port.0)] = *block;
    }

    /// Takes the blocks for what was received without its echo, out of this struct until they are given back.
    pub(crate) fn clean(&mut self, ports: &[Port], rooms: &Rooms, level: u8, rx: &[Block]) -> Box<[Block]> {
        let mut cleaned = core::mem::take(&mut self.cleaned);
        let given = rx.len().min(cleaned.len());
        cleaned[..given].copy_from_slice(&rx[..given]);
        cleaned[given..].fill(SILENT);
        let chunks = ports.chunks(LANES).zip(self.sent.chunks(LANES)).zip(cleaned.chunks_mut(LANES));
        for (banks, ((ports, sent), cleaned)) in self.banks.iter_mut().zip(chunks) {
            let runs = |port: &Port, tail| {
                let joined = rooms.is_joined(usize::from(port.id.0));
                port.echo == Some(tail) && !gives_up(level, Extra::EchoCancelling, joined)
            };
            if let Some(mut pairs) = pairs(ports, sent, cleaned, |port| runs(port, EchoTail::Ms32)) {
                wide::cancel(&mut banks.short, &mut pairs);
            }
            if let Some(mut pairs) = pairs(ports, sent, cleaned, |port| runs(port, EchoTail::Ms128)) {
                wide::cancel(&mut banks.long, &mut pairs);
            }
        }
        cleaned
    }

    /// Takes the blocks back.
    pub(crate) fn give_back(&mut self, cleaned: Box<[Block]>) {
        self.cleaned = cleaned;
    }
}

/// The blocks of the ports whose canceller runs; `None` if none does.
fn pairs<'a>(
    ports: &[Port],
    sent: &'a [Block],
    cleaned: &'a mut [Block],
    runs: impl Fn(&Port) -> bool,
) -> Option<[Option<Pair<'a>>; LANES]> {
    let mut pairs = [const { None }; LANES];
    let mut any = false;
    for (lane, (port, (far, near))) in ports.iter().zip(sent.iter().zip(cleaned)).enumerate() {
        if port.open && runs(port) {
            pairs[lane] = Some(Pair { far, near });
            any = true;
        }
    }
    any.then_some(pairs)
}
