//! A request to Okta, rebuilt from a permitted call. Nothing of what a caller sent reaches Okta but the operation, its values,
//! the body's bytes and the few headers named in [`access::Forward`].

use access::{Body, Call, Forward};
use bytes::Bytes;
use catalog::Method;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::uri::PathAndQuery;
use http::{Request, request};
use http_body_util::Full;

use crate::UpstreamError;

/// The parts of a request that stay the same from attempt to attempt. Made once per call; the credential is added per attempt.
pub(crate) struct Prepared {
    method: http::Method,
    pub(crate) target: PathAndQuery,
    headers: HeaderMap,
    body: Bytes,
}

impl Prepared {
    /// Writes `call` as a request.
    ///
    /// # Errors
    /// [`UpstreamError::Unsendable`], when a value cannot stand where it has to.
    pub(crate) fn new(call: &Call) -> Result<Self, UpstreamError> {
        let unsendable = |source: crate::Source| UpstreamError::Unsendable {
            operation: call.operation.id,
            source,
        };
        let target = call.target().map_err(|error| unsendable(error.into()))?;
        let target = PathAndQuery::try_from(target).map_err(|error| unsendable(error.into()))?;
        let mut headers = HeaderMap::with_capacity(8);
        forward(&call.forward, &mut headers);
        let body = describe_body(call, &mut headers).map_err(|error| unsendable(error.into()))?;
        Ok(Self {
            method: method(call.operation.method),
            target,
            headers,
            body,
        })
    }

    /// The request of one attempt.
    pub(crate) fn request(&self, authorization: HeaderValue) -> Request<Full<Bytes>> {
        let mut head = request::Request::new(()).into_parts().0;
        head.method = self.method.clone();
        head.headers = self.headers.clone();
        head.headers.insert(header::AUTHORIZATION, authorization);
        Request::from_parts(head, Full::new(self.body.clone()))
    }
}

const fn method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Patch => http::Method::PATCH,
        Method::Delete => http::Method::DELETE,
        Method::Options => http::Method::OPTIONS,
    }
}

/// A value that is no header value is left out: these headers inform Okta, and none of them decides.
fn forward(forward: &Forward, headers: &mut HeaderMap) {
    let agent = forward
        .user_agent
        .as_deref()
        .and_then(|caller| HeaderValue::try_from(format!("{caller} {PRODUCT}")).ok());
    headers.insert(
        header::USER_AGENT,
        agent.unwrap_or(HeaderValue::from_static(PRODUCT)),
    );
    let accept = forward
        .accept
        .as_deref()
        .and_then(|accept| HeaderValue::from_str(accept).ok());
    headers.insert(
        header::ACCEPT,
        accept.unwrap_or(HeaderValue::from_static(JSON)),
    );
    if !forward.forwarded_for.is_empty() {
        let hops: Vec<String> = forward
            .forwarded_for
            .iter()
            .map(ToString::to_string)
            .collect();
        if let Ok(value) = HeaderValue::try_from(hops.join(", ")) {
            headers.insert(HeaderName::from_static("x-forwarded-for"), value);
        }
    }
}

/// Unlike those above, `If-Match` decides: one that cannot be sent must stop the call.
fn describe_body(call: &Call, headers: &mut HeaderMap) -> Result<Bytes, http::Error> {
    if let Some(tag) = &call.forward.if_match {
        headers.insert(header::IF_MATCH, HeaderValue::from_str(tag)?);
    }
    if let Some(content_type) =
        content_type(call.body.as_ref(), call.forward.okta_response.as_deref())
    {
        headers.insert(header::CONTENT_TYPE, HeaderValue::try_from(content_type)?);
    }
    let body = call
        .body
        .as_ref()
        .map_or_else(Bytes::new, |body| body.bytes.clone());
    let takes_body = matches!(
        call.operation.method,
        Method::Post | Method::Put | Method::Patch
    );
    if takes_body || !body.is_empty() {
        // Okta answers 411 to a POST or PUT without it, so an empty body is stated too.
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    }
    Ok(body)
}

fn content_type(body: Option<&Body>, okta_response: Option<&str>) -> Option<String> {
    let media = body.map(|body| body.content_type.as_str());
    match okta_response {
        None => media.map(str::to_owned),
        Some(wanted) => Some(format!(
            "{}; okta-response=\"{wanted}\"",
            media.unwrap_or(JSON)
        )),
    }
}

const JSON: &str = "application/json";

/// What stands behind the caller's own `User-Agent`.
pub(crate) const PRODUCT: &str = concat!("portcullis/", env!("CARGO_PKG_VERSION"));

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn headers(call: &Call) -> HeaderMap {
        let prepared = Prepared::new(call).unwrap();
        prepared
            .request(HeaderValue::from_static("SSWS x"))
            .into_parts()
            .0
            .headers
    }

    #[test]
    fn the_target_is_rebuilt_and_encoded() {
        let call = Call::new("listUsers", &[]).unwrap();
        let call = call.with_query("search", "profile.login eq \"a+b@example.com\"");
        let prepared = Prepared::new(&call).unwrap();
        assert_eq!(
            prepared.target.as_str(),
            "/api/v1/users?search=profile.login%20eq%20%22a%2Bb%40example.com%22"
        );
    }

    #[test]
    fn the_callers_agent_comes_first_and_its_hops_are_passed_on() {
        let mut call = Call::new("listUsers", &[]).unwrap();
        assert_eq!(headers(&call)["user-agent"], PRODUCT);
        assert_eq!(headers(&call)["accept"], "application/json");
        call.forward.user_agent = Some("okta-sdk-python/3.4.6".to_owned());
        call.forward.forwarded_for = vec!["198.51.100.7".parse().unwrap(), "::1".parse().unwrap()];
        let headers = headers(&call);
        assert_eq!(
            headers["user-agent"],
            format!("okta-sdk-python/3.4.6 {PRODUCT}")
        );
        assert_eq!(headers["x-forwarded-for"], "198.51.100.7, ::1");
    }

    #[test]
    fn a_body_keeps_its_type_and_an_absent_one_its_length() {
        let bare = Call::new("activateUser", &[("id", "00u1")]).unwrap();
        assert_eq!(headers(&bare)["content-length"], "0");
        assert!(!headers(&bare).contains_key("content-type"));
        let mut create = Call::new("createUser", &[]).unwrap().with_json(&json!({}));
        create.forward.okta_response = Some("omitCredentials".to_owned());
        let headers = headers(&create);
        assert_eq!(headers["content-length"], "2");
        assert_eq!(
            headers["content-type"],
            "application/json; okta-response=\"omitCredentials\""
        );
    }

    #[test]
    fn an_unsendable_precondition_stops_the_call() {
        let mut call = Call::new("updateUser", &[("id", "00u1")]).unwrap();
        call.forward.if_match = Some("W/\"1\"\r\nx: y".to_owned());
        let error = Prepared::new(&call).err().unwrap();
        assert_eq!((error.kind(), error.sent()), ("unsendable", false));
    }
}
