//! What is kept of an API key: who it belongs to, how long it lives, and its fingerprint. Never the key.

use std::fmt;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use store::rusqlite::{OptionalExtension, Row, Transaction, params};

use crate::api_key::{Fingerprint, random_digits};
use crate::client::{instant, read_networks};
use crate::{AccessError, ClientId, KEY_DAYS_MAX, KEYS_PER_CLIENT_MAX, Network};

/// Identity of a credential: `key` and 16 letters or digits; `internal` for the product's own jobs. Not secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CredentialId(Arc<str>);

impl CredentialId {
    /// Takes an id as typed; whether there is such a credential is for the keyring to say.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    pub(crate) fn internal() -> Self {
        Self("internal".into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CredentialId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// An API key as the state knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Its identity.
    pub id: CredentialId,
    /// The client it belongs to.
    pub client: ClientId,
    /// When it was issued, to the second.
    pub created: Timestamp,
    /// From when it is no longer accepted.
    pub expires: Timestamp,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
    /// When it was last used, to the hour.
    pub last_used: Option<Timestamp>,
    /// What it is good for.
    pub kind: CredentialKind,
    /// Where it may be used from; empty means wherever its client may call from.
    pub networks: Vec<Network>,
    /// After so many days without use it is no longer accepted.
    pub idle_days: u32,
}

/// What a secret of ours is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// An API key, for calls.
    Key,
    /// A client secret, for the token endpoint only.
    Secret,
}

impl Credential {
    pub(crate) fn insert(
        tx: &Transaction<'_>,
        client: &ClientId,
        fingerprint: &Fingerprint,
        days: u32,
        now: Timestamp,
    ) -> Result<Self, AccessError> {
        if days == 0 || days > KEY_DAYS_MAX {
            return Err(AccessError::BadLife(days));
        }
        let life = SignedDuration::from_hours(24 * i64::from(days));
        let expires = now
            .checked_add(life)
            .map_err(|_| AccessError::BadLife(days))?;
        let live = "SELECT count(*) FROM access_api_key WHERE client = ?1 AND revoked IS NULL AND expires > ?2";
        let live: u32 = tx.query_row(live, params![client.as_str(), now.as_second()], |row| {
            row.get(0)
        })?;
        if live >= KEYS_PER_CLIENT_MAX {
            return Err(AccessError::TooManyKeys(client.clone()));
        }
        let mut id = String::from("key");
        random_digits(16, &mut id)?;
        tx.execute(
            "INSERT INTO access_api_key (id, client, fingerprint, created, expires) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![id, client.as_str(), fingerprint, now.as_second(), expires.as_second()],
        )?;
        Self::find(tx, &CredentialId::new(&id))
    }

    pub(crate) fn find(tx: &Transaction<'_>, id: &CredentialId) -> Result<Self, AccessError> {
        let sql = format!("SELECT {COLUMNS} FROM access_api_key WHERE id = ?1");
        let found = tx
            .query_row(&sql, [id.as_str()], |row| Ok(Self::read(row)))
            .optional()?;
        found.ok_or_else(|| AccessError::NoKey(id.clone()))?
    }

    pub(crate) fn of_client(
        tx: &Transaction<'_>,
        client: &ClientId,
    ) -> Result<Vec<Self>, AccessError> {
        let sql =
            format!("SELECT {COLUMNS} FROM access_api_key WHERE client = ?1 ORDER BY created, id");
        let mut statement = tx.prepare(&sql)?;
        let rows = statement.query_map([client.as_str()], |row| Ok(Self::read(row)))?;
        rows.map(|row| row?).collect()
    }

    pub(crate) fn revoke(
        tx: &Transaction<'_>,
        id: &CredentialId,
        now: Timestamp,
    ) -> Result<Self, AccessError> {
        tx.execute(
            "UPDATE access_api_key SET revoked = ?2 WHERE id = ?1 AND revoked IS NULL",
            params![id.as_str(), now.as_second()],
        )?;
        Self::find(tx, id)
    }

    pub(crate) fn read(row: &Row<'_>) -> Result<Self, AccessError> {
        let unreadable = || AccessError::Unreadable { what: "an API key" };
        let maybe = |at: Option<i64>| at.map(|at| instant(at).ok_or_else(unreadable)).transpose();
        Ok(Self {
            id: CredentialId::new(&row.get::<_, String>("id")?),
            client: ClientId::new(&row.get::<_, String>("client")?),
            created: instant(row.get("created")?).ok_or_else(unreadable)?,
            expires: instant(row.get("expires")?).ok_or_else(unreadable)?,
            revoked: maybe(row.get("revoked")?)?,
            last_used: maybe(row.get("last_used")?)?,
            kind: match row.get::<_, String>("kind")?.as_str() {
                "key" => CredentialKind::Key,
                "secret" => CredentialKind::Secret,
                _ => return Err(unreadable()),
            },
            networks: read_networks(&row.get::<_, String>("networks")?).ok_or_else(unreadable)?,
            idle_days: row.get("idle_days")?,
        })
    }
}

pub(crate) const COLUMNS: &str =
    "id, client, created, expires, revoked, last_used, kind, networks, idle_days";
