//! Timers of layer 3 (Q.931 §9, Tables 9-1 and 9-2).

use core::time::Duration;

/// Which end of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The subscriber's equipment.
    User,
    /// The exchange.
    Network,
}

/// The timers by name. Those that bound a state of a call run one at a time; T309 and T322 run beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Timer {
    /// Called party is rung.
    T301,
    /// Digits come in.
    T302,
    /// SETUP sent.
    T303,
    /// Digits go out.
    T304,
    /// DISCONNECT sent.
    T305,
    /// DISCONNECT with a tone sent; also bounds how long a tone of the peer is listened to.
    T306,
    /// RELEASE sent.
    T308,
    /// Data link lost during an active call.
    T309,
    /// CALL PROCEEDING received.
    T310,
    /// CONNECT sent.
    T313,
    /// RESTART sent.
    T316,
    /// STATUS ENQUIRY sent.
    T322,
    /// HOLD or RETRIEVE sent (Q.932 §6.2.7): T-HOLD and T-RETRIEVE.
    THold,
    /// Ours: the call model has not answered an offered call.
    Offered,
}

impl Timer {
    /// The standard's number; empty for one that has none.
    pub const fn number(self) -> &'static str {
        match self {
            Self::T301 => "301",
            Self::T302 => "302",
            Self::T303 => "303",
            Self::T304 => "304",
            Self::T305 => "305",
            Self::T306 => "306",
            Self::T308 => "308",
            Self::T309 => "309",
            Self::T310 => "310",
            Self::T313 => "313",
            Self::T316 => "316",
            Self::T322 => "322",
            Self::THold | Self::Offered => "",
        }
    }
}

/// Durations of one interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timers {
    /// T301, at least 3 min.
    pub t301: Duration,
    /// T302, 10 to 15 s.
    pub t302: Duration,
    /// T303, 4 s; SETUP is repeated once.
    pub t303: Duration,
    /// T304, 20 s in the network, 30 s in the user.
    pub t304: Duration,
    /// T305, 30 s.
    pub t305: Duration,
    /// T306, 30 s.
    pub t306: Duration,
    /// T308, 4 s; RELEASE is repeated once.
    pub t308: Duration,
    /// T309, 6 to 90 s.
    pub t309: Duration,
    /// T310, 10 s in the network, 30 to 120 s in the user.
    pub t310: Duration,
    /// T313, 4 s.
    pub t313: Duration,
    /// T316, 2 min.
    pub t316: Duration,
    /// N316, RESTARTs sent before the channel is reported out of service: 2.
    pub n316: u8,
    /// T322, 4 s.
    pub t322: Duration,
    /// T-HOLD and T-RETRIEVE, 4 s (Q.932 §6.2.7).
    pub t_hold: Duration,
    /// STATUS ENQUIRYs sent before the call is cleared: 3.
    pub n322: u8,
    /// How long an offered call may stay without any answer of the call model. Ours: above the peer's two T303.
    pub offered: Duration,
}

impl Timers {
    /// The standard's values for `side`.
    pub const fn standard(side: Side) -> Self {
        let (t304, t310) = match side {
            Side::User => (30, 60),
            Side::Network => (20, 10),
        };
        Self {
            t301: Duration::from_secs(180),
            t302: Duration::from_secs(15),
            t303: Duration::from_secs(4),
            t304: Duration::from_secs(t304),
            t305: Duration::from_secs(30),
            t306: Duration::from_secs(30),
            t308: Duration::from_secs(4),
            t309: Duration::from_secs(90),
            t310: Duration::from_secs(t310),
            t313: Duration::from_secs(4),
            t316: Duration::from_secs(120),
            n316: 2,
            t322: Duration::from_secs(4),
            t_hold: Duration::from_secs(4),
            n322: 3,
            offered: Duration::from_secs(12),
        }
    }
}
