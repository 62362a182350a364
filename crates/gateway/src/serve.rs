//! The socket: accepts connections, with TLS or without, speaks HTTP/1.1 and HTTP/2, and stops without cutting a call off.
//! Everything a sender can stretch (heads, bodies, connections, streams) is bounded here or in `receive`.
//!
//! One task accepts and hands each connection to a `lane`, which keeps it to its end: one thread with a runtime of its own, so that
//! a request is read, judged, passed on and answered without ever waking another thread.

mod connection;
mod lane;

use std::io;
use std::sync::Arc;

use audit::AuditError;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use self::connection::Arrival;
use self::lane::Lanes;
use crate::limits::{
    ACCEPT_PAUSE, ENDS_TOLD_EVERY, STOP_WAIT_MAX, TLS_FILES_SEEN_EVERY, TURNED_TOLD_EVERY,
    USES_WRITTEN_EVERY,
};
use crate::{Gateway, Peer, Tls};

/// Why the gateway did not stop cleanly.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A thread for connections cannot be started.
    #[error("cannot start a thread for connections: {0}")]
    Unstarted(#[source] io::Error),
    /// Calls were still in flight when waiting for them was over. Their opening entries say which.
    #[error("calls were still in flight after {} s", STOP_WAIT_MAX.as_secs())]
    Unfinished,
    /// The end of the audit trail is not on disk.
    #[error(transparent)]
    Unrecorded(#[from] AuditError),
}

/// On how many threads connections are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threads {
    /// On the runtime that calls [`serve`].
    Shared,
    /// On one thread for each processor that this process may use.
    PerProcessor,
}

/// Serves connections from `listener`, over TLS if it is given, until `shutdown` is done, then lets calls in flight end.
///
/// # Errors
/// [`ServeError`], when it could not start or not stop cleanly. A connection's faults are its own.
pub async fn serve(
    gateway: Arc<Gateway>,
    listener: TcpListener,
    tls: Option<Arc<Tls>>,
    threads: Threads,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let (stop, stopping) = watch::channel(());
    let mut lanes = Lanes::open(&gateway, tls.as_ref(), threads, &stopping)?;
    let mut chores = JoinSet::new();
    let mut uses = tokio::time::interval(USES_WRITTEN_EVERY);
    let mut ends = tokio::time::interval(ENDS_TOLD_EVERY);
    let mut turned = tokio::time::interval(TURNED_TOLD_EVERY);
    let mut files = tokio::time::interval(TLS_FILES_SEEN_EVERY);
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            _ = uses.tick() => {
                let gateway = Arc::clone(&gateway);
                chores.spawn(async move { gateway.record_uses().await });
            }
            _ = ends.tick() => {
                let gateway = Arc::clone(&gateway);
                chores.spawn(async move { gateway.tell_ends().await });
            }
            _ = turned.tick() => {
                let gateway = Arc::clone(&gateway);
                chores.spawn(async move { gateway.tell_turned().await });
            }
            _ = files.tick(), if tls.is_some() => {
                let tls = tls.clone();
                chores.spawn(async move { refresh(tls).await });
            }
            Some(_) = chores.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, address)) => {
                    // Whoever has too many connections is not read from: closing is the cheapest answer there is.
                    if let Some(connected) = gateway.admit(address.ip()) {
                        let peer = Peer::from(address.ip());
                        lanes.take(Arrival { stream, peer, connected });
                    }
                }
                Err(error) => {
                    // Out of file descriptors, mostly: trying again at once would only heat the machine.
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
    gateway.stop_holding();
    drop(listener);
    drop(stop);
    let finish = async {
        lanes.run_dry().await;
        while chores.join_next().await.is_some() {}
        gateway.finish().await
    };
    let finished = timeout(STOP_WAIT_MAX, finish).await;
    finished.map_err(|_| ServeError::Unfinished)??;
    Ok(())
}

/// Rereads the files of TLS, off the runtime's threads.
async fn refresh(tls: Option<Arc<Tls>>) {
    let Some(tls) = tls else { return };
    match tokio::task::spawn_blocking(move || tls.refresh()).await {
        Ok(Ok(true)) => tracing::info!("the certificate was reread"),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the certificate is not reread; the one before stays in force");
        }
        Ok(Ok(false)) | Err(_) => {}
    }
}
