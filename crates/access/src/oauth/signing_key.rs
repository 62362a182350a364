//! The keys that sign access tokens: one set per org, made at the first use, sealed in the state database.
//!
//! A successor is shown at `/oauth2/v1/keys` a day before it signs, and its predecessor goes on verifying until the last token it
//! signed is dead. It follows by itself after 90 days; an operator may bring it forward, or in an emergency replace all keys at
//! once, which kills every token out there. Private keys leave the seal only in memory, at their first use.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use jose::{Algorithm, KeySet, SigningKey, VerifyingKey};
use serde_json::Value;
use store::rusqlite::{Row, Transaction, params};
use store::{SealKey, open, seal};

use crate::client::instant;
use crate::limits::{
    CLOCK_SKEW_S, SIGNING_KEY_LIFE_S, SIGNING_KEY_OVERLAP_S, SIGNING_KEY_SHOWN_S,
    SIGNING_KEYS_PER_ORG_MAX,
};
use crate::{AccessError, Keyring, OrgName};

/// A signing key as the state knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKeyRecord {
    /// Its name: the thumbprint of its public half (RFC 7638).
    pub kid: String,
    /// Its algorithm, `ES256` or `EdDSA`.
    pub algorithm: &'static str,
    /// When it was made, to the second.
    pub created: Timestamp,
    /// From when it signs.
    pub signs: Timestamp,
    /// From when its tokens are refused; `None` while no successor is there.
    pub retired: Option<Timestamp>,
}

/// How a successor takes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Succession {
    /// It is shown for a day, then signs; tokens of its predecessor stay good until they expire.
    Planned,
    /// It signs at once, and every token signed by another key is refused from now on.
    Emergency,
}

/// A key in memory; unsealed at its first use and then kept.
pub(crate) struct StoredKey {
    record: SigningKeyRecord,
    algorithm: Algorithm,
    sealed: Vec<u8>,
    opened: Arc<OnceLock<Arc<SigningKey>>>,
}

/// The signing keys of all orgs.
#[derive(Default)]
pub(crate) struct SigningKeys(HashMap<OrgName, Vec<StoredKey>>);

impl StoredKey {
    fn read(
        row: &Row<'_>,
        org: &OrgName,
        before: Option<&SigningKeys>,
    ) -> Result<Self, AccessError> {
        let unreadable = || AccessError::Unreadable {
            what: "a signing key",
        };
        let kid: String = row.get("kid")?;
        let retired: Option<i64> = row.get("retired")?;
        let algorithm =
            Algorithm::read(&row.get::<_, String>("algorithm")?).ok_or_else(unreadable)?;
        let known =
            before.and_then(|before| before.of(org).iter().find(|key| key.record.kid == kid));
        Ok(Self {
            record: SigningKeyRecord {
                kid,
                algorithm: algorithm.name(),
                created: instant(row.get("created")?).ok_or_else(unreadable)?,
                signs: instant(row.get("signs")?).ok_or_else(unreadable)?,
                retired: retired
                    .map(|at| instant(at).ok_or_else(unreadable))
                    .transpose()?,
            },
            algorithm,
            sealed: row.get("sealed")?,
            opened: known
                .map(|known| Arc::clone(&known.opened))
                .unwrap_or_default(),
        })
    }

    fn lives(&self, now: Timestamp) -> bool {
        self.record.retired.is_none_or(|at| now < at)
    }

    /// The key itself.
    pub(crate) fn open(
        &self,
        seal_key: &SealKey,
        org: &OrgName,
    ) -> Result<Arc<SigningKey>, AccessError> {
        if let Some(key) = self.opened.get() {
            return Ok(Arc::clone(key));
        }
        let unreadable = || AccessError::Unreadable {
            what: "a signing key",
        };
        let pkcs8 = open(seal_key, &purpose(org, &self.record.kid), &self.sealed)
            .map_err(|_| unreadable())?;
        let key = SigningKey::from_pkcs8(self.algorithm, &pkcs8).map_err(|_| unreadable())?;
        Ok(Arc::clone(self.opened.get_or_init(|| Arc::new(key))))
    }
}

impl SigningKeys {
    pub(crate) fn all(tx: &Transaction<'_>, before: Option<&Self>) -> Result<Self, AccessError> {
        let mut statement = tx.prepare("SELECT org, kid, algorithm, sealed, created, signs, retired FROM access_signing_key ORDER BY signs, created, kid")?;
        let mut rows = statement.query([])?;
        let mut keys: HashMap<OrgName, Vec<StoredKey>> = HashMap::new();
        while let Some(row) = rows.next()? {
            let unreadable = |_| AccessError::Unreadable {
                what: "a signing key",
            };
            let org = OrgName::parse(&row.get::<_, String>("org")?).map_err(unreadable)?;
            let key = StoredKey::read(row, &org, before)?;
            keys.entry(org).or_default().push(key);
        }
        Ok(Self(keys))
    }

    /// The keys of an org, by when they sign.
    fn of(&self, org: &OrgName) -> &[StoredKey] {
        self.0.get(org).map_or(&[], Vec::as_slice)
    }

    /// The key that signs at `now`: the last one whose time has come.
    pub(crate) fn signer(&self, org: &OrgName, now: Timestamp) -> Option<&StoredKey> {
        let mut keys = self.of(org).iter().rev();
        keys.find(|key| key.record.signs <= now && key.lives(now))
    }

    /// Whether a successor is wanted and not there yet.
    fn is_due(&self, org: &OrgName, now: Timestamp) -> bool {
        let last = self.of(org).iter().rev().find(|key| key.lives(now));
        last.is_none_or(|last| {
            now.as_second() >= last.record.signs.as_second() + SIGNING_KEY_LIFE_S
        })
    }

    /// The key of this name, while tokens signed with it count. A key that is only shown yet signs nothing.
    pub(crate) fn verifier(&self, org: &OrgName, kid: &str, now: Timestamp) -> Option<&StoredKey> {
        let latest = now.as_second() + CLOCK_SKEW_S;
        let mut keys = self.of(org).iter();
        keys.find(|key| {
            key.record.kid == kid && key.lives(now) && key.record.signs.as_second() <= latest
        })
    }
}

impl Keyring {
    /// The signing keys of an org, oldest first.
    ///
    /// # Errors
    /// When the state database cannot be read.
    pub fn signing_keys(&self, org: &OrgName) -> Result<Vec<SigningKeyRecord>, AccessError> {
        let keys = self.database.read(|tx| SigningKeys::all(tx, None))?;
        Ok(keys.of(org).iter().map(|key| key.record.clone()).collect())
    }

    /// Makes a successor of the org's signing key, or brings the one that waits forward.
    ///
    /// # Errors
    /// When the state database cannot be changed, or the org has all the keys it may have.
    pub fn rotate_signing_key(
        &self,
        org: &OrgName,
        succession: Succession,
        now: Timestamp,
    ) -> Result<SigningKeyRecord, AccessError> {
        self.change(now, |tx| succeed(tx, &self.seal, org, succession, now))
    }

    /// The public keys of an org as a JWK set: those that sign, that will, and that did as long as their tokens live.
    ///
    /// # Errors
    /// When the state database cannot be read, or a first key not be made.
    pub fn jwks(&self, org: &OrgName, now: Timestamp) -> Result<Value, AccessError> {
        self.keep_signing_key(org, now)?;
        let snapshot = self.current(now)?;
        let live = snapshot.signing.of(org).iter().filter(|key| key.lives(now));
        let keys = live
            .map(|key| Ok(key.open(&self.seal, org)?.verifying_key().clone()))
            .collect::<Result<Vec<VerifyingKey>, AccessError>>()?;
        let set = KeySet::of(keys).map_err(|_| AccessError::Unreadable {
            what: "a signing key",
        })?;
        Ok(Value::Object(set.jwks()))
    }

    /// The key that signs for an org now; made if there is none, and followed by a successor when it is old.
    pub(crate) fn signer(
        &self,
        org: &OrgName,
        now: Timestamp,
    ) -> Result<Arc<SigningKey>, AccessError> {
        self.keep_signing_key(org, now)?;
        let snapshot = self.current(now)?;
        let signer = snapshot.signing.signer(org, now);
        let signer = signer.ok_or(AccessError::Unreadable {
            what: "a signing key",
        })?;
        signer.open(&self.seal, org)
    }

    fn keep_signing_key(&self, org: &OrgName, now: Timestamp) -> Result<(), AccessError> {
        if !self.current(now)?.signing.is_due(org, now) {
            return Ok(());
        }
        self.change(now, |tx| {
            // Another process may have been faster.
            if SigningKeys::all(tx, None)?.is_due(org, now) {
                succeed(tx, &self.seal, org, Succession::Planned, now)?;
            }
            Ok(())
        })
    }
}

fn succeed(
    tx: &Transaction<'_>,
    seal_key: &SealKey,
    org: &OrgName,
    succession: Succession,
    now: Timestamp,
) -> Result<SigningKeyRecord, AccessError> {
    let known = SigningKeys::all(tx, None)?;
    let second = now.as_second();
    let signing = known.signer(org, now).is_some();
    let waiting = known
        .of(org)
        .iter()
        .rev()
        .find(|key| key.record.signs > now && key.lives(now));
    if let (Succession::Planned, Some(waiting)) = (succession, waiting) {
        return Ok(waiting.record.clone());
    }
    tx.execute(
        "DELETE FROM access_signing_key WHERE org = ?1 AND retired <= ?2",
        params![org.as_str(), second],
    )?;
    if known.of(org).iter().filter(|key| key.lives(now)).count() >= SIGNING_KEYS_PER_ORG_MAX
        && succession == Succession::Planned
    {
        return Err(AccessError::TooManySigningKeys(org.clone()));
    }
    let (signs, retires) = match succession {
        Succession::Planned if signing => (
            second + SIGNING_KEY_SHOWN_S,
            second + SIGNING_KEY_SHOWN_S + SIGNING_KEY_OVERLAP_S,
        ),
        Succession::Planned | Succession::Emergency => (second, second),
    };
    tx.execute(
        "UPDATE access_signing_key SET retired = ?2 WHERE org = ?1 AND (retired IS NULL OR retired > ?2)",
        params![org.as_str(), retires],
    )?;
    let key = SigningKey::generate(Algorithm::ES256).map_err(|_| AccessError::NoRandomness)?;
    let kid = key.verifying_key().thumbprint().to_owned();
    let pkcs8 = key.to_pkcs8().map_err(|_| AccessError::NoRandomness)?;
    let sealed =
        seal(seal_key, &purpose(org, &kid), &pkcs8).map_err(|_| AccessError::NoRandomness)?;
    tx.execute(
        "INSERT INTO access_signing_key (kid, org, algorithm, sealed, created, signs) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![kid, org.as_str(), Algorithm::ES256.name(), sealed, second, signs],
    )?;
    let made = SigningKeys::all(tx, None)?;
    let made = made.of(org).iter().find(|key| key.record.kid == kid);
    made.map(|key| key.record.clone())
        .ok_or(AccessError::Unreadable {
            what: "a signing key",
        })
}

/// What a sealed key is bound to: it opens in no other row.
fn purpose(org: &OrgName, kid: &str) -> String {
    format!("access signing key {org} {kid}")
}
