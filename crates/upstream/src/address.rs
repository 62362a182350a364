//! Where an org lives: `https://host`, nothing more. Plain http is taken for loopback addresses only, so that a sandbox on this
//! machine can be spoken to and a credential never crosses a network in the clear.

use std::fmt;
use std::net::IpAddr;

use http::uri::{Authority, Scheme};
use url::{Host, Url};

/// A checked base URL of an org.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    scheme: Scheme,
    authority: Authority,
}

impl Address {
    /// Reads a base URL such as `https://example.okta.com`.
    ///
    /// # Errors
    /// [`AddressError`], which says what stands there that should not.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let fault = |fault| AddressError {
            text: shown(text),
            fault,
        };
        let url = Url::parse(text.trim()).map_err(|_| fault(Fault::NoUrl))?;
        let host = url.host().ok_or_else(|| fault(Fault::NoUrl))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(fault(Fault::Userinfo));
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(fault(Fault::Path));
        }
        if is_admin(&host) {
            return Err(fault(Fault::Admin));
        }
        let scheme = match url.scheme() {
            "https" => Scheme::HTTPS,
            "http" if is_loopback(&host) => Scheme::HTTP,
            "http" => return Err(fault(Fault::Plain)),
            _ => return Err(fault(Fault::Scheme)),
        };
        let authority = url
            .port()
            .map_or_else(|| host.to_string(), |port| format!("{host}:{port}"));
        let authority = authority.parse().map_err(|_| fault(Fault::NoUrl))?;
        Ok(Self { scheme, authority })
    }

    /// `http` (loopback only) or `https`.
    pub const fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// Host, and port if one was written.
    pub const fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Whether the connection is in the clear (on this machine).
    pub fn is_plain(&self) -> bool {
        self.scheme == Scheme::HTTP
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}://{}", self.scheme, self.authority)
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => IpAddr::V4(*address).is_loopback(),
        Host::Ipv6(address) => IpAddr::V6(*address).is_loopback(),
    }
}

fn is_admin(host: &Host<&str>) -> bool {
    let Host::Domain(name) = host else {
        return false;
    };
    let Some((first, rest)) = name.split_once('.') else {
        return false;
    };
    let okta = [
        "okta.com",
        "oktapreview.com",
        "okta-emea.com",
        "okta-gov.com",
        "okta.mil",
    ];
    first.ends_with("-admin") && okta.contains(&rest)
}

/// The text with anything before an `@` left out, since a password may stand there.
fn shown(text: &str) -> String {
    text.rsplit_once('@')
        .map_or_else(|| text.to_owned(), |(_, after)| format!("..@{after}"))
}

/// Why a text is no address of an org.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not the address of an Okta org: {fault}")]
pub struct AddressError {
    text: String,
    fault: Fault,
}

impl AddressError {
    /// What to write instead.
    pub const fn hint(&self) -> &'static str {
        match self.fault {
            Fault::Admin => "Write the org's own address, which is the same without `-admin`.",
            Fault::Plain => {
                "Write https://; plain http is accepted for 127.0.0.0/8, ::1 and localhost only."
            }
            _ => "Write the scheme and the host only, for example https://example.okta.com.",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Fault {
    #[error("it is no URL with a host")]
    NoUrl,
    #[error("it carries a user name or password")]
    Userinfo,
    #[error("it carries a path, query or fragment")]
    Path,
    #[error("it is the address of the Admin Console")]
    Admin,
    #[error("plain http would send the credential in the clear")]
    Plain,
    #[error("its scheme is not https")]
    Scheme,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_org_is_a_host_over_https() {
        let address = Address::parse("https://Example.okta.com/").unwrap();
        assert_eq!(address.to_string(), "https://example.okta.com");
        assert_eq!(
            Address::parse("https://127.0.0.1:8443")
                .unwrap()
                .to_string(),
            "https://127.0.0.1:8443"
        );
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        for text in [
            "http://127.0.0.1:8080",
            "http://127.9.9.9",
            "http://[::1]:80",
            "http://localhost:9000",
        ] {
            assert!(Address::parse(text).unwrap().is_plain(), "{text}");
        }
        for text in [
            "http://example.okta.com",
            "http://10.0.0.1",
            "http://localhost.example.com",
            "http://[::2]",
        ] {
            assert_eq!(
                Address::parse(text).unwrap_err().fault,
                Fault::Plain,
                "{text}"
            );
        }
    }

    #[test]
    fn anything_beside_the_host_is_refused_with_its_reason() {
        let cases = [
            ("example.okta.com", Fault::NoUrl),
            ("https://", Fault::NoUrl),
            ("https://example.okta.com/api/v1", Fault::Path),
            ("https://example.okta.com/?a=b", Fault::Path),
            ("https://example.okta.com/#x", Fault::Path),
            ("https://admin:secret@example.okta.com", Fault::Userinfo),
            ("https://example-admin.okta.com", Fault::Admin),
            ("ftp://example.okta.com", Fault::Scheme),
        ];
        for (text, fault) in cases {
            assert_eq!(Address::parse(text).unwrap_err().fault, fault, "{text}");
        }
    }

    #[test]
    fn a_password_in_the_text_is_not_repeated() {
        let error = Address::parse("https://admin:hunter2@example.okta.com").unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
        assert!(Address::parse("https://dev-admin.example.com").is_ok());
    }
}
