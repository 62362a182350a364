//! A guarded org with a key for it: everything real but Okta, which is an `Upstream` that answers what it is told to.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use access::{Budgets, Hidden, Keyring, NewClient, OrgName, OrgRules, Permit};
use audit::{Recorded, Trail, TrailSettings};
use bytes::Bytes;
use clock::Manual;
use gateway::{
    Gateway, GuardedOrg, Limits, MaskKey, Mirror, Redaction, ServeError, Settings, Threads, Tls,
    serve,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use store::{Database, SealKey};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use upstream::{
    Answer, BoxFuture, BucketShare, BucketState, Budget, Portion, Upstream, UpstreamError,
};

pub(crate) const HOST: &str = "gate.example";

/// When every story plays: not a full hour.
pub(crate) const NOW: Timestamp = Timestamp::constant(1_800_000_000, 1);

/// As much as one address may ask for of a gateway whose clock stands still.
pub(crate) const UNLIMITED: Limits = Limits {
    connections: 2_048,
    connections_per_source: 2_048,
    new_connections_per_second: 100_000,
    visits_per_second: 100_000,
    refusals_per_second: 100_000,
    calls: 256,
    calls_per_client: 256,
    calls_per_second: 100_000,
    answers_mib: 256,
    answer_seconds: 120,
};

/// What reached the org.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reached {
    pub(crate) operation: &'static str,
    pub(crate) target: String,
    pub(crate) body: Option<(String, Bytes)>,
    pub(crate) forward: access::Forward,
}

/// An org that answers every call alike.
#[derive(Debug)]
pub(crate) struct Org {
    pub(crate) reached: Mutex<Vec<Reached>>,
    pub(crate) answer: Mutex<Answer>,
    /// Makes every call fail instead.
    pub(crate) failure: Mutex<Option<fn() -> UpstreamError>>,
    /// Told when a call has arrived.
    pub(crate) arrived: Notify,
    /// When set, calls wait to be let go.
    pub(crate) gate: Mutex<Option<Arc<Notify>>>,
}

impl Org {
    fn new() -> Self {
        Self {
            reached: Mutex::default(),
            answer: Mutex::new(Answer {
                status: StatusCode::OK,
                headers: HeaderMap::new(),
                body: Bytes::from_static(b"{}"),
                merged: false,
            }),
            failure: Mutex::default(),
            arrived: Notify::new(),
            gate: Mutex::default(),
        }
    }

    pub(crate) fn calls(&self) -> Vec<Reached> {
        self.reached.lock().unwrap().clone()
    }

    pub(crate) fn answers(&self, headers: &[(&'static str, &'static str)], body: &str) {
        let mut answer = self.answer.lock().unwrap();
        answer.headers = headers
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect();
        answer.body = Bytes::copy_from_slice(body.as_bytes());
    }
}

impl Upstream for Org {
    fn call<'a>(
        &'a self,
        recorded: &'a Recorded<Permit>,
    ) -> BoxFuture<'a, Result<Answer, UpstreamError>> {
        let call = recorded.permit().call();
        self.reached.lock().unwrap().push(Reached {
            operation: call.operation.id,
            target: call.target().unwrap(),
            body: call
                .body
                .as_ref()
                .map(|body| (body.content_type.clone(), body.bytes.clone())),
            forward: call.forward.clone(),
        });
        Box::pin(async {
            self.arrived.notify_one();
            let gate = self.gate.lock().unwrap().clone();
            if let Some(gate) = gate {
                gate.notified().await;
            }
            if let Some(failure) = *self.failure.lock().unwrap() {
                return Err(failure());
            }
            Ok(self.answer.lock().unwrap().clone())
        })
    }

    fn budget(&self) -> Budget {
        Budget::default()
    }

    fn portion(&self, _client: &access::ClientId, share: access::Share) -> Portion {
        Portion {
            buckets: vec![BucketShare {
                state: BucketState {
                    name: "/api/v1/users".to_owned(),
                    limit: 600,
                    remaining: 400,
                    resets_in: Duration::from_millis(20_500),
                    used: 200,
                },
                left: 100 * u32::from(share.weight),
                used: 7,
                waiting: 1,
                waiting_all: 3,
            }],
            under_way: 2,
            waiting: 1,
        }
    }
}

pub(crate) struct World {
    pub(crate) dir: TempDir,
    pub(crate) org: Arc<Org>,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) mirror: Arc<Mirror>,
    pub(crate) clock: Arc<Manual>,
    pub(crate) address: SocketAddr,
    stop: Mutex<Option<oneshot::Sender<()>>>,
    serving: Option<JoinHandle<Result<(), ServeError>>>,
}

/// What a test may want otherwise.
#[derive(Default)]
pub(crate) struct Wish {
    pub(crate) rules: OrgRules,
    pub(crate) trail: TrailSettings,
    pub(crate) trusted_proxies: &'static [&'static str],
    pub(crate) tls: Option<Arc<Tls>>,
    pub(crate) budgets: Budgets,
    pub(crate) limits: Limits,
    pub(crate) inspect: inspection::Settings,
    /// Members hidden from all callers.
    pub(crate) hide: Vec<&'static str>,
    /// A new secret is not even shown to whoever made it.
    pub(crate) hide_new: bool,
}

fn redaction(hide: &[&str], show_new: bool) -> Redaction {
    let key = MaskKey::new(&SealKey::from_bytes([7; 32]), &production()).unwrap();
    let hidden = Hidden::read_all(hide.iter().copied()).unwrap();
    Redaction::new(key, hidden, show_new)
}

/// Inspection that notes what this check finds instead of refusing it.
pub(crate) fn watching_only(check: inspection::Check) -> inspection::Settings {
    inspection::Settings {
        checks: [(check, inspection::Mode::Warn)].into(),
        ..inspection::Settings::default()
    }
}

pub(crate) fn production() -> OrgName {
    OrgName::parse("production").unwrap()
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Wish::default()).await
    }

    pub(crate) async fn with(wish: Wish) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(Manual::at(NOW));
        let database = Arc::new(Database::open(&dir.path().join("state.db")).unwrap());
        let keyring = Keyring::open(database, &SealKey::from_bytes([7; 32]), NOW).unwrap();
        let keyring = Arc::new(keyring);
        let org = Arc::new(Org::new());
        let audit = dir.path().join("audit");
        let trail = Trail::open_with(&audit, "production", clock.clone(), wish.trail).unwrap();
        let mirror = Arc::new(Mirror::new());
        let guarded = GuardedOrg {
            name: production(),
            public_url: "https://gate.example".parse().unwrap(),
            okta_urls: vec!["https://example.okta.com".parse().unwrap()],
            rules: wish.rules,
            upstream: org.clone(),
            trail,
            mirror: mirror.clone(),
            budgets: wish.budgets,
            inspector: inspection::Inspector::new(wish.inspect),
            redaction: redaction(&wish.hide, !wish.hide_new),
        };
        let settings = Settings {
            orgs: vec![guarded],
            trusted_proxies: wish
                .trusted_proxies
                .iter()
                .map(|text| text.parse().unwrap())
                .collect(),
            egress: Some(egress::Egress::new().unwrap()),
            limits: wish.limits,
            ..Settings::default()
        };
        let gateway = Arc::new(Gateway::new(settings, keyring.clone(), clock.clone()).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(serve(gateway, listener, wish.tls, Threads::Shared, async {
            let _ = stopped.await;
        }));
        Self {
            dir,
            org,
            keyring,
            mirror,
            clock,
            address,
            stop: Mutex::new(Some(stop)),
            serving: Some(serving),
        }
    }

    /// A new key of a client with these scopes and operations.
    pub(crate) fn key(&self, scopes: &[&str], operations: &[&str]) -> String {
        let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        let count = self.keyring.clients(&production()).unwrap().len();
        self.key_of(NewClient {
            scopes: owned(scopes),
            operations: owned(operations),
            ..NewClient::new(production(), format!("client {count}"))
        })
    }

    /// A key of a client that is registered now.
    pub(crate) fn key_of(&self, new: NewClient) -> String {
        let client = self.keyring.register(new, NOW).unwrap();
        let (key, _) = self.keyring.issue(&client.id, None, NOW).unwrap();
        key.expose().to_owned()
    }

    /// Sends these bytes as one request and reads until the connection is closed.
    pub(crate) async fn raw(&self, request: &str) -> Got {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        Got::read(&String::from_utf8(answer).unwrap())
    }

    /// A request with this key, these further header lines and this body.
    pub(crate) async fn send(&self, line: &str, key: &str, headers: &[&str], body: &str) -> Got {
        let length = format!("Content-Length: {}", body.len());
        let mut headers = headers.to_vec();
        if !body.is_empty() {
            headers.push(&length);
        }
        self.send_framed(line, key, &headers, body).await
    }

    /// As [`World::send`], with header lines that say how long the body is.
    pub(crate) async fn send_framed(
        &self,
        line: &str,
        key: &str,
        headers: &[&str],
        body: &str,
    ) -> Got {
        let mut request = format!("{line} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n");
        request.push_str(&format!("Authorization: SSWS {key}\r\n"));
        for header in headers {
            request.push_str(&format!("{header}\r\n"));
        }
        request.push_str(&format!("\r\n{body}"));
        self.raw(&request).await
    }

    pub(crate) async fn get(&self, target: &str, key: &str) -> Got {
        self.send(&format!("GET {target}"), key, &[], "").await
    }

    /// Tells the gateway to stop, as a signal would.
    pub(crate) fn signal(&self) {
        if let Some(stop) = self.stop.lock().unwrap().take() {
            stop.send(()).unwrap();
        }
    }

    /// Stops the gateway and waits until it has.
    pub(crate) async fn stop(&mut self) {
        self.signal();
        self.serving.take().unwrap().await.unwrap().unwrap();
    }

    pub(crate) fn verified(&self) -> audit::Verified {
        audit::verify(&self.dir.path().join("audit"), "production").unwrap()
    }

    pub(crate) fn trail_file(&self, number: u32) -> PathBuf {
        self.dir
            .path()
            .join(format!("audit/production/{number:08}.jsonl"))
    }

    /// The entries of the first file of the trail, once the gateway has stopped.
    pub(crate) async fn entries(mut self) -> Vec<serde_json::Value> {
        self.stop().await;
        let text = std::fs::read_to_string(self.trail_file(1)).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

/// An answer as the caller got it.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Got {
    pub(crate) fn read(answer: &str) -> Self {
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let (line, headers) = head.split_once("\r\n").unwrap_or((head, ""));
        let headers = headers
            .split("\r\n")
            .filter_map(|header| header.split_once(": "));
        Self {
            status: line.split(' ').nth(1).unwrap().parse().unwrap(),
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            body: body.to_owned(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn code(&self) -> String {
        self.json()["errorCode"].as_str().unwrap().to_owned()
    }
}
