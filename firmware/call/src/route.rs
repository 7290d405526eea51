//! From called and calling number to what answers: patterns, routes, extensions.

use base::{Cause, Digits};
use ports::call::Address;
use std::fmt;
use std::str::FromStr;

/// A number pattern: digits stand for themselves, `x` for any one digit, a final `.` for any further digits or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    places: Vec<Place>,
    open: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Exactly(char),
    AnyDigit,
}

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadPattern {
    /// Nothing between the quotes.
    Empty,
    /// A character no pattern has.
    Character(char),
    /// A `.` before the end.
    DotInside,
}

impl fmt::Display for BadPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the pattern is empty; write \".\" for any number"),
            Self::Character(name) => {
                write!(
                    f,
                    "`{name}` has no place in a number pattern: use 0-9 * # A-D +, `x` for any digit, a final `.`"
                )
            }
            Self::DotInside => write!(f, "`.` stands for all further digits and must come last"),
        }
    }
}

impl std::error::Error for BadPattern {}

impl FromStr for Pattern {
    type Err = BadPattern;
    fn from_str(text: &str) -> Result<Self, BadPattern> {
        let (body, open) = text.strip_suffix('.').map_or((text, false), |body| (body, true));
        if body.is_empty() && !open {
            return Err(BadPattern::Empty);
        }
        let place = |name| match name {
            'x' | 'X' => Ok(Place::AnyDigit),
            '.' => Err(BadPattern::DotInside),
            '0'..='9' | '*' | '#' | 'A'..='D' | '+' => Ok(Place::Exactly(name)),
            other => Err(BadPattern::Character(other)),
        };
        Ok(Self { places: body.chars().map(place).collect::<Result<_, _>>()?, open })
    }
}

/// How a number so far compares with a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    No,
    /// It may fit once more digits have come.
    Partly,
    /// It fits, and more digits would fit too.
    Extendable,
    Whole,
}

impl Pattern {
    fn fit(&self, number: &str) -> Fit {
        let mut digits = number.chars();
        for place in &self.places {
            match (digits.next(), place) {
                (None, _) => return Fit::Partly,
                (Some(digit), Place::Exactly(wanted)) if digit == *wanted => {}
                (Some(digit), Place::AnyDigit) if digit.is_ascii_digit() => {}
                (Some(_), _) => return Fit::No,
            }
        }
        match (self.open, digits.next()) {
            (true, _) => Fit::Extendable,
            (false, None) => Fit::Whole,
            (false, Some(_)) => Fit::No,
        }
    }

    /// The whole number fits.
    pub fn matches(&self, number: &str) -> bool {
        matches!(self.fit(number), Fit::Whole | Fit::Extendable)
    }
}

/// What a route leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A VoiceXML application.
    App {
        /// Its name.
        name: String,
        /// Its first document.
        url: String,
    },
    /// An extension by its number.
    Extension(String),
    /// A trunk, with the called number as it is.
    Trunk(String),
    /// No answer but this cause.
    Reject(Cause),
}

/// One line of the routing table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Which called numbers.
    pub called: Pattern,
    /// Which calling numbers; any where absent.
    pub calling: Option<Pattern>,
    /// Where to.
    pub target: Target,
}

/// A telephone that the box can ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Its number inside the box.
    pub number: String,
    /// Whose it is.
    pub name: String,
    /// The trunk it hangs on.
    pub trunk: String,
    /// What to dial on that trunk.
    pub dial: Digits,
}

/// The routing table and the extensions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Tried from the first to the last; the first that fits wins.
    pub routes: Vec<Route>,
    /// All extensions.
    pub extensions: Vec<Extension>,
}

/// What the plan says of a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Routing<'a> {
    /// This is it.
    To(&'a Target),
    /// More digits are needed.
    Incomplete,
    /// Nothing fits, whatever follows.
    Nowhere,
}

impl Plan {
    /// Looks `called` up. While the address is open, a longer number may still be meant.
    pub fn route(&self, called: &Digits, calling: &Digits, address: Address) -> Routing<'_> {
        let fits_caller = |route: &&Route| route.calling.as_ref().is_none_or(|wanted| wanted.matches(calling.as_str()));
        for route in self.routes.iter().filter(fits_caller) {
            match (route.called.fit(called.as_str()), address) {
                (Fit::Whole, _) | (Fit::Extendable, Address::Complete) => return Routing::To(&route.target),
                (Fit::Partly | Fit::Extendable, Address::Open) => return Routing::Incomplete,
                (Fit::No, _) | (Fit::Partly, Address::Complete) => {}
            }
        }
        Routing::Nowhere
    }

    /// The extension with this number.
    pub fn extension(&self, number: &str) -> Option<&Extension> {
        self.extensions.iter().find(|extension| extension.number == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(patterns: &[&str]) -> Plan {
        let route = |(at, called): (usize, &&str)| Route {
            called: called.parse().unwrap(),
            calling: None,
            target: Target::Extension(at.to_string()),
        };
        Plan { routes: patterns.iter().enumerate().map(route).collect(), extensions: Vec::new() }
    }

    #[track_caller]
    fn check(plan: &Plan, number: &str, address: Address, expected: Option<usize>) {
        let found = plan.route(&number.parse().unwrap(), &Digits::new(), address);
        match expected {
            Some(at) => assert_eq!(found, Routing::To(&Target::Extension(at.to_string()))),
            None => assert!(!matches!(found, Routing::To(_)), "{found:?}"),
        }
    }

    #[test]
    fn the_first_route_that_fits_wins() {
        let plan = plan(&["4008001234", "400800xxxx", "9.", "."]);
        check(&plan, "4008001234", Address::Complete, Some(0));
        check(&plan, "4008001235", Address::Complete, Some(1));
        check(&plan, "40080012345", Address::Complete, Some(3));
        check(&plan, "9", Address::Complete, Some(2));
        check(&plan, "", Address::Complete, Some(3));
    }

    #[test]
    fn an_open_number_waits_until_no_longer_one_can_be_meant() {
        let plan = plan(&["8001", "80011"]);
        check(&plan, "800", Address::Open, None);
        check(&plan, "8001", Address::Open, Some(0));
        assert_eq!(plan.route(&"7".parse().unwrap(), &Digits::new(), Address::Open), Routing::Nowhere);
        assert_eq!(plan.route(&"80".parse().unwrap(), &Digits::new(), Address::Open), Routing::Incomplete);
        assert_eq!(plan.route(&"80".parse().unwrap(), &Digits::new(), Address::Complete), Routing::Nowhere);
    }

    #[test]
    fn a_route_may_ask_for_certain_callers() {
        let mut plan = plan(&["8001", "8001"]);
        plan.routes[0].calling = Some("138.".parse().unwrap());
        let to = |calling: &str| plan.route(&"8001".parse().unwrap(), &calling.parse().unwrap(), Address::Complete);
        assert_eq!(to("13800138000"), Routing::To(&Target::Extension("0".into())));
        assert_eq!(to("13900138000"), Routing::To(&Target::Extension("1".into())));
    }

    #[test]
    fn a_bad_pattern_says_what_is_wrong() {
        assert_eq!("".parse::<Pattern>(), Err(BadPattern::Empty));
        assert_eq!("1.2".parse::<Pattern>(), Err(BadPattern::DotInside));
        assert_eq!("12y".parse::<Pattern>(), Err(BadPattern::Character('y')));
    }
}
