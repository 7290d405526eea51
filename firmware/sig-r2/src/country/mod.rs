//! Countries as data: what each register signal asks or says, which bits never change, how long a pulse is.

mod table;

pub use table::COUNTRIES;

use base::Cause;

/// What a backward signal of group A or C asks for (Q.441 §4.2.3). One signal may ask for two things: which is meant depends on what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// The next digit of the called number; out of group C, back in group A.
    NextCalled,
    /// The digit of the called number that was sent so many digits before the last.
    Back(u8),
    /// The called number from its first digit.
    FromFirst,
    /// Who calls: the category. Its answer may be followed by the calling number.
    Category,
    /// The category, and from now on group C is spoken.
    CategoryToC,
    /// The next digit of the calling number.
    NextCalling,
    /// The number is whole: the category, and from now on group B is spoken.
    ToGroupB,
    /// The number is whole, the called party free: speech, with charge.
    Speech,
    /// Whether a satellite is in the connection.
    Circuit,
    /// Nothing more: congestion.
    Congestion,
    /// Nothing more: the number is vacant.
    Vacant,
}

/// What a backward signal of group B says of the called party (Q.441 §4.2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Free.
    Free {
        /// Whether the call is charged.
        charge: Charge,
        /// Who ends it.
        control: Control,
    },
    /// Busy.
    Busy,
    /// Busy, or on the way there is congestion.
    BusyOrCongestion,
    /// Congestion.
    Congestion,
    /// No such number.
    Unallocated,
    /// Out of order.
    OutOfOrder,
    /// The caller is to hear the special information tone.
    SpecialTone,
    /// Has another number now.
    NumberChanged,
}

/// Whether a call is charged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Charge {
    /// It is.
    #[default]
    Charged,
    /// It is free.
    Free,
}

/// Whose hanging up ends a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Control {
    /// The caller's; a called party that hangs up can come back before.
    #[default]
    Caller,
    /// The first one's.
    First,
    /// The called party's, as of emergency services.
    Called,
}

/// What kind of caller calls (Q.441 §4.2.2 and what countries made of it).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Category {
    /// An ordinary subscriber.
    #[default]
    Subscriber,
    /// One with priority.
    Priority,
    /// An ordinary subscriber on the way to another city (China, KD2).
    Toll,
    /// Test or maintenance.
    Maintenance,
    /// An operator.
    Operator,
    /// Data or fax.
    Data,
    /// A pay phone.
    PayPhone,
    /// The called party would pay.
    Collect,
    /// A subscriber in another country.
    International,
    /// A data call from another country.
    InternationalData,
    /// A subscriber with priority in another country.
    InternationalPriority,
}

/// When the calling number is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calling {
    /// After so many digits of the called number.
    AfterDigits(u8),
    /// After the whole called number.
    Last,
    /// Never.
    Not,
}

/// A signal and its meaning.
pub type Meaning<T> = (u8, T);

/// How a country speaks MFC/R2. A country is one row of [`COUNTRIES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country {
    /// ISO 3166 code in small letters; `itu` for the Recommendations themselves.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Bits c and d, which never change. Those received are ignored.
    pub cd: u8,
    /// Group A. Of the signals with one meaning the first is sent, all are understood.
    pub group_a: &'static [Meaning<Request>],
    /// Group C, where there is one.
    pub group_c: &'static [Meaning<Request>],
    /// Group B.
    pub group_b: &'static [Meaning<Verdict>],
    /// Group B in answer to an operator, where it differs.
    pub group_b_operator: Option<&'static [Meaning<Verdict>]>,
    /// Group I: no more of the called number.
    pub end_of_called: Option<u8>,
    /// Group I: no more of the calling number.
    pub end_of_calling: Option<u8>,
    /// Group I: the calling number is withheld.
    pub restricted: Option<u8>,
    /// The answer to [`Request::Category`].
    pub categories: &'static [Meaning<Category>],
    /// The answer to [`Request::ToGroupB`].
    pub group_two: &'static [Meaning<Category>],
    /// When exchanges there ask who calls.
    pub calling: Calling,
    /// A backward clearing shorter than this is none: a metering pulse, or the second half of a double answer.
    pub blink_ms: u16,
    /// What a blink says.
    pub blink: Blink,
}

/// What it means when the called end seems to hang up and is back at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blink {
    /// Nothing: it has hung up.
    Clears,
    /// One unit of charge.
    Metering,
    /// An exchange drops a call at the called party's charge; all other calls go on.
    DoubleAnswer,
}

impl Country {
    /// The Recommendations as they stand.
    pub const ITU: &'static Self = &table::ITU;
    /// China No. 1.
    pub const CHINA: &'static Self = &table::CHINA;

    /// The country of this code.
    pub fn named(code: &str) -> Option<&'static Self> {
        COUNTRIES.iter().copied().find(|country| country.code == code)
    }

    /// Group B as it answers this group II signal.
    pub(crate) fn group_b_for(&self, group_two: Option<u8>) -> &'static [Meaning<Verdict>] {
        let is_operator = self.group_two.iter().any(|&row| Some(row) == group_two.map(|two| (two, Category::Operator)));
        self.group_b_operator.filter(|_| is_operator).unwrap_or(self.group_b)
    }
}

/// The signal that means this.
pub(crate) fn signal_for<T: PartialEq>(table: &[Meaning<T>], wanted: &T) -> Option<u8> {
    table.iter().find(|(_, meaning)| meaning == wanted).map(|&(signal, _)| signal)
}

/// What this signal means first of all.
pub(crate) fn meaning_of<T: Copy>(table: &[Meaning<T>], signal: u8) -> Option<T> {
    table.iter().find(|&&(row, _)| row == signal).map(|&(_, meaning)| meaning)
}

impl Verdict {
    /// Why a call to such a party ends; `None` where it goes on.
    pub const fn cause(self) -> Option<Cause> {
        match self {
            Self::Free { .. } => None,
            Self::Busy | Self::BusyOrCongestion => Some(Cause::USER_BUSY),
            Self::Congestion => Some(Cause::SWITCHING_CONGESTION),
            Self::Unallocated => Some(Cause::UNALLOCATED_NUMBER),
            Self::OutOfOrder => Some(Cause::DESTINATION_OUT_OF_ORDER),
            Self::SpecialTone => Some(SPECIAL_TONE),
            Self::NumberChanged => Some(Cause::NUMBER_CHANGED),
        }
    }

    /// What says this cause best, best first; the last of each list is in every country.
    const fn of(cause: Cause) -> &'static [Self] {
        match cause {
            Cause::USER_BUSY => &[Self::BusyOrCongestion, Self::Busy, Self::Congestion],
            Cause::UNALLOCATED_NUMBER
            | Cause::NO_ROUTE_TO_TRANSIT_NETWORK
            | Cause::NO_ROUTE_TO_DESTINATION
            | Cause::INVALID_NUMBER_FORMAT => &[Self::Unallocated, Self::OutOfOrder, Self::Congestion],
            Cause::NUMBER_CHANGED => &[Self::NumberChanged, Self::SpecialTone, Self::Unallocated, Self::Congestion],
            SPECIAL_TONE => &[Self::SpecialTone, Self::Unallocated, Self::Congestion],
            Cause::DESTINATION_OUT_OF_ORDER
            | Cause::NO_USER_RESPONDING
            | Cause::NO_ANSWER
            | Cause::SUBSCRIBER_ABSENT
            | Cause::CALL_REJECTED
            | Cause::FACILITY_REJECTED
            | Cause::INCOMPATIBLE_DESTINATION => &[Self::OutOfOrder, Self::BusyOrCongestion, Self::Congestion],
            Cause(_) => &[Self::Congestion, Self::BusyOrCongestion],
        }
    }

    /// The signal of this group B that says the cause, or comes nearest.
    pub(crate) fn signal(table: &[Meaning<Self>], cause: Cause) -> Option<u8> {
        Self::of(cause).iter().find_map(|verdict| signal_for(table, verdict))
    }
}

/// Q.850 cause 4: send special information tone.
pub(crate) const SPECIAL_TONE: Cause = Cause(4);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_can_say_what_a_call_needs() {
        for country in COUNTRIES {
            let code = country.code;
            assert_eq!(Country::named(code), Some(*country), "{code} is in the table twice");
            assert!(country.cd <= 3, "{code}");
            for request in [Request::NextCalled, Request::ToGroupB, Request::Congestion] {
                assert!(signal_for(country.group_a, &request).is_some(), "{code}: {request:?}");
            }
            if !country.group_c.is_empty() {
                for request in [Request::NextCalled, Request::NextCalling, Request::ToGroupB, Request::Congestion] {
                    assert!(signal_for(country.group_c, &request).is_some(), "{code}, group C: {request:?}");
                }
            }
            for table in [country.group_b, country.group_b_operator.unwrap_or(country.group_b)] {
                assert!(table.iter().any(|(_, verdict)| matches!(verdict, Verdict::Free { .. })), "{code}");
                for cause in 0..128 {
                    let signal = Verdict::signal(table, Cause(cause));
                    let told = signal.and_then(|signal| meaning_of(table, signal)).and_then(Verdict::cause);
                    assert!(told.is_some(), "{code}: cause {cause} would let the call through");
                }
            }
            for table in [country.categories, country.group_two] {
                assert!(signal_for(table, &Category::Subscriber).is_some(), "{code}");
            }
            let signals = country.group_a.iter().chain(country.group_c).map(|row| row.0);
            let signals = signals.chain(country.group_b.iter().map(|row| row.0));
            let signals = signals.chain(country.categories.iter().chain(country.group_two).map(|row| row.0));
            assert!(signals.chain(country.end_of_calling).all(|signal| (1..=15).contains(&signal)), "{code}");
        }
    }

    #[test]
    fn a_cause_comes_out_at_the_other_end_where_the_country_has_a_signal_for_it() {
        let check = |country: &Country, cause: Cause, expected: Cause| {
            let signal = Verdict::signal(country.group_b, cause).unwrap();
            assert_eq!(meaning_of(country.group_b, signal).unwrap().cause(), Some(expected), "{}", country.code);
        };
        let itu = [Cause::USER_BUSY, Cause::UNALLOCATED_NUMBER, Cause::DESTINATION_OUT_OF_ORDER, SPECIAL_TONE];
        for cause in itu {
            check(Country::ITU, cause, cause);
        }
        check(Country::ITU, Cause::NO_CHANNEL, Cause::SWITCHING_CONGESTION);
        check(Country::CHINA, Cause::USER_BUSY, Cause::USER_BUSY);
        check(Country::CHINA, Cause::UNALLOCATED_NUMBER, Cause::UNALLOCATED_NUMBER);
        check(Country::named("br").unwrap(), Cause::NUMBER_CHANGED, Cause::NUMBER_CHANGED);
    }

    #[test]
    fn china_says_busy_by_kb4_to_subscribers_and_by_kb2_to_operators() {
        let china = Country::CHINA;
        assert_eq!(Verdict::signal(china.group_b_for(Some(3)), Cause::USER_BUSY), Some(4));
        assert_eq!(Verdict::signal(china.group_b_for(Some(1)), Cause::USER_BUSY), Some(2));
    }
}
