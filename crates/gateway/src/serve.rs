//! The socket: accepts connections, speaks HTTP/1.1 and HTTP/2 without TLS, and stops without cutting a call off.
//! Everything a sender can stretch (heads, bodies, connections, streams) is bounded here or in `receive`.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use audit::AuditError;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::Gateway;
use crate::limits::{
    ACCEPT_PAUSE, CONNECTIONS_MAX, HEAD_BYTES_MAX, HEAD_WAIT_MAX, HEADERS_MAX, STOP_WAIT_MAX,
    STREAMS_PER_CONNECTION_MAX, USES_WRITTEN_EVERY,
};

/// Why the gateway did not stop cleanly.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Calls were still in flight when waiting for them was over. Their opening entries say which.
    #[error("calls were still in flight after {} s", STOP_WAIT_MAX.as_secs())]
    Unfinished,
    /// The end of the audit trail is not on disk.
    #[error(transparent)]
    Unrecorded(#[from] AuditError),
}

/// Serves connections from `listener` until `shutdown` is done, then lets calls in flight end.
///
/// # Errors
/// [`ServeError`], when it could not stop cleanly. A connection's faults are its own.
pub async fn serve(
    gateway: Arc<Gateway>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let mut uses = tokio::time::interval(USES_WRITTEN_EVERY);
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            _ = uses.tick() => gateway.record_uses().await,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < CONNECTIONS_MAX => match accepted {
                Ok((stream, peer)) => {
                    connections.spawn(connection(Arc::clone(&gateway), stream, peer, graceful.watcher()));
                }
                Err(error) => {
                    // Out of file descriptors, mostly: trying again at once would only heat the machine.
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    let finish = async {
        graceful.shutdown().await;
        gateway.finish().await
    };
    let finished = tokio::time::timeout(STOP_WAIT_MAX, finish).await;
    connections.shutdown().await;
    finished.map_err(|_| ServeError::Unfinished)??;
    Ok(())
}

async fn connection(gateway: Arc<Gateway>, stream: TcpStream, peer: SocketAddr, watcher: Watcher) {
    // Nobody may hold a connection without ever sending anything.
    let first = tokio::time::timeout(HEAD_WAIT_MAX, stream.readable()).await;
    if !matches!(first, Ok(Ok(()))) {
        return;
    }
    // Without this, small answers wait for the acknowledgement of their own head.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: http::Request<Incoming>| {
        let gateway = Arc::clone(&gateway);
        async move { Ok::<_, Infallible>(gateway.handle(request, peer.ip()).await) }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WAIT_MAX)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_BYTES_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(HEAD_WAIT_MAX)
        .max_concurrent_streams(STREAMS_PER_CONNECTION_MAX)
        .max_header_list_size(HEAD_BYTES_MAX as u32);
    let serving = builder
        .serve_connection(TokioIo::new(stream), service)
        .into_owned();
    if let Err(error) = watcher.watch(serving).await {
        tracing::debug!(%error, "a connection ended early");
    }
}
