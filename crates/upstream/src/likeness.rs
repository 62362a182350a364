//! Whether an answer looks like an Okta org's, so that a login page, a captive portal or a wrong host is called what it is.
//!
//! Lenient on purpose: every real answer carries `X-Okta-Request-Id`, and one that does is never doubted.

use catalog::{Kind, Operation, Spec};
use http::header;
use serde_json::Value;

use crate::Answer;

/// What came instead of an Okta answer; `None` when nothing speaks against it.
pub(crate) fn stranger(operation: &Operation, answer: &Answer) -> Option<String> {
    let status = answer.status;
    if answer.request_id().is_some() || operation.kind == Kind::Protocol {
        return None;
    }
    // Okta's own edge answers so when the org behind it cannot; that passes.
    if matches!(status.as_u16(), 429 | 500..=504) {
        return None;
    }
    if status.is_redirection() && status.as_u16() != 304 {
        return Some(format!(
            "status {status}, a redirect, which is not followed"
        ));
    }
    let media = answer
        .header(header::CONTENT_TYPE.as_str())
        .unwrap_or_default();
    if media.to_ascii_lowercase().starts_with("text/html") {
        return Some(format!("status {status} with an HTML page"));
    }
    if status.is_client_error() && !answer.body.is_empty() && !is_error(answer) {
        return Some(format!("status {status} without Okta's error code"));
    }
    None
}

/// Okta's error body, or OAuth's.
fn is_error(answer: &Answer) -> bool {
    let body: Result<Value, _> = serde_json::from_slice(&answer.body);
    body.is_ok_and(|body| body.get("errorCode").is_some() || body.get("error").is_some())
}

/// Okta's words about a refused credential of ours; `None` if the answer is about something else.
///
/// A person's wrong password is answered with 401 too, so `E0000004` counts only where no person signs in.
pub(crate) fn refused_credential(operation: &Operation, answer: &Answer) -> Option<String> {
    if answer.status.as_u16() != 401 {
        return None;
    }
    let error = answer.error().unwrap_or_default();
    let signs_in = matches!(operation.kind, Kind::Protocol | Kind::Action)
        || operation.spec != Spec::Management;
    let token = answer
        .header(header::WWW_AUTHENTICATE.as_str())
        .is_some_and(|challenge| challenge.contains("invalid_token"));
    let refused = match error.error_code.as_str() {
        "E0000011" => true,
        "E0000004" => !signs_in,
        _ => token,
    };
    refused.then(|| match error.error_code.as_str() {
        "" => "invalid_token".to_owned(),
        code => format!("{code} ({})", error.error_summary),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};

    fn answer(status: u16, headers: &[(&'static str, &'static str)], body: &'static str) -> Answer {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: Bytes::from_static(body.as_bytes()),
            merged: false,
        }
    }

    fn operation(id: &str) -> &'static Operation {
        catalog::operations().by_id(id).unwrap()
    }

    #[test]
    fn pages_portals_and_redirects_are_told_from_okta() {
        let list = operation("listUsers");
        let html = ("content-type", "text/html; charset=utf-8");
        for strange in [
            answer(200, &[html], "<html>"),
            answer(302, &[("location", "https://elsewhere.example")], ""),
            answer(
                404,
                &[("content-type", "application/json")],
                r#"{"message":"no such route"}"#,
            ),
        ] {
            assert!(stranger(list, &strange).is_some(), "{strange:?}");
        }
        for real in [
            answer(200, &[("content-type", "application/json")], "[]"),
            answer(204, &[], ""),
            answer(
                404,
                &[],
                r#"{"errorCode":"E0000007","errorSummary":"Not found"}"#,
            ),
            answer(503, &[html], "<html>"),
            answer(404, &[html, ("x-okta-request-id", "Y1")], "<html>"),
        ] {
            assert_eq!(stranger(list, &real), None, "{real:?}");
        }
    }

    #[test]
    fn only_a_refusal_of_our_own_credential_counts() {
        let token = answer(
            401,
            &[],
            r#"{"errorCode":"E0000011","errorSummary":"Invalid token"}"#,
        );
        let feature = answer(
            401,
            &[],
            r#"{"errorCode":"E0000015","errorSummary":"No feature"}"#,
        );
        let bearer = answer(
            401,
            &[("www-authenticate", "Bearer error=\"invalid_token\"")],
            "",
        );
        let list = operation("listUsers");
        assert_eq!(
            refused_credential(list, &token).unwrap(),
            "E0000011 (Invalid token)"
        );
        assert_eq!(refused_credential(list, &bearer).unwrap(), "invalid_token");
        assert_eq!(refused_credential(list, &feature), None);
    }
}
