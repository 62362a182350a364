//! A credential as it is handed in and kept: text. Turned into one that speaks to Okta when it is needed, and checked when it is put.

use serde::{Deserialize, Serialize};
use store::{Secret, Zeroizing};

use super::VaultError;
use crate::{Credential, ServiceApp, SigningKey};

/// A credential as text.
#[derive(Debug, Clone)]
pub enum CredentialText {
    /// An API token.
    ApiToken(Secret<String>),
    /// A service app and its private key.
    ServiceApp {
        /// Its client id.
        client_id: String,
        /// Its private key, PEM or JWK.
        key: Secret<String>,
        /// The key's id, where the app has several keys.
        key_id: Option<String>,
        /// Scopes to ask for.
        scopes: Vec<String>,
    },
}

/// As it is sealed. Borrowed on the way out, wiped on the way in.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum Written<S> {
    ApiToken {
        token: S,
    },
    ServiceApp {
        client_id: String,
        key: S,
        key_id: Option<String>,
        scopes: Vec<String>,
    },
}

impl CredentialText {
    /// The credential that this text stands for.
    ///
    /// # Errors
    /// [`VaultError::Token`] or [`VaultError::Key`], when it stands for none.
    pub fn read(&self) -> Result<Credential, VaultError> {
        match self {
            Self::ApiToken(token) => {
                let token = token.expose().trim();
                if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
                    return Err(VaultError::Token);
                }
                Ok(Credential::ApiToken(Secret::new(token.to_owned())))
            }
            Self::ServiceApp {
                client_id,
                key,
                key_id,
                scopes,
            } => Ok(Credential::ServiceApp(ServiceApp {
                client_id: client_id.clone(),
                key: SigningKey::read(key)?,
                kid: key_id.clone(),
                scopes: scopes.clone(),
            })),
        }
    }

    /// `api_token` or `service_app`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::ApiToken(_) => "api_token",
            Self::ServiceApp { .. } => "service_app",
        }
    }

    /// The service app's client id, if it is one.
    pub fn client_id(&self) -> Option<&str> {
        match self {
            Self::ApiToken(_) => None,
            Self::ServiceApp { client_id, .. } => Some(client_id),
        }
    }

    pub(super) const fn secret(&self) -> &Secret<String> {
        match self {
            Self::ApiToken(secret) | Self::ServiceApp { key: secret, .. } => secret,
        }
    }

    pub(super) fn to_json(&self) -> Option<Zeroizing<Vec<u8>>> {
        let written = match self {
            Self::ApiToken(token) => Written::ApiToken {
                token: token.expose().trim(),
            },
            Self::ServiceApp {
                client_id,
                key,
                key_id,
                scopes,
            } => Written::ServiceApp {
                client_id: client_id.clone(),
                key: key.expose().trim(),
                key_id: key_id.clone(),
                scopes: scopes.clone(),
            },
        };
        serde_json::to_vec(&written).ok().map(Zeroizing::new)
    }

    pub(super) fn from_json(json: &[u8]) -> Option<Self> {
        let written: Written<String> = serde_json::from_slice(json).ok()?;
        Some(match written {
            Written::ApiToken { token } => Self::ApiToken(Secret::new(token)),
            Written::ServiceApp {
                client_id,
                key,
                key_id,
                scopes,
            } => Self::ServiceApp {
                client_id,
                key: Secret::new(key),
                key_id,
                scopes,
            },
        })
    }
}
