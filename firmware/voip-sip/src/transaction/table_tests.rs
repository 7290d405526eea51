//! The table against one written from the clauses: RFC 3261 §17.1.1.2, §17.1.2.2, §17.2.1, §17.2.2, and RFC 6026 §7.1, §7.2.
use super::*;

const INPUTS: [Input; 8] = [Provisional, Success, Failure, Again, Ack, Repeat, End, Broken];

/// By state the cells for 1xx, 2xx, 3xx-6xx, the request again, ACK, the repeating timer, the ending timer, a broken transport: the next state,
/// behind a colon what is done, `.` for nothing at all.
///
/// Differences from the figures: a broken transport leaves a peer's request to its timers (RFC 3261 Fig. 7 ends it; RFC 6026 §7.1 does
/// not); the 2xx of an accepted INVITE is repeated here and not by the user (§13.3.1.4); Fig. 8 has no timer for what is not answered
/// (RFC 4320 §4.2).
const TABLE: [(State, &str); 17] = [
    (
        InviteCalling,
        "InviteProceeding:Tell InviteAccepted:Tell InviteCompleted:Acknowledge,Tell . . InviteCalling:Send Gone:TimedOut Gone:Lost",
    ),
    (
        InviteProceeding,
        "InviteProceeding:Tell InviteAccepted:Tell InviteCompleted:Acknowledge,Tell . . . Gone:TimedOut Gone:Lost",
    ),
    (InviteCompleted, ". . InviteCompleted:Acknowledge . . . Gone: ."),
    (InviteAccepted, ". InviteAccepted:Tell . . . . Gone: ."),
    (
        RequestTrying,
        "RequestProceeding:Tell RequestCompleted:Tell RequestCompleted:Tell . . RequestTrying:Send Gone:TimedOut Gone:Lost",
    ),
    (
        RequestProceeding,
        "RequestProceeding:Tell RequestCompleted:Tell RequestCompleted:Tell . . RequestProceeding:Send Gone:TimedOut Gone:Lost",
    ),
    (RequestCompleted, ". . . . . . Gone: ."),
    (OfferedNew, "OfferedProceeding:Send OfferedAccepted:Send OfferedCompleted:Send . . OfferedProceeding:Trying . ."),
    (
        OfferedProceeding,
        "OfferedProceeding:Send OfferedAccepted:Send OfferedCompleted:Send OfferedProceeding:Send . . . .",
    ),
    (OfferedCompleted, ". . . OfferedCompleted:Send OfferedConfirmed: OfferedCompleted:Send Gone:NoAck ."),
    (OfferedConfirmed, ". . . . . . Gone: ."),
    (OfferedAccepted, ". . . . OfferedAcknowledged:Tell OfferedAccepted:Send Gone:NoAck ."),
    (OfferedAcknowledged, ". . . . . . Gone: ."),
    (ServedTrying, "ServedProceeding:Send ServedCompleted:Send ServedCompleted:Send . . . Gone: ."),
    (
        ServedProceeding,
        "ServedProceeding:Send ServedCompleted:Send ServedCompleted:Send ServedProceeding:Send . . Gone: .",
    ),
    (ServedCompleted, ". . . ServedCompleted:Send . . Gone: ."),
    (Gone, ". . . . . . . ."),
];

#[test]
fn every_state_does_with_every_input_what_the_clauses_say() {
    for (state, row) in TABLE {
        let cells: Vec<&str> = row.split(' ').collect();
        assert_eq!(cells.len(), INPUTS.len(), "{state:?}");
        for (input, cell) in INPUTS.into_iter().zip(cells) {
            let (next, effects) = state.on(input);
            let effects: Vec<String> = effects.iter().map(|effect| format!("{effect:?}")).collect();
            let found = format!("{next:?}:{}", effects.join(","));
            let expected = if cell == "." { format!("{state:?}:") } else { cell.to_owned() };
            assert_eq!(found, expected, "{state:?} on {input:?}");
        }
    }
}
