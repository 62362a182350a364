//! Network addresses as Cedar has them: one address, or a range in CIDR notation.

use std::net::IpAddr;

/// An address with the length of its prefix; a single address has 32 or 128.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// A single address. A mapped IPv4 address is IPv4.
    pub(crate) fn single(address: IpAddr) -> Self {
        let address = address.to_canonical();
        let prefix = if address.is_ipv4() { 32 } else { 128 };
        Self { address, prefix }
    }

    /// Reads `10.0.0.1`, `10.0.0.0/8`, `fe80::/10`; `None` for what Cedar reads in no or in another way.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let Some((address, prefix)) = text.split_once('/') else {
            return Self::plain(text);
        };
        let single = Self::plain(address)?;
        let digits = prefix.bytes().all(|byte| byte.is_ascii_digit());
        let canonical = digits && (prefix == "0" || !prefix.starts_with('0'));
        let prefix: u8 = canonical.then(|| prefix.parse().ok()).flatten()?;
        (prefix <= single.prefix).then_some(Self { prefix, ..single })
    }

    /// One address, without the notation that mixes colons and dots.
    fn plain(text: &str) -> Option<Self> {
        let address: IpAddr = text.parse().ok()?;
        let prefix = if address.is_ipv4() { 32 } else { 128 };
        let mixed = text.contains(':') && text.contains('.');
        (!mixed).then_some(Self { address, prefix })
    }

    pub(crate) const fn is_ipv4(self) -> bool {
        self.address.is_ipv4()
    }

    pub(crate) const fn is_ipv6(self) -> bool {
        self.address.is_ipv6()
    }

    /// The whole range is loopback.
    pub(crate) const fn is_loopback(self) -> bool {
        self.address.is_loopback() && self.prefix >= if self.is_ipv4() { 8 } else { 128 }
    }

    /// The whole range is multicast.
    pub(crate) const fn is_multicast(self) -> bool {
        self.address.is_multicast() && self.prefix >= if self.is_ipv4() { 4 } else { 8 }
    }

    /// Whether all of it lies in `range`.
    pub(crate) fn is_in_range(self, range: Self) -> bool {
        let same = match (self.address, range.address) {
            (IpAddr::V4(one), IpAddr::V4(other)) => {
                let shift = 32 - u32::from(range.prefix);
                shift >= 32 || one.to_bits() >> shift == other.to_bits() >> shift
            }
            (IpAddr::V6(one), IpAddr::V6(other)) => {
                let shift = 128 - u32::from(range.prefix);
                shift >= 128 || one.to_bits() >> shift == other.to_bits() >> shift
            }
            _ => false,
        };
        same && range.prefix <= self.prefix
    }
}

#[cfg(test)]
mod tests {
    use super::Network;

    fn network(text: &str) -> Network {
        Network::read(text).unwrap()
    }

    #[test]
    fn a_range_holds_its_addresses_and_its_parts() {
        let ten = network("10.0.0.0/8");
        assert!(network("10.1.2.3").is_in_range(ten));
        assert!(network("10.1.0.0/16").is_in_range(ten));
        assert!(!network("0.0.0.0/0").is_in_range(ten));
        assert!(!ten.is_in_range(network("10.0.0.0/16")));
        assert!(!network("11.0.0.0").is_in_range(ten));
        assert!(network("11.0.0.0").is_in_range(network("0.0.0.0/0")));
        assert!(!network("::1").is_in_range(network("0.0.0.0/0")));
        assert!(network("fe80::1").is_in_range(network("fe80::/10")));
    }

    #[test]
    fn a_mapped_address_is_ipv4() {
        let mapped = Network::single("::ffff:10.0.0.1".parse().unwrap());
        assert_eq!(mapped, network("10.0.0.1"));
    }

    #[test]
    fn notations_that_cedar_refuses_are_refused() {
        for text in [
            "10.0.0.0/33",
            "10.0.0.0/08",
            "10.0.0.0/+8",
            "10.0.0.0/",
            "::ffff:10.0.0.1",
            "10.0.0",
            "",
        ] {
            assert_eq!(Network::read(text), None, "{text}");
        }
    }
}
