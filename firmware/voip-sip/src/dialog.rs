//! Dialogs (RFC 3261 §12): who talks with whom, by which way, and in which order.

use crate::fields::Party;
use crate::headers::field;
use crate::message::{Common, Method, Request, Response};
use crate::uri::Uri;
use rsip::Header;

/// What finds a dialog (RFC 3261 §12).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DialogId {
    /// Call-ID.
    pub call_id: String,
    /// Our tag.
    pub local_tag: String,
    /// The peer's tag; RFC 2543 knew none.
    pub remote_tag: String,
}

impl DialogId {
    /// The dialog that a request of the peer is for; `None` if it is for none.
    pub fn of_request(request: &Request) -> Option<Self> {
        let common = &request.common;
        Self::new(common, common.to.tag()?, common.from.tag().unwrap_or_default())
    }

    /// The dialog that a response to us is for; `None` where it makes none.
    pub fn of_response(response: &Response) -> Option<Self> {
        let common = &response.common;
        Self::new(common, common.from.tag()?, common.to.tag()?)
    }

    fn new(common: &Common, local: &str, remote: &str) -> Option<Self> {
        Some(Self { call_id: common.call_id.clone(), local_tag: local.to_owned(), remote_tag: remote.to_owned() })
    }
}

/// Whether the call is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// A provisional response made the dialog.
    Early,
    /// A 2xx did.
    Confirmed,
}

/// Why a message makes no dialog, or does not belong where it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoDialog {
    /// No tag tells the dialog's ends.
    #[error("a tag is missing")]
    NoTag,
    /// No Contact tells where requests go: 400 (RFC 3261 §12.1.1).
    #[error("Contact: one address wanted")]
    NoContact,
    /// The number of CSeq is not above the last: 500 (RFC 3261 §12.2.2).
    #[error("CSeq: a request out of order")]
    OutOfOrder,
}

/// One end of a dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialog {
    id: DialogId,
    phase: Phase,
    local: Party,
    remote: Party,
    target: Uri,
    routes: Vec<Party>,
    local_sequence: u32,
    remote_sequence: Option<u32>,
}

impl Dialog {
    /// The end of who was called, made by the response that it sends (RFC 3261 §12.1.1).
    pub fn called(request: &Request, response: &Response, first_sequence: u32) -> Result<Self, NoDialog> {
        let (asked, answered) = (&request.common, &response.common);
        let tag = answered.to.tag().ok_or(NoDialog::NoTag)?;
        let id = DialogId::new(asked, tag, asked.from.tag().unwrap_or_default()).ok_or(NoDialog::NoTag)?;
        Ok(Self {
            id,
            phase: phase(response),
            local: answered.to.clone(),
            remote: asked.from.clone(),
            target: contact(asked).ok_or(NoDialog::NoContact)?,
            routes: recorded(asked),
            local_sequence: first_sequence & 0x3FFF_FFFF,
            remote_sequence: Some(asked.sequence),
        })
    }

    /// The end of who calls, made by a response that came (RFC 3261 §12.1.2). Each fork that answers makes one.
    pub fn calling(request: &Request, response: &Response) -> Result<Self, NoDialog> {
        let (asked, answered) = (&request.common, &response.common);
        let mut routes = recorded(answered);
        routes.reverse();
        Ok(Self {
            id: DialogId::of_response(response).ok_or(NoDialog::NoTag)?,
            phase: phase(response),
            local: asked.from.clone(),
            remote: answered.to.clone(),
            target: contact(answered).ok_or(NoDialog::NoContact)?,
            routes,
            local_sequence: asked.sequence,
            remote_sequence: None,
        })
    }

    /// What finds it.
    pub const fn id(&self) -> &DialogId {
        &self.id
    }

    /// Whether the call is answered.
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// Who the peer is.
    pub const fn remote(&self) -> &Party {
        &self.remote
    }

    /// The peer's own address.
    pub const fn target(&self) -> &Uri {
        &self.target
    }

    /// The address that the next request is sent to: the first route, or the peer itself (RFC 3261 §8.1.2).
    pub fn next_hop(&self) -> &Uri {
        self.routes.first().map_or(&self.target, |route| &route.uri)
    }

    /// We answered with 2xx.
    pub const fn answer(&mut self) {
        self.phase = Phase::Confirmed;
    }

    /// A request within the dialog with the next number (RFC 3261 §12.2.1.1). ACK and CANCEL are made otherwise.
    pub fn request(&mut self, method: rsip::Method, contact: Option<&Party>) -> Request {
        self.local_sequence += 1;
        let mut request = self.built(Method::Known(method), self.local_sequence);
        if let Some(contact) = contact {
            request.common.headers.push(field("Contact", &contact.to_string()));
        }
        request
    }

    /// The ACK of a 2xx: with the number of its INVITE and the credentials that the INVITE had (RFC 3261 §13.2.2.4).
    pub fn ack(&self, invite: &Request) -> Request {
        let mut ack = self.built(Method::ACK, invite.common.sequence);
        let credentials = invite
            .common
            .headers
            .iter()
            .filter(|header| matches!(header, Header::Authorization(_) | Header::ProxyAuthorization(_)));
        credentials.for_each(|header| ack.common.headers.push(header.clone()));
        ack
    }

    fn built(&self, method: Method, sequence: u32) -> Request {
        let loose = self.routes.first().is_none_or(|first| is_loose(&first.uri));
        let mut routes: Vec<Party> = self.routes.clone();
        let mut uri = self.target.clone();
        if !loose {
            // A strict router of RFC 2543 wants to be the Request-URI itself, the peer behind the last route.
            uri = without_headers(routes.remove(0).uri);
            routes.push(Party { display: None, uri: self.target.clone(), params: crate::Params::new() });
        }
        let headers: Vec<Header> = routes.iter().map(|route| field("Route", &route.to_string())).collect();
        let common = Common {
            vias: Vec::new(),
            from: self.local.clone(),
            to: self.remote.clone(),
            call_id: self.id.call_id.clone(),
            sequence,
            method,
            headers: headers.into(),
            body: Vec::new(),
        };
        Request { uri, max_forwards: Some(70), common }
    }

    /// Takes note of a request of the peer within the dialog: its number, and where it now is. An ACK has its INVITE's number.
    pub fn handle_request(&mut self, request: &Request) -> Result<(), NoDialog> {
        let common = &request.common;
        if *request.method() == Method::ACK {
            return Ok(());
        }
        if self.remote_sequence.is_some_and(|last| common.sequence <= last) {
            return Err(NoDialog::OutOfOrder);
        }
        self.remote_sequence = Some(common.sequence);
        self.refresh(common);
        Ok(())
    }

    /// Takes note of a response of the peer to a request within the dialog, the one that made it among them: whether the call is answered,
    /// and where the peer now is. The way of the first 2xx counts, that of the provisional ones may have been another (RFC 3261 §13.2.2.4).
    pub fn handle_response(&mut self, response: &Response) {
        let is_success = (200..300).contains(&response.status);
        if is_success && self.phase == Phase::Early && response.common.method == Method::INVITE {
            self.phase = Phase::Confirmed;
            self.routes = recorded(&response.common);
            self.routes.reverse();
        }
        if response.status < 300 {
            self.refresh(&response.common);
        }
    }

    /// INVITE and UPDATE tell where the peer is (RFC 3261 §12.2, RFC 3311 §5.1), and so do those of subscriptions (RFC 6665 §4.4.1).
    fn refresh(&mut self, common: &Common) {
        use rsip::Method::{Invite, Notify, Subscribe, Update};
        let refreshes = matches!(common.method, Method::Known(Invite | Notify | Subscribe | Update));
        if let Some(target) = contact(common).filter(|_| refreshes) {
            self.target = target;
        }
    }
}

const fn phase(response: &Response) -> Phase {
    if response.status < 200 { Phase::Early } else { Phase::Confirmed }
}

fn recorded(common: &Common) -> Vec<Party> {
    common.list_of("Record-Route").filter_map(|value| Party::parse(value).ok()).collect()
}

fn contact(common: &Common) -> Option<Uri> {
    let mut contacts = common.list_of("Contact");
    let first = contacts.next().filter(|&value| value != "*")?;
    let uri = Party::parse(first).ok()?.uri;
    matches!(uri, Uri::Sip(_)).then(|| without_headers(uri))
}

fn is_loose(uri: &Uri) -> bool {
    match uri {
        Uri::Sip(uri) => uri.params.has("lr"),
        Uri::Other { .. } => false,
    }
}

/// Header fields have no place in a Request-URI (RFC 3261 §19.1.5).
fn without_headers(uri: Uri) -> Uri {
    match uri {
        Uri::Sip(mut uri) => {
            uri.headers = None;
            Uri::Sip(uri)
        }
        Uri::Other { .. } => uri,
    }
}

#[cfg(test)]
#[path = "dialog_tests.rs"]
mod tests;
