//! The books of one org's budgets: groups of operations that share one, parted and joined as answers show. Neither waits nor locks.

use std::collections::HashMap;

use catalog::Operation;

use super::desk::{Grant, Waiter};
use crate::budget::Stated;
use crate::budget::register::{Applicant, Lane, Load, Party, Register};
use crate::budget::slots::Slots;
use crate::budget::window::Window;
use crate::limits::GROUPS_MAX;

#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) groups: Vec<Group>,
    of: HashMap<&'static str, usize>,
    pub(super) register: Register,
    pub(super) slots: Slots,
    /// The calls that wait, the oldest first.
    pub(super) waiters: Vec<Waiter>,
    /// Who has been looked at in one search for the next to be let go; kept for its room.
    pub(super) looked_at: Vec<(Party, Lane, usize)>,
    pub(super) queued: u64,
    pub(super) admitted: u64,
    pub(super) last: Option<Sighting>,
    shared: HashMap<(usize, usize), u32>,
}

#[derive(Debug)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) limit: Option<u32>,
    pub(super) operations: usize,
    pub(super) window: Window,
    pub(super) last: Option<Sighting>,
    /// The group this one turned out to be.
    joined: Option<usize>,
}

/// What one answer stated, and of which group.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sighting {
    pub(super) group: usize,
    pub(super) stated: Stated,
}

impl Book {
    pub(super) fn group_of(&mut self, operation: &'static Operation) -> usize {
        if let Some(group) = self.of.get(operation.id) {
            return *group;
        }
        let group = self.named(operation.bucket);
        self.enter(operation, group);
        group
    }

    /// The group that this one turned out to be, if it did. Groups are joined to earlier ones only, so that this ends.
    pub(super) fn resolve(&self, group: usize) -> usize {
        let next = |group: &usize| self.groups.get(*group)?.joined;
        std::iter::successors(Some(group), next)
            .last()
            .unwrap_or(group)
    }

    /// The group of this name, made if need be. Bounded by the catalog's buckets; see [`GROUPS_MAX`] for what splits add.
    fn named(&mut self, name: &str) -> usize {
        let known = self.groups.iter().position(|group| group.name == name);
        let known = known.map(|group| self.resolve(group));
        known.unwrap_or_else(|| {
            self.groups.push(Group {
                name: name.to_owned(),
                limit: None,
                operations: 0,
                window: Window::default(),
                last: None,
                joined: None,
            });
            self.groups.len() - 1
        })
    }

    fn enter(&mut self, operation: &'static Operation, group: usize) {
        self.of.insert(operation.id, group);
        if let Some(group) = self.groups.get_mut(group) {
            group.operations += 1;
        }
    }

    /// Moves `operation` out of its group if the limit stated for it is another one. Its calls follow as they are answered.
    pub(super) fn part(&mut self, operation: &'static Operation, limit: u32) {
        let from = self.group_of(operation);
        let Some(group) = self.groups.get(from) else {
            return;
        };
        let same = group.limit.is_none_or(|known| known == limit);
        if same || group.operations < 2 || self.groups.len() >= GROUPS_MAX {
            return;
        }
        let to = self.named(&format!("{}/{limit}", operation.bucket));
        if from == to {
            return;
        }
        if let Some(group) = self.groups.get_mut(from) {
            group.operations -= 1;
        }
        self.enter(operation, to);
        tracing::debug!(
            operation = operation.id,
            limit,
            "operation has a rate budget of its own"
        );
    }

    /// Counts a call under way in another group than before.
    pub(super) fn move_call(&mut self, grant: &mut Grant, to: usize) {
        let from = self.resolve(grant.group);
        if let Ok([from, to]) = self.groups.get_disjoint_mut([from, to]) {
            from.window.hand_over(&grant.applicant, &mut to.window);
        }
        grant.group = to;
    }

    /// Changes what a client has going on.
    pub(super) fn load(&mut self, applicant: &Applicant, change: impl FnOnce(&mut Load)) {
        let (now, before) = self.register.change(applicant, change);
        self.slots.weight = (self.slots.weight + now).saturating_sub(before);
    }

    /// Looks whether an answer for `group`, between which and the one before nothing was sent, continues that one's count.
    pub(super) fn compare(&mut self, group: usize, stated: Stated) {
        let Some(last) = self.last.filter(|last| last.group != group) else {
            return;
        };
        let continues = |seen: &Stated| {
            seen.limit == stated.limit
                && seen.reset == stated.reset
                && seen.remaining.checked_sub(1) == Some(stated.remaining)
        };
        let own = self.groups.get(group).and_then(|group| group.last);
        let own = own.filter(|own| own.stated.reset == stated.reset);
        let explained = match own {
            Some(own) => continues(&own.stated),
            None => stated.remaining + 1 == stated.limit,
        };
        if explained || !continues(&last.stated) {
            return;
        }
        let pair = (group.min(last.group), group.max(last.group));
        let sightings = self.shared.entry(pair).or_default();
        *sightings += 1;
        if *sightings >= SHARED_SIGHTINGS_MIN {
            self.join(pair.0, pair.1);
        }
    }

    fn join(&mut self, into: usize, from: usize) {
        let Ok([target, source]) = self.groups.get_disjoint_mut([into, from]) else {
            return;
        };
        target.window.absorb(&source.window);
        target.operations += source.operations;
        source.operations = 0;
        source.window = Window::default();
        source.joined = Some(into);
        tracing::debug!(
            bucket = target.name,
            other = source.name,
            "rate buckets are one budget"
        );
        self.of
            .values_mut()
            .filter(|group| **group == from)
            .for_each(|group| *group = into);
    }
}

/// Answers that must continue another group's count, and not their own, before the two are taken for one.
const SHARED_SIGHTINGS_MIN: u32 = 2;
