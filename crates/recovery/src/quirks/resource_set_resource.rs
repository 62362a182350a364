//! Resources of a resource set: listed as objects of their own, added by naming an ORN or a URL.

use crate::plan::draft::{Case, Drafts};
use crate::plan::step::Action;
use serde_json::{Value, json};

pub(super) fn refine(case: &Case<'_>, drafts: &mut Drafts) {
    let Some(wanted) = case.wanted else { return };
    for step in drafts
        .steps
        .iter_mut()
        .filter(|step| step.action == Action::Create)
    {
        let conditions = wanted
            .body()
            .get("conditions")
            .cloned()
            .unwrap_or_else(|| json!({}));
        step.body =
            Some(json!({"resourceOrnOrUrl": address(wanted.body()), "conditions": conditions}));
    }
}

/// What the resource is named by: its ORN, or the link to it.
pub(super) fn address(resource: &Value) -> Option<&str> {
    let orn = resource.get("orn").and_then(Value::as_str);
    let links = [
        "/_links/self/href",
        "/_links/resource/href",
        "/_links/users/href",
        "/_links/groups/href",
    ];
    orn.or_else(|| links.iter().find_map(|at| resource.pointer(at)?.as_str()))
}
