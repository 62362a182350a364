//! What data cannot say about restoring a kind: one small file per behaviour, named by the `quirk` of a resource type. A quirk
//! refines the drafts of one object; like all planning it does no I/O and sees only what it is handed.

mod app;
mod app_group;
mod app_user;
mod custom_role;
mod group_membership;
mod policy;
mod profile_mapping;
mod resource_set;
mod resource_set_resource;
mod schema;
mod user;

use crate::plan::draft::{Case, Drafts};

/// Refines what generic drafting made of one difference.
pub(crate) type Quirk = fn(&Case<'_>, &mut Drafts);

/// The quirk of that name.
pub(crate) fn named(name: &str) -> Option<Quirk> {
    ALL.iter()
        .find(|(known, _)| *known == name)
        .map(|(_, quirk)| *quirk)
}

const ALL: &[(&str, Quirk)] = &[
    ("app", app::refine),
    ("app-group", app_group::refine),
    ("app-schema", schema::refine),
    ("app-user", app_user::refine),
    ("custom-role", custom_role::refine),
    ("group-membership", group_membership::refine),
    ("policy", policy::refine),
    ("profile-mapping", profile_mapping::refine),
    ("resource-set", resource_set::refine),
    ("resource-set-resource", resource_set_resource::refine),
    ("schema", schema::refine),
    ("user", user::refine),
];

#[cfg(test)]
mod tests {
    use super::*;
    use org::Kind;
    use std::collections::BTreeSet;

    #[test]
    fn every_quirk_is_named_by_a_kind() {
        let named: BTreeSet<_> = Kind::all()
            .filter_map(|kind| kind.facts().quirk.as_deref())
            .collect();
        assert!(
            ALL.iter().all(|(name, _)| named.contains(name)),
            "{named:?}"
        );
    }
}
