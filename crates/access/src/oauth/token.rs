//! The token endpoint: a registered client asks for an access token with the scopes it is about to need (RFC 6749 section 4.4), or
//! exchanges a token it has for a narrower one (RFC 8693). There is no other grant and no refresh token.
//!
//! A request names its scopes, each of which the client must have been registered with, or be eligible for: such a scope is good for
//! nothing until an elevation runs, and without it in the token none would lift it. In shadow mode any scope will do, as any call
//! does. Without a scope, with an unknown one or with one too many a request is refused, never cut down (RFC 6749 section 3.3 leaves
//! the choice; Okta too has no default for its own scopes).

use jiff::Timestamp;
use serde_json::{Value, json};
use store::Secret;

use crate::api_key::random_digits;
use crate::client::is_scope;
use crate::limits::TOKEN_MINUTES_MAX;
use crate::oauth::access_token::{Confirmation, NewToken};
use crate::oauth::dpop::{self, Target};
use crate::oauth::{Asked, Fault, OauthRefusal};
use crate::snapshot::Registered;
use crate::{AccessError, Client, ClientId, CredentialId, Keyring, OrgName, TOKEN_MINUTES_DEFAULT};

/// An access token that was issued.
#[derive(Debug)]
pub struct IssuedToken {
    /// The token itself: to be shown once, to its client.
    pub text: Secret<String>,
    /// Its `jti`, under which calls with it are written down.
    pub id: CredentialId,
    /// Whose it is.
    pub client: ClientId,
    /// What it is good for.
    pub scopes: Vec<String>,
    /// How long, in seconds.
    pub seconds: i64,
    /// Whether it was issued in exchange for another token; then whose that was (`sub`).
    pub exchanged: Option<String>,
    /// The nonce for the client's next proof, if its tokens are bound to a key (RFC 9449 section 8.2).
    pub nonce: Option<String>,
    bound_to: Option<Confirmation>,
}

/// Who is to get a token, and what bounds it beside the registration.
pub(crate) struct Recipient<'a> {
    pub(crate) registered: &'a Registered,
    /// Thumbprint of the certificate it authenticated with.
    pub(crate) certificate: Option<String>,
    /// The token that it is exchanged for.
    pub(crate) exchanged: Option<Exchanged>,
}

/// What bounds a token that is issued for another one.
pub(crate) struct Exchanged {
    /// Who the other one speaks of.
    pub(crate) subject: String,
    /// Its scopes, if it has scopes of ours.
    pub(crate) scopes: Option<Vec<String>>,
    /// When it ends, in seconds since 1970, if the new one may not outlive it.
    pub(crate) expires: Option<i64>,
}

impl IssuedToken {
    /// The answer (RFC 6749 section 5.1).
    pub fn to_json(&self) -> Value {
        let mut answer = json!({
            "token_type": self.kind(),
            "expires_in": self.seconds,
            "access_token": self.text.expose(),
            "scope": self.scopes.join(" "),
        });
        if let (Some(members), Some(_)) = (answer.as_object_mut(), &self.exchanged) {
            members.insert("issued_token_type".to_owned(), ACCESS_TOKEN.into());
        }
        answer
    }

    /// The scheme it is to be sent in.
    pub fn kind(&self) -> &'static str {
        match self.bound_to {
            Some(Confirmation::Key(_)) => "DPoP",
            _ => "Bearer",
        }
    }
}

impl Keyring {
    /// Issues a token.
    ///
    /// # Errors
    /// [`OauthRefusal`]; one and the same for everything that is wrong with a client's authentication.
    pub fn token(
        &self,
        asked: &Asked<'_>,
        org: &OrgName,
        now: Timestamp,
    ) -> Result<IssuedToken, OauthRefusal> {
        let grant = asked.form.value("grant_type");
        let grant = grant.ok_or(OauthRefusal::new(Fault::InvalidRequest, "no_grant_type"))?;
        refuse_extensions(asked)?;
        match grant {
            CLIENT_CREDENTIALS => {
                let client = self.authenticate(&*self.current(now)?, asked, org, now)?;
                let recipient = Recipient {
                    registered: &client.registered,
                    certificate: client.certificate.clone(),
                    exchanged: None,
                };
                self.grant(recipient, asked, org, now)
            }
            TOKEN_EXCHANGE => self.exchange(asked, org, now),
            _ => Err(OauthRefusal::new(
                Fault::UnsupportedGrantType,
                "unsupported_grant_type",
            )),
        }
    }

    /// Issues a token to a client that has shown who it is.
    pub(crate) fn grant(
        &self,
        to: Recipient<'_>,
        asked: &Asked<'_>,
        org: &OrgName,
        now: Timestamp,
    ) -> Result<IssuedToken, OauthRefusal> {
        let client = &to.registered.client;
        let bound_to = match to.certificate {
            _ if client.oauth.as_ref().is_some_and(|oauth| oauth.dpop_bound) => {
                let key = self
                    .proven_key(asked, now)
                    .map_err(|refusal| refusal.of(&client.id))?;
                Some(Confirmation::Key(key))
            }
            Some(thumbprint) => Some(Confirmation::Certificate(thumbprint)),
            None => None,
        };
        let within = to
            .exchanged
            .as_ref()
            .and_then(|exchanged| exchanged.scopes.as_deref());
        let scopes = asked_scopes(asked, |scope| may_hold(client, scope, now), within)
            .map_err(|refusal| refusal.of(&client.id))?;
        let minutes = client
            .oauth
            .as_ref()
            .map_or(TOKEN_MINUTES_DEFAULT, |oauth| oauth.token_minutes);
        let issued = now.as_second();
        let expires = issued + 60 * i64::from(minutes.clamp(1, TOKEN_MINUTES_MAX));
        let until = to
            .exchanged
            .as_ref()
            .and_then(|exchanged| exchanged.expires);
        let expires = until.map_or(expires, |until| until.min(expires));
        let mut id = String::from(TOKEN_ID_PREFIX);
        random_digits(TOKEN_ID_CHARS, &mut id)?;
        let id = CredentialId::new(&id);
        let new = NewToken {
            issuer: asked.presented.issuer(),
            id: &id,
            client: &client.id,
            scopes: &scopes,
            issued,
            expires,
            bound_to: bound_to.as_ref(),
        };
        let text = new
            .signed(&*self.signer(org, now)?)
            .map_err(|_| AccessError::NoRandomness)?;
        Ok(IssuedToken {
            text: Secret::new(text),
            client: client.id.clone(),
            seconds: expires - issued,
            exchanged: to.exchanged.map(|exchanged| exchanged.subject),
            nonce: matches!(bound_to, Some(Confirmation::Key(_))).then(|| self.proofs.nonce(now)),
            id,
            scopes,
            bound_to,
        })
    }
}

impl Keyring {
    /// The key that the request proves to possess.
    fn proven_key(&self, asked: &Asked<'_>, now: Timestamp) -> Result<String, OauthRefusal> {
        let presented = asked.presented;
        let target = Target {
            method: presented.method,
            url: presented.url,
        };
        dpop::at_token_endpoint(presented.proof, &target, &self.proofs, now).map_err(|fault| {
            let refusal = OauthRefusal::new(fault.fault(), fault.code());
            match fault.fault() {
                Fault::UseDpopNonce => refusal.offering(self.proofs.nonce(now)),
                _ => refusal,
            }
        })
    }
}

/// Whether a token of the client may carry the scope.
fn may_hold(client: &Client, scope: &str, now: Timestamp) -> bool {
    let mut listed = client.scopes.iter().chain(&client.eligible);
    let in_shadow = client.shadow_until.is_some_and(|until| now < until);
    listed.any(|known| known == scope) || (in_shadow && is_scope(scope))
}

/// The scopes asked for: each may be held, and lies within those of the token that is exchanged.
fn asked_scopes(
    asked: &Asked<'_>,
    may_hold: impl Fn(&str) -> bool,
    within: Option<&[String]>,
) -> Result<Vec<String>, OauthRefusal> {
    let refuse = |why| OauthRefusal::new(Fault::InvalidScope, why);
    let mut scopes: Vec<String> = Vec::new();
    for scope in asked
        .form
        .value("scope")
        .unwrap_or_default()
        .split(' ')
        .filter(|scope| !scope.is_empty())
    {
        let known = |list: &[String]| list.iter().any(|known| known == scope);
        if !may_hold(scope) {
            return Err(refuse("scope_not_held"));
        }
        if !within.is_none_or(known) {
            return Err(refuse("scope_beyond_subject_token"));
        }
        if !known(&scopes) {
            scopes.push(scope.to_owned());
        }
    }
    if scopes.is_empty() {
        Err(refuse("no_scope"))
    } else {
        Ok(scopes)
    }
}

/// Refuses what would change the meaning of the request if it were understood: ignoring it would issue something else than asked.
fn refuse_extensions(asked: &Asked<'_>) -> Result<(), OauthRefusal> {
    if NOT_UNDERSTOOD
        .iter()
        .any(|name| asked.form.value(name).is_some())
    {
        return Err(OauthRefusal::new(
            Fault::InvalidRequest,
            "unsupported_parameter",
        ));
    }
    let issuer = asked.presented.issuer();
    let foreign = |name: &&str| {
        asked
            .form
            .value(name)
            .is_some_and(|target| target.strip_suffix('/').unwrap_or(target) != issuer)
    };
    if ["resource", "audience"].iter().any(foreign) {
        return Err(OauthRefusal::new(Fault::InvalidTarget, "other_target"));
    }
    Ok(())
}

/// RFC 9101 section 5, RFC 9396 section 2, RFC 8693 section 2.1.
const NOT_UNDERSTOOD: [&str; 5] = [
    "request",
    "request_uri",
    "authorization_details",
    "actor_token",
    "actor_token_type",
];
/// As the `jti` of Okta's own tokens begins.
pub(crate) const TOKEN_ID_PREFIX: &str = "AT.";
/// 131 random bits.
pub(crate) const TOKEN_ID_CHARS: usize = 22;
const CLIENT_CREDENTIALS: &str = "client_credentials";
/// RFC 8693 section 2.1.
pub(crate) const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// RFC 8693 section 3.
pub(crate) const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
