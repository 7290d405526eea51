use super::*;
use base::WallTime;

fn engine() -> (Engine, Chain) {
    let info = SessionInfo::new("4008001234", "13900001111", "http://h/", WallTime(1_700_000_000_000), 7);
    let mut engine = Engine::new(Instant::ZERO, info, Limits::default());
    let chain = [(); 5].map(|()| engine.make_scope());
    (engine, chain)
}

#[track_caller]
fn check(engine: &mut Engine, chain: Chain, expr: &str, expected: &str) {
    assert_eq!(engine.eval_text(chain, expr), Ok(expected.into()), "{expr}");
}

#[test]
fn literals_and_names_need_no_engine() {
    let (mut engine, chain) = engine();
    engine.put(chain[3], "code", Value::text("110022")).unwrap();
    check(&mut engine, chain, "code", "110022");
    check(&mut engine, chain, "dialog.code", "110022");
    assert!(!engine.is_scripted());
}

#[test]
fn variables_move_into_the_engine_and_inner_scopes_hide_outer_ones() {
    let (mut engine, chain) = engine();
    engine.put(chain[2], "a", Value::Number(1.0)).unwrap();
    engine.put(chain[4], "a", Value::Number(2.0)).unwrap();
    check(&mut engine, chain, "a + 1", "3");
    check(&mut engine, chain, "document.a + 1", "2");
    assert!(engine.is_scripted());
    engine.assign(chain, "a", "a * 10").unwrap();
    engine.assign(chain, "document.a", "'x'").unwrap();
    check(&mut engine, chain, "document.a + a", "x20");
}

#[test]
fn assigning_to_what_was_never_declared_is_refused() {
    let (mut engine, chain) = engine();
    assert!(engine.assign(chain, "nope", "1").is_err());
    assert!(engine.eval(chain, "1 + 1").is_ok());
    assert!(engine.assign(chain, "nope", "1").is_err());
    assert!(engine.assign(chain, "session.x", "1").is_err());
    assert!(engine.assign(chain, "a b", "1").is_err());
    assert!(engine.eval(chain, "nope").is_err());
}

#[test]
fn declarations_of_a_script_belong_to_its_scope() {
    let (mut engine, chain) = engine();
    let code = "var n = 1, m; function next() { n += 1; return n; } for (var i = 0; i < 3; i++) n += i;";
    engine.run(chain, chain[2], code).unwrap();
    check(&mut engine, chain, "next() + ':' + document.n + ':' + typeof m", "5:5:undefined");
    engine.run(chain, chain[4], "function next() { return 'inner' }").unwrap();
    check(&mut engine, chain, "next() + document.next()", "inner6");
    let mut fresh = chain;
    fresh[2] = engine.make_scope();
    fresh[4] = engine.make_scope();
    check(&mut engine, fresh, "typeof next", "undefined");
}

#[test]
fn a_script_sees_none_of_the_machinery() {
    let (mut engine, chain) = engine();
    for name in ["scopes", "evaluate", "now", "secrets", "performance", "Atomics", "require", "print", "std"] {
        check(&mut engine, chain, &format!("typeof {name}"), "undefined");
    }
}

#[test]
fn time_and_chance_are_the_sessions_own() {
    let (mut engine, chain) = engine();
    check(&mut engine, chain, "new Date().toISOString()", "2023-11-14T22:13:20.000Z");
    check(&mut engine, chain, "new Date().getHours() + '/' + new Date().getDate()", "6/15");
    check(&mut engine, chain, "String(new Date())", "Wed Nov 15 2023 06:13:20 GMT+0800");
    check(&mut engine, chain, "new Date(2024, 0, 1).toISOString()", "2023-12-31T16:00:00.000Z");
    check(&mut engine, chain, "new Date('2024-01-01T00:00:00').getTime()", "1704038400000");
    engine.set_now(Instant::from_millis(1500));
    check(&mut engine, chain, "Date.now()", "1700000001500");
    let first = engine.eval_text(chain, "Math.random()").unwrap();
    let (mut again, chain) = self::engine();
    again.eval(chain, "1 + 1").unwrap();
    assert_eq!(again.eval_text(chain, "Math.random()").unwrap(), first);
    assert_ne!(again.eval_text(chain, "Math.random()").unwrap(), first);
}

#[test]
fn a_secret_can_be_passed_on_but_never_read() {
    let (mut engine, chain) = engine();
    let pin = engine.hide(Secret::new("493817"));
    engine.put(chain[3], "pin", pin).unwrap();
    for scripted in [false, true] {
        assert!(engine.eval_text(chain, "pin").is_err());
        assert_eq!(engine.eval(chain, "pin"), Ok(Value::Secret(0)));
        assert_eq!(engine.is_scripted(), scripted);
        check(&mut engine, chain, "typeof pin + (pin == undefined)", "objectfalse");
    }
    for expr in ["pin + ''", "pin == '493817'", "JSON.stringify({a: pin})", "String(pin)", "pin * 1", "`${pin}`"] {
        let error = engine.eval_text(chain, expr).unwrap_err();
        assert!(error.0.contains("sensitive"), "{expr}: {error}");
    }
    check(&mut engine, chain, "Object.getOwnPropertyNames(pin).length", "3");
    engine.put(chain[4], "copy", Value::Undefined).unwrap();
    engine.assign(chain, "copy", "pin").unwrap();
    assert_eq!(engine.eval(chain, "({deep: copy})"), Ok(Value::Object(vec![("deep".into(), Value::Secret(0))])));
}

#[test]
fn endless_and_greedy_scripts_are_stopped() {
    let (mut engine, chain) = engine();
    for code in [
        "for (;;) {}",
        "(function f() { f(); })()",
        "var a = []; for (;;) a.push(new Array(1000).join('x'));",
        "/(a+)+b/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')",
        "try { for (;;) {} } catch (e) { for (;;) {} }",
        "throw {toString: function () { for (;;) {} }}",
        "syntax error here",
    ] {
        assert!(engine.run(chain, chain[4], code).is_err(), "{code}");
    }
    check(&mut engine, chain, "1 + 1", "2");
}

#[test]
fn values_survive_the_way_in_and_out() {
    let (mut engine, chain) = engine();
    let value = Value::Object(vec![
        ("a".into(), Value::List(vec![Value::Number(1.5), Value::Null, Value::Bool(true)])),
        ("b".into(), Value::text("中文")),
    ]);
    engine.put(chain[3], "v", value.clone()).unwrap();
    assert_eq!(engine.eval(chain, "(v)"), Ok(value));
    assert_eq!(engine.eval(chain, "(function () {})"), Ok(Value::Undefined));
    check(&mut engine, chain, "v.a[0] + v.b", "1.5中文");
}
