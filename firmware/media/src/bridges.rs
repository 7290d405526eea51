//! Who hears whom, the same for samples and for symbols.

use crate::PortId;

/// The peer of every port that has one.
pub(crate) struct Bridges(Box<[Option<PortId>]>);

impl Bridges {
    pub(crate) fn new(ports: usize) -> Self {
        Self(vec![None; ports].into_boxed_slice())
    }

    /// The place of the port's peer.
    pub(crate) fn peer(&self, at: usize) -> Option<usize> {
        self.0.get(at).copied().flatten().map(|peer| usize::from(peer.0))
    }

    /// Joins two ports that exist; bridges they were in end.
    pub(crate) fn join(&mut self, one: PortId, other: PortId) {
        self.part(one);
        self.part(other);
        self.0[usize::from(one.0)] = Some(other);
        self.0[usize::from(other.0)] = Some(one);
    }

    /// Ends the port's bridge, for both.
    pub(crate) fn part(&mut self, port: PortId) {
        if let Some(peer) = self.0.get_mut(usize::from(port.0)).and_then(Option::take) {
            self.0[usize::from(peer.0)] = None;
        }
    }
}
