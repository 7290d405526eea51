//! Forms, fields, blocks, menus and the ways between them.

use crate::driver::{talk, talk_over, vxml};
use vxml::ExitReason;

#[test]
fn a_block_speaks_and_the_call_ends() {
    talk("<form id='main'><block>Hello <value expr='1+1'/></block></form>")
        .hears("!Hello | 2")
        .ends(ExitReason::Finished, "");
}

#[test]
fn a_field_is_asked_filled_and_read_back() {
    let mut talk = talk(
        "<form><field name='code' type='digits?length=6'><prompt>Fund code?</prompt>
         <filled><prompt>You said <value expr='code'/></prompt></filled></field></form>",
    );
    talk.hears("Fund code?").press("110022").hears("!You said | 110022").ends(ExitReason::Finished, "");
}

#[test]
fn a_menu_leads_by_key_over_the_prompt() {
    let mut talk = talk(
        "<menu id='main'><prompt>One or two</prompt><choice dtmf='1' next='#one'>one</choice>
         <choice dtmf='2' next='#two'>two</choice></menu>
         <form id='one'><block>uno</block></form><form id='two'><block>dos</block></form>",
    );
    talk.hears("One or two").press("2").hears("!dos").ends(ExitReason::Finished, "");
    assert_eq!(talk.paths, ["main", "main>2", "two"]);
}

#[test]
fn a_form_is_submitted_and_the_answer_goes_on() {
    let a = vxml(
        "<form><field name='n' type='digits?length=2'><prompt>N?</prompt></field>
         <block><var name='m' expr=\"'x y'\"/><submit next='b?k=1' namelist='n m'/></block></form>",
    );
    let b = vxml("<form><block>done</block></form>");
    let mut talk = talk_over(&[("a", &a), ("b", &b)]);
    talk.hears("N?").press("42").hears("!done").ends(ExitReason::Finished, "");
    talk.fetches("GET http://h/a").fetches("GET http://h/b?k=1&n=42&m=x+y");
}
