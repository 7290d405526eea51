//! Datagrams of a span in UDP.

use base::Instant;
use pseudowire::packet::{Format, MAX_FRAMES, MAX_PACKET, Rtp, parse, write};

/// The first octets choose the format, the rest is datagrams, each as long as its first octet times eight says.
pub(crate) fn pseudowire(octets: &[u8]) {
    let Some((&choice, mut rest)) = octets.split_first() else { return };
    let rtp = (choice & 1 == 1).then_some(Rtp { payload_type: 96, ssrc: 7 });
    let format = Format { frames: [8, 16, 24, 32, 40][usize::from(choice >> 1) % 5], rtp };
    assert!(format.frames <= MAX_FRAMES);
    let mut receiver = pseudowire::span::Receiver::new(format);
    let mut statistics = pseudowire::Statistics::default();
    let mut now = Instant::ZERO;
    let mut sink = Heard::default();
    while let Some((&length, after)) = rest.split_first() {
        let datagram = &after[..after.len().min(usize::from(length) * 8)];
        rest = &after[datagram.len()..];
        if let Ok((header, rows)) = parse(datagram, &format) {
            let mut buffer = [0; MAX_PACKET];
            let rows = rows.unwrap_or_else(|| pseudowire::packet::Rows::silent(0));
            let written = write(&mut buffer, header, 0, &rows, &format);
            assert_eq!(parse(&buffer[..written], &format).map(|(header, _)| header), Ok(header));
        }
        receiver.handle(now, datagram, &mut statistics, &mut sink);
        now += core::time::Duration::from_millis(u64::from(length));
        receiver.tick(now, &mut sink);
    }
}

/// Counts what a span's receiver gives out, and takes every third event only.
#[derive(Default)]
struct Heard {
    rows: usize,
    events: usize,
}

impl pseudowire::span::Sink for Heard {
    fn rows(&mut self, rows: &pseudowire::packet::Rows) {
        assert!(rows.as_slice().len() <= MAX_FRAMES);
        self.rows += rows.as_slice().len();
    }

    fn event(&mut self, _event: ports::span::SpanEvent) -> bool {
        self.events += 1;
        !self.events.is_multiple_of(3)
    }
}
