//! Whole conversations with the hotline: interpreter, application server and fund system, without audio. Time is the test's own;
//! only documents travel over sockets.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod caller;

use caller::{Caller, Hotline};
use fundsim::{DEMO_ACCOUNT, DEMO_FUND};
use vxml::{ExitReason, TransferOutcome};

#[tokio::test]
async fn the_net_asset_value_is_spoken_in_both_languages() {
    let hotline = Hotline::open().await;
    let nav = hotline.nav(DEMO_FUND).await;
    for (language, before, after) in [("1", "单位净值", "元"), ("2", "The net asset value is", "yuan")] {
        let mut caller = hotline.call().await;
        caller.press(language).await;
        caller.press("1").await;
        caller.press(&format!("{DEMO_FUND}#")).await;
        let heard = caller.heard();
        let at = heard.iter().position(|said| said == before).unwrap_or_else(|| panic!("{heard:?}"));
        assert_eq!(heard[at + 1], format!("{nav} as number"));
        assert_eq!(heard[at + 2], after);
    }
}

#[tokio::test]
async fn keys_pressed_ahead_of_the_prompts_are_taken() {
    let hotline = Hotline::open().await;
    let mut caller = hotline.call().await;
    caller.press(&format!("11{DEMO_FUND}#")).await;
    assert!(caller.has_heard("单位净值"), "{:?}", caller.heard());
    // The next digit after the value leads on at once.
    caller.press("1").await;
    assert!(caller.has_heard("请输入六位基金代码，按井号键结束。返回主菜单，请按星号键。"), "{:?}", caller.heard());
}

#[tokio::test]
async fn three_unknown_codes_lead_to_an_agent_or_back() {
    let hotline = Hotline::open().await;
    let mut caller = hotline.call().await;
    caller.press("11").await;
    for _ in 0..2 {
        caller.press("999998#").await;
        assert!(caller.has_heard("没有找到基金代码") && caller.has_heard("999998 as digits"), "{:?}", caller.heard());
        assert!(caller.has_heard("请输入六位基金代码，按井号键结束。返回主菜单，请按星号键。"), "{:?}", caller.heard());
    }
    caller.press("999998#").await;
    assert!(
        caller.has_heard("很抱歉，三次都没有找到您输入的基金代码。 人工服务，请按0。返回主菜单，请按星号键。"),
        "{:?}",
        caller.heard()
    );
    caller.press("0").await;
    caller.listen().await;
    assert_eq!(caller.transfer.take().as_deref(), Some("tel:8001"));
}

#[tokio::test]
async fn a_code_of_the_wrong_length_is_asked_for_again() {
    let hotline = Hotline::open().await;
    let mut caller = hotline.call().await;
    caller.press("11").await;
    caller.press("123#").await;
    assert!(caller.has_heard("您的输入有误。"), "{:?}", caller.heard());
    caller.press("*").await;
    assert!(caller.has_heard_menu(), "{:?}", caller.heard());
}

#[tokio::test]
async fn the_balance_is_spoken_after_account_and_pin_and_the_pin_is_nowhere() {
    let hotline = Hotline::open().await;
    let (total, holdings) = hotline.balance().await;
    let mut caller = hotline.call().await;
    caller.press("13").await;
    assert!(!caller.is_sensitive);
    caller.press(&format!("{DEMO_ACCOUNT}#")).await;
    assert!(caller.is_sensitive, "while the PIN is asked for");
    let pin = hotline.pin.clone();
    caller.press(&format!("{pin}#")).await;
    assert!(!caller.is_sensitive, "once it is given");
    let heard = caller.heard();
    let at = heard.iter().position(|said| said == "您的账户总市值为").unwrap_or_else(|| panic!("{heard:?}"));
    assert_eq!(heard[at + 1], format!("{total} as currency"));
    caller.press("1").await;
    let heard = caller.heard();
    for value in &holdings {
        assert!(heard.contains(&format!("{value} as currency")), "{value}: {heard:?}");
    }
    caller.hang_up().await;

    assert_eq!(
        caller.path,
        ["language", "language>1", "main", "main>3", "account", "balance", "balance>1", "holdings"]
    );
    let told = [caller.path.join(" "), caller.urls.join(" "), caller.lines.join(" ")].concat();
    assert!(!told.contains(&pin) && !told.contains(DEMO_ACCOUNT), "{told}");
    let log = caller::log();
    assert!(log.contains("document") && log.len() > 500, "the log is written: {log}");
    assert!(!log.contains(&pin), "a PIN is in the log");
    assert!(!log.contains(DEMO_ACCOUNT), "an account is in the log");
}

#[tokio::test]
async fn three_wrong_pins_end_the_call_and_three_more_find_the_account_locked() {
    let hotline = Hotline::open().await;
    for last_words in ["本次通话即将结束", "您的账户已被锁定"] {
        let mut caller = hotline.call().await;
        caller.press(&format!("13{DEMO_ACCOUNT}#{}#", hotline.wrong_pin())).await;
        for _ in 0..2 {
            assert!(caller.has_heard_part("账号或密码不正确。"), "{:?}", caller.heard());
            assert!(caller.is_sensitive && !caller.disconnected);
            caller.press(&format!("{}#", hotline.wrong_pin())).await;
        }
        assert!(caller.has_heard_part(last_words), "{:?}", caller.heard());
        caller.listen().await;
        assert!(caller.disconnected);
        assert_eq!(caller.ended, Some(ExitReason::Disconnected));
    }
}

#[tokio::test]
async fn after_a_wrong_pin_star_asks_for_the_account_again() {
    let hotline = Hotline::open().await;
    let mut caller = hotline.call().await;
    caller.press(&format!("23{DEMO_ACCOUNT}#{}#", hotline.wrong_pin())).await;
    caller.press("*").await;
    assert!(caller.has_heard_part("Please enter your twelve digit account number"), "{:?}", caller.heard());
    caller.press(&format!("{DEMO_ACCOUNT}#{}#", hotline.pin)).await;
    assert!(caller.has_heard("The total value of your account is"), "{:?}", caller.heard());
}

#[tokio::test]
async fn an_agent_is_called_and_the_caller_is_never_lost() {
    let hotline = Hotline::open().await;
    let mut caller = hotline.call().await;
    caller.press("10").await;
    assert!(caller.has_heard("正在为您转接人工服务，请稍候。"), "{:?}", caller.heard());
    caller.listen().await;
    for (outcome, words) in [
        (TransferOutcome::Busy, "很抱歉，人工座席全忙。"),
        (TransferOutcome::NoAnswer, "很抱歉，暂时无人接听。"),
        (TransferOutcome::NetworkBusy, "很抱歉，人工座席全忙。"),
        (TransferOutcome::BadDestination, "很抱歉，人工服务暂时无法接通。"),
        (TransferOutcome::NoRoute, "很抱歉，人工服务暂时无法接通。"),
        (TransferOutcome::Unsupported, "很抱歉，人工服务暂时无法接通。"),
        (TransferOutcome::Unknown, "很抱歉，人工服务暂时无法接通。"),
    ] {
        assert_eq!(caller.transfer.take().as_deref(), Some("tel:8001"));
        caller.transferred(outcome).await;
        assert!(caller.has_heard(words), "{outcome:?}: {:?}", caller.heard());
        assert!(caller.has_heard("继续等待，请按1。返回主菜单，请按星号键。"), "{outcome:?}: {:?}", caller.heard());
        caller.press("1").await;
        caller.listen().await;
    }
    caller.transferred(TransferOutcome::NearEndDisconnect).await;
    assert!(caller.has_heard_menu(), "{:?}", caller.heard());
    caller.press("0").await;
    caller.listen().await;
    caller.transferred(TransferOutcome::FarEndDisconnect(60_000)).await;
    assert!(caller.has_heard("感谢您的来电，再见。"), "{:?}", caller.heard());
    caller.listen().await;
    assert!(caller.disconnected);
}

#[tokio::test]
async fn announcements_are_read_one_by_one() {
    let hotline = Hotline::open().await;
    let news = hotline.news("zh").await;
    let mut caller = hotline.call().await;
    caller.press("12").await;
    for (n, (title, body)) in news.iter().enumerate() {
        assert!(caller.has_heard_part(title) && caller.has_heard_part(body), "{n}: {:?}", caller.heard());
        caller.press("9").await;
        assert!(caller.has_heard_part(title), "again: {:?}", caller.heard());
        if n + 1 < news.len() {
            caller.press("1").await;
        }
    }
    assert!(caller.has_heard_part("公告已全部播放完毕。"), "{:?}", caller.heard());
    caller.press("*").await;
    assert!(caller.has_heard_menu(), "{:?}", caller.heard());
}

#[tokio::test]
async fn a_caller_who_says_nothing_is_helped_and_then_taken_leave_of() {
    let hotline = Hotline::open().await;
    let mut caller = hotline.call().await;
    for _ in 0..3 {
        caller.listen().await;
        caller.wait().await;
    }
    assert!(caller.has_heard_menu(), "without an answer the language is Mandarin: {:?}", caller.heard());
    caller.listen().await;
    caller.wait().await;
    assert!(caller.has_heard("没有收到您的输入。") && caller.has_heard_menu(), "{:?}", caller.heard());
    caller.listen().await;
    caller.wait().await;
    assert!(caller.has_heard_part("请使用电话机上的数字键进行选择。"), "{:?}", caller.heard());
    caller.listen().await;
    caller.wait().await;
    assert!(caller.has_heard("感谢您的来电，再见。"), "{:?}", caller.heard());
    caller.listen().await;
    assert_eq!(caller.ended, Some(ExitReason::Disconnected));
}

#[tokio::test]
async fn a_caller_who_presses_wrong_keys_is_led_to_an_agent() {
    let hotline = Hotline::open().await;
    let mut caller = hotline.call().await;
    caller.press("2").await;
    for _ in 0..2 {
        caller.press("7").await;
        assert!(caller.has_heard("Your input is not valid."), "{:?}", caller.heard());
    }
    caller.press("7").await;
    assert!(caller.has_heard("We will now connect you to an agent."), "{:?}", caller.heard());
    caller.listen().await;
    assert_eq!(caller.transfer.as_deref(), Some("tel:8001"));
}

#[tokio::test]
async fn star_leads_back_to_the_languages_and_nine_repeats() {
    let hotline = Hotline::open().await;
    let mut caller = hotline.call().await;
    caller.press("1").await;
    caller.press("9").await;
    assert!(caller.has_heard_menu(), "{:?}", caller.heard());
    caller.press("*").await;
    caller.press("2").await;
    assert!(caller.has_heard_part("For fund net asset values, press 1."), "{:?}", caller.heard());
}

#[tokio::test]
async fn without_the_fund_system_the_caller_is_told_and_led_on() {
    let hotline = Hotline::open().await;
    let mut caller = hotline.call().await;
    let company = hotline.company.take().unwrap();
    company.stop().await;
    caller.press(&format!("11{DEMO_FUND}#")).await;
    assert!(caller.has_heard_part("非常抱歉，系统繁忙，请您稍后再试。"), "{:?}", caller.heard());
    caller.press("*3").await;
    caller.press(&format!("{DEMO_ACCOUNT}#123456#")).await;
    assert!(caller.has_heard_part("非常抱歉，系统繁忙，请您稍后再试。"), "{:?}", caller.heard());
}

#[tokio::test]
async fn a_hangup_ends_the_session_at_any_point() {
    let hotline = Hotline::open().await;
    for keys in ["", "1", "11", "1100", "13", "13990000000001#", "13990000000001#12", "10"] {
        let mut caller: Caller = hotline.call().await;
        caller.press(keys).await;
        caller.hang_up().await;
        assert_eq!(caller.ended, Some(ExitReason::HungUp), "{keys}");
        assert!(!caller.is_sensitive, "{keys}");
    }
}
