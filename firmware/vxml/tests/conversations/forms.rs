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

#[test]
fn items_are_visited_in_order_while_their_guard_holds() {
    talk(
        "<form><var name='rich' expr='false'/>
         <block cond='rich'>never</block><block name='b' expr='true'>never either</block>
         <block>first<assign name='rich' expr='true'/></block><block cond='rich'>third</block></form>",
    )
    // The first block's guard holds once the third has run: it is visited then, before what follows.
    .hears("!first | never | third")
    .ends(ExitReason::Finished, "");
}

#[test]
fn filled_runs_when_all_or_any_of_its_items_have_values() {
    let mut talk = talk(
        "<form><field name='a' type='digits?length=1'>A?</field><field name='b' type='digits?length=1'>B?</field>
         <filled mode='any' namelist='a'><log label='any' expr='a'/></filled>
         <filled><log label='all' expr='a + b'/></filled></form>",
    );
    talk.hears("A?").press("1").hears("B?").press("2").ends(ExitReason::Finished, "");
    talk.logs(&["any: 1", "all: 12"]);
}

#[test]
fn if_chooses_one_arm() {
    let arms = |n: u32| {
        let mut talk = talk(&format!(
            "<form><var name='n' expr='{n}'/><block><if cond='n == 1'>one<elseif cond='n == 2'/>two<else/>many</if></block></form>"
        ));
        talk.hears(match n {
            1 => "!one",
            2 => "!two",
            _ => "!many",
        });
    };
    (1..4).for_each(arms);
}

#[test]
fn clear_asks_again_and_resets_the_prompt_counter() {
    let mut talk = talk(
        "<form><field name='pin' type='digits?length=2'><prompt count='1'>first</prompt><prompt count='2'>again</prompt>
         <filled><if cond=\"pin != '42'\"><clear namelist='pin'/></if></filled></field><block>in</block></form>",
    );
    talk.hears("first").press("11").hears("first").press("42").hears("!in");
}

#[test]
fn goto_next_item_and_expr_choose_the_way() {
    let mut talk = talk(
        "<form id='f'><block name='one'><goto nextitem='three'/></block><block name='two'>two</block>
         <block name='three'>three<goto expr=\"'#' + 'g'\"/></block></form>
         <form id='g'><block>g<goto expritem=\"'x'\"/></block><block name='x' cond='false'>x<exit/></block></form>",
    );
    talk.hears("!three | g | x").ends(ExitReason::Finished, "");
    assert_eq!(talk.paths, ["f", "g"]);
}

#[test]
fn options_give_their_value_and_enumerate_names_them() {
    let mut talk = talk(
        "<form><field name='f'><prompt>Choose. <enumerate/></prompt><option dtmf='1' value='bonds'>bond funds</option>
         <option dtmf='2'>stocks</option><filled><log expr='f'/></filled></field></form>",
    );
    talk.hears("Choose. | For bond funds, press 1. | For stocks, press 2.").press("1").ends(ExitReason::Finished, "");
    talk.logs(&[": bonds"]);
}

#[test]
fn a_menu_numbers_its_choices_and_tells_them_by_a_template() {
    let mut talk = talk(
        "<menu dtmf='true'><prompt><enumerate>Press <value expr='_dtmf'/> for <value expr='_prompt'/>.</enumerate></prompt>
         <choice next='#a'>news</choice><choice dtmf='0' event='agent'>a person</choice><choice next='#a'>prices</choice>
         <catch event='agent'>agent<exit/></catch></menu><form id='a'><block>a</block></form>",
    );
    talk.hears("Press | 1 | for | news | Press | 0 | for | a person | Press | 2 | for | prices");
    talk.press("0").hears("!agent").ends(ExitReason::Finished, "");
    assert_eq!(talk.paths, ["menu>0"]);
}

#[test]
fn foreach_walks_an_array_in_code_and_prompts() {
    let mut talk = talk(
        "<form><block><var name='list' expr=\"['a','b']\"/><foreach item='x' array='list'><log expr='x'/></foreach>
         <prompt>Funds: <foreach item='y' array='list'><value expr='y'/><break time='200ms'/></foreach></prompt></block></form>",
    );
    talk.hears("!Funds: | a | (200ms) | b | (200ms)").logs(&[": a", ": b"]);
}

#[test]
fn exit_carries_values_and_is_heard_out() {
    let mut talk =
        talk("<form><block><var name='a' expr='1'/>bye<exit namelist='a'/></block><block>never</block></form>");
    talk.hears("!bye");
    assert_eq!(talk.exit, None, "the goodbye is heard first");
    talk.ends(ExitReason::Finished, "a=1");
    crate::driver::talk("<form><block><exit expr=\"'x' + 1\"/></block></form>").ends(ExitReason::Finished, "expr=x1");
}

#[test]
fn a_document_wide_menu_listens_in_other_forms() {
    let mut talk = talk(
        "<form><field name='f' type='digits?length=3'>F?</field></form>
         <menu id='top' scope='document'><prompt>top</prompt><choice dtmf='*' next='#star'/></menu>
         <form id='star'><block>star</block></form>",
    );
    talk.hears("F?").press("*").hears("!star");
    assert_eq!(talk.paths, ["top", "top>*", "star"]);
}

#[test]
fn a_form_grammar_fills_its_slots_at_once() {
    let mut talk = talk(
        "<form><grammar mode='dtmf' version='1.0' root='r' tag-format='semantics/1.0'><rule id='r'>
           <item repeat='2'><ruleref uri='#d'/></item><tag>out.from = meta.text.charAt(0); out.to = meta.text.charAt(1);</tag></rule>
           <rule id='d'><one-of><item>1</item><item>2</item></one-of></rule></grammar>
         <initial>From and to?</initial><field name='from'>From?</field><field name='to'>To?</field>
         <filled><log expr=\"from + '-' + to\"/></filled></form>",
    );
    talk.hears("From and to?").press("21").ends(ExitReason::Finished, "").logs(&[": 2-1"]);
}
