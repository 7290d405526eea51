//! The peer itself: openr2 speaks with openr2. When this fails, no other story with it means anything.

use crate::VARIANTS;
use interop::{R2Peer, Sent};

#[test]
fn openr2_calls_openr2_in_every_variant() {
    for variant in VARIANTS {
        // A Chinese caller of openr2 cannot send its number: see `numbers`.
        let ani: &[&str] = if variant == "CN" { &["max_ani=0", "ani_first=no"] } else { &["max_ani=8"] };
        let mut pair = Pair {
            caller: R2Peer::start(variant, 2, &[]),
            called: R2Peer::start(variant, 2, &[ani, &["max_dnis=4"]].concat()),
            noise: Sent::IDLE,
        };
        pair.caller.command("call channel=2 to=1234 from=56789012 category=1");
        pair.until("it is answered", |pair| pair.caller.take("answered", 2).is_some());
        let offered = pair.called.take("offered", 2).expect("offered before it is answered");
        assert_eq!(offered["to"], "1234", "{variant}");
        assert_eq!(offered["from"], if variant == "CN" { "" } else { "56789012" }, "{variant}");
        pair.noise.audio = [0x35; 80];
        pair.until("the echo comes back", |pair| pair.caller.sent()[1].audio == pair.noise.audio);
        pair.caller.command("hangup channel=2");
        pair.until("it is over", |pair| pair.caller.take("released", 2).is_some());
        pair.until("at the other end too", |pair| pair.called.take("released", 2).is_some());
        assert!(pair.caller.sent().iter().all(|sent| sent.bits & 0b1100 == 0b1000), "{variant}");
    }
}

/// Two peers, each hearing what the other sends.
struct Pair {
    caller: R2Peer,
    called: R2Peer,
    /// What the caller hears in place of silence.
    noise: Sent,
}

impl Pair {
    #[track_caller]
    fn until(&mut self, what: &str, mut reached: impl FnMut(&mut Self) -> bool) {
        for _ in 0..3000 {
            let sent = self.caller.sent().to_vec();
            let mut heard = self.called.sent().to_vec();
            for sent in heard.iter_mut().filter(|sent| sent.audio == Sent::IDLE.audio) {
                sent.audio = self.noise.audio;
            }
            self.caller.hear(&heard);
            self.called.hear(&sent);
            if reached(self) {
                return;
            }
        }
        panic!("not within 30 s: {what}: {:#?}, {:#?}", self.caller.story(), self.called.story());
    }
}
