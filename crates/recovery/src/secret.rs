//! Which places hold secrets, so that differences and plans never show them. It only ever hides too much.

use serde_json::Value;

/// `value` as shown to people: a secret, or anything below one, is hidden.
pub(crate) fn shown(place: &str, value: &Value) -> Value {
    if is_secret(place) && !value.is_null() {
        return Value::String(HIDDEN.to_owned());
    }
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), shown(&format!("{place}.{name}"), member)))
            .collect(),
        Value::Array(items) => items.iter().map(|item| shown(place, item)).collect(),
        other => other.clone(),
    }
}

fn is_secret(place: &str) -> bool {
    let mut parts = place
        .rsplit('.')
        .filter(|part| !part.bytes().all(|b| b.is_ascii_digit()));
    let name = parts.next().unwrap_or_default();
    let owner = parts.next().unwrap_or_default();
    NAMES.contains(&name) || (name == "value" && OWNERS.contains(&owner))
}

/// What is shown instead.
const HIDDEN: &str = "(secret)";
/// Members that are secret wherever they stand.
const NAMES: &[&str] = &[
    "client_secret",
    "clientSecret",
    "secret",
    "secretKey",
    "sharedSecret",
    "password",
    "passphrase",
    "hash",
    "salt",
    "answer",
    "token",
    "apiToken",
    "privateKey",
    "d",
];
/// Members whose `value` is secret.
const OWNERS: &[&str] = &["authScheme", "password", "hash", "recovery_question"];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_hidden_wherever_they_stand() {
        let body = json!({"oauthClient": {"client_id": "x", "client_secret": "hush"}, "authScheme": {"value": "hush"}});
        let text = shown("credentials", &body).to_string();
        assert!(!text.contains("hush") && text.contains("\"x\""));
        assert_eq!(shown("a.client_secret", &json!("hush")), json!("(secret)"));
        assert_eq!(shown("a.client_secret", &Value::Null), Value::Null);
    }
}
