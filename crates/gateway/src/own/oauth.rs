//! The authorization server's routes, at Okta's own paths, so that SDKs in private-key mode change only their org URL. The logic is
//! `access::oauth`; here a request becomes its input, its answer a reply, and whatever it did an audit entry.
//!
//! Nothing is taken from a query: what stands in a URL ends up in logs. Nothing here is answered with a 5xx because of what was sent.

use std::net::IpAddr;
use std::sync::Arc;

use access::oauth::{Asked, BadForm, Fault, Form, OauthRefusal, metadata, path};
use access::{FORM_BYTES_MAX, Keyring, OrgName, Presented};
use bytes::Bytes;
use http::header::{self, HeaderName};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use serde_json::Value;
use store::Secret;

use crate::gateway::Reply;
use crate::identify::{DPOP, only};
use crate::limits::FORM_WAIT_MAX;
use crate::own::Visit;
use crate::own::oauth_record::{Deed, Done};
use crate::receive;
use crate::record::Facts;
use crate::refusal::Refusal;
use crate::reply;
use crate::table::Kind;

/// One of the routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Token,
    Introspect,
    Revoke,
    Keys,
    Metadata,
}

/// The route of this path, compared byte by byte.
pub(crate) fn endpoint(path: &str) -> Option<Endpoint> {
    match path {
        path::TOKEN => Some(Endpoint::Token),
        path::INTROSPECT => Some(Endpoint::Introspect),
        path::REVOKE => Some(Endpoint::Revoke),
        path::KEYS => Some(Endpoint::Keys),
        path::METADATA | path::OPENID => Some(Endpoint::Metadata),
        _ => None,
    }
}

impl Endpoint {
    /// Refuses a method that the route does not have.
    fn check(self, method: &Method) -> Result<(), Refusal> {
        let (has, allowed) = match self {
            Self::Token | Self::Introspect | Self::Revoke => (method == Method::POST, "POST"),
            Self::Keys | Self::Metadata => {
                let reads = [Method::GET, Method::HEAD].contains(method);
                (reads, "GET, HEAD")
            }
        };
        if has {
            return Ok(());
        }
        let allowed = HeaderValue::from_static(allowed);
        Err(Refusal::new(Kind::UnknownMethod, "unknown_method").with_header(header::ALLOW, allowed))
    }
}

/// Answers a request to one of the routes.
///
/// # Errors
/// [`Refusal`], for what has nothing to do with OAuth: a wrong method, a body that does not arrive, a trail that cannot be written.
pub(crate) async fn answer<B>(
    endpoint: Endpoint,
    visit: Visit<'_>,
    body: B,
    facts: &mut Facts,
) -> Result<Reply, Refusal>
where
    B: hyper::body::Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let Visit {
        keyring,
        front,
        head,
        now,
        ..
    } = visit;
    endpoint.check(&head.method)?;
    match endpoint {
        Endpoint::Metadata => return Ok(public(&metadata(&front.url_of("")))),
        Endpoint::Keys => {
            let (keyring, org) = (Arc::clone(keyring), front.name.clone());
            let keys = off_the_runtime(move || keyring.jwks(&org, now)).await?;
            let keys = keys.map_err(|error| Refusal::new(Kind::Unrecorded, error.to_string()))?;
            return Ok(public(&keys));
        }
        Endpoint::Token | Endpoint::Introspect | Endpoint::Revoke => {}
    }
    let deed = match form(head, body).await? {
        Ok(form) => act(endpoint, Request::of(form, &visit), &visit).await?,
        Err(refusal) => Deed::refused(refusal),
    };
    deed.recorded(front, facts, now).await
}

/// Does what the request asks for, unless its source has guessed too much.
async fn act(endpoint: Endpoint, request: Request, visit: &Visit<'_>) -> Result<Deed, Refusal> {
    let (now, throttle, source) = (visit.now, visit.throttle, request.source);
    let claimant = request.claimant(visit.keyring);
    if !throttle.admits(source, || claimant, now) {
        return Ok(Deed::refused(OauthRefusal::throttled()));
    }
    let request = Arc::new(request);
    let done = || {
        let (request, keyring) = (Arc::clone(&request), Arc::clone(visit.keyring));
        let org = visit.front.name.clone();
        off_the_runtime(move || request.done(endpoint, &keyring, &org, now))
    };
    let mut deed = done().await?;
    if let Some(place) = deed.refusal().and_then(OauthRefusal::wanted_keys).cloned() {
        visit.issuer_keys.renew(visit.keyring, &place, now).await;
        deed = done().await?;
    }
    match (deed.refusal(), claimant) {
        (None, Some(claimant)) => throttle.succeeded(source, &claimant, now),
        (Some(refusal), _) if refusal.is_guess() => throttle.failed(source, now),
        _ => {}
    }
    Ok(deed)
}

/// A request to an endpoint that takes a form, as a whole and owned.
struct Request {
    form: Form,
    authorization: Option<Secret<String>>,
    proof: Option<String>,
    certificate: Option<String>,
    subject: Option<String>,
    source: IpAddr,
    url: String,
}

impl Request {
    fn of(form: Form, visit: &Visit<'_>) -> Self {
        let Visit {
            front,
            head,
            origin,
            ..
        } = visit;
        Self {
            form,
            authorization: only(head, &header::AUTHORIZATION)
                .map(|value| Secret::new(value.to_owned())),
            proof: only(head, &DPOP).map(str::to_owned),
            certificate: origin.certificate.map(|shown| shown.thumbprint.clone()),
            subject: origin.certificate.and_then(|shown| shown.subject.clone()),
            source: origin.source,
            url: front.url_of(head.uri.path()),
        }
    }

    fn presented(&self) -> Presented<'_> {
        Presented {
            authorization: self
                .authorization
                .as_ref()
                .map(|value| value.expose().as_str()),
            proof: self.proof.as_deref(),
            certificate: self.certificate.as_deref(),
            subject: self.subject.as_deref(),
            source: self.source,
            method: "POST",
            url: &self.url,
        }
    }

    fn claimant(&self, keyring: &Keyring) -> Option<[u8; 32]> {
        let presented = self.presented();
        let asked = Asked {
            form: &self.form,
            presented: &presented,
        };
        keyring.claimant(&asked)
    }

    fn done(&self, endpoint: Endpoint, keyring: &Keyring, org: &OrgName, now: Timestamp) -> Deed {
        let presented = self.presented();
        let asked = Asked {
            form: &self.form,
            presented: &presented,
        };
        let done = match endpoint {
            Endpoint::Introspect => keyring.introspect(&asked, org, now).map(Done::Told),
            Endpoint::Revoke => keyring.revoke_token(&asked, org, now).map(Done::Revoked),
            _ => keyring.token(&asked, org, now).map(Done::Issued),
        };
        done.map_or_else(Deed::refused, Deed::done)
    }
}

/// Reads the form; the inner error is the sender's doing.
async fn form<B>(head: &Parts, body: B) -> Result<Result<Form, OauthRefusal>, Refusal>
where
    B: hyper::body::Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    if head.uri.query().is_some() {
        return Ok(Err(OauthRefusal::malformed("parameters_in_url")));
    }
    let media = receive::content_type(head);
    if media.as_deref() != Some(FORM) || head.headers.contains_key(header::CONTENT_ENCODING) {
        return Ok(Err(OauthRefusal::malformed("not_a_form")));
    }
    match receive::all_of(body, FORM_BYTES_MAX, FORM_WAIT_MAX).await {
        Ok(bytes) => Ok(Form::read(&bytes).map_err(OauthRefusal::from)),
        Err(refusal) if refusal.kind == Kind::TooLarge => Ok(Err(BadForm::TooLong.into())),
        Err(refusal) => Err(refusal),
    }
}

/// Runs what waits for a disk or computes signatures where it keeps no other request waiting.
async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| {
        tracing::error!(%error, "an OAuth request did not end");
        Refusal::new(Kind::Unrecorded, "unfinished")
    })
}

/// What everybody may read and keep for an hour.
fn public(json: &Value) -> Reply {
    let cached = HeaderValue::from_static("public, max-age=3600");
    of(StatusCode::OK, cached, json)
}

/// What is for the asking client only.
pub(crate) fn private(status: StatusCode, json: &Value) -> Reply {
    let mut reply = of(status, HeaderValue::from_static("no-store"), json);
    let headers = reply.headers_mut();
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    reply
}

/// A refusal in the form of RFC 6749 section 5.2.
pub(crate) fn refused(refusal: &OauthRefusal) -> Reply {
    let status = StatusCode::from_u16(refusal.fault().status()).unwrap_or(StatusCode::BAD_REQUEST);
    let mut reply = private(status, &refusal.to_json());
    let headers = reply.headers_mut();
    match refusal.fault() {
        Fault::InvalidClient => {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Basic realm=\"oauth2\""),
            );
        }
        Fault::TooMany | Fault::Unavailable => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        }
        _ => {}
    }
    offer(headers, refusal.nonce());
    reply
}

/// Adds a nonce for the client's next proof.
pub(crate) fn offer(headers: &mut HeaderMap, nonce: Option<&str>) {
    if let Some(nonce) = nonce.and_then(|nonce| HeaderValue::from_str(nonce).ok()) {
        headers.insert(NONCE, nonce);
    }
}

fn of(status: StatusCode, cached: HeaderValue, json: &Value) -> Reply {
    let headers = HeaderMap::from_iter([
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        ),
        (header::CACHE_CONTROL, cached),
    ]);
    reply::of(status, headers, Bytes::from(json.to_string()))
}

/// RFC 9449 section 8.
const NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
const FORM: &str = "application/x-www-form-urlencoded";
