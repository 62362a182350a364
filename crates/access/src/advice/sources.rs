//! The addresses a client's calls came from, and the few networks that hold them all. Bounded; never resolves a name.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::Network;
use crate::limits::{NETWORKS_ADVISED_MAX, SOURCES_MAX};

/// Addresses seen.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    addresses: BTreeSet<IpAddr>,
    more: bool,
}

impl Sources {
    pub(crate) fn see(&mut self, address: IpAddr) {
        let address = address.to_canonical();
        if self.addresses.len() < SOURCES_MAX {
            self.addresses.insert(address);
        } else {
            self.more |= !self.addresses.contains(&address);
        }
    }

    /// The addresses, in order; not all of them if [`Sources::has_more`].
    pub fn addresses(&self) -> impl ExactSizeIterator<Item = &IpAddr> {
        self.addresses.iter()
    }

    /// Whether there were more addresses than are remembered.
    pub fn has_more(&self) -> bool {
        self.more
    }

    /// The fewest networks that hold every address seen: the addresses themselves while they are few, else ranges as wide as a
    /// site usually has (/24, /64). `None` when even those are many: a client on the move is not bound to a place.
    pub fn networks(&self) -> Option<Vec<Network>> {
        if self.more || self.addresses.is_empty() {
            return None;
        }
        let narrow = |address: &IpAddr| *address;
        [narrow, site_of].into_iter().find_map(|widen| {
            let places: BTreeSet<IpAddr> = self.addresses.iter().map(widen).collect();
            let is_site = self
                .addresses
                .iter()
                .any(|address| widen(address) != *address);
            (places.len() <= NETWORKS_ADVISED_MAX).then(|| {
                let network = |place: &IpAddr| network(*place, is_site);
                places.iter().filter_map(network).collect()
            })
        })
    }
}

/// First address of the range around an address.
fn site_of(address: &IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(v4) => Ipv4Addr::from_bits(v4.to_bits() & (u32::MAX << 8)).into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).into(),
    }
}

fn network(place: IpAddr, is_site: bool) -> Option<Network> {
    let bits = match (place, is_site) {
        (IpAddr::V4(_), false) => 32,
        (IpAddr::V4(_), true) => 24,
        (IpAddr::V6(_), false) => 128,
        (IpAddr::V6(_), true) => 64,
    };
    format!("{place}/{bits}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen<'a>(addresses: impl IntoIterator<Item = &'a str>) -> Option<Vec<String>> {
        let mut sources = Sources::default();
        for address in addresses {
            sources.see(address.parse().unwrap());
        }
        let networks = sources.networks()?;
        Some(networks.iter().map(Network::to_string).collect())
    }

    #[test]
    fn a_few_addresses_stand_for_themselves() {
        let found = seen(["10.0.0.7", "::ffff:10.0.0.7", "2001:db8::1"]).unwrap();
        assert_eq!(found, ["10.0.0.7/32", "2001:db8::1/128"]);
    }

    #[test]
    fn many_addresses_of_one_site_are_its_range() {
        let hosts: Vec<String> = (1..40).map(|host| format!("10.0.3.{host}")).collect();
        let found = seen(hosts.iter().map(String::as_str)).unwrap();
        assert_eq!(found, ["10.0.3.0/24"]);
    }

    #[test]
    fn addresses_all_over_the_world_are_no_network() {
        let hosts: Vec<String> = (1..40).map(|host| format!("{host}.0.3.1")).collect();
        assert_eq!(seen(hosts.iter().map(String::as_str)), None);
        assert_eq!(seen([]), None);
    }

    #[test]
    fn every_address_seen_lies_in_an_advised_network() {
        let mut sources = Sources::default();
        for host in 0..=200_u8 {
            sources.see(IpAddr::from([192, 0, host % 5, host]));
        }
        let networks = sources.networks().unwrap();
        for address in sources.addresses() {
            assert!(
                networks.iter().any(|network| network.contains(*address)),
                "{address}"
            );
        }
    }
}
