//! What keeps a session right between its ends: whose offer it is, whose turn to refresh, which early response was heard.

use crate::headers::field;
use crate::message::{Request, Response};
use crate::screen::supports;
use crate::transaction::Timers;
use crate::values::{RAck, Refresher, SessionExpires, seconds};
use base::Instant;
use core::time::Duration;

/// Whose offer waits for its answer (RFC 3264 §4, RFC 3311 §5.1, §5.2). One of these stands for each dialog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Negotiation {
    /// Nobody's.
    #[default]
    Idle,
    /// Ours.
    Ours,
    /// The peer's.
    Theirs,
}

/// Two offers at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Glare {
    /// The peer offers while ours waits: 491 (RFC 3261 §14.2).
    #[error("an offer of ours waits for its answer")]
    OursWaits,
    /// An offer while the peer's own waits: 500 with Retry-After from the peer, patience from us (RFC 3261 §14.2).
    #[error("an offer of the peer waits for our answer")]
    TheirsWaits,
}

impl Glare {
    /// The status that refuses the peer's request.
    pub const fn status(self) -> u16 {
        match self {
            Self::OursWaits => 491,
            Self::TheirsWaits => 500,
        }
    }
}

/// Who made the Call-ID of a dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallIdOwner {
    /// We called.
    Ours,
    /// The peer called.
    Theirs,
}

impl Negotiation {
    /// We offer.
    pub const fn offer(&mut self) -> Result<(), Glare> {
        self.begin(Self::Ours)
    }

    /// The peer offers.
    pub const fn handle_offer(&mut self) -> Result<(), Glare> {
        self.begin(Self::Theirs)
    }

    /// The answer went or came, or the offer was refused.
    pub const fn end(&mut self) {
        *self = Self::Idle;
    }

    const fn begin(&mut self, next: Self) -> Result<(), Glare> {
        match self {
            Self::Idle => {
                *self = next;
                Ok(())
            }
            Self::Ours => Err(Glare::OursWaits),
            Self::Theirs => Err(Glare::TheirsWaits),
        }
    }

    /// How long to wait after a 491: who made the Call-ID longer, so that one is first (RFC 3261 §14.1). `chance` is below 200.
    pub fn pause(owner: CallIdOwner, chance: u32) -> Duration {
        let step = Duration::from_millis(10) * (chance % 200);
        match owner {
            // 2.1 to 4 s; 0 to 2 s.
            CallIdOwner::Ours => (Duration::from_millis(2100) + step).min(Duration::from_secs(4)),
            CallIdOwner::Theirs => step,
        }
    }
}

/// What we want of session timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionWish {
    /// The interval in seconds.
    pub interval: u32,
    /// The shortest that we take; 90 at the least (RFC 4028 §5).
    pub least: u32,
}

/// RFC 4028 §4 recommends half an hour.
impl Default for SessionWish {
    fn default() -> Self {
        Self { interval: 1800, least: 90 }
    }
}

/// What a session timer wants at its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionDue {
    /// To be refreshed by UPDATE or re-INVITE.
    Refresh,
    /// The peer has not refreshed: to be ended by BYE (RFC 4028 §10).
    End,
}

/// The interval is too small: 422 with our Min-SE (RFC 4028 §9), or as the peer's 422 says (§7.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a session interval of at least {least} s wanted")]
pub struct TooSmall {
    /// The least.
    pub least: u32,
}

/// The timer of one session (RFC 4028).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionTimer {
    interval: Duration,
    ours: bool,
    refreshed: Instant,
}

impl SessionTimer {
    /// Puts our wish into an INVITE or UPDATE that we send.
    pub fn ask(request: &mut Request, wish: SessionWish, refresher: Option<Refresher>) {
        let value = SessionExpires { seconds: wish.interval, refresher };
        let headers = &mut request.common.headers;
        headers.push(field("Supported", "timer"));
        headers.push(field("Session-Expires", &value.to_string()));
        headers.push(field("Min-SE", &wish.least.to_string()));
    }

    /// Settles the timer of a request that the peer sent; what is returned besides goes into the 2xx (RFC 4028 §9). Nothing is settled where the
    /// peer knows no timers: nobody would refresh but us, and we ask in requests of our own.
    pub fn settle(
        now: Instant,
        request: &Request,
        wish: SessionWish,
    ) -> Result<Option<(Self, SessionExpires)>, TooSmall> {
        let least = wish.least.max(90);
        let asked = request.common.value_of("Session-Expires").and_then(|value| SessionExpires::parse(value).ok());
        let knows = supports(request, "timer");
        if knows && asked.is_some_and(|asked| asked.seconds < least) {
            return Err(TooSmall { least });
        }
        if !knows {
            return Ok(None);
        }
        let floor = request.common.value_of("Min-SE").and_then(|value| seconds(value).ok()).unwrap_or(90);
        let most = asked.map_or(u32::MAX, |asked| asked.seconds);
        let interval = wish.interval.max(floor).max(least).min(most);
        let refresher = asked.and_then(|asked| asked.refresher).unwrap_or(Refresher::Uac);
        let settled = SessionExpires { seconds: interval, refresher: Some(refresher) };
        Ok(Some((Self::new(now, interval, refresher == Refresher::Uas), settled)))
    }

    /// Reads what the peer's 2xx settled (RFC 4028 §7.2); without the field, there is no timer.
    pub fn settled(now: Instant, response: &Response) -> Option<Self> {
        let value = SessionExpires::parse(response.common.value_of("Session-Expires")?).ok()?;
        // Without a word on it we refresh: nobody else surely does.
        Some(Self::new(now, value.seconds.max(90), value.refresher != Some(Refresher::Uas)))
    }

    /// What a 422 asks for instead (RFC 4028 §7.4).
    pub fn refused(response: &Response) -> Option<TooSmall> {
        let least = response.common.value_of("Min-SE").and_then(|value| seconds(value).ok())?;
        (response.status == 422).then_some(TooSmall { least })
    }

    fn new(now: Instant, interval: u32, ours: bool) -> Self {
        Self { interval: Duration::from_secs(interval.into()), ours, refreshed: now }
    }

    /// When something is due: half the interval where we refresh, else a third or 32 s before its end (RFC 4028 §10).
    pub fn deadline(&self) -> Instant {
        let early = (self.interval / 3).min(Duration::from_secs(32));
        self.refreshed + if self.ours { self.interval / 2 } else { self.interval - early }
    }

    /// What is due at `now`.
    pub fn due(&self, now: Instant) -> Option<SessionDue> {
        let due = if self.ours { SessionDue::Refresh } else { SessionDue::End };
        (self.deadline() <= now).then_some(due)
    }
}

/// The sender of reliable provisional responses to one INVITE, one at a time (RFC 3262 §3).
#[derive(Clone, Debug)]
pub struct EarlySender {
    next: u32,
    sequence: u32,
    waits: Option<Waits>,
}

#[derive(Clone, Debug)]
struct Waits {
    number: u32,
    response: Response,
    due: Instant,
    pause: Duration,
    end: Instant,
}

/// What an early response wants at its deadline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EarlyDue {
    /// To be sent again.
    Again(Box<Response>),
    /// Nobody acknowledges: the INVITE is refused with 504 (RFC 3262 §3).
    GivenUp,
}

impl EarlySender {
    /// For an INVITE with this number. `first` is chance (RFC 3262 §3: 1 to 2^31 - 1).
    pub const fn new(sequence: u32, first: u32) -> Self {
        let first = first & 0x3FFF_FFFF;
        Self { next: if first == 0 { 1 } else { first }, sequence, waits: None }
    }

    /// Numbers a provisional response and keeps it until its PRACK. `None` while another waits, and for a 100, which is never reliable.
    pub fn send(&mut self, now: Instant, mut response: Response, timers: &Timers) -> Option<Response> {
        if self.waits.is_some() || !(101..200).contains(&response.status) {
            return None;
        }
        let number = self.next;
        self.next += 1;
        response.common.headers.push(field("Require", "100rel"));
        response.common.headers.push(field("RSeq", &number.to_string()));
        let kept = response.clone();
        self.waits =
            Some(Waits { number, response: kept, due: now + timers.t1, pause: timers.t1, end: now + timers.t1 * 64 });
        Some(response)
    }

    /// Takes a PRACK; false if it is for nothing that waits: 481.
    pub fn handle_prack(&mut self, prack: &Request) -> bool {
        let rack = prack.common.value_of("RAck").and_then(|value| RAck::parse(value).ok());
        let fits = rack.zip(self.waits.as_ref()).is_some_and(|(rack, waits)| {
            rack.response == waits.number && rack.sequence == self.sequence && rack.method == crate::Method::INVITE
        });
        if fits {
            self.waits = None;
        }
        fits
    }

    /// When something is due.
    pub fn deadline(&self) -> Option<Instant> {
        self.waits.as_ref().map(|waits| waits.due.min(waits.end))
    }

    /// What is due at `now`. The pauses double without end, unlike those of final responses (RFC 3262 §3).
    pub fn due(&mut self, now: Instant) -> Option<EarlyDue> {
        let waits = self.waits.as_mut()?;
        if waits.end <= now {
            self.waits = None;
            return Some(EarlyDue::GivenUp);
        }
        if waits.due > now {
            return None;
        }
        waits.pause *= 2;
        waits.due = now + waits.pause;
        Some(EarlyDue::Again(Box::new(waits.response.clone())))
    }
}

/// The receiver of reliable provisional responses of one early dialog (RFC 3262 §4).
#[derive(Clone, Copy, Debug, Default)]
pub struct EarlyReceiver {
    last: Option<u32>,
}

impl EarlyReceiver {
    /// What PRACK must say of this response. `None` if it is not reliable, came before, or came before its turn: then it is not heard.
    pub fn take(&mut self, response: &Response) -> Option<RAck> {
        let common = &response.common;
        let required = common.list_of("Require").any(|tag| tag.eq_ignore_ascii_case("100rel"));
        let reliable = required && (101..200).contains(&response.status);
        let number = common.value_of("RSeq").and_then(|value| seconds(value).ok()).filter(|_| reliable)?;
        if self.last.is_some_and(|last| last.checked_add(1) != Some(number)) {
            return None;
        }
        self.last = Some(number);
        Some(RAck { response: number, sequence: common.sequence, method: common.method.clone() })
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
