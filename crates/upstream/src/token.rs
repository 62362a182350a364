//! Access tokens of a service app: fetched with a signed assertion, kept, renewed at four fifths of their life, by one caller for
//! all. A token that still holds is used when its renewal fails.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use clock::Clock;
use http::header::{self, HeaderValue};
use http::uri::PathAndQuery;
use http::{Method, Request};
use http_body_util::Full;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;
use store::Secret;
use tokio::time::Instant;

use crate::limits::{ASSERTION_LIFE, TOKEN_BYTES_MAX, TOKEN_LIFE_MAX, TOKEN_LIFE_USED_PERCENT_MAX};
use crate::wire::Wire;
use crate::{Answer, ServiceApp, Silence, UpstreamError};

/// The tokens of one service app.
#[derive(Debug)]
pub(crate) struct Tokens {
    app: ServiceApp,
    audience: String,
    clock: Arc<dyn Clock>,
    current: Mutex<Option<Token>>,
    /// Held by the one who renews.
    renewal: tokio::sync::Mutex<()>,
}

#[derive(Debug, Clone)]
struct Token {
    header: HeaderValue,
    renew_at: Timestamp,
    expires_at: Timestamp,
}

impl Tokens {
    pub(crate) fn new(app: ServiceApp, wire: &Wire, clock: Arc<dyn Clock>) -> Self {
        let audience = format!("{}{TOKEN_PATH}", wire.address());
        Self {
            app,
            audience,
            clock,
            current: Mutex::default(),
            renewal: tokio::sync::Mutex::default(),
        }
    }

    /// A token that holds, as an `Authorization` value.
    pub(crate) async fn header(
        &self,
        wire: &Wire,
        deadline: Instant,
    ) -> Result<HeaderValue, UpstreamError> {
        let held = match self.held() {
            Some(token) if self.clock.now() < token.renew_at => return Ok(token.header),
            held => held,
        };
        let renewing = match (self.renewal.try_lock(), &held) {
            (Ok(renewing), _) => renewing,
            (Err(_), Some(token)) => return Ok(token.header.clone()),
            (Err(_), None) => self.renewal.lock().await,
        };
        // Somebody may have renewed it while this caller waited for its turn.
        if let Some(token) = self
            .held()
            .filter(|token| self.clock.now() < token.renew_at)
        {
            return Ok(token.header);
        }
        let fetched = self.fetch(wire, deadline).await;
        drop(renewing);
        match (fetched, held) {
            (Ok(header), _) => Ok(header),
            (Err(error), Some(token)) => {
                tracing::warn!(%error, "access token not renewed, the old one is used until it expires");
                Ok(token.header)
            }
            (Err(error), None) => Err(error),
        }
    }

    /// Forgets the token if it is this one.
    pub(crate) fn discard(&self, refused: &HeaderValue) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.take_if(|token| token.header == *refused);
    }

    fn held(&self) -> Option<Token> {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current
            .clone()
            .filter(|token| self.clock.now() < token.expires_at)
    }

    async fn fetch(&self, wire: &Wire, deadline: Instant) -> Result<HeaderValue, UpstreamError> {
        let asked_at = self.clock.now();
        let request = self.request(asked_at)?;
        let target = PathAndQuery::from_static(TOKEN_PATH);
        let answer = wire.send(request, target, TOKEN_BYTES_MAX, deadline).await;
        // Asking for a token changes nothing at Okta, so a lost answer is as good as an unsent question.
        let answer = answer.map_err(|error| match error {
            UpstreamError::Unanswered { host, silence, .. } => UpstreamError::Unanswered {
                host,
                sent: false,
                silence,
            },
            other => other,
        })?;
        let granted = read(wire, &answer)?;
        let bearer = Secret::new(format!("Bearer {}", granted.access_token.expose()));
        let mut header = HeaderValue::from_str(bearer.expose())
            .map_err(|_| not_okta(wire, "an access token that no header can carry"))?;
        header.set_sensitive(true);
        let life = Duration::from_secs(granted.expires_in).min(TOKEN_LIFE_MAX);
        let token = Token {
            header: header.clone(),
            renew_at: later(asked_at, life * TOKEN_LIFE_USED_PERCENT_MAX / 100),
            expires_at: later(asked_at, life),
        };
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(token);
        Ok(header)
    }

    fn request(&self, now: Timestamp) -> Result<Request<Full<Bytes>>, UpstreamError> {
        let assertion = self
            .assertion(now)
            .ok_or_else(|| UpstreamError::Unsendable {
                operation: "token request",
                source: "the client assertion cannot be signed".into(),
            })?;
        let form = catalog::encode_query([
            ("grant_type", "client_credentials"),
            ("scope", &self.app.scopes.join(" ")),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", &assertion),
        ]);
        let request = Request::builder()
            .method(Method::POST)
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::USER_AGENT, crate::request::PRODUCT)
            .body(Full::new(Bytes::from(form)));
        request.map_err(|error| UpstreamError::Unsendable {
            operation: "token request",
            source: error.into(),
        })
    }

    /// A client assertion with an id of its own: Okta takes each id once.
    fn assertion(&self, now: Timestamp) -> Option<String> {
        let mut id = [0u8; 16];
        aws_lc_rs::rand::fill(&mut id).ok()?;
        let kid = self.app.kid.as_deref().or(self.app.key.kid());
        let mut head = json!({"alg": self.app.key.algorithm(), "typ": "JWT"});
        if let (Some(kid), Some(head)) = (kid, head.as_object_mut()) {
            head.insert("kid".to_owned(), kid.into());
        }
        let claims = json!({
            "iss": self.app.client_id,
            "sub": self.app.client_id,
            "aud": self.audience,
            "iat": now.as_second(),
            "exp": later(now, ASSERTION_LIFE).as_second(),
            "jti": URL_SAFE_NO_PAD.encode(id),
        });
        let encode = |part: serde_json::Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let message = format!("{}.{}", encode(head), encode(claims));
        let signature = self.app.key.sign(message.as_bytes())?;
        Some(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

struct Granted {
    access_token: Secret<String>,
    expires_in: u64,
}

#[derive(Deserialize)]
struct WrittenToken {
    access_token: String,
    token_type: String,
    expires_in: u64,
}

#[derive(Deserialize)]
struct WrittenRefusal {
    error: String,
    #[serde(default)]
    error_description: String,
}

fn read(wire: &Wire, answer: &Answer) -> Result<Granted, UpstreamError> {
    if answer.is_success() {
        let token: WrittenToken = serde_json::from_slice(&answer.body)
            .map_err(|_| not_okta(wire, "no access token in the token endpoint's answer"))?;
        let access_token = Secret::new(token.access_token);
        if !token.token_type.eq_ignore_ascii_case("bearer") {
            return Err(bad(
                wire,
                format!("a {} token came instead of a Bearer one", token.token_type),
            ));
        }
        return Ok(Granted {
            access_token,
            expires_in: token.expires_in,
        });
    }
    let status = answer.status;
    if status.as_u16() == 429 || status.is_server_error() {
        let silence = Silence::Refused { status };
        return Err(UpstreamError::Unanswered {
            host: wire.host(),
            sent: false,
            silence,
        });
    }
    if let Ok(refusal) = serde_json::from_slice::<WrittenRefusal>(&answer.body) {
        let dpop = matches!(
            refusal.error.as_str(),
            "invalid_dpop_proof" | "use_dpop_nonce"
        );
        let why = if dpop {
            "the service app demands DPoP-bound tokens, which are not supported yet".to_owned()
        } else {
            format!("{} ({})", refusal.error, refusal.error_description)
        };
        return Err(bad(wire, why));
    }
    if let Some(error) = answer.error() {
        return Err(bad(
            wire,
            format!("{} ({})", error.error_code, error.error_summary),
        ));
    }
    Err(not_okta(
        wire,
        &format!("status {status} from the token endpoint, without an error of OAuth"),
    ))
}

fn bad(wire: &Wire, reason: String) -> UpstreamError {
    UpstreamError::BadCredential {
        host: wire.host(),
        reason,
    }
}

fn not_okta(wire: &Wire, found: &str) -> UpstreamError {
    UpstreamError::NotOkta {
        host: wire.host(),
        found: found.to_owned(),
    }
}

fn later(instant: Timestamp, by: Duration) -> Timestamp {
    let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
    instant.checked_add(by).unwrap_or(Timestamp::MAX)
}

const TOKEN_PATH: &str = "/oauth2/v1/token";
