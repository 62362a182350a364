//! People who approve what clients ask for: each with a key of their own, `pca_` and otherwise in the form of an API key, that expires
//! and is shown once. An approver key opens nothing else: it is no credential for calls.

use std::fmt;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use store::Secret;
use store::rusqlite::{OptionalExtension, Row, Transaction, params};

use super::Objection;
use crate::api_key::{Fingerprint, has_form, random_digits, random_key};
use crate::client::instant;
use crate::limits::{APPROVERS_PER_ORG_MAX, CLIENT_NAME_CHARS_MAX, KEY_DAYS_MAX};
use crate::{AccessError, ClientId, OrgName, one_line};

/// Identity of an approver: `apr` and 16 letters or digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ApproverId(Arc<str>);

impl ApproverId {
    /// Takes an id as kept.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ApproverId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// An approver key in the clear, to be shown once. Wiped when dropped; never in `Debug`.
#[derive(Clone, Debug)]
pub struct ApproverKey(Secret<String>);

impl ApproverKey {
    pub(crate) fn generate() -> Result<Self, AccessError> {
        Ok(Self(random_key(PREFIX)?))
    }

    /// Shows the key, to whoever hands it to its owner.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Whether `text` has the form of an approver key.
    pub fn is_formed(text: &str) -> bool {
        has_form(PREFIX, text)
    }
}

/// Somebody who approves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approver {
    /// Identity.
    pub id: ApproverId,
    /// The org whose clients' requests are seen.
    pub org: OrgName,
    /// Name of the person.
    pub name: String,
    /// Clients whose requests this person cannot approve, because they are this person's own.
    pub owns: Vec<ClientId>,
    /// When the key was issued, to the second.
    pub created: Timestamp,
    /// From when it is no longer accepted.
    pub expires: Timestamp,
    /// When the approver was removed.
    pub removed: Option<Timestamp>,
}

impl Approver {
    pub(crate) fn insert(
        tx: &Transaction<'_>,
        org: &OrgName,
        name: &str,
        owns: &[ClientId],
        days: u32,
        fingerprint: &Fingerprint,
        now: Timestamp,
    ) -> Result<Self, AccessError> {
        let name = one_line(name, CLIENT_NAME_CHARS_MAX).ok_or_else(|| {
            Objection::BadName(name.chars().take(CLIENT_NAME_CHARS_MAX).collect())
        })?;
        if days == 0 || days > KEY_DAYS_MAX {
            return Err(AccessError::BadLife {
                days,
                days_max: KEY_DAYS_MAX,
            });
        }
        let count = "SELECT count(*) FILTER (WHERE removed IS NULL), count(*) FILTER (WHERE name = ?2) FROM access_approver WHERE org = ?1";
        let (live, namesakes): (u32, u32) =
            tx.query_row(count, params![org.as_str(), name], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        if namesakes > 0 {
            return Err(Objection::NameTaken(name.to_owned()).into());
        }
        if live >= APPROVERS_PER_ORG_MAX {
            return Err(Objection::TooManyApprovers.into());
        }
        let life = SignedDuration::from_hours(24 * i64::from(days));
        let expires = now.checked_add(life).map_err(|_| AccessError::BadLife {
            days,
            days_max: KEY_DAYS_MAX,
        })?;
        let mut id = String::from("apr");
        random_digits(16, &mut id)?;
        let owned: Vec<&str> = owns.iter().map(ClientId::as_str).collect();
        tx.execute(
            "INSERT INTO access_approver (id, org, name, fingerprint, created, expires, owns) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![id, org.as_str(), name, fingerprint, now.as_second(), expires.as_second(), owned.join(" ")],
        )?;
        let found = Self::one(tx, "id = ?1 AND org = ?2", params![id, org.as_str()])?;
        found.ok_or(AccessError::Unreadable {
            what: "an approver",
        })
    }

    /// Whose live key has this fingerprint.
    pub(crate) fn of_key(
        tx: &Transaction<'_>,
        org: &OrgName,
        fingerprint: &Fingerprint,
        now: Timestamp,
    ) -> Result<Self, AccessError> {
        let which = "fingerprint = ?1 AND org = ?2 AND removed IS NULL AND expires > ?3";
        let found = Self::one(
            tx,
            which,
            params![fingerprint, org.as_str(), now.as_second()],
        )?;
        found.ok_or_else(|| Objection::Stranger.into())
    }

    pub(crate) fn remove(
        tx: &Transaction<'_>,
        org: &OrgName,
        name: &str,
        now: Timestamp,
    ) -> Result<Self, AccessError> {
        tx.execute(
            "UPDATE access_approver SET removed = ?3 WHERE org = ?1 AND name = ?2 AND removed IS NULL",
            params![org.as_str(), name, now.as_second()],
        )?;
        let found = Self::one(tx, "org = ?1 AND name = ?2", params![org.as_str(), name])?;
        found.ok_or_else(|| Objection::NoApprover(name.to_owned()).into())
    }

    pub(crate) fn of_org(tx: &Transaction<'_>, org: &OrgName) -> Result<Vec<Self>, AccessError> {
        let sql = format!("SELECT {COLUMNS} FROM access_approver WHERE org = ?1 ORDER BY name");
        let mut statement = tx.prepare(&sql)?;
        let rows = statement.query_map([org.as_str()], |row| Ok(Self::read(row)))?;
        rows.map(|row| row?).collect()
    }

    fn one(
        tx: &Transaction<'_>,
        which: &str,
        values: &[&dyn store::rusqlite::ToSql],
    ) -> Result<Option<Self>, AccessError> {
        let sql = format!("SELECT {COLUMNS} FROM access_approver WHERE {which}");
        let found = tx
            .query_row(&sql, values, |row| Ok(Self::read(row)))
            .optional()?;
        found.transpose()
    }

    fn read(row: &Row<'_>) -> Result<Self, AccessError> {
        let unreadable = || AccessError::Unreadable {
            what: "an approver",
        };
        let removed: Option<i64> = row.get("removed")?;
        Ok(Self {
            id: ApproverId::new(&row.get::<_, String>("id")?),
            org: OrgName::parse(&row.get::<_, String>("org")?).map_err(|_| unreadable())?,
            name: row.get("name")?,
            owns: row
                .get::<_, String>("owns")?
                .split_whitespace()
                .map(ClientId::new)
                .collect(),
            created: instant(row.get("created")?).ok_or_else(unreadable)?,
            expires: instant(row.get("expires")?).ok_or_else(unreadable)?,
            removed: removed
                .map(|at| instant(at).ok_or_else(unreadable))
                .transpose()?,
        })
    }
}

/// As a regular expression, for secret scanners: `\bpca_[0-9A-Za-z]{38}\b`.
const PREFIX: &str = "pca_";

const COLUMNS: &str = "id, org, name, owns, created, expires, removed";
