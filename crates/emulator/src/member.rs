//! Members of JSON bodies, read and written without a chance to panic. Knows nothing of what they mean.

use serde_json::{Map, Value};

/// Writes the value at a plain place (`_links.self`), making the objects on the way; a way that leads through something else
/// than an object is not followed.
pub(crate) fn set(body: &mut Value, place: &str, value: impl Into<Value>) {
    let (way, name) = place.rsplit_once('.').unwrap_or(("", place));
    let mut at = body;
    for step in way.split('.').filter(|step| !step.is_empty()) {
        let Some(members) = at.as_object_mut() else {
            return;
        };
        at = members
            .entry(step)
            .or_insert_with(|| Value::Object(Map::new()));
    }
    if let Some(members) = at.as_object_mut() {
        members.insert(name.to_owned(), value.into());
    }
}

/// The text at a plain place (`profile.login`), if there is one.
pub(crate) fn text<'a>(body: &'a Value, place: &str) -> Option<&'a str> {
    place
        .split('.')
        .try_fold(body, |at, name| at.get(name))?
        .as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_is_written_and_found_at_any_depth() {
        let mut body = json!({"profile": {"login": "ada@example.com"}});
        set(&mut body, "status", "ACTIVE");
        set(&mut body, "_links.self.href", "https://acme.example.com");
        assert_eq!(text(&body, "profile.login"), Some("ada@example.com"));
        assert_eq!(
            text(&body, "_links.self.href"),
            Some("https://acme.example.com")
        );
        assert_eq!(text(&body, "profile.email"), None);
    }

    #[test]
    fn what_is_no_object_stays_as_it_is() {
        let mut body = json!({"list": [1]});
        set(&mut body, "list.first", 2);
        assert_eq!(body, json!({"list": [1]}));
    }
}
