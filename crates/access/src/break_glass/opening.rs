//! One opening of the glass: who has its key does everything for minutes, and leaves a trail that nobody overlooks.

use std::sync::Arc;

use jiff::Timestamp;
use store::rusqlite::{Row, Transaction, params};

use crate::api_key::{Fingerprint, random_digits};
use crate::client::instant;
use crate::{AccessError, OrgName};

/// An opening, and with it the life of its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Identity: `brk` and 16 letters or digits. Not secret; stands in every entry of a call made with the key.
    pub id: Arc<str>,
    /// The org it opens.
    pub org: OrgName,
    /// Why, in the words of whoever opened.
    pub reason: String,
    /// When, to the second.
    pub opened: Timestamp,
    /// From when its key is no longer accepted.
    pub ends: Timestamp,
}

impl Opening {
    pub(super) fn insert(
        tx: &Transaction<'_>,
        fingerprint: &Fingerprint,
        mut opening: Self,
    ) -> Result<Self, AccessError> {
        let mut id = String::from("brk");
        random_digits(16, &mut id)?;
        tx.execute(
            "INSERT INTO access_opening (id, org, fingerprint, reason, opened, ends) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                id,
                opening.org.as_str(),
                fingerprint,
                opening.reason,
                opening.opened.as_second(),
                opening.ends.as_second()
            ],
        )?;
        opening.id = id.into();
        Ok(opening)
    }

    /// Ends all openings of an org that still run; those that did.
    pub(super) fn end_all(
        tx: &Transaction<'_>,
        org: &OrgName,
        now: Timestamp,
    ) -> Result<Vec<Self>, AccessError> {
        let sql = "UPDATE access_opening SET ends = ?2 WHERE org = ?1 AND ends > ?2 RETURNING *";
        let mut statement = tx.prepare(sql)?;
        let mut rows = statement.query(params![org.as_str(), now.as_second()])?;
        let mut ended = Vec::new();
        while let Some(row) = rows.next()? {
            ended.push(Self::read(row)?);
        }
        Ok(ended)
    }

    /// Those of all orgs that ended after `since`, with what their keys are recognised by.
    pub(crate) fn since(
        tx: &Transaction<'_>,
        since: i64,
    ) -> Result<Vec<(Fingerprint, Self)>, AccessError> {
        let mut statement = tx.prepare("SELECT * FROM access_opening WHERE ends > ?1")?;
        let mut rows = statement.query([since])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push((row.get("fingerprint")?, Self::read(row)?));
        }
        Ok(found)
    }

    fn read(row: &Row<'_>) -> Result<Self, AccessError> {
        let unreadable = || AccessError::Unreadable {
            what: "an opening of the glass",
        };
        Ok(Self {
            id: row.get::<_, String>("id")?.into(),
            org: OrgName::parse(&row.get::<_, String>("org")?).map_err(|_| unreadable())?,
            reason: row.get("reason")?,
            opened: instant(row.get("opened")?).ok_or_else(unreadable)?,
            ends: instant(row.get("ends")?).ok_or_else(unreadable)?,
        })
    }
}
