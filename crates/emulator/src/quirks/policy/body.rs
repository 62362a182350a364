//! What Okta makes of the bodies of policies and rules beside filling in defaults.

use crate::Context;
use serde_json::{Map, Value, json};

/// An enrollment policy lists every authenticator of the org; those the caller does not name are not allowed.
pub(super) fn complete_authenticators(ctx: &Context<'_>, policy: &mut Value) {
    if super::type_of(policy) != "MFA_ENROLL" {
        return;
    }
    let known = ctx.all("authenticator");
    let Some(listed) = policy
        .pointer_mut("/settings/authenticators")
        .and_then(Value::as_array_mut)
    else {
        return;
    };
    for authenticator in known {
        let key = authenticator.text_at("key").unwrap_or_default();
        let id = authenticator.key().id();
        let several = SEVERAL.contains(&key);
        let mut same = listed
            .iter_mut()
            .filter(|entry| entry.get("key").and_then(Value::as_str) == Some(key));
        let named = if several {
            same.any(|entry| entry.get("id").and_then(Value::as_str) == Some(&id))
        } else {
            same.next().is_some()
        };
        if named {
            continue;
        }
        let mut entry = Map::new();
        entry.insert("key".to_owned(), json!(key));
        if several {
            entry.insert("id".to_owned(), json!(id));
        }
        entry.insert("enroll".to_owned(), json!({"self": "NOT_ALLOWED"}));
        listed.push(Value::Object(entry));
    }
}

/// Leaves out what says nothing, and what the way of verification does not know.
pub(super) fn tidy_rule(rule: &mut Value) {
    if let Some(conditions) = rule.get_mut("conditions").and_then(Value::as_object_mut) {
        tidy_platform(conditions);
        tidy_people(conditions);
    }
    if let Some(method) = rule
        .pointer_mut("/actions/appSignOn/verificationMethod")
        .and_then(Value::as_object_mut)
        && method.get("type").and_then(Value::as_str) == Some("AUTH_METHOD_CHAIN")
    {
        method.shift_remove("factorMode");
        method.shift_remove("inactivityPeriod");
    }
    if let Some(actions) = rule
        .pointer_mut("/actions/postAuthSession/failureActions")
        .and_then(Value::as_array_mut)
    {
        for action in actions.iter_mut().filter_map(Value::as_object_mut) {
            action.entry("slo").or_insert(Value::Null);
        }
    }
}

fn tidy_platform(conditions: &mut Map<String, Value>) {
    let Some(platform) = conditions
        .get_mut("platform")
        .and_then(Value::as_object_mut)
    else {
        return;
    };
    if platform.is_empty() {
        conditions.shift_remove("platform");
        return;
    }
    platform.entry("exclude").or_insert_with(|| json!([]));
    for list in platform.values_mut().filter_map(Value::as_array_mut) {
        for os in list
            .iter_mut()
            .filter_map(|entry| entry.get_mut("os"))
            .filter_map(Value::as_object_mut)
        {
            if os.get("expression") == Some(&Value::Null) {
                os.shift_remove("expression");
            }
        }
    }
}

fn tidy_people(conditions: &mut Map<String, Value>) {
    let Some(people) = conditions.get_mut("people").and_then(Value::as_object_mut) else {
        return;
    };
    let says_nothing = |lists: &Value| {
        lists.as_object().is_some_and(|lists| {
            lists
                .values()
                .all(|list| list.as_array().is_some_and(Vec::is_empty))
        })
    };
    if people.get("groups").is_some_and(says_nothing) {
        people.shift_remove("groups");
    }
    if let Some(users) = people.get_mut("users").and_then(Value::as_object_mut)
        && users
            .get("include")
            .and_then(Value::as_array)
            .is_some_and(Vec::is_empty)
    {
        users.shift_remove("include");
    }
}

/// Authenticators an org may have several of; policies name them by id.
const SEVERAL: &[&str] = &["custom_app", "external_idp", "custom_otp"];
