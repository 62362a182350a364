//! Custom roles: Okta creates none without permissions, so that the role's creation carries all of them.

use crate::plan::draft::{Case, Drafts};
use crate::plan::step::Action;
use org::Kind;
use serde_json::{Value, json};

pub(super) fn refine(case: &Case<'_>, drafts: &mut Drafts) {
    let Some(step) = drafts
        .steps
        .iter_mut()
        .find(|step| step.action == Action::Create)
    else {
        return;
    };
    let Some(permission) = Kind::named("custom-role-permission") else {
        return;
    };
    let owned = case
        .survey
        .wanted
        .org
        .children(permission, case.change.object.path());
    // A permission with conditions is created on its own: the role's creation takes labels only.
    let plain = owned.filter(|object| object.body().get("conditions").is_none_or(Value::is_null));
    step.covers = plain
        .map(|object| object.key().clone())
        .filter(|key| case.survey.removed.contains(key))
        .collect();
    if let Some(body) = &mut step.body {
        body["permissions"] = json!(step.covers.iter().map(org::Key::id).collect::<Vec<_>>());
    }
    step.firm = &["permissions"];
}
