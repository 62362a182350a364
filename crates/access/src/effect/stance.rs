//! How well an object protects: its values at the places that `okta/effects.toml` judges, and what of them is looser in a body. Keeps
//! nothing else of an object.

use std::collections::HashMap;
use std::sync::LazyLock;

use catalog::resource::resources;
use catalog::{Kind, Operation, unnamed};
use serde_json::Value;

use super::reading::{Judged, Way, judged_of};

/// The values of one object at the judged places of its type, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stance {
    of: &'static [Judged],
    values: Vec<Option<Value>>,
}

impl PartialEq for Judged {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
    }
}

impl Eq for Judged {}

/// Whether objects of this resource type are judged.
pub fn is_judged(name: &str) -> bool {
    judged_of(name).is_some()
}

/// The judged resource type whose object an operation makes or writes.
pub fn judged_type(operation: &Operation) -> Option<&'static str> {
    static TYPES: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
        let mut types = HashMap::new();
        for kind in resources().iter().filter(|kind| is_judged(&kind.name)) {
            let item = unnamed(&kind.item_path());
            let created = kind.verbs.create.as_deref();
            let writes = catalog::operations().iter().filter(|one| {
                created == Some(one.id)
                    || (matches!(one.kind, Kind::Replace | Kind::Update)
                        && unnamed(one.template) == item)
            });
            types.extend(writes.map(|one| (one.id, kind.name.as_str())));
        }
        types
    });
    TYPES.get(operation.id).copied()
}

impl Stance {
    /// The stance of an object of this resource type; `None` for types that are not judged.
    pub fn of(name: &str, body: &Value) -> Option<Self> {
        let of = judged_of(name)?;
        let values = of.iter().map(|judged| value_at(judged, body)).collect();
        Some(Self { of, values })
    }

    /// The same object in another state.
    pub fn switch(&mut self, status: &str) {
        for (judged, value) in self.of.iter().zip(&mut self.values) {
            if judged.place.as_str() == "status" {
                *value = Some(Value::from(status));
            }
        }
    }

    /// The judged places at which a body is looser. What a partial one leaves out stays as it was.
    pub fn loosened_by(&self, body: &Value, partial: bool) -> Vec<&'static str> {
        let before = self.of.iter().zip(&self.values);
        let looser = before.filter(|(judged, before)| {
            let after = value_at(judged, body);
            (after.is_some() || !partial) && is_looser(judged, before.as_ref(), after.as_ref())
        });
        looser.map(|(judged, _)| judged.place.as_str()).collect()
    }
}

/// The judged places at which a new object of this resource type protects little.
pub(super) fn weak_from_birth(name: &str, body: &Value) -> Vec<&'static str> {
    let judged = judged_of(name).unwrap_or_default().iter();
    let weak = judged.filter(|judged| {
        let around = judged.around.as_ref();
        let within = around.is_none_or(|around| around.first(body).is_some());
        let value = value_at(judged, body).or_else(|| judged.absent.clone());
        within && value.is_some_and(|value| judged.fresh.contains(&value))
    });
    weak.map(|judged| judged.place.as_str()).collect()
}

/// The value of a place; of one in lists, all values. `None` where it is absent or null.
fn value_at(judged: &Judged, body: &Value) -> Option<Value> {
    let found = judged.place.values(body);
    if judged.place.as_str().contains("[]") {
        return Some(Value::Array(found.into_iter().cloned().collect()));
    }
    found.into_iter().find(|value| !value.is_null()).cloned()
}

fn is_looser(judged: &Judged, before: Option<&Value>, after: Option<&Value>) -> bool {
    let before = before.or(judged.absent.as_ref());
    let after = after.or(judged.absent.as_ref());
    if before == after {
        return false;
    }
    let missing = |these: Option<&Value>, those: Option<&Value>| {
        let list =
            |value: Option<&'_ Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
        let those = list(those);
        list(these).iter().any(|one| !those.contains(one))
    };
    match &judged.way {
        Way::Order(order) => rank(order, after) > rank(order, before),
        Way::More(endless) => {
            amount(after, *endless, i64::MAX) > amount(before, *endless, i64::MAX)
        }
        Way::Less => amount(after, None, 0) < amount(before, None, 0),
        Way::Grows => missing(after, before),
        Way::Shrinks => missing(before, after),
        Way::Changed => true,
    }
}

/// How loose a value is: what is not in the order, or absent, is the loosest.
fn rank(order: &[Value], value: Option<&Value>) -> usize {
    let at = value.and_then(|value| order.iter().position(|one| one == value));
    at.unwrap_or(usize::MAX)
}

/// A number, or the seconds of a duration; what is neither is the loosest.
fn amount(value: Option<&Value>, endless: Option<i64>, loosest: i64) -> i64 {
    let number = match value {
        Some(Value::Number(number)) => number.as_i64(),
        Some(Value::String(text)) => seconds(text),
        _ => None,
    };
    number
        .filter(|number| Some(*number) != endless)
        .unwrap_or(loosest)
}

fn seconds(text: &str) -> Option<i64> {
    let span: jiff::Span = text.parse().ok()?;
    let day = jiff::SpanRelativeTo::days_are_24_hours();
    let length = span.to_duration(day).ok()?;
    Some(length.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rule(action: &Value) -> Value {
        json!({"status": "ACTIVE", "conditions": {"network": {"connection": "ZONE", "include": ["nzo1"]}}, "actions": action})
    }

    fn loosened(before: &Value, after: &Value) -> Vec<&'static str> {
        let stance = Stance::of("policy-rule", before).unwrap();
        stance.loosened_by(after, false)
    }

    #[test]
    fn less_protection_is_seen_and_more_is_not() {
        let strict = rule(
            &json!({"appSignOn": {"access": "DENY", "verificationMethod": {"factorMode": "2FA", "reauthenticateIn": "PT2H"}}}),
        );
        let loose = rule(
            &json!({"appSignOn": {"access": "ALLOW", "verificationMethod": {"factorMode": "1FA", "reauthenticateIn": "PT12H"}}}),
        );
        let all = [
            "actions.appSignOn.access",
            "actions.appSignOn.verificationMethod.factorMode",
            "actions.appSignOn.verificationMethod.reauthenticateIn",
        ];
        assert_eq!(loosened(&strict, &loose), all);
        assert_eq!(loosened(&loose, &strict), [""; 0]);
        assert_eq!(loosened(&strict, &strict), [""; 0]);
    }

    #[test]
    fn a_session_without_end_is_the_longest() {
        let session = |minutes: u32| {
            rule(
                &json!({"signon": {"requireFactor": true, "session": {"maxSessionLifetimeMinutes": minutes}}}),
            )
        };
        let place = ["actions.signon.session.maxSessionLifetimeMinutes"];
        assert_eq!(loosened(&session(60), &session(120)), place);
        assert_eq!(loosened(&session(60), &session(0)), place);
        assert_eq!(loosened(&session(0), &session(60)), [""; 0]);
        let without = rule(&json!({"signon": {"session": {"maxSessionLifetimeMinutes": 60}}}));
        assert_eq!(
            loosened(&session(60), &without),
            ["actions.signon.requireFactor"]
        );
    }

    #[test]
    fn a_zone_taken_out_and_a_rule_switched_off_loosen() {
        let before = rule(&json!({}));
        let mut after = before.clone();
        after["conditions"]["network"]["include"] = json!([]);
        assert_eq!(loosened(&before, &after), ["conditions.network"]);
        let mut after = before.clone();
        after["status"] = json!("INACTIVE");
        assert_eq!(loosened(&before, &after), ["status"]);
        let mut after = before.clone();
        after["conditions"]["people"] = json!({"users": {"exclude": ["00u1"]}});
        assert_eq!(
            loosened(&before, &after),
            ["conditions.people.users.exclude[]"]
        );
    }

    #[test]
    fn what_a_partial_body_leaves_out_stays() {
        let before = rule(&json!({"signon": {"requireFactor": true}}));
        let stance = Stance::of("policy-rule", &before).unwrap();
        let named = json!({"name": "new"});
        assert_eq!(stance.loosened_by(&named, true), [""; 0]);
        assert!(!stance.loosened_by(&named, false).is_empty());
    }

    #[test]
    fn a_new_rule_without_a_second_factor_is_weak() {
        let weak = |body: &Value| weak_from_birth("policy-rule", body).len();
        assert_eq!(
            weak(&json!({"actions": {"signon": {"access": "ALLOW"}}})),
            1
        );
        assert_eq!(
            weak(&json!({"actions": {"signon": {"requireFactor": true}}})),
            0
        );
        assert_eq!(
            weak(&json!({"actions": {"passwordChange": {"access": "ALLOW"}}})),
            0
        );
    }

    #[test]
    fn operations_that_write_judged_objects_are_known() {
        let named = |id| judged_type(catalog::operations().by_id(id).unwrap());
        assert_eq!(named("replacePolicyRule"), Some("policy-rule"));
        assert_eq!(named("createPolicyRule"), Some("policy-rule"));
        assert_eq!(named("replaceNetworkZone"), Some("zone"));
        assert_eq!(named("replaceUser"), None);
    }
}
