//! Analog lines with loop start and kewlstart: the FXO and FXS ends.
#![no_std]
