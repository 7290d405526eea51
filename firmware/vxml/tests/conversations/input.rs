//! Keys: type-ahead, barge-in, timers, terminators, and every kind of grammar.

use crate::driver::{Talk, talk, talk_over, vxml};
use vxml::ExitReason;

/// A field with this attribute or grammar that logs its value; asked again after each.
fn field(attributes: &str, content: &str) -> Talk {
    talk(&format!(
        "<form><field name='f' {attributes}><prompt>F?</prompt>{content}<nomatch><log expr='\"nomatch\"'/></nomatch>
         <filled><log expr='f'/></filled></field></form>"
    ))
}

#[track_caller]
fn check(attributes: &str, content: &str, keys: &str, expected: &str) {
    let mut talk = field(attributes, content);
    talk.hears("F?").press(keys).wait(3500);
    assert_eq!(talk.logs.first().map(String::as_str), Some(format!(": {expected}").as_str()), "{attributes} {keys}");
}

#[test]
fn built_in_types_read_keys() {
    check("type='digits'", "", "0123#", "0123");
    check("type='digits'", "", "0123", "0123");
    check("type='digits?minlength=2;maxlength=3'", "", "123", "123");
    check("type='digits?minlength=2;maxlength=3'", "", "12", "12");
    check("type='digits?minlength=2;maxlength=3'", "", "1#", "nomatch");
    check("type='digits?length=2'", "", "1", "nomatch");
    check("type='boolean'", "", "1", "true");
    check("type='boolean?y=7;n=9'", "", "9", "false");
    check("type='boolean'", "", "3", "nomatch");
    check("type='number'", "", "12*5#", "12.5");
    check("type='currency'", "", "100*50", "100.50");
    check("type='phone'", "", "13800138000*12#", "13800138000x12");
    check("type='date'", "", "20240229", "20240229");
    check("type='date'", "", "20241301", "nomatch");
    check("type='time'", "", "0930", "0930?");
    check("type='time'", "", "1730", "1730h");
    check("type='time'", "", "2460", "nomatch");
}

#[test]
fn built_in_grammars_are_named_by_address_too() {
    check("", "<grammar src='builtin:dtmf/digits?length=2'/>", "12", "12");
    check("", "<grammar src='builtin:grammar/boolean'/>", "2", "false");
}

const HEAD: &str = "mode='dtmf' version='1.0' root='r' xmlns='http://www.w3.org/2001/06/grammar'";

#[test]
fn srgs_grammars_match_and_mean() {
    let check = |grammar: &str, keys: &str, expected: &str| check("", grammar, keys, expected);
    let rule = |rule: &str| format!("<grammar {HEAD}><rule id='r'>{rule}</rule></grammar>");
    check(
        &rule(
            "<item repeat='3-4'><ruleref uri='#d'/></item></rule><rule id='d'><one-of><item>1</item><item>2</item></one-of>",
        ),
        "121#",
        "121",
    );
    check(&rule("1 2 3"), "123", "123");
    check(&rule("star <item repeat='0-1'>pound</item>"), "*#", "*#");
    check(&rule("<one-of><item>1<tag>one</tag></item><item>2<tag>two</tag></item></one-of>"), "2", "two");
    check(&rule("1 <ruleref special='VOID'/>"), "1", "nomatch");
    let literals =
        format!("<grammar {HEAD} tag-format='semantics/1.0-literals'><rule id='r'>9<tag>agent</tag></rule></grammar>");
    check(&literals, "9", "agent");
    let script = format!(
        "<grammar {HEAD} tag-format='semantics/1.0'><rule id='r'><ruleref uri='#n'/><tag>out = rules.n * 10;</tag></rule>
         <rule id='n'><one-of><item>1<tag>out = 1;</tag></item><item>2<tag>out = 2;</tag></item></one-of></rule></grammar>"
    );
    check(&script, "2", "20");
    let head = format!(
        "<grammar {HEAD} tag-format='semantics/1.0'><tag>var names = {{'1': 'bonds'}};</tag><rule id='r'>1
         <tag>out = names[meta.current().text];</tag></rule></grammar>"
    );
    check(&head, "1", "bonds");
}

#[test]
fn an_external_grammar_is_fetched_once() {
    let a = vxml(
        "<form><field name='f'><prompt>F?</prompt><grammar mode='dtmf' src='g#two'/><filled><log expr='f'/><clear/></filled></field></form>",
    );
    let g = format!("<grammar {HEAD}><rule id='r'>1</rule><rule id='two' scope='public'>2</rule></grammar>");
    let mut talk = talk_over(&[("a", &a), ("g", &g)]);
    talk.hears("F?").press("2").hears("F?").press("2").logs(&[": 2", ": 2"]);
    talk.fetches("GET http://h/a").fetches("GET http://h/g");
    assert!(talk.fetches.is_empty());
}

#[test]
fn a_grammar_that_cannot_be_had_is_an_event() {
    let with = |grammar: &str| vxml(&format!("<form><field><grammar mode='dtmf' src='g'/>F?</field></form>{grammar}"));
    talk_over(&[("a", &with(""))]).ends_by("error.badfetch.http.404");
    talk_over(&[("a", &with("")), ("g", "<grammar mode='dtmf'/>")]).ends_by("error.badfetch");
    talk_over(&[("a", &with("")), ("g", "<grammar mode='voice'><rule id='a'>x</rule></grammar>")])
        .ends_by("error.unsupported.format");
}

#[test]
fn a_fast_typist_fills_field_after_field() {
    let mut talk = talk(
        "<form><field name='a' type='digits?length=2'>A?</field><field name='b' type='digits?length=2'>B?</field>
         <block>done <value expr='a + b'/></block></form>",
    );
    talk.hears("A?").press("1234").hears("B?").hears("!done | 1234");
}

#[test]
fn keys_typed_during_a_fetch_wait_for_the_next_menu() {
    let a = vxml("<menu><prompt>A</prompt><choice dtmf='1' next='b'/></menu>");
    let b = vxml("<menu><prompt>B</prompt><choice dtmf='2' next='#c'/></menu><form id='c'><block>C</block></form>");
    let mut talk = talk_over(&[("a", &a), ("b", &b)]);
    talk.is_server_slow = true;
    talk.hears("A").press("12").answer().hears("!C");
}

#[test]
fn a_prompt_without_barge_in_is_heard_and_drops_what_was_typed() {
    let mut talk = talk(
        "<form><block><prompt bargein='false'>Listen.</prompt></block>
         <field name='f' type='digits?length=2'><prompt>F?</prompt><filled><log expr='f'/></filled></field></form>",
    );
    talk.hears("!Listen.").press("99").listens().hears("F?").press("12").logs(&[": 12"]);
}

#[test]
fn timers_run_from_the_end_of_the_prompt_and_between_keys() {
    let mut talk = talk(
        "<form><field name='f' type='digits'><property name='interdigittimeout' value='2s'/>
         <prompt timeout='4s'>F?</prompt><noinput><log expr='\"noinput\"'/><reprompt/></noinput>
         <filled><log expr='f'/></filled></field></form>",
    );
    talk.hears("F?").wait(5999).logs(&[]).wait(1).logs(&[": noinput"]);
    talk.hears("F?").press("1").wait(1899).press("2").wait(1999).logs(&[": noinput"]).wait(1);
    talk.logs(&[": noinput", ": 12"]);
}

#[test]
fn a_terminator_ends_input_and_may_come_late() {
    let fields = "<field name='a' type='digits?length=2'>A?</field><field name='b' type='digits'>B?</field>
                  <block><log expr=\"a + '/' + b\"/></block>";
    let mut typist = talk(&format!("<form>{fields}</form>"));
    typist.hears("A?").press("12#").hears("B?").press("34#").ends(ExitReason::Finished, "").logs(&[": 12/34"]);
    // Long after, it is an empty input.
    let mut late = talk(&format!("<form><nomatch>no</nomatch>{fields}</form>"));
    late.hears("A?").press("12").hears("B?").wait(4000).press("#").hears("no");
}

#[test]
fn termtimeout_waits_for_the_terminator_and_termchar_can_be_another_or_none() {
    let with = |properties: &str| {
        talk(&format!(
            "<form><field name='f' type='digits?length=2'>{properties}F?<filled><log expr='f'/></filled></field></form>"
        ))
    };
    let mut waits = with("<property name='termtimeout' value='1s'/>");
    waits.hears("F?").press("12").wait(999).logs(&[]).wait(1).logs(&[": 12"]);
    with("<property name='termtimeout' value='1s'/>").press("12#").logs(&[": 12"]);
    with("<property name='termchar' value='*'/>")
        .hears("F?")
        .press("1*")
        .hears("Sorry, that is not a valid entry. | F?");
    with("<property name='termchar' value=''/>").hears("F?").press("1#").wait(2000).logs(&[]);
}

#[test]
fn a_key_that_fits_nothing_is_told_at_once_in_a_menu_and_after_the_typing_in_a_field() {
    let mut menu = talk("<menu><prompt>M</prompt><choice dtmf='1' event='a'/><nomatch>no</nomatch></menu>");
    menu.hears("M").press("7").hears("no");
    let mut field = field("type='date'", "");
    field.hears("F?").press("99").wait(2800).press("8888").logs(&[]).wait(3100).logs(&[": nomatch"]);
}

#[test]
fn links_listen_everywhere_but_in_modal_fields() {
    let form = |modal: &str| {
        talk(&format!(
            "<link dtmf='0' next='#agent'/><link event='top'><grammar {HEAD}><rule id='r'>* *</rule></grammar></link>
             <form><catch event='top'>top<exit/></catch><field name='f' type='digits?length=2' modal='{modal}'>F?</field>
             <block>field <value expr='f'/></block></form><form id='agent'><block>agent</block></form>"
        ))
    };
    form("false").hears("F?").press("**").hears("!top");
    form("false").hears("F?").press("0").wait(4000).hears("!agent");
    form("false").hears("F?").press("01").hears("!field | 01");
    form("true").hears("F?").press("0").wait(2000).press("1").hears("!field | 01");
}

#[test]
fn without_dtmf_in_inputmodes_keys_are_not_heard() {
    let mut talk =
        field("type='digits?length=1'", "<property name='inputmodes' value='voice'/><noinput>silence</noinput>");
    talk.hears("!F?").press("1").listens().hears("!silence");
}

#[test]
fn the_last_result_and_the_shadow_variable_tell_what_was_pressed() {
    let mut talk = talk(
        "<form><field name='f' type='boolean'>F?<filled>
         <log expr=\"f$.utterance + ' ' + f$.inputmode + ' ' + f$.interpretation\"/>
         <log expr=\"application.lastresult$.utterance + ' ' + application.lastresult$[0].interpretation + ' ' + lastresult$.length\"/>
         </filled></field></form>",
    );
    talk.hears("F?").press("2").logs(&[": 2 dtmf false", ": 2 false 1"]);
}

#[test]
fn the_media_plane_may_stop_the_prompt_first() {
    for is_told_first in [false, true] {
        let mut talk = talk(
            "<form><field name='a' type='digits?length=2'>A?</field><field name='b' type='digits?length=2'>B?</field>
             <block><log expr=\"a + '/' + b\"/></block></form>",
        );
        talk.hears("A?").barges_in("1", is_told_first).press("2").hears("B?");
        // The terminator of A, which was complete without it, stopped B's prompt: it is heard anew.
        talk.barges_in("#", is_told_first).hears("B?").barges_in("3", is_told_first).press("4");
        talk.ends(ExitReason::Finished, "").logs(&[": 12/34"]);
    }
}

#[test]
fn a_prompt_stopped_by_a_key_that_never_comes_is_no_prompt_for_what_follows() {
    let mut talk = talk(
        "<form><field name='a' type='digits'>A?<prompt bargein='false'>more</prompt><noinput>silent</noinput></field></form>",
    );
    talk.hears("A?").barges_in("", false).wait(7000).hears("silent");
}
