//! Replies: Okta's answer as the caller gets it. Headers pass by an allow-list; what concerns one connection, cookies, and what
//! Okta says about the gateway's own credential do not.

use audit::EntryId;
use bytes::Bytes;
use catalog::Kind;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body_util::Full;
use upstream::Answer;

use crate::admission::Untaken;
use crate::gateway::Reply;
use crate::inspect::is_json;
use crate::redact::View;
use crate::refusal::Refusal;
use crate::rewrite::{LeadsElsewhere, Origins, rewrite_link, rewrite_location};
use crate::table;

/// Okta's answer as its caller gets to see it, its links turned into the gateway's; counted until its caller has taken it.
///
/// # Errors
/// [`Refusal`], when it leads to another host, or may hold what the caller must not see and cannot be read.
pub(crate) fn to_caller(
    answer: Answer,
    origins: &Origins,
    view: &View<'_>,
    untaken: &Untaken,
) -> Result<Reply, Refusal> {
    let signs_in = view.operation.kind == Kind::Protocol;
    let mut headers = HeaderMap::with_capacity(PASSED.len());
    let mut last = None;
    for (name, value) in answer.headers {
        // Further values of a name come without it.
        last = name.or(last);
        let Some(name) = last.as_ref().filter(|name| PASSED.contains(name)) else {
            continue;
        };
        let value = if name == header::LINK {
            rewrite_link(&value, origins).map_err(|LeadsElsewhere| leads_elsewhere())?
        } else if name == header::LOCATION {
            rewrite_location(&value, origins).or_else(|| signs_in.then_some(value))
        } else {
            Some(value)
        };
        if let Some(value) = value {
            headers.append(name.clone(), value);
        }
    }
    let json = headers
        .get(header::CONTENT_TYPE)
        .and_then(|media| media.to_str().ok())
        .is_some_and(is_json);
    let body = if json {
        view.body(answer.status, answer.body, origins)?
    } else {
        view.opaque(answer.status, answer.body, origins)?
    };
    Ok(of(answer.status, headers, untaken.hold(body)))
}

/// A next page at another host: whoever followed it would show its credential there.
fn leads_elsewhere() -> Refusal {
    Refusal::new(table::Kind::Unreachable, "answer-leads-elsewhere")
        .because("The next page is said to be at another address than the org's.")
}

/// A reply of these parts.
pub(crate) fn of(status: StatusCode, headers: HeaderMap, body: Bytes) -> Reply {
    let mut reply = Response::new(Full::new(body));
    *reply.status_mut() = status;
    *reply.headers_mut() = headers;
    reply
}

/// Names the audit entry, so that caller and operator can speak of the same request.
pub(crate) fn name_entry(reply: &mut Reply, entry: EntryId) {
    reply
        .headers_mut()
        .insert(ENTRY, HeaderValue::from(entry.number()));
}

/// Ends the connection with this reply: in HTTP/1.1 by its header, in HTTP/2 by whoever serves the connection.
pub(crate) fn part(reply: &mut Reply) {
    let close = HeaderValue::from_static("close");
    reply.headers_mut().insert(header::CONNECTION, close);
}

/// Whether the connection is to end with this reply.
pub(crate) fn is_parting(reply: &Reply) -> bool {
    reply.headers().contains_key(header::CONNECTION)
}

/// Whether the reply is for somebody who is known: strangers are told no entry.
pub(crate) fn is_of_known(reply: &Reply) -> bool {
    reply.headers().contains_key(&ENTRY)
}

/// Number of the audit entry of a call or refusal.
const ENTRY: HeaderName = HeaderName::from_static("x-portcullis-entry");

/// The headers of Okta's that go on to callers. Its `Date` does, because SDKs subtract it from `X-Rate-Limit-Reset`.
static PASSED: [HeaderName; 16] = [
    header::CONTENT_TYPE,
    header::CONTENT_DISPOSITION,
    header::DATE,
    header::ETAG,
    header::LAST_MODIFIED,
    header::CACHE_CONTROL,
    header::EXPIRES,
    header::PRAGMA,
    header::LINK,
    header::LOCATION,
    header::RETRY_AFTER,
    HeaderName::from_static("accept-ch"),
    HeaderName::from_static("x-okta-request-id"),
    HeaderName::from_static("x-rate-limit-limit"),
    HeaderName::from_static("x-rate-limit-remaining"),
    HeaderName::from_static("x-rate-limit-reset"),
];
