//! Places inside a JSON document, written as Okta's docs write them: `settings.signOn.ssoAcsUrl`,
//! `conditions.people.groups.include[]`, `profile.*`, `**.groupIds[]`.
//!
//! `.` steps into a member, `[]` visits every element of an array, `*` visits every member, and a leading or
//! inner `**` stands for any number of steps. A pattern only finds places; it never says what they mean.

use serde_json::Value;
use std::fmt;

/// A parsed pattern. Cost of a visit: one comparison per member on the way, no allocation but the visited path.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Pattern {
    text: String,
    steps: Vec<Step>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Step {
    Member(String),
    AnyMember,
    Elements,
    AnyDepth,
}

impl Pattern {
    /// Parses `text`; fails on an empty step (`a..b`).
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let mut steps = Vec::new();
        for part in text.split('.') {
            let name = part.trim_end_matches("[]");
            let arrays = (part.len() - name.len()) / 2;
            match name {
                "" if arrays == 0 => return Err(PatternError(text.to_owned())),
                "" => {}
                "**" => steps.push(Step::AnyDepth),
                "*" => steps.push(Step::AnyMember),
                _ => steps.push(Step::Member(name.to_owned())),
            }
            steps.extend(std::iter::repeat_n(Step::Elements, arrays));
        }
        Ok(Self {
            text: text.to_owned(),
            steps,
        })
    }

    /// Every value the pattern reaches in `body`, in document order.
    pub fn values<'a>(&self, body: &'a Value) -> Vec<&'a Value> {
        let mut found = Vec::new();
        collect(&self.steps, body, &mut found);
        found
    }

    /// The first value reached, if any.
    pub fn first<'a>(&self, body: &'a Value) -> Option<&'a Value> {
        self.values(body).into_iter().next()
    }

    /// Lets `change` edit every value the pattern reaches.
    pub fn edit(&self, body: &mut Value, change: &mut dyn FnMut(&mut Value)) {
        edit(&self.steps, body, change);
    }

    /// Removes every member the pattern reaches (an array element stays: arrays are values, not records).
    pub fn remove(&self, body: &mut Value) {
        if let Some((last, way)) = self.steps.split_last() {
            edit(way, body, &mut |at| match (last, at) {
                (Step::Member(name), Value::Object(members)) => {
                    members.shift_remove(name);
                }
                (Step::AnyMember, Value::Object(members)) => members.clear(),
                _ => {}
            });
        }
    }

    /// Whether the concrete dotted path `path` (array positions written as numbers or `[]`) is one the pattern reaches,
    /// or lies below such a place.
    pub fn covers(&self, path: &str) -> bool {
        let parts: Vec<&str> = path.split('.').filter(|p| !p.is_empty()).collect();
        covers(&self.steps, &parts)
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

fn collect<'a>(steps: &[Step], at: &'a Value, found: &mut Vec<&'a Value>) {
    let Some((step, rest)) = steps.split_first() else {
        found.push(at);
        return;
    };
    match (step, at) {
        (Step::Member(name), Value::Object(members)) => {
            if let Some(next) = members.get(name) {
                collect(rest, next, found);
            }
        }
        (Step::AnyMember, Value::Object(members)) => {
            members.values().for_each(|v| collect(rest, v, found))
        }
        (Step::Elements, Value::Array(items)) => items.iter().for_each(|v| collect(rest, v, found)),
        (Step::AnyDepth, _) => {
            collect(rest, at, found);
            match at {
                Value::Object(members) => members.values().for_each(|v| collect(steps, v, found)),
                Value::Array(items) => items.iter().for_each(|v| collect(steps, v, found)),
                _ => {}
            }
        }
        _ => {}
    }
}

fn edit(steps: &[Step], at: &mut Value, change: &mut dyn FnMut(&mut Value)) {
    let Some((step, rest)) = steps.split_first() else {
        change(at);
        return;
    };
    match (step, at) {
        (Step::Member(name), Value::Object(members)) => {
            if let Some(next) = members.get_mut(name) {
                edit(rest, next, change);
            }
        }
        (Step::AnyMember, Value::Object(members)) => {
            members.values_mut().for_each(|v| edit(rest, v, change))
        }
        (Step::Elements, Value::Array(items)) => {
            items.iter_mut().for_each(|v| edit(rest, v, change))
        }
        (Step::AnyDepth, at) => {
            edit(rest, at, change);
            match at {
                Value::Object(members) => members.values_mut().for_each(|v| edit(steps, v, change)),
                Value::Array(items) => items.iter_mut().for_each(|v| edit(steps, v, change)),
                _ => {}
            }
        }
        _ => {}
    }
}

fn covers(steps: &[Step], parts: &[&str]) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        return true;
    };
    if let Step::AnyDepth = step {
        return (0..=parts.len()).any(|skip| parts.get(skip..).is_some_and(|p| covers(rest, p)));
    }
    let Some((part, below)) = parts.split_first() else {
        return false;
    };
    let here = match step {
        Step::Member(name) => part == name,
        Step::AnyMember => true,
        Step::Elements => *part == "[]" || part.bytes().all(|b| b.is_ascii_digit()),
        Step::AnyDepth => false,
    };
    here && covers(rest, below)
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({})", self.text)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A pattern with an empty step.
#[derive(Debug, thiserror::Error)]
#[error("pattern `{0}` has an empty step")]
pub struct PatternError(String);

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pattern(text: &str) -> Pattern {
        Pattern::parse(text).unwrap()
    }

    #[test]
    fn members_elements_and_any_depth_are_found() {
        let body =
            json!({"actions": {"assign": {"groupIds": ["a", "b"]}}, "x": [{"groupIds": ["c"]}]});
        assert_eq!(
            pattern("actions.assign.groupIds[]").values(&body),
            [&json!("a"), &json!("b")]
        );
        assert_eq!(pattern("**.groupIds[]").values(&body).len(), 3);
        assert_eq!(pattern("actions.*.groupIds[]").values(&body).len(), 2);
        assert!(pattern("actions.groupIds[]").values(&body).is_empty());
    }

    #[test]
    fn removal_leaves_the_rest_untouched() {
        let mut body = json!({"id": 1, "a": [{"id": 2, "n": 3}], "b": null});
        pattern("a[].id").remove(&mut body);
        assert_eq!(body, json!({"id": 1, "a": [{"n": 3}], "b": null}));
    }

    #[test]
    fn concrete_paths_are_covered_with_all_that_lies_below() {
        assert!(pattern("_links").covers("_links.self.href"));
        assert!(pattern("a[].id").covers("a.0.id"));
        assert!(pattern("**.kid").covers("credentials.signing.kid"));
        assert!(!pattern("profile.login").covers("profile"));
        assert!(Pattern::parse("a..b").is_err());
    }
}
