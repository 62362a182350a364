//! Counts the priorities of policies and rules anew: recordings of several orgs would otherwise give the same one twice.
//!
//! Okta has two ways to count. The older policy types count from 1 without gaps, the default last. Rules of the newer ones count
//! from 0, the catch-all standing at 99; their policies have no order among themselves and keep what was recorded.

use crate::Context;
use org::{Key, Kind, Object};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Counts anew among the siblings of everything loaded, in recorded order.
pub(super) fn renumber(ctx: &mut Context<'_>, loaded: &[Key]) {
    let positions: HashMap<&Key, usize> = loaded
        .iter()
        .enumerate()
        .map(|(at, key)| (key, at))
        .collect();
    for kind in KINDS.iter().filter_map(|name| Kind::named(name)) {
        let mut families: BTreeMap<String, Vec<Arc<Object>>> = BTreeMap::new();
        for object in ctx
            .world
            .org
            .of(kind)
            .filter(|object| object.body().get("priority").is_some())
        {
            families
                .entry(family(object))
                .or_default()
                .push(Arc::clone(object));
        }
        for (_, mut family) in families {
            family.sort_by_key(|object| {
                let is_system = kind.facts().is_system(object.body());
                (is_system, positions.get(object.key()).copied())
            });
            count(ctx, &family);
        }
    }
}

/// Those that are counted together: rules of a policy, policies of one type.
fn family(object: &Object) -> String {
    let owner = object
        .key()
        .parent()
        .map_or_else(String::new, |owner| owner.path().to_owned());
    let own = object.key().kind().name() == "policy";
    let variant = if own {
        object.text_at("type").unwrap_or_default()
    } else {
        ""
    };
    format!("{owner} {variant}")
}

fn count(ctx: &mut Context<'_>, family: &[Arc<Object>]) {
    for (at, object) in family.iter().enumerate() {
        let kind = object.key().kind();
        let is_new = is_newer(ctx, object);
        let priority = match (is_new, kind.name()) {
            (false, _) => at + 1,
            (true, "policy") => return,
            (true, _) if kind.facts().is_system(object.body()) => CATCH_ALL,
            (true, _) => at,
        };
        ctx.change(object.key(), |body| {
            if let Some(place) = body.get_mut("priority") {
                *place = Value::from(priority);
            }
        });
    }
}

/// Whether the policy, or the policy of the rule, counts the newer way.
fn is_newer(ctx: &Context<'_>, object: &Object) -> bool {
    if object.key().kind().name() == "policy" {
        return is_newer_type(object);
    }
    let owner = object
        .key()
        .parent()
        .filter(|owner| owner.kind().name() == "policy");
    owner
        .and_then(|owner| ctx.get(&owner))
        .is_some_and(|owner| is_newer_type(&owner))
}

fn is_newer_type(policy: &Object) -> bool {
    !policy
        .text_at("type")
        .is_some_and(|name| OLDER.contains(&name))
}

/// Kinds whose objects have an order.
const KINDS: &[&str] = &["policy", "policy-rule", "as-policy", "as-policy-rule"];
/// Policy types that count from 1 without gaps (Okta's guide on policy and rule prioritization).
const OLDER: &[&str] = &["OKTA_SIGN_ON", "PASSWORD", "MFA_ENROLL", "IDP_DISCOVERY"];
/// Priority of a catch-all rule.
const CATCH_ALL: usize = 99;
