//! How far a request may reach: the public Internet, or also private networks. Judged by the address that is connected to, not by
//! the name, so that a name that changes its mind reaches nothing either.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How far a request may reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Public addresses only.
    #[default]
    Public,
    /// Also this machine and its private networks, metadata services of clouds included.
    Private,
}

impl Reach {
    /// Whether this address lies within.
    pub fn covers(self, address: IpAddr) -> bool {
        match self {
            Self::Private => true,
            Self::Public => is_public(address),
        }
    }
}

/// Whether an address can belong to a host of the public Internet (IANA's special-purpose registries, RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        // This network; shared by carriers (RFC 6598); protocol assignments; benchmarks (RFC 2544); reserved and broadcast.
        [0 | 240.., ..] | [100, 64..=127, ..] | [192, 0, 0, _] | [198, 18..=19, ..] => true,
        _ => false,
    };
    !(special
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // NAT64 (RFC 6052): what counts is the IPv4 address inside.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        // Teredo, documentation (RFC 3849, RFC 9637), 6to4: none of them a host's own address.
        [0x2001, 0, ..] | [0x2001, 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // The only global unicast there is, as yet.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_internet_are_public() {
        for public in [
            "140.82.121.3",
            "9.9.9.9",
            "172.15.0.1",
            "100.63.0.1",
            "2606:50c0:8000::153",
            "64:ff9b::8c52:7903",
        ] {
            assert!(Reach::Public.covers(public.parse().unwrap()), "{public}");
        }
        for private in [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "198.18.0.1",
            "192.0.2.1",
            "::1",
            "::",
            "fe80::1",
            "fd00:ec2::254",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "2001:db8::1",
            "2002:7f00:1::",
        ] {
            assert!(!Reach::Public.covers(private.parse().unwrap()), "{private}");
            assert!(Reach::Private.covers(private.parse().unwrap()), "{private}");
        }
    }
}
