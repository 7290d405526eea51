//! The control socket: requests and answers, one JSON object a line.

use crate::judge::Phrase;
use crate::network::{Commands, Order, Placed};
use crate::party::Prepared;
use crate::report::{Answer, Request};
use crate::script::{self, Action};
use base::Digits;
use media::Clip;
use speech_io::{Lang, SayAs, Speaker};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::oneshot;

/// Octets of one request at most.
const LONGEST_REQUEST: u64 = 1 << 20;

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
        Request::Call { to, from, span, script, values, out } => {
            let (to, from) = (number(&to)?, number(&from)?);
            let steps = prepare(&speaker, &script, &values).await?;
            let (placed, told) = oneshot::channel();
            commands.send(Order::Call { to, from, span, steps, reply, placed }).await.map_err(|_| stopped())?;
            told.await.map_err(|_| stopped())??;
            out
        }
        Request::Answer { to, script, values, out } => {
            let to = number(&to)?;
            let steps = prepare(&speaker, &script, &values).await?;
            let (registered, told) = oneshot::channel();
            commands.send(Order::Answer { to, steps, reply, registered }).await.map_err(|_| stopped())?;
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
    };
    let Placed { report, heard } = end.await.map_err(|_| stopped())?;
    if let Some(out) = out {
        let written = tokio::fs::write(&out, media::wav::pcm_file(&heard)).await;
        written.map_err(|error| format!("{out} cannot be written: {error}"))?;
    }
    Ok(Answer::Report(report))
}

fn number(text: &str) -> Result<Digits, String> {
    text.parse().map_err(|error| format!("`{text}` is no number: {error}"))
}

/// Parses a script and renders all that it says and expects.
///
/// # Errors
/// The first fault in a sentence with its line.
pub async fn prepare(speaker: &Speaker, text: &str, values: &[(String, String)]) -> Result<Vec<Prepared>, String> {
    let script = script::parse(text, values).map_err(|error| format!("script, {error}"))?;
    let mut prepared = Vec::new();
    for step in script.steps {
        let at = |why: String| format!("script, line {}: {why}", step.line);
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
