//! `<transfer>`: blind and bridge (VoiceXML 2.0 §2.3.7, 2.1 §7).

use super::grammars::{Active, Gathered};
use super::prompts::text_of;
use super::{Done, Interpreter, Thrown, Wait, Work};
use crate::api::{Action, ExitReason, TransferKind, TransferOutcome};
use crate::document::{ItemKind, Transfer, TransferType};
use crate::grammar::Progress;
use crate::script::Value;
use base::{Digit, Instant};
use core::time::Duration;

/// `connecttimeout` where the document says none.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// A transfer under way.
pub(super) struct Transferring {
    item: usize,
    kind: TransferKind,
    since: Instant,
    /// The caller's keys that may end it.
    keys: Vec<Digit>,
    active: Vec<Active>,
    /// The caller asked for its end by these keys.
    ended_by: Option<String>,
}

impl Interpreter {
    /// Everything queued was heard: the transfer may begin.
    pub(super) fn begin_transfer(&mut self, number: usize) -> Done {
        if self.ending.is_some() {
            self.tell_ending();
            return Ok(());
        }
        let Gathered::All(active) = self.gather(number, Work::Transfer(number))? else { return Ok(()) };
        let dialog = self.dialog()?;
        let ItemKind::Transfer(transfer) = &dialog.items[number].kind else { return Ok(()) };
        let kind = match transfer.kind {
            TransferType::Bridge => TransferKind::Bridge,
            TransferType::Blind => TransferKind::Blind,
            TransferType::Consultation => {
                return Err(Thrown::fault(
                    "error.unsupported.transfer.consultation",
                    "this box transfers blindly or by a bridge; write type=\"bridge\"",
                ));
            }
        };
        let action = self.transfer_action(transfer, kind)?;
        self.typed.clear();
        self.set_sensitive(false);
        self.actions.push_back(action);
        self.wait = Wait::Transfer(Box::new(Transferring {
            item: number,
            kind,
            since: self.now,
            keys: Vec::new(),
            active: if kind == TransferKind::Bridge { active } else { Vec::new() },
            ended_by: None,
        }));
        Ok(())
    }

    fn transfer_action(&mut self, transfer: &Transfer, kind: TransferKind) -> Result<Action, Thrown> {
        let dest = self.given(&transfer.dest)?;
        if !dest.contains(':') {
            let what = "transfer to what is no address; write one such as tel:8001";
            return Err(Thrown::fault("error.connection.baddestination", what));
        }
        let aai = match &transfer.aai {
            Some(aai) => self.given(aai)?,
            None => String::new(),
        };
        let base = self.context()?.document.base.clone();
        let audio = transfer.audio.as_ref().and_then(|audio| base.join(audio).ok()).map(String::from);
        Ok(Action::Transfer {
            kind,
            dest,
            connect_timeout: transfer.connect_timeout.unwrap_or(CONNECT_TIMEOUT),
            max_time: transfer.max_time.filter(|_| kind == TransferKind::Bridge),
            aai,
            audio,
        })
    }

    /// A key of the caller during a bridged transfer: with the transfer's own grammars it ends it.
    pub(super) fn transfer_key(&mut self, digit: Digit) {
        self.refill();
        let Wait::Transfer(transferring) = &mut self.wait else { return };
        if transferring.ended_by.is_some() || transferring.active.is_empty() {
            return;
        }
        let longest = transferring.active.iter().any(|active| !active.grammar.is_at_most(transferring.keys.len()));
        if !longest || transferring.keys.len() > 32 {
            transferring.keys.clear();
        }
        transferring.keys.push(digit);
        let keys = &transferring.keys;
        let progress: Vec<Progress> = transferring.active.iter().map(|active| active.grammar.progress(keys)).collect();
        if progress.iter().any(|progress| matches!(progress, Progress::Complete | Progress::CompleteExtendable)) {
            transferring.ended_by = Some(text_of(keys));
            self.actions.push_back(Action::EndTransfer);
        } else if progress.iter().all(|progress| *progress == Progress::NoMatch) {
            // Keys meant for the far end: what follows may still begin the caller's own.
            transferring.keys.clear();
        }
    }

    pub(super) fn transfer_done(&mut self, outcome: TransferOutcome) {
        let Wait::Transfer(transferring) = core::mem::replace(&mut self.wait, Wait::Nothing) else { return };
        self.refill();
        if let Err(thrown) = self.transferred(&transferring, outcome) {
            self.throw(thrown);
        }
    }

    fn transferred(&mut self, transferring: &Transferring, outcome: TransferOutcome) -> Done {
        use TransferOutcome as O;
        let lasted = self.now.since(transferring.since).as_millis() as u64;
        let (word, ms) = match outcome {
            O::Busy => ("busy", 0),
            O::NoAnswer => ("noanswer", 0),
            O::NetworkBusy => ("network_busy", 0),
            O::NearEndDisconnect => ("near_end_disconnect", lasted),
            O::FarEndDisconnect(ms) => ("far_end_disconnect", ms),
            O::NetworkDisconnect(ms) => ("network_disconnect", ms),
            O::MaxtimeDisconnect(ms) => ("maxtime_disconnect", ms),
            O::Unknown => ("unknown", 0),
            O::Blind => {
                self.begin_ending(ExitReason::Transferred, "connection.disconnect.transfer");
                self.tell_ending();
                return Ok(());
            }
            O::BadDestination => return Err(refused("baddestination", "no such destination")),
            O::NoRoute => return Err(refused("noroute", "no route to the destination")),
            O::NoResource => return Err(refused("noresource", "no line free")),
            O::NoAuthorization => return Err(refused("noauthorization", "not allowed")),
            O::Unsupported => {
                let kind = if transferring.kind == TransferKind::Bridge { "bridge" } else { "blind" };
                let event = format!("error.unsupported.transfer.{kind}");
                return Err(Thrown::fault(&event, "this line cannot be transferred so"));
            }
        };
        let dialog = self.dialog()?;
        let item = &dialog.items[transferring.item];
        let scope = self.chain()?[3];
        self.engine.put(scope, &item.variable, Value::text(word))?;
        let mut shadow = vec![("duration".to_owned(), Value::Number(ms as f64 / 1000.0))];
        if let Some(keys) = transferring.ended_by.as_ref().filter(|_| word == "near_end_disconnect") {
            shadow.push(("inputmode".into(), Value::text("dtmf")));
            shadow.push(("utterance".into(), Value::text(keys)));
        }
        if let Some(name) = &item.name {
            self.engine.put(scope, &format!("{name}$"), Value::Object(shadow))?;
        }
        self.process_filled(&[transferring.item])
    }

    /// The session leaves while a transfer runs.
    pub(super) fn stop_transfer(&mut self, transferring: &Transferring) {
        if transferring.kind == TransferKind::Bridge && transferring.ended_by.is_none() {
            self.actions.push_back(Action::EndTransfer);
        }
    }
}

fn refused(name: &str, what: &str) -> Thrown {
    Thrown::fault(&format!("error.connection.{name}"), format!("transfer: {what}"))
}
