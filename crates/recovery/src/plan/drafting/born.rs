//! Okta's own objects that come into being with an owner that is made again: looked up once the owner stands, then written, if
//! the snapshot has them otherwise than Okta makes them.

use crate::SourceId;
use crate::ids::IdMap;
use crate::matching::natural_key;
use crate::normalise::{normalise, writable};
use crate::plan::draft::{Case, Draft, Phase};
use crate::plan::step::{Action, Told};
use std::collections::BTreeMap;

/// The calls that find the object and write it; none if its owner is not being made, or Okta has no operation for it.
pub(crate) fn write(case: &Case<'_>) -> Vec<Draft> {
    let Some(wanted) = case.wanted else {
        return Vec::new();
    };
    let verbs = &case.kind().facts().verbs;
    let (true, Some(list), Some(replace)) = (owner_is_made(case), &verbs.list, &verbs.replace)
    else {
        return Vec::new();
    };
    let mut find = case.draft(
        Action::Find,
        Phase::Make,
        list,
        "Okta made it with its owner",
    );
    find.ids.pop();
    find.recognise =
        natural_key(wanted, &IdMap::default()).and_then(|key| serde_json::from_str(&key).ok());
    find.answers = vec![Told {
        source: SourceId::from(wanted.key().id()),
        at: case.kind().facts().identity.id.to_string(),
    }];
    let mut write = case.draft(
        Action::Replace,
        Phase::Make,
        replace,
        "a new one has Okta's defaults",
    );
    write.body = Some(writable(case.kind(), wanted.body()));
    vec![find, write]
}

fn owner_is_made(case: &Case<'_>) -> bool {
    case.change
        .object
        .parent()
        .is_some_and(|owner| case.survey.removed.contains(&owner))
}

/// Whether someone has changed the object since Okta made it, as far as can be told: most of its kind and name are as Okta makes
/// them, so that one that differs from most was changed. A wrong guess is seen when the org is compared afterwards.
pub(super) fn is_altered(case: &Case<'_>) -> bool {
    let Some(wanted) = case.wanted.filter(|_| owner_is_made(case)) else {
        return false;
    };
    let key = natural_key(wanted, &IdMap::default());
    let mut bodies: BTreeMap<String, usize> = BTreeMap::new();
    for other in case.survey.wanted.org.of(case.kind()) {
        let alike = case.kind().facts().is_system(other.body())
            && natural_key(other, &IdMap::default()) == key;
        if alike {
            *bodies
                .entry(normalise(case.kind(), other.body()).to_string())
                .or_default() += 1;
        }
    }
    let usual = bodies
        .iter()
        .max_by_key(|(_, count)| **count)
        .map(|(body, _)| body);
    let own = normalise(case.kind(), wanted.body()).to_string();
    usual.is_some_and(|usual| *usual != own)
}
