//! What people and clients do with requests for more: ask, look, approve, deny, end; and who may approve. In force in this process
//! when a call returns, in the others within [`STALENESS_MS_MAX`](crate::STALENESS_MS_MAX).

use std::net::IpAddr;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use store::rusqlite::Transaction;

use super::{
    Approver, ApproverId, ApproverKey, Asked, Course, Elevation, ElevationId, Objection, Stage,
};
use crate::limits::{
    ELEVATION_LAPSE_MINUTES, ELEVATIONS_PER_CLIENT_HOUR_MAX, KEY_DAYS_DEFAULT,
    OPEN_ELEVATIONS_PER_CLIENT_MAX,
};
use crate::{AccessError, Client, ClientId, Grant, Keyring, Operations, OrgName, Raise, Throttle};

impl Keyring {
    /// Asks for more than a client has. Nothing is granted yet.
    ///
    /// # Errors
    /// [`AccessError::Elevation`], when it is beyond what the client is eligible for, or no proper request.
    pub fn ask(
        &self,
        client: &ClientId,
        asked: Asked,
        now: Timestamp,
    ) -> Result<Elevation, AccessError> {
        self.change(now, |tx| {
            let client = Client::find(tx, client)?;
            if client.disabled.is_some() {
                return Err(AccessError::NoClient(client.id));
            }
            let eligible = Grant::scoped(client.eligible.iter().cloned(), Operations::All);
            let asked = asked.checked(&eligible)?;
            let newest = Elevation::newest(tx, &client.org, Some(&client.id))?;
            let open = |one: &&Elevation| matches!(one.stage(now), Stage::Open { .. });
            if newest.iter().filter(open).count() >= OPEN_ELEVATIONS_PER_CLIENT_MAX as usize {
                return Err(Objection::TooManyOpen.into());
            }
            let lately = |one: &&Elevation| now.duration_since(one.course.asked).as_hours() < 1;
            if newest.iter().filter(lately).count() >= ELEVATIONS_PER_CLIENT_HOUR_MAX {
                return Err(Objection::TooOften.into());
            }
            let lapse = SignedDuration::from_mins(ELEVATION_LAPSE_MINUTES);
            let course = Course::new(asked.approvals_needed(), asked.minutes, lapse, now);
            Elevation::insert(tx, &client.org, &client.id, &asked, &course)
        })
    }

    /// An open request of the client that would permit the operation, if there is one.
    ///
    /// # Errors
    /// [`AccessError`], when the state cannot be read.
    pub fn open_request(
        &self,
        client: &ClientId,
        operation: &'static catalog::Operation,
        now: Timestamp,
    ) -> Result<Option<Arc<Elevation>>, AccessError> {
        let current = self.current(now)?;
        let fits = |one: &&Arc<Elevation>| {
            one.client == *client
                && matches!(one.stage(now), Stage::Open { .. })
                && one.asked.grant().reaches(operation, now).is_ok()
        };
        Ok(current.elevations.values().find(fits).cloned())
    }

    /// An open request of the client that would raise its budgets by at least as much, if there is one.
    ///
    /// # Errors
    /// [`AccessError`], when the state cannot be read.
    pub fn open_raise(
        &self,
        client: &ClientId,
        raises: &[Raise],
        now: Timestamp,
    ) -> Result<Option<Arc<Elevation>>, AccessError> {
        let current = self.current(now)?;
        let covers = |one: &Elevation, wanted: &Raise| {
            let mut of = one.asked.raises.iter();
            of.any(|raise| raise.class == wanted.class && raise.amount >= wanted.amount)
        };
        let fits = |one: &&Arc<Elevation>| {
            one.client == *client
                && matches!(one.stage(now), Stage::Open { .. })
                && raises.iter().all(|wanted| covers(one, wanted))
        };
        Ok(current.elevations.values().find(fits).cloned())
    }

    /// Where a request stands, from memory: cheap enough to be asked again and again. `None`, when it is long over.
    ///
    /// # Errors
    /// [`AccessError`], when the state cannot be read.
    pub fn stage(&self, id: &ElevationId, now: Timestamp) -> Result<Option<Stage>, AccessError> {
        let current = self.current(now)?;
        Ok(current.elevations.get(id).map(|one| one.stage(now)))
    }

    /// The requests of an org, or of one of its clients, newest first.
    ///
    /// # Errors
    /// [`AccessError`], when the state cannot be read.
    pub fn elevations(
        &self,
        org: &OrgName,
        client: Option<&ClientId>,
    ) -> Result<Vec<Elevation>, AccessError> {
        self.database.read(|tx| Elevation::newest(tx, org, client))
    }

    /// One request.
    ///
    /// # Errors
    /// [`AccessError`], when there is none in this org.
    pub fn elevation(&self, org: &OrgName, id: &ElevationId) -> Result<Elevation, AccessError> {
        self.database.read(|tx| Elevation::find(tx, org, id))
    }

    /// Approves a request. With the last approval it takes, it runs at once.
    ///
    /// # Errors
    /// [`AccessError::Elevation`], when it is not open, or the approver owns the client.
    pub fn approve(
        &self,
        id: &ElevationId,
        approver: &Approver,
        now: Timestamp,
    ) -> Result<Elevation, AccessError> {
        self.go_on(&approver.org, id, now, |tx, one| {
            must_be_live(tx, approver, now)?;
            if approver.owns.contains(&one.client) {
                return Err(Objection::OwnClient.into());
            }
            one.course.approve(&approver.id, now)?;
            Ok(Some(approver.id.clone()))
        })
    }

    /// Denies a request, for good.
    ///
    /// # Errors
    /// [`AccessError::Elevation`], when it is not open.
    pub fn deny(
        &self,
        id: &ElevationId,
        approver: &Approver,
        now: Timestamp,
    ) -> Result<Elevation, AccessError> {
        self.go_on(&approver.org, id, now, |tx, one| {
            must_be_live(tx, approver, now)?;
            one.course.deny(now)?;
            Elevation::claim_telling(tx, &one.id, now)?;
            Ok(None)
        })
    }

    /// Ends an elevation before its time, or withdraws a request.
    ///
    /// # Errors
    /// [`AccessError::Elevation`], when there is nothing to end.
    pub fn end(
        &self,
        org: &OrgName,
        id: &ElevationId,
        now: Timestamp,
    ) -> Result<Elevation, AccessError> {
        self.go_on(org, id, now, |tx, one| {
            one.course.end(now)?;
            Elevation::claim_telling(tx, &one.id, now)?;
            Ok(None)
        })
    }

    /// Elevations and requests that ended by themselves and of which nobody has told yet; each is given to exactly one caller of all processes.
    ///
    /// # Errors
    /// [`AccessError`], when the state cannot be read or written.
    pub fn take_ended(&self, org: &OrgName, now: Timestamp) -> Result<Vec<Elevation>, AccessError> {
        let current = self.current(now)?;
        let over = current.elevations.values().filter(|one| {
            let ended = !matches!(one.stage(now), Stage::Open { .. } | Stage::Running { .. });
            one.org == *org && ended && !one.told
        });
        let over: Vec<Arc<Elevation>> = over.cloned().collect();
        if over.is_empty() {
            return Ok(Vec::new());
        }
        self.change(now, |tx| {
            let mut claimed = Vec::new();
            for one in over {
                let fresh = Elevation::find(tx, org, &one.id)?;
                if Elevation::claim_telling(tx, &one.id, now)? {
                    claimed.push(fresh);
                }
            }
            Ok(claimed)
        })
    }

    /// Makes an approver, with a key living `days` (default 30). The key is in the answer and nowhere else.
    ///
    /// # Errors
    /// [`AccessError`], when the name does not serve, or a client it owns does not exist.
    pub fn add_approver(
        &self,
        org: &OrgName,
        name: &str,
        owns: &[ClientId],
        days: Option<u32>,
        now: Timestamp,
    ) -> Result<(ApproverKey, Approver), AccessError> {
        let key = ApproverKey::generate()?;
        let fingerprint = self.pepper.fingerprint(key.expose());
        let days = days.unwrap_or(KEY_DAYS_DEFAULT);
        let approver = self.change(now, |tx| {
            for client in owns {
                Client::find(tx, client)?;
            }
            Approver::insert(tx, org, name, owns, days, &fingerprint, now)
        })?;
        Ok((key, approver))
    }

    /// The approvers of an org, by name.
    ///
    /// # Errors
    /// [`AccessError`], when the state cannot be read.
    pub fn approvers(&self, org: &OrgName) -> Result<Vec<Approver>, AccessError> {
        self.database.read(|tx| Approver::of_org(tx, org))
    }

    /// Stops accepting an approver's key, for good; approvals given for what is still open no longer count.
    ///
    /// # Errors
    /// [`AccessError::Elevation`], when there is no such approver.
    pub fn remove_approver(
        &self,
        org: &OrgName,
        name: &str,
        now: Timestamp,
    ) -> Result<Approver, AccessError> {
        self.change(now, |tx| Approver::remove(tx, org, name, now))
    }

    /// Who holds this approver key.
    ///
    /// # Errors
    /// [`Objection::Stranger`] whatever is wrong with the key; otherwise the state cannot be read.
    pub fn approver(
        &self,
        org: &OrgName,
        key: &str,
        now: Timestamp,
    ) -> Result<Approver, AccessError> {
        if !ApproverKey::is_formed(key) {
            return Err(Objection::Stranger.into());
        }
        let fingerprint = self.pepper.fingerprint(key);
        self.database
            .read(|tx| Approver::of_key(tx, org, &fingerprint, now))
    }

    /// As [`Keyring::approver`], within what a source may guess.
    ///
    /// # Errors
    /// As [`Keyring::approver`]; a source that guessed too often is as strange as a wrong key.
    pub fn approver_within(
        &self,
        throttle: &Throttle,
        source: IpAddr,
        org: &OrgName,
        key: &str,
        now: Timestamp,
    ) -> Result<Approver, AccessError> {
        let fingerprint = self.pepper.fingerprint(key);
        if !throttle.admits(source, || Some(fingerprint), now) {
            return Err(Objection::Stranger.into());
        }
        let known = self.approver(org, key, now);
        match &known {
            Ok(_) => throttle.succeeded(source, &fingerprint, now),
            Err(AccessError::Elevation(_)) => throttle.failed(source, now),
            Err(_) => {}
        }
        known
    }

    fn go_on(
        &self,
        org: &OrgName,
        id: &ElevationId,
        now: Timestamp,
        step: impl FnOnce(&Transaction<'_>, &mut Elevation) -> Result<Option<ApproverId>, AccessError>,
    ) -> Result<Elevation, AccessError> {
        self.change(now, |tx| {
            let mut one = Elevation::find(tx, org, id)?;
            let approver = step(tx, &mut one)?;
            one.keep(tx, approver.as_ref(), now)?;
            Ok(one)
        })
    }
}

/// The key was good when it was shown; the approver may have been removed since.
fn must_be_live(
    tx: &Transaction<'_>,
    approver: &Approver,
    now: Timestamp,
) -> Result<(), AccessError> {
    let known = Approver::of_org(tx, &approver.org)?;
    let live = |one: &Approver| one.id == approver.id && one.removed.is_none() && now < one.expires;
    if known.iter().any(live) {
        Ok(())
    } else {
        Err(Objection::Stranger.into())
    }
}

#[cfg(test)]
mod tests;
