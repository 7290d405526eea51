//! The real interpreter on fixed documents, from SETUP to the hangup.

use base::Cause;
use scenario::{Documents, HOTLINE, PartyState, Phone, World, digits_in};

const START: &str = r##"<?xml version="1.0" encoding="UTF-8"?>
<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="zh-CN">
  <menu id="main" dtmf="false">
    <prompt>欢迎</prompt>
    <choice dtmf="1" next="nav"/>
    <choice dtmf="3" next="#account"/>
    <choice dtmf="0" next="#agent"/>
    <choice dtmf="9" next="#bye"/>
    <noinput>请按键</noinput>
  </menu>
  <form id="account">
    <field name="pin" type="digits?length=6">
      <property name="fundline.sensitive" value="true"/>
      <prompt>请输入密码</prompt>
      <filled><prompt>谢谢</prompt><goto next="#main"/></filled>
    </field>
  </form>
  <form id="agent">
    <transfer name="talk" bridge="true" dest="tel:8001" connecttimeout="20s">
      <filled>
        <if cond="talk == 'busy'"><prompt>坐席忙</prompt><else/><prompt>通话结束</prompt></if>
        <goto next="#main"/>
      </filled>
    </transfer>
  </form>
  <form id="bye"><block><prompt>再见</prompt><disconnect/></block></form>
</vxml>"##;

const NAV: &str = r##"<?xml version="1.0" encoding="UTF-8"?>
<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="zh-CN">
  <form id="nav"><block><prompt>单位净值 <say-as interpret-as="number">1.2345</say-as> 元</prompt>
    <goto next="start#main"/></block></form>
</vxml>"##;

fn world(spans: usize) -> World {
    World::new(spans, Documents::new(&[("http://box/start", START), ("http://box/nav", NAV)]))
}

#[test]
fn a_caller_hears_the_net_asset_value_and_says_goodbye() {
    let mut world = world(1);
    let caller = world.dial(HOTLINE);
    world.run_until("the welcome", 2_000, |world| world.hears(caller, "欢迎"));
    world.press(caller, "1");
    for words in ["单位净值", "1.2345", "元"] {
        world.run_until(words, 3_000, |world| world.hears(caller, words));
    }
    world.press(caller, "9");
    // The release is on the line when the last 10 ms are: they may be lost.
    world.run_until("the goodbye", 3_000, |world| world.hears_ms(caller, "再见") >= 590);
    world.run_until("it is released", 2_000, |world| world.is_over(caller, Cause::NORMAL_CLEARING));
    world.run_until("the box is idle", 2_000, |world| world.calls() == 0);
    assert_eq!(world.open_rows(), 0);
}

#[test]
fn a_caller_who_does_nothing_is_asked_again() {
    let mut world = world(1);
    let caller = world.dial(HOTLINE);
    world.run_until("the caller is asked again", 15_000, |world| world.hears(caller, "请按键"));
}

#[test]
fn a_pin_asked_for_by_a_document_is_in_no_recording() {
    let mut world = world(1);
    let caller = world.dial(HOTLINE);
    world.run_until("the welcome", 2_000, |world| world.hears(caller, "欢迎"));
    world.press(caller, "3");
    world.run_until("the PIN is asked for", 2_000, |world| world.hears(caller, "请输入密码"));
    world.press(caller, "135790");
    world.run_until("it was read", 4_000, |world| world.hears(caller, "谢谢"));
    world.hang_up(caller);
    world.run(500);
    let recorded = world.recordings.values().next().expect("the call was recorded");
    assert!(recorded.masked_ms > 1_000);
    assert!(digits_in(world.said(caller)).contains("135790"));
    assert_eq!((digits_in(&recorded.received), digits_in(&recorded.sent)), (String::new(), String::new()));
}

#[test]
fn a_document_connects_its_caller_and_takes_the_caller_back() {
    let mut world = world(2);
    world.phone("8001", Phone::Answers(500));
    let caller = world.dial(HOTLINE);
    world.run_until("the welcome", 2_000, |world| world.hears(caller, "欢迎"));
    world.press(caller, "0");
    world.run_until("the agent answers", 3_000, |world| {
        world.rung("8001").is_some_and(|agent| world.state(agent) == PartyState::Talking)
    });
    let agent = world.rung("8001").expect("it was rung");
    world.run(100);
    world.say(agent, "您好");
    world.say(caller, "问题");
    world.run_until("the caller hears", 1_000, |world| world.hears(caller, "您好"));
    world.run_until("the agent hears", 1_000, |world| world.hears(agent, "问题"));
    world.hang_up(agent);
    world.run_until("the document goes on", 3_000, |world| world.hears(caller, "通话结束"));
    world.phone("8001", Phone::Busy);
    world.run(800);
    world.press(caller, "0");
    world.run_until("and knows a busy agent", 4_000, |world| world.hears(caller, "坐席忙"));
}
