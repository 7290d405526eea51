//! Offer and answer (RFC 3264) of one audio stream; every other stream is refused in its place.

use super::{Description, Direction, Mapping, Media, Origin};
use core::net::{IpAddr, SocketAddr};
use ports::call::Codec;

/// What we can do, and where we receive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// Where audio for us goes.
    pub address: SocketAddr,
    /// Codecs, the preferred first.
    pub codecs: Vec<Codec>,
    /// Which way audio shall go, seen from us: `SendOnly` holds the peer.
    pub direction: Direction,
    /// The session's number, the same for the whole call.
    pub session: u64,
    /// One more with each description that differs from the last.
    pub version: u64,
}

/// What both ends agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// Where audio for the peer goes.
    pub remote: SocketAddr,
    /// The codec.
    pub codec: Codec,
    /// Its payload number in what we send.
    pub payload: u8,
    /// The payload number of keys by RFC 4733, if the peer takes them.
    pub events: Option<u8>,
    /// Which way audio goes, seen from us.
    pub direction: Direction,
    /// Milliseconds a packet that the peer wants.
    pub packet_ms: u16,
}

/// Why nothing is agreed: 488 for an offer; for an answer the call is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAgreed {
    /// No stream of audio over plain RTP.
    #[error("no audio stream by RTP/AVP")]
    NoAudio,
    /// None of our codecs.
    #[error("no codec in common")]
    NoCodec,
    /// The answer's streams are not those of the offer (RFC 3264 §6).
    #[error("an answer to another offer")]
    OtherStreams,
}

/// RFC 4733 §7.1.1: keys and hook flash.
const EVENTS: &str = "telephone-event";
const EVENT_RANGE: &str = "0-16";
const OUR_EVENTS: u8 = 101;
const USUAL_MS: u16 = 20;

/// Encoding and static payload number (RFC 3551 §6); G.722's clock is said to be 8000 there.
const fn codec_names(codec: Codec) -> (&'static str, u8) {
    match codec {
        Codec::Alaw => ("PCMA", 8),
        Codec::Ulaw => ("PCMU", 0),
        Codec::G722 => ("G722", 9),
    }
}

/// Our offer.
pub fn offer(local: &Local) -> Description {
    let codecs = local.codecs.iter().map(|&codec| {
        let (encoding, payload) = codec_names(codec);
        Mapping { payload, encoding: encoding.to_owned(), rate: 8000, parameters: None }
    });
    let media = stream(local, codecs.chain([events(OUR_EVENTS)]).collect(), local.direction);
    described(local, vec![media])
}

/// Our answer to the peer's offer, and what it agrees on. One codec is answered, the first of the offer that we have, with the offer's payload
/// number: nobody changes it in mid-call.
pub fn answer(offer: &Description, local: &Local) -> Result<(Description, Agreed), NotAgreed> {
    let chosen = offer.media.iter().position(is_audio).ok_or(NotAgreed::NoAudio)?;
    let theirs = &offer.media[chosen];
    let agreed = agreement(offer, theirs, local)?;
    let (encoding, _) = codec_names(agreed.codec);
    let codec = Mapping { payload: agreed.payload, encoding: encoding.to_owned(), rate: 8000, parameters: None };
    let mappings: Vec<Mapping> = [codec].into_iter().chain(agreed.events.map(events)).collect();
    let media = offer.media.iter().enumerate().map(|(at, other)| {
        if at == chosen { stream(local, mappings.clone(), agreed.direction) } else { refused(other) }
    });
    let media = media.collect();
    Ok((described(local, media), agreed))
}

/// What the peer's answer to our offer agrees on.
pub fn agreed(offer: &Description, answer: &Description, local: &Local) -> Result<Agreed, NotAgreed> {
    let kinds =
        |description: &Description| description.media.iter().map(|media| media.kind.clone()).collect::<Vec<_>>();
    if kinds(offer) != kinds(answer) {
        return Err(NotAgreed::OtherStreams);
    }
    let theirs = answer.media.iter().find(|media| is_audio(media)).ok_or(NotAgreed::NoAudio)?;
    agreement(answer, theirs, local)
}

fn agreement(whole: &Description, theirs: &Media, local: &Local) -> Result<Agreed, NotAgreed> {
    let codecs = theirs.formats.iter().filter_map(|format| {
        let payload: u8 = format.parse().ok()?;
        let codec = local.codecs.iter().find(|&&codec| means(theirs, payload, codec))?;
        Some((payload, *codec))
    });
    let (payload, codec) = codecs.into_iter().next().ok_or(NotAgreed::NoCodec)?;
    let events = theirs.mappings.iter().find(|map| map.encoding.eq_ignore_ascii_case(EVENTS) && map.rate == 8000);
    let events = events.map(|map| map.payload).filter(|payload| theirs.formats.contains(&payload.to_string()));
    let address = theirs.connection.or(whole.connection).ok_or(NotAgreed::NoAudio)?;
    // RFC 3264 §8.4: in RFC 2543 the address of nobody was a hold.
    let nobody = address.is_unspecified();
    let theirs_way = if nobody { theirs.direction.and(Direction::SendOnly) } else { theirs.direction };
    Ok(Agreed {
        remote: SocketAddr::new(address, theirs.port),
        codec,
        payload,
        events,
        direction: local.direction.and(theirs_way.reversed()),
        packet_ms: theirs.packet_ms.filter(|ms| (10..=60).contains(ms) && ms % 10 == 0).unwrap_or(USUAL_MS),
    })
}

fn is_audio(media: &Media) -> bool {
    media.kind == "audio" && media.port != 0 && media.protocol == "RTP/AVP"
}

/// Whether the number means this codec in that stream: by its mapping, else by RFC 3551.
fn means(media: &Media, payload: u8, codec: Codec) -> bool {
    let (encoding, number) = codec_names(codec);
    match media.mappings.iter().find(|map| map.payload == payload) {
        Some(map) => map.encoding.eq_ignore_ascii_case(encoding) && map.rate == 8000,
        None => payload == number,
    }
}

fn events(payload: u8) -> Mapping {
    Mapping { payload, encoding: EVENTS.to_owned(), rate: 8000, parameters: Some(EVENT_RANGE.to_owned()) }
}

fn stream(local: &Local, mappings: Vec<Mapping>, direction: Direction) -> Media {
    Media {
        kind: "audio".to_owned(),
        port: local.address.port(),
        protocol: "RTP/AVP".to_owned(),
        formats: mappings.iter().map(|map| map.payload.to_string()).collect(),
        connection: None,
        direction,
        mappings,
        packet_ms: Some(USUAL_MS),
        attributes: Vec::new(),
    }
}

/// A refused stream keeps its place (RFC 3264 §6).
fn refused(media: &Media) -> Media {
    Media {
        port: 0,
        connection: None,
        direction: Direction::Inactive,
        mappings: Vec::new(),
        packet_ms: None,
        attributes: Vec::new(),
        ..media.clone()
    }
}

fn described(local: &Local, media: Vec<Media>) -> Description {
    let address: IpAddr = local.address.ip();
    let origin =
        Origin { user: "-".to_owned(), session: local.session, version: local.version, address: address.to_string() };
    Description { origin, connection: Some(address), media }
}
