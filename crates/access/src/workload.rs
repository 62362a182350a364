//! Workload identity: tokens of outside issuers (a CI system, a cluster, a cloud, the Okta org itself) that stand for a client of ours.
//!
//! An issuer is registered per client with its exact URL, an audience and a [`SubjectPattern`], none of which can be left out, and
//! where its keys are. Its tokens are exchanged for access tokens of ours (RFC 8693), or accepted as they are if the registration
//! says so. Nothing here fetches keys: who does hands them in.

mod subject;

pub use subject::{BadSubject, SubjectPattern};
