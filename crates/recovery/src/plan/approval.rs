//! Approval: a plan that a named person agreed to, by its digest. Only such a plan can be carried out.

use super::{Digest, Plan};

/// A plan that was agreed to. Nothing but [`Approved::new`] makes one.
#[derive(Debug, Clone)]
pub struct Approved<T> {
    inner: T,
    digest: Digest,
    approver: String,
}

/// What was agreed to is another plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the digest {typed} does not name this plan, which is {actual}")]
pub struct WrongDigest {
    /// What was typed.
    pub typed: String,
    /// What the plan is called.
    pub actual: Digest,
}

impl Approved<Plan> {
    /// The agreement of `approver` to the plan named by `digest` (its first 12 digits at least).
    ///
    /// # Errors
    /// [`WrongDigest`], when `plan` is not the one that is named.
    pub fn new(plan: Plan, digest: &str, approver: &str) -> Result<Self, WrongDigest> {
        let actual = plan.digest();
        if !actual.is_meant_by(digest) {
            return Err(WrongDigest {
                typed: digest.to_owned(),
                actual,
            });
        }
        Ok(Self {
            inner: plan,
            digest: actual,
            approver: approver.to_owned(),
        })
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.inner
    }

    /// What it is called.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Who agreed.
    pub fn approver(&self) -> &str {
        &self.approver
    }
}
