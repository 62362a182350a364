//! The way to one org: TLS 1.2 or 1.3 checked against the machine's roots, HTTP/1.1 or 2 by ALPN. Opens nothing before the first
//! request, follows no redirect, and can reach no host but the one it was made for.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::uri::{PathAndQuery, Uri};
use http::{HeaderMap, HeaderName, Request, Response, header};
use http_body_util::Full;
use hyper::body::Incoming;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::time::{Instant, timeout_at};

use crate::connections::{Connections, Failed};
use crate::contain::{self, Interim, TakenIn};
use crate::limits::{ANSWER_PAUSE_MAX, ATTEMPT_WAIT_MAX};
use crate::{Address, Answer, Silence, Unfit, UpstreamError};

/// The way to one org.
#[derive(Debug)]
pub(crate) struct Wire {
    address: Address,
    connections: Connections,
}

impl Wire {
    /// Prepares; connects to nothing.
    ///
    /// # Errors
    /// When TLS cannot be set up, for instance because this machine has no certificate store.
    pub(crate) fn new(address: Address) -> Result<Self, rustls::Error> {
        let connections = Connections::to(&address, tls)?;
        Ok(Self {
            address,
            connections,
        })
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
        *request.uri_mut() = Uri::from(target);
        let interim = Interim::watch(&mut request);
        let start = Instant::now();
        let until = deadline.min(start + ATTEMPT_WAIT_MAX);
        let exchange = async {
            let exchanged = self.connections.exchange(request).await;
            let (response, connection) = exchanged.map_err(|failed| self.failed(failed))?;
            let answer = self.take_in(response, bytes_max).await?;
            connection.give_back();
            Ok(answer)
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

    fn failed(&self, failed: Failed) -> UpstreamError {
        let host = self.host();
        let error = match failed {
            Failed::Connect(error) => error,
            Failed::Exchange(error) => {
                return UpstreamError::Unanswered {
                    host,
                    sent: true,
                    silence: Silence::Broken(error.into()),
                };
            }
        };
        let is_tls = causes(&*error).any(|cause| cause.is::<rustls::Error>());
        let is_name = causes(&*error).any(|cause| cause.to_string().starts_with("dns error"));
        let reason = causes(&*error)
            .last()
            .map_or_else(String::new, ToString::to_string);
        let source = error;
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
