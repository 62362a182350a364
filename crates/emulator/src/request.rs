//! A request as it arrives at the emulated org. Plain values: nothing here knows HTTP's wire format or Okta's routes.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

/// A request to the emulated org.
#[derive(Debug, Clone)]
pub struct Request {
    /// HTTP method.
    pub method: Method,
    /// Path and query as sent (`/api/v1/users?limit=2`).
    pub target: String,
    /// Headers; `authorization` is a secret, and [`http::HeaderValue`] hides it when marked sensitive.
    pub headers: HeaderMap,
    /// Body; empty when there is none.
    pub body: Bytes,
}

impl Request {
    /// A request without headers or body.
    pub fn new(method: Method, target: impl Into<String>) -> Self {
        Self {
            method,
            target: target.into(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    /// The same request with a JSON body.
    #[must_use]
    pub fn with_json(mut self, body: &serde_json::Value) -> Self {
        self.body = Bytes::from(body.to_string());
        self.with_header(http::header::CONTENT_TYPE, "application/json")
    }

    /// The same request with one more header; a value that is no header text is left out.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(mut value) = HeaderValue::from_str(value) {
            value.set_sensitive(name == http::header::AUTHORIZATION);
            self.headers.append(name, value);
        }
        self
    }

    /// The same request, presenting an API token.
    #[must_use]
    pub fn with_token(self, token: &str) -> Self {
        self.with_header(http::header::AUTHORIZATION, &format!("SSWS {token}"))
    }
}
