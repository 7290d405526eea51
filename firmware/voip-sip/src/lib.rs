//! SIP as pure machines: what comes from sockets goes in with the time, what is to be sent comes out.
//!
//! **What it does.** Reads and writes messages, strictly ([`parse`], [`Framer`], [`Message`]), with the answer to each that is none
//! ([`Refused`]); reads the fields that calls, transfers and registrations live by ([`values`]). Carries requests and responses over
//! networks that lose and repeat them ([`Transactions`]). Asks for passwords and answers who asks ([`digest`]); refuses what an element cannot
//! do ([`Abilities`]); keeps who talks with whom by which way ([`Dialog`]) and what they hear each other by ([`sdp`]), whose turn it is
//! to offer, refresh or acknowledge early responses ([`session`]); registers telephones
//! ([`Registrar`]) and the box itself at its carriers ([`Registration`]); knows the causes of Q.850 for SIP's statuses and back ([`status_of`], [`cause_of`]).
//!
//! **How it works.** Octets become a [`Message`] in one step that looks at all that routes: start line, Via, From, To, Call-ID, CSeq, Contact,
//! Route, the announced length. What it lets through cannot be wrong in these; the other fields stay text until somebody asks. Names of
//! methods and fields are `rsip`'s; it reads and writes nothing for us.
//!
//! [`Transactions`] is the four machines of RFC 3261 §17 with RFC 6026's corrections, one table for all, found by branch; it also repeats the 2xx
//! of an INVITE and its ACK, which the standard leaves to its user.
//!
//! **How to drive it.** A datagram is read by [`parse`], a stream by a [`Framer`]; its message goes to [`Transactions::handle_message`], whose
//! actions are drained before the next.
//! ```
//! use voip_sip::{Limits, Message, parse};
//!
//! let octets = b"OPTIONS sip:box.example SIP/2.0\r\n\
//!     Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK7\r\n\
//!     f: <sip:probe@192.0.2.1>;tag=1\r\nt: <sip:box.example>\r\ni: 7@192.0.2.1\r\nCSeq: 1 OPTIONS\r\n\r\n";
//! let Message::Request(request) = parse(octets, &Limits::default())? else { panic!("a request") };
//! let answer = request.respond(200, "a1").to_octets();
//! assert!(answer.starts_with(b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK7\r\n"));
//!
//! let refused = parse(&[&octets[..8], b"mailto:box SIP/9.0\r\n", &octets[33..]].concat(), &Limits::default()).unwrap_err();
//! assert_eq!((refused.fault.status(), refused.to_string().as_str()), (505, "start line: SIP/2.0 wanted"));
//! # Ok::<(), voip_sip::Refused>(())
//! ```
//!
//! **Left out.** The user agent that joins these to the line primitives of the call model: it comes with its shell. S/MIME, multipart bodies, and sending through multicast.
//!
//! **References.** RFC 3261; RFC 3581 (rport), RFC 4320 and RFC 6026 (transactions put right), RFC 3262 (reliable early responses), RFC 3264 and RFC 8866 (descriptions), RFC 4028 (session timers), RFC 3398 (causes),
//! RFC 7616 and RFC 8760 (digest), RFC 4475 and RFC 5118 (what is valid and what is not), RFC 5626 (keep-alive of streams, outbound registrations),
//! RFC 5954 (IPv6 in addresses); those of single fields stand in [`values`].

mod causes;
mod dialog;
pub mod digest;
mod fault;
mod fields;
mod framing;
mod head;
mod headers;
mod message;
mod params;
mod reason;
mod registrar;
mod registration;
mod scan;
mod screen;
pub mod sdp;
pub mod session;
mod tokens;
mod transaction;
mod uri;
pub mod values;
mod wire;

pub use causes::{cause_of, cause_of_response, status_of};
pub use dialog::{Dialog, DialogId, NoDialog, Phase};
pub use fault::{Fault, Place, Problem};
pub use fields::{MAGIC_COOKIE, Party, Via};
pub use framing::{End, Frame, Framer, SLOWEST};
pub use headers::{field, parts};
pub use message::{Common, Message, Method, Request, Response};
pub use params::Params;
pub use reason::phrase;
pub use registrar::{Binding, Change, Grants, Registrar};
pub use registration::{Account, Down, Registration, Step};
pub use screen::{Abilities, Rejection, Role, supports};
pub use tokens::Tokens;
pub use transaction::{Action, Bounds, ClientId, Hop, NotDone, ServerId, Timers, Transactions, Transport};
pub use uri::{Host, SentBy, SipUri, Uri};
pub use wire::{Answer, Limits, Refused, parse};
