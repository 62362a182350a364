//! Steps that cannot be: they need an object that is neither in the org nor made by the plan.

use super::{called, makers, mentions};
use crate::plan::draft::{Draft, Side};
use crate::plan::note::{Note, Why};
use crate::plan::survey::Survey;
use org::Key;
use std::collections::{BTreeSet, HashMap};

/// Drops the drafts that need what is neither in the org nor made by another draft; says so in `notes`.
pub(in crate::plan) fn drop_the_impossible(
    mut drafts: Vec<Draft>,
    survey: &Survey<'_>,
    notes: &mut Vec<Note>,
) -> Vec<Draft> {
    loop {
        let makers = makers(&drafts);
        let lacking = |draft: &Draft| lacks(draft, &makers, survey);
        let (kept, dropped): (Vec<_>, Vec<_>) = drafts
            .into_iter()
            .partition(|draft| lacking(draft).is_none());
        let impossible: BTreeSet<Key> = dropped.iter().map(|draft| draft.object.clone()).collect();
        for draft in dropped.iter().filter(|draft| draft.side == Side::Wanted) {
            let Some(missing) = lacking(draft) else {
                continue;
            };
            let text = format!("it needs {missing}, which is missing and not part of this plan");
            notes.push(Note {
                why: Why::Lacks,
                object: Some(draft.object.clone()),
                title: draft.title.clone(),
                text,
            });
        }
        if impossible.is_empty() {
            return kept;
        }
        // What cannot be made need not be switched on either.
        drafts = kept
            .into_iter()
            .filter(|draft| !impossible.contains(&draft.object))
            .collect();
    }
}

/// What a draft needs and nobody provides.
fn lacks(draft: &Draft, makers: &HashMap<String, usize>, survey: &Survey<'_>) -> Option<Key> {
    if draft.side == Side::Live {
        return None;
    }
    let is_lacking = |key: &Key| {
        survey.changes.matching.live(key).is_none() && !makers.contains_key(key.id().as_str())
    };
    let mut by_path = called(draft).filter_map(|id| survey.index.key(id));
    if let Some(key) = by_path.find(|key| is_lacking(key)) {
        return Some(key.clone());
    }
    let named = mentions(draft, survey)
        .into_iter()
        .filter(|mention| !mention.deferrable && mention.object != draft.object);
    named
        .map(|mention| mention.object)
        .find(|key| is_lacking(key))
}
