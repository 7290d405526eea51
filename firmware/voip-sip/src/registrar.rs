//! The registrar: where users can be reached, for how long (RFC 3261 §10.3), by which flow (RFC 5626 §6).

use crate::fields::Party;
use crate::headers::field;
use crate::message::{Request, Response};
use crate::transaction::Hop;
use crate::uri::Uri;
use crate::values::{seconds, unquoted};
use base::Instant;
use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};

/// What a registrar grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grants {
    /// The shortest time that a binding is kept, in seconds.
    pub least: u32,
    /// The longest.
    pub most: u32,
    /// What who asks for nothing gets.
    pub usual: u32,
    /// Addresses of one user.
    pub per_user: usize,
    /// Users with an address.
    pub users: usize,
    /// How long a stream may be silent before its bindings are dropped, told as Flow-Timer (RFC 5626 §4.4.1).
    pub flow_timer: Duration,
}

/// Telephones of a branch.
impl Default for Grants {
    fn default() -> Self {
        Self { least: 60, most: 3600, usual: 600, per_user: 5, users: 2000, flow_timer: Duration::from_secs(120) }
    }
}

/// One address of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The address that the user gave.
    pub contact: Uri,
    /// Where the registration came from: what is sent to the user goes back there, through whatever stands between.
    pub flow: Hop,
    /// The way back through proxies (RFC 3327).
    pub path: Vec<String>,
    /// Preference in thousandths.
    pub preference: u16,
    /// When it ends.
    pub expires: Instant,
    /// When a stream was last heard, if its user keeps it alive.
    heard: Option<Instant>,
    /// `+sip.instance` and `reg-id` of an outbound registration.
    instance: Option<(String, u32)>,
    call_id: String,
    sequence: u32,
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The user can be reached, and could not before.
    Reachable(String),
    /// The user cannot be reached any more.
    Gone(String),
}

/// All bindings of one registrar. After every method that takes the time drain [`Registrar::poll_change`] to `None`, then wait no longer than
/// [`Registrar::deadline`].
#[derive(Debug)]
pub struct Registrar {
    grants: Grants,
    users: BTreeMap<String, Vec<Binding>>,
    changes: VecDeque<Change>,
}

/// A contact of a REGISTER: what is asked for it.
struct Asked {
    party: Party,
    interval: u32,
}

impl Registrar {
    /// A registrar without users.
    pub const fn new(grants: Grants) -> Self {
        Self { grants, users: BTreeMap::new(), changes: VecDeque::new() }
    }

    /// What changed next.
    pub fn poll_change(&mut self) -> Option<Change> {
        self.changes.pop_front()
    }

    /// The user's addresses, the preferred first.
    pub fn bindings(&self, user: &str) -> Vec<&Binding> {
        let mut all: Vec<&Binding> = self.users.get(user).into_iter().flatten().collect();
        all.sort_by_key(|binding| core::cmp::Reverse(binding.preference));
        all
    }

    /// Users with an address.
    pub fn users(&self) -> impl Iterator<Item = &str> {
        self.users.keys().map(String::as_str)
    }

    /// When the next binding ends.
    pub fn deadline(&self) -> Option<Instant> {
        self.users.values().flatten().map(|binding| self.end_of(binding)).min()
    }

    /// Drops what has ended.
    pub fn handle_timeout(&mut self, now: Instant) {
        let wait = self.grants.flow_timer + GRACE;
        self.keep(|binding| binding.expires > now && binding.heard.is_none_or(|heard| heard + wait > now));
    }

    /// A message or a ping came by this stream.
    pub fn handle_alive(&mut self, now: Instant, flow: Hop) {
        for binding in self.users.values_mut().flatten().filter(|binding| binding.flow == flow) {
            binding.heard = binding.heard.map(|_| now);
        }
    }

    /// A stream is closed: nobody can be reached by it (RFC 5626 §6).
    pub fn handle_broken(&mut self, flow: Hop) {
        self.keep(|binding| binding.flow != flow);
    }

    /// Takes a REGISTER that came from `flow` for a user who has proved who he is; gives the answer.
    pub fn handle_register(&mut self, now: Instant, flow: Hop, user: &str, request: &Request, tag: &str) -> Response {
        self.handle_timeout(now);
        match self.registered(now, flow, user, request) {
            Ok(()) => self.accepted(now, flow, user, request, tag),
            Err(status) => {
                let mut response = request.respond(status, tag);
                if status == 423 {
                    response.common.headers.push(field("Min-Expires", &self.grants.least.to_string()));
                }
                response
            }
        }
    }

    /// All that is asked, or nothing (RFC 3261 §10.3 item 7).
    fn registered(&mut self, now: Instant, flow: Hop, user: &str, request: &Request) -> Result<(), u16> {
        let held = self.users.get(user).map_or(&[][..], Vec::as_slice);
        let contacts: Vec<&str> = request.common.list_of("Contact").collect();
        let late = |binding: &Binding| {
            let common = &request.common;
            binding.call_id == common.call_id && common.sequence <= binding.sequence
        };
        let after = if contacts.contains(&"*") {
            let ends = request.common.value_of("Expires").map(seconds) == Some(Ok(0));
            if contacts.len() > 1 || !ends {
                return Err(400);
            }
            if held.iter().any(late) {
                return Err(500);
            }
            Vec::new()
        } else {
            let mut after = held.to_vec();
            for asked in self.asked(request, &contacts)? {
                let new = binding(now, flow, request, &asked)?;
                let same = |old: &Binding| match (&old.instance, &new.instance) {
                    (Some(old), Some(new)) => old == new,
                    _ => old.contact.is_same(&new.contact),
                };
                if after.iter().any(|old| same(old) && late(old)) {
                    return Err(500);
                }
                after.retain(|old| !same(old));
                if asked.interval > 0 {
                    after.push(new);
                }
            }
            after
        };
        let is_new = held.is_empty();
        if after.len() > self.grants.per_user || (is_new && !after.is_empty() && self.users.len() >= self.grants.users)
        {
            return Err(503);
        }
        match (is_new, after.is_empty()) {
            (true, false) => self.changes.push_back(Change::Reachable(user.to_owned())),
            (false, true) => self.changes.push_back(Change::Gone(user.to_owned())),
            (true, true) | (false, false) => {}
        }
        if after.is_empty() {
            self.users.remove(user);
        } else {
            self.users.insert(user.to_owned(), after);
        }
        Ok(())
    }

    /// The contacts with their intervals: the parameter, else the field, else ours; what cannot be read counts as none (RFC 3261 §10.2.1.1).
    fn asked(&self, request: &Request, contacts: &[&str]) -> Result<Vec<Asked>, u16> {
        let whole = request.common.value_of("Expires").and_then(|value| seconds(value).ok());
        let mut all = Vec::new();
        for contact in contacts {
            let party = Party::parse(contact).map_err(|_| 400_u16)?;
            let own = party.params.value_of("expires").and_then(|value| seconds(value).ok());
            let interval = own.or(whole).unwrap_or(self.grants.usual);
            if interval > 0 && interval < self.grants.least {
                return Err(423);
            }
            all.push(Asked { party, interval: interval.min(self.grants.most) });
        }
        Ok(all)
    }

    /// 200 with all bindings that there now are (RFC 3261 §10.3 item 8).
    fn accepted(&self, now: Instant, flow: Hop, user: &str, request: &Request, tag: &str) -> Response {
        let mut response = request.respond(200, tag);
        let headers = &mut response.common.headers;
        for binding in self.users.get(user).into_iter().flatten() {
            let left = binding.expires.since(now).as_secs();
            headers.push(field("Contact", &format!("<{}>;expires={left}", binding.contact)));
        }
        for path in request.common.values_of("Path") {
            headers.push(field("Path", path));
        }
        let held = self.users.get(user).into_iter().flatten();
        if held.into_iter().any(|binding| binding.flow == flow && binding.instance.is_some()) {
            headers.push(field("Require", "outbound"));
            headers.push(field("Flow-Timer", &self.grants.flow_timer.as_secs().to_string()));
        }
        response
    }

    fn end_of(&self, binding: &Binding) -> Instant {
        let silent = binding.heard.map(|heard| heard + self.grants.flow_timer + GRACE);
        silent.map_or(binding.expires, |silent| silent.min(binding.expires))
    }

    fn keep(&mut self, keep: impl Fn(&Binding) -> bool) {
        let changes = &mut self.changes;
        self.users.retain(|user, bindings| {
            bindings.retain(&keep);
            if bindings.is_empty() {
                changes.push_back(Change::Gone(user.clone()));
            }
            !bindings.is_empty()
        });
    }
}

/// A ping may be late by so much (RFC 5626 §4.4.1).
const GRACE: Duration = Duration::from_secs(10);

fn binding(now: Instant, flow: Hop, request: &Request, asked: &Asked) -> Result<Binding, u16> {
    let params = &asked.party.params;
    if !matches!(asked.party.uri, Uri::Sip(_)) {
        return Err(400);
    }
    let number = params.value_of("reg-id").and_then(|id| id.parse().ok());
    let instance = params.value_of("+sip.instance").map(unquoted).zip(number);
    Ok(Binding {
        contact: asked.party.uri.clone(),
        flow,
        path: request.common.list_of("Path").map(str::to_owned).collect(),
        preference: params.value_of("q").and_then(thousandths).unwrap_or(1000),
        expires: now + Duration::from_secs(asked.interval.into()),
        heard: (instance.is_some() && flow.transport.is_reliable()).then_some(now),
        instance,
        call_id: request.common.call_id.clone(),
        sequence: request.common.sequence,
    })
}

/// A preference from 0 to 1 with up to three decimals (RFC 3261 §25.1, qvalue).
fn thousandths(value: &str) -> Option<u16> {
    let (whole, decimals) = value.split_once('.').unwrap_or((value, ""));
    let fits =
        matches!(whole, "0" | "1") && decimals.len() <= 3 && decimals.bytes().all(|digit| digit.is_ascii_digit());
    let text = format!("{whole}{decimals:0<3}");
    text.parse().ok().filter(|&number| fits && number <= 1000)
}

#[cfg(test)]
#[path = "registrar_tests.rs"]
mod tests;
