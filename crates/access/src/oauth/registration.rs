//! How a client signs in as an OAuth client, as it was registered.

use serde::{Deserialize, Serialize};

/// Registration of a client at the authorization server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OauthRegistration {
    /// How it authenticates at the token endpoint: exactly one way, so that a stronger one cannot be bypassed by a weaker.
    pub authentication: Authentication,
    /// Whether its access tokens are bound to a key by DPoP (RFC 9449). Without it a `DPoP` header is ignored: Okta's Node SDK sends
    /// one with every token request.
    #[serde(default)]
    pub dpop_bound: bool,
    /// Life of its access tokens, in minutes.
    pub token_minutes: u32,
}

/// How a client authenticates at the token endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum Authentication {
    /// A JWT signed with a registered key (RFC 7523).
    PrivateKeyJwt {
        /// Its public keys, as a JWK set.
        jwks: String,
    },
    /// A secret in the `Authorization` header (RFC 6749 section 2.3.1).
    ClientSecretBasic,
    /// A secret in the form (the same section).
    ClientSecretPost,
    /// A certificate signed by an authority of the settings, recognised by its subject (RFC 8705 section 2.1).
    TlsClientAuth {
        /// Subject as RFC 4514 text.
        subject: String,
    },
    /// A certificate recognised by itself (RFC 8705 section 2.2).
    SelfSignedTlsClientAuth {
        /// Its SHA-256 thumbprint in base64url.
        thumbprint: String,
    },
}

impl OauthRegistration {
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(crate) fn from_json(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}
