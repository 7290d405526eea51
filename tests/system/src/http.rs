//! Questions to the fund system, over a plain socket.

use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// The fund system's interface.
#[derive(Clone, Copy, Debug)]
pub struct FundSystem {
    address: SocketAddr,
}

impl FundSystem {
    pub(crate) const fn new(address: SocketAddr) -> Self {
        Self { address }
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// A fund's latest net asset value, as written.
    #[track_caller]
    pub fn nav(&self, code: &str) -> String {
        text(&self.ask("GET", &format!("/v1/funds/{code}"), ""), "nav")
    }

    /// Makes an account with this PIN: its number and the total of its holdings.
    #[track_caller]
    pub fn account(&self, pin: &str) -> (String, String) {
        let made = self.ask("POST", "/v1/lab/accounts", &format!("{{\"pin\":\"{pin}\"}}"));
        (text(&made, "account"), text(&made["balance"], "total_value"))
    }

    /// How many PINs were compared since the start.
    #[track_caller]
    pub fn pin_evaluations(&self) -> u64 {
        self.ask("GET", "/v1/lab/counters", "")["pin_evaluations"].as_u64().expect("a count")
    }

    /// Whether an account is locked.
    #[track_caller]
    pub fn is_locked(&self, account: &str) -> bool {
        self.ask("GET", &format!("/v1/lab/accounts/{account}"), "")["locked"].as_bool().expect("true or false")
    }

    #[track_caller]
    fn ask(&self, method: &str, path: &str, body: &str) -> Value {
        let mut socket = TcpStream::connect(self.address).expect("the fund system answers");
        socket.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout above zero");
        let host = self.address;
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        );
        socket.write_all(request.as_bytes()).expect("the fund system reads");
        let mut answer = String::new();
        socket.read_to_string(&mut answer).expect("the fund system answers in UTF-8");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.starts_with("HTTP/1.1 20"), "{method} {path}: {answer}");
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{method} {path}: {error}: {body}"))
    }
}

#[track_caller]
fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("{field} is missing in {value}")).to_owned()
}
