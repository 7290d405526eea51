//! Callers of the hotline, one at a time: they hear what the fund system says, and reach an agent.

use system::Lab;

/// Up to the fund code; the language's key first.
fn asks_for_nav(key: char, rest: &str) -> String {
    format!("wait speech\npause 1s\npress {key}\npause 2s\npress 1\npause 2s\npress 000001#\n{rest}")
}

#[test]
fn the_net_asset_value_is_heard_in_both_languages() {
    let lab = Lab::start();
    let nav = lab.fund().nav("000001");
    let zh = asks_for_nav(
        '1',
        "expect zh \"单位净值\" within 30s\nexpect zh \"${nav}\" as number within 5s\nexpect zh \"元\"\n",
    );
    let en = asks_for_nav(
        '2',
        "expect en \"The net asset value is\" within 30s\nexpect en \"${nav}\" as number within 8s\n",
    );
    let callers: Vec<_> = [zh, en].iter().map(|script| lab.caller(script).set("nav", &nav).start()).collect();
    for caller in callers {
        let heard = caller.content();
        assert!(heard.report["answered_ms"].as_u64().is_some_and(|ms| ms < 3000), "{}", heard.said);
    }
}

#[test]
fn another_value_than_the_right_one_is_not_taken_for_it() {
    let lab = Lab::start();
    let nav = lab.fund().nav("000001");
    let last = if nav.ends_with('7') { '2' } else { '7' };
    let wrong = format!("{}{last}", &nav[..nav.len() - 1]);
    let script = asks_for_nav('1', "expect zh \"单位净值\" within 30s\nexpect zh \"${nav}\" as number within 5s\n");
    let heard = lab.caller(&script).set("nav", &wrong).start().end();
    assert!(!heard.satisfied, "the caller took {nav} for {wrong}: {}", heard.said);
    assert!(heard.report["fault"].as_str().is_some_and(|fault| fault.contains(&wrong)), "{}", heard.said);
}

#[test]
fn caller_and_agent_hear_each_other_and_the_caller_ends_it() {
    let mut lab = Lab::start();
    let agent = lab
        .telephone("8001", "ring 2s\nanswer\nspeak zh \"您好我是客服八零零一\"\nexpect zh \"请问我的账户怎么了\" within 30s\nwait hangup\n")
        .start();
    let caller = lab.caller(
        "wait speech\npause 1s\npress 1\npause 2s\npress 0\nwait tone ringback within 30s\n\
         expect zh \"您好我是客服八零零一\" within 30s\nspeak zh \"请问我的账户怎么了\"\npause 2s\nhang up\n",
    );
    caller.start().content();
    let heard = agent.content();
    assert_eq!(heard.report["cause"], 16, "{}", heard.said);

    lab.stop_box();
    let calls =
        lab.records().calls(&records_io::CallFilter { limit: 10, ..records_io::CallFilter::default() }).expect("calls");
    let call = &calls[0];
    assert_eq!(
        (calls.len(), call.called.as_str(), call.cause, call.state.as_str()),
        (1, "4008001234", Some(16), "ended")
    );
    let id = call.id.parse().expect("an identifier");
    let detail = lab.records().call(id).expect("a store").expect("the call");
    assert_eq!(detail.legs.len(), 2, "the caller's leg and the agent's: {detail:?}");
    let with: Vec<&str> =
        detail.legs.iter().flat_map(|leg| &leg.segments).map(|segment| segment.device.as_str()).collect();
    assert!(with.contains(&"8001"), "the record says when the caller was with the agent: {detail:?}");
}

#[test]
fn a_number_that_leads_nowhere_is_refused_with_its_cause() {
    let lab = Lab::start();
    let heard = lab.caller("wait answer within 5s\n").to("4000000000").start().end();
    assert_eq!(
        (&heard.report["cause"], &heard.report["answered_ms"]),
        (&1.into(), &serde_json::Value::Null),
        "{}",
        heard.said
    );
}
