//! How sessions end: hangups in every state, `<disconnect>`, final processing.

use crate::driver::{slow_talk, talk, talk_over, vxml};
use vxml::ExitReason;

const FAREWELL: &str = "<catch event='connection.disconnect'><log expr='_event'/>";

#[test]
fn a_hangup_at_a_prompt_is_an_event_and_then_the_end() {
    let mut talk = talk(&format!("{FAREWELL}</catch><form><field name='f' type='digits'>F?</field></form>"));
    talk.hears("F?").hangs_up().ends(ExitReason::HungUp, "").logs(&[": connection.disconnect.hangup"]);
    crate::driver::talk("<form><field name='f' type='digits'>F?</field></form>")
        .hangs_up()
        .ends(ExitReason::HungUp, "");
}

#[test]
fn after_the_hangup_a_handler_may_still_submit_but_not_ask() {
    let a = vxml(&format!(
        "<var name='n' expr='5'/>{FAREWELL}<submit next='b' method='post' namelist='n'/></catch>
         <form><field name='f' type='digits'>F?</field></form>"
    ));
    let b = vxml("<form><block>unheard</block><field name='f' type='digits'>unheard</field></form>");
    let mut talk = talk_over(&[("a", &a), ("b", &b)]);
    talk.hears("F?").hangs_up().ends(ExitReason::HungUp, "");
    talk.fetches("GET http://h/a").fetches("POST http://h/b n=5");
    assert!(talk.prompts.is_empty());
}

#[test]
fn a_hangup_during_a_fetch_waits_for_the_next_question() {
    let a = vxml(
        "<form><field name='f' type='digits?length=1'>F?</field><block><submit next='b' method='post'/></block></form>",
    );
    let b = vxml(&format!(
        "{FAREWELL}</catch><form><block><log expr='\"order taken\"'/></block><field name='f' type='digits'/></form>"
    ));
    let mut talk = talk_over(&[("a", &a), ("b", &b)]);
    talk.hears("F?");
    talk.is_server_slow = true;
    talk.press("1").hangs_up();
    assert_eq!(talk.exit, None);
    talk.answer().ends(ExitReason::HungUp, "").logs(&[": order taken", ": connection.disconnect.hangup"]);
}

#[test]
fn final_processing_is_short() {
    let mut talk =
        talk(&format!("{FAREWELL}<submit next='b'/></catch><form><field name='f' type='digits'>F?</field></form>"));
    talk.hears("F?");
    talk.is_server_slow = true;
    talk.hangs_up().wait(9_999);
    assert_eq!(talk.exit, None);
    talk.wait(1).ends(ExitReason::HungUp, "");
}

#[test]
fn a_hangup_during_the_goodbye_is_the_end() {
    let mut talk = talk("<form><block>bye<exit expr='1'/></block></form>");
    talk.hears("!bye").hangs_up().ends(ExitReason::HungUp, "expr=1");
}

#[test]
fn a_hangup_before_the_first_document_is_the_end() {
    let a =
        vxml(&format!("{FAREWELL}</catch><form><block>unheard</block><field name='f' type='digits'>F?</field></form>"));
    let mut talk = slow_talk(&[("a", &a)]);
    talk.hangs_up();
    assert_eq!(talk.exit, None);
    talk.answer().ends(ExitReason::HungUp, "").logs(&[": connection.disconnect.hangup"]);
    slow_talk(&[]).hangs_up().answer().ends(ExitReason::HungUp, "");
}

#[test]
fn disconnect_hangs_up_after_what_was_queued() {
    let mut talk = talk(&format!("{FAREWELL}</catch><form><block>bye<disconnect/></block><block>never</block></form>"));
    talk.hears("!bye").listens().does("disconnect").ends(ExitReason::Disconnected, "");
    talk.logs(&[": connection.disconnect.hangup"]);
}
