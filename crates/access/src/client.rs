//! Registered machine identities: each belongs to one org, and carries the bounds that all its credentials share.

mod id;

pub use id::ClientId;

use jiff::Timestamp;
use store::rusqlite::{OptionalExtension, Row, Transaction, params};

use crate::api_key::random_digits;
use crate::limits::CLIENT_NAME_CHARS_MAX;
use crate::one_line::one_line;
use crate::{
    AccessError, CLIENTS_PER_ORG_MAX, Grant, Network, OauthRegistration, Operations, OrgName,
    Overrides, Priority, Share, Sight, WEIGHTS,
};

/// A registered client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its identity.
    pub id: ClientId,
    /// The org it may call.
    pub org: OrgName,
    /// Its name, unique within the org.
    pub name: String,
    /// Okta's scope names: the upper bound.
    pub scopes: Vec<String>,
    /// Operation ids; empty means all that the scopes reach.
    pub operations: Vec<String>,
    /// Teams it belongs to, for policies over several clients.
    pub teams: Vec<String>,
    /// What permits within the bound.
    pub basis: Basis,
    /// Where it may call from; empty means anywhere.
    pub networks: Vec<Network>,
    /// Scopes it may ask to be elevated to.
    pub eligible: Vec<String>,
    /// Until when denials are recorded and let through.
    pub shadow_until: Option<Timestamp>,
    /// Its registration as an OAuth client; `None`: API keys only.
    pub oauth: Option<OauthRegistration>,
    /// How it shares Okta's rate budget with others.
    pub share: Share,
    /// Its own budgets on what it takes away, in place of its org's.
    pub budgets: Overrides,
    /// What it sees of answers.
    pub sight: Sight,
    /// When it was registered, to the second.
    pub created: Timestamp,
    /// Since when none of its credentials is accepted, to the second.
    pub disabled: Option<Timestamp>,
}

/// What permits a client's calls within its bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Basis {
    /// Its registration: whatever the bound reaches, unless a policy forbids it.
    #[default]
    Registration,
    /// Policies alone: nothing, unless one permits it.
    Policies,
}

/// A client to be registered. The default of everything but org and name grants nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewClient {
    /// The org it may call.
    pub org: OrgName,
    /// Its name, unique within the org.
    pub name: String,
    /// Okta's scope names: the upper bound.
    pub scopes: Vec<String>,
    /// Operation ids; empty means all that the scopes reach.
    pub operations: Vec<String>,
    /// Teams it belongs to.
    pub teams: Vec<String>,
    /// What permits within the bound.
    pub basis: Basis,
    /// Where it may call from; empty means anywhere.
    pub networks: Vec<Network>,
    /// Scopes it may ask to be elevated to.
    pub eligible: Vec<String>,
    /// Until when denials are recorded and let through.
    pub shadow_until: Option<Timestamp>,
    /// Its registration as an OAuth client; `None`: API keys only.
    pub oauth: Option<OauthRegistration>,
    /// How it shares Okta's rate budget with others.
    pub share: Share,
    /// Its own budgets on what it takes away, in place of its org's.
    pub budgets: Overrides,
    /// What it sees of answers.
    pub sight: Sight,
}

impl NewClient {
    /// A client of this name that may do nothing yet.
    pub fn new(org: OrgName, name: impl Into<String>) -> Self {
        Self {
            org,
            name: name.into(),
            scopes: Vec::new(),
            operations: Vec::new(),
            teams: Vec::new(),
            basis: Basis::default(),
            networks: Vec::new(),
            eligible: Vec::new(),
            shadow_until: None,
            oauth: None,
            share: Share::default(),
            budgets: Overrides::default(),
            sight: Sight::default(),
        }
    }
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
            "INSERT INTO access_client (id, org, name, scopes, operations, created) VALUES (?1, ?2, ?3, '', '', ?4)",
            params![id, new.org.as_str(), new.name, now.as_second()],
        )?;
        let id = ClientId::new(&id);
        write(tx, &id, &new)?;
        Self::find(tx, &id)
    }

    pub(crate) fn find(tx: &Transaction<'_>, id: &ClientId) -> Result<Self, AccessError> {
        let sql = format!("SELECT {COLUMNS} FROM access_client WHERE id = ?1");
        let found = tx
            .query_row(&sql, [id.as_str()], |row| Ok(Self::read(row)))
            .optional()?;
        found.ok_or_else(|| AccessError::NoClient(id.clone()))?
    }

    pub(crate) fn all(tx: &Transaction<'_>) -> Result<Vec<Self>, AccessError> {
        let mut statement = tx.prepare(&format!("SELECT {COLUMNS} FROM access_client"))?;
        let rows = statement.query_map([], |row| Ok(Self::read(row)))?;
        rows.map(|row| row?).collect()
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
        let maybe = |at: Option<i64>| at.map(|at| instant(at).ok_or_else(unreadable)).transpose();
        let basis: String = row.get("basis")?;
        let oauth: Option<String> = row.get("oauth")?;
        Ok(Self {
            id: ClientId::new(&row.get::<_, String>("id")?),
            org: OrgName::parse(&row.get::<_, String>("org")?).map_err(|_| unreadable())?,
            name: row.get("name")?,
            scopes: words(row.get("scopes")?),
            operations: words(row.get("operations")?),
            teams: words(row.get("teams")?),
            basis: Basis::named(&basis).ok_or_else(unreadable)?,
            networks: read_networks(&row.get::<_, String>("networks")?).ok_or_else(unreadable)?,
            eligible: words(row.get("eligible")?),
            shadow_until: maybe(row.get("shadow_until")?)?,
            oauth: oauth
                .map(|text| OauthRegistration::from_json(&text).ok_or_else(unreadable))
                .transpose()?,
            share: Share {
                priority: Priority::named(&row.get::<_, String>("priority")?)
                    .ok_or_else(unreadable)?,
                weight: row.get("weight")?,
            },
            budgets: Overrides::read(&row.get::<_, String>("budgets")?).ok_or_else(unreadable)?,
            sight: Sight::read(row.get("reveal")?, &row.get::<_, String>("hidden")?)
                .ok_or_else(unreadable)?,
            created: instant(row.get("created")?).ok_or_else(unreadable)?,
            disabled: maybe(row.get("disabled")?)?,
        })
    }
}

/// Writes what bounds the client of this id.
pub(crate) fn write(
    tx: &Transaction<'_>,
    id: &ClientId,
    new: &NewClient,
) -> Result<(), AccessError> {
    tx.execute(
        "UPDATE access_client SET scopes = ?2, operations = ?3, teams = ?4, basis = ?5, networks = ?6, eligible = ?7, \
         shadow_until = ?8, oauth = ?9, priority = ?10, weight = ?11, budgets = ?12, \
         reveal = ?13, hidden = ?14 WHERE id = ?1",
        params![
            id.as_str(),
            new.scopes.join(" "),
            new.operations.join(" "),
            new.teams.join(" "),
            new.basis.word(),
            written(&new.networks),
            new.eligible.join(" "),
            new.shadow_until.map(Timestamp::as_second),
            new.oauth.as_ref().map(OauthRegistration::to_json),
            new.share.priority.word(),
            new.share.weight,
            new.budgets.written(),
            new.sight.reveal,
            new.sight.written(),
        ],
    )?;
    Ok(())
}

/// Refuses what could never grant anything, so that a typing error is noticed now and not as a denial later.
pub(crate) fn check(new: &NewClient) -> Result<(), AccessError> {
    if one_line(&new.name, CLIENT_NAME_CHARS_MAX) != Some(new.name.as_str()) {
        return Err(AccessError::BadName(
            new.name.chars().take(CLIENT_NAME_CHARS_MAX).collect(),
        ));
    }
    if let Some(oauth) = &new.oauth {
        oauth.check()?;
    }
    if !WEIGHTS.contains(&new.share.weight) || new.share.priority == Priority::Recovery {
        return Err(AccessError::BadShare);
    }
    check_bounds(new.scopes.iter().chain(&new.eligible), &new.operations)?;
    let team_like = |team: &str| {
        one_line(team, CLIENT_NAME_CHARS_MAX) == Some(team) && !team.contains(char::is_whitespace)
    };
    if let Some(team) = new.teams.iter().find(|team| !team_like(team)) {
        return Err(AccessError::BadTeam(
            team.chars().take(CLIENT_NAME_CHARS_MAX).collect(),
        ));
    }
    Ok(())
}

/// Whether any operation requires the scope.
pub(crate) fn is_scope(scope: &str) -> bool {
    let mut operations = catalog::operations().iter();
    operations.any(|operation| operation.scopes.contains(&scope))
}

/// Refuses scopes that no operation requires, and operations that do not exist.
fn check_bounds<'n>(
    mut scopes: impl Iterator<Item = &'n String>,
    operations: &[String],
) -> Result<(), AccessError> {
    let catalogue = catalog::operations();
    if let Some(scope) = scopes.find(|scope| !is_scope(scope)) {
        return Err(AccessError::UnknownScope(scope.clone()));
    }
    let unknown = operations.iter().find(|id| catalogue.by_id(id).is_none());
    unknown.map_or(Ok(()), |id| Err(AccessError::UnknownOperation(id.clone())))
}

pub(crate) fn instant(seconds: i64) -> Option<Timestamp> {
    Timestamp::from_second(seconds).ok()
}

impl Basis {
    fn word(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Policies => "policies",
        }
    }

    fn named(word: &str) -> Option<Self> {
        [Self::Registration, Self::Policies]
            .into_iter()
            .find(|basis| basis.word() == word)
    }
}

/// Networks as one text, separated by spaces.
pub(crate) fn written(networks: &[Network]) -> String {
    let texts: Vec<String> = networks.iter().map(Network::to_string).collect();
    texts.join(" ")
}

/// Networks from one text; `None` when one of them is none.
pub(crate) fn read_networks(text: &str) -> Option<Vec<Network>> {
    text.split_whitespace()
        .map(|word| word.parse().ok())
        .collect()
}

const COLUMNS: &str = "id, org, name, scopes, operations, teams, basis, networks, eligible, shadow_until, oauth, priority, weight, budgets, reveal, hidden, created, disabled";
