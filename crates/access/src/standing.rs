//! What a client may do at the moment, put together from everything the state holds about it: its bound, the policies that concern
//! it, elevations that run, shadow mode. One per client and state of the database, shared by all its credentials.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use policy::{Basis as Permits, Policies, Principal, Slice};

use crate::{
    Basis, Client, ClientId, Grant, Network, Opening, Operations, OrgName, Overrides, Share, Sight,
};

/// A client as far as decisions go.
#[derive(Debug)]
pub struct Standing {
    pub(crate) org: OrgName,
    pub(crate) client: ClientId,
    pub(crate) name: Arc<str>,
    /// The upper bound: scopes and operations of its registration.
    pub(crate) grant: Arc<Grant>,
    /// What it may ask to be elevated to.
    pub(crate) eligible: Grant,
    pub(crate) elevations: Vec<Elevated>,
    pub(crate) shadow_until: Option<Timestamp>,
    networks: Vec<Network>,
    pub(crate) disabled: bool,
    pub(crate) share: Share,
    /// Its own budgets on effects, in place of its org's.
    pub(crate) budgets: Overrides,
    /// What it sees of answers.
    pub(crate) sight: Sight,
    policies: Option<Arc<Policies>>,
    principal: Principal,
    slice: OnceLock<Slice>,
    /// The opening of the glass it stands for.
    pub(crate) opening: Option<Arc<str>>,
}

/// An approved elevation, as far as decisions go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elevated {
    /// Its id.
    pub id: Arc<str>,
    /// What it adds, and for how long.
    pub grant: Grant,
}

impl Standing {
    /// The standing of a registered client under the policies of its org.
    pub(crate) fn of(client: &Client, policies: Arc<Policies>, elevations: Vec<Elevated>) -> Self {
        let principal = Principal {
            client: client.name.clone(),
            teams: client.teams.clone(),
            basis: match client.basis {
                Basis::Policies => Vec::new(),
                Basis::Registration if client.operations.is_empty() => {
                    vec![Permits::Scopes(client.scopes.clone())]
                }
                Basis::Registration => vec![Permits::Operations(client.operations.clone())],
            },
        };
        Self {
            org: client.org.clone(),
            client: client.id.clone(),
            name: client.name.as_str().into(),
            grant: Arc::new(client.grant()),
            eligible: Grant::scoped(client.eligible.iter().cloned(), Operations::All),
            elevations,
            shadow_until: client.shadow_until,
            networks: client.networks.clone(),
            disabled: client.disabled.is_some(),
            share: client.share,
            budgets: client.budgets.clone(),
            sight: client.sight.clone(),
            policies: Some(policies),
            principal,
            slice: OnceLock::new(),
            opening: None,
        }
    }

    /// One of the product's own jobs: bounded by its grant, by no policy.
    pub(crate) fn internal(job: &'static str, org: OrgName, grant: Grant) -> Self {
        Self {
            org,
            client: ClientId::internal(job),
            name: job.into(),
            grant: Arc::new(grant),
            eligible: Grant::default(),
            elevations: Vec::new(),
            shadow_until: None,
            networks: Vec::new(),
            disabled: false,
            share: Share::RECOVERY,
            budgets: Overrides::default(),
            // Our own jobs, and whoever broke the glass, work with what there is.
            sight: Sight {
                reveal: true,
                hidden: Vec::new(),
            },
            policies: None,
            principal: Principal::default(),
            slice: OnceLock::new(),
            opening: None,
        }
    }

    /// Whoever opened the glass: everything for minutes, under no policy.
    pub(crate) fn behind_glass(opening: &Opening) -> Self {
        let grant = Grant::restore().between(opening.opened, opening.ends);
        Self {
            opening: Some(Arc::clone(&opening.id)),
            ..Self::internal("break-glass", opening.org.clone(), grant)
        }
    }

    /// The policies that concern this client, compiled at their first use; `None` for the product's own jobs.
    pub fn slice(&self) -> Option<&Slice> {
        let policies = self.policies.as_ref()?;
        Some(
            self.slice
                .get_or_init(|| policies.slice(self.org.as_str(), &self.principal)),
        )
    }

    /// Whether the client may call from this address.
    pub(crate) fn is_welcome_from(&self, source: IpAddr) -> bool {
        lies_in(&self.networks, source)
    }
}

/// Whether the address lies in one of the networks; without any, every address does.
pub(crate) fn lies_in(networks: &[Network], source: IpAddr) -> bool {
    networks.is_empty() || networks.iter().any(|network| network.contains(source))
}
