//! What a plan costs: calls by rate bucket, and the minutes they take at the limits Okta last published. The figures say what
//! is possible at best; nothing here measures.

use super::{Action, Plan};
use crate::plan::step::Unless;
use catalog::buckets;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Calls and time of a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cost {
    /// All calls.
    pub calls: usize,
    /// Calls by rate bucket, by name.
    pub buckets: Vec<BucketCost>,
    /// Minutes on a Workforce org at the share: the slowest bucket, since buckets run side by side.
    pub minutes_workforce: f64,
    /// Minutes on a free Integrator org at the share.
    pub minutes_integrator: f64,
    /// Share of each bucket that is reckoned with, in percent.
    pub share_percent: u32,
}

/// Calls of one bucket.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BucketCost {
    /// Name of the bucket.
    pub bucket: String,
    /// Calls counted in it.
    pub calls: usize,
    /// Minutes on a Workforce org; none where Okta published no limit.
    pub minutes_workforce: Option<f64>,
    /// Minutes on a free Integrator org; none where Okta published no limit.
    pub minutes_integrator: Option<f64>,
}

/// What a plan does to people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Impact {
    /// People made again: new id, no password, no factors.
    pub people_recreated: usize,
    /// People brought back in place.
    pub people_reactivated: usize,
    /// People whose profile or state is written.
    pub people_changed: usize,
    /// People switched off.
    pub people_deactivated: usize,
    /// Memberships and app assignments that come back.
    pub access_restored: usize,
    /// Memberships and app assignments that go.
    pub access_removed: usize,
}

impl Plan {
    /// Calls and time. A membership that a rule may have restored costs, besides, one reading of its group.
    pub fn cost(&self) -> Cost {
        let mut calls: BTreeMap<&str, usize> = BTreeMap::new();
        let mut looked_at = BTreeSet::new();
        for step in &self.steps {
            *calls.entry(&step.bucket).or_default() += 1;
            let owner = step
                .object
                .parent()
                .filter(|_| step.unless == Some(Unless::Present));
            if owner.is_some_and(|owner| looked_at.insert(owner)) {
                *calls.entry(&step.bucket).or_default() += 1;
            }
        }
        cost_of(calls)
    }

    /// What it does to people.
    pub fn impact(&self) -> Impact {
        let mut impact = Impact::default();
        let mut changed = BTreeSet::new();
        let mut recreated = BTreeSet::new();
        for step in &self.steps {
            let person = step.object.kind().name() == "user";
            match step.action {
                Action::Create if person => {
                    recreated.insert(&step.object);
                    let groups = step
                        .body
                        .as_ref()
                        .and_then(|body| body.0.get("groupIds")?.as_array());
                    impact.access_restored += groups.map_or(0, Vec::len);
                }
                Action::Activate if person && !recreated.contains(&step.object) => {
                    impact.people_reactivated += 1
                }
                Action::Deactivate if person && !recreated.contains(&step.object) => {
                    impact.people_deactivated += 1
                }
                Action::Replace if person => drop(changed.insert(&step.object)),
                Action::Link => impact.access_restored += 1,
                Action::Unlink => impact.access_removed += 1,
                _ => {}
            }
        }
        impact.people_changed = changed.difference(&recreated).count();
        impact.people_recreated = recreated.len();
        impact
    }
}

/// The cost of so many calls in each bucket.
pub(crate) fn cost_of(calls: BTreeMap<&str, usize>) -> Cost {
    let buckets: Vec<BucketCost> = calls
        .iter()
        .map(|(bucket, calls)| bucket_cost(bucket, *calls))
        .collect();
    let slowest = |minutes: fn(&BucketCost) -> Option<f64>| {
        buckets.iter().filter_map(minutes).fold(0.0, f64::max)
    };
    Cost {
        calls: calls.values().sum(),
        minutes_workforce: slowest(|bucket| bucket.minutes_workforce),
        minutes_integrator: slowest(|bucket| bucket.minutes_integrator),
        share_percent: SHARE_PERCENT,
        buckets,
    }
}

#[expect(clippy::cast_precision_loss, reason = "no plan has 2^52 calls")]
fn bucket_cost(name: &str, calls: usize) -> BucketCost {
    let limits = buckets().by_name(name);
    let minutes = |limit: Option<u32>| {
        limit.map(|limit| calls as f64 * 100.0 / f64::from(limit * SHARE_PERCENT))
    };
    BucketCost {
        bucket: name.to_owned(),
        calls,
        minutes_workforce: minutes(limits.and_then(|limits| limits.workforce.per_minute())),
        minutes_integrator: minutes(limits.and_then(|limits| limits.integrator.per_minute())),
    }
}

/// A token or app gets half of each bucket unless its principal limit is raised.
const SHARE_PERCENT: u32 = 50;
