//! The control socket: requests and answers, one JSON object a line.

use crate::faults;
use crate::hearing::Memory;
use crate::network::{Commands, Order, Placed, Sending};
use crate::party::Prepared;
use crate::report::{Answer, Request};
use crate::script::{self, Action, Script, Step};
use base::Digits;
use judge::Phrase;
use media::Clip;
use ports::call::Text;
use speech_io::{Lang, SayAs, Speaker};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::oneshot;

/// Octets of one request at most.
const LONGEST_REQUEST: u64 = 1 << 20;
/// Who calls if nobody says.
pub const CALLER: &str = "13800138000";
/// What a telephone does that no script was given for.
pub const UNATTENDED: &str = "ring 1s
answer
speak zh \"您好，这里是测试电话。\"
speak en \"Hello, this is the test telephone.\"
wait hangup within 60m
";

/// Serves clients until the task is dropped.
///
/// # Errors
/// The socket cannot be made.
pub async fn serve(socket: &Path, commands: Commands, speaker: Speaker) -> io::Result<()> {
    if let Some(folder) = socket.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // A socket that an earlier run left cannot be bound again.
    match std::fs::remove_file(socket) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let listener = UnixListener::bind(socket)?;
    loop {
        let (client, _) = listener.accept().await?;
        let (commands, speaker) = (commands.clone(), speaker.clone());
        tokio::spawn(async move {
            if let Err(error) = converse(client, commands, speaker).await {
                tracing::debug!(%error, "a client went away");
            }
        });
    }
}

async fn converse(client: UnixStream, commands: Commands, speaker: Speaker) -> io::Result<()> {
    let (read, mut write) = client.into_split();
    let mut lines = BufReader::new(tokio::io::AsyncReadExt::take(read, LONGEST_REQUEST)).lines();
    let Some(line) = lines.next_line().await? else { return Ok(()) };
    let request = match serde_json::from_str(&line) {
        Ok(request) => request,
        Err(error) => return say(&mut write, &Answer::Fault { why: format!("no request: {error}") }).await,
    };
    let answered = tokio::select! {
        answered = serve_request(request, commands, speaker, &mut write) => answered,
        // The client hung up: dropping the reply's receiver ends its call.
        _ = lines.next_line() => return Ok(()),
    };
    let last = answered.unwrap_or_else(|why| Answer::Fault { why });
    say(&mut write, &last).await
}

async fn say(write: &mut (impl AsyncWriteExt + Unpin), answer: &Answer) -> io::Result<()> {
    let mut line = serde_json::to_string(answer)?;
    line.push('\n');
    write.write_all(line.as_bytes()).await
}

async fn serve_request(
    request: Request,
    commands: Commands,
    speaker: Speaker,
    write: &mut (impl AsyncWriteExt + Unpin),
) -> Result<Answer, String> {
    let stopped = || "the network has stopped".to_owned();
    let (reply, end) = oneshot::channel();
    let out = match request {
        Request::Call { to, from, name, span, line, script, values, out, overlap } => {
            let to = number(&to)?;
            let sending = if overlap { Sending::Overlap } else { Sending::EnBloc };
            let Script { caller, steps } = parsed(&script, &values)?;
            let steps = prepare(&speaker, steps).await?;
            let from = match (from, caller.from) {
                (Some(from), _) => number(&from)?,
                (None, Some(from)) => from,
                (None, None) => number(CALLER)?,
            };
            let name = name.or(caller.name).map(|name| Text::new(name.as_bytes()));
            let (span, line) = (span.or(caller.span), line.or(caller.line));
            let (placed, told) = oneshot::channel();
            let memory = memory(out.as_ref());
            let order = Order::Call { to, from, name, span, line, sending, steps, memory, reply, placed };
            commands.send(order).await.map_err(|_| stopped())?;
            told.await.map_err(|_| stopped())??;
            out
        }
        Request::Answer { to, script, values, out } => {
            let to = number(&to)?;
            let steps = prepare(&speaker, parsed(&script, &values)?.steps).await?;
            let (registered, told) = oneshot::channel();
            let memory = memory(out.as_ref());
            commands.send(Order::Answer { to, steps, memory, reply, registered }).await.map_err(|_| stopped())?;
            told.await.map_err(|_| stopped())?;
            say(write, &Answer::Registered).await.map_err(|error| error.to_string())?;
            out
        }
        Request::Status => {
            let (reply, told) = oneshot::channel();
            commands.send(Order::Status(reply)).await.map_err(|_| stopped())?;
            let (spans, parties) = told.await.map_err(|_| stopped())?;
            return Ok(Answer::Status { spans, parties });
        }
        Request::Fault { span, fault } => {
            let words: Vec<&str> = fault.split_whitespace().collect();
            let order = faults::parse(&words).map_err(|bad| bad.to_string())?;
            let (ordered, told) = oneshot::channel();
            commands.send(Order::Fault { span, order, ordered }).await.map_err(|_| stopped())?;
            return Ok(Answer::Faults { spans: told.await.map_err(|_| stopped())?? });
        }
        Request::Faults => {
            let (reply, told) = oneshot::channel();
            commands.send(Order::Faults(reply)).await.map_err(|_| stopped())?;
            return Ok(Answer::Faults { spans: told.await.map_err(|_| stopped())? });
        }
    };
    let Placed { report, heard } = end.await.map_err(|_| stopped())?;
    if let Some(out) = out {
        let written = tokio::fs::write(&out, media::wav::pcm_file(&heard)).await;
        written.map_err(|error| format!("{out} cannot be written: {error}"))?;
    }
    Ok(Answer::Report(report))
}

const fn memory(out: Option<&String>) -> Memory {
    match out {
        Some(_) => Memory::Whole,
        None => Memory::Minute,
    }
}

fn number(text: &str) -> Result<Digits, String> {
    text.parse().map_err(|error| format!("`{text}` is no number: {error}"))
}

/// Makes telephones: the default one first, then those of a list, one `NUMBER SCRIPT` a line, the script's path beside the list.
///
/// # Errors
/// What is wrong with the list or a script, in a sentence.
pub async fn install(commands: &Commands, speaker: &Speaker, list: Option<&Path>) -> Result<(), String> {
    let order = |number, steps| commands.send(Order::Install { number, steps });
    let stopped = |_| "the network has stopped".to_owned();
    match prepare(speaker, parsed(UNATTENDED, &[])?.steps).await {
        Ok(steps) => order(None, steps).await.map_err(stopped)?,
        Err(why) => tracing::warn!(%why, "telephones without a script are silent"),
    }
    let Some(list) = list else { return Ok(()) };
    let read = |path: &Path| std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()));
    for (at, line) in read(list)?.lines().enumerate() {
        let fault = |why: String| format!("{}, line {}: {why}", list.display(), at + 1);
        let (digits, script) = match line.trim().split_once(char::is_whitespace) {
            Some((digits, _)) if digits.starts_with('#') => continue,
            Some((digits, script)) => (digits, script.trim()),
            None if line.trim().is_empty() || line.trim().starts_with('#') => continue,
            None => {
                return Err(fault("a number and the path of its script are wanted, such as `8001 agent.txt`".into()));
            }
        };
        let script = list.parent().unwrap_or(Path::new(".")).join(script);
        let text = read(&script).map_err(fault)?;
        let in_script = |why| fault(format!("{}, {why}", script.display()));
        let steps = prepare(speaker, parsed(&text, &[]).map_err(in_script)?.steps).await.map_err(in_script)?;
        order(Some(number(digits).map_err(fault)?), steps).await.map_err(stopped)?;
    }
    Ok(())
}

fn parsed(text: &str, values: &[(String, String)]) -> Result<Script, String> {
    script::parse(text, values).map_err(|error| error.to_string())
}

/// Renders all that a script says and expects.
///
/// # Errors
/// The first fault in a sentence with its line.
pub async fn prepare(speaker: &Speaker, steps: Vec<Step>) -> Result<Vec<Prepared>, String> {
    let mut prepared = Vec::new();
    for step in steps {
        let at = |why: String| format!("line {}: {why}", step.line);
        let (mut phrases, mut clips) = (Vec::new(), Vec::new());
        match &step.action {
            Action::Expect { lang, text, say_as, .. } => {
                for wav in rendered(speaker, text, *lang, say_as.as_ref()).await.map_err(at)? {
                    let samples = media::wav::read_mono(&wav).map_err(|error| at(error.to_string()))?;
                    phrases.extend(Phrase::new(&samples));
                }
                if phrases.is_empty() {
                    return Err(at("nothing would be heard of these words; expect more of them".into()));
                }
            }
            Action::Speak { lang, text } => {
                for wav in rendered(speaker, text, *lang, None).await.map_err(at)? {
                    clips.push(Arc::new(Clip::from_wav(&wav).map_err(|error| at(error.to_string()))?));
                }
            }
            Action::Play(file) => {
                let wav = tokio::fs::read(file).await.map_err(|error| at(format!("{file} cannot be read: {error}")))?;
                clips.push(Arc::new(Clip::from_wav(&wav).map_err(|error| at(format!("{file}: {error}")))?));
            }
            _ => {}
        }
        prepared.push(Prepared { step, phrases, clips });
    }
    Ok(prepared)
}

async fn rendered(speaker: &Speaker, text: &str, lang: Lang, say_as: Option<&SayAs>) -> Result<Vec<Vec<u8>>, String> {
    let files: Vec<PathBuf> = speaker.speak(text, lang, say_as).await.map_err(|error| error.to_string())?;
    let mut octets = Vec::new();
    for file in files {
        octets.push(tokio::fs::read(&file).await.map_err(|error| format!("{}: {error}", file.display()))?);
    }
    Ok(octets)
}
