//! Orgs that can only be read: somebody froze one, and until it is thawed no call that changes anything passes, whatever permits it.
//! Exempt are the key behind the glass and clients named one by one. In force in this process at once, in the others within
//! [`FREEZE_SEEN_MS_MAX`](crate::FREEZE_SEEN_MS_MAX).

use std::collections::HashMap;
use std::sync::Arc;

use catalog::Operation;
use jiff::Timestamp;
use store::rusqlite::{OptionalExtension, Row, Transaction, params};

use crate::client::instant;
use crate::limits::{FREEZE_SEEN_MS_MAX, REASON_CHARS_MAX};
use crate::{AccessError, Caller, ClientId, Keyring, Objection, OrgName, one_line};

/// An org that is frozen, or is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freeze {
    /// Which.
    pub org: OrgName,
    /// Why, in one line; callers are told.
    pub reason: String,
    /// Since when, to the second.
    pub since: Timestamp,
    /// Who froze it: `operator`, or `budget` when it froze by itself.
    pub by: String,
    /// Clients that go on writing.
    pub exempt: Vec<ClientId>,
}

impl Freeze {
    /// Whether it stops this caller from calling an operation.
    pub fn stops(&self, caller: &Caller, operation: &Operation) -> bool {
        !operation.is_read() && caller.opening().is_none() && !self.exempt.contains(caller.client())
    }

    fn read(row: &Row<'_>) -> Result<Self, AccessError> {
        let unreadable = || AccessError::Unreadable { what: "a freeze" };
        let exempt: String = row.get("exempt")?;
        Ok(Self {
            org: OrgName::parse(&row.get::<_, String>("org")?).map_err(|_| unreadable())?,
            reason: row.get("reason")?,
            since: instant(row.get("since")?).ok_or_else(unreadable)?,
            by: row.get("by")?,
            exempt: exempt.split_whitespace().map(ClientId::new).collect(),
        })
    }

    /// All there are.
    pub(crate) fn all(tx: &Transaction<'_>) -> Result<HashMap<OrgName, Arc<Self>>, AccessError> {
        let mut statement = tx.prepare("SELECT * FROM access_freeze")?;
        let mut rows = statement.query([])?;
        let mut all = HashMap::new();
        while let Some(row) = rows.next()? {
            let freeze = Self::read(row)?;
            all.insert(freeze.org.clone(), Arc::new(freeze));
        }
        Ok(all)
    }
}

impl Keyring {
    /// Freezes an org. One that is frozen already is so for the new reason, with the new exceptions, since it first was.
    ///
    /// # Errors
    /// [`Objection::NoReason`], when the reason is no printable line.
    pub fn freeze(&self, freeze: &Freeze, now: Timestamp) -> Result<Freeze, AccessError> {
        let reason = one_line(&freeze.reason, REASON_CHARS_MAX).ok_or(Objection::NoReason)?;
        let exempt: Vec<&str> = freeze.exempt.iter().map(ClientId::as_str).collect();
        let sql = "INSERT INTO access_freeze (org, reason, since, by, exempt) VALUES (?1, ?2, ?3, ?4, ?5) \
                   ON CONFLICT DO UPDATE SET reason = excluded.reason, by = excluded.by, exempt = excluded.exempt";
        let since = freeze.since.as_second();
        let values = params![
            freeze.org.as_str(),
            reason,
            since,
            freeze.by,
            exempt.join(" ")
        ];
        self.change(now, |tx| {
            tx.execute(sql, values)?;
            one(tx, &freeze.org)?.ok_or(AccessError::Unreadable { what: "a freeze" })
        })
    }

    /// Thaws an org; hands back what kept it frozen.
    ///
    /// # Errors
    /// [`AccessError::NotFrozen`], when nothing did.
    pub fn thaw(&self, org: &OrgName, now: Timestamp) -> Result<Freeze, AccessError> {
        self.change(now, |tx| {
            let freeze = one(tx, org)?.ok_or_else(|| AccessError::NotFrozen(org.clone()))?;
            tx.execute("DELETE FROM access_freeze WHERE org = ?1", [org.as_str()])?;
            Ok(freeze)
        })
    }

    /// What keeps an org frozen, if anything does; from memory.
    ///
    /// # Errors
    /// [`AccessError`], when the state cannot be read: then nobody knows.
    pub fn frozen(
        &self,
        org: &OrgName,
        now: Timestamp,
    ) -> Result<Option<Arc<Freeze>>, AccessError> {
        let current = self.current_within(FREEZE_SEEN_MS_MAX, now)?;
        Ok(current.freezes.get(org).cloned())
    }
}

fn one(tx: &Transaction<'_>, org: &OrgName) -> Result<Option<Freeze>, AccessError> {
    let sql = "SELECT * FROM access_freeze WHERE org = ?1";
    let found = tx
        .query_row(sql, [org.as_str()], |row| Ok(Freeze::read(row)))
        .optional()?;
    found.transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Grant, NewClient};
    use store::{Database, SealKey};

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn keyring(path: &std::path::Path) -> Keyring {
        let database = Arc::new(Database::open(path).unwrap());
        Keyring::open(database, &SealKey::from_bytes([7; 32]), NOW).unwrap()
    }

    fn freeze(reason: &str, exempt: &[&ClientId]) -> Freeze {
        Freeze {
            org: OrgName::parse("production").unwrap(),
            reason: reason.to_owned(),
            since: NOW,
            by: "operator".to_owned(),
            exempt: exempt.iter().map(|id| (*id).clone()).collect(),
        }
    }

    #[test]
    fn another_process_sees_a_freeze_within_its_bound_and_its_end_too() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.db");
        let (here, there) = (keyring(&path), keyring(&path));
        let org = OrgName::parse("production").unwrap();
        assert_eq!(there.frozen(&org, NOW).unwrap(), None);
        let made = here.freeze(&freeze(" stolen key ", &[]), NOW).unwrap();
        assert_eq!(made.reason, "stolen key");
        assert!(here.frozen(&org, NOW).unwrap().is_some(), "at once");
        let soon = NOW + jiff::SignedDuration::from_millis(FREEZE_SEEN_MS_MAX);
        assert_eq!(there.frozen(&org, soon).unwrap().as_deref(), Some(&made));
        let other = OrgName::parse("preview").unwrap();
        assert_eq!(there.frozen(&other, soon).unwrap(), None);
        let thawed = here.thaw(&org, soon).unwrap();
        assert_eq!(thawed, made);
        let later = soon + jiff::SignedDuration::from_millis(FREEZE_SEEN_MS_MAX);
        assert_eq!(there.frozen(&org, later).unwrap(), None);
        assert!(matches!(
            here.thaw(&org, later),
            Err(AccessError::NotFrozen(_))
        ));
    }

    #[test]
    fn reads_the_key_behind_the_glass_and_named_clients_go_on() {
        let dir = tempfile::tempdir().unwrap();
        let keyring = keyring(&dir.path().join("state.db"));
        let org = OrgName::parse("production").unwrap();
        let client = keyring
            .register(NewClient::new(org.clone(), "hr"), NOW)
            .unwrap();
        let operation = |id| catalog::operations().by_id(id).unwrap();
        let caller = |id: &ClientId| {
            let current = keyring.current(NOW).unwrap();
            let standing = Arc::clone(&current.clients[id].standing);
            Caller::new(standing, crate::CredentialId::new("key1"), None)
        };
        let all = freeze("fire", &[]);
        assert!(all.stops(&caller(&client.id), operation("deleteUser")));
        assert!(all.stops(&caller(&client.id), operation("addGroup")));
        assert!(!all.stops(&caller(&client.id), operation("listUsers")));
        assert!(!freeze("fire", &[&client.id]).stops(&caller(&client.id), operation("deleteUser")));
        let job = Caller::internal("restore", org, Grant::restore());
        assert!(all.stops(&job, operation("deleteUser")));
    }

    #[test]
    fn a_second_freeze_says_why_anew_and_keeps_since_when() {
        let dir = tempfile::tempdir().unwrap();
        let keyring = keyring(&dir.path().join("state.db"));
        keyring.freeze(&freeze("first", &[]), NOW).unwrap();
        let later = NOW + jiff::SignedDuration::from_secs(60);
        let second = Freeze {
            since: later,
            ..freeze("second", &[])
        };
        let made = keyring.freeze(&second, later).unwrap();
        assert_eq!((made.reason.as_str(), made.since), ("second", NOW));
        let unsaid = keyring.freeze(&freeze("  ", &[]), later);
        assert!(matches!(
            unsaid,
            Err(AccessError::Elevation(Objection::NoReason))
        ));
    }
}
