//! Access tokens (RFC 9068): JWTs that we sign, and that only we read. A token narrows what its client may do and never widens it: at
//! every call its client must still be live, its scopes count only as far as the registration still has them, and a token bound to
//! a key or certificate is worth nothing without it.
//!
//! Cost of a call with a token seen before: one HMAC over the token and a few look-ups; of an unknown one, one signature.

use std::sync::Arc;

use jiff::Timestamp;
use jose::{Jws, SigningFault, SigningKey, read_seconds};
use serde_json::{Map, Value, json};

use crate::api_key::Fingerprint;
use crate::identify::Refused;
use crate::limits::{CLOCK_SKEW_S, TOKEN_MINUTES_MAX};
use crate::oauth::Scheme;
use crate::oauth::dpop::{self, BoundToken, Target};
use crate::snapshot::{Registered, Snapshot};
use crate::{Caller, ClientId, CredentialId, Grant, Keyring, OrgName, Presented, Why};

/// What a token says. Whether it counts is to be asked at every use: [`AccessToken::objection`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct AccessToken {
    /// Its `jti`: the credential's id, not secret.
    pub(crate) id: CredentialId,
    pub(crate) org: OrgName,
    pub(crate) client: ClientId,
    pub(crate) scopes: Vec<String>,
    pub(crate) issued: i64,
    pub(crate) expires: i64,
    pub(crate) bound_to: Option<Confirmation>,
    /// Name of the key that signed it.
    pub(crate) kid: String,
    grant: Arc<Grant>,
}

/// What whoever shows the token must possess (`cnf`, RFC 7800).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Confirmation {
    /// The private key with this thumbprint (`jkt`, RFC 9449 section 6).
    Key(String),
    /// The certificate with this thumbprint (`x5t#S256`, RFC 8705 section 3).
    Certificate(String),
}

impl Confirmation {
    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::Key(thumbprint) => json!({ "jkt": thumbprint }),
            Self::Certificate(thumbprint) => json!({ "x5t#S256": thumbprint }),
        }
    }

    fn read(claims: &Map<String, Value>) -> Option<Option<Self>> {
        let Some(confirmation) = claims.get("cnf") else {
            return Some(None);
        };
        let members = confirmation
            .as_object()
            .filter(|members| members.len() == 1)?;
        let text = |name| members.get(name).and_then(Value::as_str).map(str::to_owned);
        let read = text("jkt")
            .map(Self::Key)
            .or_else(|| text("x5t#S256").map(Self::Certificate));
        read.map(Some)
    }
}

/// A token to be signed.
pub(crate) struct NewToken<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) id: &'a CredentialId,
    pub(crate) client: &'a ClientId,
    pub(crate) scopes: &'a [String],
    pub(crate) issued: i64,
    pub(crate) expires: i64,
    pub(crate) bound_to: Option<&'a Confirmation>,
}

impl NewToken<'_> {
    /// Signs it: `typ` is `at+jwt`; beside the claims of RFC 9068 section 2.2 those that Okta's tokens have (`cid`, `scp`).
    pub(crate) fn signed(&self, key: &SigningKey) -> Result<String, SigningFault> {
        let mut claims = json!({
            "jti": self.id.as_str(),
            "iss": self.issuer,
            "aud": self.issuer,
            "sub": self.client.as_str(),
            "client_id": self.client.as_str(),
            "cid": self.client.as_str(),
            "iat": self.issued,
            "exp": self.expires,
            "scp": self.scopes,
            "scope": self.scopes.join(" "),
        });
        if let (Some(claims), Some(bound_to)) = (claims.as_object_mut(), self.bound_to) {
            claims.insert("cnf".to_owned(), bound_to.to_json());
        }
        let Value::Object(claims) = claims else {
            return Err(SigningFault::Library);
        };
        key.sign(&key.header(TYPE), &claims)
    }
}

impl AccessToken {
    /// Reads a token that one of the org's own keys signed, for this issuer. `Why` says what is wrong, for the trail.
    pub(crate) fn verified(
        keyring: &Keyring,
        snapshot: &Snapshot,
        jws: &Jws<'_>,
        org: &OrgName,
        issuer: &str,
        now: Timestamp,
    ) -> Result<Self, Why> {
        let kid = jws
            .header()
            .kid()
            .filter(|_| jws.header().is_typed(TYPE))
            .ok_or(Why::Unknown)?;
        let stored = snapshot
            .signing
            .verifier(org, kid, now)
            .ok_or(Why::Unknown)?;
        let key = stored
            .open(&keyring.seal, org)
            .map_err(|_| Why::Unavailable)?;
        jws.verify(key.verifying_key()).map_err(|_| Why::Unknown)?;
        let claims = jws.claims();
        let text = |name: &str| claims.get(name).and_then(Value::as_str).ok_or(Why::Unknown);
        if text("iss")? != issuer || text("aud")? != issuer {
            return Err(Why::OtherOrg);
        }
        let time = |name: &str| claims.get(name).and_then(read_seconds).ok_or(Why::Unknown);
        let (id, client) = (text("jti")?, text("client_id")?);
        let (issued, expires) = (time("iat")?, time("exp")?);
        let lives = 1..=60 * i64::from(TOKEN_MINUTES_MAX);
        if id.is_empty() || text("sub")? != client || !lives.contains(&(expires - issued)) {
            return Err(Why::Unknown);
        }
        let scopes: Vec<String> = text("scope")?
            .split_ascii_whitespace()
            .map(str::to_owned)
            .collect();
        Ok(Self {
            id: CredentialId::new(id),
            org: org.clone(),
            client: ClientId::new(client),
            issued,
            expires,
            bound_to: Confirmation::read(claims).ok_or(Why::Unknown)?,
            kid: kid.to_owned(),
            grant: Arc::new(Grant::narrowing(scopes.iter().cloned())),
            scopes,
        })
    }

    /// Why the token does not count at `now`, whoever shows it; else its client.
    pub(crate) fn client_at<'s>(
        &self,
        snapshot: &'s Snapshot,
        org: &OrgName,
        now: Timestamp,
    ) -> Result<&'s Arc<Registered>, Why> {
        let second = now.as_second();
        if self.org != *org {
            return Err(Why::OtherOrg);
        }
        if second >= self.expires || self.issued > second + CLOCK_SKEW_S {
            return Err(Why::Expired);
        }
        if snapshot.revoked.contains(&self.id)
            || snapshot.signing.verifier(org, &self.kid, now).is_none()
        {
            return Err(Why::Revoked);
        }
        let registered = snapshot.clients.get(&self.client).ok_or(Why::Unknown)?;
        if registered.client.org != *org {
            return Err(Why::OtherOrg);
        }
        if registered.standing.disabled {
            return Err(Why::Disabled);
        }
        Ok(registered)
    }

    #[cfg(test)]
    pub(crate) fn for_tests() -> Self {
        Self {
            id: CredentialId::new("AT.1"),
            org: OrgName::parse("production").unwrap(),
            client: ClientId::new("cli1"),
            scopes: Vec::new(),
            issued: 0,
            expires: 600,
            bound_to: None,
            kid: "key".to_owned(),
            grant: Arc::new(Grant::default()),
        }
    }
}

/// A token as it was shown.
#[derive(Clone, Copy)]
pub(crate) struct ShownToken<'a> {
    pub(crate) scheme: Scheme,
    pub(crate) text: &'a str,
    /// Keyed hash of the text.
    pub(crate) fingerprint: &'a Fingerprint,
}

impl Keyring {
    /// Who shows an access token of ours with all it takes.
    pub(crate) fn identify_by_token(
        &self,
        snapshot: &Snapshot,
        shown: ShownToken<'_>,
        presented: &Presented<'_>,
        org: &OrgName,
        now: Timestamp,
    ) -> Result<Caller, Refused> {
        let ShownToken {
            text, fingerprint, ..
        } = shown;
        let token = self
            .token_of(snapshot, text, fingerprint, org, presented.issuer(), now)
            .map_err(Refused::because)?;
        let known = |why| Refused::known(why, &token.client, &token.id);
        let registered = token.client_at(snapshot, org, now).map_err(known)?;
        if !registered.standing.is_welcome_from(presented.source) {
            return Err(known(Why::OtherNetwork));
        }
        self.possessed(&token, shown, presented, now)
            .map_err(known)?;
        let standing = Arc::clone(&registered.standing);
        let caller = Caller::new(standing, token.id.clone(), Some(Arc::clone(&token.grant)));
        Ok(caller.expiring(token.expires).signed_by(&token.kid))
    }

    /// What a token of ours says, from the cache or by its signature.
    pub(crate) fn access_token(
        &self,
        snapshot: &Snapshot,
        text: &str,
        org: &OrgName,
        issuer: &str,
        now: Timestamp,
    ) -> Result<Arc<AccessToken>, Why> {
        let fingerprint = self.pepper.fingerprint(text);
        self.token_of(snapshot, text, &fingerprint, org, issuer, now)
    }

    fn token_of(
        &self,
        snapshot: &Snapshot,
        text: &str,
        fingerprint: &Fingerprint,
        org: &OrgName,
        issuer: &str,
        now: Timestamp,
    ) -> Result<Arc<AccessToken>, Why> {
        if let Some(token) = self.tokens.find(fingerprint) {
            return Ok(token);
        }
        let jws = Jws::read(text).map_err(|_| Why::Malformed)?;
        let token = AccessToken::verified(self, snapshot, &jws, org, issuer, now)?;
        let token = Arc::new(token);
        self.tokens.keep(*fingerprint, Arc::clone(&token));
        Ok(token)
    }

    /// Whether the sender possesses what the token is bound to. A bound token is refused in the other scheme, and one that is not
    /// bound in the scheme of bound ones (RFC 9449 section 7.1).
    fn possessed(
        &self,
        token: &AccessToken,
        ShownToken { scheme, text, .. }: ShownToken<'_>,
        presented: &Presented<'_>,
        now: Timestamp,
    ) -> Result<(), Why> {
        let possessed = match (&token.bound_to, scheme) {
            (None, Scheme::Bearer) => true,
            (Some(Confirmation::Certificate(bound)), Scheme::Bearer) => {
                presented.certificate == Some(bound.as_str())
            }
            (Some(Confirmation::Key(thumbprint)), Scheme::Dpop) => {
                let target = Target {
                    method: presented.method,
                    url: presented.url,
                };
                let bound = BoundToken { text, thumbprint };
                dpop::at_resource(presented.proof, &target, &bound, &self.proofs, now).is_ok()
            }
            (None | Some(Confirmation::Certificate(_)), Scheme::Dpop)
            | (Some(Confirmation::Key(_)), Scheme::Bearer) => false,
        };
        if possessed {
            Ok(())
        } else {
            Err(Why::Unproven)
        }
    }
}

/// RFC 9068 section 2.1.
const TYPE: &str = "at+jwt";
