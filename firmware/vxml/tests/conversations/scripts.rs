//! Scripts and scopes.

use crate::driver::{Talk, talk, talk_over, vxml};
use vxml::ExitReason;

#[track_caller]
fn logs(mut talk: Talk, expected: &[&str]) {
    talk.ends(ExitReason::Finished, "").logs(expected);
}

#[test]
fn inner_scopes_hide_outer_ones_and_each_has_its_name() {
    logs(
        talk(
            "<var name='x' expr='\"document\"'/><form><var name='x' expr='\"dialog\"'/><block><var name='x' expr='\"block\"'/>
             <log expr='[x, dialog.x, document.x, application.x].join()'/><assign name='document.x' expr='\"changed\"'/></block>
             <block><log expr='x + \" \" + document.x'/></block></form>",
        ),
        &[": block,dialog,document,document", ": dialog changed"],
    );
}

#[test]
fn scripts_declare_functions_where_they_stand() {
    logs(
        talk(
            "<script><![CDATA[ function twice(x) { return x < 100 ? 2 * x : x; } ]]></script>
             <form><script>var a = 4;</script><block><script>a = twice(a)</script><log expr='a'/></block></form>",
        ),
        &[": 8"],
    );
}

#[test]
fn external_scripts_run_in_their_place_even_amid_executable_content() {
    let a = vxml(
        "<script src='lib.js'/><form><block><log expr='one()'/><script srcexpr=\"'more' + '.js'\"/><log expr='two'/></block></form>",
    );
    let mut talk =
        talk_over(&[("a", &a), ("lib.js", "function one() { return 1 }"), ("more.js", "var two = one() + 1")]);
    talk.fetches("GET http://h/a").fetches("GET http://h/lib.js").fetches("GET http://h/more.js");
    logs(talk, &[": 1", ": 2"]);
}

#[test]
fn a_script_that_cannot_be_had_or_fails_is_an_event() {
    talk("<form><block><script src='gone.js'/></block></form>").ends_by("error.badfetch.http.404");
    talk("<form><block><script>throw new Error('mine')</script></block></form>").ends_by("error.semantic");
    talk("<script>for (;;) {}</script><form/>").ends_by("error.semantic");
}

#[test]
fn the_session_tells_who_calls_whom() {
    logs(
        talk(
            "<form><block><log expr=\"session.connection.remote.uri + '>' + session.connection.local.uri\"/>
             <log expr='session.connection.protocol.name'/></block></form>",
        ),
        &[": 13800138000>4008001234", ": isdn"],
    );
    talk("<form><block><assign name='session.connection' expr='1'/></block></form>").ends_by("error.semantic");
}

#[test]
fn variables_of_the_application_outlive_its_documents() {
    let root = vxml("<var name='count' expr='1'/>");
    let leaf = |next: &str| {
        format!(
            "<vxml version='2.1' application='root'><var name='mine' expr='0'/><form><block><log expr='count'/>
             <assign name='application.count' expr='count + 1'/><assign name='mine' expr='1'/>{next}</block></form></vxml>"
        )
    };
    let documents = [("a", leaf("<goto next='b'/>")), ("b", leaf("<goto next='c'/>")), ("root", root)];
    let last = vxml("<form><block><log expr='typeof count'/></block></form>");
    let mut all: Vec<(&str, &str)> = documents.iter().map(|(name, text)| (*name, text.as_str())).collect();
    all.push(("c", &last));
    let mut talk = talk_over(&all);
    talk.fetches("GET http://h/a").fetches("GET http://h/root").fetches("GET http://h/b").fetches("GET http://h/c");
    logs(talk, &[": 1", ": 2", ": undefined"]);
}
