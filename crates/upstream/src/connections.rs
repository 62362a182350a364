//! Connections to one org, kept open between calls. Each belongs to the runtime that drives it, and only that runtime's calls go over
//! it: a call never waits for another thread. Repeats nothing but what was certainly not sent.
//!
//! Cost of a call over a connection that is open: one lock to take it and one to put it back, no allocation but hyper's own, no task.

use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use bytes::Bytes;
use http::uri::{PathAndQuery, Uri};
use http::{HeaderValue, Request, Response, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1, http2};
use hyper::rt::{Read, Write};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::{Connection, HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::runtime::{Handle, Id};
use tokio::time::Instant;
use tower_service::Service;

use crate::Address;
use crate::limits::{CONNECT_WAIT_MAX, IDLE_CONNECTION_WAIT_MAX, IDLE_CONNECTIONS_MAX};

/// All connections to one org.
#[derive(Debug)]
pub(crate) struct Connections {
    connector: Connector,
    /// Where every connection leads, as a URI of nothing but scheme and host.
    origin: Uri,
    /// The value of `Host`.
    host: HeaderValue,
    pools: RwLock<Vec<(Id, Arc<Pool>)>>,
}

#[derive(Debug, Clone)]
enum Connector {
    Tls(HttpsConnector<HttpConnector>),
    Plain(HttpConnector),
}

/// The connections that one runtime drives.
#[derive(Debug, Default)]
struct Pool {
    /// HTTP/1.1 connections without a call, the one used last at the end.
    idle: Mutex<Vec<Idle>>,
    /// The HTTP/2 connection that all calls share.
    shared: Mutex<Option<http2::SendRequest<Full<Bytes>>>>,
}

#[derive(Debug)]
struct Idle {
    sender: Sender,
    since: Instant,
}

type Sender = http1::SendRequest<Full<Bytes>>;

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Failed {
    /// There is no connection: nothing was sent.
    Connect(Box<dyn Error + Send + Sync>),
    /// The connection broke: what was sent may have arrived.
    Exchange(hyper::Error),
}

/// A connection that is being used. Goes back to its pool by [`Lent::give_back`], once the answer was read to its end; is closed when
/// dropped before.
#[derive(Debug)]
pub(crate) struct Lent {
    sender: Option<Sender>,
    pool: Arc<Pool>,
}

impl Connections {
    /// Connects to nothing yet.
    ///
    /// # Errors
    /// When TLS cannot be set up, for instance because this machine has no certificate store.
    pub(crate) fn to(
        address: &Address,
        tls: impl FnOnce() -> Result<rustls::ClientConfig, rustls::Error>,
    ) -> Result<Self, rustls::Error> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_WAIT_MAX));
        let connector = if address.is_plain() {
            Connector::Plain(connector)
        } else {
            connector.enforce_http(false);
            let builder = HttpsConnectorBuilder::new()
                .with_tls_config(tls()?)
                .https_only()
                .enable_all_versions();
            Connector::Tls(builder.wrap_connector(connector))
        };
        let origin = Uri::builder()
            .scheme(address.scheme().clone())
            .authority(address.authority().clone())
            .path_and_query("/")
            .build()
            .map_err(|error| rustls::Error::General(error.to_string()))?;
        let host = HeaderValue::from_str(address.authority().as_str())
            .map_err(|error| rustls::Error::General(error.to_string()))?;
        Ok(Self {
            connector,
            origin,
            host,
            pools: RwLock::default(),
        })
    }

    /// Sends a request, whose URI is a path with query, and waits for the head of its answer.
    pub(crate) async fn exchange(
        &self,
        mut request: Request<Full<Bytes>>,
    ) -> Result<(Response<Incoming>, Lent), Failed> {
        let pool = self.pool();
        while let Some(open) = pool.open() {
            match open.send(request, self).await {
                Ok((response, sender)) => return Ok((response, Lent { sender, pool })),
                Err(Broken::Sent(error)) => return Err(Failed::Exchange(error)),
                // The org closed a connection that was idle: another one will do.
                Err(Broken::Unsent(unsent, _)) => request = *unsent,
            }
        }
        let fresh = self.connect(&pool).await.map_err(Failed::Connect)?;
        match fresh.send(request, self).await {
            Ok((response, sender)) => Ok((response, Lent { sender, pool })),
            Err(Broken::Sent(error)) => Err(Failed::Exchange(error)),
            Err(Broken::Unsent(_, error)) => Err(Failed::Connect(error.into())),
        }
    }

    fn pool(&self) -> Arc<Pool> {
        let id = Handle::current().id();
        let find = |pools: &Vec<(Id, Arc<Pool>)>| {
            let found = pools.iter().find(|(known, _)| *known == id);
            found.map(|(_, pool)| Arc::clone(pool))
        };
        let known = find(&self.pools.read().unwrap_or_else(PoisonError::into_inner));
        known.unwrap_or_else(|| {
            let mut pools = self.pools.write().unwrap_or_else(PoisonError::into_inner);
            find(&pools).unwrap_or_else(|| {
                let pool = Arc::new(Pool::default());
                pools.push((id, Arc::clone(&pool)));
                pool
            })
        })
    }

    async fn connect(&self, pool: &Pool) -> Result<Open, Box<dyn Error + Send + Sync>> {
        match self.connector.clone() {
            Connector::Plain(mut connector) => {
                greet(connector.call(self.origin.clone()).await?, pool).await
            }
            Connector::Tls(mut connector) => {
                greet(connector.call(self.origin.clone()).await?, pool).await
            }
        }
    }

    /// The request as HTTP/1.1 has it: a path, and the host in a header.
    fn first_form(&self, mut request: Request<Full<Bytes>>) -> Request<Full<Bytes>> {
        let host = self.host.clone();
        request.headers_mut().insert(header::HOST, host);
        request
    }

    /// The request as HTTP/2 has it: scheme, host and path.
    fn second_form(&self, mut request: Request<Full<Bytes>>) -> Request<Full<Bytes>> {
        request.headers_mut().remove(header::HOST);
        let mut parts = self.origin.clone().into_parts();
        let target = request.uri().path_and_query();
        parts.path_and_query = target.cloned().or(Some(PathAndQuery::from_static("/")));
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
        request
    }
}

/// Agrees on a protocol and leaves the connection to a task of this runtime.
async fn greet<S>(stream: S, pool: &Pool) -> Result<Open, Box<dyn Error + Send + Sync>>
where
    S: Connection + Read + Write + Unpin + Send + 'static,
{
    if stream.connected().is_negotiated_h2() {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder.timer(TokioTimer::new());
        let (sender, connection) = builder.handshake(stream).await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to Okta ended early");
            }
        });
        *lock(&pool.shared) = Some(sender.clone());
        return Ok(Open::Second(sender));
    }
    let (sender, connection) = http1::Builder::new().handshake(stream).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to Okta ended early");
        }
    });
    Ok(Open::First(sender))
}

/// A connection that can take a call.
enum Open {
    First(Sender),
    Second(http2::SendRequest<Full<Bytes>>),
}

/// A connection that broke before the head of the answer came.
enum Broken {
    /// Before anything of the request was sent.
    Unsent(Box<Request<Full<Bytes>>>, hyper::Error),
    Sent(hyper::Error),
}

impl From<TrySendError<Request<Full<Bytes>>>> for Broken {
    fn from(mut error: TrySendError<Request<Full<Bytes>>>) -> Self {
        match error.take_message() {
            Some(request) => Self::Unsent(Box::new(request), error.into_error()),
            None => Self::Sent(error.into_error()),
        }
    }
}

impl Open {
    async fn send(
        self,
        request: Request<Full<Bytes>>,
        to: &Connections,
    ) -> Result<(Response<Incoming>, Option<Sender>), Broken> {
        match self {
            Self::First(mut sender) => {
                if let Err(error) = sender.ready().await {
                    return Err(Broken::Unsent(Box::new(request), error));
                }
                let answer = sender.try_send_request(to.first_form(request)).await?;
                Ok((answer, Some(sender)))
            }
            Self::Second(mut sender) => {
                if let Err(error) = sender.ready().await {
                    return Err(Broken::Unsent(Box::new(request), error));
                }
                let answer = sender.try_send_request(to.second_form(request)).await?;
                Ok((answer, None))
            }
        }
    }
}

impl Pool {
    /// A connection that is open and was used not long ago.
    fn open(&self) -> Option<Open> {
        let shared = lock(&self.shared).clone();
        if let Some(sender) = shared {
            if sender.is_closed() {
                *lock(&self.shared) = None;
            } else {
                return Some(Open::Second(sender));
            }
        }
        let mut idle = lock(&self.idle);
        while let Some(Idle { sender, since }) = idle.pop() {
            if sender.is_closed() {
                continue;
            }
            if since.elapsed() < IDLE_CONNECTION_WAIT_MAX {
                return Some(Open::First(sender));
            }
            // The others have been idle for longer.
            idle.clear();
        }
        None
    }
}

impl Lent {
    /// Lets further calls use the connection.
    pub(crate) fn give_back(self) {
        let Some(sender) = self.sender.filter(|sender| !sender.is_closed()) else {
            return;
        };
        let mut idle = lock(&self.pool.idle);
        if idle.len() < IDLE_CONNECTIONS_MAX {
            idle.push(Idle {
                sender,
                since: Instant::now(),
            });
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
