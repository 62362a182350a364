//! What the gateway is given: which orgs it guards, under which URLs, and whom it trusts as a proxy. Checked once, at the start.

use access::{Budgets, OrgName, OrgRules};
use audit::Trail;
use egress::{Egress, Notices};
use inspection::Inspector;
use std::sync::Arc;
use upstream::Upstream;
use url::Url;

use crate::admission::{Limits, LimitsError, Tally};
use crate::mirror::Mirror;
use crate::redact::Redaction;
use crate::restrain::Onslaught;
use crate::rewrite::Origins;
use crate::strangers::Strangers;
use access::Network;

/// What the gateway is given.
#[derive(Debug, Default)]
pub struct Settings {
    /// The orgs it guards; their public URLs differ.
    pub orgs: Vec<GuardedOrg>,
    /// Senders whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// The way to outside issuers' keys; without one, only keys that were registered with an issuer serve.
    pub egress: Option<Egress>,
    /// Who is told of elevations and of what is done behind the glass.
    pub notices: Notices,
    /// How much there is of everything, and how much of it one source or caller may have.
    pub limits: Limits,
}

/// One org behind the gateway.
#[derive(Debug)]
pub struct GuardedOrg {
    /// Its name in the settings; keys and audit entries belong to it.
    pub name: OrgName,
    /// Where callers reach it through the gateway. Its host and port choose the org.
    pub public_url: Url,
    /// Where Okta has it, and further URLs under which Okta's answers name it (a custom domain's canonical host).
    pub okta_urls: Vec<Url>,
    /// What is switched on for all its callers.
    pub rules: OrgRules,
    /// The way to it.
    pub upstream: Arc<dyn Upstream>,
    /// Where its calls are written down.
    pub trail: Trail,
    /// Its objects as last seen, for policies that look at them.
    pub mirror: Arc<Mirror>,
    /// How much may be taken away within an hour and a day.
    pub budgets: Budgets,
    /// What its calls may not look like.
    pub inspector: Inspector,
    /// What of its answers callers do not get to see.
    pub redaction: Redaction,
}

/// Settings that cannot work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A public URL without a host, or with more than a host and port.
    #[error("public URL `{url}` of org {org} is not just a scheme, a host and a port")]
    BadPublicUrl {
        /// Which org.
        org: OrgName,
        /// What was given.
        url: String,
    },
    /// Two orgs behind one address: the gateway could not tell them apart.
    #[error("orgs {first} and {second} have the same public URL")]
    SameUrl {
        /// One of them.
        first: OrgName,
        /// The other.
        second: OrgName,
    },
    /// Limits that cannot work.
    #[error("[limits] {0}")]
    Limits(#[from] LimitsError),
}

impl SettingsError {
    /// What to do next, as a full sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::BadPublicUrl { .. } => "Write it like `https://okta-gateway.example.com`.",
            Self::SameUrl { .. } => "Give every org a host or port of its own.",
            Self::Limits(error) => error.hint(),
        }
    }
}

/// A guarded org, ready to serve.
#[derive(Debug)]
pub(crate) struct Front {
    pub(crate) name: OrgName,
    /// `host` or `host:port`, lower case, without a default port.
    authority: String,
    default_port: &'static str,
    /// Scheme and authority as callers dial them, without a slash at the end.
    public: String,
    pub(crate) rules: OrgRules,
    pub(crate) upstream: Arc<dyn Upstream>,
    pub(crate) trail: Trail,
    pub(crate) notices: Notices,
    pub(crate) mirror: Arc<Mirror>,
    pub(crate) budgets: Arc<Budgets>,
    pub(crate) inspector: Inspector,
    pub(crate) redaction: Redaction,
    pub(crate) onslaught: Onslaught,
    pub(crate) origins: Origins,
    pub(crate) strangers: Strangers,
    /// Requests turned away because there was too much of something.
    pub(crate) tally: Tally,
}

impl Front {
    /// Whether a request with this `Host` is for this org.
    pub(crate) fn is_at(&self, host: &str) -> bool {
        let bare = host.strip_suffix(self.default_port).unwrap_or(host);
        self.authority.eq_ignore_ascii_case(bare)
    }

    /// The URL callers dial for this path.
    pub(crate) fn url_of(&self, path: &str) -> String {
        format!("{}{path}", self.public)
    }
}

impl Settings {
    pub(crate) fn checked(self) -> Result<(Vec<Front>, Vec<Network>), SettingsError> {
        let mut fronts: Vec<Front> = Vec::with_capacity(self.orgs.len());
        for org in self.orgs {
            let front = org.checked(&self.notices)?;
            if let Some(first) = fronts
                .iter()
                .find(|other| other.authority == front.authority)
            {
                return Err(SettingsError::SameUrl {
                    first: first.name.clone(),
                    second: front.name,
                });
            }
            fronts.push(front);
        }
        Ok((fronts, self.trusted_proxies))
    }
}

impl GuardedOrg {
    fn checked(self, notices: &Notices) -> Result<Front, SettingsError> {
        let url = &self.public_url;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let host = url.host_str().filter(|_| bare && url.username().is_empty());
        let (Some(host), "http" | "https") = (host, url.scheme()) else {
            return Err(SettingsError::BadPublicUrl {
                org: self.name,
                url: url.to_string(),
            });
        };
        let authority = match url.port() {
            None => host.to_owned(),
            Some(port) => format!("{host}:{port}"),
        };
        Ok(Front {
            default_port: if url.scheme() == "https" {
                ":443"
            } else {
                ":80"
            },
            public: format!("{}://{authority}", url.scheme()),
            origins: Origins::new(&self.okta_urls, url),
            strangers: Strangers::default(),
            tally: Tally::default(),
            authority,
            name: self.name,
            rules: self.rules,
            upstream: self.upstream,
            trail: self.trail,
            notices: notices.clone(),
            mirror: self.mirror,
            budgets: Arc::new(self.budgets),
            inspector: self.inspector,
            redaction: self.redaction,
            onslaught: Onslaught::default(),
        })
    }
}
