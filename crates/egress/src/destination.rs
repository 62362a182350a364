//! Where a request goes: a URL named in advance by whoever runs the product, checked once. Never taken from a request.

use std::fmt;
use std::net::IpAddr;

use http::Uri;
use url::{Host, Url};

use crate::{EgressError, Reach};

/// A checked URL, and how far it may reach.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Destination {
    url: Url,
    reach: Reach,
}

impl Destination {
    /// Reads a URL: `https`, or `http` to this machine itself where `reach` permits; no user name, no fragment.
    ///
    /// # Errors
    /// [`EgressError::BadUrl`], or [`EgressError::OutOfReach`] for a private address.
    pub fn parse(text: &str, reach: Reach) -> Result<Self, EgressError> {
        let bad = |fault| EgressError::BadUrl {
            url: text.chars().take(200).collect(),
            fault,
        };
        let url = Url::parse(text).map_err(|_| bad("not a URL"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad("with a user name or password in it"));
        }
        if url.fragment().is_some() {
            return Err(bad("with a fragment in it"));
        }
        // A name is judged when it is resolved.
        let address: Option<IpAddr> = match url.host().ok_or_else(|| bad("without a host"))? {
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
            Host::Domain(_) => None,
        };
        let is_loopback = address.is_some_and(|address| address.is_loopback());
        match url.scheme() {
            "https" => {}
            "http" if is_loopback => {}
            _ => return Err(bad("not https")),
        }
        if address.is_some_and(|address| !reach.covers(address)) {
            return Err(EgressError::OutOfReach {
                host: url.host_str().unwrap_or_default().to_owned(),
            });
        }
        Ok(Self { url, reach })
    }

    /// The URL as it is requested.
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// How far it may reach.
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// Host and port, for messages.
    pub(crate) fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    pub(crate) fn uri(&self) -> Result<Uri, EgressError> {
        self.as_str().parse().map_err(|_| EgressError::BadUrl {
            url: self.as_str().to_owned(),
            fault: "not a URL that HTTP can carry",
        })
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_leaves_this_machine_and_only_public_addresses_unless_told() {
        for good in ["https://issuer.example/keys?v=1", "https://140.82.121.3/x"] {
            assert_eq!(
                Destination::parse(good, Reach::Public).unwrap().as_str(),
                good
            );
        }
        for bad in [
            "issuer.example/keys",
            "http://issuer.example/keys",
            "http://10.0.0.1/keys",
            "http://localhost/keys",
            "ftp://issuer.example/",
            "file:///etc/passwd",
            "https://user@issuer.example/",
            "https://issuer.example/#x",
        ] {
            let refused = Destination::parse(bad, Reach::Private).unwrap_err();
            assert!(
                matches!(refused, EgressError::BadUrl { .. }),
                "{bad}: {refused}"
            );
        }
        // Every spelling the URL standard knows of an address is that address.
        for private in [
            "https://127.0.0.1/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://169.254.169.254/latest",
            "https://[::ffff:10.0.0.1]/",
            "http://127.0.0.1:8080/keys",
        ] {
            let refused = Destination::parse(private, Reach::Public).unwrap_err();
            assert!(
                matches!(refused, EgressError::OutOfReach { .. }),
                "{private}: {refused}"
            );
            assert!(
                Destination::parse(private, Reach::Private).is_ok(),
                "{private}"
            );
        }
    }
}
