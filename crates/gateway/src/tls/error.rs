//! Files that TLS cannot be set up from. Never holds what stands in a key.

use std::io;
use std::path::PathBuf;

/// Why TLS cannot be set up from the files of the settings.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file that cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The machine's answer.
        source: io::Error,
    },
    /// A file that is no PEM, or holds nothing of the kind.
    #[error("{} holds no {what} in PEM", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
    },
    /// A file larger than any certificate chain.
    #[error("{} is larger than {} kB", path.display(), crate::limits::TLS_FILE_BYTES_MAX / 1024)]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// Certificate and key that do not belong together, or are of a kind TLS has no use for.
    #[error("{} and {} cannot be used together: {source}", certificate.display(), key.display())]
    Unfit {
        /// File of the certificate.
        certificate: PathBuf,
        /// File of the key.
        key: PathBuf,
        /// The library's answer.
        source: rustls::Error,
    },
    /// An authority's certificate that cannot vouch for others.
    #[error("{} holds a certificate that cannot vouch for others: {reason}", path.display())]
    NoAuthority {
        /// The file.
        path: PathBuf,
        /// The library's answer.
        reason: String,
    },
}

impl TlsError {
    /// What to do next, as a full sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => {
                "Correct [tls] in the settings, or let this user read the file."
            }
            Self::Empty { .. } => {
                "Give certificates and keys as PEM: the server's own certificate first, then its intermediates."
            }
            Self::TooLarge { .. } => "Name the file of the certificate chain itself.",
            Self::Unfit { .. } => {
                "Check that the key is that of the first certificate in the file."
            }
            Self::NoAuthority { .. } => {
                "Name the certificates of the authorities that sign your clients' certificates."
            }
        }
    }
}
