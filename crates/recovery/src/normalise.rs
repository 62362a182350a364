//! Bodies made comparable: without what Okta assigns, and with arrays whose order means nothing in one order. The original
//! is never changed, and absent, null and empty stay three different things.

use org::Kind;
use serde_json::Value;

/// `body` without the kind's server-assigned places and with its unordered arrays sorted.
pub fn normalise(kind: Kind, body: &Value) -> Value {
    let mut body = writable(kind, body);
    sort_unordered(kind, &mut body);
    body
}

/// `body` without the kind's server-assigned places, in the order Okta sent: what may be written back.
pub(crate) fn writable(kind: Kind, body: &Value) -> Value {
    let mut body = body.clone();
    for place in &kind.facts().readonly {
        place.remove(&mut body);
    }
    body
}

/// Sorts the arrays whose order means nothing; done again after ids were translated.
pub(crate) fn sort_unordered(kind: Kind, body: &mut Value) {
    for place in &kind.facts().unordered {
        place.edit(body, &mut |value| {
            if let Value::Array(items) = value {
                items.sort_by_cached_key(Value::to_string);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn assigned_places_go_and_the_three_kinds_of_nothing_stay() {
        let kind = Kind::named("group-rule").unwrap();
        let body = json!({
            "id": "0pr1", "created": "x", "_links": {}, "name": null, "note": "", "allGroupsValid": true,
            "actions": {"assignUserToGroups": {"groupIds": ["b", "a"]}},
        });
        let expected = json!({"name": null, "note": "", "actions": {"assignUserToGroups": {"groupIds": ["a", "b"]}}});
        assert_eq!(normalise(kind, &body), expected);
        assert_ne!(
            normalise(kind, &json!({"name": null})),
            normalise(kind, &json!({}))
        );
    }
}
