//! How a client signs in as an OAuth client, as it was registered.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jose::KeySet;
use serde::{Deserialize, Serialize};

use crate::AccessError;
use crate::limits::TOKEN_MINUTES_MAX;

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
    /// Refuses what could never authenticate, or lives too long, so that a typing error is noticed now.
    pub(crate) fn check(&self) -> Result<(), AccessError> {
        let bad = |what: String| Err(AccessError::BadRegistration(what));
        if !(1..=TOKEN_MINUTES_MAX).contains(&self.token_minutes) {
            return bad(format!("tokens cannot live {} minutes", self.token_minutes));
        }
        match &self.authentication {
            Authentication::PrivateKeyJwt { jwks } => match KeySet::read_registration(jwks) {
                Ok(_) => Ok(()),
                Err(problem) => bad(problem.to_string()),
            },
            Authentication::TlsClientAuth { subject } if subject.trim().is_empty() => {
                bad("the certificate's subject is empty".to_owned())
            }
            Authentication::SelfSignedTlsClientAuth { thumbprint }
                if !is_thumbprint(thumbprint) =>
            {
                bad("the certificate's thumbprint is not SHA-256 in base64url".to_owned())
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(crate) fn from_json(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

fn is_thumbprint(text: &str) -> bool {
    URL_SAFE_NO_PAD
        .decode(text)
        .is_ok_and(|bytes| bytes.len() == 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(authentication: Authentication, token_minutes: u32) -> OauthRegistration {
        OauthRegistration {
            authentication,
            dpop_bound: false,
            token_minutes,
        }
    }

    #[test]
    fn a_registration_that_could_never_authenticate_is_refused() {
        let thumbprint = |text: &str| Authentication::SelfSignedTlsClientAuth {
            thumbprint: text.to_owned(),
        };
        let good = jose::sha256_base64url(b"certificate");
        for fits in [
            with(Authentication::ClientSecretBasic, 1),
            with(Authentication::ClientSecretPost, TOKEN_MINUTES_MAX),
            with(thumbprint(&good), 10),
        ] {
            assert!(fits.check().is_ok(), "{fits:?}");
            let read = OauthRegistration::from_json(&fits.to_json());
            assert_eq!(read, Some(fits));
        }
        let no_keys = Authentication::PrivateKeyJwt {
            jwks: r#"{"keys":[]}"#.to_owned(),
        };
        let no_subject = Authentication::TlsClientAuth {
            subject: " ".to_owned(),
        };
        for bad in [
            with(Authentication::ClientSecretBasic, 0),
            with(Authentication::ClientSecretBasic, TOKEN_MINUTES_MAX + 1),
            with(no_keys, 10),
            with(no_subject, 10),
            with(thumbprint(""), 10),
            with(thumbprint(&good[1..]), 10),
        ] {
            assert!(
                matches!(bad.check(), Err(AccessError::BadRegistration(_))),
                "{bad:?}"
            );
        }
    }
}
