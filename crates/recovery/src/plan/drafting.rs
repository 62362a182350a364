//! From one difference to the calls that undo it, for any kind of object, by the catalog's data alone. What data cannot say
//! is refined by a quirk afterwards.

pub(crate) mod born;
mod lifeline;
mod merge;
mod state;

use super::draft::{Case, Draft, Drafts, Phase, Side};
use super::loss::concerns;
use super::note::Why;
use super::step::{Action, Told};
use crate::diff::{GONE, Standing, What};
use crate::ids::{IdMap, SourceId};
use crate::matching::{followed_links, last_segment, natural_key};
use crate::mention::assigns_ids;
use crate::normalise::writable;
use crate::quirks;
use org::{Kind, Object};
use serde_json::Value;
use state::{state_of, switch, switching};

/// The calls that undo the difference of `case`, and notes on what stays.
pub(super) fn draft(case: &Case<'_>) -> Drafts {
    let mut drafts = Drafts::default();
    if lifeline::is_touched(case) {
        drafts.notes.push(case.note(
            Why::Lifeline,
            "the restore itself depends on it; it is not touched",
        ));
        return drafts;
    }
    match (&case.change.what, case.change.standing) {
        (What::Removed, Standing::Derived) => {
            drafts.notes.push(case.note(Why::Follows, follows(case)));
        }
        (What::Removed, Standing::System) if born::is_altered(case) => {
            drafts.steps = born::write(case)
        }
        (What::Removed, Standing::System) => {
            drafts.notes.push(case.note(
                Why::ComesAlong,
                "Okta makes it by itself; it is compared afterwards",
            ));
        }
        (What::Removed, Standing::Made) => create(case, &mut drafts),
        (What::Changed(_), _) => change(case, &mut drafts),
        (What::Created, Standing::Made) if case.survey.options.prune => remove(case, &mut drafts),
        (What::Created, Standing::Made) => {
            drafts
                .notes
                .push(case.note(Why::Extra, "only the org has it; it is kept"));
        }
        (What::Created, _) => {}
    }
    if let Some(quirk) = case.kind().facts().quirk.as_deref().and_then(quirks::named) {
        quirk(case, &mut drafts);
    }
    drafts
}

/// How what follows from others comes back: by itself, or not without a person.
fn follows(case: &Case<'_>) -> String {
    let losses = case.kind().facts().losses.iter();
    let lost = losses
        .filter(|loss| case.wanted.is_some_and(|wanted| concerns(loss, wanted)))
        .map(|loss| loss.why.as_str());
    match lost.collect::<Vec<_>>().as_slice() {
        [] => "it follows from other objects and comes back with them".to_owned(),
        lost => lost.join("; "),
    }
}

fn create(case: &Case<'_>, drafts: &mut Drafts) {
    let facts = case.kind().facts();
    let Some(wanted) = case.wanted else { return };
    match (&facts.verbs.create, &facts.verbs.replace) {
        (Some(operation), _) => {
            drafts.steps.push(creation(case, wanted, operation));
            let born = facts
                .lifecycle
                .as_ref()
                .map(|lifecycle| lifecycle.born.as_str());
            switch(case, born.unwrap_or_default(), drafts);
        }
        (None, Some(operation)) if facts.singleton => {
            let mut step = case.draft(
                Action::Replace,
                Phase::Make,
                operation,
                "it comes with its owner, empty",
            );
            step.body = Some(writable(case.kind(), wanted.body()));
            drafts.steps.push(step);
        }
        _ => drafts
            .notes
            .push(case.note(Why::NoOperation, "Okta has no operation that creates it")),
    }
}

/// The call that makes the object, or ties its two ends together.
pub(crate) fn creation(case: &Case<'_>, wanted: &Object, operation: &str) -> Draft {
    let (kind, facts) = (case.kind(), case.kind().facts());
    let relation = facts.relates.is_some();
    let (action, phase) = if relation {
        (Action::Link, Phase::Link)
    } else {
        (Action::Create, Phase::Make)
    };
    let mut step = case.draft(action, phase, operation, "the org lacks it");
    step.query = facts.create_query.clone();
    if step
        .facts()
        .is_some_and(|operation| operation.body.is_some())
    {
        step.body = Some(creation_body(kind, wanted, &step));
    }
    if assigns_ids(kind) {
        step.recognise =
            natural_key(wanted, &IdMap::default()).and_then(|key| serde_json::from_str(&key).ok());
        step.answers = told(kind, wanted);
        let owner = wanted.key().parent();
        step.adopt = facts
            .verbs
            .replace
            .clone()
            .filter(|_| owner.is_some_and(|owner| case.survey.removed.contains(&owner)));
    }
    step
}

/// What is sent to create the object: its writable members without the state, which has operations of its own. A relation whose
/// path does not name the other end names it in the body.
fn creation_body(kind: Kind, wanted: &Object, step: &Draft) -> Value {
    let mut body = writable(kind, wanted.body());
    if let Some(lifecycle) = &kind.facts().lifecycle {
        lifecycle.field.remove(&mut body);
    }
    let named = step
        .facts()
        .map_or(0, |operation| operation.path_parameters().count());
    if kind.facts().relates.is_some()
        && named < step.ids.len()
        && let Value::Object(members) = &mut body
    {
        members.insert("id".to_owned(), Value::from(wanted.key().id()));
    }
    body
}

/// The ids that the answer to a creation tells: the object's own, and those of what it owns and links to.
fn told(kind: Kind, wanted: &Object) -> Vec<Told> {
    let own = Told {
        source: SourceId::from(wanted.key().id()),
        at: kind.facts().identity.id.to_string(),
    };
    let linked = followed_links(kind).filter_map(|link| {
        let source = SourceId::from(last_segment(link, wanted.body())?);
        Some(Told {
            source,
            at: link.to_string(),
        })
    });
    std::iter::once(own).chain(linked).collect()
}

fn change(case: &Case<'_>, drafts: &mut Drafts) {
    let facts = case.kind().facts();
    let state = facts
        .lifecycle
        .as_ref()
        .map(|lifecycle| lifecycle.field.as_str());
    let places = case.places();
    let frozen: Vec<&str> = places
        .iter()
        .copied()
        .filter(|place| facts.frozen.iter().any(|at| at.covers(place)))
        .collect();
    let written: Vec<&str> = places
        .iter()
        .copied()
        .filter(|place| Some(*place) != state && !frozen.contains(place))
        .collect();
    if !frozen.is_empty() {
        return recreate(case, &frozen.join(", "), drafts);
    }
    let now = state_of(facts.lifecycle.as_ref(), case.live);
    if written.is_empty() {
        return switch(case, &now, drafts);
    }
    let (Some(body), Some(operation)) = (merge::body(case), &facts.verbs.replace) else {
        let text = format!("Okta has no operation that changes {}", written.join(", "));
        drafts.notes.push(case.note(Why::NoOperation, text));
        return switch(case, &now, drafts);
    };
    if let Some(place) = merge::stale_secret(case, &body) {
        let text = format!(
            "the secret at {place} was changed since; Okta takes the whole object only, so restore all of it or set {} by hand",
            written.join(", ")
        );
        drafts.notes.push(case.note(Why::Secret, text));
        return switch(case, &now, drafts);
    }
    let mut step = case.draft(
        Action::Replace,
        Phase::Make,
        operation,
        format!("{} differ", written.join(", ")),
    );
    step.body = Some(body);
    let needs = facts
        .lifecycle
        .as_ref()
        .and_then(|lifecycle| lifecycle.replace_needs.clone());
    match needs.filter(|needs| *needs != now) {
        Some(needs) => {
            drafts.steps.extend(switching(
                case,
                &needs,
                Phase::Make,
                "it can only be changed in that state",
            ));
            drafts.steps.push(step);
            switch(case, &needs, drafts);
        }
        None => {
            drafts.steps.push(step);
            switch(case, &now, drafts);
        }
    }
}

/// Deletes the object and makes it again, if that was consented to and nothing hangs on its id.
fn recreate(case: &Case<'_>, places: &str, drafts: &mut Drafts) {
    let facts = case.kind().facts();
    let (Some(wanted), Some(operation)) = (case.wanted, &facts.verbs.create) else {
        return;
    };
    let refuse = |text: &str| {
        case.note(
            Why::Frozen,
            format!("{places} cannot change after creation; {text}"),
        )
    };
    if !case.survey.options.recreate && !leads_nowhere(case) {
        drafts.notes.push(refuse(
            "deleting and creating it again was not consented to",
        ));
        return;
    }
    let own = wanted.key();
    let held = case.survey.wanted.org.iter().any(|other| {
        other.key().parent().as_ref() == Some(own)
            || (other.key() != own
                && org::references(other)
                    .iter()
                    .any(|named| named.id == own.id()))
    });
    if held || case.change.standing == Standing::System {
        drafts.notes.push(refuse("other objects hang on its id"));
        return;
    }
    let now = state_of(facts.lifecycle.as_ref(), case.live);
    deletion(case, &now, Phase::Make, drafts);
    drafts.steps.push(creation(case, wanted, operation));
    let born = facts
        .lifecycle
        .as_ref()
        .map(|lifecycle| lifecycle.born.clone());
    switch(case, &born.unwrap_or_default(), drafts);
}

/// Whether the org's object names what no longer exists, so that it is of no use as it is.
fn leads_nowhere(case: &Case<'_>) -> bool {
    let What::Changed(fields) = &case.change.what else {
        return false;
    };
    let mut frozen = fields.iter().filter(|field| {
        case.kind()
            .facts()
            .frozen
            .iter()
            .any(|at| at.covers(&field.place))
    });
    frozen.all(|field| {
        field
            .before
            .as_ref()
            .is_some_and(|value| value.to_string().contains(GONE))
    })
}

fn remove(case: &Case<'_>, drafts: &mut Drafts) {
    let now = state_of(case.kind().facts().lifecycle.as_ref(), case.live);
    deletion(case, &now, Phase::Delete, drafts);
}

fn deletion(case: &Case<'_>, now: &str, phase: Phase, drafts: &mut Drafts) {
    let facts = case.kind().facts();
    let Some(operation) = &facts.verbs.delete else {
        drafts
            .notes
            .push(case.note(Why::NoOperation, "Okta has no operation that deletes it"));
        return;
    };
    let needs = facts
        .lifecycle
        .as_ref()
        .and_then(|lifecycle| lifecycle.delete_needs.clone());
    if let Some(needs) = needs.filter(|needs| needs != now) {
        let step = switching(case, &needs, phase, "it can only be deleted in that state");
        drafts
            .steps
            .extend(step.map(|step| on_the_live(case, step)));
    }
    let action = if facts.relates.is_some() {
        Action::Unlink
    } else {
        Action::Delete
    };
    let reason = if case.wanted.is_some() {
        "it is made again as it was"
    } else {
        "the snapshot does not have it"
    };
    drafts.steps.push(on_the_live(
        case,
        case.draft(action, phase, operation, reason),
    ));
}

/// The same call, meant for the object the org has, which another will take the place of.
fn on_the_live(case: &Case<'_>, mut step: Draft) -> Draft {
    if let Some(live) = &case.change.live {
        step.ids = live.ids();
    }
    step.side = Side::Live;
    step
}
