//! Sixty callers at once, each with an account, a balance and a PIN of its own: all hear the right amount, and no PIN is left anywhere.

mod recogniser;
mod secrets;

use secrets::Pin;
use std::collections::BTreeSet;
use std::path::Path;
use system::{Heard, Lab};

const CALLERS: usize = 60;

struct Customer {
    account: String,
    balance: String,
    pin: Pin,
    english: bool,
}

fn script(customer: &Customer) -> String {
    let (key, words, lang) = if customer.english {
        ('2', "The total value of your account is", "en")
    } else {
        ('1', "您的账户总市值为", "zh")
    };
    format!(
        "wait speech\npause 1s\npress {key}\npause 2s\npress 3\npause 2s\npress {}#\npause 3s\npress ${{pin}}#\n\
         expect {lang} \"{words}\" within 60s\nexpect {lang} \"{}\" as currency format CNY within 10s\n",
        customer.account, customer.balance
    )
}

#[test]
fn sixty_callers_hear_their_balances_and_no_pin_stays_anywhere() {
    let mut lab = Lab::start();
    let customers: Vec<Customer> = (0..CALLERS)
        .map(|number| {
            let pin = Pin::draw(&lab);
            let (account, balance) = lab.fund().account(pin.digits());
            Customer { account, balance, pin, english: number % 2 == 1 }
        })
        .collect();
    let amounts: BTreeSet<&str> = customers.iter().map(|customer| customer.balance.as_str()).collect();
    assert_eq!(amounts.len(), CALLERS, "every balance is unique");

    let callers: Vec<_> = customers
        .iter()
        .map(|customer| lab.caller(&script(customer)).set("pin", customer.pin.digits()).start())
        .collect();
    let ends: Vec<Heard> = callers.into_iter().map(system::OnTheLine::end).collect();
    let missed: Vec<&str> = ends.iter().filter(|heard| !heard.satisfied).map(|heard| heard.said.as_str()).collect();
    assert!(
        missed.is_empty(),
        "{} of {CALLERS} callers did not hear their balance:\n{}",
        missed.len(),
        missed.join("\n")
    );
    let channels: BTreeSet<String> = ends.iter().map(|heard| heard.report["channel"].to_string()).collect();
    assert_eq!(channels.len(), CALLERS, "all were on the line at once, each on a channel of its own");
    second_opinion(&customers, &ends);

    lab.stop_box();
    let recordings = records_are_complete(&lab);
    let pins: Vec<&Pin> = customers.iter().map(|customer| &customer.pin).collect();
    secrets::absent(&lab, &pins, &recordings);
}

/// A recogniser that knows nothing of our voice tells the English callers' balances from all the others'.
fn second_opinion(customers: &[Customer], ends: &[Heard]) {
    let english: Vec<(&Customer, &Heard)> =
        customers.iter().zip(ends).filter(|(customer, _)| customer.english).collect();
    let words = |customer: &Customer| in_words(&customer.balance);
    let choices: BTreeSet<String> = english.iter().map(|(customer, _)| words(customer)).collect();
    let wrong = |(customer, heard): &(&Customer, &Heard)| {
        let phrase = &heard.report["steps"].as_array()?.last()?["phrases"];
        let stretch = (phrase[0]["from_ms"].as_u64()?, phrase.as_array()?.last()?["to_ms"].as_u64()?);
        let found = recogniser::heard(&heard.wav, stretch, &choices);
        (found != words(customer)).then(|| format!("{}: pocketsphinx hears {found}", words(customer)))
    };
    let wrong: Vec<String> = english.iter().filter_map(wrong).collect();
    // A synthetic voice over a telephone: of thirty amounts that chance would tell one of, it may miss a few.
    assert!(wrong.len() <= english.len() / 5, "{} of {}:\n{}", wrong.len(), english.len(), wrong.join("\n"));
}

/// An amount as the recogniser's dictionary writes it.
fn in_words(amount: &str) -> String {
    let say_as = speech::SayAs::from_names("currency", Some("CNY")).expect("amounts are spoken");
    speech::spoken(amount, say_as, speech::Lang::En).expect("an amount").replace('-', " ")
}

/// Every call has a record with its path and cause, and a recording that is whole.
fn records_are_complete(lab: &Lab) -> Vec<std::path::PathBuf> {
    let records = lab.records();
    let filter = records_io::CallFilter { number: Some("4008001234".into()), limit: 100, ..Default::default() };
    let calls = records.calls(&filter).expect("the store can be read");
    assert_eq!(calls.len(), CALLERS);
    let mut files = Vec::new();
    for call in &calls {
        assert_eq!((call.state.as_str(), call.cause), ("ended", Some(16)), "{call:?}");
        assert!(call.answered.is_some() && call.ended.is_some(), "{call:?}");
        let path = call.path.as_deref().unwrap_or_default();
        assert!(path.contains("main>3") && path.ends_with("balance"), "the way through the menu: {call:?}");
        let [recording] = call.recordings.as_slice() else { panic!("one recording: {call:?}") };
        let row = records.recording(recording).expect("the store can be read").expect("the recording's row");
        let file = lab.path("var/lib/fundline/recordings").join(Path::new(&row.path));
        let verified = records_io::verify(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert_eq!((verified.head.as_str(), verified.lost_frames), (row.head.as_str(), 0), "{}", file.display());
        files.push(file);
    }
    files
}
