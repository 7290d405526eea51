//! A box that records in Opus loses its power in mid-call; what it leaves is proven, and a changed octet found.

use std::io::Write as _;
use std::process::{Command, Output};
use std::time::Duration;
use system::{Lab, built};

fn verify(lab: &Lab, what: &str) -> (Option<i32>, serde_json::Value) {
    let mut command = Command::new(built("fundlinectl"));
    command.arg("--root").arg(lab.path("")).args(["recording", "verify", what, "--json"]).env("LC_ALL", "C");
    let Output { status, stdout, stderr } = command.output().expect("fundlinectl starts");
    let told = serde_json::from_slice(&stdout);
    (status.code(), told.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&stderr))))
}

#[test]
fn an_opus_recording_outlives_a_power_cut_and_a_changed_octet_is_found() {
    let mut lab = Lab::start();
    lab.stop_box();
    let config = std::fs::OpenOptions::new().append(true).open(lab.path("etc/fundline/fundline.toml"));
    config.expect("the box's configuration").write_all(b"[recording]\nformat = \"opus\"\n").expect("one more line");
    lab.start_box();
    let caller = lab.caller("wait speech\npause 8s\nwait hangup within 60s\n").start();
    // Speech is more than silence: some kilobytes are some seconds.
    lab.wait_for("a recording of some seconds", Duration::from_secs(60), |lab| {
        lab.recordings().iter().any(|file| file.metadata().is_ok_and(|file| file.len() > 12_000))
    });
    lab.cut_power();
    lab.start_box();
    drop(caller);

    let files = lab.recordings();
    let [file] = files.as_slice() else { panic!("one recording: {files:?}") };
    assert!(file.extension().is_some_and(|kind| kind == "opus"));
    let (code, told) = verify(&lab, "all");
    assert_eq!((code, told[0]["verdict"].as_str()), (Some(1), Some("cut")), "{told}");
    let proven_ms = told[0]["proven_ms"].as_u64().expect("a number");
    assert!(proven_ms > 2_000, "{told}");

    let mut octets = std::fs::read(file).expect("the recording");
    let at = octets.len() / 2;
    octets[at] ^= 1;
    std::fs::write(file, octets).expect("the recording");
    let id = file.file_stem().and_then(|stem| stem.to_str()).expect("an id");
    let (code, told) = verify(&lab, id);
    assert_eq!((code, told[0]["fault"].as_str()), (Some(2), Some("the audio was changed")), "{told}");
    let second = told[0]["first_bad_second"].as_u64().expect("a number");
    assert!(second * 1000 < proven_ms, "{told}");
}
