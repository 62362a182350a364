//! From an `Authorization` value to a caller, or to a refusal that looks the same whatever was wrong.
//!
//! Cost of the hot path: 0.7 µs, of which 0.2 for the checksum and most of the rest for one HMAC-SHA-256 (one core of a shared
//! server, release build); a look-up, two reference counts, no allocation, no I/O but one row every half second. Other kinds of
//! credentials (signed tokens) will be told apart by their form here.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError};

use jiff::Timestamp;
use store::rusqlite::{Transaction, params};

use crate::api_key::{Fingerprint, is_well_formed};
use crate::credential::Credential;
use crate::limits::{AUTHORIZATION_BYTES_MAX, DEAD_KEY_DAYS, LAST_USED_STEP_S};
use crate::{AccessError, Caller, Client, ClientId, CredentialId, Keyring, OrgName};

/// A credential that was not accepted. Its text never says why; [`Refused::why`] is for the audit trail only.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid credential")]
pub struct Refused {
    why: Why,
    whose: Option<(ClientId, CredentialId)>,
}

/// Why a credential was not accepted. Not for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// There was none.
    Absent,
    /// Neither `SSWS` nor `Bearer`, or not a key by its form.
    Malformed,
    /// A key by its form, but not one of ours.
    Unknown,
    /// Expired.
    Expired,
    /// Revoked.
    Revoked,
    /// Its client is disabled.
    Disabled,
    /// A key of another org.
    OtherOrg,
    /// The state database cannot be read, so nobody can be identified.
    Unavailable,
}

impl Refused {
    fn because(why: Why) -> Self {
        Self { why, whose: None }
    }

    /// The reason, for the audit trail.
    pub fn why(&self) -> Why {
        self.why
    }

    /// Client and credential, when the key was a known one.
    pub fn whose(&self) -> Option<&(ClientId, CredentialId)> {
        self.whose.as_ref()
    }
}

impl Why {
    /// The reason as one word; stable.
    pub fn code(self) -> &'static str {
        match self {
            Self::Absent => "no_credential",
            Self::Malformed => "malformed_credential",
            Self::Unknown => "unknown_credential",
            Self::Expired => "expired_credential",
            Self::Revoked => "revoked_credential",
            Self::Disabled => "disabled_client",
            Self::OtherOrg => "credential_of_other_org",
            Self::Unavailable => "state_unavailable",
        }
    }
}

impl Keyring {
    /// Finds out who calls `org` with this `Authorization` value (`None`: there was no such header).
    ///
    /// # Errors
    /// [`Refused`]; one and the same for every reason.
    pub fn identify(
        &self,
        authorization: Option<&str>,
        org: &OrgName,
        now: Timestamp,
    ) -> Result<Caller, Refused> {
        let value = authorization.ok_or(Refused::because(Why::Absent))?;
        let key = presented_key(value).ok_or(Refused::because(Why::Malformed))?;
        let snapshot = self
            .current(now)
            .map_err(|_| Refused::because(Why::Unavailable))?;
        let known = snapshot
            .keys
            .get(&self.pepper.fingerprint(key))
            .ok_or(Refused::because(Why::Unknown))?;
        if let Some(why) = known.objection(org, now) {
            let whose = (
                known.caller.client().clone(),
                known.caller.credential().clone(),
            );
            return Err(Refused {
                why,
                whose: Some(whose),
            });
        }
        self.remember_use(known, now);
        Ok(known.caller.clone())
    }

    fn remember_use(&self, known: &KnownKey, now: Timestamp) {
        let (now, before) = (now.as_second(), known.last_used.load(Ordering::Relaxed));
        let hour = now - now.rem_euclid(LAST_USED_STEP_S);
        if hour > before
            && known
                .last_used
                .compare_exchange(before, hour, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
        {
            let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
            uses.push((known.caller.credential().clone(), hour));
        }
    }
}

/// The key in an `Authorization` value, if it has the form of one.
fn presented_key(value: &str) -> Option<&str> {
    if value.len() > AUTHORIZATION_BYTES_MAX {
        return None;
    }
    let key = after_scheme(value, "SSWS").or_else(|| after_scheme(value, "Bearer "))?;
    let key = key.trim_matches(' ');
    is_well_formed(key).then_some(key)
}

/// What follows `scheme`. Okta's Python SDK (PyPI `okta` 3.4.6) writes `SSWS` and the token without a space between them.
fn after_scheme<'a>(value: &'a str, scheme: &str) -> Option<&'a str> {
    let (front, rest) = value.split_at_checked(scheme.len())?;
    front.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// All keys as of one state of the database.
pub(crate) struct Snapshot {
    generation: i64,
    seen_ms: AtomicI64,
    keys: HashMap<Fingerprint, KnownKey>,
}

struct KnownKey {
    caller: Caller,
    expires: Timestamp,
    revoked: bool,
    disabled: bool,
    last_used: AtomicI64,
}

impl KnownKey {
    fn objection(&self, org: &OrgName, now: Timestamp) -> Option<Why> {
        if self.caller.org() != org {
            Some(Why::OtherOrg)
        } else if self.disabled {
            Some(Why::Disabled)
        } else if self.revoked {
            Some(Why::Revoked)
        } else if now >= self.expires {
            Some(Why::Expired)
        } else {
            None
        }
    }
}

impl Snapshot {
    pub(crate) fn load(tx: &Transaction<'_>, now: Timestamp) -> Result<Self, AccessError> {
        let mut clients: HashMap<ClientId, (Client, Arc<crate::Grant>)> = HashMap::new();
        let mut keys = HashMap::new();
        let long_dead = now.as_second() - DEAD_KEY_DAYS * 24 * 3_600;
        let sql = "SELECT id, client, created, expires, revoked, last_used, fingerprint FROM access_api_key \
                   WHERE expires > ?1 AND (revoked IS NULL OR revoked > ?1)";
        let mut statement = tx.prepare(sql)?;
        let mut rows = statement.query(params![long_dead])?;
        while let Some(row) = rows.next()? {
            let fingerprint: Fingerprint = row.get("fingerprint")?;
            let credential = Credential::read(row)?;
            if !clients.contains_key(&credential.client) {
                let client = Client::find(tx, &credential.client)?;
                let grant = Arc::new(client.grant());
                clients.insert(credential.client.clone(), (client, grant));
            }
            if let Some((client, grant)) = clients.get(&credential.client) {
                keys.insert(fingerprint, KnownKey::of(client, grant, &credential));
            }
        }
        Ok(Self {
            generation: Self::generation(tx)?,
            seen_ms: AtomicI64::new(now.as_millisecond()),
            keys,
        })
    }

    /// Number of the database's state as far as keys and clients go.
    pub(crate) fn generation(tx: &Transaction<'_>) -> Result<i64, AccessError> {
        Ok(tx.query_row("SELECT number FROM access_generation", [], |row| row.get(0))?)
    }

    pub(crate) fn of_generation(&self) -> i64 {
        self.generation
    }

    /// How long ago the database was last seen to agree; a clock that went back counts as old.
    pub(crate) fn age_ms(&self, now: Timestamp) -> i64 {
        let age = now.as_millisecond() - self.seen_ms.load(Ordering::Relaxed);
        if age < 0 { i64::MAX } else { age }
    }

    pub(crate) fn seen_at(&self, now: Timestamp) {
        self.seen_ms.store(now.as_millisecond(), Ordering::Relaxed);
    }
}

impl KnownKey {
    fn of(client: &Client, grant: &Arc<crate::Grant>, credential: &Credential) -> Self {
        let caller = Caller::new(
            client.org.clone(),
            client.id.clone(),
            credential.id.clone(),
            Arc::clone(grant),
        );
        Self {
            caller,
            expires: credential.expires,
            revoked: credential.revoked.is_some(),
            disabled: client.disabled.is_some(),
            last_used: AtomicI64::new(credential.last_used.map_or(0, Timestamp::as_second)),
        }
    }
}
