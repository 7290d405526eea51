//! Documents and grammars changed at random, and sessions that get any input at any time: nothing panics, nothing hangs.

use base::{Digit, Instant, WallTime};
use proptest::prelude::*;
use std::time::Duration;
use vxml::{
    Action, FetchFailure, FetchId, Fetched, Input, Interpreter, Limits, PlayEnd, PlayId, Purpose, SessionInfo,
    TransferOutcome, check_document, check_grammar,
};

/// One document with a little of everything.
const DOCUMENT: &str = r##"<?xml version="1.0" encoding="UTF-8"?>
<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="zh-CN" application="root.vxml">
<property name="timeout" value="2s"/><link dtmf="0" next="#agent"/>
<var name="tries" expr="0"/><script>function inc(x) { return x + 1; }</script>
<catch event="error.badfetch" count="2"><goto next="#main"/></catch><noinput>再说<reprompt/></noinput>
<menu id="main" dtmf="true"><prompt bargein="false">欢迎 <enumerate/></prompt>
 <choice next="#nav">净值</choice><choice next="other.vxml#x">公告</choice><choice event="help">帮助</choice></menu>
<form id="nav"><field name="code" type="digits?length=6"><prompt count="1">代码</prompt><prompt count="2">再试</prompt>
 <filled><if cond="code == '000000'"><clear/><elseif cond="tries &gt; 3"/><goto next="#main"/><else/>
 <assign name="tries" expr="inc(tries)"/><submit next="nav" namelist="code tries"/></if></filled></field></form>
<form id="pin"><field name="pin"><property name="fundline.sensitive" value="true"/><prompt>密码<break time="1s"/></prompt>
 <grammar mode="dtmf" version="1.0" root="p"><rule id="p"><item repeat="4-6"><one-of><item>1</item><item>2</item></one-of></item>
 <tag>out = 1</tag></rule></grammar><filled><submit next="login" method="post"/></filled></field></form>
<form id="agent"><subdialog name="s" src="#sub"><param name="p" expr="tries"/></subdialog>
 <transfer name="t" type="bridge" dest="tel:8001"><grammar mode="dtmf" src="g.grxml"/></transfer>
 <block><foreach item="x" array="[1,2]"><log expr="x"/></foreach><disconnect/></block></form>
<form id="sub"><var name="p"/><field name="q" type="boolean"><filled mode="any"><return namelist="q"/></filled></field></form>
</vxml>"##;

const GRAMMAR: &str = r##"<grammar mode="dtmf" version="1.0" root="r" tag-format="semantics/1.0"><rule id="r">
<item repeat="2-"><ruleref uri="#d"/></item><tag>out.n = rules.d;</tag></rule><rule id="d"><one-of><item>1</item>
<item repeat="0-3">2<tag>out = 2;</tag></item><item><ruleref special="GARBAGE"/></item></one-of></rule></grammar>"##;

/// Cuts a piece out of the text and puts another piece of it, or a fragment of markup, in its place.
fn mutate(text: &str, changes: &[(u16, u8, u16, u8)]) -> String {
    const FRAGMENTS: [&str; 12] = [
        "<form>",
        "</form>",
        "<if cond='",
        "/>",
        "\"",
        "<goto next='#nav'/>",
        "&lt;",
        "expr='",
        "#",
        "<![CDATA[",
        "9-",
        "𝄞",
    ];
    let mut letters: Vec<char> = text.chars().collect();
    for &(at, length, from, kind) in changes {
        let at = usize::from(at) % letters.len().max(1);
        let end = (at + usize::from(length % 40)).min(letters.len());
        let piece: Vec<char> = if kind % 3 == 0 {
            FRAGMENTS[usize::from(kind) % FRAGMENTS.len()].chars().collect()
        } else {
            let from = usize::from(from) % letters.len().max(1);
            letters[from..(from + usize::from(length)).min(letters.len())].to_vec()
        };
        letters.splice(at..end, piece);
    }
    letters.into_iter().collect()
}

/// What the world does next.
#[derive(Clone, Debug)]
enum Move {
    Key(usize),
    Wait(u16),
    PlayEnds(u8),
    Answer(u8),
    TransferEnds(u8),
    HangUp,
    Nonsense(u32),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        6 => (0..16_usize).prop_map(Move::Key),
        3 => any::<u16>().prop_map(Move::Wait),
        4 => any::<u8>().prop_map(Move::PlayEnds),
        6 => any::<u8>().prop_map(Move::Answer),
        1 => any::<u8>().prop_map(Move::TransferEnds),
        1 => any::<u32>().prop_map(Move::Nonsense),
    ];
    // At most one hangup, late: most sessions should live for a while.
    (proptest::collection::vec(one, 1..60), any::<bool>()).prop_map(|(mut moves, hangs_up)| {
        if hangs_up {
            moves.push(Move::HangUp);
        }
        moves
    })
}

/// A session in the hands of a random world.
struct World {
    session: Interpreter,
    now: Instant,
    document: String,
    fetch: Option<(FetchId, Purpose)>,
    play: Option<PlayId>,
    is_over: bool,
}

impl World {
    fn new(document: String) -> Self {
        let info = SessionInfo::new("4008001234", "138", "http://h/a", WallTime(0), 3);
        let limits = Limits { steps_without_caller: 2000, script_steps: 5, ..Limits::default() };
        let session = Interpreter::new(Instant::ZERO, info, limits);
        let mut world = Self { session, now: Instant::ZERO, document, fetch: None, play: None, is_over: false };
        world.drain();
        world
    }

    fn step(&mut self, step: &Move) {
        let input = match step {
            Move::Key(at) => Input::Digit(Digit::GRID[*at]),
            Move::Wait(ms) => {
                self.now += Duration::from_millis(u64::from(*ms % 9000));
                Input::Tick
            }
            Move::PlayEnds(kind) => {
                let Some(play) = self.play.take() else { return };
                let reason =
                    [PlayEnd::Completed, PlayEnd::BargedIn, PlayEnd::Stopped, PlayEnd::Failed][usize::from(kind % 4)];
                Input::PlayDone { play, reason, played_ms: u64::from(*kind) }
            }
            Move::Answer(kind) => {
                let Some((fetch, purpose)) = self.fetch.take() else { return };
                Input::Fetched { fetch, result: self.result(*kind, purpose) }
            }
            Move::TransferEnds(kind) => Input::TransferDone(match kind % 5 {
                0 => TransferOutcome::Busy,
                1 => TransferOutcome::NearEndDisconnect,
                2 => TransferOutcome::FarEndDisconnect(9),
                3 => TransferOutcome::Blind,
                _ => TransferOutcome::NoRoute,
            }),
            Move::HangUp => Input::Hangup,
            Move::Nonsense(number) => {
                Input::PlayDone { play: PlayId(*number), reason: PlayEnd::Completed, played_ms: 1 }
            }
        };
        self.session.handle(self.now, input);
        self.drain();
    }

    /// Mostly what was asked for, sometimes nothing, sometimes something else.
    fn result(&self, kind: u8, purpose: Purpose) -> Result<Fetched, FetchFailure> {
        let root = "<vxml version='2.1'><var name='z' expr='1'/><link dtmf='D' event='help'/></vxml>";
        let body = match (kind % 32, purpose) {
            (0, _) => return Err(FetchFailure::TimedOut),
            (1, _) => return Err(FetchFailure::Status(500)),
            (2, _) | (_, Purpose::Grammar) => GRAMMAR.to_owned(),
            (3, _) | (_, Purpose::ApplicationRoot) => root.to_owned(),
            (_, Purpose::Script) => "var s = 1".to_owned(),
            (_, Purpose::Document | Purpose::Subdialog) => self.document.clone(),
        };
        Ok(Fetched { url: "http://h/b".into(), status: 200, content_type: String::new(), body: body.into_bytes() })
    }

    fn drain(&mut self) {
        while let Some(action) = self.session.poll_action() {
            assert!(!self.is_over, "{action:?} after the exit");
            match action {
                Action::Fetch { fetch, purpose, .. } => self.fetch = Some((fetch, purpose)),
                Action::CancelFetch(_) => self.fetch = None,
                Action::Play { play, .. } => {
                    assert_eq!(self.play, None, "two plays at once");
                    self.play = Some(play);
                }
                Action::StopPlay(play) => assert_eq!(self.play.take(), Some(play)),
                Action::Exit { .. } => self.is_over = true,
                _ => {}
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_documents_are_read_or_refused(changes in proptest::collection::vec(any::<(u16, u8, u16, u8)>(), 0..12)) {
        let _ = check_document(&mutate(DOCUMENT, &changes));
        let _ = check_grammar(&mutate(GRAMMAR, &changes));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        prop_assert!(check_document(&text).is_err());
        prop_assert!(check_grammar(&text).is_err());
    }

    #[test]
    fn sessions_survive_any_world(
        moves in moves(),
        changes in prop_oneof![Just(Vec::new()), proptest::collection::vec((any::<u16>(), 0..4_u8, any::<u16>(), any::<u8>()), 1..4)],
    ) {
        let mut world = World::new(mutate(DOCUMENT, &changes));
        world.step(&Move::Answer(9));
        world.step(&Move::Answer(9));
        for step in &moves {
            world.step(step);
        }
        // Whatever happened, a hangup and time end it.
        world.step(&Move::HangUp);
        for _ in 0..40 {
            world.step(&Move::Wait(5000));
            world.step(&Move::PlayEnds(3));
        }
        prop_assert!(world.is_over);
    }
}

#[test]
fn the_document_of_these_walks_is_sound() {
    assert_eq!(check_document(DOCUMENT), Ok(()));
    assert_eq!(check_grammar(GRAMMAR), Ok(()));
}
