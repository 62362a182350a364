//! From ordered drafts to numbered steps, and which of them may be carried out at the same time: neighbours of one operation
//! that the quirk of their kind declares independent of each other and that do not need one another.

use super::draft::{Draft, Side};
use super::graph::{self, Ordered};
use super::step::{Body, Param, ParamValue, Step};
use super::survey::Survey;
use crate::ids::{IdMap, SourceId, TargetId};
use crate::mention::{assigns_ids, kinds_on_the_way};
use crate::secret;

/// The steps, and what objects that they name and the org has are called there.
pub(super) fn numbered(ordered: &Ordered, survey: &Survey<'_>) -> (Vec<Step>, IdMap) {
    let mut known = IdMap::default();
    let mut steps = Vec::with_capacity(ordered.drafts.len());
    let waves = waves(ordered);
    for (at, ((draft, needs), wave)) in ordered
        .drafts
        .iter()
        .zip(&ordered.needs)
        .zip(waves)
        .enumerate()
    {
        let needs = needs.iter().map(|at| number(*at)).collect();
        steps.push(step(
            Place {
                number: number(at),
                wave,
                needs,
            },
            draft,
            survey,
            &mut known,
        ));
    }
    (steps, known)
}

/// Where a step stands.
struct Place {
    number: u32,
    wave: u32,
    needs: Vec<u32>,
}

/// For each draft the number of the wave it belongs to: that of the wave's first step.
fn waves(ordered: &Ordered) -> Vec<u32> {
    let mut waves = Vec::with_capacity(ordered.drafts.len());
    let mut first = 0;
    let mut before: Option<&Draft> = None;
    for (at, (draft, needs)) in ordered.drafts.iter().zip(&ordered.needs).enumerate() {
        let alike =
            before.is_some_and(|before| before.together && before.operation == draft.operation);
        if !alike || !draft.together || needs.iter().any(|needed| *needed >= first) {
            first = at;
        }
        waves.push(number(first));
        before = Some(draft);
    }
    waves
}

fn step(place: Place, draft: &Draft, survey: &Survey<'_>, known: &mut IdMap) -> Step {
    let facts = draft.facts();
    let value = |id: &str| param_value(draft, id, survey);
    let params: Vec<Param> = facts
        .map(|operation| operation.path_parameters().zip(&draft.ids))
        .into_iter()
        .flatten()
        .map(|(name, id)| Param {
            name: name.to_owned(),
            value: value(id),
        })
        .collect();
    let query: Vec<Param> = draft
        .query
        .iter()
        .map(|(name, id)| Param {
            name: name.clone(),
            value: value(id),
        })
        .collect();
    let named = params
        .iter()
        .chain(&query)
        .filter_map(|param| match &param.value {
            ParamValue::Source(id) => Some(id.to_string()),
            _ => None,
        });
    let mentioned = graph::mentions(draft, survey)
        .into_iter()
        .map(|mention| mention.object.id());
    for id in named.chain(mentioned) {
        if let Some(target) = survey.changes.matching.ids().target(&id) {
            known.insert(SourceId::from(id), target.clone());
        }
    }
    Step {
        number: place.number,
        wave: place.wave,
        action: draft.action,
        object: draft.object.clone(),
        title: draft.title.clone(),
        operation: draft.operation.clone(),
        params,
        query,
        body: draft.body.clone().map(secret::sealed).map(Body),
        answers: draft.answers.clone(),
        recognise: draft.recognise.clone(),
        adopt: draft.adopt.clone(),
        unless: draft.unless,
        reason: draft.reason.clone(),
        needs: place.needs,
        undo: draft.undo.to_owned(),
        bucket: facts
            .map(|operation| operation.bucket.to_owned())
            .unwrap_or_default(),
    }
}

/// Steps are numbered from 1; no plan has 2^32 of them.
fn number(at: usize) -> u32 {
    u32::try_from(at + 1).unwrap_or(u32::MAX)
}

/// An id that Okta assigned is looked up when the step is carried out; names of the caller's choice mean themselves.
fn param_value(draft: &Draft, id: &str, survey: &Survey<'_>) -> ParamValue {
    if draft.side == Side::Live {
        let assigned = kinds_on_the_way(draft.object.kind())
            .iter()
            .any(|kind| assigns_ids(*kind));
        return if assigned {
            ParamValue::Target(TargetId::from(id))
        } else {
            ParamValue::Plain(id.to_owned())
        };
    }
    let told = draft.answers.iter().any(|told| told.source.as_str() == id);
    let is_assigned = survey.index.key(id).is_some()
        || survey.changes.matching.ids().target(id).is_some()
        || told;
    let linked = draft.object.kind().facts().listing.follow.is_some();
    if is_assigned || linked {
        ParamValue::Source(SourceId::from(id))
    } else {
        ParamValue::Plain(id.to_owned())
    }
}
