//! Who asks at an endpoint: a registered client, authenticated in exactly the one way it is registered for.
//!
//! A request that shows two ways is refused before either is looked at (RFC 6749 section 2.3), and whatever is wrong with the one
//! it shows, the answer is the same.

use std::cell::OnceCell;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jose::{Jws, KeySet};
use serde_json::Value;
use store::Secret;

use crate::api_key::Fingerprint;
use crate::limits::CLIENT_CREDENTIAL_BYTES_MAX;
use crate::oauth::assertion::{self, ClientKeys, Expected};
use crate::oauth::form::{Form, decoded};
use crate::oauth::{Authentication, Fault, OauthRefusal, OauthRegistration, path};
use crate::snapshot::{Registered, Snapshot};
use crate::{ClientId, CredentialKind, Keyring, OrgName, Presented, Why};

/// What a request to an endpoint shows.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Its form.
    pub form: &'a Form,
    /// Its headers and connection; `url` is the endpoint's.
    pub presented: &'a Presented<'a>,
}

/// A client that has authenticated.
pub(crate) struct Authenticated {
    pub(crate) registered: Arc<Registered>,
    /// Thumbprint of the certificate it authenticated with: its tokens are bound to it (RFC 8705 section 3).
    pub(crate) certificate: Option<String>,
}

impl Authenticated {
    pub(crate) fn id(&self) -> &ClientId {
        &self.registered.client.id
    }
}

/// The one way that a request shows.
enum Shown<'a> {
    Assertion(&'a str),
    Basic(Pair),
    Post { id: &'a str, secret: &'a str },
    Certificate { id: &'a str, thumbprint: &'a str },
}

/// Client id and secret of an `Authorization: Basic` header.
struct Pair {
    id: String,
    secret: Secret<String>,
}

impl<'a> Shown<'a> {
    fn of(asked: &Asked<'a>) -> Result<Self, OauthRefusal> {
        let form = asked.form;
        let (header, id) = (asked.presented.authorization, form.value("client_id"));
        let secret = form.value("client_secret");
        let (assertion, kind) = (
            form.value("client_assertion"),
            form.value("client_assertion_type"),
        );
        let ways = [
            header.is_some(),
            secret.is_some(),
            assertion.is_some() || kind.is_some(),
        ];
        if ways.into_iter().filter(|shown| *shown).count() > 1 {
            return Err(OauthRefusal::new(
                Fault::InvalidRequest,
                "two_client_authentications",
            ));
        }
        match (header, secret, assertion, kind) {
            (Some(header), ..) => {
                let pair = Pair::read(header).ok_or(nobody("malformed_client_credentials"))?;
                if id.is_some_and(|id| id != pair.id) {
                    return Err(OauthRefusal::new(Fault::InvalidRequest, "two_client_ids"));
                }
                Ok(Self::Basic(pair))
            }
            (_, Some(secret), ..) => {
                let id = id.ok_or(nobody("no_client_id"))?;
                Ok(Self::Post { id, secret })
            }
            (_, _, Some(assertion), Some(ASSERTION_TYPE)) => Ok(Self::Assertion(assertion)),
            (_, _, None, None) => match (id, asked.presented.certificate) {
                (Some(id), Some(thumbprint)) => Ok(Self::Certificate { id, thumbprint }),
                _ => Err(nobody("no_client_authentication")),
            },
            _ => Err(OauthRefusal::new(
                Fault::InvalidRequest,
                "incomplete_client_assertion",
            )),
        }
    }
}

impl Pair {
    /// Reads the header (RFC 7617); id and secret are form-urlencoded within it (RFC 6749 section 2.3.1).
    fn read(header: &str) -> Option<Self> {
        let (scheme, rest) = header.split_once(' ')?;
        let rest = rest.trim_matches(' ');
        if !scheme.eq_ignore_ascii_case("Basic") || rest.len() > CLIENT_CREDENTIAL_BYTES_MAX {
            return None;
        }
        let pair = Secret::new(String::from_utf8(STANDARD.decode(rest).ok()?).ok()?);
        let (id, secret) = pair.expose().split_once(':')?;
        Some(Self {
            id: decoded(id)?,
            secret: Secret::new(decoded(secret)?),
        })
    }
}

impl Keyring {
    /// A keyed hash of what a request shows, for a [`Throttle`](crate::Throttle); nothing of it is verified. Without it, the owner of a
    /// client would be kept out by whoever guesses behind the same address. A secret or certificate counts as a whole, so that a guess
    /// at it is never taken for its owner; an assertion is another one every time and nothing to guess at, so it counts as whose it
    /// says it is.
    pub fn claimant(&self, asked: &Asked<'_>) -> Option<Fingerprint> {
        let (form, presented) = (asked.form, asked.presented);
        let hash = |one: &str, other: &str| {
            let both = Secret::new(format!("{one} {other}"));
            Some(self.pepper.fingerprint(both.expose()))
        };
        if let Some(pair) = presented.authorization.and_then(Pair::read) {
            return hash(&pair.id, pair.secret.expose());
        }
        let token = form
            .value("client_assertion")
            .or_else(|| form.value("subject_token"));
        if let Some(token) = token {
            let jws = Jws::read(token).ok()?;
            let text = |name: &str| jws.claims().get(name).and_then(Value::as_str);
            return hash(text("iss")?, text("sub")?);
        }
        let shown = form.value("client_secret").or(presented.certificate);
        hash(form.value("client_id")?, shown?)
    }

    /// The client that asks, if it is authenticated the way it is registered.
    pub(crate) fn authenticate(
        &self,
        snapshot: &Snapshot,
        asked: &Asked<'_>,
        org: &OrgName,
        now: Timestamp,
    ) -> Result<Authenticated, OauthRefusal> {
        let presented = asked.presented;
        let shown = Shown::of(asked)?;
        let registered = match &shown {
            Shown::Assertion(text) => self.asserted(snapshot, text, asked, org, now)?,
            Shown::Basic(pair) => {
                let registered = self.holder(
                    snapshot,
                    &pair.id,
                    pair.secret.expose(),
                    presented,
                    org,
                    now,
                )?;
                by(&registered, |way| {
                    matches!(way, Authentication::ClientSecretBasic)
                })?;
                registered
            }
            Shown::Post { id, secret } => {
                let registered = self.holder(snapshot, id, secret, presented, org, now)?;
                by(&registered, |way| {
                    matches!(way, Authentication::ClientSecretPost)
                })?;
                registered
            }
            Shown::Certificate { id, thumbprint } => {
                let registered = registered(snapshot, id, presented, org)?;
                by(&registered, |way| match way {
                    Authentication::TlsClientAuth { subject } => presented.subject == Some(subject),
                    Authentication::SelfSignedTlsClientAuth { thumbprint: known } => {
                        thumbprint == known
                    }
                    _ => false,
                })?;
                registered
            }
        };
        let certificate = match shown {
            Shown::Certificate { thumbprint, .. } => Some(thumbprint.to_owned()),
            _ => None,
        };
        Ok(Authenticated {
            registered,
            certificate,
        })
    }

    /// The client that signed the assertion.
    fn asserted(
        &self,
        snapshot: &Snapshot,
        text: &str,
        asked: &Asked<'_>,
        org: &OrgName,
        now: Timestamp,
    ) -> Result<Arc<Registered>, OauthRefusal> {
        let presented = asked.presented;
        let issuer = presented.issuer();
        let expected = Expected {
            issuer,
            token_url: &format!("{issuer}{}", path::TOKEN),
            client_id: asked.form.value("client_id"),
        };
        let found = OnceCell::new();
        let find = |id: &str| {
            let (client, keys) = found.get_or_init(|| keys_of(snapshot, id, org)).as_ref()?;
            Some(ClientKeys { client, keys })
        };
        let named = || {
            found
                .get()
                .and_then(Option::as_ref)
                .map(|(client, _)| client)
        };
        match assertion::verify(text, find, &expected, now, &self.assertions) {
            Ok(client) => registered(snapshot, client.as_str(), presented, org),
            Err(fault) => {
                let refusal = OauthRefusal::new(fault.fault(), fault.code());
                Err(named().map_or(refusal.clone(), |client| refusal.of(client)))
            }
        }
    }

    /// The client whose live secret this is, if it is the one named.
    fn holder(
        &self,
        snapshot: &Snapshot,
        id: &str,
        secret: &str,
        presented: &Presented<'_>,
        org: &OrgName,
        now: Timestamp,
    ) -> Result<Arc<Registered>, OauthRefusal> {
        if secret.len() > CLIENT_CREDENTIAL_BYTES_MAX {
            return Err(nobody("malformed_client_credentials"));
        }
        let known = snapshot
            .keys
            .get(&self.pepper.fingerprint(secret))
            .ok_or(nobody(Why::Unknown.code()))?;
        if let Some(why) = known.objection(CredentialKind::Secret, presented, org, now) {
            return Err(nobody(why.code()).of(known.caller.client()));
        }
        if known.caller.client().as_str() != id {
            return Err(nobody("secret_of_other_client").of(known.caller.client()));
        }
        let registered = registered(snapshot, id, presented, org)?;
        self.remember_use(known, presented.source, now);
        Ok(registered)
    }
}

/// The client of this id and its keys, if it signs in with a key.
fn keys_of(snapshot: &Snapshot, id: &str, org: &OrgName) -> Option<(ClientId, KeySet)> {
    let found = snapshot
        .clients
        .get(&ClientId::new(id))
        .filter(|found| found.client.org == *org)?;
    match &found.client.oauth.as_ref()?.authentication {
        Authentication::PrivateKeyJwt { jwks } => Some((
            found.client.id.clone(),
            KeySet::read_registration(jwks).ok()?,
        )),
        _ => None,
    }
}

/// The live client of this id, if it may ask from there.
pub(crate) fn registered(
    snapshot: &Snapshot,
    id: &str,
    presented: &Presented<'_>,
    org: &OrgName,
) -> Result<Arc<Registered>, OauthRefusal> {
    let found = snapshot
        .clients
        .get(&ClientId::new(id))
        .filter(|found| found.client.org == *org);
    let found = found.ok_or(nobody("unknown_client"))?;
    let why = if found.standing.disabled {
        Why::Disabled
    } else if !found.standing.is_welcome_from(presented.source) {
        Why::OtherNetwork
    } else {
        return Ok(Arc::clone(found));
    };
    Err(nobody(why.code()).of(&found.client.id))
}

/// Refuses a client that is registered for another way than `fits`.
pub(crate) fn by(
    registered: &Registered,
    fits: impl FnOnce(&Authentication) -> bool,
) -> Result<(), OauthRefusal> {
    let way = registered
        .client
        .oauth
        .as_ref()
        .map(|OauthRegistration { authentication, .. }| authentication);
    if way.is_some_and(fits) {
        return Ok(());
    }
    Err(nobody("other_client_authentication").of(&registered.client.id))
}

/// A client that is not authenticated.
pub(crate) fn nobody(why: &'static str) -> OauthRefusal {
    OauthRefusal::new(Fault::InvalidClient, why)
}

/// RFC 7523 section 2.2.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
