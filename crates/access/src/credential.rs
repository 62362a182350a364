//! What is kept of an API key or client secret: who it belongs to, how long it lives, and its fingerprint. Never the key.

mod issue;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use store::rusqlite::{OptionalExtension, Row, Transaction, params};

use crate::client::{instant, read_networks};
use crate::limits::LAST_USED_STEP_S;
use crate::{AccessError, ClientId, Network};

pub use issue::{NewCredential, Rotation};

/// Identity of a credential: `key` or `sec` and 16 letters or digits; `internal` for the product's own jobs. Not secret.
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

/// An API key or client secret as the state knows it.
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
    /// Where the first use in that hour came from.
    pub last_source: Option<IpAddr>,
    /// What it is good for.
    pub kind: CredentialKind,
    /// Where it may be used from; empty means wherever its client may call from.
    pub networks: Vec<Network>,
    /// After so many days without use it is no longer accepted.
    pub idle_days: u32,
    /// The credential whose successor it is, over any number of rotations; its own id when it is the first.
    pub lineage: CredentialId,
}

/// What a secret of ours is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// An API key, for calls.
    Key,
    /// A client secret, for the token endpoint only.
    Secret,
}

impl CredentialKind {
    /// As one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Secret => "secret",
        }
    }
}

impl Credential {
    /// From when it is refused because nobody used it, if nobody does from now on. The last use is known to the hour, so that the hour
    /// counts as a whole.
    pub fn idles_out(&self) -> Timestamp {
        let last = self.last_used.map_or(0, Timestamp::as_second);
        let second = idle_end(last, self.created.as_second(), idle_s(self.idle_days));
        Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
    }

    /// Whether it is accepted at `now`, as far as it goes itself: its client may be disabled, or the sender elsewhere.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked.is_none() && now < self.expires && now < self.idles_out()
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
        kind: CredentialKind,
    ) -> Result<Vec<Self>, AccessError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM access_api_key WHERE client = ?1 AND kind = ?2 ORDER BY created, rowid"
        );
        let mut statement = tx.prepare(&sql)?;
        let rows =
            statement.query_map([client.as_str(), kind.word()], |row| Ok(Self::read(row)))?;
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
        let source: Option<String> = row.get("last_source")?;
        Ok(Self {
            id: CredentialId::new(&row.get::<_, String>("id")?),
            client: ClientId::new(&row.get::<_, String>("client")?),
            created: instant(row.get("created")?).ok_or_else(unreadable)?,
            expires: instant(row.get("expires")?).ok_or_else(unreadable)?,
            revoked: maybe(row.get("revoked")?)?,
            last_used: maybe(row.get("last_used")?)?,
            last_source: source
                .map(|source| source.parse().map_err(|_| unreadable()))
                .transpose()?,
            kind: match row.get::<_, String>("kind")?.as_str() {
                "key" => CredentialKind::Key,
                "secret" => CredentialKind::Secret,
                _ => return Err(unreadable()),
            },
            networks: read_networks(&row.get::<_, String>("networks")?).ok_or_else(unreadable)?,
            idle_days: row.get("idle_days")?,
            lineage: CredentialId::new(&row.get::<_, String>("lineage")?),
        })
    }
}

/// From when a credential last used in the hour beginning at `last_used` is idle, in seconds since 1970.
pub(crate) fn idle_end(last_used: i64, created: i64, idle_s: i64) -> i64 {
    let last = last_used.saturating_add(LAST_USED_STEP_S);
    let last = if last_used > 0 {
        last.max(created)
    } else {
        created
    };
    last.saturating_add(idle_s)
}

/// Days in seconds.
pub(crate) fn idle_s(days: u32) -> i64 {
    i64::from(days) * 24 * 3_600
}

pub(crate) const COLUMNS: &str = "id, client, created, expires, revoked, last_used, last_source, kind, networks, idle_days, lineage";
