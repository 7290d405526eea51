//! Dialled digits: one at a time, and numbers of bounded length.

use core::fmt;
use core::str::FromStr;

/// One DTMF signal (Q.23): `0` to `9`, `*`, `#`, `A` to `D`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digit(u8);

impl Digit {
    /// All sixteen, ordered by row (697, 770, 852, 941 Hz), then column (1209, 1336, 1477, 1633 Hz).
    pub const GRID: [Self; 16] = {
        let names = *b"123A456B789C*0#D";
        let mut grid = [Self(0); 16];
        let mut at = 0;
        while at < 16 {
            grid[at] = Self(names[at]);
            at += 1;
        }
        grid
    };

    /// The digit written as `name`; lower-case letters are taken too.
    pub const fn new(name: char) -> Option<Self> {
        match name.to_ascii_uppercase() {
            upper @ ('0'..='9' | '*' | '#' | 'A'..='D') => Some(Self(upper as u8)),
            _ => None,
        }
    }

    /// The digit's ASCII name.
    pub const fn as_char(self) -> char {
        self.0 as char
    }

    /// Row and column in Q.23's grid, each 0 to 3.
    pub fn grid_position(self) -> (usize, usize) {
        let at = Self::GRID.iter().position(|&digit| digit == self).unwrap_or(0);
        (at / 4, at % 4)
    }
}

impl fmt::Display for Digit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_char())
    }
}

/// Digits may be a PIN: what a machine prints of its state never shows which.
impl fmt::Debug for Digit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digit(.)")
    }
}

/// A telephone number, or part of one: up to 32 characters of `0`-`9`, `*`, `#`, `A`-`D`, `+`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digits {
    text: [u8; Self::CAPACITY],
    len: u8,
}

/// Why a text is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadDigit {
    /// A character no number has, at this position (counted from 0).
    NotADigit(usize),
    /// More than [`Digits::CAPACITY`] characters.
    TooLong,
}

impl fmt::Display for BadDigit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotADigit(at) => write!(f, "character {} is not a digit, `*`, `#`, `A` to `D` or `+`", at + 1),
            Self::TooLong => write!(f, "more than {} digits", Digits::CAPACITY),
        }
    }
}

impl core::error::Error for BadDigit {}

impl Digits {
    /// The longest number kept. E.164 has 15 digits; prefixes and trunk codes add some.
    pub const CAPACITY: usize = 32;

    /// No digits.
    pub const fn new() -> Self {
        Self { text: [0; Self::CAPACITY], len: 0 }
    }

    /// Adds one character.
    pub fn push(&mut self, name: char) -> Result<(), BadDigit> {
        let at = usize::from(self.len);
        if at == Self::CAPACITY {
            return Err(BadDigit::TooLong);
        }
        let octet = match (name, Digit::new(name)) {
            (_, Some(digit)) => digit.0,
            ('+', None) => b'+',
            (_, None) => return Err(BadDigit::NotADigit(at)),
        };
        self.text[at] = octet;
        self.len += 1;
        Ok(())
    }

    /// Adds all of `more`.
    pub fn append(&mut self, more: &Self) -> Result<(), BadDigit> {
        more.as_str().chars().try_for_each(|name| self.push(name))
    }

    /// The number as text.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.text[..usize::from(self.len)]).unwrap_or_default()
    }

    /// How many characters.
    pub const fn len(&self) -> usize {
        self.len as usize
    }

    /// No digits at all.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl Default for Digits {
    fn default() -> Self {
        Self::new()
    }
}

impl FromStr for Digits {
    type Err = BadDigit;
    fn from_str(text: &str) -> Result<Self, BadDigit> {
        let mut digits = Self::new();
        text.chars().try_for_each(|name| digits.push(name))?;
        Ok(digits)
    }
}

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Numbers identify people: what is printed of a machine's state shows the last four at most.
impl fmt::Debug for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.as_str();
        match text.len() {
            0..=4 => write!(f, "Digits({text})"),
            len => write!(f, "Digits(..{})", &text[len - 4..]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_keeps_what_was_dialled() {
        let number: Digits = "+864008001234".parse().unwrap();
        assert_eq!(number.as_str(), "+864008001234");
        assert_eq!("12x".parse::<Digits>(), Err(BadDigit::NotADigit(2)));
        assert_eq!("123456789012345678901234567890123".parse::<Digits>(), Err(BadDigit::TooLong));
    }

    #[test]
    fn the_grid_is_the_keypad() {
        assert_eq!(Digit::new('5').unwrap().grid_position(), (1, 1));
        assert_eq!(Digit::new('#').unwrap().grid_position(), (3, 2));
        assert_eq!(Digit::new('d').unwrap().grid_position(), (3, 3));
    }
}
