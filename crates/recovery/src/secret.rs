//! Which places hold secrets, so that differences and plans never show them. It only ever hides too much. A plan holds the
//! place of a secret instead; the value is taken from the snapshot when the step is carried out.

use serde_json::{Value, json};

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

/// `body` with every secret replaced by its place.
pub(crate) fn sealed(body: Value) -> Value {
    seal("", body)
}

fn seal(place: &str, value: Value) -> Value {
    let below = |name: &str| {
        if place.is_empty() {
            name.to_owned()
        } else {
            format!("{place}.{name}")
        }
    };
    match value {
        Value::String(_) if is_secret(place) => json!({MARK: place}),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, member)| (name.clone(), seal(&below(&name), member)))
            .collect(),
        Value::Array(items) => {
            let items = items.into_iter().enumerate();
            items
                .map(|(at, item)| seal(&below(&at.to_string()), item))
                .collect()
        }
        other => other,
    }
}

/// Puts the secrets of `wanted` back into a sealed body; hands back the place of one that `wanted` lacks.
pub(crate) fn fill(body: &mut Value, wanted: &Value) -> Result<(), String> {
    match body {
        Value::Object(members) => {
            let place = members.get(MARK).and_then(Value::as_str).map(str::to_owned);
            if let Some(place) = place.filter(|_| members.len() == 1) {
                let pointer = format!("/{}", place.replace('.', "/"));
                *body = wanted.pointer(&pointer).cloned().ok_or(place)?;
                return Ok(());
            }
            members
                .values_mut()
                .try_for_each(|member| fill(member, wanted))
        }
        Value::Array(items) => items.iter_mut().try_for_each(|item| fill(item, wanted)),
        _ => Ok(()),
    }
}

/// Stands in a plan where a secret is; its value is the place.
const MARK: &str = "$secret";
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
const OWNERS: &[&str] = &[
    "authScheme",
    "headers",
    "password",
    "hash",
    "recovery_question",
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_hidden_wherever_they_stand() {
        let body = json!({"oauthClient": {"client_id": "x", "client_secret": "hush"}, "authScheme": {"value": "hush"}});
        let text = shown("", &body).to_string();
        assert!(!text.contains("hush") && text.contains("\"x\""));
        assert_eq!(shown("a.client_secret", &json!("hush")), json!("(secret)"));
        let mut back = sealed(body.clone());
        assert!(!back.to_string().contains("hush"));
        fill(&mut back, &body).unwrap();
        assert_eq!(back, body);
        assert_eq!(
            fill(&mut sealed(body), &json!({})),
            Err("oauthClient.client_secret".to_owned())
        );
        assert_eq!(shown("a.client_secret", &Value::Null), Value::Null);
    }
}
