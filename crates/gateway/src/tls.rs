//! TLS towards callers: the gateway's own certificate, reread when its files change, and the certificates callers may show.
//!
//! A caller needs no certificate. Whoever shows one must prove to hold its key; what the certificate is worth is decided later, by
//! `access`. No file is read on a connection's way, and a set of files that does not fit together never replaces one that does.

mod client;
mod error;
mod files;
mod subject;

use std::sync::{Arc, PoisonError, RwLock};

use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;

pub use error::TlsError;
pub use files::TlsFiles;

use crate::limits::{HANDSHAKE_WAIT_MAX, HANDSHAKES_MAX};
use crate::peer::ShownCertificate;
use files::{Loaded, Stamp};

/// The gateway's side of TLS. Share it behind an `Arc`.
#[derive(Debug)]
pub struct Tls {
    files: TlsFiles,
    loaded: RwLock<Arc<Loaded>>,
    turns: Semaphore,
}

/// An accepted connection, with the certificate its other end showed.
pub(crate) type Accepted = (TlsStream<TcpStream>, Option<ShownCertificate>);

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// [`TlsError`], naming the file that is missing, unreadable, or does not fit the others.
    pub fn open(files: TlsFiles) -> Result<Self, TlsError> {
        let loaded = Loaded::read(&files)?;
        Ok(Self {
            files,
            loaded: RwLock::new(Arc::new(loaded)),
            turns: Semaphore::new(HANDSHAKES_MAX),
        })
    }

    /// Rereads the files if one of them changed; says whether it did. Connections made before stay as they are. Blocks for a few
    /// small reads: to be called off the runtime's threads.
    ///
    /// # Errors
    /// [`TlsError`]; the files read before stay in force, and the next call tries again.
    pub fn refresh(&self) -> Result<bool, TlsError> {
        if Stamp::of(&self.files)? == self.loaded().stamp {
            return Ok(false);
        }
        let fresh = Arc::new(Loaded::read(&self.files)?);
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(true)
    }

    /// Shakes hands, within the bounds of time and number; `None` when that fails, which is the other end's own fault.
    pub(crate) async fn accept(&self, stream: TcpStream) -> Option<Accepted> {
        let loaded = self.loaded();
        let shaken = timeout(HANDSHAKE_WAIT_MAX, async {
            let _turn = self.turns.acquire().await;
            loaded.acceptor.accept(stream).await
        });
        match shaken.await {
            Ok(Ok(stream)) => {
                let (_, session) = stream.get_ref();
                let chain = session.peer_certificates().unwrap_or_default();
                let shown = client::shown(chain, loaded.authorities.as_deref());
                Some((stream, shown))
            }
            Ok(Err(error)) => {
                tracing::debug!(%error, "a TLS handshake failed");
                None
            }
            Err(_) => None,
        }
    }

    fn loaded(&self) -> Arc<Loaded> {
        Arc::clone(&self.loaded.read().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests;
