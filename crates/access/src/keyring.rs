//! The clients and API keys of all orgs: registered, issued, revoked and looked up. Keys are shown once and never kept.
//!
//! Changes go to the state database first and to the snapshot in memory before the call returns, so that in this process a
//! revoked key is refused from then on; other processes notice within [`STALENESS_MS_MAX`](crate::STALENESS_MS_MAX).

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jiff::Timestamp;
use store::rusqlite::{OptionalExtension, Transaction, params};
use store::{Database, Migration, SealKey};

use crate::api_key::{Fingerprint, Pepper};
use crate::oauth::access_token::AccessToken;
use crate::oauth::dpop::Proofs;
use crate::oauth::replay::UsedAssertions;
use crate::oauth::token_cache::TokenCache;
use crate::snapshot::Snapshot;
use crate::workload::{IssuerKeys, OutsideToken};
use crate::{
    AccessError, Client, ClientId, Credential, CredentialId, CredentialKind, NewClient, OrgName,
    STALENESS_MS_MAX,
};

/// The schema of this crate.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        room: "access",
        version: 1,
        sql: include_str!("../migrations/1.sql"),
    },
    Migration {
        room: "access",
        version: 2,
        sql: include_str!("../migrations/2.sql"),
    },
    Migration {
        room: "access",
        version: 3,
        sql: include_str!("../migrations/3.sql"),
    },
    Migration {
        room: "access",
        version: 4,
        sql: include_str!("../migrations/4.sql"),
    },
    Migration {
        room: "access",
        version: 5,
        sql: include_str!("../migrations/5.sql"),
    },
];

/// All clients and keys. Share it behind an `Arc`; every method may be called from any thread.
pub struct Keyring {
    pub(crate) database: Arc<Database>,
    pub(crate) pepper: Pepper,
    pub(crate) seal: SealKey,
    /// Access tokens whose signature was verified.
    pub(crate) tokens: TokenCache<AccessToken>,
    /// The same of outside issuers.
    pub(crate) outside_tokens: TokenCache<OutsideToken>,
    pub(crate) issuer_keys: IssuerKeys,
    pub(crate) assertions: UsedAssertions,
    pub(crate) proofs: Proofs,
    snapshot: RwLock<Arc<Snapshot>>,
    reading: Mutex<()>,
    /// Uses not yet written down: at most one per key and hour.
    pub(crate) uses: Mutex<Vec<Use>>,
}

/// The first use of a key in an hour.
pub(crate) struct Use {
    pub(crate) credential: CredentialId,
    /// Its beginning, in seconds since 1970.
    pub(crate) hour: i64,
    pub(crate) source: IpAddr,
}

impl Keyring {
    /// Opens the keyring in the state database, bringing its tables forward. The pepper of the keyed hashes is derived from
    /// `key`.
    ///
    /// # Errors
    /// [`AccessError::OtherStateKey`], when the database was begun with another key: every credential would be unknown.
    pub fn open(
        database: Arc<Database>,
        key: &SealKey,
        now: Timestamp,
    ) -> Result<Self, AccessError> {
        database.migrate(MIGRATIONS)?;
        let pepper = Pepper::derived_from(key)?;
        refuse_other_key(&database, &pepper)?;
        let snapshot = database.read(|tx| Snapshot::load(tx, None, now))?;
        Ok(Self {
            seal: key.derive("access signing keys")?,
            tokens: TokenCache::default(),
            outside_tokens: TokenCache::default(),
            issuer_keys: IssuerKeys::default(),
            assertions: UsedAssertions::of(Arc::clone(&database)),
            proofs: Proofs::new(Arc::clone(&database), key, now)?,
            database,
            pepper,
            snapshot: RwLock::new(Arc::new(snapshot)),
            reading: Mutex::new(()),
            uses: Mutex::new(Vec::new()),
        })
    }

    /// Registers a client.
    pub fn register(&self, new: NewClient, now: Timestamp) -> Result<Client, AccessError> {
        self.change(now, |tx| Client::insert(tx, new, now))
    }

    /// The clients of an org, by name.
    pub fn clients(&self, org: &OrgName) -> Result<Vec<Client>, AccessError> {
        self.database.read(|tx| Client::of_org(tx, org))
    }

    /// Stops accepting all keys of a client, for good.
    pub fn disable(&self, client: &ClientId, now: Timestamp) -> Result<Client, AccessError> {
        self.change(now, |tx| Client::disable(tx, client, now))
    }

    /// The keys of a client, oldest first.
    pub fn credentials(&self, client: &ClientId) -> Result<Vec<Credential>, AccessError> {
        let kind = CredentialKind::Key;
        self.database
            .read(|tx| Credential::of_client(tx, client, kind))
    }

    /// The client secrets of a client, oldest first.
    pub fn secrets(&self, client: &ClientId) -> Result<Vec<Credential>, AccessError> {
        let kind = CredentialKind::Secret;
        self.database
            .read(|tx| Credential::of_client(tx, client, kind))
    }

    /// Stops accepting a key or secret, for good.
    pub fn revoke(&self, id: &CredentialId, now: Timestamp) -> Result<Credential, AccessError> {
        self.change(now, |tx| Credential::revoke(tx, id, now))
    }

    /// Writes down when keys were last used. Blocks for one flush to disk; to be called now and then, off the hot path.
    pub fn record_uses(&self) -> Result<(), AccessError> {
        let uses = std::mem::take(&mut *self.uses.lock().unwrap_or_else(PoisonError::into_inner));
        if uses.is_empty() {
            return Ok(());
        }
        let sql = "UPDATE access_api_key SET last_used = ?2, last_source = ?3 \
                   WHERE id = ?1 AND coalesce(last_used, 0) < ?2";
        let written = self.database.write(|tx| {
            for one in &uses {
                let source = one.source.to_string();
                tx.execute(sql, params![one.credential.as_str(), one.hour, source])?;
            }
            Ok(())
        });
        if written.is_err() {
            let mut waiting = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.extend(uses);
        }
        written
    }

    /// The snapshot, not older than the bound. Read from the database only when a change is seen.
    pub(crate) fn current(&self, now: Timestamp) -> Result<Arc<Snapshot>, AccessError> {
        self.current_within(STALENESS_MS_MAX, now)
    }

    /// The same, not older than so many milliseconds.
    pub(crate) fn current_within(
        &self,
        age_ms_max: i64,
        now: Timestamp,
    ) -> Result<Arc<Snapshot>, AccessError> {
        let known = self.known();
        if known.age_ms(now) < age_ms_max {
            return Ok(known);
        }
        let _one_at_a_time = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.known();
        if known.age_ms(now) < age_ms_max {
            return Ok(known);
        }
        if self.database.read(Snapshot::generation)? == known.of_generation() {
            known.seen_at(now);
            return Ok(known);
        }
        self.reload(now)
    }

    fn known(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn reload(&self, now: Timestamp) -> Result<Arc<Snapshot>, AccessError> {
        let known = self.known();
        let fresh = Arc::new(
            self.database
                .read(|tx| Snapshot::load(tx, Some(&known), now))?,
        );
        *self
            .snapshot
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::clone(&fresh);
        Ok(fresh)
    }

    pub(crate) fn change<T>(
        &self,
        now: Timestamp,
        work: impl FnOnce(&store::rusqlite::Transaction<'_>) -> Result<T, AccessError>,
    ) -> Result<T, AccessError> {
        let changed = self.database.write(work)?;
        let _one_at_a_time = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        self.reload(now)?;
        Ok(changed)
    }
}

/// Compares the key with the one the database was begun with; the first one to open it begins it.
fn refuse_other_key(database: &Database, pepper: &Pepper) -> Result<(), AccessError> {
    let proof = pepper.fingerprint("state key");
    let kept = |tx: &Transaction<'_>| -> Result<Option<Fingerprint>, AccessError> {
        let sql = "SELECT proof FROM access_state_key";
        Ok(tx.query_row(sql, [], |row| row.get(0)).optional()?)
    };
    let begun = match database.read(kept)? {
        Some(begun) => begun,
        None => database.write(|tx| {
            let sql = "INSERT OR IGNORE INTO access_state_key (only, proof) VALUES (1, ?1)";
            tx.execute(sql, [proof])?;
            Ok::<_, AccessError>(kept(tx)?.unwrap_or(proof))
        })?,
    };
    if begun == proof {
        Ok(())
    } else {
        Err(AccessError::OtherStateKey)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Keyring")
            .field("database", &self.database.place())
            .finish_non_exhaustive()
    }
}
