//! Identification: who calls, by what the request and its connection show. Whatever is wrong, the answer is the same.

use std::net::IpAddr;

use access::{Caller, Keyring, Presented, Why};
use http::HeaderName;
use http::header::AUTHORIZATION;
use http::request::Parts;
use jiff::Timestamp;

use crate::record::Facts;
use crate::refusal::Refusal;
use crate::settings::Front;
use crate::table::Kind;

/// Finds out who calls; notes what is known of a refused credential.
pub(crate) fn caller(
    keyring: &Keyring,
    front: &Front,
    head: &Parts,
    source: IpAddr,
    now: Timestamp,
    facts: &mut Facts,
) -> Result<Caller, Refusal> {
    let url = front.url_of(head.uri.path());
    let presented = Presented {
        authorization: only(head, &AUTHORIZATION),
        proof: only(head, &DPOP),
        certificate: None,
        subject: None,
        source,
        method: head.method.as_str(),
        url: &url,
    };
    match keyring.identify(&presented, &front.name, now) {
        Ok(caller) => {
            facts.know(caller.client(), caller.credential());
            Ok(caller.under(front.rules))
        }
        Err(refused) => {
            if let Some((client, credential)) = refused.whose() {
                facts.know(client, credential);
            }
            let kind = match refused.why() {
                Why::Unavailable => Kind::Unrecorded,
                _ => Kind::Stranger,
            };
            Err(Refusal::new(kind, refused.why().code()))
        }
    }
}

/// The value of a header that may come once. One that comes twice is as good as an empty one: whoever stands in front may have
/// checked the other.
fn only<'h>(head: &'h Parts, name: &HeaderName) -> Option<&'h str> {
    let mut values = head.headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => None,
        (Some(value), None) => Some(value.to_str().unwrap_or_default()),
        (Some(_), Some(_)) => Some(""),
    }
}

/// RFC 9449 section 4.1.
const DPOP: HeaderName = HeaderName::from_static("dpop");
