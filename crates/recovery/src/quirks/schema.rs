//! Schemas: written in part, custom properties and those base properties that differ. A property the snapshot does not have is
//! taken away (sent as null) only when extras are to go, because all values of the attribute go with it.

use crate::matching::last_segment;
use crate::plan::draft::{Case, Drafts};
use crate::plan::note::Why;
use crate::plan::step::Action;
use serde_json::{Map, Value, json};

pub(super) fn refine(case: &Case<'_>, drafts: &mut Drafts) {
    let Some(at) = drafts
        .steps
        .iter()
        .position(|step| step.action == Action::Replace)
    else {
        return;
    };
    let mut extra = Vec::new();
    let definitions = definitions(case, &mut extra);
    if definitions.is_empty() {
        drafts.steps.remove(at);
    } else if let Some(step) = drafts.steps.get_mut(at) {
        if let Some(id) = schema_id(case) {
            step.ids = vec![id];
        }
        step.body = Some(json!({"definitions": definitions}));
    }
    if !extra.is_empty() {
        let text = format!(
            "only the org has {}; kept, because their values would be lost",
            extra.join(", ")
        );
        drafts.notes.push(case.note(Why::Extra, text));
    }
}

/// The parts of the schema that are to be written; names of properties that only the org has and that stay go to `extra`.
fn definitions(case: &Case<'_>, extra: &mut Vec<String>) -> Map<String, Value> {
    let mut definitions = Map::new();
    let mut custom = differing(case, "custom", extra);
    if case.survey.options.prune && !case.change.partial {
        custom.extend(extra.drain(..).map(|name| (name, Value::Null)));
    }
    let required = |object: Option<&org::Object>| {
        object?
            .body()
            .pointer("/definitions/custom/required")
            .cloned()
    };
    let wanted = required(case.wanted);
    let says_nothing = |required: &Value| required.as_array().is_some_and(Vec::is_empty);
    // A new schema requires nothing by itself.
    let differs = match case.live {
        Some(_) => wanted != required(case.live),
        None => !wanted.as_ref().is_some_and(says_nothing),
    };
    if !custom.is_empty() || (differs && wanted.is_some()) {
        let mut part = part("#custom", custom);
        if let (Some(part), Some(required)) = (part.as_object_mut(), wanted.filter(|_| differs)) {
            part.insert("required".to_owned(), required);
        }
        definitions.insert("custom".to_owned(), part);
    }
    let base = differing(case, "base", &mut Vec::new());
    // A schema that comes with its owner copies the base of the default one.
    if !base.is_empty() && case.live.is_some() {
        definitions.insert("base".to_owned(), part("#base", base));
    }
    definitions
}

fn part(id: &str, properties: Map<String, Value>) -> Value {
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
        .filter(|(name, property)| live.get(name) != Some(property) && is_meant(case, part, name))
        .collect()
}

/// Whether the property is among the members that are meant.
fn is_meant(case: &Case<'_>, part: &str, name: &str) -> bool {
    let at = format!("definitions.{part}.properties.{name}");
    let inside = |place: &&str| {
        place
            .strip_prefix(&at)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    !case.change.partial || case.places().iter().any(inside)
}

/// The id in the link from the owner, where the schema is reached by one.
fn schema_id(case: &Case<'_>) -> Option<String> {
    let owner = case.survey.wanted.org.get(&case.change.object.parent()?)?;
    let link = case.kind().facts().listing.follow.as_ref()?;
    Some(last_segment(link, owner.body())?.to_owned())
}
