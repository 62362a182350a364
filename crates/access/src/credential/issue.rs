//! Issuing credentials and putting one in another's place. A rotated credential goes on for an overlap, so that whoever uses it can be
//! given the new one at leisure; at most two of a lineage are live at a time.

use jiff::{SignedDuration, Timestamp};
use store::rusqlite::{Transaction, params};

use crate::api_key::{Fingerprint, random_digits};
use crate::client::written;
use crate::limits::LINEAGE_KEYS_MAX;
use crate::{
    AccessError, ApiKey, Client, ClientId, Credential, CredentialId, CredentialKind,
    IDLE_DAYS_DEFAULT, KEY_DAYS_DEFAULT, KEY_DAYS_MAX, KEYS_PER_CLIENT_MAX, Keyring, Network,
    OVERLAP_HOURS_DEFAULT, OVERLAP_HOURS_MAX, SECRETS_PER_CLIENT_MAX,
};

/// A credential to be issued. The default is an API key with the default life, good wherever its client may call from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCredential {
    /// What it is good for.
    pub kind: CredentialKind,
    /// Its life in days; `None`: [`KEY_DAYS_DEFAULT`], or `days_max` if that is less.
    pub days: Option<u32>,
    /// Longest life that the org permits, in days. Never more than [`KEY_DAYS_MAX`].
    pub days_max: u32,
    /// Where it may be used from; empty means wherever its client may call from.
    pub networks: Vec<Network>,
    /// After so many days without use it is no longer accepted.
    pub idle_days: u32,
}

impl Default for NewCredential {
    fn default() -> Self {
        Self {
            kind: CredentialKind::Key,
            days: None,
            days_max: KEY_DAYS_MAX,
            networks: Vec::new(),
            idle_days: IDLE_DAYS_DEFAULT,
        }
    }
}

/// How a credential is put in another's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// What it is good for; one of another kind is not found.
    pub kind: CredentialKind,
    /// How long the old one goes on, in hours; 0: it ends at once.
    pub overlap_hours: u32,
    /// Life of the new one in days; `None`: as long as the old one's, or `days_max` if that is less.
    pub days: Option<u32>,
    /// Longest life that the org permits, in days.
    pub days_max: u32,
}

impl Default for Rotation {
    fn default() -> Self {
        Self {
            kind: CredentialKind::Key,
            overlap_hours: OVERLAP_HOURS_DEFAULT,
            days: None,
            days_max: KEY_DAYS_MAX,
        }
    }
}

impl Keyring {
    /// Issues an API key living `days` (default 30, at most 365). The key is in the answer and nowhere else.
    pub fn issue(
        &self,
        client: &ClientId,
        days: Option<u32>,
        now: Timestamp,
    ) -> Result<(ApiKey, Credential), AccessError> {
        let new = NewCredential {
            days,
            ..NewCredential::default()
        };
        self.issue_as(client, &new, now)
    }

    /// Issues a key or secret on these terms. It is in the answer and nowhere else.
    pub fn issue_as(
        &self,
        client: &ClientId,
        new: &NewCredential,
        now: Timestamp,
    ) -> Result<(ApiKey, Credential), AccessError> {
        let key = ApiKey::generate()?;
        let fingerprint = self.pepper.fingerprint(key.expose());
        let credential = self.change(now, |tx| {
            Client::find(tx, client)?;
            refuse_too_many(tx, client, new.kind, now)?;
            Credential::insert(tx, client, &fingerprint, new, None, now)
        })?;
        Ok((key, credential))
    }

    /// Issues the successor of a live credential, on the same terms; the old one goes on for the overlap, but never longer than it
    /// would have. Returns the new key, what is kept of it, and what is kept of the old one.
    pub fn rotate(
        &self,
        id: &CredentialId,
        rotation: Rotation,
        now: Timestamp,
    ) -> Result<(ApiKey, Credential, Credential), AccessError> {
        if rotation.overlap_hours > OVERLAP_HOURS_MAX {
            return Err(AccessError::BadOverlap(rotation.overlap_hours));
        }
        let key = ApiKey::generate()?;
        let fingerprint = self.pepper.fingerprint(key.expose());
        let (new, old) = self.change(now, |tx| {
            let old = Credential::find(tx, id)?;
            if old.kind != rotation.kind {
                return Err(AccessError::NoKey(id.clone()));
            }
            if !old.is_live(now) {
                return Err(AccessError::NotLive(id.clone()));
            }
            if live_in_lineage(tx, &old.lineage, now)? >= LINEAGE_KEYS_MAX {
                return Err(AccessError::RotatedAlready(id.clone()));
            }
            if old.kind == CredentialKind::Secret {
                refuse_too_many(tx, &old.client, old.kind, now)?;
            }
            let new = old.succeeded_on(rotation);
            let new =
                Credential::insert(tx, &old.client, &fingerprint, &new, Some(&old.lineage), now)?;
            let overlap = SignedDuration::from_hours(i64::from(rotation.overlap_hours));
            let ends = now
                .checked_add(overlap)
                .map_or(old.expires, |ends| ends.min(old.expires));
            tx.execute(
                "UPDATE access_api_key SET expires = ?2 WHERE id = ?1",
                params![id.as_str(), ends.as_second()],
            )?;
            Ok((new, Credential::find(tx, id)?))
        })?;
        Ok((key, new, old))
    }
}

impl Credential {
    fn insert(
        tx: &Transaction<'_>,
        client: &ClientId,
        fingerprint: &Fingerprint,
        new: &NewCredential,
        lineage: Option<&CredentialId>,
        now: Timestamp,
    ) -> Result<Self, AccessError> {
        let days_max = new.days_max.min(KEY_DAYS_MAX);
        let days = new.days.unwrap_or(KEY_DAYS_DEFAULT.min(days_max));
        let bad = AccessError::BadLife { days, days_max };
        if days == 0 || days > days_max {
            return Err(bad);
        }
        if new.idle_days == 0 || new.idle_days > KEY_DAYS_MAX {
            return Err(AccessError::BadIdleDays(new.idle_days));
        }
        let life = SignedDuration::from_hours(24 * i64::from(days));
        let Ok(expires) = now.checked_add(life) else {
            return Err(bad);
        };
        let mut id = String::from(match new.kind {
            CredentialKind::Key => "key",
            CredentialKind::Secret => "sec",
        });
        random_digits(16, &mut id)?;
        tx.execute(
            "INSERT INTO access_api_key (id, client, fingerprint, created, expires, kind, networks, idle_days, lineage) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                id,
                client.as_str(),
                fingerprint,
                now.as_second(),
                expires.as_second(),
                new.kind.word(),
                written(&new.networks),
                new.idle_days,
                lineage.map_or(id.as_str(), CredentialId::as_str),
            ],
        )?;
        Self::find(tx, &CredentialId::new(&id))
    }

    /// What its successor is to be.
    fn succeeded_on(&self, rotation: Rotation) -> NewCredential {
        let hours = self.expires.duration_since(self.created).as_hours();
        let as_long = u32::try_from(hours / 24).unwrap_or(KEY_DAYS_MAX).max(1);
        NewCredential {
            kind: self.kind,
            days: rotation.days.or(Some(as_long.min(rotation.days_max))),
            days_max: rotation.days_max,
            networks: self.networks.clone(),
            idle_days: self.idle_days,
        }
    }
}

fn refuse_too_many(
    tx: &Transaction<'_>,
    client: &ClientId,
    kind: CredentialKind,
    now: Timestamp,
) -> Result<(), AccessError> {
    let live: u32 = tx.query_row(
        "SELECT count(DISTINCT CASE kind WHEN 'key' THEN lineage ELSE id END) FROM access_api_key \
         WHERE client = ?1 AND kind = ?2 AND revoked IS NULL AND expires > ?3",
        params![client.as_str(), kind.word(), now.as_second()],
        |row| row.get(0),
    )?;
    let most = match kind {
        CredentialKind::Key => KEYS_PER_CLIENT_MAX,
        CredentialKind::Secret => SECRETS_PER_CLIENT_MAX,
    };
    if live >= most {
        return Err(AccessError::TooManyKeys {
            client: client.clone(),
            kind,
            most,
        });
    }
    Ok(())
}

fn live_in_lineage(
    tx: &Transaction<'_>,
    lineage: &CredentialId,
    now: Timestamp,
) -> Result<u32, AccessError> {
    let sql = "SELECT count(*) FROM access_api_key WHERE lineage = ?1 AND revoked IS NULL AND expires > ?2";
    Ok(
        tx.query_row(sql, params![lineage.as_str(), now.as_second()], |row| {
            row.get(0)
        })?,
    )
}
