//! Two networks joined in memory, on one clock that jumps from step to step.

// Each file of stories uses a part of it.
#![allow(dead_code)]

use base::Instant;
use exchange::hearing::Memory;
use exchange::network::{Kind, Order, Placed, Sending, Side, Span, Stepped};
use exchange::party::Prepared;
use exchange::report::{Report, SpanFaults};
use exchange::script::Caller;
use exchange::{control, faults};
use ports::call::Text;
use speech_io::Speaker;
use std::path::Path;
use tokio::sync::oneshot;

/// Both networks, and their time.
pub(crate) struct Pair {
    /// The telephone network.
    pub(crate) network: Stepped,
    /// A private exchange, where a box would be.
    pub(crate) user: Stepped,
    speaker: Speaker,
}

/// Which of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    Network,
    User,
}

/// A party whose report is awaited.
pub(crate) struct Awaited(oneshot::Receiver<Placed>);

impl Pair {
    /// Joined by so many spans with a D-channel, which are up.
    pub(crate) fn pri(spans: usize) -> Self {
        let mut pair = Self::joined(spans, "pri");
        pair.run_until("the links are up", 1000, |pair| {
            [&pair.network, &pair.user].iter().all(|town| town.status().iter().all(|span| span.link == "up"))
        });
        pair
    }

    /// Joined by so many spans of this kind.
    pub(crate) fn joined(spans: usize, kind: &str) -> Self {
        let kind: Kind = kind.parse().expect("a kind");
        let (near, far): (Vec<_>, Vec<_>) = (0..spans).map(|_| lab::memory_pair()).unzip();
        let town = |spans: Vec<lab::LabSpan>, side| {
            let span = |span: lab::LabSpan| {
                let (audio, link) = span.into_halves();
                Span::new(kind, side, audio, link, 1)
            };
            Stepped::new(spans.into_iter().map(span).collect())
        };
        let speaker = Speaker::new(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("stories"), None);
        Self { network: town(near, Side::Network), user: town(far, Side::User), speaker }
    }

    /// The time of both.
    pub(crate) fn now(&self) -> Instant {
        self.network.now()
    }

    fn at(&mut self, at: At) -> &mut Stepped {
        match at {
            At::Network => &mut self.network,
            At::User => &mut self.user,
        }
    }

    fn prepared(&self, script: &str) -> (Caller, Vec<Prepared>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let script = exchange::script::parse(script, &[]).expect("a script");
        (script.caller, runtime.block_on(control::prepare(&self.speaker, script.steps)).expect("phrases"))
    }

    /// A caller.
    #[track_caller]
    pub(crate) fn call(&mut self, at: At, to: &str, script: &str) -> Awaited {
        self.try_call(at, to, script).expect("the call is placed")
    }

    /// A caller, if there is a line for it.
    pub(crate) fn try_call(&mut self, at: At, to: &str, script: &str) -> Result<Awaited, String> {
        let (caller, steps) = self.prepared(script);
        let (reply, end) = oneshot::channel();
        let (placed, mut told) = oneshot::channel();
        self.at(at).order(Order::Call {
            to: to.parse().expect("digits"),
            from: caller.from.unwrap_or_else(|| "13800138000".parse().expect("digits")),
            name: caller.name.map(|name| Text::new(name.as_bytes())),
            span: caller.span,
            line: caller.line,
            sending: Sending::EnBloc,
            steps,
            memory: Memory::Whole,
            reply,
            placed,
        });
        told.try_recv().expect("an order is obeyed at once").map(|()| Awaited(end))
    }

    /// A telephone.
    pub(crate) fn answer(&mut self, at: At, to: &str, script: &str) -> Awaited {
        let (_, steps) = self.prepared(script);
        let (reply, end) = oneshot::channel();
        let (registered, _) = oneshot::channel();
        let to = to.parse().expect("digits");
        self.at(at).order(Order::Answer { to, steps, memory: Memory::Whole, reply, registered });
        Awaited(end)
    }

    /// A fault of all the network's spans.
    #[track_caller]
    pub(crate) fn fault(&mut self, words: &str) {
        let words: Vec<&str> = words.split_whitespace().collect();
        let order = faults::parse(&words).expect("a fault");
        let (ordered, mut told) = oneshot::channel();
        self.network.order(Order::Fault { span: None, order, ordered });
        told.try_recv().expect("an order is obeyed at once").expect("a span");
    }

    /// What is wrong with the network's first span.
    pub(crate) fn faults(&self) -> SpanFaults {
        self.network.faults().swap_remove(0)
    }

    /// Channels in use at both ends.
    pub(crate) fn busy(&self) -> (usize, usize) {
        let busy = |town: &Stepped| town.status().iter().map(|span| span.busy).sum();
        (busy(&self.network), busy(&self.user))
    }

    /// Lets time pass.
    pub(crate) fn run(&mut self, ms: u64) {
        for _ in 0..ms / 10 {
            self.network.step();
            self.user.step();
        }
    }

    /// Lets time pass until this holds, at most so long.
    #[track_caller]
    pub(crate) fn run_until(&mut self, what: &str, ms: u64, mut holds: impl FnMut(&mut Self) -> bool) {
        let began = self.now();
        while !holds(self) {
            assert!((self.now() - began).as_millis() < u128::from(ms), "{what}: not within {ms} ms");
            self.run(10);
        }
    }

    /// Lets time pass until a party is over.
    #[track_caller]
    pub(crate) fn end(&mut self, mut party: Awaited) -> Heard {
        let mut end = None;
        self.run_until("the party ends", 120_000, |_| {
            end = party.0.try_recv().ok();
            end.is_some()
        });
        let Placed { report, heard } = end.expect("it ended");
        Heard { report, heard }
    }
}

/// What a party did and heard.
pub(crate) struct Heard {
    /// The report.
    pub(crate) report: Report,
    /// The samples that it heard.
    pub(crate) heard: Vec<i16>,
}

impl Heard {
    /// Its report, if every step did what it should.
    #[track_caller]
    pub(crate) fn satisfied(self) -> Report {
        assert!(self.report.satisfied, "{:?}", self.report);
        self.report
    }
}
