//! What is said: prompts by count and condition, SSML, languages, audio with its fallback.

use crate::driver::talk;

#[track_caller]
fn check(prompt: &str, expected: &str) {
    talk(&format!("<form><block><prompt>{prompt}</prompt></block></form>")).hears(&format!("!{expected}"));
}

#[test]
fn each_run_of_words_and_each_value_is_one_item() {
    check(
        "The net asset value is\n  <say-as interpret-as='number'>1.2345</say-as> yuan",
        "The net asset value is | <number:1.2345> | yuan",
    );
    check(
        "On <say-as interpret-as='date' format='ymd'>2024-<value expr='10+1'/>-02</say-as>",
        "On | <date/ymd:2024-11-02>",
    );
    check("<s>You have <value expr='3'/> funds.</s><s>Bye.</s>", "You have 3 funds. | Bye.");
    check("<p><s>One.</s><audio src='x.wav'/></p>", "One. | [http://h/x.wav]");
    check(
        "<emphasis>now</emphasis><prosody rate='slow'>slow</prosody><sub alias='net asset value'>NAV</sub>",
        "now | slow | net asset value",
    );
    check("a<break/>b<break strength='none'/><break time='1s'/>", "a | (400ms) | b | (0ms) | (1000ms)");
    check("<mark name='here'/>a<mark nameexpr=\"'t' + 1\"/>", "{here} | a | {t1}");
}

#[test]
fn languages_are_inherited_and_changed() {
    check("<s xml:lang='zh-CN'>你好</s><s>Hello</s>", "zh-CN:你好 | Hello");
    talk("<form><block><prompt xml:lang='zh-CN'>单位净值<say-as interpret-as='number'>1.23</say-as></prompt>en</block></form>")
        .hears("!zh-CN:单位净值 | zh-CN:<number:1.23> | en");
}

#[test]
fn audio_has_a_fallback_and_may_be_computed() {
    check("<audio src='/w/hello.wav'>Hello <value expr='1'/></audio>", "[http://h/w/hello.wav or Hello | 1]");
    check("<audio expr=\"'a' + 1 + '.wav'\"/>", "[http://h/a1.wav]");
    check("x<audio expr='undefined'>silent too</audio>", "x");
    check("<audio src='http://'>instead</audio>", "instead");
    talk("<form><block><prompt xml:base='http://cdn/p/'><audio src='a.wav'/></prompt></block></form>")
        .hears("![http://cdn/p/a.wav]");
}

#[test]
fn prompts_are_tapered_by_count_and_condition() {
    let mut talk = talk(
        "<form><var name='expert' expr='false'/><field name='f' type='digits?length=1'>
         <prompt count='1'>long</prompt><prompt count='1' cond='expert'>never</prompt><prompt count='1'>also</prompt>
         <prompt count='3'>short</prompt><noinput><reprompt/></noinput></field></form>",
    );
    talk.hears("long | also").hears("long | also").hears("short").hears("short");
}

#[test]
fn prompts_gather_until_something_is_waited_for() {
    let mut talk = talk(
        "<form><block>one</block><block><prompt bargein='false'>two</prompt>three</block>
         <field name='f' type='digits?length=1'>four</field></form>",
    );
    talk.hears("one").hears("!two").hears("three | four").press("1");
}

#[test]
fn barge_in_is_a_property_too() {
    let mut talk = talk(
        "<property name='bargein' value='false'/><form><field name='f' type='digits'>F?<prompt bargein='true'>G?</prompt></field></form>",
    );
    talk.hears("!F?").hears("G?");
}

#[test]
fn an_expression_that_fails_in_a_prompt_is_an_event() {
    talk("<form><block><prompt><value expr='nobody'/></prompt></block></form>").ends_by("error.semantic");
}
