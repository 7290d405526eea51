//! G.711 A-law and u-law companding.
