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
