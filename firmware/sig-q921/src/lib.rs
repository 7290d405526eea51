//! Q.921 (LAPD) data link layer for primary rate interfaces, as a pure machine.
