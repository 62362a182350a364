//! A token of an outside issuer, and the client it stands for. Its claims are read first, because they say whose keys to use; nothing
//! of it counts before the signature does, and whatever is wrong looks the same from outside.
//!
//! Asked of it (RFC 8725, RFC 7519): `iss`, `aud` and `sub` as registered; `exp` and `iat`, and a life no longer than registered; `nbf`
//! where there is one; a `typ` that is no other kind of token; no `cnf`, for possession is not checked here.
//!
//! Cost of a token seen before: one HMAC over it and three look-ups.

use std::sync::Arc;

use jiff::Timestamp;
use jose::{Jws, KeySet, read_seconds};
use serde_json::{Map, Value};

use crate::api_key::Fingerprint;
use crate::limits::CLOCK_SKEW_S;
use crate::snapshot::{Registered, Snapshot};
use crate::{Caller, CredentialId, Keyring, OrgName, Presented, Refused, Why};

use super::subject::is_subject;
use super::{Issuer, KeySource};

/// What the token is shown for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose<'a> {
    /// A call.
    Call,
    /// An access token of ours, for this client if one is named.
    Exchange {
        /// Id of the client.
        client: Option<&'a str>,
    },
}

/// A verified token.
pub(crate) struct OutsideToken {
    /// The client it stands for.
    pub(crate) registered: Arc<Registered>,
    /// The registration and the subject: under this, what is done with it is written down.
    pub(crate) credential: CredentialId,
    /// Its `exp`, in seconds since 1970.
    pub(crate) expires: i64,
    issuer: Arc<Issuer>,
    keys: Arc<KeySet>,
    /// State of the database it was verified under.
    generation: i64,
}

impl Keyring {
    /// Who calls with a token of an outside issuer whose tokens are accepted at the API.
    pub(crate) fn identify_by_outside_token(
        &self,
        snapshot: &Snapshot,
        text: &str,
        fingerprint: &Fingerprint,
        presented: &Presented<'_>,
        org: &OrgName,
        now: Timestamp,
    ) -> Result<Caller, Refused> {
        let token = match self.outside_tokens.find(fingerprint) {
            Some(token) if self.still_counts(&token, snapshot, org, now) => token,
            _ => {
                let jws = Jws::read(text).map_err(|_| Refused::because(Why::Malformed))?;
                let token = self.outside_token(snapshot, &jws, org, Purpose::Call, now)?;
                let token = Arc::new(token);
                self.outside_tokens.keep(*fingerprint, Arc::clone(&token));
                token
            }
        };
        let standing = &token.registered.standing;
        if !standing.is_welcome_from(presented.source) {
            return Err(token.refused(Why::OtherNetwork));
        }
        let caller = Caller::new(Arc::clone(standing), token.credential.clone(), None);
        Ok(caller.expiring(token.expires))
    }

    /// The client that a token stands for. Refusals name the keys that are wanting, if that is what is wrong.
    pub(crate) fn outside_token(
        &self,
        snapshot: &Snapshot,
        jws: &Jws<'_>,
        org: &OrgName,
        purpose: Purpose<'_>,
        now: Timestamp,
    ) -> Result<OutsideToken, Refused> {
        let claims = jws.claims();
        let issuer = claims
            .get("iss")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let known = snapshot.issuers.of(org, issuer);
        if known.is_empty() {
            return Err(Refused::because(Why::Unknown));
        }
        let meant = known.iter().filter(|issuer| {
            is_meant(claims, issuer)
                && match purpose {
                    Purpose::Call => issuer.direct,
                    Purpose::Exchange { client } => {
                        client.is_none_or(|id| id == issuer.client.as_str())
                    }
                }
        });
        let issuer = only_client(meant).map_err(Refused::because)?;
        let subject = claims
            .get("sub")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let credential = CredentialId::new(&format!("{}:{subject}", issuer.id));
        let refuse = |why| Refused::known(why, &issuer.client, &credential);
        let typ = jws.header().typ();
        if typ.is_some()
            && !["jwt", "at+jwt"]
                .iter()
                .any(|kind| jws.header().is_typed(kind))
        {
            return Err(refuse(Why::Malformed));
        }
        if claims.contains_key("cnf") {
            return Err(refuse(Why::Unproven));
        }
        let expires = times(claims, issuer, now).map_err(refuse)?;
        let registered = snapshot
            .clients
            .get(&issuer.client)
            .ok_or_else(|| refuse(Why::Unknown))?;
        if registered.standing.disabled {
            return Err(refuse(Why::Disabled));
        }
        let keys = self
            .verified_by(jws, issuer, now)
            .map_err(|(why, wanted)| match wanted {
                true => refuse(why).wanting(issuer),
                false => refuse(why),
            })?;
        Ok(OutsideToken {
            registered: Arc::clone(registered),
            credential,
            expires,
            issuer: Arc::clone(issuer),
            keys,
            generation: snapshot.of_generation(),
        })
    }

    /// The keys that the token's signature was verified with; else why not, and whether it is time to fetch them.
    fn verified_by(
        &self,
        jws: &Jws<'_>,
        issuer: &Issuer,
        now: Timestamp,
    ) -> Result<Arc<KeySet>, (Why, bool)> {
        let header = jws.header();
        let verifies = |keys: &KeySet| {
            let mut candidates = keys.candidates(header.kid(), header.algorithm());
            candidates.any(|key| jws.verify(key).is_ok())
        };
        let place = match &issuer.keys {
            KeySource::Fixed(keys) if verifies(keys) => return Ok(Arc::clone(keys)),
            KeySource::Fixed(_) => return Err((Why::Forged, false)),
            KeySource::Published(place) => place,
        };
        let in_hand = self.issuer_keys.at(place, now);
        if in_hand.due {
            return Err((Why::KeysMissing, true));
        }
        let keys = in_hand.keys.ok_or((Why::KeysMissing, in_hand.may_come))?;
        if verifies(&keys) {
            return Ok(keys);
        }
        let known = header.kid().is_some()
            && keys
                .candidates(header.kid(), header.algorithm())
                .next()
                .is_some();
        Err((Why::Forged, !known && in_hand.may_come))
    }

    /// Whether a token verified before would be verified again, without looking at its signature.
    fn still_counts(
        &self,
        token: &OutsideToken,
        snapshot: &Snapshot,
        org: &OrgName,
        now: Timestamp,
    ) -> bool {
        let keys_stand = match &token.issuer.keys {
            KeySource::Fixed(_) => true,
            KeySource::Published(place) => {
                let in_hand = self.issuer_keys.at(place, now);
                !in_hand.due
                    && in_hand
                        .keys
                        .is_some_and(|keys| Arc::ptr_eq(&keys, &token.keys))
            }
        };
        keys_stand
            && token.generation == snapshot.of_generation()
            && token.issuer.org == *org
            && now.as_second() < token.expires
    }
}

impl OutsideToken {
    /// A refusal of the client that it stands for.
    pub(crate) fn refused(&self, why: Why) -> Refused {
        Refused::known(why, &self.registered.client.id, &self.credential)
    }
}

/// Whether a token says that it is of another issuer than `ours`. One that cannot be read says nothing.
pub(crate) fn is_foreign(text: &str, ours: &str) -> bool {
    let read = Jws::read(text);
    let issuer = read.as_ref().ok().and_then(|jws| jws.claims().get("iss"));
    issuer
        .and_then(Value::as_str)
        .is_some_and(|issuer| issuer != ours)
}

/// Whether audience and subject are those of the registration.
fn is_meant(claims: &Map<String, Value>, issuer: &Issuer) -> bool {
    let audience = match claims.get("aud") {
        Some(Value::String(only)) => *only == issuer.audience,
        Some(Value::Array(several)) => several.iter().any(|one| *one == issuer.audience.as_str()),
        _ => false,
    };
    let subject = claims.get("sub").and_then(Value::as_str);
    audience
        && subject.is_some_and(|subject| is_subject(subject) && issuer.subject.matches(subject))
}

/// The first registration, if all are of one client: a token that could stand for two stands for none.
fn only_client<'i>(
    mut meant: impl Iterator<Item = &'i Arc<Issuer>>,
) -> Result<&'i Arc<Issuer>, Why> {
    let first = meant.next().ok_or(Why::NobodyMeant)?;
    match meant.all(|other| other.client == first.client) {
        true => Ok(first),
        false => Err(Why::TwoMeant),
    }
}

/// When the token ends, if it counts at `now`.
fn times(claims: &Map<String, Value>, issuer: &Issuer, now: Timestamp) -> Result<i64, Why> {
    let second = now.as_second();
    let required = |name: &str| {
        claims
            .get(name)
            .and_then(read_seconds)
            .ok_or(Why::Malformed)
    };
    let (issued, expires) = (required("iat")?, required("exp")?);
    let not_before = match claims.get("nbf") {
        None => issued,
        Some(time) => read_seconds(time).ok_or(Why::Malformed)?,
    };
    let latest = second + CLOCK_SKEW_S;
    if expires <= issued || expires - issued > 60 * i64::from(issuer.minutes_max) {
        Err(Why::TooLongLived)
    } else if second >= expires || issued > latest || not_before > latest {
        Err(Why::Expired)
    } else {
        Ok(expires)
    }
}
