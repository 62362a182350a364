//! Signed tokens as the standards write them: compact JWS, JWT, JWK, thumbprints, DPoP proofs; read strictly.
//!
//! It keeps nothing, fetches nothing, knows no clock and decides nothing about who may do what. An algorithm is
//! a property of a key and never of a token (RFC 8725 section 3.1); no header can name the key it is verified with
//! (except in a DPoP proof, whose point that is). Signatures are aws-lc-rs's.

mod algorithm;
mod base64url;
mod dpop;
#[cfg(test)]
mod fuzz;
mod jwk;
mod jws;
mod key_set;
pub mod limits;
mod malformed;
mod object;
mod pem;
mod seconds;
mod signing_key;
mod verifying_key;

pub use algorithm::Algorithm;
pub use base64url::sha256_base64url;
pub use dpop::DpopProof;
pub use jws::{Header, Jws};
pub use key_set::{BadKeySet, KeySet};
pub use malformed::Malformed;
pub use object::read_object;
pub use seconds::read_seconds;
pub use signing_key::{SigningFault, SigningKey};
pub use verifying_key::{BadKey, BadSignature, VerifyingKey};
