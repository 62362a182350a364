//! One notice: what happened, as JSON, signed so that whoever receives it can tell that it came from here and was not changed. Holds no
//! secret; what stands in it is for whoever stands behind the webhook to read.

use aws_lc_rs::{hmac, rand};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderValue, Request};
use http_body_util::Full;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use store::Secret;

/// A notice, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    id: String,
    event: &'static str,
    body: Bytes,
}

impl Notice {
    /// A notice of `event` (`elevation.asked`) in `org` at `at`, with further facts by name.
    ///
    /// The body is `{"id","event","org","at","facts"}`; `id` is the same for every try to deliver it.
    pub fn new(event: &'static str, org: &str, at: Timestamp, facts: Map<String, Value>) -> Self {
        let mut bytes = [0_u8; 12];
        // Without randomness ids repeat, and a receiver that sorts out doubles may miss a notice; better than none at all.
        let _ = rand::fill(&mut bytes);
        let id = format!("ntc{}", hex(&bytes));
        let body = json!({
            "id": id,
            "event": event,
            "org": org,
            "at": at.to_string(),
            "facts": facts,
        });
        Self {
            id,
            event,
            body: Bytes::from(body.to_string()),
        }
    }

    /// Its identity.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it tells of.
    pub fn event(&self) -> &'static str {
        self.event
    }

    /// The request that carries it, signed as of `now`; its URL is the destination's.
    pub(crate) fn request(&self, key: &NoticeKey, now: Timestamp) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = http::Method::POST;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static("portcullis"));
        let signature = HeaderValue::from_str(&key.sign(&self.body, now));
        if let Ok(signature) = signature {
            headers.insert(SIGNATURE, signature);
        }
        request
    }
}

/// The key that notices are signed with, shared with whoever receives them. Never in `Debug`.
#[derive(Clone)]
pub struct NoticeKey(hmac::Key);

impl NoticeKey {
    /// Takes the secret as it stands in its file, spaces around it aside.
    pub fn of(secret: &Secret<String>) -> Self {
        let bytes = secret.expose().trim().as_bytes();
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// `t=1800000000,v1=…`: seconds since 1970, and HMAC-SHA-256 in hexadecimal over these digits, a dot, and the body. The time is
    /// signed so that a recorded notice cannot be sent again later unnoticed.
    pub fn sign(&self, body: &[u8], now: Timestamp) -> String {
        let second = now.as_second();
        let mut context = hmac::Context::with_key(&self.0);
        context.update(format!("{second}.").as_bytes());
        context.update(body);
        format!("t={second},v1={}", hex(context.sign().as_ref()))
    }
}

impl std::fmt::Debug for NoticeKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("NoticeKey(..)")
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Header that carries time and signature.
pub const SIGNATURE: &str = "x-portcullis-signature";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_common_hmac_over_time_and_body() {
        // RFC 4231, test case 2.
        let key = NoticeKey::of(&Secret::new(" Jefe\n".to_owned()));
        let tag = hmac::sign(&key.0, b"what do ya want for nothing?");
        assert_eq!(
            hex(tag.as_ref()),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        let at = Timestamp::constant(1_800_000_000, 999);
        let whole = hmac::sign(&key.0, b"1800000000.{}");
        assert_eq!(
            key.sign(b"{}", at),
            format!("t=1800000000,v1={}", hex(whole.as_ref()))
        );
        assert_ne!(key.sign(b"{}", at), key.sign(b"{ }", at));
        assert!(!format!("{key:?}").contains("Jefe"));
    }
}
