//! The connection to one org: TLS 1.2 or 1.3 checked against the machine's roots, HTTP/1.1 or 2 by ALPN, pooled. Opens nothing
//! before the first request, follows no redirect, and can reach no host but the one it was made for.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::uri::{PathAndQuery, Uri};
use http::{HeaderMap, HeaderName, Request, Response, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::time::{Instant, timeout_at};

use crate::contain::{self, Interim, TakenIn};
use crate::limits::{
    ANSWER_PAUSE_MAX, ATTEMPT_WAIT_MAX, CONNECT_WAIT_MAX, IDLE_CONNECTION_WAIT_MAX,
    IDLE_CONNECTIONS_MAX,
};
use crate::{Address, Answer, Silence, Unfit, UpstreamError};

/// A pooled connection to one org.
#[derive(Debug)]
pub(crate) struct Wire {
    address: Address,
    client: Pool,
}

#[derive(Debug)]
enum Pool {
    Tls(Client<HttpsConnector<HttpConnector>, Full<Bytes>>),
    Plain(Client<HttpConnector, Full<Bytes>>),
}

impl Wire {
    /// Makes the pool; connects to nothing.
    ///
    /// # Errors
    /// When TLS cannot be set up, for instance because this machine has no certificate store.
    pub(crate) fn new(address: Address) -> Result<Self, rustls::Error> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_WAIT_MAX));
        let mut builder = Client::builder(TokioExecutor::new());
        builder
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_CONNECTION_WAIT_MAX)
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX);
        let client = if address.is_plain() {
            Pool::Plain(builder.build(connector))
        } else {
            connector.enforce_http(false);
            let connector = HttpsConnectorBuilder::new()
                .with_tls_config(tls()?)
                .https_only()
                .enable_all_versions()
                .wrap_connector(connector);
            Pool::Tls(builder.build(connector))
        };
        Ok(Self { address, client })
    }

    /// Host and port, for messages.
    pub(crate) fn host(&self) -> String {
        self.address.authority().to_string()
    }

    /// Where this wire leads.
    pub(crate) const fn address(&self) -> &Address {
        &self.address
    }

    /// Sends one request to `target`, a path with query, and takes in the answer, at most `bytes_max` of it.
    pub(crate) async fn send(
        &self,
        mut request: Request<Full<Bytes>>,
        target: PathAndQuery,
        bytes_max: usize,
        deadline: Instant,
    ) -> Result<Answer, UpstreamError> {
        *request.uri_mut() = self.uri(target)?;
        let interim = Interim::watch(&mut request);
        let start = Instant::now();
        let until = deadline.min(start + ATTEMPT_WAIT_MAX);
        let exchange = async {
            let response = match &self.client {
                Pool::Tls(client) => client.request(request).await,
                Pool::Plain(client) => client.request(request).await,
            };
            self.take_in(response.map_err(|error| self.failed(error))?, bytes_max)
                .await
        };
        let guarded = async {
            tokio::select! {
                answer = exchange => answer,
                () = interim.flooded() => Err(self.unfit(Unfit::Interim)),
            }
        };
        let answer = timeout_at(until, guarded).await;
        answer.unwrap_or_else(|_| Err(self.timed_out(until.saturating_duration_since(start))))
    }

    fn uri(&self, target: PathAndQuery) -> Result<Uri, UpstreamError> {
        let uri = Uri::builder()
            .scheme(self.address.scheme().clone())
            .authority(self.address.authority().clone())
            .path_and_query(target)
            .build();
        uri.map_err(|source| UpstreamError::Unsendable {
            operation: "request",
            source: source.into(),
        })
    }

    async fn take_in(
        &self,
        response: Response<Incoming>,
        bytes_max: usize,
    ) -> Result<Answer, UpstreamError> {
        let (mut head, body) = response.into_parts();
        let announced = contain::judge_head(&head).map_err(|unfit| self.unfit(unfit))?;
        let body = contain::take_in(body, announced, bytes_max).await;
        let body = body.map_err(|failure| self.not_taken(failure, bytes_max))?;
        drop_connection_headers(&mut head.headers);
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body,
            merged: false,
        })
    }

    /// An answer that is not taken.
    pub(crate) fn unfit(&self, unfit: Unfit) -> UpstreamError {
        UpstreamError::Unfit {
            host: self.host(),
            unfit,
        }
    }

    fn not_taken(&self, failure: TakenIn, bytes_max: usize) -> UpstreamError {
        let host = self.host();
        let silence = match failure {
            TakenIn::TooLarge => return UpstreamError::TooLarge { host, bytes_max },
            TakenIn::Stalled => Silence::TimedOut {
                after: ANSWER_PAUSE_MAX,
            },
            TakenIn::Broken(source) => Silence::Broken(source),
        };
        UpstreamError::Unanswered {
            host,
            sent: true,
            silence,
        }
    }

    fn timed_out(&self, after: Duration) -> UpstreamError {
        UpstreamError::Unanswered {
            host: self.host(),
            sent: true,
            silence: Silence::TimedOut { after },
        }
    }

    fn failed(&self, error: ClientError) -> UpstreamError {
        let host = self.host();
        if !error.is_connect() {
            return UpstreamError::Unanswered {
                host,
                sent: true,
                silence: Silence::Broken(error.into()),
            };
        }
        let is_tls = causes(&error).any(|cause| cause.is::<rustls::Error>());
        let is_name = causes(&error).any(|cause| cause.to_string().starts_with("dns error"));
        let reason = causes(&error)
            .last()
            .map_or_else(String::new, ToString::to_string);
        let source = error.into();
        if is_tls {
            UpstreamError::Tls {
                host,
                reason,
                source,
            }
        } else if is_name {
            UpstreamError::Unresolved {
                host,
                reason,
                source,
            }
        } else {
            UpstreamError::Unconnected {
                host,
                reason,
                source,
            }
        }
    }
}

fn tls() -> Result<rustls::ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_platform_verifier()?
        .with_no_client_auth();
    Ok(config)
}

/// Headers that concern one connection, whatever the connection's own `Connection` header names included.
fn drop_connection_headers(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    let always = [
        header::CONNECTION,
        header::TRANSFER_ENCODING,
        header::TRAILER,
        header::UPGRADE,
        header::PROXY_AUTHENTICATE,
        HeaderName::from_static("keep-alive"),
    ];
    for name in named.iter().chain(&always) {
        headers.remove(name);
    }
}

/// The error, what caused it, and so on. An `io::Error` keeps the error it wraps from `source`, so it is asked for its own way.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&cause| {
        match cause.downcast_ref::<io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
            None => cause.source(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_one_connection_do_not_travel_on() {
        let pairs = [
            ("connection", "keep-alive, x-hop"),
            ("x-hop", "1"),
            ("transfer-encoding", "chunked"),
            ("etag", "W/\"7\""),
        ];
        let mut headers: HeaderMap = pairs
            .iter()
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()))
            .collect();
        drop_connection_headers(&mut headers);
        assert_eq!(headers.keys().collect::<Vec<_>>(), ["etag"]);
    }

    #[test]
    fn tls_is_set_up_without_speaking_to_anyone() {
        let wire = Wire::new(Address::parse("https://nobody.invalid").unwrap());
        assert!(wire.is_ok(), "{wire:?}");
    }
}
