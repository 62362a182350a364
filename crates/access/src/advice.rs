//! Least privilege, learned from a client's record and proven on it: the smallest registration that covers every recorded call, what
//! that takes away, and what each permission was last used for. Pure: the record is handed in, nothing is changed.

mod evidence;
mod rehearsal;
mod sources;
mod statement;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use catalog::Operation;
use jiff::Timestamp;
use policy::Policies;

pub use evidence::{Evidence, RecordedCall, Touched, Use};
pub use rehearsal::{Fate, Rehearsal};
pub use sources::Sources;
pub use statement::LookUp;

use crate::{Basis, Client, Network, OrgRules};

/// The smallest registration that covers a record.
#[derive(Clone, Debug)]
pub struct Advice {
    /// Exactly the scopes that the recorded operations require.
    pub scopes: Vec<String>,
    /// Exactly the recorded operations.
    pub operations: Vec<String>,
    /// A policy that binds them to the recorded kind of objects, where those have something in common.
    pub policy: Option<String>,
    /// The scopes the client has today or would have, each with its last use.
    pub scopes_used: BTreeMap<String, Option<Timestamp>>,
    /// Operations it can call today, shadow mode and elevations left aside.
    pub reached: BTreeSet<&'static str>,
    /// Of those, the ones it never called.
    pub unused: BTreeSet<&'static str>,
    /// Operations it called, though its registration does not reach them: only shadow mode let them through.
    pub added: BTreeSet<&'static str>,
}

/// Draws the advice from the record of `client`, as it is registered today under `policies`.
pub fn advise(
    client: &Client,
    policies: &Arc<Policies>,
    rules: OrgRules,
    evidence: &Evidence,
    look_up: &LookUp<'_>,
    now: Timestamp,
) -> Advice {
    let today = Rehearsal::of(client, policies, rules);
    let used: BTreeMap<&'static str, &Use> = evidence
        .uses()
        .map(|told| (told.operation.id, told))
        .collect();
    let reached: BTreeSet<&'static str> = today.reach(now).map(|operation| operation.id).collect();
    let unused = reached
        .iter()
        .copied()
        .filter(|id| !used.contains_key(id))
        .collect();
    let added = used
        .keys()
        .copied()
        .filter(|id| !reached.contains(id))
        .collect();
    let scopes: BTreeSet<&'static str> = used
        .values()
        .flat_map(|told| scopes_of(told.operation))
        .collect();
    let of_today = client.scopes.iter().map(String::as_str);
    let scopes_used = of_today
        .chain(scopes.iter().copied())
        .map(|scope| (scope.to_owned(), last_use_of(scope, evidence)))
        .collect();
    Advice {
        scopes: scopes.into_iter().map(str::to_owned).collect(),
        operations: used.keys().map(|id| (*id).to_owned()).collect(),
        policy: statement::policy_text(&client.name, evidence, look_up),
        scopes_used,
        reached,
        unused,
        added,
    }
}

impl Advice {
    /// The client as the advice would register it: for good, so without shadow mode. With `networks`, bound to where it called from;
    /// with `by_policy`, permitted by policies alone, of which [`Advice::policy`] has to be one.
    #[must_use]
    pub fn applied_to(
        &self,
        client: &Client,
        networks: Option<Vec<Network>>,
        by_policy: bool,
    ) -> Client {
        Client {
            scopes: self.scopes.clone(),
            operations: self.operations.clone(),
            networks: networks.unwrap_or_else(|| client.networks.clone()),
            basis: if by_policy {
                Basis::Policies
            } else {
                client.basis
            },
            shadow_until: None,
            ..client.clone()
        }
    }
}

fn scopes_of(operation: &'static Operation) -> impl Iterator<Item = &'static str> {
    operation.scopes.iter().copied()
}

fn last_use_of(scope: &str, evidence: &Evidence) -> Option<Timestamp> {
    let using = evidence
        .uses()
        .filter(|told| told.operation.scopes.contains(&scope));
    using.map(|told| told.last).max()
}

#[cfg(test)]
mod tests;
