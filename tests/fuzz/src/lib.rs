//! Every decoder, and machines as lists of operations, each as a function of any octets.
//!
//! A target must not panic, loop or grow whatever it is given; beyond that it checks what can be checked of its own
//! accord: that what was decoded encodes to the same again, that limits hold, that machines stay in step. [`TARGETS`] names them all.
//!
//! `cargo test -p fuzz` replays `corpus/<target>/` and some thousand deterministic mutations of each file
//! ([`mutate`]). `libfuzzer/` runs the same functions under `cargo fuzz`; README.md says how.

mod analog;
mod board;
mod calls;
mod datagrams;
mod documents;
mod dsp;
mod engine;
mod files;
mod line;
mod living;
mod machines;
mod messages;
pub mod mutate;
mod r2;
mod recordings;
mod sip;

use base::Digits;
use ports::call::{Address, Bearer, Number, Setup};

/// One thing to be fed with octets.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, of the corpus folder too.
    pub name: &'static str,
    /// Feeds it. A panic is a fault.
    pub run: fn(&[u8]),
    /// Mutations that `cargo test` tries, as many as take about a second.
    pub mutations: usize,
}

/// All of them, by name.
pub const TARGETS: &[Target] = &[
    Target { name: "cas", run: line::cas, mutations: 100_000 },
    Target { name: "config", run: files::config, mutations: 10_000 },
    Target { name: "dtmf", run: dsp::dtmf, mutations: 10_000 },
    Target { name: "engine", run: engine::engine, mutations: 10_000 },
    Target { name: "fsk", run: dsp::fsk, mutations: 3_000 },
    Target { name: "fund_answers", run: messages::fund_answers, mutations: 50_000 },
    Target { name: "hdlc", run: line::hdlc, mutations: 100_000 },
    Target { name: "ipc", run: messages::ipc, mutations: 100_000 },
    Target { name: "lab_audio", run: line::lab_audio, mutations: 100_000 },
    Target { name: "loopstart", run: analog::loopstart, mutations: 30_000 },
    Target { name: "pseudowire", run: datagrams::pseudowire, mutations: 30_000 },
    Target { name: "q921", run: line::q921, mutations: 300_000 },
    Target { name: "q921_link", run: machines::q921_link, mutations: 30_000 },
    Target { name: "q931", run: calls::q931, mutations: 200_000 },
    Target { name: "q931_calls", run: calls::q931_calls, mutations: 20_000 },
    Target { name: "r2", run: r2::r2, mutations: 20_000 },
    Target { name: "recording", run: recordings::recording, mutations: 300 },
    Target { name: "script", run: files::script, mutations: 50_000 },
    Target { name: "sip", run: sip::sip, mutations: 10_000 },
    Target { name: "sip_transactions", run: sip::sip_transactions, mutations: 3_000 },
    Target { name: "speech", run: files::speech, mutations: 50_000 },
    Target { name: "vxml", run: documents::vxml, mutations: 20_000 },
    Target { name: "wav", run: files::wav, mutations: 100_000 },
    Target { name: "wire", run: board::wire, mutations: 3_000 },
];

/// Feeds the target of this name.
///
/// # Panics
///
/// Where there is none, or the target has a fault.
pub fn run(name: &str, octets: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.unwrap_or_else(|| panic!("no target is called {name}")).run)(octets);
}

/// Octets taken one by one to choose operations; zero when they are used up.
pub(crate) struct Choices<'a>(pub(crate) &'a [u8]);

impl<'a> Choices<'a> {
    pub(crate) fn octet(&mut self) -> u8 {
        self.0.split_off_first().copied().unwrap_or_default()
    }

    /// As many octets as the next one says, at most what is left.
    pub(crate) fn some(&mut self) -> &'a [u8] {
        let wanted = usize::from(self.octet()).min(self.0.len());
        self.0.split_off(..wanted).unwrap_or_default()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The octets that are digits, as a number.
pub(crate) fn digits(octets: &[u8]) -> Digits {
    let mut digits = Digits::new();
    for &octet in octets {
        let _no_digit = digits.push(char::from(octet));
    }
    digits
}

pub(crate) fn setup(from: Number, to: Digits) -> Setup {
    Setup { from, to: Number::unknown(to), redirecting: None, bearer: Bearer::Speech, address: Address::Complete }
}
