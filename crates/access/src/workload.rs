//! Workload identity: tokens of outside issuers (a CI system, a cluster, a cloud, the Okta org itself) that stand for a client of ours.
//!
//! An issuer is registered per client with its exact URL, an audience and a [`SubjectPattern`], none of which can be left out, and
//! where its keys are. Its tokens are exchanged for access tokens of ours (RFC 8693), or accepted as they are if the registration
//! says so. Nothing here fetches keys: whoever does hands them in ([`Keyring::claim_fetch`](crate::Keyring::claim_fetch) says when).

mod issuer;
mod keys;
mod register;
mod subject;
mod token;

pub use issuer::{BadIssuer, Issuer, IssuerId, KeyPlace, KeySource, NewIssuer};
pub use subject::{BadSubject, SubjectPattern};

pub(crate) use keys::IssuerKeys;
pub(crate) use register::Issuers;
pub(crate) use token::{OutsideToken, Purpose, is_foreign};
