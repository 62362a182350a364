//! Registered machine identities: each belongs to one org, and carries the grant that all its keys share.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use store::rusqlite::{OptionalExtension, Row, Transaction, params};

use crate::api_key::random_digits;
use crate::limits::CLIENT_NAME_CHARS_MAX;
use crate::{AccessError, CLIENTS_PER_ORG_MAX, Grant, Operations, OrgName};

/// Identity of a client: `cli` and 16 letters or digits; `job:` and a name for the product's own jobs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientId(Arc<str>);

impl ClientId {
    /// Takes an id as typed; whether there is such a client is for the keyring to say.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    pub(crate) fn internal(job: &str) -> Self {
        Self(format!("job:{job}").into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// A registered client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its identity.
    pub id: ClientId,
    /// The org it may call.
    pub org: OrgName,
    /// Its name, unique within the org.
    pub name: String,
    /// Okta's scope names.
    pub scopes: Vec<String>,
    /// Operation ids; empty means all that the scopes reach.
    pub operations: Vec<String>,
    /// When it was registered, to the second.
    pub created: Timestamp,
    /// Since when none of its keys is accepted, to the second.
    pub disabled: Option<Timestamp>,
}

/// A client to be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewClient {
    /// The org it may call.
    pub org: OrgName,
    /// Its name, unique within the org.
    pub name: String,
    /// Okta's scope names.
    pub scopes: Vec<String>,
    /// Operation ids; empty means all that the scopes reach.
    pub operations: Vec<String>,
}

impl Client {
    /// What its keys may do.
    pub fn grant(&self) -> Grant {
        let operations = match self.operations.as_slice() {
            [] => Operations::All,
            ids => Operations::Only(ids.to_vec()),
        };
        Grant::scoped(self.scopes.iter().cloned(), operations)
    }

    pub(crate) fn insert(
        tx: &Transaction<'_>,
        new: NewClient,
        now: Timestamp,
    ) -> Result<Self, AccessError> {
        check(&new)?;
        let of_org = "SELECT count(*) FILTER (WHERE disabled IS NULL), count(*) FILTER (WHERE name = ?2) FROM access_client WHERE org = ?1";
        let (live, namesakes): (u32, u32) =
            tx.query_row(of_org, params![new.org.as_str(), new.name], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        if namesakes > 0 {
            return Err(AccessError::NameTaken {
                org: new.org,
                name: new.name,
            });
        }
        if live >= CLIENTS_PER_ORG_MAX {
            return Err(AccessError::TooManyClients(new.org));
        }
        let mut id = String::from("cli");
        random_digits(16, &mut id)?;
        tx.execute(
            "INSERT INTO access_client (id, org, name, scopes, operations, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![id, new.org.as_str(), new.name, new.scopes.join(" "), new.operations.join(" "), now.as_second()],
        )?;
        Self::find(tx, &ClientId::new(&id))
    }

    pub(crate) fn find(tx: &Transaction<'_>, id: &ClientId) -> Result<Self, AccessError> {
        let sql = format!("SELECT {COLUMNS} FROM access_client WHERE id = ?1");
        let found = tx
            .query_row(&sql, [id.as_str()], |row| Ok(Self::read(row)))
            .optional()?;
        found.ok_or_else(|| AccessError::NoClient(id.clone()))?
    }

    pub(crate) fn of_org(tx: &Transaction<'_>, org: &OrgName) -> Result<Vec<Self>, AccessError> {
        let sql = format!("SELECT {COLUMNS} FROM access_client WHERE org = ?1 ORDER BY name");
        let mut statement = tx.prepare(&sql)?;
        let rows = statement.query_map([org.as_str()], |row| Ok(Self::read(row)))?;
        rows.map(|row| row?).collect()
    }

    pub(crate) fn disable(
        tx: &Transaction<'_>,
        id: &ClientId,
        now: Timestamp,
    ) -> Result<Self, AccessError> {
        tx.execute(
            "UPDATE access_client SET disabled = ?2 WHERE id = ?1 AND disabled IS NULL",
            params![id.as_str(), now.as_second()],
        )?;
        Self::find(tx, id)
    }

    fn read(row: &Row<'_>) -> Result<Self, AccessError> {
        let unreadable = || AccessError::Unreadable { what: "a client" };
        let words = |text: String| text.split_whitespace().map(str::to_owned).collect();
        let disabled: Option<i64> = row.get("disabled")?;
        Ok(Self {
            id: ClientId::new(&row.get::<_, String>("id")?),
            org: OrgName::parse(&row.get::<_, String>("org")?).map_err(|_| unreadable())?,
            name: row.get("name")?,
            scopes: words(row.get("scopes")?),
            operations: words(row.get("operations")?),
            created: instant(row.get("created")?).ok_or_else(unreadable)?,
            disabled: disabled
                .map(|at| instant(at).ok_or_else(unreadable))
                .transpose()?,
        })
    }
}

/// Refuses what could never grant anything, so that a typing error is noticed now and not as a denial later.
fn check(new: &NewClient) -> Result<(), AccessError> {
    let printable = |name: &str| !name.trim().is_empty() && !name.chars().any(char::is_control);
    if !printable(&new.name) || new.name.chars().count() > CLIENT_NAME_CHARS_MAX {
        return Err(AccessError::BadName(
            new.name.chars().take(CLIENT_NAME_CHARS_MAX).collect(),
        ));
    }
    let catalogue = catalog::operations();
    let required = |scope: &String| {
        catalogue
            .iter()
            .any(|operation| operation.scopes.iter().any(|known| known == scope))
    };
    if let Some(scope) = new.scopes.iter().find(|scope| !required(scope)) {
        return Err(AccessError::UnknownScope(scope.clone()));
    }
    if let Some(id) = new
        .operations
        .iter()
        .find(|id| catalogue.by_id(id).is_none())
    {
        return Err(AccessError::UnknownOperation(id.clone()));
    }
    Ok(())
}

pub(crate) fn instant(seconds: i64) -> Option<Timestamp> {
    Timestamp::from_second(seconds).ok()
}

const COLUMNS: &str = "id, org, name, scopes, operations, created, disabled";
