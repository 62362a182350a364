//! The files TLS is set up from, and what they are as one: a certificate chain with its key, and authorities for clients.

use std::fs::{File, Metadata};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use rustls::RootCertStore;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{ServerConfig, WebPkiClientVerifier};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use super::TlsError;
use super::client::AnyCertificate;
use crate::limits::TLS_FILE_BYTES_MAX;

/// Where certificate, key and authorities are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The gateway's certificate and its intermediates, in PEM.
    pub certificate: PathBuf,
    /// The private key of the first of them, in PEM (PKCS#8, PKCS#1 or SEC1).
    pub key: PathBuf,
    /// Authorities that vouch for clients' certificates, in PEM; `None`: nobody vouches for any.
    pub client_authorities: Option<PathBuf>,
}

impl TlsFiles {
    fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        [&self.certificate, &self.key]
            .into_iter()
            .chain(&self.client_authorities)
    }
}

/// When the files were last changed, and how long they were: two stamps differ when a file does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp(Vec<(Option<SystemTime>, u64)>);

impl Stamp {
    pub(super) fn of(files: &TlsFiles) -> Result<Self, TlsError> {
        let stamp = |path: &PathBuf| {
            let facts = std::fs::metadata(path).map_err(|source| unreadable(path, source))?;
            Ok((Metadata::modified(&facts).ok(), facts.len()))
        };
        files.paths().map(stamp).collect::<Result<_, _>>().map(Self)
    }
}

/// What the files say, ready to shake hands with.
pub(super) struct Loaded {
    pub(super) stamp: Stamp,
    pub(super) acceptor: TlsAcceptor,
    pub(super) authorities: Option<Arc<dyn ClientCertVerifier>>,
}

impl std::fmt::Debug for Loaded {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Loaded")
            .field("stamp", &self.stamp)
            .field("authorities", &self.authorities)
            .finish_non_exhaustive()
    }
}

impl Loaded {
    pub(super) fn read(files: &TlsFiles) -> Result<Self, TlsError> {
        // Before the files are read: one that changes meanwhile is read again.
        let stamp = Stamp::of(files)?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let authorities = files.client_authorities.as_deref();
        let authorities = authorities
            .map(|path| authorities_in(path, &provider))
            .transpose()?;
        let chain = certificates_in(&files.certificate)?;
        let key =
            PrivateKeyDer::from_pem_slice(&whole(&files.key)?).map_err(|_| TlsError::Empty {
                path: files.key.clone(),
                what: "private key",
            })?;
        let unfit = |source| TlsError::Unfit {
            certificate: files.certificate.clone(),
            key: files.key.clone(),
            source,
        };
        let asked = AnyCertificate::of(provider.signature_verification_algorithms);
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(unfit)?
            .with_client_cert_verifier(Arc::new(asked))
            .with_single_cert(chain, key)
            .map_err(unfit)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self {
            stamp,
            acceptor: TlsAcceptor::from(Arc::new(config)),
            authorities,
        })
    }
}

fn authorities_in(
    path: &Path,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let no_authority = |reason: String| TlsError::NoAuthority {
        path: path.to_owned(),
        reason,
    };
    let mut roots = RootCertStore::empty();
    for certificate in certificates_in(path)? {
        roots
            .add(certificate)
            .map_err(|error| no_authority(error.to_string()))?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|error| no_authority(error.to_string()))
}

fn certificates_in(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let text = whole(path)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(TlsError::Empty {
            path: path.to_owned(),
            what: "certificate",
        }),
    }
}

fn whole(path: &Path) -> Result<zeroize::Zeroizing<Vec<u8>>, TlsError> {
    let mut text = zeroize::Zeroizing::new(Vec::new());
    let read =
        File::open(path).and_then(|file| file.take(TLS_FILE_BYTES_MAX + 1).read_to_end(&mut text));
    match read {
        Ok(length) if length as u64 > TLS_FILE_BYTES_MAX => Err(TlsError::TooLarge {
            path: path.to_owned(),
        }),
        Ok(_) => Ok(text),
        Err(source) => Err(unreadable(path, source)),
    }
}

fn unreadable(path: &Path, source: std::io::Error) -> TlsError {
    TlsError::Unreadable {
        path: path.to_owned(),
        source,
    }
}
