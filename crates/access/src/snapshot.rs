//! Everything that decides who is let in, in memory as of one state of the database: clients, keys, policies. Read anew when the
//! generation counter moved; never changed in place but for the time it was last seen to agree and the last uses of keys.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use policy::Policies;
use store::rusqlite::{Transaction, params};

use crate::api_key::Fingerprint;
use crate::credential::{COLUMNS, Credential, idle_end, idle_s};
use crate::limits::DEAD_KEY_DAYS;
use crate::oauth::revocation::revoked;
use crate::oauth::signing_key::SigningKeys;
use crate::policies::Shelf;
use crate::standing::lies_in;
use crate::workload::Issuers;
use crate::{
    AccessError, Caller, Client, ClientId, CredentialId, CredentialKind, Elevated, Elevation,
    ElevationId, Freeze, Network, Opening, OrgName, Presented, Standing, Why,
};

/// The state as far as it decides who is let in.
pub(crate) struct Snapshot {
    generation: i64,
    seen_ms: AtomicI64,
    pub(crate) keys: HashMap<Fingerprint, KnownKey>,
    pub(crate) clients: HashMap<ClientId, Arc<Registered>>,
    /// Requests for more that are open or running, or were a moment ago.
    pub(crate) elevations: HashMap<ElevationId, Arc<Elevation>>,
    pub(crate) issuers: Issuers,
    pub(crate) signing: SigningKeys,
    /// Access tokens that were revoked before they expired.
    pub(crate) revoked: HashSet<CredentialId>,
    shelves: HashMap<OrgName, Shelf>,
    /// Orgs that can only be read.
    pub(crate) freezes: HashMap<OrgName, Arc<Freeze>>,
}

/// A client with its standing.
pub(crate) struct Registered {
    pub(crate) client: Client,
    pub(crate) standing: Arc<Standing>,
}

/// A key or client secret.
pub(crate) struct KnownKey {
    pub(crate) caller: Caller,
    pub(crate) kind: CredentialKind,
    networks: Vec<Network>,
    expires: Timestamp,
    revoked: bool,
    created: Timestamp,
    idle_s: i64,
    pub(crate) last_used: AtomicI64,
}

impl KnownKey {
    fn of(standing: &Arc<Standing>, credential: Credential) -> Self {
        Self {
            caller: Caller::new(Arc::clone(standing), credential.id, None),
            kind: credential.kind,
            networks: credential.networks,
            expires: credential.expires,
            revoked: credential.revoked.is_some(),
            created: credential.created,
            idle_s: idle_s(credential.idle_days),
            last_used: AtomicI64::new(credential.last_used.map_or(0, Timestamp::as_second)),
        }
    }

    /// The key of an opening of the glass: good from anywhere, for minutes.
    fn behind_glass(opening: &Opening) -> Self {
        let standing = Arc::new(Standing::behind_glass(opening));
        Self {
            caller: Caller::new(standing, CredentialId::new(&opening.id), None),
            kind: CredentialKind::Key,
            networks: Vec::new(),
            expires: opening.ends,
            revoked: false,
            created: opening.opened,
            idle_s: i64::MAX,
            last_used: AtomicI64::new(0),
        }
    }

    /// From when it is refused because nobody used it, in seconds since 1970.
    fn idles_out(&self) -> i64 {
        let last_used = self.last_used.load(Ordering::Relaxed);
        idle_end(last_used, self.created.as_second(), self.idle_s)
    }

    /// Why the key may not be used for `kind` as presented, if so.
    pub(crate) fn objection(
        &self,
        kind: CredentialKind,
        presented: &Presented<'_>,
        org: &OrgName,
        now: Timestamp,
    ) -> Option<Why> {
        if self.kind != kind {
            return Some(Why::Unknown);
        }
        self.objection_at(org, presented.source, now)
    }

    /// Why whoever showed the key may not go on, if so.
    pub(crate) fn objection_at(
        &self,
        org: &OrgName,
        source: IpAddr,
        now: Timestamp,
    ) -> Option<Why> {
        let standing = self.caller.standing();
        if self.caller.org() != org {
            Some(Why::OtherOrg)
        } else if standing.disabled {
            Some(Why::Disabled)
        } else if self.revoked {
            Some(Why::Revoked)
        } else if now >= self.expires {
            Some(Why::Expired)
        } else if now.as_second() >= self.idles_out() {
            Some(Why::Idle)
        } else if !standing.is_welcome_from(source) || !lies_in(&self.networks, source) {
            Some(Why::OtherNetwork)
        } else {
            None
        }
    }
}

impl Snapshot {
    /// Reads all of it; policies that did not change since `before` are not compiled again.
    pub(crate) fn load(
        tx: &Transaction<'_>,
        before: Option<&Self>,
        now: Timestamp,
    ) -> Result<Self, AccessError> {
        let shelves = Shelf::all(tx, before.map(|before| &before.shelves))?;
        let none = Arc::new(Policies::default());
        let elevations = Elevation::current(tx, now)?;
        let mut elevated: HashMap<&ClientId, Vec<Elevated>> = HashMap::new();
        for one in elevations.values() {
            elevated
                .entry(&one.client)
                .or_default()
                .extend(one.elevated());
        }
        let mut clients = HashMap::new();
        for client in Client::all(tx)? {
            let policies = shelves
                .get(&client.org)
                .map_or(&none, |shelf| &shelf.policies);
            let standing = Standing::of(
                &client,
                Arc::clone(policies),
                elevated.remove(&client.id).unwrap_or_default(),
            );
            let registered = Registered {
                standing: Arc::new(standing),
                client,
            };
            clients.insert(registered.client.id.clone(), Arc::new(registered));
        }
        Ok(Self {
            generation: Self::generation(tx)?,
            seen_ms: AtomicI64::new(now.as_millisecond()),
            issuers: Issuers::all(tx)?,
            signing: SigningKeys::all(tx, before.map(|before| &before.signing))?,
            revoked: revoked(tx, now)?,
            keys: keys(tx, &clients, before, now)?,
            clients,
            elevations,
            shelves,
            freezes: Freeze::all(tx)?,
        })
    }

    /// Number of the database's state as far as identification goes.
    pub(crate) fn generation(tx: &Transaction<'_>) -> Result<i64, AccessError> {
        Ok(tx.query_row("SELECT number FROM access_generation", [], |row| row.get(0))?)
    }

    pub(crate) fn of_generation(&self) -> i64 {
        self.generation
    }

    /// How long ago the database was last seen to agree; a clock that went back counts as old.
    pub(crate) fn age_ms(&self, now: Timestamp) -> i64 {
        let age = now.as_millisecond() - self.seen_ms.load(Ordering::Relaxed);
        if age < 0 { i64::MAX } else { age }
    }

    pub(crate) fn seen_at(&self, now: Timestamp) {
        self.seen_ms.store(now.as_millisecond(), Ordering::Relaxed);
    }
}

fn keys(
    tx: &Transaction<'_>,
    clients: &HashMap<ClientId, Arc<Registered>>,
    before: Option<&Snapshot>,
    now: Timestamp,
) -> Result<HashMap<Fingerprint, KnownKey>, AccessError> {
    let long_dead = now.as_second() - DEAD_KEY_DAYS * 24 * 3_600;
    let sql = format!(
        "SELECT {COLUMNS}, fingerprint FROM access_api_key \
         WHERE expires > ?1 AND (revoked IS NULL OR revoked > ?1)"
    );
    let mut statement = tx.prepare(&sql)?;
    let mut rows = statement.query(params![long_dead])?;
    let mut keys = HashMap::new();
    while let Some(row) = rows.next()? {
        let fingerprint: Fingerprint = row.get("fingerprint")?;
        let credential = Credential::read(row)?;
        if let Some(registered) = clients.get(&credential.client) {
            let known = KnownKey::of(&registered.standing, credential);
            // A use that is not written down yet is one all the same.
            if let Some(before) = before.and_then(|before| before.keys.get(&fingerprint)) {
                let last_used = before.last_used.load(Ordering::Relaxed);
                known.last_used.fetch_max(last_used, Ordering::Relaxed);
            }
            keys.insert(fingerprint, known);
        }
    }
    for (fingerprint, opening) in Opening::since(tx, long_dead)? {
        keys.insert(fingerprint, KnownKey::behind_glass(&opening));
    }
    Ok(keys)
}
