//! Sensitive items: the value is opaque, and the recordings fall silent in time.

use crate::driver::{Talk, talk_over, vxml};
use vxml::ExitReason;

const PIN: &str =
    "<field name='pin' type='digits?length=6'><property name='fundline.sensitive' value='true'/>PIN?</field>";

fn pin(then: &str) -> Talk {
    let a = vxml(&format!("<form id='f'>{PIN}<block>{then}</block></form>"));
    let b = vxml("<menu><prompt>B</prompt><choice dtmf='1' event='exit'/></menu>");
    talk_over(&[("a", &a), ("b", &b)])
}

#[test]
fn a_pin_travels_by_post_alone() {
    let mut talk = pin("<submit next='b' method='post' namelist='pin'/>");
    talk.hears("PIN?").does("sensitive on").press("654321").hears("B").does("sensitive off");
    talk.fetches("GET http://h/a").fetches("POST http://h/b pin=654321");
    assert_eq!(talk.paths, ["f"]);
    pin("<submit next='b' namelist='pin'/>").hears("PIN?").press("654321").ends_by("error.semantic");
    pin("<submit next='b'/>").hears("PIN?").press("654321").ends_by("error.semantic");
}

#[test]
fn nothing_makes_text_of_a_secret() {
    for leak in [
        "<log expr='pin'/>",
        "<log expr='\"\" + pin'/>",
        "<log expr='pin == \"654321\"'/>",
        "<log expr='JSON.stringify({p: pin})'/>",
        "<log expr='pin$.utterance'/>",
        "<log expr='pin$.interpretation'/>",
        "<log expr='application.lastresult$.utterance'/>",
        "<log expr='application.lastresult$[0].interpretation'/>",
        "<value expr='pin'/>",
        "<exit namelist='pin'/>",
        "<exit expr='pin'/>",
        "<goto expr='\"b?\" + pin'/>",
        "<throw event='a' messageexpr='pin'/>",
        "<audio expr='pin'/>",
        "<var name='o' expr='({x: pin})'/><submit next='b' namelist='o'/>",
    ] {
        let mut talk = pin(leak);
        talk.hears("PIN?").press("654321").ends_by("error.semantic");
        let everything =
            format!("{:?} {:?} {:?} {:?} {:?}", talk.logs, talk.fetches, talk.paths, talk.prompts, talk.deeds);
        assert!(!everything.contains("654321"), "{leak}: {everything}");
    }
}

#[test]
fn a_secret_may_be_kept_passed_on_and_tested_for() {
    let a = vxml(&format!(
        "<var name='kept'/><form>{PIN}<block><assign name='kept' expr='pin'/><log expr='kept === pin'/></block>
         <subdialog name='s' src='#sub'><param name='secret' expr='kept'/></subdialog>
         <block><submit next='b' method='post' namelist='s'/></block></form>
         <form id='sub'><var name='secret'/><block><return namelist='secret'/></block></form>"
    ));
    let b = vxml("<form><block>ok</block></form>");
    let mut talk = talk_over(&[("a", &a), ("b", &b)]);
    talk.hears("PIN?").press("111222").hears("!ok").logs(&[": true"]);
    talk.fetches("GET http://h/a").fetches("POST http://h/b s.secret=111222");
}

#[test]
fn tags_of_a_grammar_never_see_a_secret() {
    let a = vxml(
        "<var name='seen' expr='\"\"'/><form><field name='pin'><property name='fundline.sensitive' value='true'/>PIN?
         <grammar mode='dtmf' version='1.0' root='r' tag-format='semantics/1.0'><rule id='r'>1 2 3
         <tag>seen = meta.text; out = meta.text;</tag></rule></grammar></field>
         <block><log expr='\"seen \" + seen'/><submit next='b' method='post' namelist='pin'/></block></form>",
    );
    let mut talk = talk_over(&[("a", &a)]);
    talk.hears("PIN?").press("123").fetches("GET http://h/a").fetches("POST http://h/b pin=123");
    assert_eq!(talk.logs[0], ": seen ");
}

#[test]
fn the_recordings_are_silent_from_the_question_to_the_next_one() {
    let a = vxml(&format!(
        "<form><field name='account' type='digits?length=12'>Account?</field>{PIN}
         <field name='amount' type='digits'>Amount?</field></form>"
    ));
    let mut talk = talk_over(&[("a", &a)]);
    talk.hears("Account?").press("990012345678");
    assert_eq!(talk.deeds.front().map(String::as_str), Some("sensitive on"), "before the PIN is asked for");
    talk.hears("PIN?").does("sensitive on").press("1#");
    talk.hears("Sorry, that is not a valid entry. | PIN?");
    assert!(talk.deeds.is_empty(), "a second try stays silent");
    talk.press("123456").hears("Amount?").does("sensitive off");
}

#[test]
fn keys_typed_ahead_of_a_fetched_question_are_silent_at_once() {
    let a = vxml("<menu><prompt>A</prompt><choice dtmf='1' next='b'/></menu>");
    let b = vxml(&format!("<form>{PIN}<block><submit next='c' method='post'/></block></form>"));
    let mut talk = talk_over(&[("a", &a), ("b", &b)]);
    talk.is_server_slow = true;
    talk.hears("A").press("1").press("6").does("sensitive on").press("54321").answer();
    assert!(talk.deeds.is_empty());
    talk.fetches("GET http://h/a").fetches("GET http://h/b").fetches("POST http://h/c pin=654321");
    // For a question that is no secret it is taken back.
    let open = vxml("<form><field name='n' type='digits?length=2'>N?</field><block>ok</block></form>");
    let mut talk = talk_over(&[("a", &a), ("b", &open)]);
    talk.is_server_slow = true;
    talk.hears("A").press("16").does("sensitive on").answer().does("sensitive off").press("7").hears("!ok");
    talk.ends(ExitReason::Finished, "");
}

#[test]
fn a_session_that_ends_switches_the_silence_off() {
    let mut talk = pin("bye");
    talk.hears("PIN?").does("sensitive on").hangs_up().does("sensitive off").ends(ExitReason::HungUp, "");
}

#[test]
fn a_sensitive_menu_leaves_no_path() {
    let a = vxml(
        "<menu id='m'><property name='fundline.sensitive' value='true'/><prompt>M</prompt><choice dtmf='1' event='exit'/></menu>",
    );
    let mut talk = talk_over(&[("a", &a)]);
    talk.hears("M").press("1").ends(ExitReason::Finished, "");
    assert_eq!(talk.paths, ["m"]);
}
