//! What a plan leaves as it is, and why. A difference that gets no step gets a note: nothing is dropped silently.

use org::Key;
use serde::{Deserialize, Serialize};

/// A difference without a step.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Note {
    /// What kind of reason it is.
    pub why: Why,
    /// The object, if it is about one.
    pub object: Option<Key>,
    /// The name people use.
    pub title: String,
    /// The reason in words.
    pub text: String,
}

/// Why a difference stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// Only the org has it; nothing is deleted unless asked for.
    Extra,
    /// It follows from other objects and comes back with them.
    Follows,
    /// Okta makes it by itself.
    ComesAlong,
    /// Okta has no operation for it.
    NoOperation,
    /// A member differs that cannot change after creation.
    Frozen,
    /// It is part of what the restore itself depends on.
    Lifeline,
    /// It needs an object that is missing and not part of the plan.
    Lacks,
    /// Several objects fit.
    Ambiguous,
    /// It was not read completely.
    Unread,
    /// Okta does not allow the state to be reached.
    State,
    /// Writing it would put back a secret that has been changed since.
    Secret,
}
