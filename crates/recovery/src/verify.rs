//! Verify: a fresh image held against the snapshot. Every difference that remains is explained by a rule that was stated
//! before, or it is unexplained; there is no third kind. Beyond that: objects made twice, and ids that lead nowhere.

mod explain;
mod text;

use crate::diff::{Change, Selection, Unknown, What, diff};
use crate::ids::IdMap;
use crate::image::Image;
use crate::matching::{Matching, doubled};
use crate::mention::Index;
use crate::normalise::writable;
use crate::plan::Plan;
use explain::explain;
use org::Key;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What is known about how the org came to be as it is. The default knows nothing, so that every difference is unexplained
/// unless the catalog explains it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Background<'a> {
    /// What a run noted objects are called now.
    pub ids: Option<&'a IdMap>,
    /// The plan that was carried out.
    pub plan: Option<&'a Plan>,
    /// The org before.
    pub before: Option<&'a Image>,
}

/// What a verification found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Objects of the snapshot by kind, in restore order.
    pub kinds: Vec<KindReport>,
    /// Differences that a rule explains.
    pub explained: Vec<Remaining>,
    /// Differences that nothing explains.
    pub unexplained: Vec<Remaining>,
    /// Objects that are there more than once and were not.
    pub doubled: Vec<Doubled>,
    /// Ids that lead nowhere and did not.
    pub dangling: Vec<Dangling>,
    /// Collections nothing can be said about.
    pub unknown: Vec<Unknown>,
    /// Values that could not come back, counted by kind of loss, as the plan foretold.
    pub unrecoverable: BTreeMap<String, usize>,
}

/// Objects of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KindReport {
    /// The kind.
    pub kind: &'static str,
    /// Objects the snapshot has.
    pub wanted: usize,
    /// Of them: there and equal.
    pub equal: usize,
    /// Of them: differing, but explained.
    pub explained: usize,
    /// Of them: differing, and unexplained.
    pub unexplained: usize,
}

/// A difference that remains.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Remaining {
    /// The object, the members that differ.
    pub change: Change,
    /// The rules that explain it; for an unexplained one those that explain a part.
    pub why: Vec<String>,
}

/// Objects that one natural key fits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Doubled {
    /// The name people use.
    pub title: String,
    /// The objects.
    pub objects: Vec<Key>,
}

/// An id that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Dangling {
    /// The object that names it.
    pub object: Key,
    /// Where.
    pub place: String,
    /// What it named in the snapshot.
    pub named: Key,
}

impl Report {
    /// Whether the org is what the snapshot says, as far as it can be. What could not be read is not taken for granted.
    pub fn is_clean(&self) -> bool {
        self.unexplained.is_empty()
            && self.doubled.is_empty()
            && self.dangling.is_empty()
            && !self.unknown.iter().any(|unknown| unknown.missing)
    }

    /// The same for the part of the org that `selection` means. Ids that lead nowhere count as differences of the objects that
    /// name them.
    pub fn is_clean_within(&self, selection: &Selection) -> bool {
        if *selection == Selection::All {
            return self.is_clean();
        }
        let meant = |remaining: &Remaining| selection.concerns(&remaining.change);
        let unread = |unknown: &Unknown| unknown.missing && selection.reaches(unknown.kind);
        self.doubled.is_empty()
            && !self.unexplained.iter().any(meant)
            && !self.unknown.iter().any(unread)
    }
}

/// Holds `fresh` against `wanted`.
pub fn verify(wanted: &Image, fresh: &Image, background: &Background<'_>) -> Report {
    let known = background.ids.cloned().unwrap_or_default();
    let changes = diff(wanted, fresh, &Selection::All, &known);
    let mut report = Report {
        unknown: changes.unknown,
        ..Report::default()
    };
    for change in changes.list {
        let explanation = explain(&change, wanted, background);
        let remaining = Remaining {
            change,
            why: explanation.why,
        };
        let list = if explanation.complete {
            &mut report.explained
        } else {
            &mut report.unexplained
        };
        list.push(remaining);
    }
    report.doubled = twice(fresh, &changes.matching, background);
    report.dangling = dangling(wanted, fresh, &changes.matching);
    report.kinds = count(wanted, &report);
    for loss in background.plan.iter().flat_map(|plan| &plan.losses) {
        *report.unrecoverable.entry(loss.loss.clone()).or_default() += 1;
    }
    report
}

fn count(wanted: &Image, report: &Report) -> Vec<KindReport> {
    let of = |list: &[Remaining], kind| {
        let own = list
            .iter()
            .filter(|remaining| remaining.change.what != What::Created);
        own.filter(|remaining| remaining.change.object.kind() == kind)
            .count()
    };
    let kinds = wanted.org.kinds().map(|kind| {
        let (all, explained) = (wanted.org.count(kind), of(&report.explained, kind));
        let unexplained = of(&report.unexplained, kind);
        let unknown = report
            .unknown
            .iter()
            .filter(|unknown| unknown.missing && unknown.kind == kind.name())
            .map(|unknown| unknown.objects);
        let equal = all.saturating_sub(explained + unexplained + unknown.sum::<usize>());
        KindReport {
            kind: kind.name(),
            wanted: all,
            equal,
            explained,
            unexplained,
        }
    });
    kinds.collect()
}

/// Objects of one natural key, at least one of which the snapshot does not have and the org did not have before.
fn twice(fresh: &Image, matching: &Matching, background: &Background<'_>) -> Vec<Doubled> {
    let is_new = |key: &&Key| {
        !matching.is_wanted(key)
            && background
                .before
                .is_none_or(|before| before.org.get(key).is_none())
    };
    let groups = doubled(&fresh.org)
        .into_values()
        .filter(|keys| keys.iter().any(|key| is_new(&key)));
    let mut found: Vec<Doubled> = groups
        .map(|objects| {
            let title = objects
                .first()
                .and_then(|key| fresh.org.get(key))
                .map(|object| object.title());
            Doubled {
                title: title.unwrap_or_default(),
                objects,
            }
        })
        .collect();
    found.sort();
    found
}

/// Places that named an object of the snapshot and now name nothing: the object is not there, or its old id was kept.
fn dangling(wanted: &Image, fresh: &Image, matching: &Matching) -> Vec<Dangling> {
    let (old, new) = (Index::of(&wanted.org), Index::of(&fresh.org));
    let mut found = BTreeSet::new();
    for object in wanted.org.iter() {
        let Some(live) = matching
            .live(object.key())
            .and_then(|live| fresh.org.get(live))
        else {
            continue;
        };
        let kind = object.key().kind();
        for mention in old.mentions(kind, &writable(kind, live.body())) {
            if new.key(&mention.object.id()).is_none() {
                let place = mention.place.join(".");
                found.insert(Dangling {
                    object: live.key().clone(),
                    place,
                    named: mention.object,
                });
            }
        }
    }
    found.into_iter().collect()
}

#[cfg(test)]
mod tests;
