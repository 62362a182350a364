//! The counts of effects in the state database: of an org, a client, a raise or an opening of the glass. Reads and writes rows within
//! a transaction of whoever decides; decides nothing.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use store::rusqlite::{OptionalExtension, Transaction, params};

use super::{Class, Toll};
use crate::AccessError;
use crate::limits::DAY_MS;

/// One account.
#[derive(Clone, Debug)]
pub(super) struct Account<'a> {
    pub(super) org: &'a str,
    pub(super) name: &'a str,
}

/// Objects of one class in one call, by what they are called in the database.
pub(super) type Objects = BTreeMap<[u8; 16], u32>;

/// The objects that tolls of a class touch, each once.
pub(super) fn objects(class: Class, tolls: &[Toll]) -> Objects {
    let mut objects = Objects::new();
    for toll in tolls.iter().filter(|toll| toll.class == class) {
        let count = objects.entry(key_of(&toll.object)).or_default();
        *count = (*count).max(toll.count);
    }
    objects
}

fn key_of(object: &str) -> [u8; 16] {
    let hash = digest(&SHA256, object.as_bytes());
    let mut key = [0; 16];
    for (to, from) in key.iter_mut().zip(hash.as_ref()) {
        *to = *from;
    }
    key
}

impl Account<'_> {
    /// What the account comes to within a window that ends now, once these objects are touched. Touched again, an object counts once,
    /// and as many as it ever was.
    pub(super) fn after(
        &self,
        tx: &Transaction<'_>,
        class: Class,
        objects: &Objects,
        (now_ms, window_ms): (i64, i64),
    ) -> Result<u64, AccessError> {
        let since = now_ms.saturating_sub(window_ms);
        let mut sum = u64::try_from(self.within(tx, class, since)?).unwrap_or_default();
        for (object, count) in objects {
            let known = self.known(tx, class, object)?;
            if let Some((at, before)) = known
                && at > since
            {
                sum = sum.saturating_sub(u64::from(before));
            }
            sum = sum.saturating_add(u64::from(counted(known, *count, now_ms)));
        }
        Ok(sum)
    }

    /// What was touched after `since`.
    pub(super) fn within(
        &self,
        tx: &Transaction<'_>,
        class: Class,
        since: i64,
    ) -> Result<i64, AccessError> {
        let sql = "SELECT coalesce(sum(count), 0) FROM access_effect WHERE org = ?1 AND account = ?2 AND class = ?3 AND at > ?4";
        let mut statement = tx.prepare_cached(sql)?;
        let values = params![self.org, self.name, class.word(), since];
        Ok(statement.query_row(values, |row| row.get(0))?)
    }

    /// When as much as `excess` of what was touched after `since` will have left a window of this length.
    pub(super) fn leaves(
        &self,
        tx: &Transaction<'_>,
        class: Class,
        (since, window_ms): (i64, i64),
        excess: u64,
    ) -> Result<Option<i64>, AccessError> {
        let sql = "SELECT at, count FROM access_effect WHERE org = ?1 AND account = ?2 AND class = ?3 AND at > ?4 ORDER BY at";
        let mut statement = tx.prepare_cached(sql)?;
        let mut rows = statement.query(params![self.org, self.name, class.word(), since])?;
        let mut left: u64 = 0;
        while let Some(row) = rows.next()? {
            let (at, count): (i64, u32) = (row.get(0)?, row.get(1)?);
            left = left.saturating_add(u64::from(count));
            if left >= excess {
                return Ok(Some(at.saturating_add(window_ms)));
            }
        }
        Ok(None)
    }

    /// Writes down that these objects are touched now.
    pub(super) fn touch(
        &self,
        tx: &Transaction<'_>,
        class: Class,
        objects: &Objects,
        now_ms: i64,
    ) -> Result<(), AccessError> {
        let sql = "INSERT INTO access_effect (org, account, class, object, at, count) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
                   ON CONFLICT DO UPDATE SET at = max(at, excluded.at), count = excluded.count";
        let mut statement = tx.prepare_cached(sql)?;
        for (object, count) in objects {
            let count = counted(self.known(tx, class, object)?, *count, now_ms);
            statement.execute(params![
                self.org,
                self.name,
                class.word(),
                object,
                now_ms,
                count
            ])?;
        }
        Ok(())
    }

    /// Claims the telling that a budget was reached: true for the first of all who try within its window.
    pub(super) fn claim_telling(
        &self,
        tx: &Transaction<'_>,
        class: Class,
        (period, window_ms): (&str, i64),
        now_ms: i64,
    ) -> Result<bool, AccessError> {
        let sql = "INSERT INTO access_budget_reached (org, account, class, period, at) VALUES (?1, ?2, ?3, ?4, ?5) \
                   ON CONFLICT DO UPDATE SET at = excluded.at WHERE at <= ?6";
        let values = params![
            self.org,
            self.name,
            class.word(),
            period,
            now_ms,
            now_ms - window_ms
        ];
        Ok(tx.execute(sql, values)? == 1)
    }

    /// Whether the telling is claimed already.
    pub(super) fn is_told(
        &self,
        tx: &Transaction<'_>,
        class: Class,
        (period, window_ms): (&str, i64),
        now_ms: i64,
    ) -> Result<bool, AccessError> {
        let sql = "SELECT at FROM access_budget_reached WHERE org = ?1 AND account = ?2 AND class = ?3 AND period = ?4";
        let values = params![self.org, self.name, class.word(), period];
        let at: Option<i64> = tx.query_row(sql, values, |row| row.get(0)).optional()?;
        Ok(at.is_some_and(|at| at > now_ms - window_ms))
    }

    fn known(
        &self,
        tx: &Transaction<'_>,
        class: Class,
        object: &[u8; 16],
    ) -> Result<Option<(i64, u32)>, AccessError> {
        let sql = "SELECT at, count FROM access_effect WHERE org = ?1 AND account = ?2 AND class = ?3 AND object = ?4";
        let mut statement = tx.prepare_cached(sql)?;
        let values = params![self.org, self.name, class.word(), object];
        let row = |row: &store::rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        Ok(statement.query_row(values, row).optional()?)
    }
}

/// As many as an object counts when it is touched now.
fn counted(known: Option<(i64, u32)>, count: u32, now_ms: i64) -> u32 {
    match known {
        Some((at, before)) if at > now_ms - DAY_MS => before.max(count),
        _ => count,
    }
}

/// Drops what has left every window.
pub(super) fn forget(tx: &Transaction<'_>, now_ms: i64) -> Result<(), AccessError> {
    tx.execute(
        "DELETE FROM access_effect WHERE at <= ?1",
        [now_ms - DAY_MS],
    )?;
    Ok(())
}
