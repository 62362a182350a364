//! Profile mappings: Okta makes one together with its app or identity provider. A missing one is therefore looked up once its
//! owner stands, and then written; always with every property, because Okta's clients lost the others when they sent a part.

use crate::ids::IdMap;
use crate::matching::natural_key;
use crate::plan::draft::{Case, Drafts, Phase};
use crate::plan::step::{Action, Told};
use crate::{SourceId, What};
use serde_json::{Map, Value, json};

pub(super) fn refine(case: &Case<'_>, drafts: &mut Drafts) {
    let Some(wanted) = case.wanted else { return };
    let verbs = &case.kind().facts().verbs;
    let (Some(list), Some(replace)) = (&verbs.list, &verbs.replace) else {
        return;
    };
    if case.change.what != What::Removed {
        for step in drafts
            .steps
            .iter_mut()
            .filter(|step| step.action == Action::Replace)
        {
            let written = step
                .body
                .as_ref()
                .and_then(|body| body.get("properties"))
                .and_then(Value::as_object);
            step.body = Some(json!({"properties": properties(case, written)}));
        }
        return;
    }
    let end = |name: &str| {
        wanted
            .body()
            .pointer(&format!("/{name}/id"))
            .and_then(Value::as_str)
    };
    let (Some(source), Some(target)) = (end("source"), end("target")) else {
        return;
    };
    let mut find = case.draft(
        Action::Find,
        Phase::Fill,
        list,
        "Okta made it with the object it maps",
    );
    find.ids.clear();
    find.query = vec![
        ("sourceId".to_owned(), source.to_owned()),
        ("targetId".to_owned(), target.to_owned()),
    ];
    find.recognise =
        natural_key(wanted, &IdMap::default()).and_then(|key| serde_json::from_str(&key).ok());
    find.answers = vec![Told {
        source: SourceId::from(wanted.key().id()),
        at: "id".to_owned(),
    }];
    drafts.notes.clear();
    drafts.steps.push(find);
    if wanted
        .body()
        .get("properties")
        .and_then(Value::as_object)
        .is_some_and(|properties| !properties.is_empty())
    {
        let mut write = case.draft(
            Action::Replace,
            Phase::Fill,
            replace,
            "a new mapping has Okta's defaults",
        );
        let written = wanted.body().get("properties").and_then(Value::as_object);
        write.body = Some(json!({"properties": properties(case, written)}));
        drafts.steps.push(write);
    }
}

/// Every property that is to stand, and null for those only the org has when extras are to go.
fn properties(case: &Case<'_>, written: Option<&Map<String, Value>>) -> Map<String, Value> {
    let mut properties = written.cloned().unwrap_or_default();
    let live = case
        .live
        .and_then(|live| live.body().get("properties"))
        .and_then(Value::as_object);
    if case.survey.options.prune && !case.change.partial {
        for name in live.into_iter().flat_map(Map::keys) {
            properties.entry(name.clone()).or_insert(Value::Null);
        }
    }
    properties
}
