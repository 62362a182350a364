//! Security blocks → who Okta lets call an operation. Taken from the documents alone; never guessed from the method.

use anyhow::{Result, bail, ensure};
use serde_json::Value;

use super::document::Document;

/// What a security block says.
pub(crate) struct Security {
    /// OAuth scopes, all of which are required.
    pub(crate) scopes: Vec<String>,
    /// Why there are none.
    pub(crate) unscoped: Option<&'static str>,
    /// Whether an API token (`SSWS`) is accepted.
    pub(crate) ssws: bool,
}

impl Security {
    /// Reads the block of an operation.
    pub(crate) fn read(document: &Document, operation: &Value) -> Result<Self> {
        let Some(alternatives) = operation.get("security").and_then(Value::as_array) else {
            return Ok(Self {
                scopes: Vec::new(),
                unscoped: Some("undeclared"),
                ssws: false,
            });
        };
        let mut scopes = Vec::new();
        let (mut ssws, mut client) = (false, false);
        for (scheme, required) in alternatives.iter().filter_map(Value::as_object).flatten() {
            match document.scheme_kind(scheme)? {
                "oauth2" => {
                    ensure!(scopes.is_empty(), "two alternative lists of scopes");
                    let names = required
                        .as_array()
                        .into_iter()
                        .flatten()
                        .filter_map(Value::as_str);
                    scopes.extend(names.map(str::to_owned));
                    ensure!(!scopes.is_empty(), "an OAuth alternative without scopes");
                }
                "apiKey" => ssws = true,
                "http" => client = true,
                other => bail!("unknown kind of security scheme `{other}`"),
            }
        }
        let unscoped = match (scopes.is_empty(), ssws, client) {
            (false, _, _) => None,
            (true, true, _) => Some("token"),
            (true, false, true) => Some("client"),
            (true, false, false) => Some("public"),
        };
        Ok(Self {
            scopes,
            unscoped,
            ssws,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Security;
    use crate::catalog::document::Documents;

    fn read(operation: &Value) -> anyhow::Result<(Vec<String>, Option<&'static str>, bool)> {
        let schemes = json!({"oauth2": {"type": "oauth2"}, "apiToken": {"type": "apiKey"}, "basic": {"type": "http"}});
        let root = json!({"components": {"schemas": {}, "securitySchemes": schemes}});
        let documents = Documents::of("management", root)?;
        let document = documents.iter().next().unwrap();
        Security::read(document, operation).map(|read| (read.scopes, read.unscoped, read.ssws))
    }

    #[test]
    fn scopes_are_read_and_their_absence_has_a_reason() {
        let two = json!({"security": [{"apiToken": []}, {"oauth2": ["okta.apps.read", "okta.groups.read"]}]});
        assert_eq!(
            read(&two).unwrap(),
            (
                vec!["okta.apps.read".into(), "okta.groups.read".into()],
                None,
                true
            )
        );
        assert_eq!(
            read(&json!({"security": [{"apiToken": []}]})).unwrap(),
            (vec![], Some("token"), true)
        );
        assert_eq!(
            read(&json!({"security": [{"basic": []}]})).unwrap(),
            (vec![], Some("client"), false)
        );
        assert_eq!(
            read(&json!({"security": []})).unwrap(),
            (vec![], Some("public"), false)
        );
        assert_eq!(
            read(&json!({})).unwrap(),
            (vec![], Some("undeclared"), false)
        );
    }

    #[test]
    fn what_could_be_read_two_ways_stops_the_compilation() {
        let alternatives =
            json!({"security": [{"oauth2": ["okta.apps.read"]}, {"oauth2": ["okta.users.read"]}]});
        assert!(read(&alternatives).is_err());
        assert!(read(&json!({"security": [{"oauth2": []}]})).is_err());
        assert!(read(&json!({"security": [{"unheardOf": []}]})).is_err());
    }
}
