//! What can be wrong with a token before anything it says is believed.
//!
//! These are for the audit trail; whoever sent the token is told none of it.

use thiserror::Error;

use crate::BadKey;

/// Why a compact text is no token that may be looked at further.
#[derive(Debug, Clone, Default, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Malformed {
    /// Longer than [`crate::limits::TEXT_BYTES`].
    #[error("token is too long")]
    TooLong,
    /// Not exactly three parts, none empty (RFC 7515 section 7.1).
    #[error("token has not three parts")]
    Parts,
    /// A part is not canonical base64url (RFC 7515 section 2).
    #[error("token is not canonical base64url")]
    Base64url,
    /// Header or payload is not one JSON object.
    #[default]
    #[error("header or payload is not a JSON object")]
    Json,
    /// A member is named twice (RFC 8725 section 2.4).
    #[error("a member is named twice")]
    RepeatedMember,
    /// Nested deeper than [`crate::limits::DEPTH`].
    #[error("JSON is nested too deep")]
    Depth,
    /// `alg` is missing, or none of [`crate::Algorithm`].
    #[error("algorithm is not one of those verified here")]
    Algorithm,
    /// `crit`, `b64` or `zip`: extensions that change what is read (RFC 7515 section 4.1.11, RFC 7797, RFC 7516).
    #[error("header member `{0}` changes how the token is read")]
    Extension(&'static str),
    /// `jku`, `jwk`, `x5u` or `x5c`: a token that brings its own key (RFC 8725 section 3.10).
    #[error("header member `{0}` names a key of the sender's choice")]
    KeyInHeader(&'static str),
    /// A member is missing, or is not of the form the standards give it.
    #[error("member `{0}` is missing or not of its form")]
    Member(&'static str),
    /// `typ` is not the one of this kind of token (RFC 8725 section 3.11).
    #[error("`typ` is of another kind of token")]
    Kind,
    /// The key a DPoP proof brings cannot be used.
    #[error("key in the proof: {0}")]
    Key(#[from] BadKey),
    /// The signature is not that key's over this text.
    #[error("signature does not verify")]
    Signature,
}

impl Malformed {
    /// What to do next, for the person who runs the client.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Algorithm => {
                "Sign with RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384 or EdDSA."
            }
            Self::KeyInHeader(_) => {
                "Register the key with the client and leave it out of the header."
            }
            Self::Extension(_) => "Send a plain compact JWS without that header member.",
            Self::Kind => "Set `typ` to what the standard says for this kind of token.",
            Self::Member(_) => "Look the member up in the standard and correct the client.",
            Self::Key(key) => key.hint(),
            Self::Signature => "Check that the client signs with the key it names.",
            Self::TooLong
            | Self::Parts
            | Self::Base64url
            | Self::Json
            | Self::RepeatedMember
            | Self::Depth => "Make the token with a JOSE library.",
        }
    }
}
