//! Addresses in calls: whether Okta may be told to call, redirect to or show one. Resolves nothing: a name that points to a private
//! address is not found out here; the org's list of callout hosts is what bounds that.
//!
//! An address is first refused whatever it is for, if two readers could read two addresses (white space, backslashes, user
//! information, addresses of machines in other notations than the usual). Then its purpose decides: what Okta calls is `https` to a
//! public host; where browsers are sent may be loopback (RFC 8252 7.3) or an app's own scheme (7.1), never a scheme that runs.
//!
//! Cost: one parse of the address (under 1 µs); nothing for a value without a scheme where none is needed.

mod host;
mod range;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::limits::ADDRESS_BYTES_MAX;
use crate::{Fault, Slot};

/// What an org says of addresses: the table `[org.NAME.inspect.addresses]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Addresses {
    /// Hosts that Okta may be told to call: `hooks.acme.com`, `*.acme.com`. Empty: any public host.
    pub callout_hosts: Vec<String>,
    /// Hosts of the org itself, whose look-alikes are noted: `acme.okta.com`, `login.acme.com`.
    pub own_hosts: Vec<String>,
}

/// What is wrong with `value` in a place of this kind, if anything.
pub fn judge(slot: Slot, value: &str, by: &Addresses) -> Option<Fault> {
    match slot {
        Slot::Url | Slot::Redirect if value.is_empty() => None,
        Slot::Url => judge_shown(value),
        Slot::Redirect => judge_redirect(value),
        Slot::Callout if value.is_empty() => None,
        Slot::Callout => judge_callout(value, by),
        _ => None,
    }
}

/// Whether the host of `value` is a look-alike of one of the org's own.
pub fn imitates(slot: Slot, value: &str, by: &Addresses) -> Option<Fault> {
    if by.own_hosts.is_empty() || !matches!(slot, Slot::Url | Slot::Redirect | Slot::Callout) {
        return None;
    }
    let url = Url::parse(value).ok()?;
    let host = url.host_str()?;
    host::imitates(host, &by.own_hosts).then(|| {
        fault(
            "look_alike",
            "names a host that looks like one of this org's own",
        )
    })
}

/// Schemes that run, read files or speak to services when they are followed.
const RUNNING: [&str; 16] = [
    "javascript",
    "vbscript",
    "data",
    "blob",
    "file",
    "view-source",
    "jar",
    "gopher",
    "dict",
    "ldap",
    "ldaps",
    "ftp",
    "tftp",
    "about",
    "filesystem",
    "intent",
];

fn judge_shown(value: &str) -> Option<Fault> {
    followed(value, "has a scheme that runs or reads instead of showing").err()
}

fn judge_redirect(value: &str) -> Option<Fault> {
    let runs = "has a scheme that runs or reads instead of redirecting";
    match followed(value, runs) {
        Ok(url) => url
            .filter(host::is_metadata)
            .map(|_| fault("metadata_address", "leads to a cloud's metadata service")),
        Err(fault) => Some(fault),
    }
}

/// The address as one of the web, when a browser may follow it; `None` for a relative one and for an app's own scheme. `runs` says
/// what is wrong with a scheme that runs.
fn followed(value: &str, runs: &'static str) -> Result<Option<Url>, Fault> {
    if let Some(fault) = written_oddly(value) {
        return Err(fault);
    }
    let Some(scheme) = scheme_of(value) else {
        return relative(value).map_or(Ok(None), Err);
    };
    if RUNNING.contains(&scheme.as_str()) {
        return Err(fault("scheme", runs));
    }
    if scheme != "https" && scheme != "http" {
        return Ok(None);
    }
    let url = parsed(value)?;
    host::disguised(value, &url).map_or(Ok(Some(url)), Err)
}

fn judge_callout(value: &str, by: &Addresses) -> Option<Fault> {
    if let Some(fault) = written_oddly(value) {
        return Some(fault);
    }
    // A mail server or a Splunk host is written without a scheme.
    let bare = !value.contains("://") && scheme_of(value).is_none_or(|scheme| scheme.contains('.'));
    let whole = if bare {
        Cow::Owned(format!("https://{value}"))
    } else {
        Cow::Borrowed(value)
    };
    let url = match parsed(&whole) {
        Ok(url) => url,
        Err(fault) => return Some(fault),
    };
    if url.scheme() != "https" {
        return Some(fault("scheme", "is called by Okta and is not https"));
    }
    if bare && (url.path() != "/" || url.query().is_some()) {
        return Some(fault("host", "is not the name of a host"));
    }
    host::disguised(&whole, &url)
        .or_else(|| host::judge_public(&url))
        .or_else(|| judge_port(&url, bare))
        .or_else(|| host::judge_listed(&url, &by.callout_hosts))
}

/// What two readers could read as two addresses.
fn written_oddly(value: &str) -> Option<Fault> {
    if value.len() > ADDRESS_BYTES_MAX {
        return Some(fault("length", "is longer than an address may be"));
    }
    if value.chars().any(|sign| {
        sign.is_whitespace()
            || sign.is_control()
            || matches!(sign, '\u{200b}'..='\u{200f}' | '\u{feff}')
    }) {
        return Some(fault(
            "white_space",
            "has white space or a control character in an address",
        ));
    }
    if value.contains('\\') {
        return Some(fault(
            "backslash",
            "has a backslash, which some readers take for a slash",
        ));
    }
    if value.contains(['<', '>', '"', '`', '^', '|']) || value.contains('\'') {
        return Some(fault(
            "characters",
            "has characters that an address must percent-encode",
        ));
    }
    let head = value.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = value
        .split_once("://")
        .map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
    if authority.is_some_and(|authority| authority.contains('@') || authority.contains('%'))
        || head.contains('%')
    {
        return Some(fault(
            "user_information",
            "has user information or an escape before the host's end",
        ));
    }
    None
}

/// The scheme, lower case; `None` for a relative reference.
fn scheme_of(value: &str) -> Option<String> {
    let (scheme, _) = value.split_once(':')?;
    let starts = scheme.starts_with(|sign: char| sign.is_ascii_alphabetic());
    let fits = scheme
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    (starts && fits).then(|| scheme.to_ascii_lowercase())
}

/// A reference without a scheme: a path of the same site, a host, a placeholder that Okta fills in.
fn relative(value: &str) -> Option<Fault> {
    if value.starts_with("//") {
        return Some(fault(
            "scheme",
            "has no scheme but a host, which takes the page's",
        ));
    }
    if value.contains("..") {
        return Some(fault("path", "has a path that leaves its folder"));
    }
    let fits = |sign: char| sign.is_alphanumeric() || "-._~:/?#[]@!$&()*+,;=%{}".contains(sign);
    (!value.chars().all(fits)).then(|| fault("characters", "has characters that no address has"))
}

fn parsed(value: &str) -> Result<Url, Fault> {
    let url = Url::parse(value).map_err(|_| fault("address", "is not an address"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(fault("user_information", "has user information"));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(fault("host", "has no host"));
    }
    Ok(url)
}

/// Okta calls web servers: below 1024 only their port, and none of the ports other services listen on.
fn judge_port(url: &Url, bare: bool) -> Option<Fault> {
    let fits = url.port().is_none_or(|port| match port {
        443 => true,
        25 | 465 | 587 | 2525 => bare,
        _ => port >= 1_024 && !OTHER_PORTS.contains(&port),
    });
    (!fits).then(|| fault("port", "names a port that no web server listens on"))
}

/// Databases, caches, containers, remote shells.
const OTHER_PORTS: [u16; 14] = [
    1433, 1521, 2049, 2375, 2376, 2379, 3306, 3389, 5432, 5900, 6379, 9042, 11211, 27017,
];

const fn fault(kind: &'static str, what: &'static str) -> Fault {
    Fault {
        kind,
        what: Cow::Borrowed(what),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(slot: Slot, value: &str) -> Option<&'static str> {
        judge(slot, value, &Addresses::default()).map(|fault| fault.kind)
    }

    #[test]
    fn public_https_may_be_called() {
        for value in [
            "https://hooks.example.com/okta?x=1",
            "https://example.com:8443/",
            "https://8.8.8.8/",
            "https://[2606:4700::1111]/",
            "acme.splunkcloud.com",
            "https://example_external_service/userAdded",
            "smtp.example.com",
            "https://xn--mller-kva.de/x",
            "https://müller.de/",
        ] {
            assert_eq!(kind(Slot::Callout, value), None, "{value}");
        }
    }

    #[test]
    fn nothing_private_may_be_called_in_any_notation() {
        for value in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://0x7f.1/",
            "https://017700000001/",
            "https://10.0.0.1/",
            "https://172.31.255.1/",
            "https://192.168.1.1:8443/",
            "https://169.254.169.254/latest/",
            "https://100.64.0.1/",
            "https://0.0.0.0/",
            "https://0/",
            "https://[::1]/",
            "https://[::]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
            "https://[::ffff:0a00:1]/",
            "https://[::127.0.0.1]/",
            "https://[2002:7f00:1::]/",
            "https://[64:ff9b::a00:1]/",
            "https://[64:ff9b:1::a00:1]/",
            "https://[2001:0:1:2::80ff:fffe]/",
            "https://[fe80::1]/",
            "https://[fd00:ec2::254]/",
            "https://[ff02::1]/",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://a.localhost/",
            "https://metadata.google.internal/",
            "https://metadata/",
            "https://db.internal/",
            "https://printer.local/",
            "https://intranet/",
            "https://127.0.0.1.nip.io/",
            "https://localtest.me/",
            "https://⑫7.0.0.1/",
            "https://１２７.0.0.1/",
            "https://127。0。0。1/",
            "localhost",
            "10.0.0.7",
            "https://100.100.100.200/",
            "https://198.18.0.1/",
            "https://255.255.255.255/",
            "https://kubernetes.default.svc/",
            "https://127.0.0.1./",
            "https://192.168.0.1.sslip.io/",
            "https://[::ffff:a9fe:a9fe]/",
        ] {
            assert!(kind(Slot::Callout, value).is_some(), "{value}");
        }
    }

    #[test]
    fn addresses_that_read_two_ways_are_refused() {
        for value in [
            "https://a.com\\@b.com/",
            "https://user@b.com/",
            "https://a.com%2eb.com/",
            "https://a.com /",
            "https://a.com\t.b.com/",
            "https://a.com\r\nHost: b/",
            "https:\\\\a.com",
            "https://:pw@a.com/",
            "https://%31%32%37.0.0.1/",
            "https:///",
            "https://a.com:x/",
        ] {
            for slot in [Slot::Callout, Slot::Redirect, Slot::Url] {
                assert!(kind(slot, value).is_some(), "{slot:?} {value}");
            }
        }
    }

    #[test]
    fn callouts_are_https_to_web_ports() {
        for (value, expected) in [
            ("http://example.com/", "scheme"),
            ("ftp://example.com/", "scheme"),
            ("https://example.com:22/", "port"),
            ("https://example.com:6379/", "port"),
            ("gopher://example.com/", "scheme"),
            ("https://example.com:80/", "port"),
        ] {
            assert_eq!(kind(Slot::Callout, value), Some(expected), "{value}");
        }
    }

    #[test]
    fn the_org_bounds_the_hosts_of_callouts() {
        let by = Addresses {
            callout_hosts: vec!["hooks.acme.com".into(), "*.acme.net".into()],
            ..Addresses::default()
        };
        for (value, fits) in [
            ("https://hooks.acme.com/x", true),
            ("https://HOOKS.acme.com./", true),
            ("https://a.acme.net/", true),
            ("https://acme.net/", false),
            ("https://xhooks.acme.com/", false),
            ("https://acme.net.evil.com/", false),
        ] {
            assert_eq!(judge(Slot::Callout, value, &by).is_none(), fits, "{value}");
        }
    }

    #[test]
    fn redirects_may_be_loopback_or_an_apps_own() {
        for value in [
            "http://localhost:3000/callback",
            "http://127.0.0.1:8080/cb",
            "http://[::1]:8080/",
            "com.example.app:/callback",
            "myapp://auth",
            "https://*.example.com/cb",
            "https://app.example.com/cb?x=y",
            "http://192.168.1.7/cb",
            "http://d.com/",
        ] {
            assert_eq!(kind(Slot::Redirect, value), None, "{value}");
        }
        for value in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "//evil.com/",
            "file:///etc/passwd",
            "http://2130706433/",
            "http://169.254.169.254/",
            "http://0x7f.1/",
            "vbscript:x",
            "blob:https://a.com/x",
        ] {
            assert!(kind(Slot::Redirect, value).is_some(), "{value}");
        }
    }

    #[test]
    fn what_is_shown_is_no_program() {
        for value in [
            "https://acme.com/logo.png",
            "/assets/logo.png",
            "http://intranet/help",
            "mailto:help@acme.com",
            "https://acme.okta.com/app/${app.name}/x",
            "www.acme.com",
            "",
        ] {
            assert_eq!(kind(Slot::Url, value), None, "{value}");
        }
        for value in [
            "javascript:alert(1)",
            "data:text/html;base64,x",
            "https://a.com/\"onload=x",
            "../../etc/passwd",
            "a b",
        ] {
            assert!(kind(Slot::Url, value).is_some(), "{value}");
        }
    }

    #[test]
    fn look_alikes_of_the_org_are_told() {
        let by = Addresses {
            own_hosts: vec!["acme.okta.com".into(), "login.acme.com".into()],
            ..Addresses::default()
        };
        for (value, alike) in [
            ("https://аcme.okta.com/", true),
            ("https://acme.0kta.com/", true),
            ("https://acme.okta.com.evil.com/", true),
            ("https://login-acme.com/", true),
            ("https://iogin.acme.com/", true),
            ("https://acme.okta.com/", false),
            ("https://example.com/", false),
            ("https://okta.com/", false),
            ("https://other.acme.com/", false),
        ] {
            assert_eq!(
                imitates(Slot::Redirect, value, &by).is_some(),
                alike,
                "{value}"
            );
        }
    }
}
