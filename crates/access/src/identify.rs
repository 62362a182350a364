//! From an `Authorization` value to a caller, or to a refusal that looks the same whatever was wrong.
//!
//! Cost of the hot path: 0.7 µs, of which 0.2 for the checksum and most of the rest for one HMAC-SHA-256 (one core of a shared
//! server, release build); a look-up, two reference counts, no allocation, no I/O but one row every half second. Keys and signed
//! tokens are told apart by their form.

use std::net::IpAddr;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use jiff::Timestamp;

use crate::api_key::{Fingerprint, is_well_formed};
use crate::keyring::Use;
use crate::limits::{AUTHORIZATION_BYTES_MAX, LAST_USED_STEP_S};
use crate::oauth::Scheme;
use crate::oauth::access_token::ShownToken;
use crate::snapshot::{KnownKey, Snapshot};
use crate::workload::{Issuer, KeyPlace, KeySource, is_foreign};
use crate::{
    Caller, ClientId, Credential, CredentialId, CredentialKind, Keyring, OrgName, Presented,
    Throttle,
};

/// A credential that was not accepted. Its text never says why; [`Refused::why`] is for the audit trail only.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid credential")]
pub struct Refused {
    why: Why,
    whose: Option<(ClientId, CredentialId)>,
    wanting: Option<KeyPlace>,
}

/// Why a credential was not accepted. Not for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// There was none.
    Absent,
    /// Of no scheme we know, or neither a key nor a token by its form.
    Malformed,
    /// A key or token by its form, but not one of ours.
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
    /// A token bound to a key or certificate, without proof that the sender holds it; or one that is not, shown as if it were.
    Unproven,
    /// A token of an outside issuer that, by issuer, audience and subject, stands for no client.
    NobodyMeant,
    /// A token of an outside issuer that could stand for two clients.
    TwoMeant,
    /// A token of an outside issuer that lives for longer than was registered.
    TooLongLived,
    /// A token of an outside issuer that is signed with none of its keys.
    Forged,
    /// A token of an outside issuer whose keys are not there.
    KeysMissing,
    /// Shown from a source that has shown too much that was wrong; not looked at.
    Throttled,
    /// The state database cannot be read, so nobody can be identified.
    Unavailable,
}

impl Refused {
    pub(crate) fn because(why: Why) -> Self {
        Self {
            why,
            whose: None,
            wanting: None,
        }
    }

    pub(crate) fn known(why: Why, client: &ClientId, credential: &CredentialId) -> Self {
        Self {
            why,
            whose: Some((client.clone(), credential.clone())),
            wanting: None,
        }
    }

    /// The same refusal, of a token whose issuer's keys are to be fetched.
    pub(crate) fn wanting(mut self, issuer: &Issuer) -> Self {
        if let KeySource::Published(place) = &issuer.keys {
            self.wanting = Some(place.clone());
        }
        self
    }

    /// The reason, for the audit trail.
    pub fn why(&self) -> Why {
        self.why
    }

    /// Where keys are that would tell more: to be fetched if [`Keyring::claim_fetch`] says so, and then tried again, once.
    pub fn wanted_keys(&self) -> Option<&KeyPlace> {
        self.wanting.as_ref()
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
            Self::Unproven => "unproven_possession",
            Self::NobodyMeant => "subject_of_no_client",
            Self::TwoMeant => "subject_of_two_clients",
            Self::TooLongLived => "long_lived_credential",
            Self::Forged => "forged_credential",
            Self::KeysMissing => "issuer_keys_missing",
            Self::Throttled => "throttled_source",
            Self::Unavailable => "state_unavailable",
        }
    }

    /// Whether whoever shows such a credential may be guessing. One that was good once is not guessed.
    fn is_guess(self) -> bool {
        matches!(
            self,
            Self::Malformed | Self::Unknown | Self::NobodyMeant | Self::Forged
        )
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
        let shown = Shown::of(presented).map_err(Refused::because)?;
        let fingerprint = self.pepper.fingerprint(shown.text());
        self.identify_shown(&shown, &fingerprint, presented, org, now)
    }

    /// The same, unless the source has guessed too much: then only what was accepted from it before is looked at.
    ///
    /// # Errors
    /// [`Refused`]; one and the same for every reason.
    pub fn identify_within(
        &self,
        throttle: &Throttle,
        presented: &Presented<'_>,
        org: &OrgName,
        now: Timestamp,
    ) -> Result<Caller, Refused> {
        let source = presented.source;
        let shown = Shown::of(presented);
        let fingerprint = shown
            .as_ref()
            .ok()
            .map(|shown| self.pepper.fingerprint(shown.text()));
        if !throttle.admits(source, || fingerprint, now) {
            return Err(Refused::because(Why::Throttled));
        }
        let identified = match (shown, &fingerprint) {
            (Ok(shown), Some(fingerprint)) => {
                self.identify_shown(&shown, fingerprint, presented, org, now)
            }
            (Err(why), _) => Err(Refused::because(why)),
            (Ok(_), None) => Err(Refused::because(Why::Malformed)),
        };
        match (&identified, &fingerprint) {
            (Ok(_), Some(fingerprint)) => throttle.succeeded(source, fingerprint, now),
            (Err(refused), _) if refused.why.is_guess() && refused.wanting.is_none() => {
                throttle.failed(source, now);
            }
            _ => {}
        }
        identified
    }

    fn identify_shown(
        &self,
        shown: &Shown<'_>,
        fingerprint: &Fingerprint,
        presented: &Presented<'_>,
        org: &OrgName,
        now: Timestamp,
    ) -> Result<Caller, Refused> {
        let snapshot = self
            .current(now)
            .map_err(|_| Refused::because(Why::Unavailable))?;
        match *shown {
            Shown::Key(_) => self.identify_by_key(&snapshot, fingerprint, presented, org, now),
            Shown::Token(Scheme::Bearer, text)
                if self.is_of_outside(fingerprint, text, presented.issuer()) =>
            {
                self.identify_by_outside_token(&snapshot, text, fingerprint, presented, org, now)
            }
            Shown::Token(scheme, text) => {
                let shown = ShownToken {
                    scheme,
                    text,
                    fingerprint,
                };
                self.identify_by_token(&snapshot, shown, presented, org, now)
            }
        }
    }

    /// Whether a token says that it is another issuer's than ours.
    fn is_of_outside(&self, fingerprint: &Fingerprint, text: &str, ours: &str) -> bool {
        if self.tokens.find(fingerprint).is_some() {
            return false;
        }
        self.outside_tokens.find(fingerprint).is_some() || is_foreign(text, ours)
    }

    fn identify_by_key(
        &self,
        snapshot: &Snapshot,
        fingerprint: &Fingerprint,
        presented: &Presented<'_>,
        org: &OrgName,
        now: Timestamp,
    ) -> Result<Caller, Refused> {
        let known = snapshot
            .keys
            .get(fingerprint)
            .ok_or(Refused::because(Why::Unknown))?;
        let objection = match known.objection(CredentialKind::Key, presented, org, now) {
            Some(Why::Idle) if self.learns_of_use(known) => {
                known.objection(CredentialKind::Key, presented, org, now)
            }
            objection => objection,
        };
        if let Some(why) = objection {
            let caller = &known.caller;
            return Err(Refused::known(why, caller.client(), caller.credential()));
        }
        self.remember_use(known, presented.source, now);
        Ok(known.caller.clone())
    }

    /// Whether another process wrote down a later use of the key than this one knows: it reads uses only when something else changes.
    fn learns_of_use(&self, known: &KnownKey) -> bool {
        let credential = known.caller.credential();
        let read = self.database.read(|tx| Credential::find(tx, credential));
        let last_used = read.ok().and_then(|read| read.last_used);
        let last_used = last_used.map_or(0, Timestamp::as_second);
        known.last_used.fetch_max(last_used, Ordering::Relaxed) < last_used
    }

    pub(crate) fn remember_use(&self, known: &KnownKey, source: IpAddr, now: Timestamp) {
        let (now, before) = (now.as_second(), known.last_used.load(Ordering::Relaxed));
        let hour = now - now.rem_euclid(LAST_USED_STEP_S);
        if hour > before
            && known
                .last_used
                .compare_exchange(before, hour, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
        {
            let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
            uses.push(Use {
                credential: known.caller.credential().clone(),
                hour,
                source,
            });
        }
    }
}

/// What an `Authorization` value shows, told by its form alone.
enum Shown<'a> {
    Key(&'a str),
    /// A signed token: three parts.
    Token(Scheme, &'a str),
}

impl<'a> Shown<'a> {
    fn of(presented: &Presented<'a>) -> Result<Self, Why> {
        let value = presented.authorization.ok_or(Why::Absent)?;
        Self::read(value).ok_or(Why::Malformed)
    }

    fn text(&self) -> &'a str {
        match self {
            Self::Key(text) | Self::Token(_, text) => text,
        }
    }

    fn read(value: &'a str) -> Option<Self> {
        if value.len() > AUTHORIZATION_BYTES_MAX {
            return None;
        }
        if let Some(text) = after_scheme(value, "DPoP ") {
            return Some(Self::Token(Scheme::Dpop, text.trim_matches(' ')));
        }
        if let Some(key) = after_scheme(value, "SSWS") {
            let key = key.trim_matches(' ');
            return is_well_formed(key).then_some(Self::Key(key));
        }
        let text = after_scheme(value, "Bearer ")?.trim_matches(' ');
        if is_well_formed(text) {
            return Some(Self::Key(text));
        }
        (text.matches('.').count() == 2).then_some(Self::Token(Scheme::Bearer, text))
    }
}

/// What follows `scheme`. Okta's Python SDK (PyPI `okta` 3.4.6) writes `SSWS` and the token without a space between them.
fn after_scheme<'a>(value: &'a str, scheme: &str) -> Option<&'a str> {
    let (front, rest) = value.split_at_checked(scheme.len())?;
    front.eq_ignore_ascii_case(scheme).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ApiKey, NewClient};
    use store::{Database, SealKey};

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn with_key() -> (Keyring, ApiKey) {
        let database = std::sync::Arc::new(Database::open_in_memory().unwrap());
        let keyring = Keyring::open(database, &SealKey::from_bytes([7; 32]), NOW).unwrap();
        let new = NewClient::new(OrgName::parse("production").unwrap(), "script");
        let client = keyring.register(new, NOW).unwrap();
        let (key, _) = keyring.issue(&client.id, None, NOW).unwrap();
        (keyring, key)
    }

    #[test]
    fn a_value_is_read_up_to_its_bound_and_no_further() {
        let (_, key) = with_key();
        let padded = |bytes: usize| {
            let spaces = " ".repeat(bytes - "SSWS".len() - key.expose().len());
            format!("SSWS{spaces}{}", key.expose())
        };
        assert!(Shown::read(&padded(AUTHORIZATION_BYTES_MAX)).is_some());
        assert!(Shown::read(&padded(AUTHORIZATION_BYTES_MAX + 1)).is_none());
    }

    #[test]
    fn however_often_a_key_is_used_one_use_an_hour_waits_to_be_written_down() {
        let (keyring, key) = with_key();
        let authorization = format!("SSWS {}", key.expose());
        let presented = Presented {
            authorization: Some(&authorization),
            proof: None,
            certificate: None,
            subject: None,
            source: IpAddr::from([127, 0, 0, 1]),
            method: "GET",
            url: "https://gateway.example.com/api/v1/users",
        };
        let org = OrgName::parse("production").unwrap();
        for hour in 1..=3 {
            for _ in 0..5 {
                let now = NOW + jiff::SignedDuration::from_hours(hour);
                keyring.identify(&presented, &org, now).unwrap();
            }
            assert_eq!(keyring.uses.lock().unwrap().len() as i64, hour);
        }
    }
}
