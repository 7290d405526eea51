//! Call states (Q.931 §2.1).

use crate::timers::Side;

/// A call's state, by what the call does rather than by side: the originating end of a call has the states that the standard
/// numbers U1 to U4 for the user and N6 to N9 for the network, the terminating end the reverse. [`State::number`] tells which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// No call.
    Null,
    /// Originating: SETUP sent. U1, N6.
    Initiated,
    /// Originating: more digits are asked for. U2, N25.
    OverlapSending,
    /// Originating: the number is whole. U3, N9.
    Proceeding,
    /// Originating: the called party is rung. U4, N7.
    Delivered,
    /// Terminating: SETUP received, not answered. U6, N1.
    Present,
    /// Terminating: more digits were asked for. U25, N2.
    OverlapReceiving,
    /// Terminating: the number is whole. U9, N3.
    IncomingProceeding,
    /// Terminating: our party is rung. U7, N4.
    Received,
    /// Terminating user: CONNECT sent. U8.
    ConnectRequest,
    /// Answered. U10, N10.
    Active,
    /// We sent DISCONNECT. U11, N12.
    DisconnectSent,
    /// DISCONNECT received. U12, N11.
    DisconnectReceived,
    /// RELEASE sent. U19, N19.
    ReleaseRequest,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 14] = [
        Self::Null,
        Self::Initiated,
        Self::OverlapSending,
        Self::Proceeding,
        Self::Delivered,
        Self::Present,
        Self::OverlapReceiving,
        Self::IncomingProceeding,
        Self::Received,
        Self::ConnectRequest,
        Self::Active,
        Self::DisconnectSent,
        Self::DisconnectReceived,
        Self::ReleaseRequest,
    ];

    /// The standard's number, as the call state element carries it (Q.931 Table 4-8).
    pub const fn number(self, side: Side) -> u8 {
        match (self, side) {
            (Self::Null, _) => 0,
            (Self::Initiated, Side::User) | (Self::Present, Side::Network) => 1,
            (Self::OverlapSending, Side::User) | (Self::OverlapReceiving, Side::Network) => 2,
            (Self::Proceeding, Side::User) | (Self::IncomingProceeding, Side::Network) => 3,
            (Self::Delivered, Side::User) | (Self::Received, Side::Network) => 4,
            (Self::Present, Side::User) | (Self::Initiated, Side::Network) => 6,
            (Self::Received, Side::User) | (Self::Delivered, Side::Network) => 7,
            (Self::ConnectRequest, _) => 8,
            (Self::IncomingProceeding, Side::User) | (Self::Proceeding, Side::Network) => 9,
            (Self::Active, _) => 10,
            (Self::DisconnectSent, Side::User) | (Self::DisconnectReceived, Side::Network) => 11,
            (Self::DisconnectReceived, Side::User) | (Self::DisconnectSent, Side::Network) => 12,
            (Self::ReleaseRequest, _) => 19,
            (Self::OverlapReceiving, Side::User) | (Self::OverlapSending, Side::Network) => 25,
        }
    }

    /// The call is being set up by us.
    pub const fn is_originating(self) -> bool {
        matches!(self, Self::Initiated | Self::OverlapSending | Self::Proceeding | Self::Delivered)
    }

    /// The call is being set up towards us.
    pub const fn is_terminating(self) -> bool {
        matches!(
            self,
            Self::Present | Self::OverlapReceiving | Self::IncomingProceeding | Self::Received | Self::ConnectRequest
        )
    }

    /// Whether a peer in state `theirs` can be the other end of this call, once nothing is on its way between the two
    /// (Q.931 §5.8.11). A peer that clears says so by its own message.
    pub(crate) const fn agrees_with(self, side: Side, theirs: u8) -> bool {
        match (self.number(side), theirs) {
            (_, 11 | 12 | 19 | 22) | (8 | 10, 8 | 10) | (1..=4, 1..=4) => true,
            (6..=9 | 25, 6..=9 | 25) => true,
            (_, _) => false,
        }
    }

    /// One side has asked for the end.
    pub const fn is_clearing(self) -> bool {
        matches!(self, Self::DisconnectSent | Self::DisconnectReceived | Self::ReleaseRequest)
    }
}
