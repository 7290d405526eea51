//! Datagrams of a span in UDP.

use base::Instant;
use ports::span::{D_SLOT, SpanEvent};
use pseudowire::Signaling;
use pseudowire::packet::{Format, MAX_FRAMES, MAX_PACKET, Rows, Rtp, parse, write};

/// The first octet chooses the format, its highest bit CAS; the rest is datagrams, each as long as the octet before it times eight
/// says, with CAS the two octets.
pub(crate) fn pseudowire(octets: &[u8]) {
    let Some((&choice, mut rest)) = octets.split_first() else { return };
    let rtp = (choice & 1 == 1).then_some(Rtp { payload_type: 96, ssrc: 7 });
    let format = if choice & 0x80 == 0 {
        let frames = [8, 16, 24, 32, 40][usize::from(choice >> 1) % 5];
        Format { frames, signaling: Signaling::DChannel, rtp }
    } else {
        let frames = if choice & 2 == 0 { 16 } else { 8 };
        Format { frames, signaling: Signaling::Cas, rtp }
    };
    assert!(format.frames <= MAX_FRAMES);
    let mut receiver = pseudowire::span::Receiver::new(format);
    let mut statistics = pseudowire::Statistics::default();
    let mut now = Instant::ZERO;
    let mut sink = Heard::default();
    while let Some((&length, after)) = rest.split_first() {
        let (told, after) = match format.signaling {
            Signaling::DChannel => (usize::from(length) * 8, after),
            Signaling::Cas => {
                let (&low, after) = after.split_first().unwrap_or((&0, after));
                (usize::from(length % 8) << 8 | usize::from(low), after)
            }
        };
        let datagram;
        (datagram, rest) = after.split_at(told.min(after.len()));
        if let Ok((header, rows)) = parse(datagram, &format) {
            let mut buffer = [0; MAX_PACKET];
            let silent = Rows::silent(format.frames);
            let written = write(&mut buffer, header, 0, rows.as_ref().unwrap_or(&silent), &format);
            assert_eq!(parse(&buffer[..written], &format), Ok((header, rows)));
        }
        receiver.handle(now, datagram, &mut statistics, &mut sink);
        now += core::time::Duration::from_millis(u64::from(length));
        receiver.tick(now, &mut statistics, &mut sink);
    }
}

/// Counts what a span's receiver gives out, and takes every third event only.
#[derive(Default)]
struct Heard {
    rows: usize,
    events: usize,
}

impl pseudowire::span::Sink for Heard {
    fn rows(&mut self, rows: &Rows) {
        assert!(rows.as_slice().len() <= MAX_FRAMES);
        self.rows += rows.as_slice().len();
    }

    fn event(&mut self, event: SpanEvent) -> bool {
        if let SpanEvent::Cas { timeslot, .. } = event {
            assert!((1..32).contains(&timeslot) && usize::from(timeslot) != D_SLOT);
        }
        self.events += 1;
        !self.events.is_multiple_of(3)
    }
}
