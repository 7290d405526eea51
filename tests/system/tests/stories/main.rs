//! Stories with the real processes, one lab each. They mostly wait, so they are told side by side.

mod analog;
mod doctor;
mod faults;
mod guessing;
mod hotline;
mod libpri;
mod recording;
