//! The Cedar policies of each org as they are kept: put in, listed, taken out, and read for all to decide by. What they mean is the
//! business of the crate `policy`; here they are never stored unless they are valid.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use policy::{Policies, PolicyText};
use store::rusqlite::{OptionalExtension, Transaction, params};

use crate::limits::POLICY_NAME_CHARS_MAX;
use crate::one_line::one_line;
use crate::{AccessError, Keyring, OrgName};

/// A policy as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPolicy {
    /// Its name, unique within the org.
    pub name: String,
    /// Its text, in Cedar; may hold several statements.
    pub text: String,
    /// When it was last changed, to the second.
    pub changed: Timestamp,
}

/// The policies of one org, ready to decide by, with the texts they were made of.
pub(crate) struct Shelf {
    texts: Vec<PolicyText>,
    pub(crate) policies: Arc<Policies>,
}

impl Shelf {
    /// The policies of every org that has some.
    pub(crate) fn all(
        tx: &Transaction<'_>,
        before: Option<&HashMap<OrgName, Self>>,
    ) -> Result<HashMap<OrgName, Self>, AccessError> {
        let mut texts: BTreeMap<String, Vec<PolicyText>> = BTreeMap::new();
        let mut statement =
            tx.prepare("SELECT org, name, text FROM access_policy ORDER BY org, name")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let text = PolicyText {
                name: row.get("name")?,
                text: row.get("text")?,
            };
            texts.entry(row.get("org")?).or_default().push(text);
        }
        let shelf = |(org, texts): (String, Vec<PolicyText>)| {
            let unreadable = |_| AccessError::Unreadable { what: "a policy" };
            let org = OrgName::parse(&org).map_err(unreadable)?;
            let known = before.and_then(|shelves| shelves.get(&org));
            let policies = match known {
                Some(known) if known.texts == texts => Arc::clone(&known.policies),
                _ => {
                    let none = Policies::default();
                    let known = known.map_or(&none, |known| &known.policies);
                    let read = known.read_after(&texts);
                    Arc::new(read.or_else(|_| Policies::read(&[unreadable_text()]))?)
                }
            };
            Ok((org, Self { texts, policies }))
        };
        texts.into_iter().map(shelf).collect()
    }
}

/// What is in force for an org whose policies cannot be read, as after a change of the schema: nothing passes but what no policy binds.
/// Refusing to start instead would keep out those who come to repair it.
fn unreadable_text() -> PolicyText {
    PolicyText {
        name: "policies-cannot-be-read".to_owned(),
        text: "forbid (principal, action, resource);".to_owned(),
    }
}

impl Keyring {
    /// Keeps a policy under its name, replacing the one of that name. In force when this returns.
    ///
    /// # Errors
    /// [`AccessError::Policy`], when it does not fit the schema, alone or beside the org's others, or
    /// [`AccessError::BadPolicyName`]; nothing is kept then.
    pub fn put_policy(
        &self,
        org: &OrgName,
        name: &str,
        text: &str,
        now: Timestamp,
    ) -> Result<(), AccessError> {
        if one_line(name, POLICY_NAME_CHARS_MAX) != Some(name) {
            let shown = name.chars().take(POLICY_NAME_CHARS_MAX).collect();
            return Err(AccessError::BadPolicyName(shown));
        }
        self.change(now, |tx| {
            tx.execute(
                "INSERT INTO access_policy (org, name, text, changed) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (org, name) DO UPDATE SET text = excluded.text, changed = excluded.changed",
                params![org.as_str(), name, text, now.as_second()],
            )?;
            let texts = stored(tx, org)?.into_iter();
            let texts: Vec<PolicyText> =
                texts.map(|policy| PolicyText { name: policy.name, text: policy.text }).collect();
            Policies::read(&texts)?;
            Ok(())
        })
    }

    /// The policies of an org, by name.
    pub fn policies(&self, org: &OrgName) -> Result<Vec<StoredPolicy>, AccessError> {
        self.database.read(|tx| stored(tx, org))
    }

    /// Takes a policy out of force.
    pub fn remove_policy(
        &self,
        org: &OrgName,
        name: &str,
        now: Timestamp,
    ) -> Result<(), AccessError> {
        self.change(now, |tx| {
            let sql = "DELETE FROM access_policy WHERE org = ?1 AND name = ?2 RETURNING name";
            let gone = tx
                .query_row(sql, params![org.as_str(), name], |_| Ok(()))
                .optional()?;
            gone.ok_or_else(|| AccessError::NoPolicy(name.to_owned()))
        })
    }
}

fn stored(tx: &Transaction<'_>, org: &OrgName) -> Result<Vec<StoredPolicy>, AccessError> {
    let mut statement =
        tx.prepare("SELECT name, text, changed FROM access_policy WHERE org = ?1 ORDER BY name")?;
    let mut rows = statement.query([org.as_str()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let changed = crate::client::instant(row.get("changed")?);
        found.push(StoredPolicy {
            name: row.get("name")?,
            text: row.get("text")?,
            changed: changed.ok_or(AccessError::Unreadable { what: "a policy" })?,
        });
    }
    Ok(found)
}
