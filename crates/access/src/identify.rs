//! From an `Authorization` value to a caller, or to a refusal that looks the same whatever was wrong.
//!
//! Cost of the hot path: 0.7 µs, of which 0.2 for the checksum and most of the rest for one HMAC-SHA-256 (one core of a shared
//! server, release build); a look-up, two reference counts, no allocation, no I/O but one row every half second. Other kinds of
//! credentials (signed tokens) are told apart by their form.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use jiff::Timestamp;

use crate::api_key::is_well_formed;
use crate::limits::{AUTHORIZATION_BYTES_MAX, LAST_USED_STEP_S};
use crate::snapshot::KnownKey;
use crate::{Caller, ClientId, CredentialId, CredentialKind, Keyring, OrgName, Presented};

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
    /// Not used for longer than it may be.
    Idle,
    /// A key of another org.
    OtherOrg,
    /// A good one, but shown from where its client or itself may not be used.
    OtherNetwork,
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
            Self::Idle => "idle_credential",
            Self::OtherOrg => "credential_of_other_org",
            Self::OtherNetwork => "credential_of_other_network",
            Self::Unavailable => "state_unavailable",
        }
    }
}

impl Keyring {
    /// Finds out who calls `org` with what is presented.
    ///
    /// # Errors
    /// [`Refused`]; one and the same for every reason.
    pub fn identify(
        &self,
        presented: &Presented<'_>,
        org: &OrgName,
        now: Timestamp,
    ) -> Result<Caller, Refused> {
        let value = presented
            .authorization
            .ok_or(Refused::because(Why::Absent))?;
        let key = presented_key(value).ok_or(Refused::because(Why::Malformed))?;
        let snapshot = self
            .current(now)
            .map_err(|_| Refused::because(Why::Unavailable))?;
        let known = snapshot
            .keys
            .get(&self.pepper.fingerprint(key))
            .ok_or(Refused::because(Why::Unknown))?;
        if let Some(why) = known.objection(CredentialKind::Key, presented, org, now) {
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
