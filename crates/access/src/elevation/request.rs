//! A request for more as it is kept: what is asked, by whom, and its course. Reads and writes its rows; decides nothing.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use store::rusqlite::{OptionalExtension, Row, Transaction, params};

use super::{ApproverId, Asked, Course, Objection, Stage};
use crate::api_key::random_digits;
use crate::client::instant;
use crate::limits::{CLOSED_ELEVATION_S, ELEVATIONS_SHOWN_MAX};
use crate::{AccessError, ClientId, Elevated, OrgName};

/// Identity of an elevation, asked for or running: `ele` and 16 letters or digits. Not secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ElevationId(Arc<str>);

impl ElevationId {
    /// Takes an id as typed; whether there is such an elevation is for the keyring to say.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ElevationId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// An elevation, from the request on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elevation {
    /// Identity.
    pub id: ElevationId,
    /// The org it is for.
    pub org: OrgName,
    /// The client it lifts.
    pub client: ClientId,
    /// The client's name.
    pub client_name: String,
    /// What is asked for and why.
    pub asked: Asked,
    /// How it went.
    pub course: Course,
    /// Whether its end was told.
    pub(crate) told: bool,
}

impl Elevation {
    /// Where it stands at `now`.
    pub fn stage(&self, now: Timestamp) -> Stage {
        self.course.stage(now)
    }

    /// What it adds to its client while it runs; `None` if it was never approved, or was denied.
    pub(crate) fn elevated(&self) -> Option<Elevated> {
        let (None, Some(starts), Some(ends)) =
            (self.course.denied, self.course.starts, self.course.ends)
        else {
            return None;
        };
        if self.asked.scopes.is_empty() && self.asked.operations.is_empty() {
            return None;
        }
        let grant = self.asked.grant().between(starts, ends);
        Some(Elevated {
            id: Arc::clone(&self.id.0),
            grant,
        })
    }

    pub(crate) fn insert(
        tx: &Transaction<'_>,
        org: &OrgName,
        client: &ClientId,
        asked: &Asked,
        course: &Course,
    ) -> Result<Self, AccessError> {
        let mut id = String::from("ele");
        random_digits(16, &mut id)?;
        let raises: Vec<String> = asked.raises.iter().map(ToString::to_string).collect();
        tx.execute(
            "INSERT INTO access_elevation (id, org, client, scopes, operations, reason, minutes, approvals, asked, lapses, raises, about) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            params![
                id,
                org.as_str(),
                client.as_str(),
                asked.scopes.join(" "),
                asked.operations.join(" "),
                asked.reason,
                asked.minutes,
                course.needed,
                course.asked.as_second(),
                course.lapses.as_second(),
                raises.join(" "),
                asked.about
            ],
        )?;
        Self::find(tx, org, &ElevationId::new(&id))
    }

    /// Writes down how its course went on: `approver` is whose approval is new.
    pub(crate) fn keep(
        &self,
        tx: &Transaction<'_>,
        approver: Option<&ApproverId>,
        now: Timestamp,
    ) -> Result<(), AccessError> {
        if let Some(approver) = approver {
            tx.execute(
                "INSERT OR IGNORE INTO access_approval (elevation, approver, at) VALUES (?1, ?2, ?3)",
                params![self.id.as_str(), approver.as_str(), now.as_second()],
            )?;
        }
        let second = |at: Option<Timestamp>| at.map(Timestamp::as_second);
        let course = &self.course;
        tx.execute(
            "UPDATE access_elevation SET denied = ?2, starts = ?3, ends = ?4 WHERE id = ?1",
            params![
                self.id.as_str(),
                second(course.denied),
                second(course.starts),
                second(course.ends)
            ],
        )?;
        Ok(())
    }

    pub(crate) fn find(
        tx: &Transaction<'_>,
        org: &OrgName,
        id: &ElevationId,
    ) -> Result<Self, AccessError> {
        let sql = format!("{SELECT} WHERE e.id = ?1 AND e.org = ?2");
        let found = tx
            .query_row(&sql, params![id.as_str(), org.as_str()], |row| {
                Ok(Self::read(row))
            })
            .optional()?;
        found.ok_or_else(|| Objection::Unknown(id.clone()))?
    }

    /// The newest of an org, or of one client.
    pub(crate) fn newest(
        tx: &Transaction<'_>,
        org: &OrgName,
        client: Option<&ClientId>,
    ) -> Result<Vec<Self>, AccessError> {
        let sql = format!(
            "{SELECT} WHERE e.org = ?1 AND (?2 IS NULL OR e.client = ?2) ORDER BY e.asked DESC, e.rowid DESC LIMIT {ELEVATIONS_SHOWN_MAX}"
        );
        let mut statement = tx.prepare(&sql)?;
        let client = client.map(ClientId::as_str);
        let rows = statement.query_map(params![org.as_str(), client], |row| Ok(Self::read(row)))?;
        rows.map(|row| row?).collect()
    }

    /// All that are open or running, or were a moment ago.
    pub(crate) fn current(
        tx: &Transaction<'_>,
        now: Timestamp,
    ) -> Result<HashMap<ElevationId, Arc<Self>>, AccessError> {
        let sql = format!("{SELECT} WHERE e.told IS NULL OR e.told > ?1");
        let mut statement = tx.prepare(&sql)?;
        let mut rows = statement.query([now.as_second() - CLOSED_ELEVATION_S])?;
        let mut found = HashMap::new();
        while let Some(row) = rows.next()? {
            let elevation = Self::read(row)?;
            found.insert(elevation.id.clone(), Arc::new(elevation));
        }
        Ok(found)
    }

    /// Claims the telling of an end: true for exactly one of all who try.
    pub(crate) fn claim_telling(
        tx: &Transaction<'_>,
        id: &ElevationId,
        now: Timestamp,
    ) -> Result<bool, AccessError> {
        let sql = "UPDATE access_elevation SET told = ?2 WHERE id = ?1 AND told IS NULL";
        Ok(tx.execute(sql, params![id.as_str(), now.as_second()])? == 1)
    }

    fn read(row: &Row<'_>) -> Result<Self, AccessError> {
        let unreadable = || AccessError::Unreadable {
            what: "an elevation",
        };
        let at = |second: i64| instant(second).ok_or_else(unreadable);
        let maybe = |second: Option<i64>| second.map(at).transpose();
        let words = |text: String| text.split_whitespace().map(str::to_owned).collect();
        let approvals: Option<String> = row.get("approved_by")?;
        let asked = Asked {
            scopes: words(row.get("scopes")?),
            operations: words(row.get("operations")?),
            reason: row.get("reason")?,
            minutes: row.get("minutes")?,
            raises: row
                .get::<_, String>("raises")?
                .split_whitespace()
                .map(|word| word.parse().map_err(|_| unreadable()))
                .collect::<Result<_, _>>()?,
            about: row.get("about")?,
        };
        let course = Course {
            asked: at(row.get("asked")?)?,
            lapses: at(row.get("lapses")?)?,
            minutes: asked.minutes,
            needed: row.get("approvals")?,
            approvals: approvals
                .unwrap_or_default()
                .split_whitespace()
                .map(ApproverId::new)
                .collect(),
            denied: maybe(row.get("denied")?)?,
            starts: maybe(row.get("starts")?)?,
            ends: maybe(row.get("ends")?)?,
        };
        Ok(Self {
            id: ElevationId::new(&row.get::<_, String>("id")?),
            org: OrgName::parse(&row.get::<_, String>("org")?).map_err(|_| unreadable())?,
            client: ClientId::new(&row.get::<_, String>("client")?),
            client_name: row.get("client_name")?,
            asked,
            course,
            told: row.get::<_, Option<i64>>("told")?.is_some(),
        })
    }
}

/// The approval of somebody who was removed before the decision fell no longer counts.
const SELECT: &str = "SELECT e.*, c.name AS client_name, \
     (SELECT group_concat(a.approver, ' ') FROM access_approval a JOIN access_approver p ON p.id = a.approver \
      WHERE a.elevation = e.id AND (e.starts IS NOT NULL OR p.removed IS NULL)) AS approved_by \
     FROM access_elevation e JOIN access_client c ON c.id = e.client";
