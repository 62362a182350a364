//! One connection, from its first byte to its last.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::admission::Connected;
use crate::frames::{self, Watched};
use crate::idle::Calls;
use crate::limits::{HEAD_BYTES_MAX, HEAD_WAIT_MAX, HEADERS_MAX};
use crate::refusal::error_id;
use crate::wire::Guarded;
use crate::{Gateway, Peer, Tls, reply};

/// A connection that was accepted.
pub(super) struct Arrival<S> {
    pub(super) stream: S,
    pub(super) peer: Peer,
    /// Its place among all connections, and among those of its source.
    pub(super) connected: Connected,
}

/// What every connection is served with.
#[derive(Clone)]
pub(super) struct Service {
    pub(super) gateway: Arc<Gateway>,
    pub(super) tls: Option<Arc<Tls>>,
    /// Closed when the gateway stops.
    pub(super) stopping: watch::Receiver<()>,
}

/// Serves a connection until it ends, until it has been idle for too long, or until its call in flight ends after the gateway was
/// told to stop.
pub(super) async fn serve(service: Service, arrival: Arrival<std::net::TcpStream>) {
    let Arrival {
        stream,
        peer,
        connected,
    } = arrival;
    let Service {
        gateway,
        tls,
        mut stopping,
    } = service;
    let stream = match TcpStream::from_std(stream) {
        Ok(stream) => stream,
        Err(error) => {
            tracing::warn!(%error, "a connection cannot be served");
            return;
        }
    };
    let spoken = tokio::select! {
        // Nobody may hold a connection without ever sending anything.
        first = timeout(gateway.patience(), stream.readable()) => matches!(first, Ok(Ok(()))),
        _ = stopping.changed() => false,
    };
    if !spoken {
        return;
    }
    // Without this, small answers wait for the acknowledgement of their own head.
    let _ = stream.set_nodelay(true);
    match tls {
        None => converse(gateway, stream, peer, &connected, stopping).await,
        Some(tls) => {
            let Ok(shaking) = gateway.admission.shake(&connected) else {
                return;
            };
            let accepted = tls.accept(stream).await;
            drop(shaking);
            if let Some((stream, certificate)) = accepted {
                let peer = Peer {
                    certificate,
                    ..peer
                };
                converse(gateway, stream, peer, &connected, stopping).await;
            }
        }
    }
}

/// Answers requests on an open connection.
async fn converse<S>(
    gateway: Arc<Gateway>,
    stream: S,
    peer: Peer,
    connected: &Connected,
    mut stopping: watch::Receiver<()>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let calls = Calls::none();
    let (counted, peer) = (calls.clone(), Arc::new(peer));
    let (admission, (stream, verdict)) = (
        Arc::clone(&gateway.admission),
        Watched::new(stream, gateway.admission.answer_wait),
    );
    let (stream, sentence) = Guarded::new(stream);
    let judged = sentence.clone();
    let service = service_fn(move |request: http::Request<Incoming>| {
        let (gateway, call, peer) = (Arc::clone(&gateway), counted.begin(), Arc::clone(&peer));
        let hearing = sentence.next();
        async move {
            let mut reply = match hearing.fault() {
                Some(fault) => fault.to_refusal().into_reply(&error_id()),
                None => gateway.handle(request, &peer).await,
            };
            if hearing.fault().is_some() {
                reply::part(&mut reply);
            }
            call.end(reply::is_of_known(&reply), reply::is_parting(&reply));
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
        () = calls.idle(|| admission.is_crowded()) => {
            serving.as_mut().graceful_shutdown();
            match timeout(admission.answer_wait, serving).await {
                Ok(ended) => ended,
                Err(_) => Ok(()),
            }
        }
    };
    if let Some(abuse) = verdict.abuse() {
        admission.cut(connected, abuse.code());
    }
    if let Some(fault) = judged.fault() {
        admission.cut(connected, fault.code());
    }
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
    frames::bound(builder.http2());
    builder
}
