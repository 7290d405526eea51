//! What the store promises: on disk before it says so, whole or not at all, numbered once, closed after a crash.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
use base::{CallId, Cause, ConnectionId, RecordingId, WallTime};
use records_io::{CallFilter, Direction, OpenError, PAGE, Reader, Store, Write, WriteError};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);
const START: u64 = 1_795_514_400_000;

#[test]
fn a_batch_is_on_disk_before_its_owner_is_told() {
    let (_dir, path) = place();
    let store = open(&path);
    let (told, answer) = channel();
    let seen_from = path.clone();
    store.submit(call(1, "4008001234"), move |result| {
        let seen = Reader::open(&seen_from).unwrap().call(CallId(1)).unwrap();
        told.send((result, seen.is_some())).unwrap();
    });
    assert_eq!(answer.recv_timeout(PATIENCE).unwrap(), (Ok(()), true));
}

#[test]
fn what_waits_when_the_store_is_dropped_is_written_first() {
    let (_dir, path) = place();
    let store = open(&path);
    for id in 1..=1000 {
        store.submit(call(id, "1"), |result| assert_eq!(result, Ok(())));
    }
    drop(store);
    let count: i64 =
        Connection::open(&path).unwrap().query_row("SELECT count(*) FROM call", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 1000);
}

#[test]
fn a_batch_that_contradicts_the_store_is_undone_alone() {
    let (_dir, path) = place();
    let store = open(&path);
    let number = store.start().next_event;
    commit(&store, vec![event(number, "Delivered")]).unwrap();
    // The second write uses the number again: the first one of the same batch must not stay.
    let twice = [call(7, "1"), vec![event(number, "Established")]].concat();
    assert!(matches!(commit(&store, twice), Err(WriteError::Refused(why)) if why.contains("UNIQUE")));
    commit(&store, call(8, "1")).unwrap();
    let reader = Reader::open(&path).unwrap();
    assert_eq!((reader.call(CallId(7)).unwrap(), reader.call(CallId(8)).unwrap().is_some()), (None, true));
    assert_eq!(reader.events_after(0, 10).unwrap()[0].kind, "Delivered");
}

#[test]
fn a_whole_call_is_read_back_and_its_record_is_posted_once() {
    let (_dir, path) = place();
    let store = open(&path);
    let (id, leg, recording) = (CallId(5), ConnectionId(6), RecordingId(7));
    let at = |ms: u64| WallTime(START + ms);
    commit(&store, call(5, "4008001234")).unwrap();
    let writes = vec![
        Write::CallAnswered { id, at: at(900) },
        Write::CallAnswered { id, at: at(5000) },
        Write::LegOpened { id: leg, call: id, device: "hotline".into(), direction: Direction::In, at: at(10) },
        Write::LegAnswered { id: leg, at: at(900) },
        Write::SegmentOpened {
            leg,
            number: 1,
            device: "hotline".into(),
            from: at(900),
            recording: Some(recording),
            offset_ms: 0,
        },
        Write::Path { call: id, at: at(2000), step: "language".into() },
        Write::Path { call: id, at: at(4000), step: "net asset value".into() },
        Write::SegmentClosed { leg, number: 1, to: at(9000) },
        Write::LegHungUp { id: leg, evidence: "loop current lost".into() },
        Write::LegHungUp { id: leg, evidence: "line reversed".into() },
        Write::LegClosed { id: leg, cause: Cause::NORMAL_CLEARING, at: at(9000) },
        Write::RecordingClosed {
            id: recording,
            path: "2026/11/24/7.wav".into(),
            started: at(900),
            frames: 64_800,
            lost_frames: 80,
            head: "ab".repeat(32),
        },
        Write::CallClosed { id, cause: Cause::NORMAL_CLEARING, ended: at(9000) },
    ];
    commit(&store, writes).unwrap();

    let detail = Reader::open(&path).unwrap().call(id).unwrap().unwrap();
    assert_eq!((detail.call.answered, detail.call.ended), (Some(at(900).0 as i64), Some(at(9000).0 as i64)));
    assert_eq!((detail.call.state.as_str(), detail.call.cause), ("ended", Some(16)));
    assert_eq!(detail.call.path.as_deref(), Some("language > net asset value"));
    assert_eq!(detail.call.recordings, [recording.to_string()]);
    assert_eq!((detail.legs.len(), detail.legs[0].segments.len(), detail.steps.len()), (1, 1, 2));
    assert_eq!(detail.legs[0].hang_up.as_deref(), Some("loop current lost"), "the first counts");
    assert_eq!((detail.files[0].frames, detail.files[0].lost_frames), (64_800, 80));
    let posted = outbox(&path);
    assert_eq!(posted.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>(), ["recording", "cdr"]);
    assert!(posted[1].1.contains("\"cause\":16") && posted[1].1.contains("language > net asset value"));
}

#[test]
fn calls_that_a_crash_left_open_are_closed_as_interrupted_at_their_last_sign_of_life() {
    let (_dir, path) = place();
    let first = open(&path);
    assert_eq!((first.start().boot, first.start().interrupted.len()), (1, 0));
    let box_id = first.start().box_id;
    commit(&first, [call(1, "1"), call(2, "2")].concat()).unwrap();
    let (leg, at) = (ConnectionId(9), WallTime(START + 10));
    let open_leg = vec![
        Write::LegOpened { id: leg, call: CallId(2), device: "hotline".into(), direction: Direction::In, at },
        Write::Path { call: CallId(2), at: WallTime(START + 4000), step: "balance".into() },
        Write::CallClosed { id: CallId(1), cause: Cause::NORMAL_CLEARING, ended: WallTime(START + 99) },
    ];
    commit(&first, open_leg).unwrap();
    // Nothing tells a dropped store from a killed one but what it had not yet committed; `killed.rs` kills a process.
    drop(first);

    let second = open(&path);
    assert_eq!((second.start().boot, second.start().box_id), (2, box_id));
    assert_eq!(second.start().interrupted, [CallId(2)]);
    let detail = Reader::open(&path).unwrap().call(CallId(2)).unwrap().unwrap();
    assert_eq!((detail.call.state.as_str(), detail.call.ended), ("interrupted", Some((START + 4000) as i64)));
    assert_eq!(detail.legs[0].closed, Some((START + 4000) as i64));
    assert!(outbox(&path).iter().any(|(kind, body)| kind == "cdr" && body.contains("interrupted")));
    let told = Reader::open(&path).unwrap().events_after(0, 10).unwrap();
    assert_eq!((told.len(), told[0].kind.as_str()), (1, "CallInterrupted"));
    assert!(second.start().next_event > told[0].seq);
    drop(second);
    assert_eq!(open(&path).start().interrupted, []);
}

#[test]
fn an_event_number_is_never_given_out_again_even_after_all_were_pruned() {
    let (_dir, path) = place();
    let mut highest = 0;
    for boot in 1..=4 {
        let store = open(&path);
        let next = store.start().next_event;
        assert!(next > highest, "boot {boot}: {next} was used before");
        // Those given out and lost before their commit leave a gap, never a repetition.
        highest = next + 65_000;
        commit(&store, vec![event(next, "Delivered"), event(next + 3, "Established")]).unwrap();
        store.prune_events(WallTime(START + 10 * 24 * 3_600_000), Duration::from_secs(25 * 3600));
        commit(&store, vec![]).unwrap();
        drop(store);
        let reader = Reader::open(&path).unwrap();
        assert_eq!(reader.events_after(0, 10).unwrap(), [], "the prune was carried out");
    }
}

#[test]
fn events_of_the_last_day_outlive_every_prune() {
    let (_dir, path) = place();
    let store = open(&path);
    let next = store.start().next_event;
    commit(&store, vec![event(next, "Delivered")]).unwrap();
    store.prune_events(WallTime(START + 23 * 3_600_000), Duration::ZERO);
    drop(store);
    assert_eq!(Reader::open(&path).unwrap().events_after(0, 10).unwrap().len(), 1);
}

#[test]
fn events_are_read_onwards_from_a_number_and_backwards_from_the_newest() {
    let (_dir, path) = place();
    let store = open(&path);
    let next = store.start().next_event;
    commit(&store, (next..next + 20).map(|seq| event(seq, "Delivered")).collect()).unwrap();
    let reader = Reader::open(&path).unwrap();
    let numbers = |rows: Vec<records_io::EventRow>| rows.iter().map(|row| row.seq - next).collect::<Vec<_>>();
    assert_eq!(numbers(reader.events_after(next + 4, 3).unwrap()), [5, 6, 7]);
    assert_eq!(numbers(reader.events_before(u64::MAX, 3).unwrap()), [19, 18, 17]);
    assert_eq!(numbers(reader.events_before(next + 2, 10).unwrap()), [1, 0]);
}

#[test]
fn pages_of_calls_hold_each_once_in_order_whatever_their_start_times() {
    let (_dir, path) = place();
    let store = open(&path);
    // Three of each four began in the same millisecond.
    for id in 1..=1250 {
        let mut writes = call(id, "4008001234");
        if let Write::CallOpened { started, .. } = &mut writes[0] {
            *started = WallTime(START + u64::try_from(id / 4).unwrap());
        }
        store.submit(writes, |result| assert_eq!(result, Ok(())));
    }
    drop(store);
    let reader = Reader::open(&path).unwrap();
    let (mut filter, mut seen) = (CallFilter::default(), Vec::new());
    loop {
        let page = reader.calls(&filter).unwrap();
        assert!(page.len() <= PAGE as usize);
        let Some(last) = page.last() else { break };
        filter.after = Some(last.id.parse().unwrap());
        seen.extend(page.iter().map(|row| (row.started, row.id.clone())));
    }
    assert_eq!(seen.len(), 1250);
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "newest first, each once");
}

#[test]
fn calls_are_found_by_part_of_a_number_and_by_time() {
    let (_dir, path) = place();
    let store = open(&path);
    for (id, to) in [(1, "4008001234"), (2, "95511"), (3, "40%1"), (4, "4_8")] {
        let mut writes = call(id, to);
        if let Write::CallOpened { started, .. } = &mut writes[0] {
            *started = WallTime(START + id as u64 * 1000);
        }
        commit(&store, writes).unwrap();
    }
    let reader = Reader::open(&path).unwrap();
    let check = |filter: CallFilter, expected: &[u128]| {
        let found: Vec<u128> =
            reader.calls(&filter).unwrap().iter().map(|row| u128::from_str_radix(&row.id, 16).unwrap()).collect();
        assert_eq!(found, expected, "{filter:?}");
    };
    let number = |part: &str| CallFilter { number: Some(part.into()), ..CallFilter::default() };
    check(number("8001"), &[1]);
    check(number("139"), &[4, 3, 2, 1]);
    // What SQL takes for a pattern is a character here.
    check(number("%"), &[3]);
    check(number("_"), &[4]);
    check(number("' OR 1=1 --"), &[]);
    let since = WallTime(START + 2000);
    check(CallFilter { since: Some(since), ..CallFilter::default() }, &[4, 3, 2]);
    check(CallFilter { until: Some(since), ..CallFilter::default() }, &[1]);
    check(CallFilter { limit: 2, ..CallFilter::default() }, &[4, 3]);
    check(CallFilter { after: Some(CallId(2)), ..number("4") }, &[1]);
}

#[test]
fn while_another_program_holds_the_store_writes_are_kept_and_then_made() {
    let (_dir, path) = place();
    let store = open(&path);
    let mut other = Connection::open(&path).unwrap();
    let lock = other.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
    assert!(matches!(commit(&store, call(1, "1")), Err(WriteError::Kept(_))));
    lock.rollback().unwrap();
    // A later batch is answered only when all before it is on disk too.
    commit(&store, call(2, "2")).unwrap();
    assert!(Reader::open(&path).unwrap().call(CallId(1)).unwrap().is_some());
}

#[test]
fn a_store_of_a_newer_program_is_refused_and_left_alone() {
    let (_dir, path) = place();
    drop(open(&path));
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let Err(error) = Store::open(&path, WallTime(START)) else { panic!("opened") };
    assert!(matches!(error, OpenError::Newer { found: 99, .. }));
    assert!(error.to_string().contains("start the newer program again"));
}

#[test]
fn a_reader_cannot_write_and_a_missing_call_is_no_error() {
    let (_dir, path) = place();
    let _store = open(&path);
    let reader = Reader::open(&path).unwrap();
    assert_eq!(reader.call(CallId(404)).unwrap(), None);
    assert_eq!(reader.recording("404").unwrap(), None);
    assert_eq!(reader.recording_began("404").unwrap(), None);
    assert!(Reader::open(&path.with_file_name("none.db")).is_err());
}

fn place() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("var/lib/fundline/fundline.db");
    (dir, path)
}

fn open(path: &Path) -> Store {
    Store::open(path, WallTime(START)).unwrap()
}

fn call(id: u128, to: &str) -> Vec<Write> {
    vec![Write::CallOpened {
        id: CallId(id),
        from: "13901234567".into(),
        to: to.into(),
        line: "span 1 channel 5".into(),
        started: WallTime(START),
    }]
}

fn event(seq: u64, kind: &str) -> Write {
    Write::Event { seq, wall: WallTime(START), call: None, kind: kind.into(), body: "{}".into() }
}

/// Submits and waits for the answer.
fn commit(store: &Store, writes: Vec<Write>) -> Result<(), WriteError> {
    let (told, answer) = channel();
    store.submit(writes, move |result| told.send(result).unwrap());
    answer.recv_timeout(PATIENCE).expect("an answer within twenty seconds")
}

fn outbox(path: &Path) -> Vec<(String, String)> {
    let db = Connection::open(path).unwrap();
    let mut rows = db.prepare("SELECT kind, body FROM outbox ORDER BY number").unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn what_a_line_has_taught_is_known_at_the_next_start() {
    let (_dir, path) = place();
    let store = open(&path);
    assert_eq!(store.start().learned, []);
    let taught = |line: &str, tones: &str| vec![Write::LineLearned { line: line.into(), tones: tones.into() }];
    commit(&store, taught("bank/2", "600/0 250/150 1")).unwrap();
    commit(&store, taught("bank/1", "480/620 300/300 3")).unwrap();
    commit(&store, taught("bank/2", "600/0 250/150 2")).unwrap();
    drop(store);
    let kept = [("bank/1", "480/620 300/300 3"), ("bank/2", "600/0 250/150 2")];
    assert_eq!(open(&path).start().learned, kept.map(|(line, tones)| (line.to_owned(), tones.to_owned())));
}

#[test]
fn a_channel_that_is_blocked_stays_so_until_it_is_given_back() {
    let (_dir, path) = place();
    let store = open(&path);
    assert_eq!(store.start().blocked, [""; 0]);
    let block = |channel: &str| Write::ChannelBlocked { channel: channel.into() };
    let unblock = |channel: &str| Write::ChannelUnblocked { channel: channel.into() };
    commit(&store, vec![block("span1/5"), block("span1/4"), block("span1/5"), unblock("span2/1")]).unwrap();
    drop(store);
    let store = open(&path);
    assert_eq!(store.start().blocked, ["span1/4", "span1/5"]);
    commit(&store, vec![unblock("span1/5")]).unwrap();
    drop(store);
    assert_eq!(open(&path).start().blocked, ["span1/4"]);
}
