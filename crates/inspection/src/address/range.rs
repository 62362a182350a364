//! Ranges of addresses that are nobody's on the public internet. Knows no names.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether anyone on the public internet has this address, read through every way an IPv6 address can hold an IPv4 one.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match embedded(address) {
            Some(inner) => is_public_v4(inner) && !is_old_form(address),
            None => is_public_v6(address),
        },
    }
}

/// IANA's special-purpose registry (RFC 6890) and multicast. Documentation ranges are left: they lead nowhere.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || a == 100 && (b & 0xc0 == 64 || b == 100 && c == 100)
        || a == 192 && b == 0 && c == 0
        || a == 192 && b == 88 && c == 99
        || a == 198 && b & 0xfe == 18;
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    // Only 2000::/3 is given out; Teredo and the benchmarking range inside it are not reached from outside.
    first & 0xe000 == 0x2000 && !(first == 0x2001 && second == 2)
}

/// The IPv4 address inside: mapped and compatible (RFC 4291), 6to4 (RFC 3056), NAT64 (RFC 6052, 8215), Teredo (RFC 4380).
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let joined = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    match (a, b) {
        (0x2002, _) => Some(joined(b, c)),
        (0x2001, 0) => Some(joined(!g, !h)),
        (0x64, 0xff9b) => Some(joined(g, h)),
        (0, 0)
            if c == 0 && d == 0 && (e, f) != (0, 0) || (a, b, c, d, e, f) == (0, 0, 0, 0, 0, 0) =>
        {
            Some(joined(g, h))
        }
        // ISATAP (RFC 5214)
        _ if e & 0xfdff == 0 && f == 0x5efe => Some(joined(g, h)),
        _ => None,
    }
}

/// Forms of embedding that no public service is reached by: everything but 6to4 and NAT64's well-known prefix.
fn is_old_form(address: Ipv6Addr) -> bool {
    let [a, b, c, ..] = address.segments();
    !(a == 0x2002 || a == 0x64 && b == 0xff9b && c == 0)
}

#[cfg(test)]
mod tests {
    use super::is_public;

    #[test]
    fn embedded_addresses_are_judged_by_what_they_hold() {
        for (address, public) in [
            ("2002:0808:0808::1", true),
            ("64:ff9b::808:808", true),
            ("2002:a00:1::1", false),
            ("::ffff:8.8.8.8", false),
            ("::8.8.8.8", false),
            ("2606:4700::1111", true),
            ("2001:db8::1", true),
            ("fc00::1", false),
            ("fec0::1", false),
            ("2001:2::1", false),
            ("2600::5efe:10.0.0.1", false),
            ("1.1.1.1", true),
            ("192.0.0.192", false),
        ] {
            assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
        }
    }
}
