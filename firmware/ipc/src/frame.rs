//! Length-prefixed postcard: octets to messages and back. Pure.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Longest message, length field not counted. A prompt of a few hundred pieces and a snapshot of 16 spans fit well.
pub const MAX_MESSAGE: usize = 1 << 20;

/// Why octets are no message.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The length field asks for more than [`MAX_MESSAGE`].
    #[error("message of {0} octets: at most 1 MiB is taken; the other end is not a Fundline process or is out of step")]
    TooLong(usize),
    /// The octets do not decode.
    #[error("message of {len} octets does not decode ({why}); both processes must be of the same build")]
    Malformed {
        /// Length of the message.
        len: usize,
        /// The decoder's word.
        why: postcard::Error,
    },
}

/// The octets of a message, length first.
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, FrameError> {
    let mut octets = vec![0; 4];
    octets = postcard::to_extend(message, octets).map_err(|why| FrameError::Malformed { len: 0, why })?;
    let len = octets.len() - 4;
    if len > MAX_MESSAGE {
        return Err(FrameError::TooLong(len));
    }
    octets[..4].copy_from_slice(&(len as u32).to_le_bytes());
    Ok(octets)
}

/// The first message in `octets` and how many octets it took; `None` while it is not whole.
pub fn decode<T: DeserializeOwned>(octets: &[u8]) -> Result<Option<(T, usize)>, FrameError> {
    let Some((length, rest)) = octets.split_first_chunk::<4>() else { return Ok(None) };
    let len = u32::from_le_bytes(*length) as usize;
    if len > MAX_MESSAGE {
        return Err(FrameError::TooLong(len));
    }
    let Some(body) = rest.get(..len) else { return Ok(None) };
    let message = postcard::from_bytes(body).map_err(|why| FrameError::Malformed { len, why })?;
    Ok(Some((message, 4 + len)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ivr::{FromIvr, ToIvr};
    use crate::web::ToWeb;
    use proptest::prelude::*;

    #[test]
    fn a_length_over_the_limit_is_refused_before_anything_is_kept() {
        let mut octets = ((MAX_MESSAGE + 1) as u32).to_le_bytes().to_vec();
        octets.push(0);
        assert!(matches!(decode::<ToIvr>(&octets), Err(FrameError::TooLong(_))));
        let at_limit = (MAX_MESSAGE as u32).to_le_bytes();
        assert!(matches!(decode::<ToIvr>(&at_limit), Ok(None)));
    }

    proptest! {
        #[test]
        fn garbage_never_panics(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut framed = (octets.len() as u32).to_le_bytes().to_vec();
            framed.extend(&octets);
            let _ = decode::<ToIvr>(&framed);
            let _ = decode::<FromIvr>(&framed);
            let _ = decode::<ToWeb>(&framed);
        }
    }
}
