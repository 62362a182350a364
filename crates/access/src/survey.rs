//! How a client stands to an operation, asked from outside any request: who can, by what, under which conditions, and what would have
//! to happen first. Goes through the same bounds, policies and `decide` as a call does.

use std::sync::Arc;

use catalog::Operation;
use jiff::Timestamp;
use policy::{Explanation, Outlook};

use crate::decision::{screened, terms};
use crate::{
    AccessError, Caller, Circumstances, Client, CredentialId, Denial, Keyring, OrgName, OrgRules,
    Standing, Terms,
};

/// How a client stands to an operation.
#[derive(Clone, Debug)]
pub struct Prospect {
    /// Whether, and by what.
    pub answer: Answer,
    /// Policies that permit it; where no call is given, also those that permit it sometimes.
    pub permits: Vec<Arc<str>>,
    /// Where no call is given: policies that forbid it for some objects, bodies, sources or times, or always.
    pub forbids: Vec<Arc<str>>,
    /// Whether the answer hangs on objects, bodies, sources or times.
    pub conditional: bool,
}

/// Whether a client can call an operation.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Its registration and the policies permit it.
    Yes,
    /// An elevation that runs permits it.
    Elevated {
        /// The elevation.
        elevation: Arc<str>,
    },
    /// Only shadow mode lets it through, and records this denial.
    Shadow {
        /// What would have been denied.
        denial: Denial,
        /// Until when.
        until: Option<Timestamp>,
    },
    /// Not now; it may ask for an elevation.
    Eligible {
        /// What is denied until then.
        denial: Denial,
    },
    /// No.
    No {
        /// Why not.
        denial: Denial,
    },
}

/// How `standing` stands to `operation`. With `seen`, the objects of a call and where it comes from, the answer is what a call would
/// get; without, whether there is any call that would be permitted.
pub fn prospect(
    standing: &Arc<Standing>,
    rules: OrgRules,
    operation: &'static Operation,
    seen: Option<&Circumstances>,
    now: Timestamp,
) -> Prospect {
    let caller = Caller::new(Arc::clone(standing), CredentialId::new("survey"), None).under(rules);
    let decided = match seen {
        Some(seen) => terms(&caller, operation, seen, now),
        None => screened(&caller, operation, now).map(|(_, terms)| terms),
    };
    if seen.is_some() {
        let permits = decided.as_ref().map(|terms| terms.policies.clone());
        return Prospect {
            permits: permits.unwrap_or_default(),
            answer: Answer::of(standing, decided),
            forbids: Vec::new(),
            conditional: false,
        };
    }
    let known = standing.slice().map(|slice| slice.explain(operation));
    let told = |policies: fn(&Explanation) -> Vec<Arc<str>>| {
        known.as_ref().map(policies).unwrap_or_default()
    };
    Prospect {
        answer: Answer::of(standing, decided),
        permits: told(|known| [known.permits.as_slice(), &known.permits_sometimes].concat()),
        forbids: told(|known| [known.forbids.as_slice(), &known.forbids_sometimes].concat()),
        conditional: matches!(
            known,
            Some(Explanation {
                outlook: Outlook::Depends { .. },
                ..
            })
        ),
    }
}

impl Answer {
    fn of(standing: &Standing, decided: Result<Terms, Denial>) -> Self {
        match decided {
            Ok(Terms {
                elevation: Some(elevation),
                ..
            }) => Self::Elevated { elevation },
            Ok(Terms {
                would_refuse: Some(denial),
                ..
            }) => Self::Shadow {
                denial,
                until: standing.shadow_until,
            },
            Ok(_) => Self::Yes,
            Err(denial) if denial.liftable => Self::Eligible { denial },
            Err(denial) => Self::No { denial },
        }
    }

    /// Whether a call would be let through now.
    pub fn lets_through(&self) -> bool {
        match self {
            Self::Yes | Self::Elevated { .. } | Self::Shadow { .. } => true,
            Self::Eligible { .. } | Self::No { .. } => false,
        }
    }
}

impl Keyring {
    /// The clients of an org by name, each with what it may do at the moment.
    ///
    /// # Errors
    /// [`AccessError`], when the state cannot be read.
    pub fn standings(
        &self,
        org: &OrgName,
        now: Timestamp,
    ) -> Result<Vec<(Client, Arc<Standing>)>, AccessError> {
        let snapshot = self.current(now)?;
        let registered = snapshot.clients.values();
        let of_org = registered.filter(|known| known.client.org == *org);
        let mut standings: Vec<(Client, Arc<Standing>)> = of_org
            .map(|known| (known.client.clone(), Arc::clone(&known.standing)))
            .collect();
        standings.sort_by(|one, other| one.0.name.cmp(&other.0.name));
        Ok(standings)
    }
}
