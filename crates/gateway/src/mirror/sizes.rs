//! How many people groups and apps have, how well policies and what they rest upon protect, and which groups grant roles: what the
//! effects of a call depend on. Counts, never lists.
//!
//! Room: 50 B per group and app, 1 kB per policy, rule or zone.

use std::collections::HashMap;
use std::sync::Arc;

use access::Stance;
use org::{Key, Kind};

use super::known::{GROUP, Known};

/// Sizes and stances of one org.
#[derive(Debug, Default)]
pub(super) struct Sizes {
    members: HashMap<Arc<str>, u32>,
    users: HashMap<Arc<str>, u32>,
    stances: HashMap<Kind, HashMap<String, Stance>>,
    members_seen: bool,
    users_seen: bool,
}

impl Sizes {
    /// Sizes of an org whose memberships, or assignments of people to apps, were all seen.
    pub(super) fn seen(members_seen: bool, users_seen: bool) -> Self {
        Self {
            members_seen,
            users_seen,
            ..Self::default()
        }
    }

    pub(super) fn joined(&mut self, group: &Arc<str>) {
        *self.members.entry(Arc::clone(group)).or_default() += 1;
    }

    pub(super) fn left(&mut self, group: &Arc<str>) {
        less(self.members.get_mut(group));
    }

    /// One person more. Nobody is taken off before the next snapshot: it is not known who has an app, so taking the same person off
    /// twice would make the app look smaller than it is, and its deletion cheaper.
    pub(super) fn employed(&mut self, app: &Arc<str>) {
        *self.users.entry(Arc::clone(app)).or_default() += 1;
    }

    pub(super) fn stands(&mut self, key: &Key, stance: Stance) {
        let of_kind = self.stances.entry(key.kind()).or_default();
        of_kind.insert(key.path().to_owned(), stance);
    }

    pub(super) fn switched(&mut self, key: &Key, status: &str) {
        let of_kind = self.stances.get_mut(&key.kind());
        if let Some(stance) = of_kind.and_then(|of_kind| of_kind.get_mut(key.path())) {
            stance.switch(status);
        }
    }

    pub(super) fn forget(&mut self, key: &Key) {
        if let Some(of_kind) = self.stances.get_mut(&key.kind()) {
            of_kind.remove(key.path());
        }
    }
}

fn less(count: Option<&mut u32>) {
    if let Some(count) = count {
        *count = count.saturating_sub(1);
    }
}

impl Known {
    /// How many members a group has; `None` when that was not seen whole.
    pub(super) fn members_of(&self, group: &str) -> Option<u32> {
        if self.everyone.as_deref() == Some(group) {
            let people = Kind::named("user").and_then(|kind| self.objects.get(&kind));
            return u32::try_from(people?.len()).ok();
        }
        let known = self.is_known(group);
        let counted = self.sizes.members.get(group).copied();
        counted
            .or(known.then_some(0))
            .filter(|_| self.sizes.members_seen)
    }

    /// How many people an app has; `None` when that was not seen whole.
    pub(super) fn users_of(&self, app: &str) -> Option<u32> {
        let known = Kind::named("app")
            .and_then(|kind| self.objects.get(&kind))
            .is_some_and(|apps| apps.contains_key(app));
        let counted = self.sizes.users.get(app).copied();
        counted
            .or(known.then_some(0))
            .filter(|_| self.sizes.users_seen)
    }

    /// Whether one of these groups grants roles; `None` when none does as far as is known, and one is not known.
    pub(super) fn grant_roles(&self, groups: &[String]) -> Option<bool> {
        let grants = |group: &String| {
            let roles = self.roles.get(group.as_str());
            roles.is_some_and(|roles| !roles.is_empty())
        };
        if groups.iter().any(grants) {
            return Some(true);
        }
        let seen = |group: &String| self.roles_of_groups_seen && self.is_known(group);
        groups.iter().all(seen).then_some(false)
    }

    /// The object of this judged type that these ids name, owners first.
    pub(super) fn stance_of(&self, name: &str, ids: &[&str]) -> Option<Stance> {
        let kind = Kind::named(name)?;
        let of_kind = self.sizes.stances.get(&kind)?;
        // A singleton's own id is its kind's name.
        let own = [kind.name()];
        let ids = if ids.is_empty() { &own } else { ids };
        of_kind.get(Key::new(kind, ids).path()).cloned()
    }

    fn is_known(&self, group: &str) -> bool {
        let kind = Kind::named("group");
        let groups = kind.and_then(|kind| self.objects.get(&kind));
        groups
            .and_then(|groups| groups.get(group))
            .is_some_and(|object| object.entity == GROUP)
    }
}
