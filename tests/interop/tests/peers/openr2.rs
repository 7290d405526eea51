//! openr2 speaks with openr2, on a clock and on lines of ours.

use dsp_mf::{MfBank, MfEvent, MfSender, Register};
use interop::{BLOCK, R2Peer, Sent};

const VARIANTS: [&str; 11] = ["AR", "BR", "CN", "CZ", "CO", "EC", "ID", "ITU", "MX", "PH", "VE"];

#[test]
fn openr2_calls_openr2_in_every_variant() {
    VARIANTS.iter().for_each(|variant| call(variant, None));
}

/// Every signal is received by our receiver and sent on by our sender.
#[test]
fn openr2_calls_openr2_through_our_tones() {
    VARIANTS
        .iter()
        .for_each(|variant| call(variant, Some([Relay::new(Register::Forward), Relay::new(Register::Backward)])));
}

#[track_caller]
fn call(variant: &str, relays: Option<[Relay; 2]>) {
    // A Chinese caller of openr2 cannot send its number: see the stories of `r2`.
    let ani: &[&str] = if variant == "CN" { &["max_ani=0", "ani_first=no"] } else { &["max_ani=10"] };
    let mut pair = Pair {
        caller: R2Peer::start(variant, 2, &[]),
        called: R2Peer::start(variant, 2, &[ani, &["max_dnis=5"]].concat()),
        relays,
        noise: Sent::IDLE,
    };
    pair.caller.command("call channel=2 to=98765 from=1234567890 category=1");
    pair.until("it is answered", |pair| pair.caller.take("answered", 2).is_some());
    let offered = pair.called.take("offered", 2).expect("offered before it is answered");
    assert_eq!(offered["to"], "98765", "{variant}");
    assert_eq!(offered["from"], if variant == "CN" { "" } else { "1234567890" }, "{variant}");
    pair.relays = None;
    pair.noise.audio = [0x35; BLOCK];
    pair.until("the echo comes back", |pair| pair.caller.sent()[1].audio == pair.noise.audio);
    pair.caller.command("hangup channel=2");
    pair.until("it is over", |pair| pair.caller.take("released", 2).is_some());
    pair.until("at the other end too", |pair| pair.called.take("released", 2).is_some());
    assert!(pair.caller.sent().iter().all(|sent| sent.bits & 0b1100 == 0b1000), "{variant}");
}

/// Two peers, each hearing what the other sends.
struct Pair {
    caller: R2Peer,
    called: R2Peer,
    /// Between them, of channel 2.
    relays: Option<[Relay; 2]>,
    /// What the caller hears in place of silence.
    noise: Sent,
}

impl Pair {
    #[track_caller]
    fn until(&mut self, what: &str, mut reached: impl FnMut(&mut Self) -> bool) {
        for _ in 0..3000 {
            let mut sent = self.caller.sent().to_vec();
            let mut heard = self.called.sent().to_vec();
            if let Some([forward, backward]) = &mut self.relays {
                forward.regenerate(&mut sent[1].audio);
                backward.regenerate(&mut heard[1].audio);
            }
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

/// Signals of one register, made anew.
struct Relay {
    register: Register,
    bank: MfBank<1>,
    sender: Option<MfSender>,
}

impl Relay {
    fn new(register: Register) -> Self {
        let mut bank = MfBank::new();
        bank.listen(0, Some(register));
        Self { register, bank, sender: None }
    }

    fn regenerate(&mut self, audio: &mut [u8; BLOCK]) {
        let mut linear = [0; BLOCK];
        dsp_g711::alaw_decode_block(audio, &mut linear);
        self.bank.process(&[Some(&linear)], |_, event| match event {
            MfEvent::Began(signal) => self.sender = Some(MfSender::new(self.register, signal)),
            MfEvent::Ended(_) => self.sender.iter_mut().for_each(MfSender::stop),
        });
        match &mut self.sender {
            Some(sender) => sender.fill(&mut linear),
            None => linear = [0; BLOCK],
        }
        dsp_g711::alaw_encode_block(&linear, audio);
    }
}
