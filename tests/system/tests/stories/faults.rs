//! Processes die in mid-call; the talk goes on, and what was kept is whole.

use nix::sys::signal::Signal;
use std::time::Duration;
use system::{Lab, signal};

const TALK: &str = "wait speech\npause 1s\npress 1\npause 2s\npress 0\nexpect zh \"您好我是客服八零零一\" within 30s\n\
                    speak zh \"请您稍等\"\npause 12s\nspeak zh \"请问我的账户怎么了\"\npause 2s\nhang up\n";
const AGENT: &str = "ring 1s\nanswer\nspeak zh \"您好我是客服八零零一\"\nexpect zh \"请您稍等\" within 30s\n\
                     expect zh \"请问我的账户怎么了\" within 40s\nwait hangup\n";

#[test]
fn a_talk_outlives_the_processes_of_documents_and_pages() {
    let mut lab = Lab::start();
    let agent = lab.telephone("8001", AGENT).start();
    let caller = lab.caller(TALK).start();
    lab.wait_for("the talk", Duration::from_secs(40), |lab| lab.segments_with("8001") > 0);
    let before = ["fundline-ivr", "fundline-web"].map(|name| lab.child_of_box(name));
    before.iter().for_each(|&pid| signal(pid, Signal::SIGKILL));
    lab.wait_for("new processes", Duration::from_secs(20), |lab| {
        let children = system::Program::children(lab.box_pid());
        let anew = |name: &str| children.iter().any(|(pid, program)| program == name && !before.contains(pid));
        anew("fundline-ivr") && anew("fundline-web")
    });
    caller.content();
    agent.content();
    // The box answers as before.
    let nav = lab.fund().nav("000001");
    let script = "wait speech\npause 1s\npress 1\npause 2s\npress 1\npause 2s\npress 000001#\n\
                  expect zh \"单位净值\" within 30s\nexpect zh \"${nav}\" as number within 5s\n";
    lab.caller(script).set("nav", &nav).start().content();
}

#[test]
fn a_power_cut_in_mid_call_leaves_an_interrupted_record_and_a_recording_up_to_the_last_second() {
    let mut lab = Lab::start();
    let caller = lab.caller("wait speech\npause 8s\nwait hangup within 60s\n").start();
    lab.wait_for("a recording of five seconds", Duration::from_secs(60), |lab| {
        lab.recordings().iter().any(|file| file.metadata().is_ok_and(|file| file.len() > 5 * 16_000))
    });
    lab.cut_power();
    lab.start_box();
    drop(caller);

    let filter = records_io::CallFilter { limit: 10, ..Default::default() };
    let calls = lab.records().calls(&filter).expect("the store can be read");
    let [call] = calls.as_slice() else { panic!("one call: {calls:?}") };
    assert_eq!(call.state, "interrupted");
    assert!(call.answered.is_some() && call.ended.is_some(), "{call:?}");
    let [recording] = call.recordings.as_slice() else { panic!("one recording: {call:?}") };
    lab.wait_for("the recording is closed", Duration::from_secs(10), |lab| {
        lab.records().recording(recording).is_ok_and(|row| row.is_some())
    });
    let row = lab.records().recording(recording).expect("the store can be read").expect("the recording's row");
    let file = lab.path("var/lib/fundline/recordings").join(&row.path);
    let wav = std::fs::read(&file).expect("the recording");
    let wav = media::wav::Wav::parse(&wav).expect("it plays");
    // Five seconds had reached the file when the power went.
    assert!(wav.channel(1).len() >= 4 * 8000, "{} samples", wav.channel(1).len());
    assert!(wav.channel(1).iter().any(|sample| sample.unsigned_abs() > 2000), "the greeting is to be heard");
    records_io::verify(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
}
