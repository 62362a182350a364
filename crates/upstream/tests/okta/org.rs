//! A scripted org on 127.0.0.1 that remembers what was asked of it, and a job's line to it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use access::{Caller, Grant, OrgName};
use audit::Trail;
use bytes::Bytes;
use clock::Clock;
use http::request::Parts;
use http::{Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use store::Secret;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use upstream::{Address, Credential, CredentialSource, Line, Okta, Pace, Settings};

/// What one request looked like.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) head: Parts,
    pub(crate) body: Bytes,
}

impl Seen {
    pub(crate) fn target(&self) -> &str {
        self.head
            .uri
            .path_and_query()
            .map_or("", |target| target.as_str())
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.head
            .headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

/// What the org does with a request.
pub(crate) enum Reply {
    Answer(Response<Full<Bytes>>),
    /// Closes the connection without a word.
    Hangup,
}

/// An answer with these headers; of Okta's type unless they name another.
pub(crate) fn reply(status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Reply {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    for (name, value) in headers {
        let name: http::HeaderName = name.parse().unwrap();
        response.headers_mut().append(name, value.parse().unwrap());
    }
    let json = http::HeaderValue::from_static("application/json");
    let headers = response.headers_mut();
    headers.entry(http::header::CONTENT_TYPE).or_insert(json);
    Reply::Answer(response)
}

/// An answer of success, shaped like Okta's.
pub(crate) fn ok(body: impl Into<Bytes>) -> Reply {
    reply(
        200,
        &[
            ("content-type", "application/json"),
            ("x-okta-request-id", "req1"),
        ],
        body,
    )
}

/// An error, shaped like Okta's.
pub(crate) fn error(status: u16, code: &str) -> Reply {
    let body = format!(r#"{{"errorCode":"{code}","errorSummary":"said the org"}}"#);
    reply(
        status,
        &[
            ("content-type", "application/json"),
            ("x-okta-request-id", "req2"),
        ],
        body,
    )
}

type Script = dyn Fn(&Seen) -> Reply + Send + Sync;

/// A running org; it ends with its owner.
pub(crate) struct Org {
    pub(crate) address: SocketAddr,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

struct State {
    script: Box<Script>,
    connections: AtomicUsize,
    seen: Mutex<Vec<Seen>>,
}

impl Org {
    pub(crate) async fn start(script: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            script: Box::new(script),
            connections: AtomicUsize::new(0),
            seen: Mutex::default(),
        });
        let shared = Arc::clone(&state);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let state = Arc::clone(&shared);
                tokio::spawn(async move {
                    let service = service_fn(|request| answer(Arc::clone(&state), request));
                    let connection = hyper::server::conn::http1::Builder::new();
                    // How a connection ends is the client's business, which is what is under test.
                    drop(
                        connection
                            .serve_connection(TokioIo::new(stream), service)
                            .await,
                    );
                });
            }
        });
        Self {
            address,
            state,
            accepting,
        }
    }

    pub(crate) fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state.seen.lock().unwrap().clone()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A client of this org with an API token.
    pub(crate) fn okta(&self, pace: Pace) -> Okta {
        self.okta_as(
            Credential::ApiToken(Secret::new(TOKEN.to_owned())),
            pace,
            Arc::new(clock::System),
        )
    }

    pub(crate) fn okta_as(
        &self,
        credential: impl Into<CredentialSource>,
        pace: Pace,
        clock: Arc<dyn Clock>,
    ) -> Okta {
        let address = Address::parse(&self.url()).unwrap();
        Okta::connect(Settings {
            address,
            credential: credential.into(),
            pace,
            clock,
        })
        .unwrap()
    }
}

impl Drop for Org {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

pub(crate) const TOKEN: &str = "00hushhushhushhush";

async fn answer(
    state: Arc<State>,
    request: http::Request<Incoming>,
) -> Result<Response<Full<Bytes>>, std::io::Error> {
    let (head, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map_err(std::io::Error::other)?
        .to_bytes();
    let seen = Seen { head, body };
    let reply = (state.script)(&seen);
    state.seen.lock().unwrap().push(seen);
    match reply {
        Reply::Answer(response) => Ok(response),
        Reply::Hangup => Err(std::io::Error::other("hung up")),
    }
}

/// A job's line, with a trail in a directory of its own.
pub(crate) struct Job {
    pub(crate) line: Line,
    pub(crate) trail: Trail,
    pub(crate) directory: TempDir,
}

impl Job {
    pub(crate) fn on(okta: Okta) -> Self {
        Self::granted(okta, Grant::restore())
    }

    pub(crate) fn granted(okta: Okta, grant: Grant) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(clock::System);
        let trail = Trail::open(directory.path(), "production", Arc::clone(&clock)).unwrap();
        let caller = Caller::internal("backup", OrgName::parse("production").unwrap(), grant);
        let line = Line::new(Arc::new(okta), trail.clone(), caller, clock);
        Self {
            line,
            trail,
            directory,
        }
    }
}
