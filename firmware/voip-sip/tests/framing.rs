//! Streams cut into messages, in whatever pieces they come.
use base::Instant;
use core::time::Duration;
use voip_sip::{End, Frame, Framer, Limits, Problem, SLOWEST};

const OPTIONS: &str = "OPTIONS sip:box.example SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK7\r\nFrom: <sip:a@b>;tag=1\r\n\
    To: <sip:box.example>\r\nCall-ID: 7\r\nCSeq: 1 OPTIONS\r\n";

fn with_body(body: &str) -> String {
    format!("{OPTIONS}Content-Length: {}\r\n\r\n{body}", body.len())
}

fn frames(framer: &mut Framer) -> Vec<Frame> {
    std::iter::from_fn(|| framer.poll_frame()).collect()
}

#[test]
fn messages_come_out_whole_in_whatever_pieces_they_came() {
    let stream = [with_body("one\r\n\r\n"), "\r\n\r\n".to_owned(), with_body(""), with_body("three")].concat();
    for size in 1..stream.len() {
        let mut framer = Framer::new(End::Accepted, Limits::default());
        let mut came = Vec::new();
        for piece in stream.as_bytes().chunks(size) {
            framer.handle_octets(Instant::ZERO, piece);
            came.extend(frames(&mut framer));
        }
        let body = |frame: &Frame| match frame {
            Frame::Message(message) => String::from_utf8(message.common().body.clone()).unwrap(),
            other => format!("{other:?}"),
        };
        assert_eq!(came.iter().map(body).collect::<Vec<_>>(), ["one\r\n\r\n", "Ping", "", "three"], "pieces of {size}");
    }
}

#[test]
fn who_opened_the_connection_hears_pongs() {
    let mut framer = Framer::new(End::Opened, Limits::default());
    framer.handle_octets(Instant::ZERO, b"\r\n");
    assert_eq!(frames(&mut framer), [Frame::Pong]);
    assert_eq!(framer.deadline(), None);
}

#[test]
fn a_message_without_length_ends_the_stream_with_an_answer() {
    let mut framer = Framer::new(End::Accepted, Limits::default());
    framer.handle_octets(Instant::ZERO, format!("{OPTIONS}\r\n{}", with_body("")).as_bytes());
    let came = frames(&mut framer);
    let [Frame::Broken(refused)] = came.as_slice() else { panic!("{came:?}") };
    assert_eq!(refused.answer.as_ref().map(|answer| answer.status()), Some(400));
    framer.handle_octets(Instant::ZERO, with_body("").as_bytes());
    assert_eq!(framer.poll_frame(), None);
}

#[test]
fn a_faulty_message_of_known_length_is_answered_and_the_stream_goes_on() {
    let mut framer = Framer::new(End::Accepted, Limits::default());
    let faulty = with_body("").replace("CSeq: 1", "CSeq: x");
    framer.handle_octets(Instant::ZERO, [faulty, with_body("")].concat().as_bytes());
    let came = frames(&mut framer);
    assert!(matches!(came.as_slice(), [Frame::Refused(_), Frame::Message(_)]), "{came:?}");
}

#[test]
fn heads_and_bodies_have_limits_with_both_sides() {
    let limits = Limits { head: with_body("").len(), body: 5, ..Limits::default() };
    let first = |text: &str| {
        let mut framer = Framer::new(End::Accepted, limits);
        framer.handle_octets(Instant::ZERO, text.as_bytes());
        framer.poll_frame()
    };
    assert!(matches!(first(&with_body("12345")), Some(Frame::Message(_))));
    let too_long = |text: &str, most| match first(text) {
        Some(Frame::Broken(refused)) => assert_eq!(refused.fault.problem, Problem::TooLong { most }),
        other => panic!("{other:?}"),
    };
    too_long(&with_body("123456"), 5);
    too_long(&with_body("").replace("CSeq", "CSeq "), limits.head);
    too_long(&"x".repeat(limits.head), limits.head);
}

#[test]
fn who_sends_a_message_too_slowly_is_cut_off() {
    let mut framer = Framer::new(End::Accepted, Limits::default());
    let begin = Instant::from_millis(500);
    framer.handle_octets(begin, b"O");
    assert_eq!(framer.deadline(), Some(begin + SLOWEST));
    framer.handle_octets(begin + (SLOWEST - Duration::from_millis(1)), b"P");
    assert_eq!(framer.poll_frame(), None);
    framer.handle_octets(begin + SLOWEST, b"T");
    assert!(matches!(framer.poll_frame(), Some(Frame::Broken(refused)) if refused.fault.problem == Problem::TooSlow));
    assert_eq!((framer.poll_frame(), framer.deadline()), (None, None));
}

#[test]
fn the_next_message_has_its_own_time() {
    let mut framer = Framer::new(End::Accepted, Limits::default());
    framer.handle_octets(Instant::ZERO, &with_body("").as_bytes()[..9]);
    let later = Instant::from_millis(20_000);
    framer.handle_octets(later, &[&with_body("").as_bytes()[9..], b"OPT"].concat());
    assert!(matches!(framer.poll_frame(), Some(Frame::Message(_))));
    assert_eq!((framer.poll_frame(), framer.deadline()), (None, Some(later + SLOWEST)));
}
