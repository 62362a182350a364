//! One call, taken apart: the operation it means, its parameters, its body. Behaviours read it; nothing changes it.

use crate::{Error, member};
use bytes::Bytes;
use catalog::{Operation, Recognised};
use http::HeaderMap;
use serde_json::{Map, Value};

/// A recognised call.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// What is asked for.
    pub operation: &'static Operation,
    /// Canonical path.
    pub path: String,
    /// Path parameters in the template's order, decoded.
    pub params: Vec<String>,
    /// Query pairs in their order, decoded.
    pub query: Vec<(String, String)>,
    /// The query as sent.
    pub raw_query: String,
    /// Headers.
    pub headers: HeaderMap,
    /// The body as JSON; `None` when there is none or it is of another media type.
    pub body: Option<Value>,
    /// The body as sent.
    pub bytes: Bytes,
}

impl Call {
    /// Takes a request apart. JSON that is not well-formed is Okta's `E0000003`.
    pub(crate) fn new(
        recognised: Recognised<'_>,
        raw_query: &str,
        headers: HeaderMap,
        bytes: Bytes,
    ) -> Result<Self, Error> {
        let media = headers
            .get(http::header::CONTENT_TYPE)
            .and_then(|v| v.to_str().ok())
            .unwrap_or("application/json");
        let body = if bytes.is_empty() || !media.contains("json") {
            None
        } else {
            Some(serde_json::from_slice(&bytes).map_err(|_| Error::new("E0000003"))?)
        };
        Ok(Self {
            operation: recognised.operation,
            path: recognised.path.into_owned(),
            params: recognised
                .parameters
                .into_iter()
                .map(|(_, value)| value.into_owned())
                .collect(),
            query: recognised
                .query
                .into_iter()
                .map(|(n, v)| (n.into_owned(), v.into_owned()))
                .collect(),
            raw_query: raw_query.to_owned(),
            headers,
            body,
            bytes,
        })
    }

    /// The path parameter at `position`, or an empty text.
    pub(crate) fn param(&self, position: usize) -> &str {
        self.params.get(position).map_or("", String::as_str)
    }

    /// The last path parameter, or an empty text.
    pub(crate) fn last_param(&self) -> &str {
        self.params.last().map_or("", String::as_str)
    }

    /// The first query value of that name.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// A truth value in the query; clients write `true` and `True`. `default` when absent.
    pub(crate) fn flag(&self, name: &str, default: bool) -> bool {
        self.query(name)
            .map_or(default, |value| value.eq_ignore_ascii_case("true"))
    }

    /// Whether the comma-separated query value `name` holds `word`.
    pub(crate) fn asks(&self, name: &str, word: &str) -> bool {
        self.query(name)
            .is_some_and(|value| value.split(',').any(|part| part.trim() == word))
    }

    /// The body as a JSON object; anything else is Okta's `E0000003`.
    pub(crate) fn object(&self) -> Result<&Map<String, Value>, Error> {
        self.body
            .as_ref()
            .and_then(Value::as_object)
            .ok_or_else(|| Error::new("E0000003"))
    }

    /// A member of the body, if the body is an object that has it.
    pub(crate) fn member(&self, name: &str) -> Option<&Value> {
        self.body.as_ref()?.get(name)
    }

    /// The text at a plain place of the body (`password.value`), if there is one.
    pub(crate) fn text(&self, place: &str) -> Option<&str> {
        member::text(self.body.as_ref()?, place)
    }

    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
