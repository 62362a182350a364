//! What Portcullis itself shows to Okta: an API token (`SSWS`), or access tokens that a service app fetches with a signed
//! assertion (`private_key_jwt`). DPoP-bound tokens are not spoken yet. Nothing here is ever shown or logged.

use std::sync::Arc;

use access::OrgName;
use clock::Clock;
use http::HeaderValue;
use store::Secret;
use tokio::time::Instant;

use crate::key::SigningKey;
use crate::token::Tokens;
use crate::wire::Wire;
use crate::{ConnectError, UpstreamError, Vault};

/// Where the credential of an org comes from.
#[derive(Debug)]
pub enum CredentialSource {
    /// It is handed in, for as long as the org is spoken to.
    Given(Credential),
    /// It is kept in the vault, and may be replaced there at any time.
    Kept {
        /// The vault.
        vault: Arc<Vault>,
        /// The org whose credential it is.
        org: OrgName,
    },
}

impl From<Credential> for CredentialSource {
    fn from(credential: Credential) -> Self {
        Self::Given(credential)
    }
}

/// The credential of one org.
#[derive(Debug)]
pub enum Credential {
    /// An API token, as the Admin Console shows it once. It has its creator's role, and expires after 30 days without use.
    ApiToken(Secret<String>),
    /// A service app with `private_key_jwt`.
    ServiceApp(ServiceApp),
}

/// A service app of the org: what it may do is its scopes *and* its admin roles.
#[derive(Debug)]
pub struct ServiceApp {
    /// Its client id.
    pub client_id: String,
    /// Its private key.
    pub key: SigningKey,
    /// The key's id, where the app has several keys and the key does not state it itself.
    pub kid: Option<String>,
    /// Scopes to ask for: `okta.users.read` and the like.
    pub scopes: Vec<String>,
}

/// A credential at work.
#[derive(Debug)]
pub(crate) enum Authority {
    ApiToken(HeaderValue),
    ServiceApp(Box<Tokens>),
}

impl Authority {
    pub(crate) fn new(
        credential: Credential,
        wire: &Wire,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ConnectError> {
        match credential {
            Credential::ApiToken(token) => {
                let value = Secret::new(format!("SSWS {}", token.expose().trim()));
                let mut header =
                    HeaderValue::from_str(value.expose()).map_err(|_| ConnectError::Token)?;
                if token.expose().trim().is_empty() {
                    return Err(ConnectError::Token);
                }
                header.set_sensitive(true);
                Ok(Self::ApiToken(header))
            }
            Credential::ServiceApp(app) => {
                Ok(Self::ServiceApp(Box::new(Tokens::new(app, wire, clock))))
            }
        }
    }

    /// The `Authorization` value to send now, fetched over `wire` if need be.
    pub(crate) async fn header(
        &self,
        wire: &Wire,
        deadline: Instant,
    ) -> Result<HeaderValue, UpstreamError> {
        match self {
            Self::ApiToken(header) => Ok(header.clone()),
            Self::ServiceApp(tokens) => tokens.header(wire, deadline).await,
        }
    }

    /// Gives up a value that Okta refused; whether another one can be had.
    pub(crate) fn discard(&self, refused: &HeaderValue) -> bool {
        match self {
            Self::ApiToken(_) => false,
            Self::ServiceApp(tokens) => {
                tokens.discard(refused);
                true
            }
        }
    }
}
