//! The attributes of a profile schema as Okta keeps them: merged from partial writes, defaults filled in, the list of required
//! ones kept true. Values that people have of them are not its business.

use crate::Error;
use serde_json::{Map, Value, json};

/// Applies a partial write to a schema: properties given replace those of the same name, `null` removes; tells the names
/// of the custom properties that are gone.
pub(in crate::quirks) fn apply(schema: &mut Value, given: &Value) -> Result<Vec<String>, Error> {
    for name in ["title", "description"] {
        if let (Some(value), Some(members)) = (
            given.get(name).filter(|v| v.is_string()),
            schema.as_object_mut(),
        ) {
            members.insert(name.to_owned(), value.clone());
        }
    }
    let mut gone = Vec::new();
    for part in ["custom", "base"] {
        let properties = given
            .get("definitions")
            .and_then(|d| d.get(part))
            .and_then(|p| p.get("properties"));
        let Some(Value::Object(properties)) = properties else {
            continue;
        };
        let definition = schema
            .get_mut("definitions")
            .and_then(|d| d.get_mut(part))
            .and_then(Value::as_object_mut);
        let Some(definition) = definition else {
            continue;
        };
        for (name, property) in properties {
            if property.is_null() {
                if part == "custom" && write_property(definition, name, None) {
                    gone.push(name.clone());
                }
                continue;
            }
            let property = settle(part, name, property, definition)?;
            write_property(definition, name, Some(property));
        }
    }
    Ok(gone)
}

/// A property as Okta keeps it: defaults filled in, `required` only when true.
fn settle(
    part: &str,
    name: &str,
    given: &Value,
    definition: &Map<String, Value>,
) -> Result<Value, Error> {
    let mut property = given
        .as_object()
        .cloned()
        .ok_or_else(|| Error::new("E0000003"))?;
    if part == "base" {
        let old = definition
            .get("properties")
            .and_then(|p| p.get(name))
            .and_then(Value::as_object);
        let mut merged = old.cloned().ok_or_else(|| {
            Error::invalid(name, [format!("{name}: No base property has this name.")])
        })?;
        merged.extend(property);
        property = merged;
    } else if property.get("type").and_then(Value::as_str).is_none() {
        return Err(Error::blank("type"));
    }
    property.retain(|_, value| !value.is_null());
    let defaults = [
        ("mutability", json!("READ_WRITE")),
        ("scope", json!("NONE")),
        (
            "permissions",
            json!([{"principal": "SELF", "action": "READ_ONLY"}]),
        ),
        ("master", json!({"type": OWN_MASTER})),
    ];
    for (member, default) in defaults {
        property.entry(member).or_insert(default);
    }
    if property.get("required") == Some(&Value::Bool(false)) {
        property.shift_remove("required");
    }
    Ok(Value::Object(property))
}

/// Writes or removes one property and keeps the list of required ones true; tells whether it was there. Okta leaves the list
/// out while there is no property at all (recorded, without exception).
fn write_property(
    definition: &mut Map<String, Value>,
    name: &str,
    property: Option<Value>,
) -> bool {
    let required = property
        .as_ref()
        .is_some_and(|p| p.get("required") == Some(&Value::Bool(true)));
    let mut was = false;
    if let Some(Value::Object(properties)) = definition.get_mut("properties") {
        was = match property {
            Some(property) => properties.insert(name.to_owned(), property).is_some(),
            None => properties.shift_remove(name).is_some(),
        };
    }
    let empty = definition
        .get("properties")
        .and_then(Value::as_object)
        .is_none_or(Map::is_empty);
    if empty {
        definition.shift_remove("required");
        return was;
    }
    let list = definition.entry("required").or_insert_with(|| json!([]));
    if let Value::Array(list) = list {
        list.retain(|known| known.as_str() != Some(name));
        if required {
            list.push(json!(name));
        }
    }
    was
}

/// Gives a master to every attribute without one. Of one answer either all attributes have one or none has (recorded, without
/// exception): it goes by the org, not by the attribute.
pub(in crate::quirks) fn master(schema: &mut Value) {
    for part in ["base", "custom"] {
        let properties = schema
            .get_mut("definitions")
            .and_then(|definitions| definitions.get_mut(part)?.get_mut("properties"))
            .and_then(Value::as_object_mut);
        for property in properties.into_iter().flat_map(Map::values_mut) {
            if let Value::Object(property) = property {
                let own = || json!({"type": OWN_MASTER});
                property.entry("master").or_insert_with(own);
            }
        }
    }
}

/// Whose word on an attribute counts if nothing else is said: the source of the person's profile.
const OWN_MASTER: &str = "PROFILE_MASTER";
