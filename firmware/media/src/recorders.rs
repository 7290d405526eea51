//! All recorders and what each records.

use crate::recorder::{Hide, Recorder};
use crate::rooms::Rooms;
use crate::taps::{Heard, Taps};
use crate::{Event, PortId, RecordSlot, Refusal, SILENT, Sink, Source};

/// Which recorder is in use, and for what: the same for samples and for symbols.
pub(crate) struct Sources(Box<[Option<Source>]>);

impl Sources {
    pub(crate) fn new(recorders: usize) -> Self {
        Self(vec![None; recorders].into_boxed_slice())
    }

    /// Takes a free recorder into use.
    pub(crate) fn take(&mut self, recording: RecordSlot, source: Source) -> Result<(), Refusal> {
        let is_recorded = matches!(source, Source::Port(_)) && self.0.contains(&Some(source));
        match self.0.get_mut(usize::from(recording.0)) {
            Some(free @ None) if !is_recorded => {
                *free = Some(source);
                Ok(())
            }
            Some(_) | None => Err(Refusal::NoSuchRecorder),
        }
    }

    /// Tells whether it was in use.
    pub(crate) fn release(&mut self, recording: RecordSlot) -> bool {
        self.0.get_mut(usize::from(recording.0)).and_then(Option::take).is_some()
    }

    /// A recorder of the port.
    pub(crate) fn of_port(&self, port: PortId) -> Option<RecordSlot> {
        self.in_use().find(|&(_, source)| port_of(source) == Some(port)).map(|(slot, _)| slot)
    }

    pub(crate) fn in_use(&self) -> impl Iterator<Item = (RecordSlot, Source)> {
        (0..=u16::MAX).map(RecordSlot).zip(&self.0).filter_map(|(slot, source)| source.map(|source| (slot, source)))
    }
}

/// The port that a recording ends with.
pub(crate) const fn port_of(source: Source) -> Option<PortId> {
    match source {
        Source::Port(port) | Source::Received(port) | Source::Sent(port) => Some(port),
        Source::Conference(_) => None,
    }
}

/// The recorders of samples.
pub(crate) struct Recorders {
    sources: Sources,
    lines: Box<[Recorder]>,
}

impl Recorders {
    pub(crate) fn new(recorders: usize) -> Self {
        let lines = (0..=u16::MAX).map(RecordSlot).take(recorders).map(Recorder::new).collect();
        Self { sources: Sources::new(recorders), lines }
    }

    pub(crate) fn start(&mut self, source: Source, recording: RecordSlot) -> Result<(), Refusal> {
        self.sources.take(recording, source)
    }

    pub(crate) fn stop(&mut self, recording: RecordSlot, sink: &mut impl Sink) {
        if self.sources.release(recording) {
            self.lines[usize::from(recording.0)].stop(sink);
            sink.event(Event::RecordStopped { recording });
        }
    }

    /// The port is closed.
    pub(crate) fn close(&mut self, port: PortId, sink: &mut impl Sink) {
        while let Some(recording) = self.sources.of_port(port) {
            self.stop(recording, sink);
        }
    }

    /// Silences what waits of the port's recordings, and of its conference's.
    pub(crate) fn mask(&mut self, port: PortId, rooms: &Rooms) {
        let conference = rooms.conference(usize::from(port.0)).map(Source::Conference);
        for (slot, source) in self.sources.in_use() {
            if port_of(source) == Some(port) || conference == Some(source) {
                self.lines[usize::from(slot.0)].hide_waiting(Hide { received: true, sent: true, masked: true });
            }
        }
    }

    /// Takes in a tick of every recording.
    pub(crate) fn record(&mut self, taps: &Taps<'_>, sink: &mut impl Sink) {
        let mut mixed = SILENT;
        for (slot, source) in self.sources.in_use() {
            let Heard { received, sent, hide } = taps.heard(source, &mut mixed);
            let line = &mut self.lines[usize::from(slot.0)];
            if hide.received || hide.sent {
                line.hide_waiting(Hide { masked: false, ..hide });
            }
            line.push(received, sent, hide, sink);
        }
    }
}
