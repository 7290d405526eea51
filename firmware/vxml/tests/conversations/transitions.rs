//! From document to document: addresses, forms, fetch audio, what a failed fetch does.

use crate::driver::{slow_talk, talk, talk_over, vxml};
use vxml::{ExitReason, FetchFailure};

#[test]
fn goto_keeps_the_document_only_for_a_fragment() {
    let a = vxml(
        "<var name='n' expr='0'/><form id='f'><block><assign name='n' expr='n + 1'/><log expr='n'/>
         <if cond='n &lt; 3'><goto next='#f'/></if><goto next='b#second'/></block></form>",
    );
    let b = vxml("<form id='first'><block>first</block></form><form id='second'><block>second</block></form>");
    let mut talk = talk_over(&[("a", &a), ("b", &b)]);
    talk.hears("!second").logs(&[": 1", ": 2", ": 3"]);
    assert_eq!(talk.paths, ["f", "f", "f", "second"]);
    talk.fetches("GET http://h/a").fetches("GET http://h/b");
}

#[test]
fn submit_sends_named_items_by_get_and_all_kinds_of_values_by_post() {
    let b = vxml("<form><block>b</block></form>");
    let get = vxml(
        "<form><field name='f' type='digits?length=1'>F?</field><field name='g' type='digits?length=1' cond='false'/>
         <block><submit next='b'/></block></form>",
    );
    let mut talk = talk_over(&[("a", &get), ("b", &b)]);
    talk.hears("F?").press("7").hears("!b").fetches("GET http://h/a").fetches("GET http://h/b?f=7");
    let post = vxml(
        "<form><var name='o' expr='{x: 1, y: [true, null]}'/><var name='t' expr=\"'净值 &amp;'\"/>
         <block><submit next='b' method='post' namelist='o t'/></block></form>",
    );
    let mut talk = talk_over(&[("a", &post), ("b", &b)]);
    talk.fetches("GET http://h/a").fetches("POST http://h/b o.x=1&o.y.0=true&o.y.1=null&t=%E5%87%80%E5%80%BC+%26");
    crate::driver::talk("<form><block><submit next='b' namelist='nobody'/></block></form>").ends_by("error.semantic");
}

#[test]
fn a_failed_fetch_is_an_event_where_it_was_asked_for() {
    let handled =
        "<form><error><log expr='_event'/></error><block><goto next='gone'/></block><block>still here</block></form>";
    let mut talk = talk(handled);
    talk.hears("!still here").ends(ExitReason::Finished, "");
    assert_eq!(talk.logs.last().map(String::as_str), Some(": error.badfetch.http.404"));
    for failure in [
        FetchFailure::TimedOut,
        FetchFailure::TooLarge,
        FetchFailure::BadAddress,
        FetchFailure::Unreachable("connection refused".into()),
    ] {
        let mut talk = crate::driver::talk("<menu><prompt>M</prompt><choice dtmf='1' next='b'/></menu>");
        talk.is_server_slow = true;
        talk.hears("M").press("1").fail(failure).ends_by("error.badfetch");
    }
}

#[test]
fn a_malformed_document_is_refused_with_its_place() {
    let b = "<vxml version='2.1'>\n <form><blok/></form></vxml>";
    let mut talk = talk_over(&[("a", &vxml("<form><block><goto next='b'/></block></form>")), ("b", b)]);
    talk.ends_by("error.badfetch");
    assert!(talk.logs[0].contains("http://h/b:2:8: <blok> has no place in <form>"), "{:?}", talk.logs);
    for first in
        ["", "no XML", "<html/>", "<vxml version='9'/>", "<vxml version='2.1'/>", "<vxml version='2.1'><form></vxml>"]
    {
        talk_over(&[("a", first)]).ends_by("error.badfetch");
    }
}

#[test]
fn a_shell_that_never_answers_does_not_hold_the_caller_for_ever() {
    let mut talk =
        talk("<property name='fetchtimeout' value='4s'/><menu><prompt>M</prompt><choice dtmf='1' next='b'/></menu>");
    talk.is_server_slow = true;
    talk.hears("M").press("1").wait(8_900);
    assert_eq!(talk.exit, None);
    talk.wait(200).ends_by("error.badfetch");
}

#[test]
fn fetch_audio_plays_after_what_was_queued_until_the_answer() {
    let a = vxml(
        "<menu><prompt>M</prompt><choice dtmf='1' event='go'/><catch event='go'>One moment.<goto next='b' fetchaudio='music.wav'/></catch></menu>",
    );
    let b = vxml("<form><block>B</block></form>");
    let mut talk = talk_over(&[("a", &a), ("b", &b)]);
    talk.is_server_slow = true;
    talk.hears("M").press("1").hears("!One moment.").listens().hears("![http://h/music.wav]").answer().hears("!B");
    // A quick answer waits for what was queued and needs no music.
    let mut quick = talk_over(&[("a", &a), ("b", &b)]);
    quick.hears("M").press("1").hears("!One moment.").hears("!B");
}

#[test]
fn without_fetch_audio_the_queue_waits_for_the_next_prompt() {
    let b = vxml("<form><block>B</block></form>");
    let a = vxml("<form><block>A<goto next='b'/></block></form>");
    talk_over(&[("a", &a), ("b", &b)]).hears("!A | B");
}

#[test]
fn a_missing_dialog_or_root_or_a_root_of_a_root_is_refused() {
    talk("<form><block><goto next='#gone'/></block></form>").ends_by("error.badfetch");
    let leaf = "<vxml version='2.1' application='root'><form><block>a</block></form></vxml>";
    talk_over(&[("a", leaf)]).ends_by("error.badfetch.http.404");
    let root = "<vxml version='2.1' application='other'/>";
    talk_over(&[("a", leaf), ("root", root)]).ends_by("error.semantic");
}

#[test]
fn the_root_is_kept_when_it_is_gone_to_and_begins_anew_when_it_is_submitted_to() {
    let root = vxml(
        "<var name='n' expr='0'/><form id='home'><block><log expr='n'/><if cond='n == 2'><exit/></if>
         <assign name='n' expr='n + 1'/><goto next='leaf'/></block></form>",
    );
    let leaf = |how: &str| {
        format!(
            "<vxml version='2.1' application='a'><form><block><log expr='\"leaf \" + n'/><{how} next='a'/></block></form></vxml>"
        )
    };
    talk_over(&[("a", &root), ("leaf", &leaf("goto"))])
        .ends(ExitReason::Finished, "")
        .logs(&[": 0", ": leaf 1", ": 1", ": leaf 2", ": 2"]);
    let mut talk = talk_over(&[("a", &root), ("leaf", &leaf("submit"))]);
    talk.ends_by("error.semantic");
    assert_eq!(talk.logs[..4], [": 0", ": leaf 1", ": 0", ": leaf 1"]);
}

#[test]
fn an_application_knows_its_root_again_after_a_redirect() {
    let leaf = |next: &str| {
        format!(
            "<vxml version='2.1' application='root'><form><block><log expr='n'/><assign name='n' expr='n + 1'/>{next}</block></form></vxml>"
        )
    };
    let root = vxml("<var name='n' expr='0'/>");
    let mut talk = slow_talk(&[("a", &leaf("<goto next='b'/>")), ("b", &leaf("<exit/>")), ("moved/root", &root)]);
    talk.redirect = Some(("http://h/root", "http://h/moved/root"));
    talk.answer().answer().answer().ends(ExitReason::Finished, "").logs(&[": 0", ": 1"]);
}

#[test]
fn an_answer_may_wait_long_for_the_end_of_what_was_queued() {
    let a = vxml(
        "<property name='fetchtimeout' value='1s'/><menu><prompt>M</prompt><choice dtmf='1' event='go'/>
         <catch event='go'>A long story.<goto next='b' fetchaudio='music.wav'/></catch></menu>",
    );
    let mut talk = talk_over(&[("a", &a), ("b", &vxml("<form><block>B</block></form>"))]);
    talk.play_ms = 60_000;
    talk.hears("M").press("1").hears("!A long story.").wait(59_000);
    assert!(talk.prompts.is_empty());
    talk.wait(1_000).hears("!B");
}

#[test]
fn the_log_shows_no_query_of_an_address() {
    let a = vxml("<form><block><goto next='b?account=990012345678#x'/></block></form>");
    let mut talk = talk_over(&[("a", &a), ("b", "<vxml/>")]);
    talk.ends_by("error.badfetch");
    assert!(talk.logs.len() == 1 && talk.logs[0].contains("http://h/b:1:1: <vxml> without version"), "{:?}", talk.logs);
    assert!(!talk.logs[0].contains("99001"), "{:?}", talk.logs);
}
