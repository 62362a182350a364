//! Under which origins Okta's answers name an org, and what the gateway calls them. Compares whole origins, never parts of hosts.

use std::collections::BTreeSet;

use catalog::{Kind, Operation};
use url::{Host, Url};

/// The org's origins and the gateway's.
#[derive(Debug)]
pub(crate) struct Origins {
    /// `scheme://host[:port]` of the org, and of its `-admin` twin.
    okta: Vec<String>,
    public: String,
    /// First segments of the paths that the gateway serves.
    served: BTreeSet<&'static str>,
    /// Those below which people sign in too: there the whole path decides.
    mixed: BTreeSet<&'static str>,
}

impl Origins {
    pub(crate) fn new(okta_urls: &[Url], public_url: &Url) -> Self {
        let own = okta_urls
            .iter()
            .flat_map(|url| [Some(origin(url)), admin_twin(url)]);
        let first = |operation: &Operation| first_segment(operation.template);
        let operations = catalog::operations();
        let mut served: BTreeSet<&'static str> = operations.iter().filter_map(first).collect();
        served.insert(SCHEMAS);
        let protocol = operations
            .iter()
            .filter(|operation| operation.kind == Kind::Protocol);
        Self {
            okta: own.flatten().collect(),
            public: origin(public_url),
            served,
            mixed: protocol.filter_map(first).collect(),
        }
    }

    /// Whether any of the org's hosts occurs in the text at all: cheap, and false for most small answers. Hosts and not whole
    /// origins, because some writers of JSON put a backslash before every slash.
    pub(crate) fn occur_in(&self, text: &str) -> bool {
        self.okta
            .iter()
            .any(|origin| text.contains(host_of(origin)))
    }

    /// The gateway's URL, as origin and rest, for one of the org's that the gateway serves.
    pub(crate) fn translate<'u>(&'u self, url: &'u str) -> Option<(&'u str, &'u str)> {
        let rest = self.rest_of(url)?;
        self.serves(rest).then_some((self.public.as_str(), rest))
    }

    /// The gateway's URL for the id of one of the org's schemas.
    pub(crate) fn translate_schema<'u>(&'u self, url: &'u str) -> Option<(&'u str, &'u str)> {
        let rest = self.rest_of(url)?;
        (first_segment(rest) == Some(SCHEMAS)).then_some((self.public.as_str(), rest))
    }

    /// Whether the gateway's own host occurs in the text at all.
    pub(crate) fn is_public_in(&self, text: &str) -> bool {
        text.contains(host_of(&self.public))
    }

    /// The org's URL for one of the gateway's: the way back of both translations.
    pub(crate) fn restore<'u>(&'u self, url: &'u str) -> Option<(&'u str, &'u str)> {
        let rest = url.strip_prefix(self.public.as_str())?;
        let okta = self.okta.first()?;
        self.serves(rest).then_some((okta.as_str(), rest))
    }

    /// Whether the gateway is where this path (with query) leads programs. Where people sign in stays with Okta.
    fn serves(&self, target: &str) -> bool {
        let Some(first) = first_segment(target) else {
            return false;
        };
        self.served.contains(first) && (!self.mixed.contains(first) || is_managed(target))
    }

    fn rest_of<'u>(&self, url: &'u str) -> Option<&'u str> {
        let rests = self
            .okta
            .iter()
            .filter_map(|origin| url.strip_prefix(origin.as_str()));
        // What follows must begin a path: `https://example.okta.com.evil.example` is not this org.
        rests.into_iter().find(|rest| rest.starts_with('/'))
    }
}

/// Whether some operation that is no part of a sign-in has this path.
fn is_managed(target: &str) -> bool {
    catalog::operations_at(target).any(|operation| operation.kind != Kind::Protocol)
}

fn host_of(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, host)| host)
}

fn first_segment(path: &str) -> Option<&str> {
    let segment = path.strip_prefix('/')?.split(['/', '?', '#']).next()?;
    (!segment.is_empty() && !segment.starts_with('{')).then_some(segment)
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// The same org's address for administrators: `https://example-admin.okta.com`.
fn admin_twin(url: &Url) -> Option<String> {
    let Some(Host::Domain(host)) = url.host() else {
        return None;
    };
    let (first, rest) = host.split_once('.')?;
    let port = url
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    Some(format!("{}://{first}-admin.{rest}{port}", url.scheme()))
}

/// Ids of schemas are URLs below this segment, which no operation has.
const SCHEMAS: &str = "meta";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_own_origins_and_served_paths_are_translated() {
        let url = |text: &str| Url::parse(text).unwrap();
        let origins = Origins::new(
            &[url("https://example.okta.com")],
            &url("http://127.0.0.1:8080"),
        );
        let translate = |text: &str| {
            let (origin, rest) = origins.translate(text)?;
            Some(format!("{origin}{rest}"))
        };
        assert_eq!(
            translate("https://example.okta.com/api/v1/users?after=00u1").as_deref(),
            Some("http://127.0.0.1:8080/api/v1/users?after=00u1")
        );
        assert_eq!(
            translate("https://example-admin.okta.com/api/v1/apps").as_deref(),
            Some("http://127.0.0.1:8080/api/v1/apps")
        );
        for managed in [
            "/oauth2/v1/clients/0oa1",
            "/oauth2/default/.well-known/openid-configuration",
        ] {
            let link = format!("https://example.okta.com{managed}");
            assert_eq!(
                translate(&link),
                Some(format!("http://127.0.0.1:8080{managed}"))
            );
        }
        for other in [
            "https://example.okta.com.evil.example/api/v1/users",
            "https://example.okta.com@evil.example/api/v1/users",
            "https://example.okta.community/api/v1/users",
            "http://example.okta.com/api/v1/users",
            "https://cdn.okta.com/api/logo.png",
            "https://example.okta.com/home/oidc_client/0oa1/aln1",
            "https://example.okta.com/oauth2/v1/authorize?idp=0oa1",
            "https://example.okta.com/oauth2/v1/authorize/callback",
            "https://example.okta.com",
            "/api/v1/users",
        ] {
            assert_eq!(translate(other), None, "{other}");
        }
    }
}
