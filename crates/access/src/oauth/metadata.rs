//! What the authorization server says of itself (RFC 8414), the same at both well-known addresses: SDKs look at either. There is no
//! sign-in here, so it names no authorization endpoint and no response type.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jose::Algorithm;
use serde_json::{Value, json};

use crate::oauth::token::TOKEN_EXCHANGE;

/// The endpoints' paths, as Okta's org authorization server has them.
pub mod path {
    /// Tokens are issued here.
    pub const TOKEN: &str = "/oauth2/v1/token";
    /// The public keys.
    pub const KEYS: &str = "/oauth2/v1/keys";
    /// Introspection.
    pub const INTROSPECT: &str = "/oauth2/v1/introspect";
    /// Revocation.
    pub const REVOKE: &str = "/oauth2/v1/revoke";
    /// RFC 8414 section 3.
    pub const METADATA: &str = "/.well-known/oauth-authorization-server";
    /// OpenID Connect Discovery 1.0 section 4.
    pub const OPENID: &str = "/.well-known/openid-configuration";
}

/// The metadata of the authorization server whose issuer is this URL.
pub fn metadata(issuer: &str) -> Value {
    let at = |path: &str| format!("{issuer}{path}");
    let algorithms: Vec<&str> = Algorithm::ALL.into_iter().map(Algorithm::name).collect();
    json!({
        "issuer": issuer,
        "token_endpoint": at(path::TOKEN),
        "jwks_uri": at(path::KEYS),
        "introspection_endpoint": at(path::INTROSPECT),
        "revocation_endpoint": at(path::REVOKE),
        "scopes_supported": *SCOPES,
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials", TOKEN_EXCHANGE],
        "token_endpoint_auth_methods_supported": METHODS,
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint_auth_methods_supported": METHODS,
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint_auth_methods_supported": METHODS,
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "dpop_signing_alg_values_supported": algorithms,
        "tls_client_certificate_bound_access_tokens": true,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [Algorithm::ES256.name()],
    })
}

/// Every scope that an operation of Okta's requires. Everybody may ask for the metadata, so they are gathered once.
static SCOPES: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    let operations = catalog::operations().iter();
    operations
        .flat_map(|operation| operation.scopes.iter().copied())
        .collect()
});

/// What an unidentified caller of the API is told it may show (RFC 6750 section 3, RFC 9449 section 7.1): the same whatever it
/// showed. Without a credential there is nothing to call invalid.
pub fn challenges(shown: bool) -> [&'static str; 2] {
    if shown {
        [
            r#"Bearer error="invalid_token""#,
            r#"DPoP error="invalid_token", algs="RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 EdDSA""#,
        ]
    } else {
        [
            "Bearer",
            r#"DPoP algs="RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 EdDSA""#,
        ]
    }
}

/// RFC 7591 section 2, OpenID Connect Core section 9, RFC 8705 section 2.
const METHODS: [&str; 5] = [
    "private_key_jwt",
    "client_secret_basic",
    "client_secret_post",
    "tls_client_auth",
    "self_signed_tls_client_auth",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metadata_names_every_endpoint_below_the_issuer() {
        let metadata = metadata("https://gate.example");
        assert_eq!(metadata["issuer"], "https://gate.example");
        for (member, path) in [
            ("token_endpoint", path::TOKEN),
            ("jwks_uri", path::KEYS),
            ("introspection_endpoint", path::INTROSPECT),
            ("revocation_endpoint", path::REVOKE),
        ] {
            assert_eq!(metadata[member], format!("https://gate.example{path}"));
        }
        assert!(metadata.get("authorization_endpoint").is_none());
        let scopes = metadata["scopes_supported"].as_array().unwrap();
        assert!(scopes.contains(&"okta.users.read".into()) && scopes.len() > 50);
    }

    #[test]
    fn both_challenges_name_every_algorithm_and_are_headers() {
        let algorithms: Vec<&str> = Algorithm::ALL.into_iter().map(Algorithm::name).collect();
        for shown in [true, false] {
            let [bearer, dpop] = challenges(shown);
            assert!(dpop.contains(&format!("algs=\"{}\"", algorithms.join(" "))));
            assert_eq!(
                [bearer, dpop].map(|one| one.contains("invalid_token")),
                [shown, shown]
            );
        }
    }
}
