//! Limits: every loop ends, every queue is bounded.

use crate::driver::{Talk, talk, talk_within, vxml};
use vxml::{ExitReason, Limits};

fn with(limits: Limits, body: &str) -> Talk {
    talk_within(limits, &[("a", &vxml(body))])
}

#[test]
fn loops_without_the_caller_end_in_an_event() {
    for body in [
        "<form id='f'><block><goto next='#f'/></block></form>",
        "<form><block name='b'><clear namelist='b'/></block></form>",
        "<form><block><goto next='a'/></block></form>",
        "<form><catch event='a'><clear/></catch><block><throw event='a'/></block></form>",
        "<form id='f'><error><goto next='#f'/></error><block><throw event='error.mine'/></block></form>",
        "<form><field name='f' type='digits'><property name='timeout' value='0s'/></field></form>",
        "<form id='f'><catch><goto next='#f'/></catch><block><script>for(;;){}</script></block></form>",
    ] {
        talk(body).ends_by("error.semantic");
    }
}

#[test]
fn a_handler_of_the_loops_end_may_say_so() {
    talk("<form id='f'><error>Sorry<exit/></error><block><goto next='#f'/></block></form>")
        .hears("!Sorry")
        .ends(ExitReason::Finished, "");
}

#[test]
fn a_caller_who_listens_may_stay_as_long_as_he_likes() {
    let limits = Limits { steps_without_caller: 300, ..Limits::default() };
    let mut talk = with(limits, "<menu><prompt>M</prompt><choice dtmf='1' event='a'/></menu>");
    for _ in 0..200 {
        talk.hears("M");
    }
}

#[test]
fn prompts_and_subdialogs_are_bounded() {
    let limits = || Limits { prompt_items: 10, subdialog_depth: 3, ..Limits::default() };
    let long = "<prompt>a<break/>b<break/></prompt>".repeat(4);
    with(limits(), &format!("<form><block>{long}</block></form>")).ends_by("error.semantic");
    with(
        limits(),
        "<form><block><prompt><foreach item='x' array='new Array(1000)'>x</foreach></prompt></block></form>",
    )
    .ends_by("error.semantic");
    let body =
        "<form id='f'><var name='n' expr='0'/><subdialog src='#g'/></form><form id='g'><subdialog src='#g'/></form>";
    with(limits(), body).ends_by("error.semantic");
}

#[test]
fn type_ahead_is_bounded() {
    let limits = Limits { type_ahead: 3, ..Limits::default() };
    let a = vxml("<menu><prompt>A</prompt><choice dtmf='1' next='b'/></menu>");
    let b = vxml("<form><field name='f' type='digits'>F?<filled><log expr='f'/></filled></field></form>");
    let mut talk = talk_within(limits, &[("a", &a), ("b", &b)]);
    talk.is_server_slow = true;
    talk.hears("A").press("123456").answer().press("#").logs(&[": 234"]);
}

#[test]
fn a_document_or_script_that_is_too_large_is_refused() {
    let limits = || Limits { document_size: 500, ..Limits::default() };
    let long = "<!-- words -->".repeat(100);
    with(limits(), &format!("<form><block>a</block></form>{long}")).ends_by("error.badfetch");
    let script = "x".repeat(600);
    talk_within(limits(), &[("a", &vxml("<script src='s'/><form/>")), ("s", &script)]).ends_by("error.badfetch");
}

#[test]
fn a_script_cannot_take_all_memory_or_time() {
    talk("<form><block><script>var a = []; for (;;) a.push(new Array(1000).join('x'))</script></block></form>")
        .ends_by("error.semantic");
    talk("<form><block><script>(function f() { f(); })()</script></block></form>").ends_by("error.semantic");
}

#[test]
fn an_endless_input_is_settled() {
    let mut talk = talk("<form><field name='f' type='digits'>F?<filled><log expr='f.length'/></filled></field></form>");
    talk.hears("F?").press(&"1".repeat(300)).logs(&[": 256"]);
}

#[test]
fn a_session_can_move_between_threads() {
    fn is_send<T: Send>(_: &T) {}
    let session = vxml::Interpreter::new(
        base::Instant::ZERO,
        vxml::SessionInfo::new("1", "2", "http://h/a", base::WallTime(0), 1),
        Limits::default(),
    );
    is_send(&session);
}

#[test]
fn large_documents_stay_workable() {
    let blocks: String = (0..30_000).map(|n| format!("<block name='b{n}' cond='false'/>")).collect();
    talk(&format!("<form>{blocks}</form>")).ends_by("error.semantic");
    let handlers = "<catch event='a' cond='false'/>".repeat(20_000);
    talk(&format!(
        "{handlers}<form id='f'><catch event='b'><goto next='#f'/></catch><block><throw event='b'/></block></form>"
    ))
    .ends_by("error.semantic");
}
