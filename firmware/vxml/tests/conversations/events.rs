//! Events: handlers by name, count and condition, what they inherit, and what the platform does without one.

use crate::driver::{talk, talk_over, vxml};
use vxml::ExitReason;

const FIELD: &str = "<field name='f' type='digits?length=2'><prompt>F?</prompt>";

#[test]
fn silence_and_errors_are_answered_by_count() {
    let mut talk = talk(&format!(
        "<form>{FIELD}<property name='timeout' value='3s'/>
         <noinput>silent<reprompt/></noinput><noinput count='2'>still silent</noinput>
         <nomatch count='3'>third</nomatch><nomatch>wrong</nomatch></field></form>"
    ));
    talk.hears("F?").hears("silent | F?");
    // No <reprompt>: the field's own prompt is not heard.
    talk.hears("still silent").press("*").wait(4000).hears("wrong").press("**").wait(4000);
    talk.hears("wrong").press("#").hears("third");
}

#[test]
fn the_defaults_ask_again_or_give_up() {
    let mut silent = talk(&format!("<form>{FIELD}</field></form>"));
    silent.hears("F?").hears("F?").press("#").hears("Sorry, that is not a valid entry. | F?");
    let mut helpless = talk("<form><block><throw event='help'/></block><block>on</block></form>");
    helpless.hears("!Sorry, there is no help here. | on").ends(ExitReason::Finished, "");
    let mut broken = talk("<form><block><throw event='error.mine'/></block><block>never</block></form>");
    broken.hears("!Sorry, there is a fault in the system. Please call again later.").ends_by("error.mine");
    talk("<form><block><throw event='my.own'/></block></form>").ends_by("my.own");
    talk("<form><block>a<throw event='cancel'/></block><block>b</block></form>").hears("!a | b");
}

#[test]
fn the_highest_count_reached_wins_then_the_innermost_then_the_first() {
    let mut talk = talk(
        "<catch event='a' count='3'><log expr='\"document 3\"'/></catch><catch event='a'><log expr='\"document\"'/></catch>
         <form><catch event='a' count='2' cond='false'><log expr='\"never\"'/></catch>
         <field name='f'><grammar mode='dtmf' version='1.0' root='r'><rule id='r'>1</rule></grammar>F?
         <catch event='a'><log expr='\"field\"'/></catch><catch event='a.b'><log expr='\"later\"'/></catch>
         <filled><clear/><throw event='a.b'/></filled></field></form>",
    );
    talk.hears("F?").press("111");
    // <clear> resets the item's counters each time: it is always the first event.
    talk.logs(&[": field", ": field", ": field"]);
}

#[test]
fn counters_count_prefixes_too() {
    let mut talk = talk(
        "<form><field name='f' type='digits?length=1'>F?
         <link dtmf='*' event='my.one'/><link dtmf='#' event='my.two'/>
         <catch event='my'><log expr='_event + \" 1\"'/></catch><catch event='my' count='2'><log expr='_event + \" 2\"'/></catch>
         </field></form>",
    );
    talk.hears("F?").press("*#").logs(&[": my.one 1", ": my.two 2"]);
}

#[test]
fn a_handler_knows_the_event_and_its_message() {
    talk(
        "<form><catch event='my.event'><log expr='_event + \": \" + _message'/></catch>
         <block><throw eventexpr='\"my.\" + \"event\"' message='words'/></block></form>",
    )
    .ends(ExitReason::Finished, "")
    .logs(&[": my.event: words"]);
}

#[test]
fn an_error_in_a_document_reaches_its_handler_and_the_log() {
    let mut talk = talk(
        "<form><error><log expr='_event'/><exit/></error>\n<block><assign name='nobody' expr='1'/></block></form>",
    );
    talk.ends(ExitReason::Finished, "");
    assert_eq!(talk.logs.len(), 2, "{:?}", talk.logs);
    assert!(
        talk.logs[0].starts_with("document: http://h/a:2:8: error.semantic: nobody was never declared"),
        "{:?}",
        talk.logs
    );
    assert_eq!(talk.logs[1], ": error.semantic");
}

#[test]
fn a_handler_that_throws_what_it_handles_is_ended() {
    talk("<catch event='a'><throw event='a'/></catch><form><block><throw event='a'/></block></form>")
        .ends_by("error.semantic");
    talk("<catch><throw event='a'/></catch><form><block><throw event='a'/></block></form>").ends_by("error.semantic");
    // Passing an event on under another name is fine.
    talk(
        "<catch event='b'><log expr='_event'/></catch><form><catch event='a'><throw eventexpr='\"b.\" + _event'/></catch>
         <block><throw event='a'/></block></form>",
    )
    .ends(ExitReason::Finished, "")
    .logs(&[": b.a"]);
}

#[test]
fn handlers_of_the_root_document_serve_all_leaves() {
    let root =
        vxml("<catch event='a'><log expr='\"root \" + where'/><exit/></catch><var name='where' expr='\"root\"'/>");
    let leaf = "<vxml version='2.1' application='root'><var name='where' expr='\"leaf\"'/>
                <form><block><throw event='a'/></block></form></vxml>";
    // As if copied: the handler sees the variables of where the event was thrown.
    talk_over(&[("a", leaf), ("root", &root)]).ends(ExitReason::Finished, "").logs(&[": root leaf"]);
}

#[test]
fn unsupported_elements_throw_their_event() {
    for (element, event) in [
        ("<record name='r'/>", "error.unsupported.record"),
        ("<object name='o' classid='x'><param name='p' value='1'/></object>", "error.unsupported.objectname"),
        ("<transfer type='consultation' dest='tel:1'/>", "error.unsupported.transfer.consultation"),
        ("<block><data src='x' name='d'/></block>", "error.unsupported.data"),
        ("<field type='creditcard'/>", "error.unsupported.builtin"),
        ("<field><grammar mode='voice' src='x.grxml'/></field>", "error.semantic"),
    ] {
        talk(&format!("<form>{element}</form>")).ends_by(event);
    }
}
