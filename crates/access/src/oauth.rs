//! The authorization server's logic, at Okta's own paths: who gets an access token, what it says, and whether it still counts. Its
//! HTTP routes live in `gateway`; nothing here reads or writes a request.

pub(crate) mod access_token;
pub mod assertion;
#[cfg(test)]
mod attacks;
mod client_authentication;
pub mod dpop;
mod exchange;
mod form;
mod introspection;
mod metadata;
mod refusal;
mod registration;
pub mod replay;
pub(crate) mod revocation;
pub(crate) mod signing_key;
mod token;
pub(crate) mod token_cache;

pub use client_authentication::Asked;
pub use form::{BadForm, Form};
pub use metadata::{challenges, metadata, path};
pub use refusal::{Fault, OauthRefusal};
pub use registration::{Authentication, OauthRegistration};
pub use revocation::{Revocation, is_token_id};
pub use signing_key::{SigningKeyRecord, Succession};
pub use token::IssuedToken;

/// The scheme in which a token was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// RFC 6750.
    Bearer,
    /// RFC 9449 section 7.1.
    Dpop,
}
