//! Whose limits the receivers of keys keep to is chosen when the engine starts.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
mod rig;

use media::{Command, DtmfDetection, DtmfProfile, Engine, PortId};
use rig::{Rig, sine};

/// A key whose lower tone is this much stronger than the higher one, as an engine of this profile reads it.
fn read(profile: DtmfProfile, twist_db: f64) -> String {
    let mut rig = Rig::of(Engine::new(1).reading_by(profile), 1);
    rig.obey(Command::Detect { port: PortId(0), dtmf: DtmfDetection::On });
    let (low, high) = (sine(770.0, 8000.0, 800), sine(1336.0, 8000.0 / 10f64.powf(twist_db / 20.0), 800));
    rig.line(0, low.iter().zip(&high).map(|(low, high)| low + high));
    rig.ticks(20);
    rig.digits()
}

#[test]
fn a_pair_that_att_accepts_and_ntt_refuses_is_read_by_the_one_and_not_by_the_other() {
    assert_eq!(read(DtmfProfile::ATT, 8.0), "5");
    assert_eq!(read(DtmfProfile::CHINA, 6.0), "5");
    assert_eq!(read(DtmfProfile::NTT, 5.0), "5");
    assert_eq!(read(DtmfProfile::NTT, 8.0), "");
}
