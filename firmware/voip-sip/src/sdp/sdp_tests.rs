use super::*;
use core::net::SocketAddr;
use ports::call::Codec;

fn text(lines: &[&str]) -> String {
    let head = ["v=0", "o=- 1 2 IN IP4 192.0.2.9", "s=-", "c=IN IP4 192.0.2.9", "t=0 0"];
    let all: Vec<&str> = head.iter().chain(lines).copied().collect();
    format!("{}\r\n", all.join("\r\n"))
}

fn description(lines: &[&str]) -> Description {
    Description::parse(text(lines).as_bytes()).expect("a description")
}

fn local(codecs: &[Codec]) -> Local {
    let address: SocketAddr = "192.0.2.1:20000".parse().expect("an address");
    Local { address, codecs: codecs.to_vec(), direction: Direction::SendReceive, session: 7, version: 1 }
}

const OFFER: [&str; 6] = [
    "m=audio 4000 RTP/AVP 9 96 0 97",
    "a=rtpmap:96 pcma/8000",
    "a=rtpmap:97 telephone-event/8000",
    "a=fmtp:97 0-15",
    "a=ptime:30",
    "a=label:x",
];

#[test]
fn our_offer_and_the_answer_to_it_agree_at_both_ends() {
    let (us, them) = (local(&[Codec::Alaw, Codec::Ulaw]), local(&[Codec::Ulaw, Codec::Alaw]));
    let offer = offer(&us);
    let expected = "v=0\r\no=- 7 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 20000 RTP/AVP 8 0 101\r\n\
        a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n";
    assert_eq!(offer.to_string(), expected);
    let (answer, theirs) = answer(&offer, &them).expect("agreed");
    let ours = agreed(&offer, &answer, &us).expect("agreed");
    assert_eq!((ours.codec, ours.payload, ours.events), (Codec::Alaw, 8, Some(101)));
    assert_eq!((theirs.codec, theirs.remote), (Codec::Alaw, us.address));
}

#[test]
fn the_first_codec_of_the_offer_that_we_have_is_taken_with_its_number() {
    let (answer, agreed) = answer(&description(&OFFER), &local(&[Codec::Ulaw, Codec::Alaw])).expect("agreed");
    assert_eq!((agreed.codec, agreed.payload, agreed.events, agreed.packet_ms), (Codec::Alaw, 96, Some(97), 30));
    assert_eq!(agreed.remote.to_string(), "192.0.2.9:4000");
    assert_eq!(answer.media[0].formats, ["96", "97"]);
}

#[test]
fn other_streams_are_refused_in_their_places() {
    let lines = ["m=video 5000 RTP/AVP 31", "m=audio 0 RTP/AVP 8", "m=audio 4000 RTP/AVP 8", "m=image 6000 udptl t38"];
    let (answer, _) = answer(&description(&lines), &local(&[Codec::Alaw])).expect("agreed");
    let places: Vec<(&str, u16)> = answer.media.iter().map(|media| (media.kind.as_str(), media.port)).collect();
    assert_eq!(places, [("video", 0), ("audio", 0), ("audio", 20_000), ("image", 0)]);
    assert_eq!(answer.media[3].formats, ["t38"]);
}

#[test]
fn what_cannot_be_agreed_says_why() {
    let us = local(&[Codec::Alaw]);
    assert_eq!(answer(&description(&["m=image 6000 udptl t38"]), &us), Err(NotAgreed::NoAudio));
    assert_eq!(answer(&description(&["m=audio 4000 RTP/SAVP 8"]), &us), Err(NotAgreed::NoAudio));
    assert_eq!(answer(&description(&["m=audio 4000 RTP/AVP 0 18"]), &us), Err(NotAgreed::NoCodec));
    let wide = ["m=audio 4000 RTP/AVP 8", "a=rtpmap:8 PCMA/16000"];
    assert_eq!(answer(&description(&wide), &us), Err(NotAgreed::NoCodec));
    let other = description(&["m=audio 4000 RTP/AVP 8", "m=audio 4002 RTP/AVP 8"]);
    assert_eq!(agreed(&offer(&us), &other, &us), Err(NotAgreed::OtherStreams));
}

#[test]
fn hold_is_seen_from_both_ends_and_in_the_old_manner() {
    let us = local(&[Codec::Alaw]);
    let way = |lines: &[&str], us: &Local| answer(&description(lines), us).map(|(_, agreed)| agreed.direction);
    let audio = "m=audio 4000 RTP/AVP 8";
    assert_eq!(way(&[audio, "a=sendonly"], &us), Ok(Direction::ReceiveOnly));
    assert_eq!(way(&["a=inactive", audio], &us), Ok(Direction::Inactive));
    assert_eq!(way(&["a=inactive", audio, "a=sendrecv"], &us), Ok(Direction::SendReceive));
    assert_eq!(way(&[audio, "c=IN IP4 0.0.0.0"], &us), Ok(Direction::ReceiveOnly));
    let holding = Local { direction: Direction::SendOnly, ..us };
    assert_eq!(way(&[audio], &holding), Ok(Direction::SendOnly));
    assert_eq!(way(&[audio, "a=sendonly"], &holding), Ok(Direction::Inactive));
}

#[test]
fn what_is_read_is_written_and_read_as_the_same() {
    let six = "v=0\no=u 18446744073709551615 0 IN IP6 ::1\ns= \nt=0 0\nm=audio 1/2 RTP/AVP 0\nc=IN IP6 2001:db8::1\na=crypto:1 x\n";
    for read in [description(&OFFER), Description::parse(six.as_bytes()).expect("a description")] {
        assert_eq!(Description::parse(read.to_string().as_bytes()).as_ref(), Ok(&read));
    }
}

#[test]
fn descriptions_that_are_none_are_refused_by_line() {
    let check =
        |text: &str, line| assert_eq!(Description::parse(text.as_bytes()).map_err(|bad| bad.line), Err(line), "{text}");
    let good = text(&OFFER);
    for letter in ["v=0", "s=-", "t=0 0", "c=IN IP4 192.0.2.9"] {
        check(&good.replace(&format!("{letter}\r\n"), ""), 10);
    }
    check(&good.replace("v=0", "v=1"), 1);
    check(&good.replace("o=- 1", "o=- x"), 2);
    check(&good.replace("s=-\r\nc=IN IP4 192.0.2.9", "c=IN IP4 192.0.2.9\r\ns=-"), 4);
    check(&good.replace("192.0.2.9\r\nt", "host.example\r\nt"), 4);
    check(&good.replace("m=audio 4000", "m=audio 65536"), 6);
    check(&good.replace("RTP/AVP 9 96 0 97", "RTP/AVP"), 6);
    check(&good.replace("96 pcma/8000", "256 pcma/8000"), 7);
    check(&good.replace("ptime:30", "ptime:0"), 10);
    check(&good.replace("a=label", "A=label"), 11);
    check("", 1);
}

#[test]
fn every_cut_and_every_wrong_octet_is_survived() {
    let good = text(&OFFER).into_bytes();
    for at in 0..good.len() {
        let _ = Description::parse(&good[..at]);
        for wrong in [0, b'\n', b' ', b':', b'/', b'=', 0xFF] {
            let mut spoilt = good.clone();
            spoilt[at] = wrong;
            if let Ok(read) = Description::parse(&spoilt) {
                let _ = answer(&read, &local(&[Codec::Alaw, Codec::Ulaw, Codec::G722]));
                assert_eq!(Description::parse(read.to_string().as_bytes()).as_ref(), Ok(&read));
            }
        }
    }
}
