//! The socket: accepts connections, with TLS or without, speaks HTTP/1.1 and HTTP/2, and stops without cutting a call off.
//! Everything a sender can stretch (heads, bodies, connections, streams) is bounded here or in `receive`.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use audit::AuditError;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::idle::Calls;
use crate::limits::{
    ACCEPT_PAUSE, ANSWER_WAIT_MAX, CONNECTIONS_MAX, ENDS_TOLD_EVERY, HEAD_BYTES_MAX, HEAD_WAIT_MAX,
    HEADERS_MAX, STOP_WAIT_MAX, STREAMS_PER_CONNECTION_MAX, TLS_FILES_SEEN_EVERY,
    USES_WRITTEN_EVERY,
};
use crate::{Gateway, Peer, Tls};

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

/// Serves connections from `listener`, over TLS if it is given, until `shutdown` is done, then lets calls in flight end.
///
/// # Errors
/// [`ServeError`], when it could not stop cleanly. A connection's faults are its own.
pub async fn serve(
    gateway: Arc<Gateway>,
    listener: TcpListener,
    tls: Option<Arc<Tls>>,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let (stop, stopping) = watch::channel(());
    let mut tasks = JoinSet::new();
    let mut uses = tokio::time::interval(USES_WRITTEN_EVERY);
    let mut ends = tokio::time::interval(ENDS_TOLD_EVERY);
    let mut files = tokio::time::interval(TLS_FILES_SEEN_EVERY);
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            _ = uses.tick() => {
                let gateway = Arc::clone(&gateway);
                tasks.spawn(async move { gateway.record_uses().await });
            }
            _ = ends.tick() => {
                let gateway = Arc::clone(&gateway);
                tasks.spawn(async move { gateway.tell_ends().await });
            }
            _ = files.tick(), if tls.is_some() => {
                let tls = tls.clone();
                tasks.spawn(async move { refresh(tls).await });
            }
            Some(_) = tasks.join_next() => {}
            accepted = listener.accept(), if tasks.len() < CONNECTIONS_MAX => match accepted {
                Ok((stream, peer)) => {
                    let (gateway, tls) = (Arc::clone(&gateway), tls.clone());
                    tasks.spawn(connection(gateway, tls, stream, peer, stopping.clone()));
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
        while tasks.join_next().await.is_some() {}
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

/// Serves one connection until it ends, until it has been idle for too long, or until its call in flight ends after `stopping` was
/// closed.
async fn connection(
    gateway: Arc<Gateway>,
    tls: Option<Arc<Tls>>,
    stream: TcpStream,
    address: SocketAddr,
    mut stopping: watch::Receiver<()>,
) {
    let spoken = tokio::select! {
        // Nobody may hold a connection without ever sending anything.
        first = timeout(HEAD_WAIT_MAX, stream.readable()) => matches!(first, Ok(Ok(()))),
        _ = stopping.changed() => false,
    };
    if !spoken {
        return;
    }
    // Without this, small answers wait for the acknowledgement of their own head.
    let _ = stream.set_nodelay(true);
    let peer = Peer::from(address.ip());
    match tls {
        None => converse(gateway, stream, peer, stopping).await,
        Some(tls) => {
            if let Some((stream, certificate)) = tls.accept(stream).await {
                let peer = Peer {
                    certificate,
                    ..peer
                };
                converse(gateway, stream, peer, stopping).await;
            }
        }
    }
}

/// Answers requests on an open connection.
async fn converse<S>(
    gateway: Arc<Gateway>,
    stream: S,
    peer: Peer,
    mut stopping: watch::Receiver<()>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let calls = Calls::none();
    let (counted, peer) = (calls.clone(), Arc::new(peer));
    let service = service_fn(move |request: http::Request<Incoming>| {
        let (gateway, call, peer) = (Arc::clone(&gateway), counted.begin(), Arc::clone(&peer));
        async move {
            let reply = gateway.handle(request, &peer).await;
            drop(call);
            Ok::<_, Infallible>(reply)
        }
    });
    let builder = bounded();
    let mut serving = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        _ = stopping.changed() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
        () = calls.idle() => {
            serving.as_mut().graceful_shutdown();
            match timeout(ANSWER_WAIT_MAX, serving).await {
                Ok(ended) => ended,
                Err(_) => return,
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Both protocols with their bounds.
fn bounded() -> Builder<TokioExecutor> {
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
    builder
}
