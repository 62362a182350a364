//! What an object has that its creator did not say: Okta's defaults, filled in under the caller's body.
//!
//! The caller's value always wins, `null` included; only absent members are filled, at every depth. Arrays are not merged.
//! The defaults are data (`birth.defaults` of `okta/resources/`); texts `"{{…}}"` in them are looked up in a [`Scope`].

use crate::ids::Ids;
use catalog::pattern::Pattern;
use catalog::resource::Birth;
use serde_json::{Map, Value};

/// What placeholders of defaults may name.
pub(crate) struct Scope<'a> {
    /// The new object's id.
    pub id: &'a str,
    /// Its owner's id, or nothing.
    pub owner: &'a str,
    /// Time of the call, as Okta writes it.
    pub now: String,
    /// User id of the caller.
    pub actor: String,
    /// Address of the org.
    pub base_url: &'a str,
    /// Id of the org.
    pub org_id: &'a str,
    /// Source of random texts.
    pub ids: &'a mut Ids,
    /// The caller's body.
    pub body: &'a Value,
}

/// Fills what `body` leaves out: first from the defaults of its variants, then from those of all (`*`).
pub(crate) fn fill(birth: &Birth, body: &mut Map<String, Value>, scope: &mut Scope<'_>) {
    let Some(defaults) = birth.defaults.as_ref().and_then(Value::as_object) else {
        return;
    };
    for name in variants(birth, scope.body) {
        if let Some(Value::Object(defaults)) = defaults.get(&name) {
            fill_members(body, defaults, scope);
        }
    }
}

/// Fills what an answered object leaves out; placeholders are places of it.
pub(crate) fn complete(
    members: &mut Map<String, Value>,
    defaults: &Map<String, Value>,
    whole: &Value,
    ids: &mut Ids,
) {
    let mut scope = Scope {
        id: "",
        owner: "",
        now: String::new(),
        actor: String::new(),
        base_url: "",
        org_id: "",
        ids,
        body: whole,
    };
    fill_members(members, defaults, &mut scope);
}

/// The variants of a body, most special first: all places together (`SAML_2_0 -`, `-` for absent), each alone, `*`.
fn variants(birth: &Birth, body: &Value) -> Vec<String> {
    let text = |at: &Pattern| {
        at.first(body)
            .and_then(Value::as_str)
            .unwrap_or("-")
            .to_owned()
    };
    let each: Vec<String> = birth.variant.iter().map(text).collect();
    let joint = (each.len() > 1).then(|| each.join(" "));
    joint
        .into_iter()
        .chain(each)
        .chain(["*".to_owned()])
        .collect()
}

fn fill_members(
    body: &mut Map<String, Value>,
    defaults: &Map<String, Value>,
    scope: &mut Scope<'_>,
) {
    for (name, default) in defaults {
        match (body.get_mut(name), default) {
            (None, default) => {
                if let Some(value) = resolve(default, scope) {
                    body.insert(name.clone(), value);
                }
            }
            (Some(Value::Object(inner)), Value::Object(defaults)) => {
                fill_members(inner, defaults, scope)
            }
            (Some(_), _) => {}
        }
    }
}

/// The value of a default; nothing if it names a place the body does not have.
pub(crate) fn resolve(default: &Value, scope: &mut Scope<'_>) -> Option<Value> {
    match default {
        Value::String(text) => resolve_text(text, scope),
        Value::Array(items) => Some(Value::Array(
            items
                .iter()
                .filter_map(|item| resolve(item, scope))
                .collect(),
        )),
        Value::Object(members) => {
            let resolved = members
                .iter()
                .filter_map(|(name, v)| Some((name.clone(), resolve(v, scope)?)));
            Some(Value::Object(resolved.collect()))
        }
        other => Some(other.clone()),
    }
}

fn resolve_text(text: &str, scope: &mut Scope<'_>) -> Option<Value> {
    if let Some(name) = text.strip_prefix("{{").and_then(|t| t.strip_suffix("}}"))
        && !name.contains("{{")
    {
        return placeholder(name, scope);
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}")?;
        out.push_str(before);
        match placeholder(name, scope)? {
            Value::String(value) => out.push_str(&value),
            other => out.push_str(&other.to_string()),
        }
        rest = after;
    }
    out.push_str(rest);
    Some(Value::String(out))
}

fn placeholder(name: &str, scope: &mut Scope<'_>) -> Option<Value> {
    let text = match name.trim() {
        "id" => scope.id.to_owned(),
        "parent" => scope.owner.to_owned(),
        "now" => scope.now.clone(),
        "uuid" => scope.ids.uuid(),
        "seconds" => scope.now.replace(".000Z", "Z"),
        "legacy-now" => legacy(&scope.now),
        "base" => scope.base_url.to_owned(),
        "host" => host(scope.base_url).to_owned(),
        "org" => scope.org_id.to_owned(),
        "actor" => scope.actor.clone(),
        other => match other.split_once(' ') {
            Some(("token", length)) => scope.ids.token(length.parse().ok()?),
            Some(("hex", length)) => scope.ids.hex(length.parse().ok()?),
            Some(("id", prefix)) => scope.ids.id(prefix, scope.now.parse().ok()?),
            _ => return Pattern::parse(other).ok()?.first(scope.body).cloned(),
        },
    };
    Some(Value::String(text))
}

/// The older form of a time that some types still have: `2025-01-01 00:00:00.0`.
pub(crate) fn legacy(stamp: &str) -> String {
    stamp.replace('T', " ").replace(".000Z", ".0")
}

/// Host and port of an address.
pub(crate) fn host(base_url: &str) -> &str {
    base_url
        .split_once("://")
        .map_or(base_url, |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn filled(defaults: Value, body: Value) -> Value {
        let birth = Birth {
            variant: Pattern::parse("type").into_iter().collect(),
            defaults: Some(defaults),
            ..Birth::default()
        };
        let mut members = body.as_object().cloned().unwrap_or_default();
        let mut ids = Ids::new(1);
        let mut scope = Scope {
            id: "x1",
            owner: "o1",
            now: "2025-01-01T00:00:00.000Z".to_owned(),
            actor: "00u1".to_owned(),
            base_url: "https://acme.example.com",
            org_id: "00o1",
            ids: &mut ids,
            body: &body,
        };
        fill(&birth, &mut members, &mut scope);
        Value::Object(members)
    }

    #[test]
    fn what_the_caller_says_wins_even_null() {
        let made = filled(
            json!({"*": {"a": 1, "b": {"c": 2, "d": 3}}}),
            json!({"a": null, "b": {"c": 9}}),
        );
        assert_eq!(made, json!({"a": null, "b": {"c": 9, "d": 3}}));
    }

    #[test]
    fn the_variant_comes_before_the_common_defaults() {
        let made = filled(
            json!({"*": {"usage": "any", "kept": true}, "IP": {"usage": "POLICY"}}),
            json!({"type": "IP"}),
        );
        assert_eq!(made, json!({"type": "IP", "usage": "POLICY", "kept": true}));
    }

    #[test]
    fn placeholders_take_values_and_leave_out_what_is_absent() {
        let defaults = json!({"*": {"self": "{{base}}/x/{{id}}", "copy": "{{list}}", "gone": "{{nothing}}", "at": "{{now}}",
            "template": "${source.login}", "in": "{{host}}"}});
        let made = filled(defaults, json!({"list": [1], "text": "{{id}}"}));
        let expected = json!({"list": [1], "text": "{{id}}", "self": "https://acme.example.com/x/x1", "copy": [1],
            "at": "2025-01-01T00:00:00.000Z", "template": "${source.login}", "in": "acme.example.com"});
        assert_eq!(made, expected);
    }
}
