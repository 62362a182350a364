//! How the endpoints refuse: the codes of the standards, and one sentence per class of error that says nothing an attacker could
//! steer by. Why exactly is for the audit trail.

use std::borrow::Cow;

use serde_json::{Value, json};

use crate::oauth::BadForm;
use crate::workload::KeyPlace;
use crate::{AccessError, ClientId, Refused, Why};

/// A request to the token, introspection or revocation endpoint that was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .fault.code())]
pub struct OauthRefusal {
    fault: Fault,
    why: Cow<'static, str>,
    client: Option<ClientId>,
    nonce: Option<String>,
    wanting: Option<KeyPlace>,
}

/// What is wrong, as far as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The request is not one the endpoint can read, or contradicts itself.
    InvalidRequest,
    /// The client is unknown, or not authenticated the way it is registered.
    InvalidClient,
    /// The token to be exchanged is not accepted.
    InvalidGrant,
    /// No such grant here.
    UnsupportedGrantType,
    /// No scope, an unknown one, or one that the client does not hold.
    InvalidScope,
    /// A resource or audience that is not this org (RFC 8707, RFC 8693 section 2.2.2).
    InvalidTarget,
    /// The client's tokens are bound to a key, and the proof of its possession is missing or bad (RFC 9449).
    InvalidDpopProof,
    /// The proof lacks the server's nonce; one is handed out (RFC 9449 section 8).
    UseDpopNonce,
    /// The client does too much of it.
    TooMany,
    /// The state database cannot be read or written, so nothing is issued.
    Unavailable,
}

impl Fault {
    /// The `error` code. As in the standards; Okta uses the same.
    pub fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::InvalidDpopProof => "invalid_dpop_proof",
            Self::UseDpopNonce => "use_dpop_nonce",
            Self::TooMany => "slow_down",
            Self::Unavailable => "temporarily_unavailable",
        }
    }

    /// The HTTP status (RFC 6749 section 5.2; RFC 9449 section 5).
    pub fn status(self) -> u16 {
        match self {
            Self::InvalidClient => 401,
            Self::TooMany => 429,
            Self::Unavailable => 503,
            _ => 400,
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::InvalidRequest => {
                "The request is missing a parameter, repeats one, or has one that is not understood."
            }
            Self::InvalidClient => {
                "The client could not be authenticated the way it is registered."
            }
            Self::InvalidGrant => "The token to be exchanged is not accepted.",
            Self::UnsupportedGrantType => {
                "Only client_credentials and token exchange are granted here."
            }
            Self::InvalidScope => {
                "Ask for scopes by name, and only for those the client was registered with."
            }
            Self::InvalidTarget => "Tokens are issued for this org only.",
            Self::InvalidDpopProof => {
                "The DPoP proof JWT header is missing or not valid for this request."
            }
            Self::UseDpopNonce => "Authorization server requires nonce in DPoP proof.",
            Self::TooMany => "The client has revoked too many tokens that have not expired yet.",
            Self::Unavailable => "The authorization server cannot issue or revoke at the moment.",
        }
    }
}

impl OauthRefusal {
    pub(crate) fn new(fault: Fault, why: impl Into<Cow<'static, str>>) -> Self {
        Self {
            fault,
            why: why.into(),
            client: None,
            nonce: None,
            wanting: None,
        }
    }

    /// A refusal of a request that never reached the endpoint's logic: a wrong media type, a query.
    pub fn malformed(why: &'static str) -> Self {
        Self::new(Fault::InvalidRequest, why)
    }

    /// Notes whose request it was. Only for requests whose client is authenticated or at least named.
    #[must_use]
    pub(crate) fn of(mut self, client: &ClientId) -> Self {
        self.client = Some(client.clone());
        self
    }

    #[must_use]
    pub(crate) fn offering(mut self, nonce: String) -> Self {
        self.nonce = Some(nonce);
        self
    }

    /// What is wrong, as far as it is told.
    pub fn fault(&self) -> Fault {
        self.fault
    }

    /// Why exactly, in one word, for the audit trail only.
    pub fn why(&self) -> &str {
        &self.why
    }

    /// The client, if the request named a registered one. Says nothing about whether it was authenticated.
    pub fn client(&self) -> Option<&ClientId> {
        self.client.as_ref()
    }

    /// Where keys are that would tell more: to be fetched if [`Keyring::claim_fetch`](crate::Keyring::claim_fetch) says so, and then
    /// tried again, once.
    pub fn wanted_keys(&self) -> Option<&KeyPlace> {
        self.wanting.as_ref()
    }

    /// A request that is not looked at, because its source has shown too much that was wrong. It looks like any failed authentication.
    pub fn throttled() -> Self {
        Self::new(Fault::InvalidClient, Why::Throttled.code())
    }

    /// Whether whoever sent the request may be guessing: it named nobody we know, or could not sign for whom it named.
    pub fn is_guess(&self) -> bool {
        let unproven = matches!(self.fault, Fault::InvalidClient | Fault::InvalidGrant);
        let forged = FORGED.contains(&&*self.why);
        unproven && self.wanting.is_none() && (self.client.is_none() || forged)
    }

    /// The nonce to be sent as `DPoP-Nonce`.
    pub fn nonce(&self) -> Option<&str> {
        self.nonce.as_deref()
    }

    /// The body (RFC 6749 section 5.2).
    pub fn to_json(&self) -> Value {
        json!({ "error": self.fault.code(), "error_description": self.fault.description() })
    }
}

impl From<BadForm> for OauthRefusal {
    fn from(bad: BadForm) -> Self {
        Self::new(Fault::InvalidRequest, bad.code())
    }
}

/// A token of an outside issuer that is not accepted.
impl From<Refused> for OauthRefusal {
    fn from(refused: Refused) -> Self {
        let fault = match refused.why() {
            Why::Unavailable => Fault::Unavailable,
            _ => Fault::InvalidGrant,
        };
        Self {
            client: refused.whose().map(|(client, _)| client.clone()),
            wanting: refused.wanted_keys().cloned(),
            ..Self::new(fault, refused.why().code())
        }
    }
}

impl From<AccessError> for OauthRefusal {
    fn from(error: AccessError) -> Self {
        Self::new(Fault::Unavailable, error.to_string())
    }
}

/// Reasons for which a request that names a client shows nothing of it.
const FORGED: [&str; 3] = [
    "assertion_of_no_key",
    "assertion_badly_signed",
    "forged_credential",
];
