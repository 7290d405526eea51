//! The table of countries.
//!
//! Where each row is from: ITU, Czechia, Ecuador and the Philippines are Q.441; Brazil, Mexico, Argentina, Venezuela, Colombia and Indonesia are what openr2
//! was tried with by operators there; China is the specification of the Chinese exchanges (GF 002-9002) as text books and the manuals of gateways tell it,
//! whose own text was not at hand: its tables KA, KD and KB are to be settled with the exchange where calls fail. Those of a row that no source
//! gives are the Recommendations'.

use super::Request::{
    Back, CategoryToC, Circuit, Congestion, FromFirst, NextCalled, NextCalling, Speech, ToGroupB, Vacant,
};
use super::Verdict::{self, Free};
use super::{Blink, Calling, Category, Charge, Control, Country, Meaning, Request};

/// All countries, by code.
pub static COUNTRIES: &[&Country] =
    &[&ARGENTINA, &BRAZIL, &CHINA, &COLOMBIA, &CZECHIA, &ECUADOR, &INDONESIA, &ITU, &MEXICO, &PHILIPPINES, &VENEZUELA];

const CHARGED: Verdict = Free { charge: Charge::Charged, control: Control::Caller };
const FREE: Verdict = Free { charge: Charge::Free, control: Control::Caller };

/// Q.441 table 2. Signals 11, 12 and 14 are of international registers.
const A: &[Meaning<Request>] = &[
    (1, NextCalled),
    (2, Back(1)),
    (3, ToGroupB),
    (4, Congestion),
    (5, Request::Category),
    (5, NextCalling),
    (6, Speech),
    (7, Back(2)),
    (8, Back(3)),
    (13, Circuit),
    (15, Congestion),
];

/// Q.441 table 3. Signal 1 is spare there, and means free where it is used at all.
const B: &[Meaning<Verdict>] = &[
    (6, CHARGED),
    (7, FREE),
    (1, CHARGED),
    (2, Verdict::SpecialTone),
    (3, Verdict::Busy),
    (4, Verdict::Congestion),
    (5, Verdict::Unallocated),
    (8, Verdict::OutOfOrder),
];

/// Q.441 table 1, group II.
const II: &[Meaning<Category>] = &[
    (1, Category::Subscriber),
    (2, Category::Priority),
    (3, Category::Maintenance),
    (5, Category::Operator),
    (6, Category::Data),
    (7, Category::International),
    (8, Category::InternationalData),
    (9, Category::InternationalPriority),
    (10, Category::Operator),
];

pub(super) static ITU: Country = Country {
    code: "itu",
    name: "ITU-T Q.400 to Q.490",
    cd: 0b01,
    group_a: A,
    group_c: &[],
    group_b: B,
    group_b_operator: None,
    end_of_called: Some(15),
    end_of_calling: Some(15),
    restricted: Some(12),
    categories: II,
    group_two: II,
    calling: Calling::AfterDigits(1),
    blink_ms: 0,
    blink: Blink::Clears,
};

static CZECHIA: Country = Country { code: "cz", name: "Czech Republic", ..ITU };
static ECUADOR: Country = Country { code: "ec", name: "Ecuador", ..ITU };
static PHILIPPINES: Country = Country { code: "ph", name: "Philippines", ..ITU };

static ARGENTINA: Country = Country {
    code: "ar",
    name: "Argentina",
    end_of_called: None,
    end_of_calling: Some(12),
    restricted: Some(15),
    categories: ARGENTINA_II,
    group_two: ARGENTINA_II,
    blink_ms: 400,
    blink: Blink::Metering,
    ..ITU
};

const ARGENTINA_II: &[Meaning<Category>] = &[
    (1, Category::Subscriber),
    (2, Category::Priority),
    (3, Category::Maintenance),
    (4, Category::PayPhone),
    (5, Category::Operator),
    (6, Category::Data),
    (7, Category::International),
    (8, Category::InternationalData),
    (9, Category::InternationalPriority),
];

// A called party that will not pay answers twice, 400 ms each.
static BRAZIL: Country = Country {
    code: "br",
    name: "Brazil",
    group_a: &[
        (1, NextCalled),
        (2, FromFirst),
        (3, ToGroupB),
        (4, Congestion),
        (5, Request::Category),
        (5, NextCalling),
        (7, Back(2)),
        (8, Back(3)),
        (9, Back(1)),
    ],
    group_b: &[
        (1, CHARGED),
        (5, FREE),
        (2, Verdict::Busy),
        (3, Verdict::NumberChanged),
        (4, Verdict::Congestion),
        (6, Verdict::SpecialTone),
        (7, Verdict::Unallocated),
        (8, Verdict::OutOfOrder),
    ],
    end_of_called: None,
    categories: BRAZIL_II,
    group_two: BRAZIL_II,
    blink_ms: 1000,
    blink: Blink::DoubleAnswer,
    ..ITU
};

const BRAZIL_II: &[Meaning<Category>] = &[
    (1, Category::Subscriber),
    (2, Category::Priority),
    (3, Category::Maintenance),
    (5, Category::Operator),
    (6, Category::Data),
    (7, Category::International),
    (8, Category::Collect),
    (9, Category::InternationalPriority),
];

static COLOMBIA: Country = Country {
    code: "co",
    name: "Colombia",
    group_b: &[
        (1, CHARGED),
        (5, FREE),
        (2, Verdict::Busy),
        (4, Verdict::Congestion),
        (6, Verdict::Unallocated),
        (8, Verdict::OutOfOrder),
    ],
    ..ITU
};

static INDONESIA: Country = Country {
    code: "id",
    name: "Indonesia",
    group_a: &[
        (1, NextCalled),
        (2, FromFirst),
        (3, ToGroupB),
        (4, Congestion),
        (5, Speech),
        (6, Request::Category),
        (6, NextCalling),
        (8, Back(1)),
        (9, Back(2)),
    ],
    ..ITU
};

// The calling number comes last, in a group of its own. In group B there is one signal for a party that is busy and for one that does not exist.
static MEXICO: Country = Country {
    code: "mx",
    name: "Mexico",
    group_a: &[
        (1, NextCalled),
        (2, Back(1)),
        (3, ToGroupB),
        (4, Congestion),
        (6, CategoryToC),
        (7, Back(2)),
        (8, Back(3)),
    ],
    group_c: &[(1, NextCalling), (3, ToGroupB), (4, Congestion), (5, NextCalled)],
    group_b: &[
        (1, CHARGED),
        (5, FREE),
        (2, Verdict::Busy),
        (2, Verdict::Unallocated),
        (4, Verdict::Congestion),
        (8, Verdict::OutOfOrder),
    ],
    end_of_called: None,
    end_of_calling: Some(15),
    restricted: Some(15),
    calling: Calling::Last,
    ..ITU
};

static VENEZUELA: Country = Country {
    code: "ve",
    name: "Venezuela",
    group_a: &[
        (1, NextCalled),
        (2, Back(1)),
        (3, ToGroupB),
        (4, Congestion),
        (5, Request::Category),
        (6, Speech),
        (7, Back(2)),
        (8, Back(3)),
        (9, NextCalling),
        (13, Circuit),
        (15, Congestion),
    ],
    end_of_called: None,
    ..ITU
};

// A1 asks for the next digit of whichever number is being sent. KA answers A6, KD answers A3. Nothing ends the called number.
pub(super) static CHINA: Country = Country {
    code: "cn",
    name: "China No. 1",
    cd: 0b11,
    group_a: &[
        (1, NextCalled),
        (1, NextCalling),
        (2, FromFirst),
        (3, ToGroupB),
        (4, Congestion),
        (5, Vacant),
        (6, Request::Category),
    ],
    // KB in answer to KD 2 to 6. Exchanges that say busy by 2 or 3 there too are understood.
    group_b: &[
        (1, Free { charge: Charge::Charged, control: Control::First }),
        (6, Free { charge: Charge::Charged, control: Control::Caller }),
        (4, Verdict::BusyOrCongestion),
        (5, Verdict::Unallocated),
        (2, Verdict::Busy),
        (3, Verdict::Busy),
    ],
    // KB in answer to KD 1: busy with a local call, busy with a toll call.
    group_b_operator: Some(&[
        (1, CHARGED),
        (2, Verdict::Busy),
        (3, Verdict::Busy),
        (4, Verdict::Congestion),
        (5, Verdict::Unallocated),
    ]),
    end_of_called: None,
    end_of_calling: Some(15),
    restricted: None,
    // KA: ordinary callers by the way they are charged, then those with priority.
    categories: &[
        (1, Category::Subscriber),
        (2, Category::Subscriber),
        (3, Category::Subscriber),
        (5, Category::Subscriber),
        (8, Category::Priority),
        (10, Category::Priority),
    ],
    group_two: &[
        (3, Category::Subscriber),
        (2, Category::Toll),
        (4, Category::Priority),
        (4, Category::Data),
        (1, Category::Operator),
        (6, Category::Maintenance),
    ],
    ..ITU
};
