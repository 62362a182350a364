//! Members of JSON bodies, read and written without a chance to panic. Knows nothing of what they mean.

use serde_json::Value;

/// Writes a member; a body that is no object stays as it is.
pub(crate) fn set(body: &mut Value, name: &str, value: impl Into<Value>) {
    if let Some(members) = body.as_object_mut() {
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
    fn a_text_is_found_at_any_depth_and_written_at_the_top() {
        let mut body = json!({"profile": {"login": "ada@example.com"}});
        set(&mut body, "status", "ACTIVE");
        assert_eq!(text(&body, "profile.login"), Some("ada@example.com"));
        assert_eq!(text(&body, "status"), Some("ACTIVE"));
        assert_eq!(text(&body, "profile.email"), None);
        let mut list = json!([1]);
        set(&mut list, "status", "ACTIVE");
        assert_eq!(list, json!([1]));
    }
}
