//! Causes of Q.850 and statuses of SIP, both ways (RFC 3398 §7.2.4.1, §8.2.6.1).

use crate::message::Response;
use crate::values::Reason;
use base::Cause;

/// Status for cause: the call failed at the line.
const STATUS_OF: [(Cause, u16); 36] = [
    (Cause::UNALLOCATED_NUMBER, 404),
    (Cause::NO_ROUTE_TO_TRANSIT_NETWORK, 404),
    (Cause::NO_ROUTE_TO_DESTINATION, 404),
    // RFC 3398 gives none: it expects BYE. Before an answer the call has ended without one.
    (Cause::NORMAL_CLEARING, 480),
    (Cause::USER_BUSY, 486),
    (Cause::NO_USER_RESPONDING, 408),
    (Cause::NO_ANSWER, 480),
    (Cause::SUBSCRIBER_ABSENT, 480),
    (Cause::CALL_REJECTED, 403),
    (Cause::NUMBER_CHANGED, 410),
    // Redirection to a new destination.
    (Cause(23), 410),
    // Exchange routing error, hop counter exhausted.
    (Cause(25), 483),
    // Non-selected user clearing.
    (Cause(26), 404),
    (Cause::DESTINATION_OUT_OF_ORDER, 502),
    (Cause::INVALID_NUMBER_FORMAT, 484),
    (Cause::FACILITY_REJECTED, 501),
    (Cause::NORMAL_UNSPECIFIED, 480),
    (Cause::NO_CHANNEL, 503),
    (Cause::NETWORK_OUT_OF_ORDER, 503),
    (Cause::TEMPORARY_FAILURE, 503),
    (Cause::SWITCHING_CONGESTION, 503),
    (Cause::REQUESTED_CHANNEL_NOT_AVAILABLE, 503),
    (Cause::RESOURCE_UNAVAILABLE, 503),
    // Incoming calls barred within a closed user group; bearer capability not authorized.
    (Cause(55), 403),
    (Cause(57), 403),
    (Cause::BEARER_NOT_AVAILABLE, 503),
    (Cause::BEARER_NOT_IMPLEMENTED, 488),
    // Only restricted digital information bearer capability is available.
    (Cause(70), 488),
    (Cause::SERVICE_NOT_IMPLEMENTED, 501),
    // User not member of a closed user group.
    (Cause(87), 403),
    (Cause::INCOMPATIBLE_DESTINATION, 503),
    (Cause::RECOVERY_ON_TIMER_EXPIRY, 504),
    (Cause::PROTOCOL_ERROR, 500),
    (Cause::INTERWORKING, 500),
    (Cause::CHANNEL_UNACCEPTABLE, 503),
    (Cause::SERVICE_UNAVAILABLE, 503),
];

/// Cause for status: the call failed at SIP's side.
const CAUSE_OF: [(u16, Cause); 42] = [
    (400, Cause::TEMPORARY_FAILURE),
    (401, Cause::CALL_REJECTED),
    (402, Cause::CALL_REJECTED),
    (403, Cause::CALL_REJECTED),
    (404, Cause::UNALLOCATED_NUMBER),
    (405, Cause::SERVICE_UNAVAILABLE),
    (406, Cause::SERVICE_NOT_IMPLEMENTED),
    (407, Cause::CALL_REJECTED),
    (408, Cause::RECOVERY_ON_TIMER_EXPIRY),
    (410, Cause::NUMBER_CHANGED),
    (413, Cause::INTERWORKING),
    (414, Cause::INTERWORKING),
    (415, Cause::SERVICE_NOT_IMPLEMENTED),
    (416, Cause::INTERWORKING),
    (420, Cause::INTERWORKING),
    (421, Cause::INTERWORKING),
    (422, Cause::INTERWORKING),
    (423, Cause::INTERWORKING),
    (433, Cause::CALL_REJECTED),
    (480, Cause::NO_USER_RESPONDING),
    (481, Cause::TEMPORARY_FAILURE),
    (482, Cause(25)),
    (483, Cause(25)),
    (484, Cause::INVALID_NUMBER_FORMAT),
    (485, Cause::UNALLOCATED_NUMBER),
    (486, Cause::USER_BUSY),
    // We cancelled: the call is cleared as it should be.
    (487, Cause::NORMAL_CLEARING),
    // RFC 3398 looks at Warning; what is not acceptable is nearly always the media.
    (488, Cause::INCOMPATIBLE_DESTINATION),
    (500, Cause::TEMPORARY_FAILURE),
    (501, Cause::SERVICE_NOT_IMPLEMENTED),
    (502, Cause::NETWORK_OUT_OF_ORDER),
    (503, Cause::TEMPORARY_FAILURE),
    (504, Cause::RECOVERY_ON_TIMER_EXPIRY),
    (505, Cause::INTERWORKING),
    (513, Cause::INTERWORKING),
    (580, Cause::RESOURCE_UNAVAILABLE),
    (600, Cause::USER_BUSY),
    (603, Cause::CALL_REJECTED),
    (604, Cause::UNALLOCATED_NUMBER),
    (606, Cause::INCOMPATIBLE_DESTINATION),
    (607, Cause::CALL_REJECTED),
    (608, Cause::CALL_REJECTED),
];

/// The status that a call is refused with for this cause.
pub fn status_of(cause: Cause) -> u16 {
    let row = STATUS_OF.iter().find(|(own, _)| *own == cause);
    // What is not in the table is as its class is (RFC 3398 §7.2.4.1).
    row.map_or_else(
        || match cause.0 {
            0..=31 => 480,
            32..=47 => 503,
            48.. => 500,
        },
        |&(_, status)| status,
    )
}

/// The cause of a call that was refused with this status; of another than those of the table, that of its class (RFC 3261 §8.1.3.2).
pub fn cause_of(status: u16) -> Cause {
    let row = CAUSE_OF.iter().find(|(own, _)| *own == status);
    row.map_or_else(
        || match status {
            // Nobody followed where it pointed.
            300..400 => Cause(23),
            600.. => Cause::USER_BUSY,
            _ => Cause::TEMPORARY_FAILURE,
        },
        |&(_, cause)| cause,
    )
}

/// The cause of a refusal: what a gateway beyond says by Reason, else by its status (RFC 6432 §4).
pub fn cause_of_response(response: &Response) -> Cause {
    Reason::q850(&response.common).unwrap_or_else(|| cause_of(response.status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_row_is_there_twice() {
        for (at, (cause, _)) in STATUS_OF.iter().enumerate() {
            assert!(STATUS_OF[..at].iter().all(|(own, _)| own != cause), "{cause}");
        }
        assert!(CAUSE_OF.is_sorted_by(|one, next| one.0 < next.0));
    }

    #[test]
    fn causes_that_callers_act_on_come_back_as_they_went() {
        for cause in [
            Cause::UNALLOCATED_NUMBER,
            Cause::USER_BUSY,
            Cause::CALL_REJECTED,
            Cause::INVALID_NUMBER_FORMAT,
            Cause::NUMBER_CHANGED,
        ] {
            assert_eq!(cause_of(status_of(cause)), cause);
        }
    }

    #[test]
    fn every_cause_and_status_has_another_side() {
        for cause in 0..=u8::MAX {
            assert!((400..=699).contains(&status_of(Cause(cause))), "{cause}");
        }
        for status in 300..700 {
            assert!((1..=127).contains(&cause_of(status).0), "{status}");
        }
        assert_eq!([status_of(Cause(45)), status_of(Cause(99)), status_of(Cause(15))], [503, 500, 480]);
        assert_eq!([cause_of(302), cause_of(499), cause_of(699)], [Cause(23), Cause(41), Cause(17)]);
    }
}
