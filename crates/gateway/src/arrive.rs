//! Arrival: which org a request is for, and where it comes from. Trusts nothing the caller says about itself, except proxies
//! that the settings name.

use std::net::IpAddr;
use std::sync::Arc;

use access::Forward;
use http::header::{ACCEPT, CONTENT_TYPE, HOST, HeaderName, IF_MATCH, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, Version};

use crate::limits::{FORWARDED_VALUE_BYTES_MAX, HOPS_MAX};
use crate::peer::{Peer, ShownCertificate};
use crate::refusal::Refusal;
use crate::settings::Front;
use crate::table::Kind;
use access::Network;

/// The org whose public URL the request names. There must be exactly one host, and in HTTP/1 not in the request line.
pub(crate) fn front_of<'f>(
    fronts: &'f [Arc<Front>],
    head: &Parts,
) -> Result<&'f Arc<Front>, Refusal> {
    let ambiguous = |why| Refusal::new(Kind::Ambiguous, "ambiguous_host").because(why);
    let mut hosts = head.headers.get_all(HOST).iter();
    let written = hosts.next().map(|host| host.to_str().unwrap_or_default());
    if hosts.next().is_some() {
        return Err(ambiguous("The request has more than one `Host`."));
    }
    let in_target = head.uri.authority().map(|authority| authority.as_str());
    if in_target.is_some() && head.version < Version::HTTP_2 {
        return Err(ambiguous("The request line has a host in it."));
    }
    let host = match (in_target, written) {
        (Some(target), Some(written)) if !target.eq_ignore_ascii_case(written) => {
            return Err(ambiguous("`:authority` and `Host` differ."));
        }
        (Some(host), _) | (None, Some(host)) => host,
        (None, None) => return Err(ambiguous("The request has no `Host`.")),
    };
    fronts
        .iter()
        .find(|front| front.is_at(host))
        .ok_or_else(|| {
            Refusal::new(Kind::WrongHost, "unknown_host").because("This host guards no Okta org.")
        })
}

/// Where a request comes from, and what of its headers may go on to Okta.
#[derive(Debug)]
pub(crate) struct Origin<'p> {
    /// The certificate the sender showed. One that a trusted proxy shows is the proxy's, not that of whoever calls through it.
    pub(crate) certificate: Option<&'p ShownCertificate>,
    /// The nearest address that is not a trusted proxy's.
    pub(crate) source: IpAddr,
    pub(crate) forward: Forward,
}

/// Reads the few headers that inform Okta; see [`precondition`] for the one that decides.
pub(crate) fn origin_of<'p>(head: &Parts, end: &'p Peer, trusted: &[Network]) -> Origin<'p> {
    let peer = end.address.to_canonical();
    let trusts = |address: &IpAddr| trusted.iter().any(|network| network.contains(*address));
    let (mut hops, certificate) = if trusts(&peer) {
        (said_hops(&head.headers), None)
    } else {
        (Vec::new(), end.certificate.as_ref())
    };
    hops.push(peer);
    let source = hops.iter().rev().find(|hop| !trusts(hop)).or(hops.first());
    let forward = Forward {
        user_agent: plain(&head.headers, &USER_AGENT),
        if_match: None,
        accept: plain(&head.headers, &ACCEPT),
        okta_response: plain(&head.headers, &CONTENT_TYPE).and_then(|value| okta_response(&value)),
        forwarded_for: Vec::new(),
    };
    Origin {
        certificate,
        source: source.copied().unwrap_or(peer),
        forward: Forward {
            forwarded_for: hops,
            ..forward
        },
    }
}

/// The precondition of a write. One that cannot go on as it is stops the request: without it, the write would overwrite what the
/// caller asked to spare.
pub(crate) fn precondition(head: &Parts) -> Result<Option<String>, Refusal> {
    let value = plain(&head.headers, &IF_MATCH);
    if value.is_none() && head.headers.contains_key(IF_MATCH) {
        return Err(Refusal::new(Kind::Ambiguous, "unreadable_precondition")
            .because("State one short `If-Match`."));
    }
    Ok(value)
}

/// The addresses in `X-Forwarded-For`, nearest last; what stands before something unreadable is not believed.
fn said_hops(headers: &HeaderMap) -> Vec<IpAddr> {
    let lines = headers.get_all(FORWARDED_FOR).iter();
    let mut hops: Vec<IpAddr> = Vec::new();
    for hop in lines.flat_map(|line| line.to_str().unwrap_or("?").split(',')) {
        match hop.trim().parse::<IpAddr>() {
            Ok(address) => hops.push(address.to_canonical()),
            Err(_) => hops.clear(),
        }
    }
    hops.split_off(hops.len().saturating_sub(HOPS_MAX))
}

/// A header that occurs once, as text without control characters, if it is short enough to go on.
fn plain(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let mut values = headers.get_all(name).iter();
    let (value, None) = (values.next()?, values.next()) else {
        return None;
    };
    let text = value.to_str().ok()?;
    (text.len() <= FORWARDED_VALUE_BYTES_MAX).then(|| text.to_owned())
}

/// The value of `okta-response` in a `Content-Type`; only letters and commas, as Okta documents it.
fn okta_response(content_type: &str) -> Option<String> {
    let value = content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("okta-response")
            .then_some(value)
    })?;
    let value = value.trim().trim_matches('"');
    let fits = |byte: u8| byte.is_ascii_alphabetic() || byte == b',';
    (!value.is_empty() && value.bytes().all(fits)).then(|| value.to_owned())
}

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(lines: &[&str], peer: &str) -> (String, Vec<String>) {
        let mut request = http::Request::builder();
        for line in lines {
            request = request.header(FORWARDED_FOR, *line);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let peer = Peer::from(peer.parse::<IpAddr>().unwrap());
        let origin = origin_of(&head, &peer, &trusted);
        let hops = origin.forward.forwarded_for.iter().map(ToString::to_string);
        (origin.source.to_string(), hops.collect())
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let (source, hops) = origin(&["198.51.100.7"], "203.0.113.9");
        assert_eq!(
            (source.as_str(), hops),
            ("203.0.113.9", vec!["203.0.113.9".to_owned()])
        );
        let (source, hops) = origin(&["192.0.2.1, 198.51.100.7", "10.0.0.2"], "10.0.0.1");
        assert_eq!(
            source, "198.51.100.7",
            "what the caller put in front is not its address"
        );
        assert_eq!(hops, ["192.0.2.1", "198.51.100.7", "10.0.0.2", "10.0.0.1"]);
    }

    #[test]
    fn the_certificate_of_a_proxy_is_not_that_of_who_calls_through_it() {
        let (head, ()) = http::Request::new(()).into_parts();
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        for (address, own) in [("203.0.113.9", true), ("10.0.0.1", false)] {
            let peer = Peer {
                address: address.parse().unwrap(),
                certificate: Some(ShownCertificate {
                    thumbprint: "x".to_owned(),
                    subject: None,
                }),
            };
            assert_eq!(origin_of(&head, &peer, &trusted).certificate.is_some(), own);
        }
    }

    #[test]
    fn unreadable_and_endless_hops_are_dropped() {
        let (source, hops) = origin(&["192.0.2.1, unknown, 198.51.100.7"], "10.0.0.1");
        assert_eq!((source.as_str(), hops.len()), ("198.51.100.7", 2));
        let (_, hops) = origin(&[&"192.0.2.1,".repeat(50), "192.0.2.2"], "10.0.0.1");
        assert_eq!(
            hops,
            ["192.0.2.2", "10.0.0.1"],
            "the trailing comma is no address"
        );
        let (_, hops) = origin(&[&vec!["192.0.2.1"; 50].join(",")], "10.0.0.1");
        assert_eq!(hops.len(), HOPS_MAX + 1);
    }

    #[test]
    fn okta_response_is_read_from_the_content_type() {
        let read = |text: &str| okta_response(text);
        assert_eq!(
            read("application/json; okta-response=\"omitCredentials,omitCredentialsLinks\"")
                .as_deref(),
            Some("omitCredentials,omitCredentialsLinks")
        );
        assert_eq!(
            read("application/json;Okta-Response=omitCredentials").as_deref(),
            Some("omitCredentials")
        );
        assert_eq!(read("application/json; okta-response=\"a\u{7f}b\""), None);
        assert_eq!(read("application/json"), None);
    }
}
