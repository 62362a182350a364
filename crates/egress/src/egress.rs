//! One request to one destination, within bounds of reach, time and size. Follows no redirect, keeps no connection, retries nothing,
//! signs in nowhere.

use std::error::Error;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::time::timeout;

use crate::limits::{ANSWER_BYTES_MAX, CONNECT_WAIT_MAX, EXCHANGE_WAIT_MAX};
use crate::resolver::{NoneWithin, Resolver};
use crate::{Destination, EgressError, Reach};

type Connector = HttpsConnector<HttpConnector<Resolver>>;

/// The way out. Share it; it opens nothing before the first request.
#[derive(Clone, Debug)]
pub struct Egress {
    public: Client<Connector, Full<Bytes>>,
    private: Client<Connector, Full<Bytes>>,
}

impl Egress {
    /// Makes the way out, trusting the machine's certificate store.
    ///
    /// # Errors
    /// [`EgressError::Tls`], when there is none.
    pub fn new() -> Result<Self, EgressError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
            .with_platform_verifier()?
            .with_no_client_auth();
        Ok(Self {
            public: client(tls.clone(), Reach::Public),
            private: client(tls, Reach::Private),
        })
    }

    /// Sends `request` to `destination`, which becomes its URL, and takes in the answer whatever its status.
    ///
    /// # Errors
    /// [`EgressError`], when there is no answer or too much of it.
    pub async fn send(
        &self,
        destination: &Destination,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Response<Bytes>, EgressError> {
        *request.uri_mut() = destination.uri()?;
        let client = match destination.reach() {
            Reach::Public => &self.public,
            Reach::Private => &self.private,
        };
        let exchange = async {
            let response = client.request(request).await;
            let (head, body) = response
                .map_err(|error| unanswered(destination, &error))?
                .into_parts();
            let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
            let body = body.map_err(|error| match error.is::<LengthLimitError>() {
                true => EgressError::TooLarge {
                    host: destination.host(),
                },
                false => unanswered(destination, error.as_ref()),
            })?;
            Ok(Response::from_parts(head, body.to_bytes()))
        };
        let answer = timeout(EXCHANGE_WAIT_MAX, exchange).await;
        answer.unwrap_or_else(|_| {
            Err(EgressError::TooSlow {
                host: destination.host(),
            })
        })
    }
}

fn client(tls: rustls::ClientConfig, reach: Reach) -> Client<Connector, Full<Bytes>> {
    let mut connector = HttpConnector::new_with_resolver(Resolver::within(reach));
    connector.set_connect_timeout(Some(CONNECT_WAIT_MAX));
    connector.enforce_http(false);
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1()
        .wrap_connector(connector);
    Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .build(connector)
}

fn unanswered(destination: &Destination, error: &(dyn Error + 'static)) -> EgressError {
    let host = destination.host();
    let causes = || std::iter::successors(Some(error), |&cause| cause.source());
    let is_far = |cause: &(dyn Error + 'static)| {
        let inner = cause
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        cause.is::<NoneWithin>() || inner.is_some_and(|inner| inner.is::<NoneWithin>())
    };
    if causes().any(is_far) {
        return EgressError::OutOfReach { host };
    }
    EgressError::Unanswered {
        host,
        reason: causes()
            .last()
            .map_or_else(String::new, ToString::to_string),
    }
}
