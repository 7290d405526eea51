//! Tones by which fax machines and modems make themselves known.
//!
//! | signal | what | from |
//! | --- | --- | --- |
//! | CNG | 1100 Hz ±38 Hz, 0.5 s on, 3 s off | the calling machine |
//! | CED, ANS | 2100 Hz ±15 Hz, 2.6 to 4 s | the answering machine or modem |
//! | ANS with reversals | the same, the phase turned round each 450 ms: echo cancellers are to go | an answering modem |
//! | ANSam | the same with its amplitude modulated by 20 % at 15 Hz | an answering modem of V.8, a V.34 fax |
//! | flags | HDLC flags at 300 bit/s on channel 2 of V.21: the preamble of what every fax machine says first | either |
//!
//! **Receiving.** [`FaxToneBank`] sees each channel in hops of 5 ms at the middle of each signal. A tone is there while it has most of a hop's
//! energy and its phase turns evenly, at the right speed. A burst of CNG is one only if quiet lies around it, and is sure
//! when the next one comes in time. The answering tone is told after 700 ms, if its level stays, when its envelope has shown whether it is modulated. Flags
//! are read by their timing: 6.7 ms of the one frequency, 20 ms of the other, five times over.
//!
//! **Sending.** [`FaxToneSender`] gives each of them.
//!
//! # How to drive it
//!
//! ```
//! use base::Dbm0;
//! use dsp_fax::{Answer, BLOCK, FaxSignal, FaxToneBank, FaxToneEvent, FaxToneSender};
//!
//! let mut bank = FaxToneBank::<2>::new();
//! bank.listen(1, true);
//! let mut sender = FaxToneSender::new(FaxSignal::Ced, Dbm0(-13.0));
//! let mut heard = Vec::new();
//! for _ in 0..310 {
//!     let mut block = [0; BLOCK];
//!     sender.fill(&mut block);
//!     bank.process(&[None, Some(&block)], |lane, event| heard.push((lane, event)));
//! }
//! let ended = FaxToneEvent::AnswerEnded { answer: Answer::Ced, reversals: 0, lasted_ms: 3000 };
//! assert_eq!(heard, [(1, FaxToneEvent::AnswerBegan(Answer::Ced)), (1, ended)]);
//! ```
//!
//! # Left out
//!
//! What a call does about it. Flags that share a zero (T.30 machines send them whole). The calling tone of data modems (1300 Hz) and Bell's
//! answer tone (2225 Hz): neither is sent by a fax machine. A flute that holds C7 (2093 Hz) for 700 ms sends an answering tone, and a beep of
//! 1100 Hz for half a second one of CNG: who must be sure waits for the flags, or for [`FaxToneEvent::CngConfirmed`].
//!
//! # References
//!
//! - T.30 (09/05) §4.1 and §4.2 for CNG and CED, §5.3 for the preamble.
//! - V.25 (10/96) §3.1 for the answering tone and its reversals; V.8 (11/00) §7.2 for ANSam; V.21 (11/88) for channel 2.
//! - G.168 (04/15) §7 for which tones and reversals disable an echo canceller: the limits here hold those too.
//! - G.711 (11/88) §2 for the level of full scale.
#![no_std]

mod answer;
mod bank;
mod calling;
mod flags;
mod lane;
mod run;
mod sender;
mod spectrum;

pub use answer::Answer;
pub use bank::{FaxToneBank, FaxToneEvent};
pub use sender::{FaxSignal, FaxToneSender};

/// Samples in a block: 10 ms.
pub const BLOCK: usize = 80;

/// Amplitude of a sine of this level.
fn amplitude(level: base::Dbm0) -> f32 {
    32_768.0 * dsp_math::ratio_of_db(level.0 - base::Dbm0::ALAW_FULL_SCALE.0)
}
