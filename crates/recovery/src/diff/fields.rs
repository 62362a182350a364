//! Members that differ between two bodies, with the value on either side. Absent, null and empty are three values.

use crate::secret;
use serde::Serialize;
use serde_json::Value;
use std::fmt;

/// One member that differs.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct FieldChange {
    /// Where: members and positions joined by dots (`conditions.people.groups.include.0`).
    pub place: String,
    /// Value before; left out when there was none. Secrets are hidden already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// Value after; left out when there is none. Secrets are hidden already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

impl fmt::Debug for FieldChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} -> {}",
            self.place,
            side(self.before.as_ref()),
            side(self.after.as_ref())
        )
    }
}

/// A value as shown on one line.
pub(super) fn side(value: Option<&Value>) -> String {
    value.map_or_else(|| "(none)".to_owned(), Value::to_string)
}

/// The members in which two bodies differ, in the order of the first, then those only the second has.
pub(super) fn compare(before: &Value, after: &Value) -> Vec<FieldChange> {
    let mut found = Vec::new();
    walk("", Some(before), Some(after), &mut found);
    found
}

fn walk(place: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<FieldChange>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            let only_new = new.keys().filter(|name| !old.contains_key(*name));
            for name in old.keys().chain(only_new) {
                walk(&below(place, name), old.get(name), new.get(name), found);
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) if old.len() == new.len() => {
            for (at, (old, new)) in old.iter().zip(new).enumerate() {
                walk(&below(place, &at.to_string()), Some(old), Some(new), found);
            }
        }
        _ => found.push(FieldChange {
            place: place.to_owned(),
            before: before.map(|value| secret::shown(place, value)),
            after: after.map(|value| secret::shown(place, value)),
        }),
    }
}

fn below(place: &str, name: &str) -> String {
    if place.is_empty() {
        name.to_owned()
    } else {
        format!("{place}.{name}")
    }
}
