//! What a whole answer says, as far as the operation's documents bind it: no redirect where there is none, the documented type,
//! JSON that is JSON. Sign-in traffic is left alone: its redirects are the protocol.

use catalog::{Kind, Operation};
use http::{StatusCode, header};

use super::Unfit;
use super::json::is_well_formed;
use crate::Answer;

/// Judges an answer to a call of `operation`.
///
/// # Errors
/// [`Unfit`]. Okta may have carried out what it was asked nevertheless.
pub(crate) fn judge(operation: &Operation, answer: &Answer) -> Result<(), Unfit> {
    let status = answer.status;
    let protocol = operation.kind == Kind::Protocol;
    if status.is_redirection() && status != StatusCode::NOT_MODIFIED && !protocol {
        return Err(Unfit::Redirect);
    }
    if answer.body.is_empty() {
        return Ok(());
    }
    let media = answer.header(header::CONTENT_TYPE.as_str());
    let json = media.is_some_and(is_json);
    if status.is_success() && !json && !protocol && answers_json_only(operation) {
        return Err(Unfit::MediaType);
    }
    if json && !std::str::from_utf8(&answer.body).is_ok_and(is_well_formed) {
        return Err(Unfit::Json);
    }
    Ok(())
}

/// Whether every documented reply with a body is JSON, and there is one.
fn answers_json_only(operation: &Operation) -> bool {
    let mut media = operation
        .replies
        .iter()
        .filter_map(|reply| reply.content.as_ref())
        .map(|(media, _)| *media)
        .peekable();
    media.peek().is_some() && media.all(is_json)
}

fn is_json(media: &str) -> bool {
    let media = media.split(';').next().unwrap_or_default().trim();
    let ends = |end: &str| {
        media
            .len()
            .checked_sub(end.len())
            .and_then(|at| media.get(at..))
            .is_some_and(|found| found.eq_ignore_ascii_case(end))
    };
    media.eq_ignore_ascii_case("application/json") || ends("+json")
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::HeaderMap;

    fn judged(operation: &str, status: u16, media: &str, body: &[u8]) -> Result<(), Unfit> {
        let mut headers = HeaderMap::new();
        if !media.is_empty() {
            headers.insert(header::CONTENT_TYPE, media.parse().unwrap());
        }
        let answer = Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: Bytes::copy_from_slice(body),
            merged: false,
        };
        judge(catalog::operations().by_id(operation).unwrap(), &answer)
    }

    #[test]
    fn json_is_json_where_it_says_so() {
        let json = "application/json;charset=UTF-8";
        assert_eq!(judged("listUsers", 200, json, b"[{}]"), Ok(()));
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for bad in [
            &b"[{}"[..],
            b"[{}] x",
            b"\xff",
            b"{\"a\":\"\xc3\"}",
            b"{a:1}",
            deep.as_bytes(),
        ] {
            assert_eq!(judged("listUsers", 200, json, bad), Err(Unfit::Json));
            assert_eq!(
                judged("listUsers", 500, "application/problem+json", bad),
                Err(Unfit::Json)
            );
        }
    }

    #[test]
    fn another_type_than_the_documented_one_is_refused() {
        for media in ["text/plain", "text/html", ""] {
            assert_eq!(
                judged("listUsers", 200, media, b"[]"),
                Err(Unfit::MediaType)
            );
        }
        assert_eq!(judged("listUsers", 502, "text/html", b"<html>"), Ok(()));
        assert_eq!(judged("listUsers", 200, "", b""), Ok(()));
        // Documented as XML, and as nothing at all.
        let xml = ("application/xml;charset=ISO-8859-1", b"<a>\xe9</a>");
        assert_eq!(
            judged("previewSAMLmetadataForApplication", 200, xml.0, xml.1),
            Ok(())
        );
        assert_eq!(judged("unassignRoleFromUser", 200, "", b"{}"), Ok(()));
    }

    #[test]
    fn redirects_belong_to_signing_in() {
        for status in [301, 302, 303, 307, 308, 300] {
            assert_eq!(judged("listUsers", status, "", b""), Err(Unfit::Redirect));
            assert_eq!(judged("authorize", status, "", b""), Ok(()), "{status}");
        }
        assert_eq!(judged("listUsers", 304, "", b""), Ok(()));
    }
}
