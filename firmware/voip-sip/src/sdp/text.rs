//! Descriptions as text (RFC 8866 §5, §9).

use super::{BadDescription, Description, Direction, Mapping, Media, Origin};
use core::fmt;
use core::net::IpAddr;

/// More than any call needs.
const MOST_LINES: usize = 400;
const MOST_MEDIA: usize = 16;
const MOST_FORMATS: usize = 64;

/// Lines by their letters, in the order of RFC 8866 §9: session, time, media.
const SESSION_ORDER: &str = "vosiuepcbtrzka";
const MEDIA_ORDER: &str = "micbka";

struct Reader {
    session: Option<Direction>,
    order: usize,
    description: Description,
    seen: String,
}

impl Description {
    /// Reads a description.
    pub fn parse(octets: &[u8]) -> Result<Self, BadDescription> {
        let text = str::from_utf8(octets).map_err(|_| BadDescription { line: 1, wanted: "UTF-8 text" })?;
        let origin = Origin { user: String::new(), session: 0, version: 0, address: String::new() };
        let description = Self { origin, connection: None, media: Vec::new() };
        let mut reader = Reader { session: None, order: 0, description, seen: String::new() };
        // RFC 8866 §5: a line feed alone ends a line too.
        for (at, line) in text.trim_end_matches(['\r', '\n']).split('\n').enumerate() {
            let bad = |wanted| BadDescription { line: at + 1, wanted };
            if at >= MOST_LINES {
                return Err(bad("fewer lines"));
            }
            reader.line(line.strip_suffix('\r').unwrap_or(line)).map_err(bad)?;
        }
        let lines = text.lines().count();
        let whole = ['v', 'o', 's', 't'].iter().all(|letter| reader.seen.contains(*letter));
        let placed = |media: &Media| media.port == 0 || media.connection.or(reader.description.connection).is_some();
        if !whole || !reader.description.media.iter().all(placed) {
            return Err(BadDescription { line: lines, wanted: "lines v, o, s, t, and c for each stream" });
        }
        Ok(reader.description)
    }
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), &'static str> {
        let mut letters = line.chars();
        let letter = letters.next().filter(char::is_ascii_lowercase).ok_or("a letter")?;
        let value = letters.as_str().strip_prefix('=').ok_or("an equals sign")?;
        self.in_order(letter)?;
        let fresh = !self.seen.contains(letter);
        match letter {
            'v' => {
                return if value == "0" && fresh { Ok(()) } else { Err("v=0 once") }.inspect(|()| self.seen.push('v'));
            }
            'o' => self.description.origin = origin(value).filter(|_| fresh).ok_or("an origin, once")?,
            'c' => self.place(connection(value)?),
            'm' => self.begin(value)?,
            'a' => self.attribute(value)?,
            _ => {}
        }
        if letter != 'm' && self.description.media.is_empty() {
            self.seen.push(letter);
        }
        Ok(())
    }

    /// Lines come in the order of the grammar; `a`, `b`, `c`, `t` and others may come again.
    fn in_order(&mut self, letter: char) -> Result<(), &'static str> {
        let in_media = !self.description.media.is_empty() || letter == 'm';
        let order = if in_media { MEDIA_ORDER } else { SESSION_ORDER };
        if letter == 'm' {
            self.order = 0;
            return Ok(());
        }
        let place = order.find(letter).ok_or("a line of the grammar")?;
        // Time, repetition and zone may alternate (RFC 8866 §9, time-description).
        let repeats = !in_media && matches!(letter, 't' | 'r' | 'z');
        if place < self.order && !repeats {
            return Err("lines in their order");
        }
        self.order = place;
        Ok(())
    }

    fn place(&mut self, address: IpAddr) {
        match self.description.media.last_mut() {
            Some(media) => media.connection = Some(address),
            None => self.description.connection = Some(address),
        }
    }

    fn begin(&mut self, value: &str) -> Result<(), &'static str> {
        let mut words = value.split(' ');
        let kind = words.next().filter(|kind| is_token(kind)).ok_or("a kind of media")?.to_owned();
        let port = words.next().unwrap_or_default().split('/').next().unwrap_or_default();
        let port = digits(port).ok_or("a port")?;
        let protocol = words.next().filter(|name| !name.is_empty()).ok_or("a protocol")?.to_owned();
        let formats: Vec<String> = words.map(str::to_owned).collect();
        if formats.is_empty() || formats.len() > MOST_FORMATS || formats.iter().any(|format| !is_token(format)) {
            return Err("formats");
        }
        if self.description.media.len() >= MOST_MEDIA {
            return Err("fewer streams");
        }
        self.description.media.push(Media {
            kind,
            port,
            protocol,
            formats,
            connection: None,
            direction: self.session.unwrap_or_default(),
            mappings: Vec::new(),
            packet_ms: None,
            attributes: Vec::new(),
        });
        Ok(())
    }

    fn attribute(&mut self, value: &str) -> Result<(), &'static str> {
        let direction = Direction::ALL.into_iter().find(|direction| direction.name() == value);
        let Some(media) = self.description.media.last_mut() else {
            self.session = direction.or(self.session);
            return Ok(());
        };
        if let Some(direction) = direction {
            media.direction = direction;
            return Ok(());
        }
        match value.split_once(':') {
            Some(("rtpmap", map)) => media.mappings.push(mapping(map).ok_or("payload, encoding/rate")?),
            Some(("fmtp", text)) => {
                let (payload, parameters) = text.split_once(' ').ok_or("a payload and its parameters")?;
                let payload = digits::<u8>(payload);
                match media.mappings.iter_mut().find(|map| Some(map.payload) == payload) {
                    Some(map) => map.parameters = Some(parameters.to_owned()),
                    None => media.attributes.push(value.to_owned()),
                }
            }
            Some(("ptime", ms)) => media.packet_ms = Some(digits(ms).filter(|&ms| ms > 0).ok_or("milliseconds")?),
            Some(_) | None => media.attributes.push(value.to_owned()),
        }
        Ok(())
    }
}

fn origin(value: &str) -> Option<Origin> {
    let words: Vec<&str> = value.split(' ').collect();
    let [user, session, version, "IN", "IP4" | "IP6", address] = words.as_slice() else { return None };
    let fits = !user.is_empty() && !address.is_empty();
    let (session, version) = (digits(session)?, digits(version)?);
    fits.then(|| Origin { user: (*user).to_owned(), session, version, address: (*address).to_owned() })
}

fn connection(value: &str) -> Result<IpAddr, &'static str> {
    let words: Vec<&str> = value.split(' ').collect();
    let address = match words.as_slice() {
        ["IN", "IP4", address] => address.parse().ok().map(IpAddr::V4),
        ["IN", "IP6", address] => address.parse().ok().map(IpAddr::V6),
        _ => None,
    };
    address.ok_or("IN, IP4 or IP6, an address")
}

fn mapping(text: &str) -> Option<Mapping> {
    let (payload, rest) = text.split_once(' ')?;
    let mut parts = rest.trim_start().split('/');
    let encoding = parts.next().filter(|name| is_token(name))?.to_owned();
    let rate = digits(parts.next()?)?;
    Some(Mapping { payload: digits(payload).filter(|&payload: &u8| payload < 128)?, encoding, rate, parameters: None })
}

fn digits<T: core::str::FromStr>(text: &str) -> Option<T> {
    let all = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    text.parse().ok().filter(|_| all)
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_graphic() && !b"\"(),/:;<=>?@[]\\".contains(&octet))
}

fn write_connection(f: &mut fmt::Formatter<'_>, address: IpAddr) -> fmt::Result {
    let kind = if address.is_ipv4() { "IP4" } else { "IP6" };
    write!(f, "c=IN {kind} {address}\r\n")
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Origin { user, session, version, address } = &self.origin;
        let kind = if address.contains(':') { "IP6" } else { "IP4" };
        write!(f, "v=0\r\no={user} {session} {version} IN {kind} {address}\r\ns=-\r\n")?;
        self.connection.iter().try_for_each(|&address| write_connection(f, address))?;
        f.write_str("t=0 0\r\n")?;
        self.media.iter().try_for_each(|media| media.fmt(f))
    }
}

impl fmt::Display for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, port, protocol, formats, .. } = self;
        write!(f, "m={kind} {port} {protocol} {}\r\n", formats.join(" "))?;
        self.connection.iter().try_for_each(|&address| write_connection(f, address))?;
        for Mapping { payload, encoding, rate, parameters } in &self.mappings {
            write!(f, "a=rtpmap:{payload} {encoding}/{rate}\r\n")?;
            parameters.iter().try_for_each(|text| write!(f, "a=fmtp:{payload} {text}\r\n"))?;
        }
        self.packet_ms.iter().try_for_each(|ms| write!(f, "a=ptime:{ms}\r\n"))?;
        self.attributes.iter().try_for_each(|text| write!(f, "a={text}\r\n"))?;
        write!(f, "a={}\r\n", self.direction.name())
    }
}
