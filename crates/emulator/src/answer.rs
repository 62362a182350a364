//! What a behaviour says: a reply that still holds its body as a JSON value. The engine makes an answer of it.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

/// What a behaviour says: status, headers, body. The engine adds date, request id, rate limits and content type.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reply {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers beside those the engine adds.
    pub headers: HeaderMap,
    /// Body.
    pub body: Content,
}

/// Body of a reply.
#[derive(Debug, Clone, Default)]
pub(crate) enum Content {
    /// None.
    #[default]
    Nothing,
    /// JSON.
    Json(Value),
    /// Anything else: media type and text.
    Text(&'static str, String),
}

impl Reply {
    /// 200 and `body`.
    pub(crate) fn ok(body: Value) -> Self {
        Self::with(StatusCode::OK, body)
    }

    /// 201 and `body`.
    pub(crate) fn created(body: Value) -> Self {
        Self::with(StatusCode::CREATED, body)
    }

    /// `status` and `body`.
    pub(crate) fn with(status: StatusCode, body: Value) -> Self {
        Self {
            status,
            body: Content::Json(body),
            ..Self::default()
        }
    }

    /// 200 and `{}`.
    pub(crate) fn empty_object() -> Self {
        Self::ok(Value::Object(serde_json::Map::new()))
    }

    /// 204.
    pub(crate) fn no_content() -> Self {
        Self::bare(StatusCode::NO_CONTENT)
    }

    /// `status` without a body.
    pub(crate) fn bare(status: StatusCode) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    /// 200 and text of another media type.
    pub(crate) fn text(media: &'static str, text: String) -> Self {
        Self {
            body: Content::Text(media, text),
            ..Self::default()
        }
    }

    /// The same reply with one more header; a value that is no header text is left out.
    #[must_use]
    pub(crate) fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.append(name, value);
        }
        self
    }

    /// The same reply without `Link` headers.
    #[must_use]
    pub(crate) fn without_links(mut self) -> Self {
        self.headers.remove(http::header::LINK);
        self
    }
}
