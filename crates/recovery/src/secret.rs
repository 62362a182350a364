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
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.to_ascii_lowercase();
    NAMES.contains(&plain.as_str())
        || ENDINGS.iter().any(|ending| plain.ends_with(ending))
        || (name == "value" && OWNERS.contains(&owner))
}

/// `body` with every secret replaced by its place.
pub(crate) fn sealed(mut body: Value) -> Value {
    each(&mut body, &mut |pointer, value| {
        *value = json!({MARK: pointer})
    });
    body
}

/// Where `body` holds a secret that is another one in `wanted`, or none there: the first such place, as a JSON pointer.
pub(crate) fn changed(body: &Value, wanted: &Value) -> Option<String> {
    let mut found = None;
    each(&mut body.clone(), &mut |pointer, value| {
        if found.is_none() && wanted.pointer(pointer) != Some(value) {
            found = Some(pointer.to_owned());
        }
    });
    found
}

/// Shows every secret of `body` with its JSON pointer.
fn each(body: &mut Value, show: &mut dyn FnMut(&str, &mut Value)) {
    walk("", "", body, show);
}

fn walk(place: &str, pointer: &str, value: &mut Value, show: &mut dyn FnMut(&str, &mut Value)) {
    let mut below = |name: &str, value: &mut Value| {
        let escaped = name.replace('~', "~0").replace('/', "~1");
        walk(
            &format!("{place}.{name}"),
            &format!("{pointer}/{escaped}"),
            value,
            show,
        );
    };
    match value {
        Value::Object(members) => members
            .iter_mut()
            .for_each(|(name, member)| below(name, member)),
        Value::Array(items) => items
            .iter_mut()
            .enumerate()
            .for_each(|(at, item)| below(&at.to_string(), item)),
        Value::String(_) if is_secret(place) => show(pointer, value),
        _ => {}
    }
}

/// Puts the secrets of `wanted` back into a sealed body; hands back the place of one that `wanted` lacks.
pub(crate) fn fill(body: &mut Value, wanted: &Value) -> Result<(), String> {
    match body {
        Value::Object(members) => {
            let place = members.get(MARK).and_then(Value::as_str).map(str::to_owned);
            if let Some(place) = place.filter(|_| members.len() == 1) {
                *body = wanted.pointer(&place).cloned().ok_or(place)?;
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

/// Stands in a plan where a secret is; its value is the place, as a JSON pointer.
const MARK: &str = "$secret";
/// What is shown instead.
const HIDDEN: &str = "(secret)";
/// Members that are secret wherever they stand; written small, letters and digits only. The short ones are the private parts of a
/// JSON Web Key (RFC 7518, section 6).
const NAMES: &[&str] = &[
    "hash", "salt", "answer", "d", "p", "q", "dp", "dq", "qi", "k",
];
/// How names of secrets end: `client_secret`, `adminPassword`, `api-key`. Apps of the integration network choose their own.
const ENDINGS: &[&str] = &[
    "secret",
    "password",
    "passphrase",
    "token",
    "apikey",
    "accesskey",
    "secretkey",
    "sharedkey",
    "signingkey",
    "privatekey",
    "serviceaccountjson",
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
            Err("/oauthClient/client_secret".to_owned())
        );
        assert_eq!(shown("a.client_secret", &Value::Null), Value::Null);
    }

    #[test]
    fn apps_name_their_secrets_as_they_like() {
        let body = json!({"settings": {"app": {"adminPassword": "hush", "api_key": "hush", "my.app/apiToken": "hush", "realm": "x"}}});
        let mut sealed = sealed(body.clone());
        assert!(!sealed.to_string().contains("hush") && sealed.to_string().contains("\"x\""));
        fill(&mut sealed, &body).unwrap();
        assert_eq!(sealed, body);
        assert!(!shown("", &body).to_string().contains("hush"));
        assert_eq!(changed(&body, &body), None);
        let rotated = json!({"settings": {"app": {"adminPassword": "new"}}});
        assert_eq!(
            changed(&rotated, &body).unwrap(),
            "/settings/app/adminPassword"
        );
    }
}
