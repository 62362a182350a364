//! What planning looks up again and again, worked out once: who is in which group, which groups rules fill, what is missing.

use super::Options;
use crate::diff::{Changes, What};
use crate::image::Image;
use crate::mention::Index;
use org::{Key, Kind, Object};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Both images, the differences and what follows from them.
pub(crate) struct Survey<'a> {
    pub(crate) wanted: &'a Image,
    pub(crate) live: &'a Image,
    pub(crate) changes: &'a Changes,
    pub(crate) options: &'a Options,
    /// Wanted objects by their ids.
    pub(crate) index: Index,
    /// Wanted objects the org lacks and the selection means.
    pub(crate) removed: HashSet<Key>,
    memberships: HashMap<String, Vec<Key>>,
    ruled: BTreeSet<String>,
}

impl<'a> Survey<'a> {
    pub(crate) fn new(
        wanted: &'a Image,
        live: &'a Image,
        changes: &'a Changes,
        options: &'a Options,
    ) -> Self {
        let removed = changes
            .list
            .iter()
            .filter(|change| change.what == What::Removed);
        let mut survey = Self {
            wanted,
            live,
            changes,
            options,
            index: Index::of(&wanted.org),
            removed: removed.map(|change| change.object.clone()).collect(),
            memberships: HashMap::new(),
            ruled: BTreeSet::new(),
        };
        for membership in of_kind(wanted, "group-membership") {
            survey
                .memberships
                .entry(membership.key().id())
                .or_default()
                .push(membership.key().clone());
        }
        let rules =
            of_kind(wanted, "group-rule").filter(|rule| rule.text_at("status") == Some("ACTIVE"));
        for rule in rules {
            let named = org::references(rule).into_iter();
            survey
                .ruled
                .extend(named.map(|named| named.id).filter(|id| assigns(rule, id)));
        }
        survey
    }

    /// The memberships of the person `user`, as the snapshot has them.
    pub(crate) fn memberships(&self, user: &str) -> &[Key] {
        self.memberships.get(user).map_or(&[], Vec::as_slice)
    }

    /// Whether an active group rule fills the group of that id.
    pub(crate) fn is_ruled(&self, group: &str) -> bool {
        self.ruled.contains(group)
    }

    /// Whether the wanted object is in the org, or will be if the plan is carried out.
    pub(crate) fn is_at_hand(&self, key: &Key) -> bool {
        self.changes.matching.live(key).is_some() || self.removed.contains(key)
    }
}

fn of_kind<'a>(image: &'a Image, kind: &str) -> impl Iterator<Item = &'a Object> {
    Kind::named(kind)
        .into_iter()
        .flat_map(|kind| image.org.of(kind))
        .map(AsRef::as_ref)
}

/// Whether the rule puts people into the group, rather than asking for membership in it.
fn assigns(rule: &Object, group: &str) -> bool {
    let targets = rule.body().pointer("/actions/assignUserToGroups/groupIds");
    targets
        .and_then(serde_json::Value::as_array)
        .is_some_and(|ids| ids.iter().any(|id| id == group))
}
