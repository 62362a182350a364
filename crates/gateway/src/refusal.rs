//! A request that is not answered by Okta: what is told to the caller, and what to the audit trail. They differ: a stranger
//! learns nothing, the trail everything.

use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde_json::json;

use crate::gateway::Reply;
use crate::reply;
use crate::table::Kind;

/// Why a request got no further.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) kind: Kind,
    /// Why, in one word, for the trail.
    pub(crate) reason: Cow<'static, str>,
    /// What the caller is told beyond the table's sentence.
    pub(crate) causes: Vec<String>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Refusal {
    pub(crate) fn new(kind: Kind, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            reason: reason.into(),
            causes: Vec::new(),
            headers: Vec::new(),
        }
    }

    pub(crate) fn because(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The answer in Okta's shape. `error_id` is what a caller can quote.
    pub(crate) fn into_reply(self, error_id: &str) -> Reply {
        let row = self.kind.row();
        let causes: Vec<_> = self
            .causes
            .iter()
            .map(|cause| json!({ "errorSummary": cause }))
            .collect();
        let body = json!({
            "errorCode": row.code,
            "errorSummary": row.summary,
            "errorLink": row.code,
            "errorId": error_id,
            "errorCauses": causes,
        });
        let mut headers: HeaderMap = self.headers.into_iter().collect();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-cache, no-store"),
        );
        reply::of(row.status, headers, Bytes::from(body.to_string()))
    }
}

/// An id in the form of Okta's: `oae` and 22 characters. Unique enough to find an entry by; not a secret.
pub(crate) fn error_id() -> String {
    let digits = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let half = || u128::from(RandomState::new().hash_one(0_u8));
    let mut rest = (half() << 64) | half();
    let mut id = String::from("oae");
    for _ in 0..22 {
        let digit = usize::try_from(rest % 62).unwrap_or_default();
        id.push(digits.get(digit).copied().map_or('0', char::from));
        rest /= 62;
    }
    id
}
