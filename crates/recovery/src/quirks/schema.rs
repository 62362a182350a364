//! Schemas: written in part, custom properties and those base properties that differ. A property the snapshot does not have is
//! taken away (sent as null) only when extras are to go, because all values of the attribute go with it.

use crate::matching::last_segment;
use crate::plan::draft::{Case, Drafts};
use crate::plan::note::Why;
use crate::plan::step::Action;
use serde_json::{Map, Value, json};

pub(super) fn refine(case: &Case<'_>, drafts: &mut Drafts) {
    let Some(step) = drafts
        .steps
        .iter_mut()
        .find(|step| step.action == Action::Replace)
    else {
        return;
    };
    let mut extra = Vec::new();
    let custom = differing(case, "custom", &mut extra);
    let mut base = differing(case, "base", &mut Vec::new());
    if case.live.is_none() {
        base.clear();
    }
    let mut definitions = Map::new();
    if case.survey.options.prune {
        let gone = extra.iter().map(|name| (name.clone(), Value::Null));
        definitions.insert(
            "custom".to_owned(),
            part("#custom", custom.into_iter().chain(gone)),
        );
        extra.clear();
    } else if !custom.is_empty() {
        definitions.insert("custom".to_owned(), part("#custom", custom));
    }
    if !base.is_empty() {
        definitions.insert("base".to_owned(), part("#base", base));
    }
    step.ids = schema_id(case).into_iter().collect();
    step.body = Some(json!({"definitions": definitions}));
    let needless = definitions.is_empty();
    if needless {
        drafts.steps.retain(|step| step.action != Action::Replace);
    }
    if !extra.is_empty() {
        let text = format!(
            "only the org has {}; kept, because their values would be lost",
            extra.join(", ")
        );
        drafts.notes.push(case.note(Why::Extra, text));
    }
}

fn part(id: &str, properties: impl IntoIterator<Item = (String, Value)>) -> Value {
    let properties: Map<String, Value> = properties.into_iter().collect();
    json!({"id": id, "type": "object", "properties": properties})
}

/// The wanted properties that the org has otherwise or not at all; names of those only the org has go to `extra`.
fn differing(case: &Case<'_>, part: &str, extra: &mut Vec<String>) -> Map<String, Value> {
    let at = format!("/definitions/{part}/properties");
    let of = |object: Option<&org::Object>| {
        let properties = object
            .and_then(|object| object.body().pointer(&at))
            .and_then(Value::as_object);
        properties.cloned().unwrap_or_default()
    };
    let (wanted, live) = (of(case.wanted), of(case.live));
    extra.extend(
        live.keys()
            .filter(|name| !wanted.contains_key(*name))
            .cloned(),
    );
    wanted
        .into_iter()
        .filter(|(name, property)| live.get(name) != Some(property))
        .collect()
}

/// The id in the link from the owner, or none for the one schema of groups.
fn schema_id(case: &Case<'_>) -> Option<String> {
    let owner = case.survey.wanted.org.get(&case.change.object.parent()?)?;
    let link = case.kind().facts().listing.follow.as_ref()?;
    Some(last_segment(link, owner.body())?.to_owned())
}
