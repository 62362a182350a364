//! What Okta answered: status, headers and the body's bytes as they came. Nothing is parsed ahead of need, nothing dropped.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

/// One answer, complete. Its `Debug` shows neither headers nor body: Okta hands out client secrets, keys and sessions in them.
#[derive(Clone)]
pub struct Answer {
    /// HTTP status, any that Okta sends.
    pub status: StatusCode,
    /// Headers, without those that concern one connection only.
    pub headers: HeaderMap,
    /// The body, verbatim; empty when there was none.
    pub body: Bytes,
    /// Whether it answered an identical read of another caller's that was under way, and this one was not sent.
    pub merged: bool,
}

/// The members of Okta's error body that are looked at; only `errorCode` is contractual.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OktaError {
    /// Okta's code, `E` and seven digits.
    #[serde(default)]
    pub error_code: String,
    /// Okta's sentence about it.
    #[serde(default)]
    pub error_summary: String,
}

impl Answer {
    /// Okta's id of the request, the join key to its System Log (`debugContext.debugData.requestId`).
    pub fn request_id(&self) -> Option<&str> {
        self.header("x-okta-request-id")
    }

    /// The value of a header, if it is there once or more and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether the status is one of success.
    pub fn is_success(&self) -> bool {
        self.status.is_success()
    }

    /// Okta's error, when the status is not one of success and the body is shaped like one.
    pub fn error(&self) -> Option<OktaError> {
        if self.status.is_success() {
            return None;
        }
        let error: OktaError = serde_json::from_slice(&self.body).ok()?;
        (!error.error_code.is_empty()).then_some(error)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.body.len();
        let id = self.request_id().unwrap_or("none");
        write!(out, "{} with {bytes} bytes, request {id}", self.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &'static str) -> Answer {
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::from_static(body.as_bytes()),
            merged: false,
        }
    }

    #[test]
    fn what_okta_hands_out_is_not_in_debug() {
        let mut answer = answer(200, r#"{"client_secret":"hush"}"#);
        answer
            .headers
            .insert(http::header::SET_COOKIE, "sid=hush".parse().unwrap());
        assert_eq!(format!("{answer:?}"), "200 OK with 24 bytes, request none");
    }

    #[test]
    fn an_okta_error_is_read_only_from_a_failure_shaped_like_one() {
        let body = r#"{"errorCode":"E0000007","errorSummary":"Not found","errorCauses":[]}"#;
        assert_eq!(answer(404, body).error().unwrap().error_code, "E0000007");
        assert_eq!(answer(200, body).error(), None);
        assert_eq!(answer(404, r#"{"message":"no route"}"#).error(), None);
        assert_eq!(answer(502, "<html>bad gateway</html>").error(), None);
    }
}
