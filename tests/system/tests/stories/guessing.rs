//! Guessing a PIN from sixty telephones at once.

use system::{Lab, OnTheLine};

const TELEPHONES: usize = 60;

#[test]
fn of_the_guesses_of_sixty_telephones_at_most_six_are_looked_at_and_the_account_is_locked() {
    let lab = Lab::start();
    let right = "804913";
    let (account, _) = lab.fund().account(right);
    let before = lab.fund().pin_evaluations();
    // Three guesses a call, none right.
    let script = |number: usize| {
        let guess = |try_: usize| format!("{:06}", 100_000 + number * 10 + try_);
        format!(
            "wait speech\npause 1s\npress 1\npause 2s\npress 3\npause 2s\npress {account}#\npause 3s\npress {}#\npause 5s\n\
             press {}#\npause 5s\npress {}#\nwait hangup within 60s\n",
            guess(0),
            guess(1),
            guess(2)
        )
    };
    let guessers: Vec<OnTheLine> = (0..TELEPHONES).map(|number| lab.caller(&script(number)).start()).collect();
    let ends: Vec<_> = guessers.into_iter().map(OnTheLine::end).collect();
    let still_up = ends.iter().filter(|heard| heard.report["cause"].is_null()).count();
    assert_eq!(still_up, 0, "every call has ended");
    let looked_at = lab.fund().pin_evaluations() - before;
    assert!((1..=6).contains(&looked_at), "{looked_at} guesses were looked at");
    assert!(lab.fund().is_locked(&account));
    // The right PIN opens nothing now, and costs no look.
    let owner = format!(
        "wait speech\npause 1s\npress 1\npause 2s\npress 3\npause 2s\npress {account}#\npause 3s\npress {right}#\n\
         expect zh \"您的账户总市值为\" within 8s\n"
    );
    assert!(!lab.caller(&owner).start().end().satisfied, "the locked account was opened");
    assert_eq!(lab.fund().pin_evaluations() - before, looked_at);
}
