//! Receiving: takes a request's body in, within its bounds of size and time, and says what it is. The bytes stay as they came, but
//! for links that this gateway handed out itself. Judges nothing else.

use std::time::Duration;

use access::Body;
use bytes::Bytes;
use catalog::{Method, Operation};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::request::Parts;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::inspect::is_json;
use crate::limits::{BODY_BYTES_MAX, BODY_WAIT_MAX};
use crate::refusal::Refusal;
use crate::rewrite::{Origins, restore_request};
use crate::table::Kind;
use crate::wire::Fault;

/// The body of a request; `None` when there is none, or none that means anything.
pub(crate) async fn body<B>(
    head: &Parts,
    body: B,
    operation: &Operation,
    origins: &Origins,
) -> Result<Option<Body>, Refusal>
where
    B: hyper::body::Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    if body.is_end_stream() {
        return Ok(None);
    }
    let bytes = all_of(body, BODY_BYTES_MAX, BODY_WAIT_MAX).await?;
    if bytes.is_empty() || means_nothing(operation, &bytes) {
        return Ok(None);
    }
    if head.headers.contains_key(CONTENT_ENCODING) {
        return Err(Refusal::new(Kind::WrongType, "encoded_body")
            .because("Send the body without Content-Encoding."));
    }
    let content_type = content_type(head).ok_or_else(|| {
        Refusal::new(Kind::WrongType, "no_content_type")
            .because("State what the body is in one Content-Type; texts are UTF-8.")
    })?;
    let bytes = if is_json(&content_type) {
        restore_request(bytes, origins, operation.template.starts_with(ROLES))
    } else {
        bytes
    };
    Ok(Some(Body {
        content_type,
        bytes,
    }))
}

/// The bytes of a body, up to so many, within so long.
pub(crate) async fn all_of<B>(
    body: B,
    bytes_max: usize,
    wait_max: Duration,
) -> Result<Bytes, Refusal>
where
    B: hyper::body::Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let whole = Limited::new(body, bytes_max).collect();
    match tokio::time::timeout(wait_max, whole).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            let cause = format!("The body has more than {bytes_max} bytes.");
            Err(Refusal::new(Kind::TooLarge, "body_too_large").because(cause))
        }
        Ok(Err(error)) => Err(match Fault::behind(error.as_ref()) {
            Some(fault) => fault.to_refusal(),
            None => Refusal::new(Kind::Malformed, "body_cut_short"),
        }),
        Err(_) => Err(Refusal::new(Kind::TooSlow, "body_too_slow")),
    }
}

/// Some clients send `{}` with a GET or DELETE; Okta ignores it, so it ends here.
fn means_nothing(operation: &Operation, bytes: &[u8]) -> bool {
    let bodiless = matches!(
        operation.method,
        Method::Get | Method::Delete | Method::Options
    );
    bodiless && operation.body.is_none() && bytes.trim_ascii() == b"{}"
}

/// The media type in lower case; of its parameters only what the bytes cannot be read without (a multipart boundary).
pub(crate) fn content_type(head: &Parts) -> Option<String> {
    let mut values = head.headers.get_all(CONTENT_TYPE).iter();
    let (value, None) = (values.next()?.to_str().ok()?, values.next()) else {
        return None;
    };
    let mut parts = value.split(';').map(str::trim);
    let mut media = parts.next()?.to_ascii_lowercase();
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&^_.+-/".contains(&byte);
    if !media.contains('/') || !media.bytes().all(token) {
        return None;
    }
    for (name, value) in parts.filter_map(|part| part.split_once('=')) {
        let value = value.trim_matches('"');
        if name.eq_ignore_ascii_case("charset") && !value.eq_ignore_ascii_case("utf-8") {
            return None;
        }
        if name.eq_ignore_ascii_case("boundary") && media.starts_with("multipart/") {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte);
            let second = media.contains(';');
            if second || value.is_empty() || value.len() > 70 || !value.bytes().all(fits) {
                return None;
            }
            media.push_str(&format!("; boundary=\"{value}\""));
        }
    }
    Some(media)
}

/// Below this, requests name objects by URL: the resources and members of administration roles.
const ROLES: &str = "/api/v1/iam/";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Option<String> {
        let mut request = http::Request::builder();
        for value in values {
            request = request.header(CONTENT_TYPE, *value);
        }
        content_type(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn a_content_type_is_brought_to_one_form() {
        assert_eq!(
            read(&["Application/JSON; charset=UTF-8; okta-response=x"]).as_deref(),
            Some("application/json")
        );
        assert_eq!(
            read(&["multipart/form-data; boundary=a-b"]).as_deref(),
            Some("multipart/form-data; boundary=\"a-b\"")
        );
        for bad in [
            &["application/json; charset=utf-16"][..],
            &["json"],
            &[""],
            &["a/b c"],
            &["multipart/form-data; boundary=\"a\\b\""],
            &["multipart/form-data; boundary=a; boundary=b"],
            &["a/b", "c/d"],
            &[],
        ] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
