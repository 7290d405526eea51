//! Deterministic mutations: the same seed gives the same octets on every machine.

/// xorshift64*, seeded.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The seed is mixed, so that neighbours differ.
    pub const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    /// From 0 to `bound` - 1; 0 where there is nothing to choose from.
    pub fn below(&mut self, bound: usize) -> usize {
        if bound == 0 { 0 } else { (self.next() % bound as u64) as usize }
    }

    fn octet(&mut self) -> u8 {
        self.next() as u8
    }
}

/// Longest input made.
const LONGEST: usize = 1 << 16;
/// Octets at which decoders change their mind.
const EDGES: [u8; 12] = [0, 1, 2, 0x7E, 0x7F, 0x80, 0x81, 0xFE, 0xFF, b'<', b'"', b'\n'];

/// Changes `input` in one to eight places, with pieces of `other` among what comes in.
pub fn mutate(input: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    for _ in 0..=random.below(8) {
        let at = random.below(input.len() + 1);
        match random.below(10) {
            0 | 1 => change(input, at, |octet, random| octet ^ 1 << random.below(8), random),
            2 => change(input, at, |_, random| EDGES[random.below(EDGES.len())], random),
            3 => change(input, at, |_, random| random.octet(), random),
            4 => insert(input, at, &[EDGES[random.below(EDGES.len())]]),
            5 => {
                let end = (at + random.below(9)).min(input.len());
                input.drain(at..end);
            }
            6 => {
                let piece = piece(input, random).to_vec();
                insert(input, at, &piece);
            }
            7 => insert(input, at, piece(other, random)),
            8 => {
                let piece = piece(other, random);
                input.truncate(at);
                input.extend(piece);
            }
            _ => input.truncate(at),
        }
        input.truncate(LONGEST);
    }
}

fn change(input: &mut [u8], at: usize, how: impl Fn(u8, &mut Random) -> u8, random: &mut Random) {
    if let Some(octet) = input.get_mut(at) {
        *octet = how(*octet, random);
    }
}

fn insert(input: &mut Vec<u8>, at: usize, piece: &[u8]) {
    input.splice(at..at, piece.iter().copied());
}

/// A piece of the octets, short ones more often than long ones.
fn piece<'a>(octets: &'a [u8], random: &mut Random) -> &'a [u8] {
    let from = random.below(octets.len() + 1);
    let longest = [4, 16, 64, LONGEST][random.below(4)];
    let rest = &octets[from..];
    &rest[..random.below(rest.len().min(longest) + 1)]
}
