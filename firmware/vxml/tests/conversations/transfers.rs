//! Transfers.

use crate::driver::{Talk, talk};
use vxml::{ExitReason, TransferOutcome};

fn bridge() -> Talk {
    talk(
        "<form><transfer name='t' type='bridge' destexpr=\"'tel:' + 8001\" maxtime='60s' aai='fund'>
         <prompt>Connecting.</prompt><grammar mode='dtmf' version='1.0' root='r'><rule id='r'>* 1</rule></grammar>
         <filled><log expr=\"t + ' ' + t$.duration + ' ' + t$.utterance\"/></filled></transfer><block>after</block></form>",
    )
}

#[test]
fn a_bridge_comes_back_with_its_result() {
    for (outcome, expected) in [
        (TransferOutcome::Busy, ": busy 0 undefined"),
        (TransferOutcome::NoAnswer, ": noanswer 0 undefined"),
        (TransferOutcome::FarEndDisconnect(4500), ": far_end_disconnect 4.5 undefined"),
        (TransferOutcome::MaxtimeDisconnect(60_000), ": maxtime_disconnect 60 undefined"),
        (TransferOutcome::Unknown, ": unknown 0 undefined"),
    ] {
        let mut talk = bridge();
        talk.hears("!Connecting.").listens().does("transfer Bridge tel:8001 at most 60s fund");
        talk.transfer_ends(outcome).hears("!after").logs(&[expected]);
    }
}

#[test]
fn the_caller_ends_a_bridge_by_its_key() {
    let mut talk = bridge();
    talk.hears("!Connecting.").listens().does("transfer Bridge tel:8001 at most 60s fund");
    talk.press("5*").wait(2800).press("1").does("end transfer");
    talk.transfer_ends(TransferOutcome::NearEndDisconnect).hears("!after").logs(&[": near_end_disconnect 3.1 *1"]);
}

#[test]
fn a_blind_transfer_ends_the_session() {
    let mut talk = talk(
        "<form><catch event='connection.disconnect.transfer'><log expr='_event'/></catch>
         <transfer dest='tel:8002'/><block>never</block></form>",
    );
    talk.does("transfer Blind tel:8002").transfer_ends(TransferOutcome::Blind).ends(ExitReason::Transferred, "");
    talk.logs(&[": connection.disconnect.transfer"]);
}

#[test]
fn a_transfer_that_is_refused_is_an_event() {
    for (outcome, event) in [
        (TransferOutcome::BadDestination, "error.connection.baddestination"),
        (TransferOutcome::NoRoute, "error.connection.noroute"),
        (TransferOutcome::NoResource, "error.connection.noresource"),
        (TransferOutcome::NoAuthorization, "error.connection.noauthorization"),
        (TransferOutcome::Unsupported, "error.unsupported.transfer.bridge"),
    ] {
        bridge().hears("!Connecting.").listens().transfer_ends(outcome).ends_by(event);
    }
    talk("<form><transfer dest='8001'/></form>").ends_by("error.connection.baddestination");
}

#[test]
fn a_hangup_takes_the_bridge_down() {
    let mut talk = bridge();
    talk.hears("!Connecting.").listens().does("transfer Bridge tel:8001 at most 60s fund").hangs_up();
    talk.does("end transfer").ends(ExitReason::HungUp, "");
}
