//! Ranges of addresses: trusted proxies, and where a credential may be used from. Knows addresses only, no names.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// An address or a range in prefix notation (`10.0.0.0/8`, `2001:db8::/32`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix_bits: u8,
}

/// A text that is no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither an address nor a range like 10.0.0.0/8")]
pub struct BadNetwork(String);

impl Network {
    /// Whether the address lies in the range. An IPv4 address written as IPv6 (`::ffff:10.0.0.1`) counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let differing = match (self.address, address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                (ours.to_bits() ^ theirs.to_bits()).leading_zeros()
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                (ours.to_bits() ^ theirs.to_bits()).leading_zeros()
            }
            _ => return false,
        };
        differing >= u32::from(self.prefix_bits)
    }
}

impl FromStr for Network {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        let bad = || BadNetwork(text.chars().take(60).collect());
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| bad())?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix_bits = match prefix {
            None => bits,
            Some(prefix) => prefix.parse().map_err(|_| bad())?,
        };
        if prefix_bits > bits {
            return Err(bad());
        }
        Ok(Self {
            address,
            prefix_bits,
        })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.address, self.prefix_bits)
    }
}

#[cfg(test)]
mod tests {
    use super::Network;
    use proptest::prelude::*;
    use std::net::IpAddr;

    /// Membership counted bit by bit, as the notation defines it.
    fn shares_bits(one: IpAddr, other: IpAddr, bits: u8) -> bool {
        let octets = |address: IpAddr| match address {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        let (one, other) = (octets(one), octets(other));
        let bit = |octets: &[u8], at: usize| octets[at / 8] >> (7 - at % 8) & 1;
        one.len() == other.len()
            && (0..usize::from(bits)).all(|at| bit(&one, at) == bit(&other, at))
    }

    proptest! {
        #[test]
        fn a_range_holds_exactly_the_addresses_with_its_first_bits(
            base in any::<IpAddr>(), noise in any::<u128>(), flipped in 0_u32..128, prefix in 0_u8..=128,
        ) {
            let bits = if base.is_ipv4() { prefix.min(32) } else { prefix };
            let network: Network = format!("{base}/{bits}").parse().unwrap();
            prop_assert_eq!(network.to_string().parse::<Network>().unwrap(), network);
            prop_assert!(network.contains(base.to_canonical()) || base.to_canonical() != base);
            // Addresses near the range: one bit flipped, then some low bits at random.
            let near: IpAddr = match base {
                IpAddr::V4(address) => {
                    let low = (noise as u32).checked_shr(u32::from(bits)).unwrap_or(0);
                    std::net::Ipv4Addr::from_bits(address.to_bits() ^ 1 << (flipped % 32) ^ low).into()
                }
                IpAddr::V6(address) => {
                    let low = noise.checked_shr(u32::from(bits)).unwrap_or(0);
                    std::net::Ipv6Addr::from_bits(address.to_bits() ^ 1 << flipped ^ low).into()
                }
            };
            prop_assert_eq!(network.contains(near), shares_bits(base, near.to_canonical(), bits));
        }
    }

    #[test]
    fn ranges_contain_what_they_say() {
        let contains = |network: &str, address: &str| {
            let network: Network = network.parse().unwrap();
            network.contains(address.parse().unwrap())
        };
        assert!(contains("10.0.0.0/8", "10.255.0.1"));
        assert!(!contains("10.0.0.0/8", "11.0.0.1"));
        assert!(contains("10.0.0.0/8", "::ffff:10.1.2.3"));
        assert!(contains("192.0.2.7", "192.0.2.7"));
        assert!(!contains("192.0.2.7", "192.0.2.8"));
        assert!(contains("2001:db8::/32", "2001:db8:1::1"));
        assert!(!contains("::/0", "10.0.0.1"));
        assert!(contains("0.0.0.0/0", "203.0.113.9"));
        for bad in ["", "10.0.0.0/33", "example.com", "10.0.0.0/-1", "::/129"] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }
}
