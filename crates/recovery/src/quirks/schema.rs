//! Schemas: written in part, custom properties and those base properties that differ. A property the snapshot does not have is
//! taken away (sent as null) only when extras are to go, because all values of the attribute go with it; or from the schema of
//! a new user type, which copies the default type's when nobody has values yet.

use crate::matching::last_segment;
use crate::plan::draft::{Case, Drafts};
use crate::plan::note::Why;
use crate::plan::step::Action;
use org::{Object, Org};
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
    let copied = copied(case);
    custom.extend(surplus(case, &copied));
    let required = |object: Option<&Object>| {
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
    let mut base = differing(case, "base", &mut Vec::new());
    if case.live.is_none() {
        // What the schema comes with is right already; nothing can be told of one that copies no other.
        base.retain(|name, wanted| {
            let mut others = copied.iter().map(|schema| properties(schema, "base"));
            others.any(|other| other.is_some_and(|other| other.get(name) != Some(&*wanted)))
        });
    }
    if !base.is_empty() {
        definitions.insert("base".to_owned(), part("#base", base));
    }
    definitions
}

fn part(id: &str, properties: Map<String, Value>) -> Value {
    json!({"id": id, "type": "object", "properties": properties})
}

/// The wanted properties that the org has otherwise or not at all; names of those only the org has go to `extra`.
fn differing(case: &Case<'_>, part: &str, extra: &mut Vec<String>) -> Map<String, Value> {
    let of = |object: Option<&Object>| {
        let properties = object.and_then(|object| properties(object, part));
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

/// The default type's schema as a new user type may find it: as the org has it now, and as it will be when it is restored.
/// Empty for any other schema.
fn copied<'a>(case: &Case<'a>) -> Vec<&'a Object> {
    let own = &case.change.object;
    let Some(owner) = own
        .parent()
        .filter(|owner| owner.kind().name() == "user-type" && case.live.is_none())
    else {
        return Vec::new();
    };
    let of = |org: &'a Org| {
        let mut types = org.of(owner.kind());
        let default = types.find(|one| one.body().get("default") == Some(&Value::Bool(true)))?;
        org.get(&default.key().child(own.kind(), &own.id()))
    };
    [&case.survey.live.org, &case.survey.wanted.org]
        .into_iter()
        .filter_map(of)
        .map(AsRef::as_ref)
        .collect()
}

/// The custom properties that come with the copy and are not wanted, each to be taken away.
fn surplus(case: &Case<'_>, copied: &[&Object]) -> Vec<(String, Value)> {
    let wanted = case.wanted.and_then(|wanted| properties(wanted, "custom"));
    let names = copied
        .iter()
        .filter_map(|schema| properties(schema, "custom"))
        .flat_map(Map::keys)
        .filter(|name| wanted.is_none_or(|wanted| !wanted.contains_key(*name)));
    names.map(|name| (name.clone(), Value::Null)).collect()
}

fn properties<'a>(schema: &'a Object, part: &str) -> Option<&'a Map<String, Value>> {
    schema
        .body()
        .pointer(&format!("/definitions/{part}/properties"))?
        .as_object()
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

#[cfg(test)]
mod tests {
    use crate::plan::{Options, plan};
    use crate::sample::{id, put};
    use crate::{IdMap, Image, Selection, diff};
    use org::Org;
    use serde_json::{Value, json};

    fn schema(org: &mut Org, of: &str, base: &Value, custom: &Value) {
        let definitions = json!({"base": {"properties": base}, "custom": {"properties": custom}});
        let user_type = id("oty", of);
        let link = format!(
            "https://acme.okta.com/api/v1/meta/schemas/user/{}",
            id("osc", of)
        );
        put(
            org,
            "user-type",
            &[&user_type],
            json!({"name": of, "default": of == "default", "_links": {"schema": {"href": link}}}),
        );
        let body = json!({"title": of, "definitions": definitions});
        put(org, "user-schema", &[&user_type, "user-schema"], body);
    }

    /// What is sent to the schema of the lost type `crew`.
    fn sent(wanted: Org, live: Org) -> Option<Value> {
        let (wanted, live) = (Image::whole(wanted), Image::whole(live));
        let changes = diff(&wanted, &live, &Selection::All, &IdMap::default());
        let plan = plan(&changes, &wanted, &live, &Options::default()).unwrap();
        let mut steps = plan.steps.into_iter();
        let written = steps.find(|step| {
            let of_crew = step.object.ids().first() == Some(&id("oty", "crew"));
            of_crew && step.object.kind().name() == "user-schema"
        });
        written.map(|step| step.body.unwrap().0["definitions"].clone())
    }

    #[test]
    fn a_new_type_loses_the_custom_attributes_it_copies_and_never_had() {
        let title = json!({"title": {"type": "string"}});
        let (mut wanted, mut live) = (Org::new(), Org::new());
        let (badge, shoe) = (json!({"type": "string"}), json!({"type": "number"}));
        schema(&mut wanted, "default", &title, &json!({"badge": badge}));
        schema(&mut wanted, "crew", &title, &json!({"shoe": shoe}));
        schema(&mut live, "default", &title, &json!({"since": badge}));
        // `badge` is there if the default schema is restored before the type is made, and `since` if not.
        let custom = json!({"shoe": shoe, "badge": null, "since": null});
        let expected = json!({"custom": {"id": "#custom", "type": "object", "properties": custom}});
        assert_eq!(sent(wanted, live), Some(expected));
    }

    #[test]
    fn a_new_type_that_is_as_the_default_one_needs_no_write() {
        let (title, badge) = (json!({"title": {"type": "string"}}), json!({}));
        let (mut wanted, mut live) = (Org::new(), Org::new());
        schema(&mut wanted, "default", &title, &badge);
        schema(&mut wanted, "crew", &title, &badge);
        schema(&mut live, "default", &title, &badge);
        assert_eq!(sent(wanted, live), None);
    }

    #[test]
    fn a_new_type_gets_back_what_was_changed_of_its_base() {
        let (mut wanted, mut live) = (Org::new(), Org::new());
        let base = |longest: u8| json!({"title": {"maxLength": longest}, "city": {"maxLength": 9}});
        schema(&mut wanted, "default", &base(5), &json!({}));
        schema(&mut wanted, "crew", &base(7), &json!({}));
        schema(&mut live, "default", &base(5), &json!({}));
        let base = json!({"title": {"maxLength": 7}});
        let expected = json!({"base": {"id": "#base", "type": "object", "properties": base}});
        assert_eq!(sent(wanted, live), Some(expected));
    }
}
