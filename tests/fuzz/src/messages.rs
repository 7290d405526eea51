//! Messages between processes.

use ipc::frame::{MAX_MESSAGE, decode, encode};
use ipc::ivr::{FromIvr, ToIvr};
use ipc::web::{FromWeb, ToWeb};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The first octet chooses the direction. A message that decodes encodes to one that decodes to the same.
pub(crate) fn ipc(octets: &[u8]) {
    let Some((&choice, octets)) = octets.split_first() else { return };
    match choice % 4 {
        0 => check::<ToIvr>(octets),
        1 => check::<FromIvr>(octets),
        2 => check::<ToWeb>(octets),
        _ => check::<FromWeb>(octets),
    }
}

fn check<T: Serialize + DeserializeOwned + PartialEq + core::fmt::Debug>(octets: &[u8]) {
    // As it stands, and with a length that fits.
    let mut framed = (octets.len() as u32).to_le_bytes().to_vec();
    framed.extend(octets);
    for octets in [octets, &framed] {
        let Ok(Some((message, used))) = decode::<T>(octets) else { continue };
        assert!(used <= octets.len() && used <= MAX_MESSAGE + 4);
        let again = encode(&message).expect("what was decoded can be encoded");
        let (twice, all) = decode::<T>(&again).expect("whole").expect("whole");
        assert_eq!((twice, all), (message, again.len()));
    }
}

/// The first octet chooses which answer of a fund system the rest is taken for. What is understood shows no token.
pub(crate) fn fund_answers(octets: &[u8]) {
    let Some((&choice, octets)) = octets.split_first() else { return };
    match choice % 6 {
        0 => answer::<fund_io::Nav>(octets),
        1 => answer::<fund_io::Fund>(octets),
        2 => answer::<fund_io::Announcement>(octets),
        3 => answer::<fund_io::Session>(octets),
        4 => answer::<fund_io::Holdings>(octets),
        _ => answer::<fund_io::FundLine>(octets),
    }
}

fn answer<T: DeserializeOwned + core::fmt::Debug>(octets: &[u8]) {
    let Ok(answer) = serde_json::from_slice::<T>(octets) else { return };
    // Parts that an answer leaves out may be no JSON at all.
    let Ok(told) = serde_json::from_slice::<serde_json::Value>(octets) else { return };
    let token = told["token"].as_str().unwrap_or_default();
    // A short one may be part of another word.
    assert!(token.len() < 6 || !format!("{answer:?}").contains(token), "the token is shown");
}
