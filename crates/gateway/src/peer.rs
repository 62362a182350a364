//! Who is at the other end of a connection, as far as the connection itself shows it. What a request says about its sender is the
//! business of `arrive` and `identify`.

use std::net::IpAddr;

/// The other end of one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its address.
    pub address: IpAddr,
    /// The certificate it showed in TLS and proved to hold, if it did.
    pub certificate: Option<ShownCertificate>,
}

/// A client certificate whose private key the sender has proved to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownCertificate {
    /// SHA-256 over its DER, in base64url without padding (`x5t#S256`, RFC 8705 section 3.1).
    pub thumbprint: String,
    /// Its subject as RFC 4514 text, when an authority of the settings vouches for it; `None` for one that only vouches for itself.
    pub subject: Option<String>,
}

impl From<IpAddr> for Peer {
    /// An end that showed no certificate.
    fn from(address: IpAddr) -> Self {
        Self {
            address,
            certificate: None,
        }
    }
}
