//! Seeded walks over reader, writer and framing: spoilt messages, and streams of them in any pieces.
use base::Instant;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use voip_sip::{End, Frame, Framer, Limits, parse};

const WHOLE: [&str; 3] = [
    "INVITE sip:user:pw@example.com:5060;transport=tcp SIP/2.0\r\nVia: SIP / 2.0 / UDP 192.0.2.1:5060 ;branch=z9hG4bK77;rport, \
     SIP/2.0/TCP [2001:db8::9:1]:5061\r\nMax-Forwards: 0068\r\nf: \"J \\\"R\\\"\" <sip:a@example.net?Replaces=1%40b>;tag=98\r\nTo :\r\n \
     sip:v@chair.example.com ;   tag    = 19n\r\ni: 0ha0@192.0.2.1\r\nCSeq: 0009\r\n INVITE\r\nm: <tel:+86-10;ext=1>, \"a,b\" <sip:c@d;lr>;q=0.5\r\n\
     Route: <sip:p1.example.com;lr>,<sip:p2.example.com;lr>\r\nx: 1800;refresher=uac\r\nl: 5\r\n\r\nv=0\r\n",
    "SIP/2.0 200 = 2**3 * 5**2 но\r\nVia: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK13\r\nCall-ID: u.1\r\nCSeq: 35 INVITE\r\n\
     From: sip:user@example.com;tag=11\r\nTo: sip:user@example.edu;tag=22\r\nContact: *\r\nContent-Length: 3\r\n\r\nxyz",
    "BYE sips:[::1]:5061 SIP/2.0\r\nVia: SIP/2.0/TLS [::1];branch=z9hG4bK1;received=::1\r\nFrom: <sip:a@b>\r\nTo: <tel:123>\r\nCall-ID: 1\r\n\
     CSeq: 2147483647 BYE\r\nContent-Length: 0\r\n\r\n",
];

/// Pieces that mean something somewhere.
const PIECES: [&str; 16] =
    ["\r\n", " ", "\t", "\"", "\\", "<", ">", ";", ",", ":", "%", "@", "[", "SIP/2.0", "4294967296", "\r\n\r\n"];

/// Where, how many octets go, what comes instead.
type Spoil = (prop::sample::Index, usize, Result<usize, u8>);

fn spoil() -> impl Strategy<Value = Spoil> {
    let instead = prop_oneof![(0..PIECES.len()).prop_map(Ok), any::<u8>().prop_map(Err)];
    (any::<prop::sample::Index>(), 0_usize..8, instead)
}

fn spoilt(message: &str, spoils: &[Spoil]) -> Vec<u8> {
    let mut octets = message.as_bytes().to_vec();
    for (place, gone, instead) in spoils {
        let at = place.index(octets.len() + 1);
        let end = (at + gone).min(octets.len());
        let new = instead.map_or_else(|octet| vec![octet], |piece| PIECES[piece].as_bytes().to_vec());
        octets.splice(at..end, new);
    }
    octets
}

fn frames(octets: &[u8], size: usize) -> Vec<Frame> {
    let mut framer = Framer::new(End::Accepted, Limits::default());
    let mut all = Vec::new();
    for piece in octets.chunks(size) {
        framer.handle_octets(Instant::ZERO, piece);
        all.extend(std::iter::from_fn(|| framer.poll_frame()));
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(6), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_taken_is_written_and_read_as_the_same(which in 0..WHOLE.len(), spoils in prop::collection::vec(spoil(), 0..4)) {
        let octets = spoilt(WHOLE[which], &spoils);
        match parse(&octets, &Limits::default()) {
            Ok(message) => prop_assert_eq!(parse(&message.to_octets(), &Limits::default()), Ok(message)),
            Err(refused) => {
                let source = "192.0.2.1:5060".parse().expect("an address");
                if let Some(answer) = refused.answer {
                    let (to, octets) = answer.to_octets(source);
                    prop_assert_eq!(to.ip(), source.ip(), "nobody else is sent anything");
                    prop_assert!(octets.starts_with(b"SIP/2.0 ") && octets.ends_with(b"\r\n\r\n"));
                }
            }
        }
    }

    #[test]
    fn pieces_do_not_change_what_a_stream_holds(
        spoils in prop::collection::vec(prop::collection::vec(spoil(), 0..2), 1..4), size in 1_usize..40,
    ) {
        let stream: Vec<u8> = spoils.iter().zip(WHOLE).flat_map(|(spoils, message)| spoilt(message, spoils)).collect();
        prop_assert_eq!(frames(&stream, size), frames(&stream, stream.len()));
    }
}
