//! How often one address may try a password. Time is an argument.

use base::Instant;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// Tries before an address has to wait.
pub(crate) const FREE_TRIES: u32 = 5;
/// The first wait; each further try doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(2);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// An address is forgotten when it was quiet for so long.
const FORGOTTEN: Duration = Duration::from_secs(900);
/// Addresses kept in mind. One more forgets the one that was quiet longest.
const ADDRESSES: usize = 1024;

/// Counts tries by address. A try counts as wrong until [`succeeded`](Self::succeeded) says otherwise, so that many at once
/// are no way round it. One address's tries never delay another's: nobody can lock the technician out.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    tries: BTreeMap<IpAddr, Tries>,
}

#[derive(Clone, Copy, Debug)]
struct Tries {
    count: u32,
    last: Instant,
    next: Instant,
}

impl Limiter {
    /// Admits one try now, or tells how long to wait.
    pub(crate) fn admit(&mut self, now: Instant, from: IpAddr) -> Result<(), Duration> {
        let from = network(from);
        self.tries.retain(|_, tries| now.since(tries.last) < FORGOTTEN);
        if !self.tries.contains_key(&from) && self.tries.len() >= ADDRESSES {
            let oldest = self.tries.iter().min_by_key(|(_, tries)| tries.last).map(|(&address, _)| address);
            oldest.map(|address| self.tries.remove(&address));
        }
        let tries = self.tries.entry(from).or_insert(Tries { count: 0, last: now, next: now });
        if now < tries.next {
            return Err(tries.next.since(now));
        }
        tries.count = tries.count.saturating_add(1);
        tries.last = now;
        tries.next = now + wait_after(tries.count);
        Ok(())
    }

    /// The try was right: the address begins anew.
    pub(crate) fn succeeded(&mut self, from: IpAddr) {
        self.tries.remove(&network(from));
    }
}

fn wait_after(tries: u32) -> Duration {
    match tries.checked_sub(FREE_TRIES) {
        None => Duration::ZERO,
        // Eight doublings pass the longest wait.
        Some(beyond) => (FIRST_WAIT * (1 << beyond.min(8))).min(LONGEST_WAIT),
    }
}

/// One IPv6 customer owns at least a /64 (RFC 6177 §2): all of it is one address here.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn at(ms: u64) -> Instant {
        Instant::from_millis(ms)
    }

    #[test]
    fn the_sixth_try_waits_two_seconds_and_the_seventh_four() {
        let mut limiter = Limiter::default();
        for _ in 0..FREE_TRIES {
            limiter.admit(at(0), HOME).unwrap();
        }
        assert_eq!(limiter.admit(at(0), HOME), Err(Duration::from_secs(2)));
        assert_eq!(limiter.admit(at(1999), HOME), Err(Duration::from_millis(1)));
        limiter.admit(at(2000), HOME).unwrap();
        assert_eq!(limiter.admit(at(2000), HOME), Err(Duration::from_secs(4)));
    }

    #[test]
    fn the_wait_stops_growing_at_five_minutes() {
        let mut limiter = Limiter::default();
        let mut now = 0;
        for _ in 0..40 {
            if let Err(wait) = limiter.admit(at(now), HOME) {
                assert!(wait <= LONGEST_WAIT);
                now += u64::try_from(wait.as_millis()).unwrap();
            }
        }
        limiter.admit(at(now), HOME).unwrap();
        assert_eq!(limiter.admit(at(now), HOME), Err(LONGEST_WAIT));
    }

    #[test]
    fn another_address_is_not_delayed_and_success_begins_anew() {
        let mut limiter = Limiter::default();
        for _ in 0..FREE_TRIES {
            limiter.admit(at(0), HOME).unwrap();
        }
        limiter.admit(at(0), IpAddr::from([127, 0, 0, 2])).unwrap();
        limiter.succeeded(HOME);
        limiter.admit(at(0), HOME).unwrap();
    }

    #[test]
    fn a_whole_ipv6_network_counts_as_one_address() {
        let mut limiter = Limiter::default();
        for host in 0..5_u16 {
            limiter.admit(at(0), IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, host])).unwrap();
        }
        limiter.admit(at(0), IpAddr::from([0x2001, 0xdb8, 0, 1, 9, 9, 9, 9])).unwrap_err();
        limiter.admit(at(0), IpAddr::from([0x2001, 0xdb8, 0, 2, 0, 0, 0, 1])).unwrap();
    }

    #[test]
    fn a_flood_of_addresses_is_bounded() {
        let mut limiter = Limiter::default();
        for number in 0..3000_u32 {
            limiter.admit(at(u64::from(number)), IpAddr::V4(number.into())).unwrap();
        }
        assert_eq!(limiter.tries.len(), ADDRESSES);
    }
}
