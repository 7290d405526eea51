//! The choices that differ between networks, as data: profiles, and what one trunk changes of its profile.

use crate::timers::{Side, Timers};
use crate::wire::{Plan, Preference};
use core::time::Duration;
use ports::call::NumberKind;

/// What is done with an incoming called number that does not say that it is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// Take it as whole: exchanges that never send digits later often leave sending complete out.
    Refused,
    /// Answer SETUP ACKNOWLEDGE and wait for INFORMATION (Q.931 §5.2.4).
    Received,
}

/// Whether a SETUP whose number is whole says so (Q.931 §4.5.27).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendingComplete {
    /// By the element.
    Sent,
    /// Not: some exchanges refuse the element.
    LeftOut,
}

/// Which free channel a call gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hunting {
    /// The lowest.
    Up,
    /// The highest.
    Down,
    /// The next above the one taken last.
    Cyclic,
}

/// Whose call keeps a channel that both ends seized at once (Q.931 §5.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glare {
    /// Ours: the standard's network.
    Keeps,
    /// The peer's: the standard's user.
    Yields,
}

/// Who waits for CONNECT ACKNOWLEDGE after CONNECT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectAcknowledge {
    /// The answering user alone (Q.931 §5.2.8).
    User,
    /// Both sides (ECMA-143 §10.1.6).
    Both,
}

/// Whether calls can be put on hold (Q.932 §6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldService {
    /// HOLD is acknowledged and may be sent.
    Offered,
    /// HOLD is rejected and never sent.
    NotOffered,
}

/// Who sends what the standard keeps for the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Senders {
    /// The network alone.
    Network,
    /// Both sides: private networks.
    Both,
}

/// Whether a SETUP has to name its channel (Q.931 Table 3-15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetupChannel {
    /// It has to: the network's, and both sides' in private networks (ECMA-143 §10.1.2).
    Named,
    /// One that does not leaves the choice to us: the user's.
    Left,
}

/// What is restarted when the data link comes up the first time (Q.931 §5.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestartAtStart {
    /// Nothing.
    No,
    /// The interface, in one message.
    Interface,
    /// Each channel by itself.
    Channels,
}

/// Whether the peer is told of channels that are taken out of service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maintenance {
    /// There is no message for it: it sees its calls to them go elsewhere.
    Silent,
    /// By SERVICE, as North American exchanges do.
    Service,
}

/// How one interface behaves: a [`Profile`] for one side, with what its trunk changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// Durations.
    pub timers: Timers,
    /// Whether outgoing calls insist on the channel that was hunted.
    pub preference: Preference,
    /// Numbering plan of called numbers sent.
    pub called_plan: Plan,
    /// Numbering plan of calling, connected and redirecting numbers sent.
    pub calling_plan: Plan,
    /// Type of number sent with called numbers of unknown kind.
    pub called_kind: NumberKind,
    /// Type of number sent with calling, connected and redirecting numbers of unknown kind.
    pub calling_kind: NumberKind,
    /// Incoming overlap.
    pub overlap: Overlap,
    /// Whether whole numbers say so.
    pub sending_complete: SendingComplete,
    /// The interface identifier of channel identifications sent, where the peer wants one (Q.931 §4.5.13).
    pub interface: Option<u8>,
    /// Choice of channels.
    pub hunting: Hunting,
    /// Collisions.
    pub glare: Glare,
    /// CONNECT ACKNOWLEDGE.
    pub connect_acknowledge: ConnectAcknowledge,
    /// Hold and retrieve.
    pub hold: HoldService,
    /// Who may leave a tone in the channel with DISCONNECT (Q.931 §5.4).
    pub tones: Senders,
    /// Who sends texts for display (Q.931 §4.5.16).
    pub display: Senders,
    /// Who vouches for calling, connected and redirecting numbers (Q.931 §4.5.10): a public network does not take a user's word for it.
    pub screening: Senders,
    /// Whether a SETUP has to name its channel.
    pub setup_channel: SetupChannel,
    /// RESTART when the link comes up the first time.
    pub restart_at_start: RestartAtStart,
    /// SERVICE.
    pub maintenance: Maintenance,
}

/// What a kind of network wants, both sides of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its name in settings.
    pub name: &'static str,
    /// The subscriber's side.
    pub user: Parameters,
    /// The exchange's.
    pub network: Parameters,
}

impl Profile {
    /// Public networks of Europe (ETSI EN 300 403-1).
    pub const EURO_ISDN: Self =
        Self { name: "euro-isdn", user: Parameters::euro(Side::User), network: Parameters::euro(Side::Network) };

    /// Private networks, basic call (ECMA-143): both sides act alike.
    pub const QSIG: Self =
        Self { name: "qsig", user: Parameters::qsig(Side::User), network: Parameters::qsig(Side::Network) };

    /// Chinese public exchanges: A-law, preferred channels, E.164, en bloc towards the user; the network side takes digits one
    /// by one.
    pub const CHINA: Self =
        Self { name: "china", user: Parameters::china(Side::User), network: Parameters::china(Side::Network) };

    /// All of them.
    pub const ALL: [Self; 3] = [Self::CHINA, Self::EURO_ISDN, Self::QSIG];

    /// The profile of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name == name)
    }

    /// One side of it, with what the trunk changes.
    pub const fn parameters(&self, side: Side) -> Parameters {
        match side {
            Side::User => self.user,
            Side::Network => self.network,
        }
    }
}

impl Parameters {
    /// [`Profile::CHINA`] for one side.
    pub const fn china(side: Side) -> Self {
        Self {
            timers: Timers::standard(side),
            preference: Preference::Preferred,
            called_plan: Plan::E164,
            calling_plan: Plan::E164,
            called_kind: NumberKind::Unknown,
            calling_kind: NumberKind::Unknown,
            overlap: match side {
                Side::User => Overlap::Refused,
                Side::Network => Overlap::Received,
            },
            sending_complete: SendingComplete::Sent,
            interface: None,
            // The two ends hunt from opposite ends of the span, so that they seldom meet.
            hunting: match side {
                Side::User => Hunting::Down,
                Side::Network => Hunting::Up,
            },
            glare: match side {
                Side::User => Glare::Yields,
                Side::Network => Glare::Keeps,
            },
            connect_acknowledge: ConnectAcknowledge::User,
            hold: HoldService::NotOffered,
            tones: Senders::Network,
            display: Senders::Network,
            screening: Senders::Network,
            setup_channel: match side {
                Side::User => SetupChannel::Named,
                Side::Network => SetupChannel::Left,
            },
            restart_at_start: RestartAtStart::No,
            maintenance: Maintenance::Silent,
        }
    }

    const fn euro(side: Side) -> Self {
        Self { overlap: Overlap::Received, hold: HoldService::Offered, ..Self::china(side) }
    }

    const fn qsig(side: Side) -> Self {
        let timers = Timers { t310: Duration::from_secs(110), t304: Duration::from_secs(20), ..Timers::standard(side) };
        Self {
            timers,
            called_plan: Plan::Private,
            calling_plan: Plan::Private,
            overlap: Overlap::Received,
            connect_acknowledge: ConnectAcknowledge::Both,
            tones: Senders::Both,
            display: Senders::Both,
            screening: Senders::Both,
            setup_channel: SetupChannel::Named,
            ..Self::china(side)
        }
    }
}

macro_rules! overrides {
    ($($(#[$doc:meta])* $field:ident: $kind:ty => $($path:ident).+;)*) => {
        /// What one trunk changes of its profile; the default changes nothing.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Overrides {
            $($(#[$doc])* pub $field: Option<$kind>,)*
        }

        impl Overrides {
            /// `parameters` with these changes.
            pub const fn applied(self, mut parameters: Parameters) -> Parameters {
                $(if let Some(value) = self.$field { parameters.$($path).+ = value; })*
                parameters
            }
        }
    };
}

overrides! {
    /// T301.
    t301: Duration => timers.t301;
    /// T302.
    t302: Duration => timers.t302;
    /// T303.
    t303: Duration => timers.t303;
    /// T304.
    t304: Duration => timers.t304;
    /// T305.
    t305: Duration => timers.t305;
    /// T306.
    t306: Duration => timers.t306;
    /// T308.
    t308: Duration => timers.t308;
    /// T309.
    t309: Duration => timers.t309;
    /// T310.
    t310: Duration => timers.t310;
    /// T313.
    t313: Duration => timers.t313;
    /// T316.
    t316: Duration => timers.t316;
    /// T322.
    t322: Duration => timers.t322;
    /// Preferred or exclusive channels.
    preference: Preference => preference;
    /// Numbering plan of called numbers.
    called_plan: Plan => called_plan;
    /// Numbering plan of calling numbers.
    calling_plan: Plan => calling_plan;
    /// Type of called numbers.
    called_kind: NumberKind => called_kind;
    /// Type of calling numbers.
    calling_kind: NumberKind => calling_kind;
    /// Incoming overlap.
    overlap: Overlap => overlap;
    /// Sending complete.
    sending_complete: SendingComplete => sending_complete;
    /// Interface identifier.
    interface: Option<u8> => interface;
    /// Choice of channels.
    hunting: Hunting => hunting;
    /// Collisions.
    glare: Glare => glare;
    /// CONNECT ACKNOWLEDGE.
    connect_acknowledge: ConnectAcknowledge => connect_acknowledge;
    /// Hold and retrieve.
    hold: HoldService => hold;
    /// Tones after DISCONNECT.
    tones: Senders => tones;
    /// Texts for display.
    display: Senders => display;
    /// Screening of numbers sent.
    screening: Senders => screening;
    /// Channels of calls offered.
    setup_channel: SetupChannel => setup_channel;
    /// RESTART when the link comes up the first time.
    restart_at_start: RestartAtStart => restart_at_start;
    /// SERVICE.
    maintenance: Maintenance => maintenance;
}
