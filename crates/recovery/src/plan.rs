//! Plans: from differences to the calls that undo them, in an order that works. Pure: no I/O, no clock, the same input always
//! gives the same bytes. A plan is named by the digest of its content, so that what was approved is what is carried out.
//!
//! Nothing is deleted unless [`Options::prune`] says so, nothing is made anew that could be changed in place, and every
//! difference that gets no step gets a [`Note`].

mod approval;
mod cost;
mod digest;
pub(crate) mod draft;
pub(crate) mod drafting;
mod graph;
pub(crate) mod loss;
pub(crate) mod note;
mod sequence;
pub(crate) mod step;
mod survey;
mod text;

pub use approval::{Approved, WrongDigest};
pub(crate) use cost::cost_of;
pub use cost::{BucketCost, Cost, Impact};
pub use digest::Digest;
pub use graph::Cycle;
pub use loss::ObjectLoss;
pub use note::{Note, Why};
pub use step::{Action, Body, Param, ParamValue, Step, Told, Unless};

use crate::diff::{Change, Changes, Standing, What};
use crate::ids::IdMap;
use crate::image::Image;
use draft::{Case, Draft};
use org::Key;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashSet};
use survey::Survey;

/// What may be done beyond putting back what is missing or changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Delete what only the org has (people are deactivated, never deleted).
    pub prune: bool,
    /// Delete and create again what cannot be changed in place.
    pub recreate: bool,
    /// Ids that are never touched: the restorer's own app, token owner, role and network zone.
    pub lifeline: BTreeSet<String>,
}

/// Steps that bring an org back, with what they cost and what they cannot do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Version of this format.
    pub format: u32,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// What objects that are in the org already are called there, as far as steps name them.
    pub known: IdMap,
    /// What cannot come back as it was, object by object.
    pub losses: Vec<ObjectLoss>,
    /// Differences that stay, with the reason.
    pub notes: Vec<Note>,
}

/// Plans how to make `live` what `wanted` is, as far as `changes` (their difference) goes.
///
/// # Errors
/// [`Cycle`], when objects need each other and none can be written in two steps.
pub fn plan(
    changes: &Changes,
    wanted: &Image,
    live: &Image,
    options: &Options,
) -> Result<Plan, Cycle> {
    let survey = Survey::new(wanted, live, changes, options);
    let mut notes = notes_on_the_unknown(changes);
    let mut drafts = Vec::new();
    for change in &changes.list {
        let made = drafting::draft(&case(&survey, change));
        drafts.extend(made.steps);
        notes.extend(made.notes);
    }
    let covered: HashSet<Key> = drafts
        .iter()
        .flat_map(|draft: &Draft| draft.covers.iter().cloned())
        .collect();
    drafts.retain(|draft| !covered.contains(&draft.object));
    let drafts = graph::drop_the_impossible(drafts, &survey, &mut notes);
    let ordered = graph::order(drafts, &survey)?;
    let losses = loss::losses(&ordered.drafts, &survey);
    let (steps, known) = sequence::numbered(&ordered, &survey);
    notes.sort();
    Ok(Plan {
        format: FORMAT,
        steps,
        known,
        losses,
        notes,
    })
}

fn case<'a>(survey: &'a Survey<'a>, change: &'a Change) -> Case<'a> {
    let (wanted, live) = match change.what {
        What::Created => (None, survey.live.org.get(&change.object)),
        What::Removed => (survey.wanted.org.get(&change.object), None),
        What::Changed(_) => {
            let live = change
                .live
                .as_ref()
                .and_then(|live| survey.live.org.get(live));
            (survey.wanted.org.get(&change.object), live)
        }
    };
    Case {
        survey,
        change,
        wanted: wanted.map(AsRef::as_ref),
        live: live.map(AsRef::as_ref),
    }
}

fn notes_on_the_unknown(changes: &Changes) -> Vec<Note> {
    let ambiguous = changes.ambiguous.iter().map(|ambiguity| Note {
        why: Why::Ambiguous,
        object: ambiguity.wanted.first().cloned(),
        title: ambiguity.title.clone(),
        text: format!(
            "{} objects of the org fit; say which is meant",
            ambiguity.live.len()
        ),
    });
    let unread = changes.unknown.iter().map(|unknown| Note {
        why: Why::Unread,
        object: None,
        title: unknown.kind.to_owned(),
        text: format!(
            "{} objects cannot be judged: {}",
            unknown.objects, unknown.reason
        ),
    });
    ambiguous.chain(unread).collect()
}

/// Version of the plan's format.
const FORMAT: u32 = 1;

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Objects that only the org has, kept because nothing was said about deleting them.
    pub fn extras(&self) -> impl Iterator<Item = &Note> {
        self.notes.iter().filter(|note| note.why == Why::Extra)
    }
}

/// How many of the changes are the plan's business: those of objects someone made.
pub fn restorable(changes: &Changes) -> usize {
    changes
        .list
        .iter()
        .filter(|change| change.standing == Standing::Made && change.what != What::Created)
        .count()
}

#[cfg(test)]
mod tests;
