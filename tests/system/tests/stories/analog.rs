//! The hotline and an extension on analog lines behind a channel bank.

use records_io::CallFilter;
use std::time::Duration;
use system::Lab;

#[test]
fn analog_lines_ring_in_and_are_dialled_out_on_and_a_busy_tone_ends_a_call() {
    let mut lab = Lab::start_with_bank();
    // A machine that renders the hotline's phrases meanwhile may be too busy for a span's packets.
    lab.wait_for("the phrases", Duration::from_secs(60), |lab| {
        lab.log("log/fundlined.log").contains("fixed phrases are ready")
    });
    // An exchange that has nothing but a tone to say that its caller has gone.
    let caller = lab.caller(
        "from 02161234567 \"LI MING\"\nwait answer within 10s\nexpect zh \"欢迎致电云帆基金客户服务热线\" within 10s\n\
         press 1\nexpect zh \"基金净值查询\" within 10s\nhang up by tone busy within 10s\n",
    );
    let caller = caller.to("62345601").start();
    // The line has no word for the answer: what is said first tells the box of it.
    let agent = lab
        .telephone(
            "8002",
            "ring 2s\nanswer\nspeak zh \"您好，您好\"\npause 2s\nspeak zh \"我是客服八零零二\"\n\
             expect zh \"请问我的账户怎么了\" within 20s\nwait hangup\n",
        )
        .start();
    let customer =
        lab.caller("expect zh \"我是客服八零零二\" within 20s\nspeak zh \"请问我的账户怎么了\"\npause 1s\nhang up\n");
    let customer = customer.to("8002").start();
    assert_eq!(caller.content().report["channel"], serde_json::json!([2, 1]));
    let reports = [customer, agent].map(|party| party.content().report);
    assert_eq!(reports.map(|report| report["channel"][0].as_u64()), [Some(0), Some(2)]);

    lab.stop_box();
    let calls = lab.records().calls(&CallFilter { limit: 10, ..CallFilter::default() }).expect("calls");
    let rung_in = calls.iter().find(|call| call.called == "62345601").unwrap_or_else(|| panic!("{calls:?}"));
    assert_eq!((calls.len(), rung_in.cause), (2, Some(16)));
    // Packets that come too late may spoil what names the caller. Another number it never is.
    assert!(["02161234567", ""].contains(&rung_in.calling.as_str()), "{rung_in:?}");
    let id = rung_in.id.parse().expect("an identifier");
    let legs = lab.records().call(id).expect("a store").expect("the call").legs;
    assert!(legs[0].hang_up.is_some(), "by what its end was known: {legs:?}");
}
