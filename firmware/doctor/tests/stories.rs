//! A technician's lines on a clock that jumps: every finding has its story.

use base::{Dbm0, Instant};
use doctor::{
    AT_ONCE, Action, Channels, Code, Doctor, Facts, LONGEST, Language, LineId, Link, MOST, Order, Pair, Refusal, State,
    Step, Subject, Use, Verdict,
};
use dsp_progress::{Spectrum, ToneEvent};
use ports::span::Alarms;
use std::time::Duration;

const SPAN: LineId = LineId { span: 0, channel: None };
const LINE: LineId = LineId { span: 0, channel: Some(5) };
const CHINA: Subject = Subject::Exchange { country: "cn" };
const FED: Pair =
    Pair { battery: true, reversed: false, ringing: false, off_hook: false, since: Instant::ZERO, used: Use::Free };

/// A span in full health.
fn healthy() -> Facts {
    let channels = Channels { all: 30, in_use: 0, blocked: 0 };
    Facts { link: Some(Link::Up), channels, ..Facts::default() }
}

/// The exchange at the other end of an analog line.
#[derive(Clone, Copy)]
struct Exchange {
    /// What it gives off hook.
    gives: Gives,
    /// Dial tone stops at a digit.
    takes_digits: bool,
    /// Seizing breaks the loop.
    open_loop: bool,
    noise: Dbm0,
    echo: Dbm0,
    /// It announces something after the digit.
    speaks: bool,
    /// The engine answers.
    meter: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Gives {
    Steady(Spectrum),
    /// On and off in ms.
    Cadence(Spectrum, u64, u64),
    Speech,
    Nothing,
}

const GOOD: Exchange = Exchange {
    gives: Gives::Steady(Spectrum::single(450, Dbm0(-14.0))),
    takes_digits: true,
    open_loop: false,
    noise: Dbm0(-66.0),
    echo: Dbm0(-27.0),
    speaks: false,
    meter: true,
};

/// A desk with the doctor, and time.
struct Desk {
    now: Instant,
    doctor: Doctor,
    facts: Facts,
    orders: Vec<Order>,
    steps: Vec<Step>,
}

impl Desk {
    fn new(facts: Facts) -> Self {
        Self { now: Instant::ZERO, doctor: Doctor::new(), facts, orders: Vec::new(), steps: Vec::new() }
    }

    fn set(&mut self, change: impl FnOnce(&mut Facts)) {
        change(&mut self.facts);
        self.doctor.handle_facts(self.now, LINE, self.facts);
    }

    fn collect(&mut self) -> Option<Verdict> {
        let mut verdict = None;
        while let Some(action) = self.doctor.poll_action() {
            match action {
                Action::Do { order, .. } => self.orders.push(order),
                Action::Progress { step, .. } => self.steps.push(step),
                Action::Done(done) => verdict = Some(done),
            }
        }
        verdict
    }

    /// Plays the exchange in steps of 10 ms until the verdict; `meddle` may change things at each.
    fn examine(&mut self, exchange: Exchange, mut meddle: impl FnMut(&mut Self, u64)) -> Verdict {
        self.doctor.begin(self.now, LINE, CHINA, self.facts).expect("it is free");
        let (mut seized, mut tone_since, mut silent, mut level) = (None, None, false, None);
        for ms in (0..LONGEST.as_millis() as u64).step_by(10) {
            self.now = Instant::from_millis(ms);
            self.doctor.handle_timeout(self.now);
            meddle(self, ms);
            let before = self.orders.len();
            if let Some(verdict) = self.collect() {
                return verdict;
            }
            for order in self.orders[before..].iter().copied() {
                match order {
                    Order::Seize => seized = Some(ms),
                    Order::Listen(_) => tone_since = Some(ms),
                    Order::Dial(_) => silent = exchange.takes_digits,
                    Order::Measure { ms: length } if exchange.meter => level = Some(ms + u64::from(length)),
                    Order::Measure { .. } | Order::Tone { .. } | Order::HangUp | Order::Release => {}
                }
            }
            if seized == Some(ms) && exchange.open_loop {
                self.set(|facts| facts.pair.battery = false);
            }
            if let Some(since) = tone_since.filter(|_| !silent) {
                self.give(exchange.gives, ms - since);
            } else if tone_since.take().is_some()
                && let Gives::Steady(spectrum) = exchange.gives
            {
                self.doctor.handle_tone(self.now, LINE, &ToneEvent::Ended { spectrum, duration_ms: 900 });
            }
            if exchange.speaks && level.is_some() {
                self.doctor.handle_tone(self.now, LINE, &ToneEvent::Voice);
            }
            if level.is_some_and(|due| due <= ms) {
                level = None;
                let echo = self.orders.iter().any(|order| matches!(order, Order::Tone { .. }));
                let level = if echo { exchange.echo } else { exchange.noise };
                self.doctor.handle_level(self.now, LINE, level);
            }
        }
        panic!("no verdict in {LONGEST:?}");
    }

    fn give(&mut self, gives: Gives, since: u64) {
        let event = match gives {
            Gives::Steady(spectrum) if since == 50 => ToneEvent::Began(spectrum),
            Gives::Steady(spectrum) if since > 50 && since.is_multiple_of(200) => {
                ToneEvent::Lasts { spectrum, duration_ms: since as u32 }
            }
            Gives::Cadence(spectrum, on, off) => match since % (on + off) {
                50 => ToneEvent::Began(spectrum),
                over if over == on + 20 => ToneEvent::Ended { spectrum, duration_ms: on as u32 },
                _ => return,
            },
            Gives::Speech if since == 500 => ToneEvent::Voice,
            Gives::Nothing if since == 200 => ToneEvent::Silence { lasted_ms: 200 },
            _ => return,
        };
        self.doctor.handle_tone(self.now, LINE, &event);
    }
}

fn of_line(exchange: Exchange) -> Verdict {
    of_pair(exchange, FED)
}

fn of_pair(exchange: Exchange, pair: Pair) -> Verdict {
    Desk::new(Facts { pair, ..Facts::default() }).examine(exchange, |_, _| {})
}

/// Watches a span; half way its facts become these.
fn of_span(begin: Facts, end: Facts) -> Verdict {
    let mut doctor = Doctor::new();
    let began = Instant::from_millis(7_200_000);
    doctor.begin(began, SPAN, Subject::Span, begin).expect("it is free");
    doctor.handle_facts(began + Duration::from_secs(1), SPAN, end);
    let due = doctor.deadline().expect("it ends");
    assert!(due.since(began) <= LONGEST);
    doctor.handle_timeout(due);
    std::iter::from_fn(|| doctor.poll_action())
        .find_map(|action| if let Action::Done(verdict) = action { Some(verdict) } else { None })
        .expect("its time is up")
}

#[track_caller]
fn check(verdict: &Verdict, state: State, codes: &[Code]) {
    let found: Vec<Code> = verdict.findings.iter().map(|finding| finding.code).collect();
    assert_eq!((verdict.state, found.as_slice()), (state, codes));
    for finding in &verdict.findings {
        for language in [Language::Chinese, Language::English] {
            let (says, remedy) = (finding.says(language), finding.remedy(language));
            assert!(!says.is_empty() && !says.contains('{') && !remedy.contains('{'), "{says}: {remedy}");
            assert!(finding.state() == State::Good || !remedy.is_empty(), "what is wrong has a remedy: {says}");
        }
    }
}

#[test]
fn a_healthy_span_is_good_and_its_calls_are_counted() {
    let facts = healthy();
    check(&of_span(facts, facts), State::Good, &[Code::SignalGood, Code::DChannelUp, Code::NoErrors]);
    let mut busy = facts;
    busy.channels.in_use = 7;
    let verdict = of_span(facts, busy);
    check(&verdict, State::Good, &[Code::SignalGood, Code::DChannelUp, Code::NoErrors, Code::CallsGoOn]);
    assert_eq!(verdict.findings[3].says(Language::English), "7 of 30 channels carry calls, which were not disturbed");
    let bits = Facts { link: None, ..facts };
    check(&of_span(bits, bits), State::Good, &[Code::SignalGood, Code::NoErrors]);
}

#[test]
fn an_alarm_says_since_when_and_that_alone() {
    let since = Instant::from_millis(7_140_000);
    for (alarms, code) in [
        (Alarms { loss: true, remote: true, indication: false }, Code::LossOfSignal),
        (Alarms { indication: true, ..Alarms::default() }, Code::AlarmIndication),
        (Alarms { remote: true, ..Alarms::default() }, Code::RemoteAlarm),
    ] {
        let facts = Facts { alarms, alarms_since: since, link: Some(Link::Down), ..healthy() };
        let verdict = of_span(facts, facts);
        check(&verdict, State::Fault, &[code]);
        assert_eq!(verdict.findings[0].measured.seconds, Some(62), "two seconds of them in the test");
        check(&of_span(healthy(), facts), State::Fault, &[code]);
    }
}

#[test]
fn a_d_channel_that_is_not_up_is_told_apart_from_one_that_nobody_answers() {
    let with = |link| Facts { link: Some(link), ..healthy() };
    check(
        &of_span(with(Link::Up), with(Link::Down)),
        State::Fault,
        &[Code::DChannelDown, Code::SignalGood, Code::NoErrors],
    );
    let late = of_span(with(Link::Down), with(Link::Establishing));
    check(&late, State::Warning, &[Code::DChannelEstablishing, Code::SignalGood, Code::NoErrors]);
    assert_eq!(of_span(with(Link::Down), with(Link::Up)).state, State::Good, "it came up while watched");
}

#[test]
fn slips_and_bad_frames_of_now_and_of_before() {
    let now = Facts { slips: 3, bad_frames: 2, ..healthy() };
    let verdict = of_span(healthy(), now);
    check(&verdict, State::Warning, &[Code::Slips, Code::BadFrames, Code::SignalGood, Code::DChannelUp]);
    assert_eq!(verdict.findings[0].says(Language::English), "3 slips in 10 s");
    // Two hours have passed: thirty slips an hour are allowed, ten frames.
    let few = Facts { slips: 60, bad_frames: 20, ..healthy() };
    check(&of_span(few, few), State::Good, &[Code::SignalGood, Code::DChannelUp, Code::NoErrors]);
    let many = Facts { slips: 62, bad_frames: 22, ..healthy() };
    let codes = [Code::SlipsBefore, Code::BadFramesBefore, Code::SignalGood, Code::DChannelUp];
    check(&of_span(many, many), State::Warning, &codes);
}

#[test]
fn blocked_channels_are_a_warning_and_all_of_them_a_fault() {
    let with = |blocked| Facts { channels: Channels { all: 30, in_use: 0, blocked }, ..healthy() };
    let some = of_span(healthy(), with(4));
    check(&some, State::Warning, &[Code::ChannelsBlocked, Code::SignalGood, Code::DChannelUp, Code::NoErrors]);
    let all = [Code::AllBlocked, Code::SignalGood, Code::DChannelUp, Code::NoErrors];
    check(&of_span(healthy(), with(30)), State::Fault, &all);
    // Without a D-channel they are all out of service, and that is not another fault.
    let down = Facts { link: Some(Link::Down), ..with(30) };
    check(&of_span(down, down), State::Fault, &[Code::DChannelDown, Code::SignalGood, Code::NoErrors]);
}

#[test]
fn a_good_line_is_seized_listened_to_measured_and_given_back() {
    let mut desk = Desk::new(Facts { pair: FED, ..Facts::default() });
    let verdict = desk.examine(GOOD, |_, _| {});
    check(&verdict, State::Good, &[Code::BatteryGood, Code::DialTone, Code::NoiseGood, Code::EchoGood]);
    assert_eq!(verdict.findings[1].says(Language::English), "dial tone 450 Hz at -14.0 dBm0 (China)");
    assert_eq!(verdict.findings[3].says(Language::Chinese), "回声衰减 17.0 dB");
    let ends = [desk.orders.first(), desk.orders.last()];
    assert_eq!(ends, [Some(&Order::Seize), Some(&Order::Release)]);
    let hung_up = desk.orders.iter().position(|order| *order == Order::HangUp);
    assert_eq!(hung_up, Some(desk.orders.len() - 2));
    let steps =
        [Step::Waiting, Step::Looking, Step::Seizing, Step::Listening, Step::Dialling, Step::Measuring, Step::Closing];
    assert_eq!(desk.steps, steps);
    assert!(verdict.took < LONGEST);
}

#[test]
fn a_line_without_battery_in_use_or_ringing_is_not_touched() {
    for (pair, code, state) in [
        (Pair { battery: false, ..FED }, Code::NoBattery, State::Fault),
        (Pair { used: Use::InCall, ..FED }, Code::InUse, State::Good),
        (Pair { ringing: true, ..FED }, Code::Ringing, State::Good),
    ] {
        let mut desk = Desk::new(Facts { pair, ..Facts::default() });
        check(&desk.examine(GOOD, |_, _| {}), state, &[code]);
        assert_eq!(desk.orders, [], "{code:?}");
    }
    let alarms = Alarms { loss: true, ..Alarms::default() };
    let mut desk = Desk::new(Facts { pair: FED, alarms, ..Facts::default() });
    check(&desk.examine(GOOD, |_, _| {}), State::Fault, &[Code::SpanDown]);
    assert_eq!(desk.orders, []);
}

#[test]
fn a_ring_without_any_pause_is_no_caller() {
    let ringing = Pair { ringing: true, used: Use::InCall, ..FED };
    for (at_ms, code, state) in [(5_500, Code::Ringing, State::Good), (5_501, Code::RingingStuck, State::Fault)] {
        // The pair is looked at for half a second.
        let mut desk = Desk::new(Facts { pair: ringing, ..Facts::default() });
        let begun = Instant::from_millis(at_ms);
        desk.doctor.begin(begun, LINE, CHINA, desk.facts).expect("it is free");
        desk.doctor.handle_timeout(begun + Duration::from_millis(500));
        check(&desk.collect().expect("it is over"), state, &[code]);
        assert_eq!(desk.orders, []);
    }
}

#[test]
fn reversed_wires_are_a_warning_and_the_test_goes_on() {
    let verdict = of_pair(GOOD, Pair { reversed: true, ..FED });
    let codes = [Code::PolarityReversed, Code::DialTone, Code::NoiseGood, Code::EchoGood];
    check(&verdict, State::Warning, &codes);
}

#[test]
fn a_loop_that_carries_no_current_is_a_fault() {
    let verdict = of_line(Exchange { open_loop: true, ..GOOD });
    check(&verdict, State::Fault, &[Code::NoLoopCurrent, Code::BatteryGood]);
}

#[test]
fn dial_tone_tells_its_countries() {
    let gives = Gives::Steady(Spectrum::single(425, Dbm0(-12.0)));
    let verdict = of_line(Exchange { gives, ..GOOD });
    let codes = [Code::DialToneForeign, Code::BatteryGood, Code::NoiseGood, Code::EchoGood];
    check(&verdict, State::Warning, &codes);
    let countries = &verdict.findings[0].measured.countries;
    assert!(countries.contains(&"de") && !countries.contains(&"cn"), "{countries:?}");
    assert!(verdict.findings[0].says(Language::Chinese).contains("德国、中国澳门"));
    // Where nobody said which country it is, any is right.
    let mut desk = Desk::new(Facts { pair: FED, ..Facts::default() });
    desk.doctor.begin(Instant::ZERO, LINE, Subject::Exchange { country: "" }, desk.facts).expect("it is free");
    assert_eq!(desk.doctor.begin(Instant::ZERO, LINE, CHINA, desk.facts), Err(Refusal::UnderTest));
}

#[test]
fn a_steady_tone_of_no_table_is_told_with_its_frequency() {
    let gives = Gives::Steady(Spectrum::single(600, Dbm0(-12.0)));
    let verdict = of_line(Exchange { gives, ..GOOD });
    let codes = [Code::UnknownTone, Code::BatteryGood, Code::NoiseGood, Code::EchoGood];
    check(&verdict, State::Warning, &codes);
    assert!(verdict.findings[0].says(Language::English).contains("600 Hz"));
}

#[test]
fn dial_tone_may_be_too_weak_or_too_loud() {
    for (level, odd) in
        [(-25.1, Some(Code::DialToneLow)), (-25.0, None), (-3.0, None), (-2.9, Some(Code::DialToneHigh))]
    {
        let gives = Gives::Steady(Spectrum::single(450, Dbm0(level)));
        let verdict = of_line(Exchange { gives, ..GOOD });
        let good = [Code::BatteryGood, Code::DialTone, Code::NoiseGood, Code::EchoGood];
        let codes: Vec<Code> = odd.into_iter().chain(good).collect();
        check(&verdict, if odd.is_some() { State::Warning } else { State::Good }, &codes);
    }
}

#[test]
fn silence_speech_and_busy_tone_in_place_of_dial_tone() {
    let of = |gives| of_line(Exchange { gives, ..GOOD });
    check(&of(Gives::Nothing), State::Fault, &[Code::NoDialTone, Code::BatteryGood]);
    check(&of(Gives::Speech), State::Fault, &[Code::Voices, Code::BatteryGood]);
    let busy = of(Gives::Cadence(Spectrum::single(450, Dbm0(-14.0)), 350, 350));
    check(&busy, State::Fault, &[Code::RefusalTone, Code::BatteryGood]);
}

#[test]
fn an_exchange_that_takes_no_digits_or_speaks_is_not_measured() {
    let deaf = of_line(Exchange { takes_digits: false, ..GOOD });
    check(&deaf, State::Fault, &[Code::DigitNotTaken, Code::BatteryGood, Code::DialTone]);
    let speaks = of_line(Exchange { speaks: true, ..GOOD });
    check(&speaks, State::Good, &[Code::BatteryGood, Code::DialTone, Code::NotQuiet]);
    let no_engine = of_line(Exchange { meter: false, ..GOOD });
    check(&no_engine, State::Warning, &[Code::NotMeasured, Code::BatteryGood, Code::DialTone]);
}

#[test]
fn noise_and_echo_have_two_limits_each() {
    for (noise, code) in
        [(-50.1, Code::NoiseGood), (-49.9, Code::NoiseHeard), (-38.1, Code::NoiseHeard), (-37.9, Code::NoiseBad)]
    {
        let verdict = of_line(Exchange { noise: Dbm0(noise), ..GOOD });
        assert!(verdict.findings.iter().any(|finding| finding.code == code), "{noise}: {verdict:?}");
    }
    for (echo, code) in
        [(-18.1, Code::EchoGood), (-17.9, Code::EchoStrong), (-13.1, Code::EchoStrong), (-12.9, Code::EchoBad)]
    {
        let verdict = of_line(Exchange { echo: Dbm0(echo), ..GOOD });
        assert!(verdict.findings.iter().any(|finding| finding.code == code), "{echo}: {verdict:?}");
    }
    let worst = of_line(Exchange { noise: Dbm0(-30.0), echo: Dbm0(-11.0), ..GOOD });
    check(&worst, State::Fault, &[Code::NoiseBad, Code::EchoBad, Code::BatteryGood, Code::DialTone]);
}

#[test]
fn whoever_calls_in_the_middle_of_a_test_has_the_line() {
    // The box's own signaling takes a call: the hook is the call's from then on, at every moment of the test.
    for at in (200..7_500).step_by(100) {
        let mut desk = Desk::new(Facts { pair: FED, ..Facts::default() });
        let verdict = desk.examine(GOOD, |desk, ms| {
            if ms == at {
                desk.set(|facts| facts.pair.used = Use::InCall);
            }
        });
        let hung_up = desk.orders.iter().position(|order| *order == Order::HangUp);
        let seized = desk.orders.contains(&Order::Seize);
        assert_eq!(desk.orders.last() == Some(&Order::Release), seized, "{at} ms");
        if hung_up.is_none() {
            assert!(verdict.findings.iter().any(|finding| finding.code == Code::InUse), "{at} ms: {verdict:?}");
        }
    }
    let mut desk = Desk::new(Facts { pair: FED, ..Facts::default() });
    let verdict = desk.examine(GOOD, |desk, ms| {
        if ms == 1_000 {
            desk.set(|facts| facts.pair.ringing = true);
        }
    });
    check(&verdict, State::Good, &[Code::BatteryGood, Code::Ringing]);
    assert_eq!(desk.orders, [Order::Seize, Order::HangUp, Order::Release]);
}

#[test]
fn a_span_that_fails_in_the_middle_ends_the_test() {
    let mut desk = Desk::new(Facts { pair: FED, ..Facts::default() });
    let verdict = desk.examine(GOOD, |desk, ms| {
        if ms == 2_000 {
            desk.set(|facts| facts.alarms.loss = true);
        }
    });
    check(&verdict, State::Fault, &[Code::SpanDown, Code::BatteryGood]);
    assert_eq!(desk.orders.last(), Some(&Order::Release));
}

#[test]
fn telephones_are_looked_at() {
    let alarm = Alarms { loss: true, ..Alarms::default() };
    for (pair, alarms, code, state) in [
        (Pair::default(), Alarms::default(), Code::OnHook, State::Good),
        (Pair { off_hook: true, ..Pair::default() }, Alarms::default(), Code::OffHook, State::Warning),
        (Pair { off_hook: true, used: Use::InCall, ..Pair::default() }, Alarms::default(), Code::InUse, State::Good),
        (Pair::default(), alarm, Code::SpanDown, State::Fault),
    ] {
        let mut desk = Desk::new(Facts { pair, alarms, ..Facts::default() });
        desk.doctor.begin(desk.now, LINE, Subject::Telephone, desk.facts).expect("it is free");
        let due = desk.doctor.deadline().expect("it ends");
        desk.doctor.handle_timeout(due);
        check(&desk.collect().expect("it is over"), state, &[code]);
        assert_eq!(desk.orders, []);
    }
}

#[test]
fn few_lines_are_seized_at_once_and_all_have_their_turn() {
    let mut doctor = Doctor::new();
    let facts = Facts { pair: FED, ..Facts::default() };
    let id = |at: usize| LineId { span: (at / 30) as u16, channel: Some((at % 30) as u8) };
    for at in 0..MOST {
        doctor.begin(Instant::ZERO, id(at), CHINA, facts).expect("there is room");
    }
    assert_eq!(doctor.begin(Instant::ZERO, SPAN, Subject::Span, healthy()), Err(Refusal::TooMany));
    let (mut seized, mut most, mut done) = (0, 0, 0);
    // Nothing is heard on any of them: each lasts as long as a test can.
    for _ in 0..20 * MOST {
        while let Some(action) = doctor.poll_action() {
            match action {
                Action::Do { order: Order::Seize, .. } => seized += 1,
                Action::Do { order: Order::Release, .. } => seized -= 1,
                Action::Done(verdict) => {
                    done += 1;
                    assert!(verdict.took <= LONGEST, "its own time, without the waiting");
                    assert_eq!(verdict.findings[0].code, Code::NoDialTone);
                }
                Action::Do { .. } | Action::Progress { .. } => {}
            }
            most = most.max(seized);
        }
        let Some(due) = doctor.deadline() else { break };
        doctor.handle_timeout(due);
    }
    assert_eq!((done, most, seized), (MOST, AT_ONCE, 0));
}
