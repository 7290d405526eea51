//! Why calls end, in Q.850's numbers.

use core::fmt;

/// A cause value of Q.850 §2.2.5, 1 to 127.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cause(pub u8);

macro_rules! causes {
    ($($name:ident = $value:literal, $text:literal;)*) => {
        impl Cause {
            $(#[doc = concat!("Cause ", stringify!($value), ": ", $text, ".")] pub const $name: Self = Self($value);)*

            /// The cause in words; unassigned values are their class's "unspecified".
            pub const fn words(self) -> &'static str {
                match self.0 {
                    $($value => $text,)*
                    0..=31 => "normal event, unassigned value",
                    32..=47 => "resource unavailable, unassigned value",
                    48..=63 => "service unavailable, unassigned value",
                    64..=79 => "service not implemented, unassigned value",
                    80..=95 => "invalid message, unassigned value",
                    96..=111 => "protocol error, unassigned value",
                    112..=255 => "interworking, unassigned value",
                }
            }
        }
    };
}

causes! {
    UNALLOCATED_NUMBER = 1, "unallocated number";
    NO_ROUTE_TO_TRANSIT_NETWORK = 2, "no route to transit network";
    NO_ROUTE_TO_DESTINATION = 3, "no route to destination";
    CHANNEL_UNACCEPTABLE = 6, "channel unacceptable";
    NORMAL_CLEARING = 16, "normal call clearing";
    USER_BUSY = 17, "user busy";
    NO_USER_RESPONDING = 18, "no user responding";
    NO_ANSWER = 19, "no answer from user (user alerted)";
    SUBSCRIBER_ABSENT = 20, "subscriber absent";
    CALL_REJECTED = 21, "call rejected";
    NUMBER_CHANGED = 22, "number changed";
    DESTINATION_OUT_OF_ORDER = 27, "destination out of order";
    INVALID_NUMBER_FORMAT = 28, "invalid number format (address incomplete)";
    FACILITY_REJECTED = 29, "facility rejected";
    RESPONSE_TO_STATUS_ENQUIRY = 30, "response to STATUS ENQUIRY";
    NORMAL_UNSPECIFIED = 31, "normal, unspecified";
    NO_CHANNEL = 34, "no circuit/channel available";
    NETWORK_OUT_OF_ORDER = 38, "network out of order";
    TEMPORARY_FAILURE = 41, "temporary failure";
    SWITCHING_CONGESTION = 42, "switching equipment congestion";
    ACCESS_INFORMATION_DISCARDED = 43, "access information discarded";
    REQUESTED_CHANNEL_NOT_AVAILABLE = 44, "requested circuit/channel not available";
    RESOURCE_UNAVAILABLE = 47, "resource unavailable, unspecified";
    FACILITY_NOT_SUBSCRIBED = 50, "requested facility not subscribed";
    BEARER_NOT_AVAILABLE = 58, "bearer capability not presently available";
    SERVICE_UNAVAILABLE = 63, "service or option not available, unspecified";
    BEARER_NOT_IMPLEMENTED = 65, "bearer capability not implemented";
    FACILITY_NOT_IMPLEMENTED = 69, "requested facility not implemented";
    SERVICE_NOT_IMPLEMENTED = 79, "service or option not implemented, unspecified";
    INVALID_CALL_REFERENCE = 81, "invalid call reference value";
    CHANNEL_DOES_NOT_EXIST = 82, "identified channel does not exist";
    INCOMPATIBLE_DESTINATION = 88, "incompatible destination";
    INVALID_MESSAGE = 95, "invalid message, unspecified";
    MANDATORY_ELEMENT_MISSING = 96, "mandatory information element is missing";
    MESSAGE_TYPE_UNKNOWN = 97, "message type non-existent or not implemented";
    MESSAGE_NOT_COMPATIBLE = 98, "message not compatible with call state or message type non-existent";
    ELEMENT_UNKNOWN = 99, "information element non-existent or not implemented";
    INVALID_ELEMENT_CONTENTS = 100, "invalid information element contents";
    MESSAGE_NOT_COMPATIBLE_WITH_STATE = 101, "message not compatible with call state";
    RECOVERY_ON_TIMER_EXPIRY = 102, "recovery on timer expiry";
    PROTOCOL_ERROR = 111, "protocol error, unspecified";
    INTERWORKING = 127, "interworking, unspecified";
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.0, self.words())
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cause({})", self.0)
    }
}
