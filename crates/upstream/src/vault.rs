//! The credentials of the orgs, sealed in the state database under a key derived from the state's own.
//!
//! What is sealed opens only for the same org and the same replacement: a row that was moved, or half of it put back, does not open.
//! The vault tells kind, age and an id of a credential to whoever asks, the credential itself only to what speaks to Okta.

mod error;
mod text;

use std::fmt;
use std::sync::Arc;

use access::OrgName;
use aws_lc_rs::hmac;
use jiff::Timestamp;
use store::rusqlite::{OptionalExtension, Row, Transaction, params};
use store::{Database, Migration, SealKey};

pub use error::VaultError;
pub use text::CredentialText;

/// The schema of this crate.
const MIGRATIONS: &[Migration] = &[Migration {
    room: "upstream",
    version: 1,
    sql: include_str!("../migrations/1.sql"),
}];

/// Keeps the credentials. Share it behind an `Arc`.
pub struct Vault {
    database: Arc<Database>,
    seal: SealKey,
    naming: hmac::Key,
}

/// What may be known of a credential that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// `api_token` or `service_app`.
    pub kind: &'static str,
    /// The service app's client id, if it is one.
    pub client_id: Option<String>,
    /// The same for the same secret, and nothing can be learnt from it without the state's key: 16 hexadecimal digits.
    pub id: String,
    /// When it was put there.
    pub put: Timestamp,
    /// How many credentials the org has had, this one included.
    pub generation: i64,
}

impl Vault {
    /// Opens the vault in the state database, bringing its table forward.
    ///
    /// # Errors
    /// [`VaultError`], when the database or the key does not serve.
    pub fn open(database: Arc<Database>, state: &SealKey) -> Result<Self, VaultError> {
        database.migrate(MIGRATIONS)?;
        let naming = state.derive("upstream credential names")?;
        Ok(Self {
            database,
            seal: state.derive("upstream credentials")?,
            naming: hmac::Key::new(hmac::HMAC_SHA256, naming.expose()),
        })
    }

    /// Seals a credential for the org, in the place of the one it has. Whoever speaks to the org takes it from the next call on.
    ///
    /// # Errors
    /// [`VaultError`], when the credential is not one or cannot be kept.
    pub fn put(
        &self,
        org: &OrgName,
        text: &CredentialText,
        now: Timestamp,
    ) -> Result<Kept, VaultError> {
        text.read()?;
        let plain = text.to_json().ok_or(VaultError::Unwritable)?;
        self.database.write(|tx| {
            let generation = generation(tx, org)?.unwrap_or(0) + 1;
            let sealed = store::seal(&self.seal, &purpose(org, generation), &plain)?;
            tx.execute(
                "INSERT INTO upstream_credential (org, sealed, put, generation) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (org) DO UPDATE SET sealed = ?2, put = ?3, generation = ?4",
                params![org.as_str(), sealed, now.as_second(), generation],
            )
            .map_err(|error| VaultError::from(store::Error::from(error)))
        })?;
        self.kept(org)?
            .ok_or_else(|| VaultError::Absent { org: org.clone() })
    }

    /// What is known of the org's credential; `None` if none is kept.
    ///
    /// # Errors
    /// [`VaultError`], when it cannot be read or opened.
    pub fn kept(&self, org: &OrgName) -> Result<Option<Kept>, VaultError> {
        Ok(self
            .row(org)?
            .map(|(text, put, generation)| self.described(&text, put, generation)))
    }

    /// The org's credential and its generation.
    pub(crate) fn take(&self, org: &OrgName) -> Result<(CredentialText, i64), VaultError> {
        let row = self
            .row(org)?
            .ok_or_else(|| VaultError::Absent { org: org.clone() })?;
        Ok((row.0, row.2))
    }

    /// Which credential of its the org has now; 0 before the first.
    pub(crate) fn generation(&self, org: &OrgName) -> Result<i64, VaultError> {
        self.database
            .read(|tx| Ok(generation(tx, org)?.unwrap_or(0)))
    }

    fn row(&self, org: &OrgName) -> Result<Option<(CredentialText, Timestamp, i64)>, VaultError> {
        let written: Option<(Vec<u8>, i64, i64)> = self.database.read(|tx| {
            let sql = "SELECT sealed, put, generation FROM upstream_credential WHERE org = ?1";
            let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
            let row = tx.query_row(sql, params![org.as_str()], read).optional();
            row.map_err(|error| VaultError::from(store::Error::from(error)))
        })?;
        let Some((sealed, put, generation)) = written else {
            return Ok(None);
        };
        let unreadable = || VaultError::Unreadable { org: org.clone() };
        let plain = store::open(&self.seal, &purpose(org, generation), &sealed)?;
        let text = CredentialText::from_json(&plain).ok_or_else(unreadable)?;
        let put = Timestamp::from_second(put).map_err(|_| unreadable())?;
        Ok(Some((text, put, generation)))
    }

    fn described(&self, text: &CredentialText, put: Timestamp, generation: i64) -> Kept {
        let tag = hmac::sign(&self.naming, text.secret().expose().trim().as_bytes());
        let id = tag.as_ref().iter().take(ID_BYTES);
        Kept {
            kind: text.kind(),
            client_id: text.client_id().map(str::to_owned),
            id: id.map(|byte| format!("{byte:02x}")).collect(),
            put,
            generation,
        }
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Vault")
            .field("database", &self.database.place())
            .finish_non_exhaustive()
    }
}

fn generation(tx: &Transaction<'_>, org: &OrgName) -> Result<Option<i64>, VaultError> {
    let sql = "SELECT generation FROM upstream_credential WHERE org = ?1";
    tx.query_row(sql, params![org.as_str()], |row| row.get(0))
        .optional()
        .map_err(|error| store::Error::from(error).into())
}

fn purpose(org: &OrgName, generation: i64) -> String {
    format!("upstream credential {generation} of {org}")
}

/// Bytes of a credential's id: enough to tell a few hundred apart.
const ID_BYTES: usize = 8;

#[cfg(test)]
mod tests;
