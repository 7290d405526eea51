//! Octet strings that wait to be taken, packed, without allocation.

/// Where an octet string lies in its [`Scratch`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    start: u32,
    len: u32,
}

/// Up to `N` octets of strings that live until the owner clears them all, which it does whenever none waits. A queue of [`Piece`]s
/// beside it moves eight octets a string, where a queue of the strings would move the longest one's room.
#[derive(Clone, Debug)]
pub struct Scratch<const N: usize> {
    octets: [u8; N],
    used: usize,
}

impl<const N: usize> Scratch<N> {
    /// No strings.
    pub const fn new() -> Self {
        Self { octets: [0; N], used: 0 }
    }

    /// Keeps a string of these parts; `None` where no room is left.
    pub fn keep(&mut self, parts: [&[u8]; 2]) -> Option<Piece> {
        let start = self.used;
        let len = parts[0].len() + parts[1].len();
        let room = self.octets.get_mut(start..start + len)?;
        let (head, tail) = room.split_at_mut(parts[0].len());
        head.copy_from_slice(parts[0]);
        tail.copy_from_slice(parts[1]);
        self.used += len;
        Some(Piece { start: start as u32, len: len as u32 })
    }

    /// The string kept there; empty once all were cleared and others keep less.
    pub fn at(&self, piece: Piece) -> &[u8] {
        let start = piece.start as usize;
        self.octets[..self.used].get(start..start + piece.len as usize).unwrap_or_default()
    }

    /// Forgets all strings.
    pub const fn clear(&mut self) {
        self.used = 0;
    }
}

impl<const N: usize> Default for Scratch<N> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_kept_until_cleared_and_refused_when_full() {
        let mut scratch = Scratch::<8>::new();
        let first = scratch.keep([b"ab", b"c"]).expect("room");
        let second = scratch.keep([b"", b"defgh"]).expect("room");
        assert_eq!((scratch.at(first), scratch.at(second)), (&b"abc"[..], &b"defgh"[..]));
        assert_eq!(scratch.keep([b"i", b""]), None);
        scratch.clear();
        assert_eq!(scratch.at(first), b"");
        assert!(scratch.keep([b"i", b""]).is_some());
    }
}
