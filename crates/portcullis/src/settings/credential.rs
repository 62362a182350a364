//! How the product signs in to Okta, by reference: the secret is read where it is needed.

use serde::Deserialize;
use std::path::{Path, PathBuf};

/// A credential as typed: exactly one of the four ways.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WrittenCredential {
    /// Take the one that `portcullis credential put` has sealed into the state.
    #[serde(default)]
    sealed: bool,
    /// File that holds an SSWS API token and nothing else.
    token_file: Option<PathBuf>,
    /// Environment variable that holds an SSWS API token.
    token_env: Option<String>,
    /// Client id of a service app (private_key_jwt).
    client_id: Option<String>,
    /// PEM file with the service app's private key.
    key_file: Option<PathBuf>,
    /// Key id, if the app has several keys.
    key_id: Option<String>,
    /// Scopes to ask for.
    #[serde(default)]
    scopes: Vec<String>,
}

/// Where the credential for Okta comes from.
#[derive(Debug, Clone)]
pub(crate) enum Credential {
    /// Sealed in the state database.
    Sealed,
    /// An API token in a file.
    TokenFile(PathBuf),
    /// An API token in an environment variable.
    TokenEnv(String),
    /// A service app's private key.
    PrivateKey {
        /// Client id.
        client_id: String,
        /// PEM file.
        key_file: PathBuf,
        /// Key id.
        key_id: Option<String>,
        /// Scopes.
        scopes: Vec<String>,
    },
}

impl WrittenCredential {
    pub(super) fn meant(self, base: &Path) -> Result<Credential, String> {
        match (self.sealed, self.token_file, self.token_env, self.client_id) {
            (true, None, None, None) => Ok(Credential::Sealed),
            (false, Some(file), None, None) => Ok(Credential::TokenFile(base.join(file))),
            (false, None, Some(variable), None) => Ok(Credential::TokenEnv(variable)),
            (false, None, None, Some(client_id)) => Ok(Credential::PrivateKey {
                client_id,
                key_file: base.join(self.key_file.ok_or("client-id needs key-file")?),
                key_id: self.key_id,
                scopes: self.scopes,
            }),
            _ => {
                let ways = "sealed = true, token-file, token-env, or client-id with key-file";
                Err(format!("needs exactly one of: {ways}"))
            }
        }
    }
}

impl Credential {
    /// The environment variable it lies in, if it does.
    pub(super) fn variable(&self) -> Option<&str> {
        match self {
            Self::TokenEnv(name) => Some(name),
            Self::Sealed | Self::TokenFile(_) | Self::PrivateKey { .. } => None,
        }
    }
}
