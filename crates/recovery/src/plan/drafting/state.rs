//! From state to state: which operation leads an object where it stood, by the catalog's lifecycles.

use crate::plan::draft::{Case, Draft, Drafts, Phase};
use crate::plan::note::Why;
use crate::plan::step::Action;
use catalog::resource::Lifecycle;
use org::Object;
use serde_json::Value;

/// Brings the object from the state `now` to the wanted one, if the kind has states and Okta operations for them.
pub(super) fn switch(case: &Case<'_>, now: &str, drafts: &mut Drafts) {
    let lifecycle = case.kind().facts().lifecycle.as_ref();
    let field = lifecycle.map_or("", |lifecycle| lifecycle.field.as_str());
    // Where only other members are meant, the object goes back to the state it was found in.
    let is_meant = !case.change.partial || case.places().contains(&field);
    let wanted = state_of(lifecycle, if is_meant { case.wanted } else { case.live });
    if wanted.is_empty() || wanted == now {
        return;
    }
    match switching(case, &wanted, Phase::Switch, "that was its state") {
        Some(step) => drafts.steps.push(step),
        None => drafts.notes.push(case.note(
            Why::State,
            format!("no operation leads from {now} to {wanted}"),
        )),
    }
}

pub(super) fn switching(case: &Case<'_>, state: &str, phase: Phase, reason: &str) -> Option<Draft> {
    let facts = case.kind().facts();
    let lifecycle = facts.lifecycle.as_ref()?;
    let (action, operation) = if state == lifecycle.on {
        (Action::Activate, facts.verbs.activate.as_ref()?)
    } else if state == lifecycle.off {
        (Action::Deactivate, facts.verbs.deactivate.as_ref()?)
    } else {
        return None;
    };
    Some(case.draft(action, phase, operation, format!("{state}: {reason}")))
}

pub(super) fn state_of(lifecycle: Option<&Lifecycle>, object: Option<&Object>) -> String {
    let state = lifecycle
        .zip(object)
        .and_then(|(lifecycle, object)| lifecycle.field.first(object.body()));
    state.and_then(Value::as_str).unwrap_or_default().to_owned()
}
