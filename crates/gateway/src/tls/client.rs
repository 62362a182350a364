//! The certificates of callers. In the handshake any is taken whose key the caller proves to hold; afterwards it is told apart
//! whether an authority of the settings vouches for it. An unvouched one identifies by its thumbprint alone, which is what
//! RFC 8705 section 2.2 wants; its dates are not looked at, because nobody stands behind them.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, UnixTime};

use super::subject::subject_of;
use crate::peer::ShownCertificate;

/// Takes any certificate, or none, and demands proof that the sender holds its key.
#[derive(Debug)]
pub(super) struct AnyCertificate(WebPkiSupportedAlgorithms);

impl AnyCertificate {
    pub(super) fn of(algorithms: WebPkiSupportedAlgorithms) -> Self {
        Self(algorithms)
    }
}

impl ClientCertVerifier for AnyCertificate {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    /// No hints: a client that looks for its authority among them would keep a certificate back that is good by its thumbprint.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

/// What a chain, proven in the handshake, says about who showed it. Cost: one hash, and with authorities a signature per link.
pub(super) fn shown(
    chain: &[CertificateDer<'_>],
    authorities: Option<&dyn ClientCertVerifier>,
) -> Option<ShownCertificate> {
    let (own, between) = chain.split_first()?;
    let vouched = authorities.is_some_and(|all| {
        all.verify_client_cert(own, between, UnixTime::now())
            .is_ok()
    });
    Some(ShownCertificate {
        thumbprint: URL_SAFE_NO_PAD.encode(digest(&SHA256, own)),
        subject: if vouched { subject_of(own) } else { None },
    })
}
