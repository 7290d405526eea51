//! An engine between spans: what both ends have in common.

use base::Instant;
use lab::{LabAudio, LabLink, LabSpan};
use media::{BLOCK, Block, Command, Engine, Event, RecordedBlock, Sink};
use ports::span::{Abcd, BEARERS, DataLink, SpanAudio, SpanBlock, SpanEvent};

/// One end of all spans.
pub(crate) struct Switch {
    engine: Engine,
    audio: Vec<LabAudio>,
    links: Vec<LabLink>,
    pub(crate) received: Vec<Block>,
    pub(crate) sent: Vec<Block>,
    /// The port whose hybrid sends back a quarter of what it hears, two blocks later.
    pub(crate) reflecting: Option<usize>,
    pub(crate) out: Out,
}

/// What the engine gave out.
#[derive(Default)]
pub(crate) struct Out {
    pub(crate) events: Vec<Event>,
    pub(crate) recorded: Vec<RecordedBlock>,
}

impl Sink for Out {
    fn event(&mut self, event: Event) {
        self.events.push(event);
    }
    fn recorded(&mut self, block: &RecordedBlock) {
        self.recorded.push(*block);
    }
}

impl Switch {
    /// The network's, without echo cancellers.
    pub(crate) fn new(spans: Vec<LabSpan>) -> Self {
        let engine = Engine::new(spans.len() * BEARERS);
        Self::of(spans, engine)
    }

    /// The box's.
    pub(crate) fn with_cancellers(spans: Vec<LabSpan>) -> Self {
        let engine = Engine::with_cancellers(spans.len() * BEARERS);
        Self::of(spans, engine)
    }

    fn of(spans: Vec<LabSpan>, engine: Engine) -> Self {
        let ports = spans.len() * BEARERS;
        let (audio, links) = spans.into_iter().map(LabSpan::into_halves).unzip();
        let silent = vec![[0; BLOCK]; ports];
        let (received, sent) = (silent.clone(), silent);
        Self { engine, audio, links, received, sent, reflecting: None, out: Out::default() }
    }

    pub(crate) fn command(&mut self, command: Command) {
        self.engine.handle(command, &mut self.out);
    }

    /// Takes the next 10 ms from the line and sends the engine's.
    pub(crate) fn tick(&mut self) {
        let mut block = SpanBlock::silent();
        for (span, audio) in self.audio.iter_mut().enumerate() {
            audio.read(&mut block).expect("the other end lives as long as the world");
            for bearer in 0..BEARERS {
                let port = span * BEARERS + bearer;
                dsp_g711::alaw_decode_block(&block.slot[timeslot(port)], &mut self.received[port]);
            }
        }
        self.engine.tick(&self.received, &mut self.sent, &mut self.out);
        if let Some(port) = self.reflecting {
            let pairs = self.sent[port].iter_mut().zip(&self.received[port]);
            pairs.for_each(|(sent, heard)| *sent = sent.saturating_add(heard / 4));
        }
        for (span, audio) in self.audio.iter_mut().enumerate() {
            for bearer in 0..BEARERS {
                let port = span * BEARERS + bearer;
                dsp_g711::alaw_encode_block(&self.sent[port], &mut block.slot[timeslot(port)]);
            }
            audio.write(&block).expect("the other end lives as long as the world");
        }
    }

    pub(crate) fn send(&mut self, span: usize, frame: &[u8]) {
        // A full queue loses the frame, as a line does; the data link repeats it.
        let _lost = self.links[span].send(frame);
    }

    pub(crate) fn set_cas(&mut self, span: usize, timeslot: u8, bits: Abcd) {
        self.links[span].set_cas(timeslot, bits);
    }

    /// The next event of any span.
    pub(crate) fn poll(&mut self) -> Option<(usize, SpanEvent)> {
        self.links.iter_mut().enumerate().find_map(|(span, link)| Some((span, link.poll_event()?)))
    }
}

fn timeslot(port: usize) -> usize {
    usize::from(media_io::place(media::PortId(port as u16)).1)
}

/// The earlier of two deadlines, where there are any.
pub(crate) fn earliest(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    one.into_iter().chain(other).min()
}
