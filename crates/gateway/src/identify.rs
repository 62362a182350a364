//! Identification: who calls, by what the request and its connection show. Whatever is wrong, the answer is the same.

use std::net::IpAddr;

use access::{Caller, Keyring, Needs, Presented, Refused, STALENESS_MS_MAX, Why};
use catalog::Operation;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderName, HeaderValue};
use jiff::Timestamp;

use crate::own::Visit;
use crate::record::Facts;
use crate::refusal::Refusal;
use crate::table::Kind;

/// Finds out who calls; notes what is known of a refused credential.
pub(crate) async fn caller(visit: &Visit<'_>, facts: &mut Facts) -> Result<Caller, Refusal> {
    let Visit {
        front,
        head,
        origin,
        ..
    } = visit;
    let url = front.url_of(head.uri.path());
    let presented = Presented {
        authorization: only(head, &AUTHORIZATION),
        proof: only(head, &DPOP),
        certificate: origin.certificate.map(|shown| shown.thumbprint.as_str()),
        subject: origin
            .certificate
            .and_then(|shown| shown.subject.as_deref()),
        source: origin.source,
        method: head.method.as_str(),
        url: &url,
    };
    let identify = || {
        let keyring = visit.keyring;
        keyring.identify_within(visit.throttle, &presented, &front.name, visit.now)
    };
    let mut identified = identify();
    if let Some(place) = identified.as_ref().err().and_then(Refused::wanted_keys) {
        let issuer_keys = visit.issuer_keys;
        issuer_keys.renew(visit.keyring, place, visit.now).await;
        identified = identify();
    }
    match identified {
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
            let refusal = Refusal::new(kind, refused.why().code());
            Err(match kind {
                Kind::Stranger => challenged(refusal, refused.why() != Why::Absent),
                _ => refusal,
            })
        }
    }
}

/// A caller, and what deciding over its call needs to be told, as of a moment.
pub(crate) struct Seen {
    pub(crate) caller: Caller,
    pub(crate) needs: Needs,
    pub(crate) began: Timestamp,
}

/// The same as of now. A body may take half a minute to arrive; a credential that was revoked meanwhile must not be good for the call,
/// nor may a policy that was put meanwhile be asked about less than it looks at. Costs nothing when the body came at once.
pub(crate) fn as_of_now(
    keyring: &Keyring,
    seen: Seen,
    operation: &'static Operation,
    source: IpAddr,
    now: Timestamp,
) -> Result<(Caller, Needs), Refusal> {
    let Seen {
        caller,
        needs,
        began,
    } = seen;
    let took_ms = now.as_millisecond() - began.as_millisecond();
    if (0..STALENESS_MS_MAX).contains(&took_ms) {
        return Ok((caller, needs));
    }
    let renewed = keyring.renew(&caller, source, now);
    let caller = renewed.map_err(|why| Refusal::new(Kind::Stranger, why.code()))?;
    let screened = access::screen(&caller, operation, now);
    Ok((caller, screened.unwrap_or(ALL)))
}

/// Says what may be shown instead: alike for everything that was shown.
fn challenged(refusal: Refusal, shown: bool) -> Refusal {
    let challenges = access::oauth::challenges(shown).map(HeaderValue::from_static);
    challenges.into_iter().fold(refusal, |refusal, challenge| {
        refusal.with_header(WWW_AUTHENTICATE, challenge)
    })
}

/// The value of a header that may come once. One that comes twice is as good as an empty one: whoever stands in front may have
/// checked the other.
pub(crate) fn only<'h>(head: &'h Parts, name: &HeaderName) -> Option<&'h str> {
    let mut values = head.headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => None,
        (Some(value), None) => Some(value.to_str().unwrap_or_default()),
        (Some(_), Some(_)) => Some(""),
    }
}

/// All there is to be told: for a call that is denied by now, unless people agree to it.
const ALL: Needs = Needs {
    objects: true,
    fields: true,
};

/// RFC 9449 section 4.1.
pub(crate) const DPOP: HeaderName = HeaderName::from_static("dpop");
