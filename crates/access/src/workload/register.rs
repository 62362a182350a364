//! The registrations as they are kept, and those that count, by org and issuer.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use jose::KeySet;
use store::rusqlite::{OptionalExtension, Row, Transaction, params};

use crate::api_key::random_digits;
use crate::client::instant;
use crate::limits::ISSUERS_PER_ORG_MAX;
use crate::{AccessError, Client, ClientId, Keyring, OrgName};

use super::{Issuer, IssuerId, KeyPlace, KeySource, NewIssuer};

/// The registrations that count, in the order they were made.
#[derive(Debug, Default)]
pub(crate) struct Issuers(HashMap<OrgName, HashMap<String, Vec<Arc<Issuer>>>>);

impl Issuers {
    pub(crate) fn all(tx: &Transaction<'_>) -> Result<Self, AccessError> {
        let mut orgs: HashMap<OrgName, HashMap<String, Vec<Arc<Issuer>>>> = HashMap::new();
        let sql = format!(
            "SELECT {COLUMNS} FROM access_issuer WHERE removed IS NULL ORDER BY created, rowid"
        );
        let mut statement = tx.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let issuer = Issuer::read(row)?;
            let of_org = orgs.entry(issuer.org.clone()).or_default();
            let alike = of_org.entry(issuer.issuer.clone()).or_default();
            alike.push(Arc::new(issuer));
        }
        Ok(Self(orgs))
    }

    /// Whether the registration of this id still counts.
    pub(crate) fn has(&self, org: &OrgName, id: &str) -> bool {
        let of_org = self.0.get(org).into_iter().flat_map(HashMap::values);
        of_org.flatten().any(|issuer| issuer.id.as_str() == id)
    }

    /// Those of `org` for this very `iss`.
    pub(crate) fn of(&self, org: &OrgName, issuer: &str) -> &[Arc<Issuer>] {
        let of_org = self.0.get(org).and_then(|of_org| of_org.get(issuer));
        of_org.map_or(&[], Vec::as_slice)
    }
}

impl Keyring {
    /// Lets the tokens of an outside issuer stand for a client. In force when this returns.
    ///
    /// # Errors
    /// [`AccessError::Issuer`], when it could be meant in more than one way; also without such a client, or with too many issuers.
    pub fn trust_issuer(&self, new: NewIssuer, now: Timestamp) -> Result<Issuer, AccessError> {
        new.check()?;
        self.change(now, |tx| Issuer::insert(tx, &new, now))
    }

    /// The registered issuers of an org, oldest first, removed ones included.
    pub fn issuers(&self, org: &OrgName) -> Result<Vec<Issuer>, AccessError> {
        self.database.read(|tx| {
            let sql = format!(
                "SELECT {COLUMNS} FROM access_issuer WHERE org = ?1 ORDER BY created, rowid"
            );
            let mut statement = tx.prepare(&sql)?;
            let rows = statement.query_map([org.as_str()], |row| Ok(Issuer::read(row)))?;
            rows.map(|row| row?).collect()
        })
    }

    /// Refuses the tokens of a registered issuer from now on, for good. Access tokens they were exchanged for live on for their few
    /// minutes.
    pub fn distrust_issuer(&self, id: &IssuerId, now: Timestamp) -> Result<Issuer, AccessError> {
        self.change(now, |tx| {
            tx.execute(
                "UPDATE access_issuer SET removed = ?2 WHERE id = ?1 AND removed IS NULL",
                params![id.as_str(), now.as_second()],
            )?;
            Issuer::find(tx, id)
        })
    }
}

impl Issuer {
    fn insert(tx: &Transaction<'_>, new: &NewIssuer, now: Timestamp) -> Result<Self, AccessError> {
        let org = Client::find(tx, &new.client)?.org;
        let count = "SELECT count(*) FROM access_issuer WHERE org = ?1 AND removed IS NULL";
        let live: u32 = tx.query_row(count, [org.as_str()], |row| row.get(0))?;
        if live >= ISSUERS_PER_ORG_MAX {
            return Err(AccessError::TooManyIssuers(org));
        }
        let mut id = String::from("iss");
        random_digits(16, &mut id)?;
        let (uri, private, jwks) = match &new.keys {
            KeySource::Published(place) => (Some(&*place.uri), place.private, None),
            KeySource::Fixed(keys) => (None, false, Some(keys.jwks())),
        };
        let jwks = jwks.map(|jwks| serde_json::Value::Object(jwks).to_string());
        tx.execute(
            "INSERT INTO access_issuer (id, org, client, issuer, audience, subject, jwks_uri, jwks, private, direct, minutes_max, created) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            params![
                id,
                org.as_str(),
                new.client.as_str(),
                new.issuer,
                new.audience,
                new.subject.to_string(),
                uri,
                jwks,
                private,
                new.direct,
                new.minutes_max,
                now.as_second(),
            ],
        )?;
        Self::find(tx, &IssuerId::new(&id))
    }

    fn find(tx: &Transaction<'_>, id: &IssuerId) -> Result<Self, AccessError> {
        let sql = format!("SELECT {COLUMNS} FROM access_issuer WHERE id = ?1");
        let found = tx
            .query_row(&sql, [id.as_str()], |row| Ok(Self::read(row)))
            .optional()?;
        found.ok_or_else(|| AccessError::NoIssuer(id.clone()))?
    }

    fn read(row: &Row<'_>) -> Result<Self, AccessError> {
        let unreadable = || AccessError::Unreadable { what: "an issuer" };
        let text = |name| row.get::<_, String>(name);
        let removed: Option<i64> = row.get("removed")?;
        let uri: Option<String> = row.get("jwks_uri")?;
        let keys = match uri {
            Some(uri) => KeySource::Published(KeyPlace {
                uri: uri.into(),
                private: row.get("private")?,
            }),
            None => {
                let keys = KeySet::read_registration(&text("jwks")?);
                KeySource::Fixed(Arc::new(keys.map_err(|_| unreadable())?))
            }
        };
        Ok(Self {
            id: IssuerId::new(&text("id")?),
            org: OrgName::parse(&text("org")?).map_err(|_| unreadable())?,
            client: ClientId::new(&text("client")?),
            issuer: text("issuer")?,
            audience: text("audience")?,
            subject: text("subject")?.parse().map_err(|_| unreadable())?,
            keys,
            direct: row.get("direct")?,
            minutes_max: row.get("minutes_max")?,
            created: instant(row.get("created")?).ok_or_else(unreadable)?,
            removed: removed
                .map(|at| instant(at).ok_or_else(unreadable))
                .transpose()?,
        })
    }
}

const COLUMNS: &str = "id, org, client, issuer, audience, subject, jwks_uri, jwks, private, direct, minutes_max, created, removed";
