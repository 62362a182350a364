//! `[tls]`: the certificate the gateway shows to callers, and the authorities it believes about theirs. Names files; reads none.

use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// `[tls]` as typed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WrittenTls {
    /// The gateway's certificate and its intermediates, in PEM.
    certificate: PathBuf,
    /// The private key of that certificate, in PEM.
    key: PathBuf,
    /// Authorities that vouch for clients' certificates, in PEM. Default: nobody vouches, certificates identify by thumbprint.
    client_authorities: Option<PathBuf>,
}

impl WrittenTls {
    /// The files, as seen from the settings' directory.
    pub(super) fn meant(self, base: &Path) -> gateway::TlsFiles {
        gateway::TlsFiles {
            certificate: base.join(self.certificate),
            key: base.join(self.key),
            client_authorities: self.client_authorities.map(|path| base.join(path)),
        }
    }
}

/// Refuses to let credentials cross a network in the clear: without TLS the gateway listens on this machine alone, unless it is said
/// that something in front of it speaks TLS.
pub(super) fn refuse_clear_text(
    listen: SocketAddr,
    tls: bool,
    insecure_http: bool,
) -> Result<(), String> {
    if tls || insecure_http || listen.ip().to_canonical().is_loopback() {
        return Ok(());
    }
    Err(format!(
        "listen = \"{listen}\" would take credentials in the clear from other machines: add a [tls] table, or say \
         `insecure-http = true` if whatever stands in front of it speaks TLS"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_cross_a_network_in_the_clear_only_if_that_is_said() {
        let refused = |listen: &str, tls, insecure| {
            refuse_clear_text(listen.parse().unwrap(), tls, insecure).is_err()
        };
        assert!(refused("0.0.0.0:8800", false, false));
        assert!(refused("[::]:8800", false, false));
        assert!(!refused("127.0.0.1:8800", false, false));
        assert!(!refused("[::ffff:127.0.0.1]:8800", false, false));
        assert!(!refused("192.0.2.1:443", true, false));
        assert!(!refused("10.0.0.1:8800", false, true));
    }
}
