//! People: made without activation and in up to twenty of their groups at once, which saves a call per membership; then led
//! to their state as far as Okta allows without a password. A person found deprovisioned is reactivated in place, which keeps
//! the id and all that hangs on it.

use crate::plan::draft::{Case, Draft, Drafts, Phase};
use crate::plan::note::Why;
use crate::plan::step::Action;
use crate::{Standing, What};
use org::Key;
use serde_json::{Map, Value, json};

pub(super) fn refine(case: &Case<'_>, drafts: &mut Drafts) {
    if case.change.standing != Standing::Made {
        return;
    }
    match case.change.what {
        What::Removed => {
            for step in drafts
                .steps
                .iter_mut()
                .filter(|step| step.action == Action::Create)
            {
                make(case, step);
            }
            lead(case, "STAGED", drafts);
        }
        What::Changed(_) => change(case, drafts),
        What::Created => remove(case, drafts),
    }
    drafts
        .steps
        .iter_mut()
        .for_each(|step| step.together = true);
}

/// A creation with profile, type and the groups that need no call of their own.
fn make(case: &Case<'_>, step: &mut Draft) {
    let joined = case
        .survey
        .memberships(&case.change.object.id())
        .iter()
        .filter(|membership| {
            let group = membership.parent();
            case.survey.removed.contains(*membership)
                && group.is_some_and(|group| {
                    !case.survey.is_ruled(&group.id()) && case.survey.is_at_hand(&group)
                })
        });
    step.covers = joined.take(GROUPS_PER_CREATION_MAX).cloned().collect();
    let mut body = person(step.body.as_ref());
    if !step.covers.is_empty() {
        let groups: Vec<String> = step
            .covers
            .iter()
            .filter_map(Key::parent)
            .map(|group| group.id())
            .collect();
        body.insert("groupIds".to_owned(), json!(groups));
    }
    step.body = Some(Value::Object(body));
    step.firm = &["groupIds"];
}

/// Profile and type of a body, the only writable members besides credentials, which are never known.
fn person(body: Option<&Value>) -> Map<String, Value> {
    let mut written = Map::new();
    if let Some(profile) = body.and_then(|body| body.get("profile")) {
        written.insert("profile".to_owned(), profile.clone());
    }
    if let Some(id) = body.and_then(|body| body.pointer("/type/id")) {
        written.insert("type".to_owned(), json!({"id": id}));
    }
    written
}

fn change(case: &Case<'_>, drafts: &mut Drafts) {
    let places = case.places();
    let profile = places
        .iter()
        .any(|place| place.starts_with("profile") || place.starts_with("type"));
    if !profile {
        drafts.steps.clear();
    } else if case.live_text("status") == "DEPROVISIONED"
        && case.wanted_text("status") == "DEPROVISIONED"
    {
        drafts.steps.clear();
        drafts.notes.push(case.note(
            Why::NoOperation,
            "Okta changes nothing of a deprovisioned person",
        ));
    }
    for step in drafts
        .steps
        .iter_mut()
        .filter(|step| step.action == Action::Replace)
    {
        step.body = Some(Value::Object(person(step.body.as_ref())));
        step.reason = format!(
            "{} differ",
            places
                .iter()
                .filter(|place| **place != "status")
                .copied()
                .collect::<Vec<_>>()
                .join(", ")
        );
    }
    if places.contains(&"status") {
        lead(case, case.live_text("status"), drafts);
    }
}

/// Leads the person from the state `now` to the wanted one, or as far as Okta goes without a password.
fn lead(case: &Case<'_>, now: &str, drafts: &mut Drafts) {
    let wanted = case.wanted_text("status");
    let usable = matches!(
        wanted,
        "PROVISIONED" | "ACTIVE" | "LOCKED_OUT" | "PASSWORD_EXPIRED" | "RECOVERY"
    );
    let step = match now {
        _ if wanted == now => None,
        "DEPROVISIONED" if usable => {
            // Before anything else: a deprovisioned person can neither be changed nor assigned.
            let mut step = state(
                case,
                Action::Activate,
                "activateUser",
                "reactivated in place, so that the id survives",
            );
            step.phase = Phase::Make;
            drafts.steps.insert(0, step);
            None
        }
        "STAGED" if usable => Some(state(
            case,
            Action::Activate,
            "activateUser",
            "no mail is sent",
        )),
        _ if wanted == "DEPROVISIONED" => Some(state(
            case,
            Action::Deactivate,
            "deactivateUser",
            "that was the state",
        )),
        "ACTIVE" if wanted == "SUSPENDED" => Some(state(
            case,
            Action::Deactivate,
            "suspendUser",
            "that was the state",
        )),
        "SUSPENDED" if usable => Some(state(
            case,
            Action::Activate,
            "unsuspendUser",
            "that was the state",
        )),
        "LOCKED_OUT" if wanted == "ACTIVE" => Some(state(
            case,
            Action::Activate,
            "unlockUser",
            "that was the state",
        )),
        _ => {
            let text = format!("no operation leads from {now} to {wanted}; it stays {now}");
            drafts.notes.push(case.note(Why::State, text));
            None
        }
    };
    drafts.steps.extend(step);
}

fn state(case: &Case<'_>, action: Action, operation: &str, reason: &str) -> Draft {
    let mut step = case.draft(action, Phase::Switch, operation, reason);
    if matches!(operation, "activateUser" | "deactivateUser") {
        step.query = vec![("sendEmail".to_owned(), "false".to_owned())];
    }
    step
}

/// A person is never deleted, which nobody can undo, but deactivated.
fn remove(case: &Case<'_>, drafts: &mut Drafts) {
    let asked = drafts
        .steps
        .iter()
        .any(|step| step.action == Action::Delete);
    drafts.steps.clear();
    if asked && case.live_text("status") != "DEPROVISIONED" {
        let mut step = state(
            case,
            Action::Deactivate,
            "deactivateUser",
            "the snapshot does not have the person",
        );
        step.phase = Phase::Delete;
        drafts.steps.push(step);
    }
}

/// Groups that a creation takes at most (Okta's `groupIds`).
const GROUPS_PER_CREATION_MAX: usize = 20;
