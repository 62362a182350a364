//! Resource sets: Okta creates none without resources, so that the set's creation carries them.

use super::resource_set_resource::address;
use crate::plan::draft::{Case, Drafts};
use crate::plan::step::Action;
use org::Kind;
use serde_json::json;

pub(super) fn refine(case: &Case<'_>, drafts: &mut Drafts) {
    let Some(step) = drafts
        .steps
        .iter_mut()
        .find(|step| step.action == Action::Create)
    else {
        return;
    };
    let Some(resource) = Kind::named("resource-set-resource") else {
        return;
    };
    let owned = case
        .survey
        .wanted
        .org
        .children(resource, case.change.object.path());
    let carried: Vec<_> = owned
        .filter(|object| case.survey.removed.contains(object.key()))
        .filter_map(|object| Some((object.key().clone(), address(object.body())?)))
        .collect();
    if let Some(body) = &mut step.body {
        body["resources"] = json!(
            carried
                .iter()
                .map(|(_, address)| address)
                .collect::<Vec<_>>()
        );
    }
    step.covers = carried.into_iter().map(|(key, _)| key).collect();
    step.firm = &["resources"];
}
