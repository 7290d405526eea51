use super::*;
use crate::grammar::{Keys, builtin};
use proptest::prelude::*;

/// Any grammar of a few keys, with repeats inside repeats.
fn expansion() -> impl Strategy<Value = Expansion> {
    let leaf = prop_oneof![
        Just(Expansion::Key(Keys::of("1"))),
        Just(Expansion::Key(Keys::of("12"))),
        Just(Expansion::Key(Keys::of("2*"))),
        Just(Expansion::Void),
        Just(Expansion::Tag(0)),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Expansion::Sequence),
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Expansion::OneOf),
            (inner.clone(), 0..3_u32, proptest::option::of(0..3_u32))
                .prop_map(|(inner, min, more)| inner.times(min, more.map(|more| min + more))),
            inner.prop_map(|inner| Expansion::Rule { number: 0, inner: Box::new(inner) }),
        ]
    })
}

/// Whether `part` accepts all of `keys`, by trying every cut: slow, and plainly right.
fn accepts(part: &Expansion, keys: &[Digit]) -> bool {
    match part {
        Expansion::Key(set) => keys.len() == 1 && set.holds(keys[0]),
        Expansion::Tag(_) => keys.is_empty(),
        Expansion::Void => false,
        Expansion::Rule { inner, .. } => accepts(inner, keys),
        Expansion::OneOf(parts) => parts.iter().any(|part| accepts(part, keys)),
        Expansion::Sequence(parts) => match parts.split_first() {
            None => keys.is_empty(),
            Some((first, rest)) => (0..=keys.len())
                .any(|cut| accepts(first, &keys[..cut]) && accepts(&Expansion::Sequence(rest.to_vec()), &keys[cut..])),
        },
        Expansion::Repeat { inner, min, max } => repeats(inner, *min, *max, keys),
    }
}

fn repeats(inner: &Expansion, min: u32, max: Option<u32>, keys: &[Digit]) -> bool {
    if min == 0 && keys.is_empty() {
        return true;
    }
    if max == Some(0) {
        return false;
    }
    let rest = |cut: usize| repeats(inner, min.saturating_sub(1), max.map(|max| max - 1), &keys[cut..]);
    // A round that takes no key counts towards the minimum only.
    let idle = min > 0 && accepts(inner, &[]) && rest(0);
    idle || (1..=keys.len()).any(|cut| accepts(inner, &keys[..cut]) && rest(cut))
}

fn keys(text: &str) -> Vec<Digit> {
    text.chars().filter_map(Digit::new).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_program_accepts_what_the_grammar_does(part in expansion(), text in "[12*]{0,6}") {
        let grammar = Grammar::new(&part, vec!["t".into()], vec!["r".into()], Reading::Literals).unwrap();
        let pressed = keys(&text);
        let progress = grammar.progress(&pressed);
        let is_accepted = matches!(progress, Progress::Complete | Progress::CompleteExtendable);
        prop_assert_eq!(is_accepted, accepts(&part, &pressed));
        prop_assert_eq!(grammar.meaning(&pressed).is_some(), is_accepted);
        prop_assert!(!is_accepted || !grammar.is_at_most(pressed.len().wrapping_sub(1)) || pressed.is_empty());
    }

    #[test]
    fn what_is_over_stays_over(part in expansion(), text in "[12*]{0,5}", more in "[12*]") {
        let grammar = Grammar::new(&part, vec!["t".into()], vec!["r".into()], Reading::Literals).unwrap();
        let (before, after) = (grammar.progress(&keys(&text)), grammar.progress(&keys(&(text + &more))));
        if matches!(before, Progress::NoMatch | Progress::Complete) {
            prop_assert_eq!(after, Progress::NoMatch);
        }
    }
}

#[test]
fn a_field_knows_when_it_is_full() {
    #[track_caller]
    fn check(spec: &str, text: &str, expected: Progress) {
        assert_eq!(builtin(spec).unwrap().progress(&keys(text)), expected, "{spec} {text}");
    }
    check("digits?length=4", "123", Progress::Partial);
    check("digits?length=4", "1234", Progress::Complete);
    check("digits?minlength=2;maxlength=3", "12", Progress::CompleteExtendable);
    check("digits", "", Progress::Partial);
    check("digits?minlength=0", "", Progress::CompleteExtendable);
    check("currency", "1*5", Progress::CompleteExtendable);
    check("currency", "1*50", Progress::Complete);
    check("currency", "1*50*", Progress::NoMatch);
    check("time", "23", Progress::Partial);
    check("time", "25", Progress::NoMatch);
}

#[test]
fn a_grammar_that_unfolds_without_measure_is_refused() {
    let huge = Expansion::key("1").times(1000, Some(1000)).times(1000, Some(1000));
    assert!(Grammar::new(&huge, Vec::new(), Vec::new(), Reading::Text).is_err());
}
