//! E1 spans in UDP by RFC 5086: CESoPSN, structure-aware, with a D-channel or with CAS.
//!
//! **What it does.** Carries timeslots 1 to 31 of each span in a packet every 1 to 5 ms, or with CAS the 30 channels and their signaling
//! bits in a packet every 2 ms, and gives the box what any card gives: blocks of audio, D-channel frames or signaling bits, alarms
//! and slips.
//!
//! **How it works.** Pure parts: [`packet`] reads and writes control word, RTP header and payload; [`sequencer`] puts packets back
//! in order and names those that are lost; [`elastic`] passes rows between two clocks and slips single samples; [`span`] joins them with
//! software HDLC on timeslot 16. One thread a card owns the sockets of all spans, wakes with a timerfd each packet time, receives what
//! came and sends what is due. It meets the engine and signaling in rings.
//!
//! **CAS.** Of the two ways of RFC 5086, bits within the packets of audio (§5.4) and packets of their own (§5.3), this is the first: every
//! packet holds all bits, so a lost one costs nothing and nothing has to be repeated. A change is told 2 ms later, 14 ms where packets
//! before it are lost. Lost packets and those with L change no bits. When no packet comes for 100 ms, that is loss, told as an alarm
//! and in R to the far end; after it all bits are told anew. Until signaling sets a channel's bits they are 1101, blocked.
//!
//! **Delay.** Audio is about 50 ms old at the far engine: blocks of 10 ms meet packets at both ends, and each end keeps 10 ms more for
//! packets, or ticks, that come late. A buffer that runs empty all the same is made 5 ms deeper, and less deep again after calm.
//!
//! **Clock.** Each end sends at its own pace, and the buffers slip. With [`Clock::Adaptive`] packets go out at the pace of those that
//! come in ([`clock`]), so that slips happen here and not at a gateway that keeps the network's time. [`Statistics`] tells the clocks'
//! difference.
//!
//! **How to drive it.**
//! ```
//! use pseudowire::{Clock, Config, PseudowireCard, Signaling, SpanConfig};
//! use ports::span::{DataLink, SpanAudio, SpanBlock};
//!
//! let span = SpanConfig { local: "127.0.0.1:0".parse()?, remote: "127.0.0.1:9".parse()?, signaling: Signaling::DChannel };
//! let config = Config { spans: vec![span], packet_ms: 5, rtp: None, clock: Clock::Own };
//! for (mut audio, mut data) in PseudowireCard::start(&config, std::sync::Arc::new(|| {}))? {
//!     let mut block = SpanBlock::silent();
//!     audio.read(&mut block)?;
//!     audio.write(&block)?;
//!     data.send(&[0x00, 0x01, 0x7F])?;
//! }
//! // The card's thread ended with the last half.
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **Left out.** Signaling packets of their own (RFC 5086 §5.3), multiframes in more than two parts, differential clock recovery by RTP's
//! timestamps, and timeslot 0, which ends at the framer.
//!
//! **References.** RFC 5086 (12/2007), G.704 (10/98) §5.1.3, Q.421 (11/88), RFC 3550 §5.1 for the RTP header, Q.921 (09/97) §2 for HDLC.

mod arrival;
mod card;
pub mod clock;
pub mod elastic;
mod halves;
mod pace;
pub mod packet;
pub mod sequencer;
mod signaling;
pub mod span;

pub use card::{Clock, Config, Error, PseudowireCard, SpanConfig};
pub use halves::{AudioHalf, DataHalf, Gone, Notifier};
pub use packet::{Rtp, Signaling};
pub use span::Statistics;
