//! Policies and their rules: they stand in an order of priority. Siblings are written one after the other, first priority
//! first, because Okta moves the others on every write and parallel writes leave a wrong order. Okta's own policies and rules
//! keep the name, priority and conditions the org gives them.

use crate::plan::draft::{Case, Draft, Drafts};
use crate::plan::drafting::born;
use crate::plan::note::Why;
use crate::plan::step::Action;
use crate::{Standing, What};
use org::{Key, Object};
use serde_json::Value;

pub(super) fn refine(case: &Case<'_>, drafts: &mut Drafts) {
    match (case.change.standing, &case.change.what) {
        (Standing::System, What::Changed(_)) => keep_what_is_oktas(case, drafts),
        (Standing::System, What::Removed) => write_born_rule(case, drafts),
        (_, What::Changed(_)) if only_moved(case) => drafts.steps.clear(),
        _ => {}
    }
    let line = line(case);
    for step in &mut drafts.steps {
        if matches!(step.action, Action::Create | Action::Replace) {
            step.line = Some(line.clone());
        }
    }
}

/// One line of siblings: same owner, same type.
fn line(case: &Case<'_>) -> String {
    let owner = case
        .change
        .object
        .parent()
        .map_or_else(String::new, |owner| owner.path().to_owned());
    let class = if owner.is_empty() {
        case.wanted_text("type")
    } else {
        ""
    };
    format!("{} {owner}{class}", case.kind().name())
}

fn keep_what_is_oktas(case: &Case<'_>, drafts: &mut Drafts) {
    let oktas = |place: &str| {
        OKTAS
            .iter()
            .any(|name| place == *name || place.starts_with(&format!("{name}.")))
    };
    let only_oktas = case.places().into_iter().all(oktas);
    if only_oktas {
        drafts.steps.clear();
        return;
    }
    for step in drafts
        .steps
        .iter_mut()
        .filter(|step| step.action == Action::Replace)
    {
        keep(step, case.live);
    }
}

fn keep(step: &mut Draft, live: Option<&Object>) {
    let Some(Value::Object(body)) = &mut step.body else {
        return;
    };
    for name in OKTAS {
        match live.and_then(|live| live.body().get(*name)) {
            // What the org has is written in the org's ids, which mean themselves.
            Some(value) => drop(body.insert((*name).to_owned(), value.clone())),
            None => drop(body.shift_remove(*name)),
        }
    }
}

/// A policy that is made again is born with its own catch-all rule, which lets people in or keeps them out: always written.
fn write_born_rule(case: &Case<'_>, drafts: &mut Drafts) {
    let steps = born::write(case);
    if steps.is_empty() {
        return;
    }
    drafts.notes.retain(|note| note.why != Why::ComesAlong);
    drafts.steps = steps;
    for step in drafts
        .steps
        .iter_mut()
        .filter(|step| step.action == Action::Replace)
    {
        keep(step, None);
        if let (Some(Value::Object(body)), Some(name)) = (
            &mut step.body,
            case.wanted.and_then(|rule| rule.text_at("name")),
        ) {
            body.insert("name".to_owned(), Value::from(name));
        }
    }
}

/// Whether nothing but the priority differs and restoring the missing siblings moves it back by itself: the ones that are
/// there stand in the wanted order, with no stranger between them. Types with gaps in their priorities do not move.
fn only_moved(case: &Case<'_>) -> bool {
    if case.places() != ["priority"] || has_gaps(case) {
        return false;
    }
    let (matching, line) = (
        &case.survey.changes.matching,
        line_of(case.change.object.parent(), case.wanted_text("type")),
    );
    let mut there: Vec<(i64, i64)> = Vec::new();
    for object in case.survey.wanted.org.of(case.kind()) {
        if line_of(
            object.key().parent(),
            object.text_at("type").unwrap_or_default(),
        ) != line
        {
            continue;
        }
        let live = matching
            .live(object.key())
            .and_then(|key| case.survey.live.org.get(key));
        there.extend(live.and_then(|live| Some((priority(live)?, priority(object)?))));
    }
    there.sort_unstable();
    let in_order = there.is_sorted_by(|a, b| a.1 < b.1);
    let live_line = line_of(
        case.change.live.as_ref().and_then(Key::parent),
        case.live_text("type"),
    );
    let strangers = case.survey.live.org.of(case.kind()).any(|object| {
        !matching.is_wanted(object.key())
            && line_of(
                object.key().parent(),
                object.text_at("type").unwrap_or_default(),
            ) == live_line
    });
    in_order && !strangers
}

fn line_of(owner: Option<Key>, class: &str) -> (Option<Key>, String) {
    let class = if owner.is_some() {
        String::new()
    } else {
        class.to_owned()
    };
    (owner, class)
}

fn priority(object: &Object) -> Option<i64> {
    object.body().get("priority")?.as_i64()
}

fn has_gaps(case: &Case<'_>) -> bool {
    let owner = case
        .change
        .object
        .parent()
        .and_then(|owner| case.survey.wanted.org.get(&owner));
    let class = owner.map_or_else(
        || case.wanted_text("type"),
        |owner| owner.text_at("type").unwrap_or_default(),
    );
    WITH_GAPS.contains(&class)
}

/// Members of Okta's own policies and rules that Okta decides.
const OKTAS: &[&str] = &["name", "priority", "conditions", "system"];
/// Policy types whose priorities keep their gaps when one is deleted.
const WITH_GAPS: &[&str] = &[
    "ACCESS_POLICY",
    "PROFILE_ENROLLMENT",
    "POST_AUTH_SESSION",
    "ENTITY_RISK",
    "DEVICE_SIGNAL_COLLECTION",
];
