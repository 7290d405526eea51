//! A party's script: one step a line.

use crate::faults;
use base::{Cause, Digits};
use sig_span::loopstart::Tone;
use speech_io::{Lang, SayAs};
use std::time::Duration;

/// How long a step waits if it does not say.
pub const WITHIN: Duration = Duration::from_secs(20);
/// No step may wait longer.
const LONGEST: Duration = Duration::from_secs(3600);
/// Steps of one script at most.
const STEPS: usize = 1000;

/// A tone of the network or of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToneName {
    /// Continuous.
    Dial,
    /// Long bursts, longer pauses.
    Ringback,
    /// Short bursts, short pauses.
    Busy,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// A caller waits until it is answered. Implied before the first step that needs a talk.
    WaitAnswer(Duration),
    /// Waits until somebody speaks.
    WaitSpeech(Duration),
    /// Waits for so much silence.
    WaitSilence {
        /// How much.
        length: Duration,
        /// How long it may take to come.
        within: Duration,
    },
    /// Waits for a tone.
    WaitTone {
        /// Which.
        tone: ToneName,
        /// How long it may take to come.
        within: Duration,
    },
    /// Waits for keys that the other side presses.
    WaitKeys {
        /// Which, in this order and with no other between.
        keys: Digits,
        /// How long they may take to come.
        within: Duration,
    },
    /// Waits until the other side hangs up.
    WaitHangup(Duration),
    /// Presses keys.
    Press(Digits),
    /// Sends more of the called number, by signaling.
    Digits(Digits),
    /// Must hear these words.
    Expect {
        /// The language they are said in.
        lang: Lang,
        /// The words, or the value to be read.
        text: String,
        /// How a value is read.
        say_as: Option<SayAs>,
        /// How long they may take to come.
        within: Duration,
    },
    /// Says these words.
    Speak {
        /// In this language.
        lang: Lang,
        /// The words.
        text: String,
    },
    /// Plays a file.
    Play(String),
    /// Does nothing for a while.
    Pause(Duration),
    /// A telephone rings so long before the next step.
    Ring(Duration),
    /// A telephone answers. Implied before the first step that needs a talk.
    Answer,
    /// A telephone refuses the call.
    Reject(Cause),
    /// Orders a fault.
    Fault {
        /// Of this span; the party's own where absent.
        span: Option<usize>,
        /// What.
        order: faults::Order,
    },
    /// Gives a tone to the line until the call ends, as the exchange does.
    Tone(Tone),
    /// Hangs up as an exchange does that has nothing but tones to say so, and waits for the other side to notice.
    HangUpByTone {
        /// Which.
        tone: Tone,
        /// How long the other side may take.
        within: Duration,
    },
    /// Tells the party of an analog line that another calls.
    CallWaiting(Digits),
    /// Hangs up. Implied at the end.
    HangUp,
}

/// What a script says of its caller, before the first step. What the command line says goes first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// Its number; empty: withheld.
    pub from: Option<Digits>,
    /// Its name, for lines that can carry one.
    pub name: Option<String>,
    /// The span that it calls on, from 0.
    pub span: Option<usize>,
    /// The line: a timeslot of the span.
    pub line: Option<u8>,
}

/// A line of a script.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its line, from 1.
    pub line: usize,
    /// Its name in the report.
    pub label: Option<String>,
    /// As written, variables not yet replaced: a report may show it.
    pub text: String,
    /// What it does.
    pub action: Action,
}

/// A whole script.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script {
    /// Who calls, and where.
    pub caller: Caller,
    /// In order.
    pub steps: Vec<Step>,
}

/// Why a text is no script.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}; {remedy}")]
pub struct BadScript {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub remedy: String,
}

/// Reads a script; `${name}` stands for the value of that name.
///
/// # Errors
/// The first fault, with its line and remedy.
pub fn parse(text: &str, values: &[(String, String)]) -> Result<Script, BadScript> {
    let (mut caller, mut steps) = (Caller::default(), Vec::new());
    for (number, written) in text.lines().enumerate() {
        let line = number + 1;
        let fault = |(what, remedy): (String, &str)| BadScript { line, what, remedy: remedy.into() };
        let written = written.trim();
        if written.is_empty() || written.starts_with('#') {
            continue;
        }
        if steps.len() == STEPS {
            return Err(fault((format!("more than {STEPS} steps"), "split the script")));
        }
        let (label, verb) = labelled(written);
        let filled = replace(verb, values).map_err(fault)?;
        let words = words(&filled).map_err(fault)?;
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        if let ["from" | "on", ..] = words[..] {
            caller.read(&words, steps.is_empty()).map_err(fault)?;
            continue;
        }
        let action = action(&words).map_err(fault)?;
        steps.push(Step { line, label: label.map(Into::into), text: verb.into(), action });
    }
    Ok(Script { caller, steps })
}

impl Caller {
    fn read(&mut self, words: &[&str], is_first: bool) -> Result<(), Fault> {
        let known = "write `from 13800138000 \"LI MING\"`, `from withheld`, or `on span 2 line 1`";
        let bad = |what: &str| (format!("`{what}` does not say who calls"), known);
        if !is_first {
            return Err((format!("`{}` comes too late", words[0]), "write it before the first step"));
        }
        match words {
            ["from", "withheld"] => self.from = Some(Digits::new()),
            ["from", number] => self.from = Some(keys(number)?),
            ["from", number, name] => (self.from, self.name) = (Some(keys(number)?), Some((*name).into())),
            ["on", "span", span] => self.span = Some(span.parse().map_err(|_| bad(span))?),
            ["on", "span", span, "line", line] => {
                self.span = Some(span.parse().map_err(|_| bad(span))?);
                self.line = Some(line.parse().map_err(|_| bad(line))?);
            }
            _ => return Err(bad(words[0])),
        }
        Ok(())
    }
}

/// A first word that ends in a colon names the step.
fn labelled(line: &str) -> (Option<&str>, &str) {
    match line.split_once(char::is_whitespace) {
        Some((first, rest)) if first.ends_with(':') => (first.strip_suffix(':'), rest.trim_start()),
        _ => (None, line),
    }
}

type Fault = (String, &'static str);

fn replace(text: &str, values: &[(String, String)]) -> Result<String, Fault> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, next) = after.split_once('}').ok_or_else(|| ("`${` without `}`".into(), "write ${name}"))?;
        let value = values.iter().find(|(known, _)| known == name);
        let (_, value) = value.ok_or_else(|| (format!("`{name}` has no value"), "give it with --set name=value"))?;
        filled.push_str(before);
        filled.push_str(value);
        rest = next;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// Words between blanks; what stands in double quotes is one word.
fn words(line: &str) -> Result<Vec<String>, Fault> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let (word, next) = match rest.strip_prefix('"') {
            Some(quoted) => {
                quoted.split_once('"').ok_or_else(|| ("a quote is not closed".into(), "close it with \""))?
            }
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = next.trim_start();
    }
    Ok(words)
}

fn action(words: &[&str]) -> Result<Action, Fault> {
    let (words, within) = within(words)?;
    let wait = within.unwrap_or(WITHIN);
    Ok(match words {
        ["wait", "answer"] => Action::WaitAnswer(wait),
        ["wait", "speech"] => Action::WaitSpeech(wait),
        ["wait", "silence", length] => Action::WaitSilence { length: duration(length)?, within: wait },
        ["wait", "tone", name] => Action::WaitTone { tone: tone(name)?, within: wait },
        ["wait", "keys", pressed] => Action::WaitKeys { keys: keys(pressed)?, within: wait },
        ["wait", "hangup"] => Action::WaitHangup(wait),
        ["press", pressed] => Action::Press(keys(pressed)?),
        ["digits", digits] => Action::Digits(keys(digits)?),
        ["expect", tag, text] => Action::Expect { lang: lang(tag)?, text: (*text).into(), say_as: None, within: wait },
        ["expect", tag, text, "as", interpret] => expect(tag, text, interpret, None, wait)?,
        ["expect", tag, text, "as", interpret, "format", format] => expect(tag, text, interpret, Some(format), wait)?,
        ["speak", tag, text] => Action::Speak { lang: lang(tag)?, text: (*text).into() },
        ["play", file] => Action::Play((*file).into()),
        ["pause", length] => Action::Pause(duration(length)?),
        ["ring", length] => Action::Ring(duration(length)?),
        ["answer"] => Action::Answer,
        ["reject", cause] => match cause.parse() {
            Ok(value @ 1..=127) => Action::Reject(Cause(value)),
            _ => {
                return Err((
                    format!("`{cause}` is no cause"),
                    "a Q.850 cause is a number from 1 to 127, such as 17 for busy",
                ));
            }
        },
        ["tone", name] => Action::Tone(given_tone(name)?),
        ["call", "waiting", number] => Action::CallWaiting(keys(number)?),
        ["hang", "up"] => Action::HangUp,
        ["hang", "up", "by", "tone", name] => Action::HangUpByTone { tone: given_tone(name)?, within: wait },
        ["fault", words @ ..] => fault(words)?,
        [verb, ..] => return Err((format!("`{verb}` with these words is no step"), STEPS_KNOWN)),
        [] => return Err(("only `within`".into(), STEPS_KNOWN)),
    })
}

const STEPS_KNOWN: &str = "steps are: wait answer|speech|hangup, wait silence 500ms, wait tone dial|ringback|busy, wait keys KEYS, press KEYS, digits NUMBER, \
                           expect LANG \"WORDS\" [as INTERPRET [format F]], speak LANG \"WORDS\", play FILE, pause 1s, \
                           ring 1s, answer, reject CAUSE, tone busy|congestion|vacant|howler|dial|ringback, call waiting NUMBER, fault [SPAN] FAULT, \
                           hang up [by tone busy]; those that wait may end in `within 20s`";

fn within<'a, 'b>(words: &'b [&'a str]) -> Result<(&'b [&'a str], Option<Duration>), Fault> {
    match words {
        [before @ .., "within", length] => Ok((before, Some(duration(length)?))),
        _ => Ok((words, None)),
    }
}

fn expect(tag: &str, text: &str, interpret: &str, format: Option<&str>, within: Duration) -> Result<Action, Fault> {
    let say_as = SayAs::from_names(interpret, format)
        .ok_or_else(|| (format!("nothing is read as `{interpret}`"), "as number, digits, date, currency, ..."))?;
    Ok(Action::Expect { lang: lang(tag)?, text: text.into(), say_as: Some(say_as), within })
}

fn fault(words: &[&str]) -> Result<Action, Fault> {
    let span = words.first().and_then(|first| first.parse().ok());
    let words = &words[usize::from(span.is_some())..];
    let order = faults::parse(words).map_err(|bad| (bad.what, bad.remedy))?;
    Ok(Action::Fault { span, order })
}

fn lang(tag: &str) -> Result<Lang, Fault> {
    Lang::from_tag(tag).ok_or_else(|| (format!("`{tag}` is not spoken here"), "languages are zh-CN and en-US"))
}

fn keys(text: &str) -> Result<Digits, Fault> {
    text.parse().map_err(|error| (format!("`{text}` are no keys: {error}"), "keys are 0-9 * # A-D, at most 32"))
}

fn tone(name: &str) -> Result<ToneName, Fault> {
    match name {
        "dial" => Ok(ToneName::Dial),
        "ringback" => Ok(ToneName::Ringback),
        "busy" => Ok(ToneName::Busy),
        other => Err((format!("`{other}` is no tone"), "tones are dial, ringback and busy")),
    }
}

fn given_tone(name: &str) -> Result<Tone, Fault> {
    Ok(match name {
        "dial" => Tone::Dial,
        "ringback" => Tone::Ringback,
        "busy" => Tone::Busy,
        "congestion" => Tone::Congestion,
        "vacant" => Tone::Vacant,
        "howler" => Tone::Howler,
        other => {
            let known = "tones are dial, ringback, busy, congestion, vacant and howler";
            return Err((format!("`{other}` is no tone"), known));
        }
    })
}

fn duration(text: &str) -> Result<Duration, Fault> {
    let units = [("ms", 1), ("s", 1000), ("m", 60_000)];
    let read = units.iter().find_map(|(unit, ms)| {
        let count: u64 = text.strip_suffix(unit)?.parse().ok()?;
        count.checked_mul(*ms).map(Duration::from_millis)
    });
    let read = read.ok_or_else(|| (format!("`{text}` is no length of time"), "write 500ms, 10s or 2m"))?;
    if read > LONGEST { Err((format!("`{text}` is too long"), "an hour is the longest")) } else { Ok(read) }
}

#[cfg(test)]
#[path = "script_tests.rs"]
mod tests;
