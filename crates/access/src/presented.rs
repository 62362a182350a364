//! What a request shows of who sends it, and what an identified caller's call is about: the inputs of identification and decision.
//! All of it is handed in; nothing here looks anything up.

use std::net::IpAddr;

use policy::Object;

/// What a request shows of its sender, taken from one connection and one head. A header that came twice is handed in as an empty
/// text, which is never valid.
#[derive(Clone, Copy, Debug)]
pub struct Presented<'a> {
    /// The `Authorization` header.
    pub authorization: Option<&'a str>,
    /// The `DPoP` header (RFC 9449).
    pub proof: Option<&'a str>,
    /// SHA-256 thumbprint of the certificate the sender showed in TLS, in base64url (`x5t#S256`, RFC 8705).
    pub certificate: Option<&'a str>,
    /// Subject of that certificate as RFC 4514 text, when an authority of the settings vouches for it; `None` for one that only
    /// vouches for itself.
    pub subject: Option<&'a str>,
    /// Address the request comes from, behind proxies that are believed.
    pub source: IpAddr,
    /// Request method as sent.
    pub method: &'a str,
    /// The URL the sender dialled: the org's public URL and the path, without query and fragment.
    pub url: &'a str,
}

impl<'a> Presented<'a> {
    /// The org's public URL: scheme, host and port of the URL that the sender dialled. It is the issuer of our own tokens.
    pub(crate) fn issuer(&self) -> &'a str {
        let slash = self.url.match_indices('/').nth(2);
        slash
            .and_then(|(at, _)| self.url.get(..at))
            .unwrap_or(self.url)
    }
}

/// What a decision looks at beside caller, call and time.
#[derive(Clone, Debug, Default)]
pub struct Circumstances {
    /// Where the call comes from; `None` for the product's own jobs.
    pub source: Option<IpAddr>,
    /// The objects its path names.
    pub objects: Objects,
    /// Members of its body, inner ones too, as dotted paths (`profile`, `profile.department`), array indexes left out.
    pub fields: Vec<String>,
}

/// The objects that a call's path names, as the last snapshot knows them.
#[derive(Clone, Debug, Default)]
pub enum Objects {
    /// Not looked up. A decision that turns out to need them is a denial.
    #[default]
    NotAsked,
    /// All of them, in path order; none when the path names none.
    Known(Vec<Object>),
    /// At least one could not be found.
    Unknown {
        /// The path parameter whose object it is.
        parameter: &'static str,
    },
}
