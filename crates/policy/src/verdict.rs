//! What is answered: a verdict over one question, the outlook for an operation before its objects are known, and the reasons.
//!
//! Plain values. Policies are told by name, at most [`crate::POLICIES_NAMED_MAX`] of them.

use std::sync::Arc;

/// The decision over one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// At least one policy permits and none forbids.
    Permitted {
        /// Policies that permit.
        policies: Vec<Arc<str>>,
        /// Objects the caller may touch per hour by the most generous of the permits that match; `None`: no limit.
        objects_per_hour: Option<u32>,
        /// Policies in shadow that would have forbidden it.
        would_forbid: Vec<Arc<str>>,
    },
    /// A policy forbids. No permit outweighs it.
    Forbidden {
        /// Policies that forbid.
        policies: Vec<Arc<str>>,
    },
    /// No policy permits, and none forbids.
    NotPermitted,
    /// An object the decision needs was not handed in, or lacks what its type requires. A refusal, and one that nothing lifts.
    Unknown {
        /// Entity type of the object.
        entity: &'static str,
    },
}

/// What is known of an operation before objects, body and circumstances are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// Permitted whatever the question.
    Allowed,
    /// Forbidden whatever the question.
    Forbidden,
    /// No policy permits it, whatever the question.
    NotPermitted,
    /// The question decides.
    Depends {
        /// The objects must be handed in.
        objects: bool,
        /// The members of the body must be handed in.
        fields: bool,
    },
}

/// What a decision reads of a question beside time and source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// The objects of the path.
    pub objects: bool,
    /// The members of the body.
    pub fields: bool,
}

/// An outlook with the policies behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What is known.
    pub outlook: Outlook,
    /// Policies that permit it always.
    pub permits: Vec<Arc<str>>,
    /// Policies that permit it for some objects, bodies, sources or times.
    pub permits_sometimes: Vec<Arc<str>>,
    /// Policies that forbid it always.
    pub forbids: Vec<Arc<str>>,
    /// Policies that forbid it for some objects, bodies, sources or times.
    pub forbids_sometimes: Vec<Arc<str>>,
    /// Policies in shadow that would forbid it, always or sometimes.
    pub would_forbid: Vec<Arc<str>>,
}

impl Needs {
    pub(crate) const fn union(self, other: Self) -> Self {
        Self {
            objects: self.objects || other.objects,
            fields: self.fields || other.fields,
        }
    }
}
