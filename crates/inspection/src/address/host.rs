//! Hosts of addresses: private names, disguised numbers, look-alikes. Resolves nothing.

use std::net::IpAddr;

use url::{Host, Url};

use super::{fault, range};
use crate::Fault;

/// Names that lead inside: RFC 6761, 6762, 8375 and what clouds, clusters and home routers use.
const PRIVATE_ENDS: [&str; 20] = [
    "localhost",
    "local",
    "internal",
    "intranet",
    "lan",
    "corp",
    "home",
    "private",
    "localdomain",
    "home.arpa",
    "svc",
    "cluster.local",
    "consul",
    "docker.internal",
    "test",
    "invalid",
    "onion",
    "arpa",
    "workgroup",
    "domain",
];

/// What Okta's documents write for a host of yours; they name nothing.
const PLACEHOLDERS: [&str; 2] = ["example_external_service", "your-external-webservice"];

/// Services whose names are numbers of somebody's choice.
const NUMBER_NAMES: [&str; 11] = [
    "nip.io",
    "sslip.io",
    "xip.io",
    "localtest.me",
    "lvh.me",
    "vcap.me",
    "lacolhost.com",
    "fbi.com",
    "traefik.me",
    "rbndr.us",
    "1u.ms",
];

/// The host, without a final dot, and whether it is a name.
fn host_of(url: &Url) -> Option<Result<IpAddr, String>> {
    Some(match url.host()? {
        Host::Ipv4(address) => Ok(IpAddr::V4(address)),
        Host::Ipv6(address) => Ok(IpAddr::V6(address)),
        Host::Domain(name) => {
            let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
            name.parse().map_err(|_| name)
        }
    })
}

/// Whether the host is written other than it is read: a number in another notation, look-alike digits, an encoded name.
pub(super) fn disguised(written: &str, url: &Url) -> Option<Fault> {
    let host = match url.host()? {
        Host::Ipv4(address) => address.to_string(),
        // Many right ways to write one; the range decides.
        Host::Ipv6(_) | Host::Domain(_) => return None,
    };
    let (_, rest) = written.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let shown = authority
        .rsplit_once(':')
        .map_or(authority, |(host, _)| host);
    (shown != host).then(|| {
        fault(
            "disguised_host",
            "has an IPv4 address in another notation than the usual",
        )
    })
}

/// Whether the host is one of the public internet, as far as it tells itself.
pub(super) fn judge_public(url: &Url) -> Option<Fault> {
    let private = || {
        fault(
            "private_address",
            "is called by Okta and leads to a private, local or reserved host",
        )
    };
    match host_of(url)? {
        Ok(address) => (!range::is_public(address)).then(private),
        Err(name) => (!is_public_name(&name)).then(private),
    }
}

fn is_public_name(name: &str) -> bool {
    if PLACEHOLDERS.contains(&name) {
        return true;
    }
    let ends = |end: &&str| {
        name == *end
            || name
                .strip_suffix(*end)
                .is_some_and(|rest| rest.ends_with('.'))
    };
    name.contains('.')
        && !PRIVATE_ENDS.iter().any(&ends)
        && !NUMBER_NAMES.iter().any(ends)
        && name
            .split('.')
            .all(|label| !label.is_empty() && label.len() <= 63)
        && name
            .rsplit('.')
            .next()
            .is_some_and(|top| !top.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether the host is a cloud's metadata service.
pub(super) fn is_metadata(url: &Url) -> bool {
    match host_of(url) {
        Some(Ok(IpAddr::V4(address))) => {
            address.is_link_local()
                || [[100, 100, 100, 200], [192, 0, 0, 192]].contains(&address.octets())
        }
        Some(Ok(IpAddr::V6(address))) => {
            let segments = address.segments();
            segments.starts_with(&[0xfd00, 0xec2])
                || !range::is_public(IpAddr::V6(address))
                    && segments.starts_with(&[0, 0, 0, 0, 0, 0xffff, 0xa9fe])
        }
        Some(Err(name)) => [
            "metadata.google.internal",
            "metadata",
            "instance-data",
            "metadata.goog",
        ]
        .contains(&name.as_str()),
        None => false,
    }
}

/// Whether the org's list, if it has one, names the host.
pub(super) fn judge_listed(url: &Url, hosts: &[String]) -> Option<Fault> {
    if hosts.is_empty() {
        return None;
    }
    let host = url.host_str()?;
    let host = host.strip_suffix('.').unwrap_or(host);
    let listed = hosts.iter().any(|listed| match listed.strip_prefix("*.") {
        Some(end) => host
            .strip_suffix(end)
            .is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
        None => host.eq_ignore_ascii_case(listed),
    });
    (!listed).then(|| {
        fault(
            "unlisted_host",
            "is called by Okta and its host is not among this org's callout hosts",
        )
    })
}

/// Whether `host` is none of `own` but reads like one: its look-alike letters, its name inside another, its dots as dashes.
pub(super) fn imitates(host: &str, own: &[String]) -> bool {
    // Labels in punycode (RFC 3492) are looked at as people see them.
    let (unicode, _) = idna::domain_to_unicode(host);
    let seen = skeleton(&unicode);
    own.iter().any(|own| {
        let own = own.to_ascii_lowercase();
        let plain = skeleton(&own);
        let inside = host
            .strip_prefix(&own)
            .is_some_and(|rest| rest.starts_with(['.', '-']));
        host != own && (seen == plain || inside || seen.replace('-', ".") == plain)
    })
}

/// What a name looks like: letters of other scripts and digits as the Latin letters they resemble (after Unicode TS 39).
fn skeleton(name: &str) -> String {
    let alike = |letter: char| match letter {
        'а' | 'α' | 'à'..='å' | 'ɑ' => 'a',
        'с' | 'ϲ' | 'ç' | 'ć' => 'c',
        'ԁ' => 'd',
        'е' | 'ё' | 'è'..='ë' | 'ε' => 'e',
        'һ' => 'h',
        'і' | 'ι' | 'ì'..='ï' | 'l' | '1' | 'ӏ' | '|' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'м' => 'm',
        'п' | 'ñ' => 'n',
        'о' | 'ο' | 'ò'..='ö' | 'ø' | '0' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' | '5' => 's',
        'т' | 'τ' => 't',
        'υ' | 'ù'..='ü' => 'u',
        'ѵ' | 'ν' => 'v',
        'х' | 'χ' => 'x',
        'у' | 'γ' | 'ý' | 'ÿ' => 'y',
        other => other,
    };
    name.to_lowercase()
        .replace("rn", "m")
        .replace("vv", "w")
        .chars()
        .map(alike)
        .collect()
}
