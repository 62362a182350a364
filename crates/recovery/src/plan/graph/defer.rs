//! Cycles broken: what names others of the knot is left out of a creation and written in a second step.

use super::mentions;
use crate::mention::{Mention, leave_out};
use crate::plan::draft::{Draft, Phase};
use crate::plan::step::Action;
use crate::plan::survey::Survey;
use org::Key;
use std::collections::{BTreeMap, BTreeSet};

/// The drafts in the knot that can be written in two steps are: what names others of the knot is left out at first.
pub(super) fn defer(
    knot: &[usize],
    drafts: &mut [Draft],
    fills: &mut BTreeMap<usize, Draft>,
    survey: &Survey<'_>,
) {
    let made: BTreeSet<Key> = knot
        .iter()
        .filter_map(|at| drafts.get(*at))
        .map(|draft| draft.object.clone())
        .collect();
    for at in knot {
        let Some(draft) = drafts.get_mut(*at) else {
            continue;
        };
        let Some(replace) = draft.object.kind().facts().verbs.replace.clone() else {
            continue;
        };
        if draft.action != Action::Create {
            continue;
        }
        let Some(whole) = draft.body.clone() else {
            continue;
        };
        let waiting: Vec<Mention> = mentions(draft, survey)
            .into_iter()
            .filter(|mention| mention.deferrable && made.contains(&mention.object))
            .collect();
        for mention in &waiting {
            if let Some(body) = &mut draft.body {
                leave_out(body, &mention.place);
            }
        }
        if waiting.is_empty() {
            continue;
        }
        let mut fill = draft.clone();
        fill.action = Action::Replace;
        fill.phase = Phase::Fill;
        fill.operation = replace;
        fill.query.clear();
        fill.answers.clear();
        fill.covers.clear();
        fill.line = None;
        fill.adopt = None;
        fill.recognise = None;
        fill.undo = "nothing to undo: it goes with the object";
        fill.reason = format!("{} could not be written before", places(&waiting));
        fill.body = Some(without(whole, draft.firm));
        fills.insert(*at, fill);
    }
}

/// The drafts with each fill right behind its creation, before whatever else is to be done to the object.
pub(super) fn with_fills(drafts: Vec<Draft>, mut fills: BTreeMap<usize, Draft>) -> Vec<Draft> {
    let drafts = drafts.into_iter().enumerate();
    drafts
        .flat_map(|(at, draft)| std::iter::once(draft).chain(fills.remove(&at)))
        .collect()
}

fn places(mentions: &[Mention]) -> String {
    let places: BTreeSet<String> = mentions
        .iter()
        .map(|mention| mention.place.join("."))
        .collect();
    places.into_iter().collect::<Vec<_>>().join(", ")
}

fn without(mut body: serde_json::Value, members: &[&str]) -> serde_json::Value {
    if let Some(body) = body.as_object_mut() {
        members
            .iter()
            .for_each(|member| drop(body.shift_remove(*member)));
    }
    body
}
