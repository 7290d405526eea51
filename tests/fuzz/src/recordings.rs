//! Recordings as a disk may give them back: the audio of either format, its chain, and both after a crash.

use records_io::{Ending, Format, repair, verify};
use std::path::Path;

/// The name by which the recordings of the corpus were made.
const ID: &str = "0000000000b0000000010000000700b0";

/// The first octet chooses the format, the next two how many of the rest are the chain; what follows is the audio.
pub(crate) fn recording(octets: &[u8]) {
    let Some((&[choice, high, low], rest)) = octets.split_first_chunk::<3>() else { return };
    let (chain, audio) = rest.split_at(usize::from(u16::from_be_bytes([high, low])).min(rest.len()));
    let format = Format::ALL[usize::from(choice & 1)];
    let folder = tempfile::tempdir().expect("a folder of its own");
    let file = folder.path().join(format!("{ID}.{}", format.extension()));
    std::fs::write(&file, audio).expect("a small file");
    std::fs::write(file.with_extension("chain"), chain).expect("a small file");
    let before = is_whole(&file);
    match (before, repair(&file)) {
        // From now on it is proven, and a second repair has nothing to do.
        (_, Ok(Some(verified))) => {
            assert_eq!(verify(&file).expect("what was repaired is proven"), verified);
            assert_eq!(verified.ending, Ending::Cut);
            assert!(!matches!(repair(&file), Ok(Some(_))));
        }
        (true, other) => assert!(is_whole(&file), "a whole recording stays whole: {other:?}"),
        (false, Ok(None)) => {}
        (false, Err(fault)) => assert!(!fault.to_string().is_empty()),
    }
}

fn is_whole(file: &Path) -> bool {
    verify(file).map_err(|fault| assert!(!fault.to_string().is_empty())).is_ok()
}
