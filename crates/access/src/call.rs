//! One call to Okta as parsed: an operation of the catalog with its values. Nothing raw of the caller's request is in it,
//! so whatever is sent to Okta is rebuilt from here. Never shows query values or a body in `Debug`.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use catalog::{Operation, Unbuildable};
use serde_json::Value;

/// A call to Okta: which operation, with which values.
#[derive(Clone)]
pub struct Call {
    /// The operation.
    pub operation: &'static Operation,
    /// Path parameters by name, decoded, in template order.
    pub params: Vec<(String, String)>,
    /// Query pairs, decoded, in the caller's order.
    pub query: Vec<(String, String)>,
    /// The request body, if there is one.
    pub body: Option<Body>,
    /// What of the caller's headers goes on to Okta.
    pub forward: Forward,
    /// How long the caller waits for its turn where Okta's rate budget does not do for all; `None` when it does not say.
    pub wait: Option<Duration>,
}

/// A request body.
#[derive(Clone, PartialEq, Eq)]
pub struct Body {
    /// Media type, lower case, with no parameter but the boundary of a multipart body.
    pub content_type: String,
    /// The bytes as the caller wrote them.
    pub bytes: Bytes,
}

/// The few headers that go on to Okta; all others end at the gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forward {
    /// `User-Agent`: Okta asks gateways to pass on the originating client's.
    pub user_agent: Option<String>,
    /// `X-Forwarded-For`, nearest hop last: Okta evaluates its network zones on it when the sender is a trusted proxy.
    pub forwarded_for: Vec<IpAddr>,
    /// `If-Match`.
    pub if_match: Option<String>,
    /// `Accept`.
    pub accept: Option<String>,
    /// Value of the `okta-response` parameter which callers put into `Content-Type` (`omitCredentials,omitCredentialsLinks`):
    /// sent as `Content-Type: application/json; okta-response="…"`.
    pub okta_response: Option<String>,
}

/// An operation that is not in the catalog, or values that do not fit its path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownOperation {
    /// No operation has this id.
    #[error("the catalog has no operation `{0}`")]
    Id(String),
    /// The values do not fit the operation's path.
    #[error(transparent)]
    Path(#[from] Unbuildable),
}

impl Call {
    /// A call of the operation with this id and these path parameters, without query and body.
    ///
    /// # Errors
    /// [`UnknownOperation`], when there is no such operation or no canonical path can be built from the values.
    pub fn new(operation_id: &str, params: &[(&str, &str)]) -> Result<Self, UnknownOperation> {
        let operation = catalog::operations()
            .by_id(operation_id)
            .ok_or_else(|| UnknownOperation::Id(operation_id.to_owned()))?;
        operation.path(params)?;
        let ordered = operation.path_parameters().filter_map(|name| {
            let (_, value) = params.iter().find(|(given, _)| *given == name)?;
            Some((name.to_owned(), (*value).to_owned()))
        });
        Ok(Self {
            operation,
            params: ordered.collect(),
            query: Vec::new(),
            body: None,
            forward: Forward::default(),
            wait: None,
        })
    }

    /// The same call with one more query pair.
    #[must_use]
    pub fn with_query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same call with this JSON body, replacing any other.
    #[must_use]
    pub fn with_json(self, value: &Value) -> Self {
        self.with_body("application/json", value.to_string().into_bytes())
    }

    /// The same call with this body, replacing any other.
    #[must_use]
    pub fn with_body(mut self, content_type: &str, bytes: impl Into<Bytes>) -> Self {
        self.body = Some(Body {
            content_type: content_type.to_owned(),
            bytes: bytes.into(),
        });
        self
    }

    /// The value of a path parameter.
    pub fn param(&self, name: &str) -> Option<&str> {
        let (_, value) = self.params.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    /// Path and query in canonical form, percent-encoded where needed: what the request line to Okta carries.
    ///
    /// # Errors
    /// [`Unbuildable`], when a path parameter is missing or cannot stand in a path.
    pub fn target(&self) -> Result<String, Unbuildable> {
        self.operation
            .target(&pairs(&self.params), &pairs(&self.query))
    }

    /// Method, operation and path in words, for people: no query values, no body.
    pub fn describe(&self) -> String {
        let operation = self.operation;
        let path = operation.path(&pairs(&self.params));
        let path = path.unwrap_or_else(|_| operation.template.to_owned());
        format!("{} {} ({})", operation.method, path, operation.id)
    }
}

fn pairs(owned: &[(String, String)]) -> Vec<(&str, &str)> {
    owned
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

impl fmt::Debug for Call {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Call")
            .field("what", &self.describe())
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} bytes of {}", self.bytes.len(), self.content_type)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_call_is_built_by_operation_and_shows_neither_query_nor_body() {
        let call = Call::new("getUser", &[("id", "ana@example.com")])
            .unwrap()
            .with_query("fields", "hush")
            .with_json(&json!({"password": "hush"}));
        assert_eq!(call.param("id"), Some("ana@example.com"));
        assert_eq!(
            call.describe(),
            "GET /api/v1/users/ana@example.com (getUser)"
        );
        assert!(!format!("{call:?}").contains("hush"));
    }

    #[test]
    fn unknown_operations_and_unfit_values_are_refused() {
        assert_eq!(
            Call::new("dropTable", &[]).unwrap_err(),
            UnknownOperation::Id("dropTable".to_owned())
        );
        for values in [&[][..], &[("id", "..")], &[("id", "a"), ("x", "b")]] {
            let refused = Call::new("getUser", values).unwrap_err();
            assert!(matches!(refused, UnknownOperation::Path(_)), "{values:?}");
        }
    }
}
