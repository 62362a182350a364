//! Where a listing goes on: the `Link` header with `rel="next"`, or `_links.next` in the body of `/api/v1/iam` listings.
//!
//! Only path and query of a link are used, and only if they name the very operation that was called on the very same object.
//! Its host is compared, never called: requests go to the org's own address whatever a link says.

use access::Call;
use catalog::recognise;
use http::{HeaderValue, header};
use serde::Deserialize;
use url::Url;

use crate::Answer;

/// The next page of a listing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Next {
    /// Scheme, host and port that the link names.
    pub(crate) origin: String,
    /// Query of the next call.
    pub(crate) query: Vec<(String, String)>,
}

/// Reads where the listing goes on after `answer` to `call`.
///
/// # Errors
/// What is wrong with the link, in words, without its query.
pub(crate) fn next(call: &Call, answer: &Answer) -> Result<Option<Next>, String> {
    let Some(link) = in_headers(answer)?.or_else(|| in_body(answer)) else {
        return Ok(None);
    };
    if call.operation.id == "listLogEvents" && answer.body.trim_ascii() == b"[]" {
        return Ok(None); // The System Log always names a next page, to be polled later.
    }
    let url = Url::parse(&link).map_err(|_| "the next page's link is no URL".to_owned())?;
    let target = url.query().map_or_else(
        || url.path().to_owned(),
        |query| format!("{}?{query}", url.path()),
    );
    let there = recognise(call.operation.method.as_str(), &target)
        .map_err(|error| format!("the next page's link names no operation: {error}"))?;
    if there.operation.id != call.operation.id {
        return Err(format!("the next page's link names {}", there.operation.id));
    }
    let same_object = there
        .parameters
        .iter()
        .all(|(name, value)| call.param(name) == Some(value));
    if !same_object {
        return Err("the next page's link names another object".to_owned());
    }
    let query = there
        .query
        .into_iter()
        .map(|(name, value)| (name.into_owned(), value.into_owned()));
    Ok(Some(Next {
        origin: url.origin().ascii_serialization(),
        query: query.collect(),
    }))
}

/// Okta sends one `Link` header per relation; several in one header are read as well. One that is no text may have named the next
/// page.
fn in_headers(answer: &Answer) -> Result<Option<String>, String> {
    let values = answer.headers.get_all(header::LINK).iter();
    let texts: Result<Vec<&str>, _> = values.map(HeaderValue::to_str).collect();
    let texts = texts.map_err(|_| "a link of the page is no text".to_owned())?;
    Ok(texts.into_iter().find_map(next_of))
}

fn next_of(value: &str) -> Option<String> {
    let mut rest = value;
    while let Some((_, after)) = rest.split_once('<') {
        let (url, after) = after.split_once('>')?;
        let (parameters, following) = match after.find(",<").or_else(|| after.find(", <")) {
            Some(end) => after.split_at(end),
            None => (after, ""),
        };
        let is_next = parameters.split(';').any(|parameter| {
            parameter
                .trim()
                .split_once('=')
                .is_some_and(|(name, relation)| {
                    name.trim().eq_ignore_ascii_case("rel")
                        && relation.trim().trim_matches('"') == "next"
                })
        });
        if is_next {
            return Some(url.to_owned());
        }
        rest = following;
    }
    None
}

#[derive(Deserialize)]
struct Linked {
    #[serde(rename = "_links")]
    links: Links,
}

#[derive(Deserialize)]
struct Links {
    next: Href,
}

#[derive(Deserialize)]
struct Href {
    href: String,
}

fn in_body(answer: &Answer) -> Option<String> {
    if answer.body.trim_ascii_start().first() != Some(&b'{') {
        return None;
    }
    serde_json::from_slice::<Linked>(&answer.body)
        .ok()
        .map(|linked| linked.links.next.href)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};

    fn answer(links: &[&'static str], body: &'static str) -> Answer {
        let mut headers = HeaderMap::new();
        for link in links {
            headers.append(header::LINK, link.parse().unwrap());
        }
        Answer {
            status: StatusCode::OK,
            headers,
            body: Bytes::from_static(body.as_bytes()),
            merged: false,
        }
    }

    fn list() -> Call {
        Call::new("listUsers", &[]).unwrap()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn the_next_page_is_named_by_the_link_header() {
        let own = r#"<https://a.okta.com/api/v1/users?limit=2>; rel="self""#;
        let next_link = r#"<https://a.okta.com/api/v1/users?after=00u,<x&limit=2>; rel="next""#;
        let found = next(&list(), &answer(&[own, next_link], "[]"))
            .unwrap()
            .unwrap();
        assert_eq!(found.origin, "https://a.okta.com");
        assert_eq!(found.query, [pair("after", "00u,<x"), pair("limit", "2")]);
        let both = r#"<https://a.okta.com/api/v1/users>; rel="self", <https://a.okta.com/api/v1/users?after=7>; rel="next""#;
        assert_eq!(
            next(&list(), &answer(&[both], "[]"))
                .unwrap()
                .unwrap()
                .query,
            [pair("after", "7")]
        );
        assert_eq!(next(&list(), &answer(&[own], "[]")), Ok(None));
    }

    #[test]
    fn some_listings_name_it_in_the_body() {
        let call = Call::new("listRoles", &[]).unwrap();
        let body = r#"{"roles":[],"_links":{"next":{"href":"https://a.okta.com/api/v1/iam/roles?after=cr0"}}}"#;
        assert_eq!(
            next(&call, &answer(&[], body)).unwrap().unwrap().query,
            [pair("after", "cr0")]
        );
        assert_eq!(
            next(&call, &answer(&[], r#"{"roles":[],"_links":{"self":{}}}"#)),
            Ok(None)
        );
    }

    #[test]
    fn a_link_to_anything_else_is_an_error() {
        let members = Call::new("listGroupUsers", &[("groupId", "00g1")]).unwrap();
        for link in [
            r#"<https://a.okta.com/api/v1/groups?after=1>; rel="next""#,
            r#"<https://a.okta.com/api/v1/groups/00g2/users?after=1>; rel="next""#,
            r#"<https://a.okta.com/login?after=1>; rel="next""#,
            r#"</api/v1/groups/00g1/users?after=1>; rel="next""#,
        ] {
            assert!(next(&members, &answer(&[link], "[]")).is_err(), "{link}");
        }
    }

    #[test]
    fn a_link_that_cannot_be_read_does_not_end_a_listing() {
        let mut page = answer(&[], "[]");
        let link = b"<https://a.okta.com/api/v1/users?q=\xc3\xa9&after=7>; rel=\"next\"";
        let value = HeaderValue::from_bytes(link).unwrap();
        page.headers.append(header::LINK, value);
        assert!(next(&list(), &page).is_err());
    }

    #[test]
    fn the_system_log_ends_at_its_first_empty_page() {
        let call = Call::new("listLogEvents", &[]).unwrap();
        let link = r#"<https://a.okta.com/api/v1/logs?after=1_1>; rel="next""#;
        assert_eq!(next(&call, &answer(&[link], "[]")), Ok(None));
        assert!(next(&call, &answer(&[link], "[{}]")).unwrap().is_some());
    }
}
