//! A store with calls in it, and a recording that can be heard.

use base::{CallId, Cause, ConnectionId, IdSource, RecordingId, WallTime};
use records_io::{BLOCK, Direction, RecordingItem, RecordingReport, RecordingWriter, Store, Write};
use std::error::Error;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

/// Seconds of the recording: fewer than the writer keeps between two flushes.
pub(crate) const SECONDS: u32 = 4;
/// Calls before the recorded one.
pub(crate) const EARLIER: u64 = 60;
const MINUTE: u64 = 60_000;
const SCHEMES: [(&str, Cause); 5] = [
    ("language > menu > nav > nav_result", Cause::NORMAL_CLEARING),
    ("language > menu > account > balance", Cause::NORMAL_CLEARING),
    ("language > menu > announcements", Cause::NORMAL_CLEARING),
    ("language > menu > agent", Cause::USER_BUSY),
    ("", Cause::NO_ANSWER),
];

/// What was filled in.
pub(crate) struct Filled {
    /// The store, to go on with.
    pub(crate) store: Store,
    /// Identifiers, to go on with.
    pub(crate) ids: IdSource,
    /// The number of the next event.
    pub(crate) next_event: u64,
    /// The newest call.
    pub(crate) call: CallId,
    /// Its recording.
    pub(crate) recording: RecordingId,
}

/// Fills the box below `root`: earlier calls one every seven minutes, then one that is recorded.
pub(crate) fn fill(root: &Path, now: WallTime) -> Result<Filled, Box<dyn Error>> {
    let data = root.join("var/lib/fundline");
    let store = Store::open(&data.join("fundline.db"), now)?;
    let mut ids = IdSource::new(store.start().box_id, store.start().boot);
    let mut next_event = store.start().next_event;
    for back in (1..=EARLIER).rev() {
        let number = EARLIER - back;
        let (path, cause) = SCHEMES[(number % SCHEMES.len() as u64) as usize];
        let began = WallTime(now.0 - back * 7 * MINUTE);
        let call =
            Finished { began, seconds: 20 + number * 7 % 180, from: caller(number), path, cause, recording: None };
        let id = CallId(ids.next_id());
        commit(&store, call.writes(id, ConnectionId(ids.next_id()), &mut next_event))?;
    }
    let (call, recording) = (CallId(ids.next_id()), RecordingId(ids.next_id()));
    let finished = Finished {
        began: WallTime(now.0 - u64::from(SECONDS) * 1000 - 1000),
        seconds: u64::from(SECONDS) + 1,
        from: "13901234567".into(),
        path: SCHEMES[0].0,
        cause: Cause::NORMAL_CLEARING,
        recording: Some(recording),
    };
    let mut writes = finished.writes(call, ConnectionId(ids.next_id()), &mut next_event);
    writes.push(record(&data.join("recordings"), recording)?);
    commit(&store, writes)?;
    Ok(Filled { store, ids, next_event, call, recording })
}

fn caller(number: u64) -> String {
    if number % 9 == 4 { String::new() } else { format!("1390000{:04}", number * 37 % 10_000) }
}

struct Finished {
    began: WallTime,
    seconds: u64,
    from: String,
    path: &'static str,
    cause: Cause,
    recording: Option<RecordingId>,
}

impl Finished {
    fn writes(self, id: CallId, leg: ConnectionId, next_event: &mut u64) -> Vec<Write> {
        let Self { began, seconds, from, path, cause, recording } = self;
        let after = |ms: u64| WallTime(began.0 + ms);
        let (answered, ended) = (after(1000), after(seconds * 1000));
        let line = format!("span1/{}", 1 + id.0 % 15);
        let was_answered = cause != Cause::NO_ANSWER;
        let body = |text: String| (id, text);
        let mut events = vec![(
            began,
            "Delivered",
            body(format!(
                r#"{{"connection":"{leg}","alertingDevice":"hotline","callingDevice":"{from}","calledDevice":"4008001234"}}"#
            )),
        )];
        let mut writes = vec![
            Write::CallOpened { id, from, to: "4008001234".into(), line: line.clone(), started: began },
            Write::LegOpened { id: leg, call: id, device: line, direction: Direction::In, at: began },
        ];
        if was_answered {
            writes.push(Write::CallAnswered { id, at: answered });
            writes.push(Write::LegAnswered { id: leg, at: answered });
            let (number, device, from) = (1, "hotline".to_owned(), answered);
            writes.push(Write::SegmentOpened { leg, number, device, from, recording, offset_ms: 0 });
            writes.push(Write::SegmentClosed { leg, number, to: ended });
        }
        for (step, at) in path.split(" > ").filter(|step| !step.is_empty()).zip(1_u64..) {
            let at = after(1000 + at * 800);
            writes.push(Write::Path { call: id, at, step: step.to_owned() });
            events.push((at, "MenuStep", body(format!(r#"{{"step":"{step}"}}"#))));
        }
        writes.push(Write::LegClosed { id: leg, cause, at: ended });
        writes.push(Write::CallClosed { id, cause, ended });
        events.push((ended, "CallCleared", body(format!(r#"{{"cause":{}}}"#, cause.0))));
        for (wall, kind, (call, body)) in events {
            writes.push(Write::Event { seq: *next_event, wall, call: Some(call), kind: kind.into(), body });
            *next_event += 1;
        }
        writes
    }
}

/// Writes and waits for the disk.
pub(crate) fn commit(store: &Store, writes: Vec<Write>) -> Result<(), Box<dyn Error>> {
    let (sender, answer) = mpsc::channel();
    store.submit(writes, move |result| drop(sender.send(result)));
    Ok(answer.recv_timeout(Duration::from_secs(10))??)
}

/// Records a caller at 440 Hz in the left channel, the box at 1000 Hz in the right.
fn record(directory: &Path, id: RecordingId) -> Result<Write, Box<dyn Error>> {
    let (sender, reports) = mpsc::channel();
    let (mut sink, _writer) =
        RecordingWriter::start(directory.to_owned(), 2000, move |report| drop(sender.send(report)))?;
    for number in 0..SECONDS * 100 {
        let block = |hertz: f32| {
            std::array::from_fn::<u8, BLOCK, _>(|at| {
                let second = (number as usize * BLOCK + at) as f32 / 8000.0;
                let sample = (second * hertz * std::f32::consts::TAU).sin() * 8000.0;
                dsp_g711::alaw_encode(sample as i16)
            })
        };
        sink.push(RecordingItem::Block { id, number, received: block(440.0), sent: block(1000.0) });
    }
    sink.push(RecordingItem::End { id });
    loop {
        match reports.recv_timeout(Duration::from_secs(10))? {
            RecordingReport::Closed(closed) => return Ok(closed.into()),
            RecordingReport::GivenUp { .. } | RecordingReport::DiskFailed { .. } => return Err("no recording".into()),
            RecordingReport::DiskRecovered => {}
        }
    }
}
