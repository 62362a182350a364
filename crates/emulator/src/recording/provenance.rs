//! Whether a conversation stands on its own: every id its paths name was told by an earlier answer of the same conversation.
//!
//! Only Okta's 20-character ids need a teller. Names and labels that stand in a path (`default`, a schema's name, a login)
//! come from the client itself or are the same in every org, so they need none.

use super::{Body, Conversation};
use serde_json::Value;
use std::collections::HashSet;

/// Whether every 20-character id in a path was told by an earlier answer (body or header).
pub fn is_self_contained(conversation: &Conversation) -> bool {
    let mut told: HashSet<String> = HashSet::new();
    for one in &conversation.interactions {
        if one
            .path
            .split('/')
            .any(|segment| is_id(segment) && !told.contains(segment))
        {
            return false;
        }
        match &one.answer {
            Body::Json(value) => collect(value, &mut told),
            Body::Text(text) => tell(text, &mut told),
            Body::Absent | Body::Bytes(_) => {}
        }
        for value in one.answer_headers.values() {
            tell(value, &mut told);
        }
    }
    true
}

/// Whether a word looks like an id Okta made: 20 letters and digits, at least one digit.
fn is_id(word: &str) -> bool {
    word.len() == 20
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && word.bytes().any(|byte| byte.is_ascii_digit())
}

fn collect(value: &Value, told: &mut HashSet<String>) {
    match value {
        Value::String(text) => tell(text, told),
        Value::Array(items) => items.iter().for_each(|item| collect(item, told)),
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            tell(name, told);
            collect(value, told);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn tell(text: &str, told: &mut HashSet<String>) {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    told.extend(words.filter(|word| is_id(word)).map(str::to_owned));
}

#[cfg(test)]
mod tests {
    use super::super::read_lines;
    use super::*;

    fn conversation(calls: &[(&str, Value)]) -> Conversation {
        let line = |(seq, (path, answer)): (usize, &(&str, Value))| {
            let call = serde_json::json!({"src": "s", "cassette": "c", "seq": seq, "method": "GET", "path": path, "status": 200, "resp_body": answer});
            format!("{call}\n")
        };
        let lines: String = calls.iter().enumerate().map(line).collect();
        read_lines(lines.as_bytes()).unwrap().remove(0)
    }

    #[test]
    fn an_id_must_be_told_before_it_is_used() {
        let told = (
            "/api/v1/groups",
            serde_json::json!([{"id": "00g0123456789abcdefg"}]),
        );
        let used = ("/api/v1/groups/00g0123456789abcdefg", Value::Null);
        assert!(is_self_contained(&conversation(&[
            told.clone(),
            used.clone()
        ])));
        assert!(!is_self_contained(&conversation(&[used, told])));
    }

    #[test]
    fn an_id_told_inside_an_address_counts() {
        let told = (
            "/",
            serde_json::json!({"_links": {"self": {"href": "https://acme.example.com/api/v1/apps/0oa0123456789abcdefg"}}}),
        );
        assert!(is_self_contained(&conversation(&[
            told,
            ("/api/v1/apps/0oa0123456789abcdefg/users", Value::Null)
        ])));
    }

    #[test]
    fn names_need_no_teller() {
        assert!(is_self_contained(&conversation(&[(
            "/api/v1/authorizationServers/default",
            Value::Null
        )])));
        assert!(is_self_contained(&conversation(&[(
            "/api/v1/authorizationServersAbcd",
            Value::Null
        )])));
    }
}
