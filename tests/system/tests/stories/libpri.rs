//! The whole box with Debian's libpri as the telephone network, on the lab card's sockets.
//!
//! The caller's voice and keys are a file, and what is judged is the audio that libpri's side received.

use interop::{PriPeer, Side};
use judge::{Phrase, Search};
use media::wav;
use speech_io::{Lang, SayAs, Speaker};
use std::path::Path;
use std::time::Duration;
use system::Lab;

const PATIENCE: Duration = Duration::from_secs(20);

/// A phrase's samples in the box's own voice.
fn spoken(lab: &Lab, text: &str, say_as: Option<SayAs>) -> Vec<i16> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let speaker = Speaker::new(&lab.path("party-speech"), None);
    let clips = runtime.block_on(speaker.speak(text, Lang::Zh, say_as.as_ref())).expect("espeak-ng speaks");
    clips.iter().flat_map(|clip| wav::read_mono(&std::fs::read(clip).expect("a clip")).expect("a WAV file")).collect()
}

/// Where the phrase ends in what was heard after `from`.
#[track_caller]
fn find(heard: &[i16], from: usize, samples: &[i16], what: &str) -> usize {
    let heard: Vec<f32> = heard.iter().map(|&sample| f32::from(sample)).collect();
    let mut search = Search::new(Phrase::new(samples).expect("a phrase to be heard"), from);
    search.hear(&heard[from..]);
    search.look().unwrap_or_else(|| panic!("{what} is not in the {} s that libpri received", heard.len() / 8000)).ends
}

#[track_caller]
fn received(file: &Path) -> Vec<i16> {
    wav::read_mono(&std::fs::read(file).expect("what libpri recorded")).expect("a WAV file")
}

#[test]
fn libpri_calls_the_hotline_and_hears_the_value_and_the_box_calls_libpri() {
    let lab = Lab::start_with_sockets();
    let nav = lab.fund().nav("000001");
    let mut peer = PriPeer::start(&lab.path("run/fundline/span1"), Side::Network, 0);
    peer.wait("up", None, PATIENCE);

    let (caller, agent) = (lab.path("party-caller.wav"), lab.path("party-agent.wav"));
    let (question, greeting) = (lab.path("party-question.wav"), lab.path("party-greeting.wav"));
    let said = spoken(&lab, "请问我的账户怎么了", None);
    let answered = spoken(&lab, "您好我是客服八零零一", None);
    std::fs::write(&question, wav::pcm_file(&said)).expect("a file");
    std::fs::write(&greeting, wav::pcm_file(&answered)).expect("a file");

    // From the network to the hotline: language, menu, fund code; one key of the talk before is pressed over the prompt.
    peer.command(&format!("call id=1 to=4008001234 from=02112345678 channel=5 record={}", caller.display()));
    peer.wait("answered", Some(1), PATIENCE);
    for (pause, keys) in [(3, "1"), (2, "1"), (2, "000001#")] {
        std::thread::sleep(Duration::from_secs(pause));
        peer.command(&format!("dtmf id=1 digits={keys}"));
    }
    std::thread::sleep(Duration::from_secs(16));

    // From the box to the network: the caller asks for the agent, which is libpri too.
    peer.command(&format!("incoming do=answer play={} record={}", greeting.display(), agent.display()));
    peer.command("dtmf id=1 digits=0");
    assert_eq!(peer.wait("ring", Some(1000), PATIENCE)["to"], "8001");
    peer.wait("played", Some(1000), PATIENCE);
    peer.command(&format!("play id=1 file={}", question.display()));
    std::thread::sleep(Duration::from_secs(5));
    peer.command("hangup id=1 cause=16");
    peer.wait("recorded", Some(1), PATIENCE);
    peer.wait("recorded", Some(1000), PATIENCE);
    peer.command("quit");
    drop(peer);

    let heard = received(&caller);
    let words = spoken(&lab, "单位净值", None);
    let value = spoken(&lab, &nav, SayAs::from_names("number", None));
    let after_words = find(&heard, 0, &words, "单位净值");
    let after_value = find(&heard, after_words.saturating_sub(640), &value, "the net asset value");
    assert!(after_value - after_words < value.len() + 8000, "the value follows its words");
    find(&heard, after_value, &answered, "the agent's greeting");
    find(&received(&agent), 0, &said, "the caller's question");

    let filter = records_io::CallFilter { limit: 10, ..Default::default() };
    let calls = lab.records().calls(&filter).expect("the store can be read");
    let [call] = calls.as_slice() else { panic!("one call: {calls:?}") };
    assert_eq!(
        (call.calling.as_str(), call.called.as_str(), call.line.as_str()),
        ("02112345678", "4008001234", "span1/5")
    );
    assert_eq!((call.state.as_str(), call.cause), ("ended", Some(16)));
    assert_eq!(lab.segments_with("8001"), 1, "the record says when the caller was with the agent");
}
