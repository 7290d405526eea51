//! One channel's receiver.

use crate::BLOCK;
use crate::bank::MfEvent;
use crate::signal::Register;

/// One channel.
#[derive(Clone)]
pub(crate) struct Lane {
    register: Register,
}

impl Lane {
    pub(crate) const fn new(register: Register) -> Self {
        Self { register }
    }

    #[inline(always)]
    pub(crate) fn block(&mut self, _samples: &[i16; BLOCK], _tell: &mut impl FnMut(MfEvent)) {
        let _ = self.register;
    }
}
