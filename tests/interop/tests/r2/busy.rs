//! Lines as they are: all channels busy at once, and lines that are long and noisy.

use crate::end::{Reply, setup};
use crate::line::{Line, Trouble, Variant};
use base::Cause;
use ports::call::Primitive;
use std::collections::BTreeSet;
use test_signals::Random;

const CHANNELS: usize = 30;

/// Thirty channels, seized by either end as chance has it, on which either end hangs up when it likes. Both ends agree on every number
/// that is told, and at the end nothing is left over.
pub(crate) fn a_busy_minute_leaves_nothing_behind(variant: Variant) {
    let mut line = Line::long(variant, CHANNELS, 2);
    let mut chance = Random(0x5eed);
    let mut placed = 0_u16;
    for _ in 0..6000 {
        match chance.below(40) {
            0 | 1 => {
                let channel = 1 + chance.below(CHANNELS);
                line.peer.command(&format!("call channel={channel} to=1{placed:03} from=13800138"));
                placed += 1;
            }
            2 => {
                // All channels may be busy.
                let _call = line.end.try_call(setup(&format!("2{placed:03}"), Some("13800138")), None);
                placed += 1;
            }
            3 => line.peer.command(&format!("hangup channel={}", 1 + chance.below(CHANNELS))),
            4 => {
                let living = line.living();
                if !living.is_empty() {
                    line.end.hang_up(living[chance.below(living.len())]);
                }
            }
            _ => {}
        }
        line.tick();
    }
    line.living().into_iter().for_each(|call| line.end.hang_up(call));
    (1..=CHANNELS).for_each(|channel| line.peer.command(&format!("hangup channel={channel}")));
    line.until_idle();

    let offered = line.end.offered();
    let (to, from): (BTreeSet<_>, BTreeSet<_>) =
        offered.iter().map(|(_, setup)| (setup.to.digits.as_str(), setup.from.digits.as_str())).unzip();
    assert_eq!(to.len(), offered.len(), "a number was offered twice");
    assert!(to.iter().all(|to| to.len() == 4 && to.starts_with('1')), "{to:?}");
    assert_eq!(from, BTreeSet::from([if variant.sends_its_number() { "13800138" } else { "" }]));
    let there: Vec<_> = line.peer.story().into_iter().filter(|event| event["event"] == "offered").collect();
    assert!(there.iter().all(|event| event["from"] == "13800138" && event["to"].as_str().unwrap().starts_with('2')));
    let answered = line.end.told.iter().filter(|told| told.2 == Primitive::Connected).count();
    assert!(offered.len() > 30 && there.len() > 30 && answered > 20, "{} {} {answered}", offered.len(), there.len());
    assert!(there.len() >= answered);
}

/// 18 dB of loss each way and noise 20 dB below what is left of a tone.
pub(crate) fn a_long_line_with_noise_carries_calls(variant: Variant) {
    let mut line = Line::usual(variant);
    line.trouble = Some(Trouble::new(18.0, -49.5));
    for _ in 0..5 {
        line.end.reply = Reply::Answer;
        line.peer.command("call to=1590 from=13800138");
        line.peer_tells("answered");
        let (call, offered) = line.offered();
        assert_eq!(offered.to.digits.as_str(), "1590");
        line.peer.command("hangup");
        assert_eq!(line.until_released(call), Cause::NORMAL_CLEARING);
        line.until_idle();

        let call = line.end.call(setup("2637", Some("49880012")));
        line.until("it is answered", |line| line.end.has_told(call, Primitive::Connected));
        let told = line.peer_tells("offered");
        assert_eq!((told["to"].as_str(), told["from"].as_str()), (Some("2637"), Some("49880012")));
        line.end.hang_up(call);
        line.until_idle();
        line.end.forget_the_past();
        line.peer.forget_the_past();
    }
}
