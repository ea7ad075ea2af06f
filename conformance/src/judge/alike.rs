//! Whether two faults show the same, but for what is left open and what the clock decides.

use std::mem::discriminant;

use trueline_protocol::grammar;
use trueline_protocol::service::Service;

use super::{Fault, Kind};

impl Fault {
    /// Whether it shows the same as another: the same step, and the same octets, but for the details of errors and the digits
    /// of times.
    pub fn is_alike(&self, other: &Self, service: Service) -> bool {
        let kinds = match (&self.kind, &other.kind) {
            // What is printed instead is not known.
            (Kind::Unprinted(_), _) => false,
            (Kind::Clock(_, a), Kind::Clock(_, b)) => discriminant(a) == discriminant(b),
            (Kind::Closed(_) | Kind::Reset(_), Kind::Closed(_) | Kind::Reset(_)) => true,
            (a, b) => discriminant(a) == discriminant(b),
        };
        let [octets, others] = [self, other].map(|fault| plain(fault.kind.octets(), service));
        let kinds = kinds && octets == others;
        kinds && self.step == other.step && self.client == other.client
    }
}

/// What is compared of octets.
pub(crate) fn plain(octets: &[u8], service: Service) -> Vec<u8> {
    let digitless = |octet: &u8| if octet.is_ascii_digit() { b'0' } else { *octet };
    let line = |line: &[u8]| match std::str::from_utf8(line).map(grammar::error) {
        Ok(Ok(("", (code, _)))) => format!("ERR {code}").into_bytes(),
        _ if service == Service::Time => line.iter().map(digitless).collect(),
        _ => line.to_vec(),
    };
    octets.split(|&octet| octet == b'\n').map(line).collect::<Vec<_>>().join(&b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Client;

    fn wrong(reply: &str) -> Fault {
        Fault { step: 1, client: Client::A, kind: Kind::Wrong(reply.into()) }
    }

    #[test]
    fn details_and_times_are_left_open() {
        let alike = |a, b, service| wrong(a).is_alike(&wrong(b), service);
        assert!(alike("ERR syntax (request 3)", "ERR syntax", Service::Calculator));
        assert!(!alike("ERR syntax", "ERR range", Service::Calculator));
        assert!(!alike("Sum of 1 and 2 is 4", "Sum of 1 and 2 is 5", Service::Calculator));
        assert!(alike("12:30", "12:31", Service::Time));
        assert!(!alike("12:30", "12.30", Service::Time));
    }
}
