//! Subdialogs.

use crate::driver::{talk, talk_over, vxml};
use vxml::ExitReason;

#[test]
fn a_subdialog_takes_parameters_and_returns_values() {
    let a = vxml(
        "<var name='who' expr=\"'caller'\"/><form><subdialog name='s' src='b'><param name='greeting' expr=\"'hi ' + who\"/>
         <param name='plain' value='as written'/><filled><log expr='s.answer + s.n'/></filled></subdialog><block>end</block></form>",
    );
    let b = vxml(
        "<form><var name='greeting' expr=\"'never used'\"/><var name='plain'/><var name='n' expr='1'/>
         <field name='answer' type='digits?length=1'><prompt><value expr=\"greeting + ', ' + plain + ', ' + typeof who\"/></prompt></field>
         <filled><return namelist='answer n'/></filled></form>",
    );
    let mut talk = talk_over(&[("a", &a), ("b", &b)]);
    talk.hears("hi caller, as written, undefined").press("7").hears("!end").logs(&[": 71"]);
}

#[test]
fn a_subdialog_of_the_same_document_has_scopes_of_its_own() {
    let mut talk = talk(
        "<var name='x' expr='1'/><form><subdialog name='s' src='#sub'/><block><log expr='x + s.x'/></block></form>
         <form id='sub'><block><assign name='document.x' expr='x + 10'/><return namelist='x'/></block></form>",
    );
    talk.ends(ExitReason::Finished, "").logs(&[": 12"]);
}

#[test]
fn a_subdialog_may_return_an_event_or_end_the_session() {
    let mut talk = talk(
        "<form><subdialog src='#sub'><catch event='gave.up'><log expr='_message'/><exit/></catch></subdialog></form>
         <form id='sub'><block><return event='gave.up' message='why'/></block></form>",
    );
    talk.ends(ExitReason::Finished, "").logs(&[": why"]);
    let ends =
        "<form><subdialog src='#sub'/><block>never</block></form><form id='sub'><block>bye<exit/></block></form>";
    crate::driver::talk(ends).hears("!bye").ends(ExitReason::Finished, "");
}

#[test]
fn fields_travel_to_the_subdialogs_document() {
    let a = vxml("<form><var name='n' expr='5'/><subdialog name='s' src='b' namelist='n' method='post'/></form>");
    let b = vxml("<form><block><return/></block></form>");
    let mut talk = talk_over(&[("a", &a), ("b", &b)]);
    talk.ends(ExitReason::Finished, "").fetches("GET http://h/a").fetches("POST http://h/b n=5");
}

#[test]
fn mistakes_with_subdialogs_are_semantic() {
    talk("<form><block><return/></block></form>").ends_by("error.semantic");
    talk("<form><subdialog src='#sub'><param name='p' value='1'/></subdialog></form><form id='sub'><block><return/></block></form>")
        .ends_by("error.semantic");
    talk("<form id='f'><subdialog src='#f'/></form>").ends_by("error.semantic");
    talk("<form><subdialog src='gone'/></form>").ends_by("error.badfetch.http.404");
}
