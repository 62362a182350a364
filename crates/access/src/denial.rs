//! Why a call was not permitted, said so that an identified caller can put it right. Strangers never see it.

use std::fmt;
use std::sync::Arc;

use catalog::Operation;
use jiff::Timestamp;

/// A call that was not permitted.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{} denied: {reason}", operation.id)]
pub struct Denial {
    /// The operation asked for.
    pub operation: &'static Operation,
    /// Why.
    pub reason: Reason,
    /// Whether the client may ask for an elevation that would permit it.
    pub liftable: bool,
}

/// What was missing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The grant lacks scopes that the operation requires.
    MissingScopes {
        /// Those it lacks.
        missing: Vec<&'static str>,
    },
    /// The grant names its operations, and this is not among them.
    NotListed,
    /// The operation has no scope; it must be granted by name.
    ByNameOnly,
    /// The grant only reads.
    ReadsOnly,
    /// People's sign-in traffic, which the org's settings do not let through.
    Protocol,
    /// A policy forbids it.
    Forbidden {
        /// Names of the policies that do; empty when they do so whatever the call is about.
        policies: Vec<Arc<str>>,
    },
    /// No policy permits it.
    NoPolicy,
    /// The policies look at an object that the last snapshot does not know.
    UnknownObject {
        /// The path parameter that names it, or its entity type; empty when none was looked up.
        named: &'static str,
    },
    /// The grant is not valid yet.
    NotYet {
        /// From when it is.
        from: Timestamp,
    },
    /// The grant is no longer valid.
    Over {
        /// Until when it was.
        until: Timestamp,
    },
}

impl Denial {
    /// A denial that no elevation lifts.
    pub(crate) fn of(operation: &'static Operation, reason: Reason) -> Self {
        Self {
            operation,
            reason,
            liftable: false,
        }
    }

    /// The reason as one word for the audit trail; stable.
    pub fn code(&self) -> &'static str {
        match self.reason {
            Reason::MissingScopes { .. } => "missing_scope",
            Reason::NotListed => "operation_not_listed",
            Reason::ByNameOnly => "operation_by_name_only",
            Reason::ReadsOnly => "reads_only",
            Reason::Protocol => "protocol_switched_off",
            Reason::Forbidden { .. } => "forbidden_by_policy",
            Reason::NoPolicy => "no_policy_permits",
            Reason::UnknownObject { .. } => "unknown_object",
            Reason::NotYet { .. } => "grant_not_yet_valid",
            Reason::Over { .. } => "grant_over",
        }
    }

    /// What to do next, as a full sentence.
    pub fn hint(&self) -> String {
        let id = self.operation.id;
        match &self.reason {
            Reason::MissingScopes { missing } => {
                format!(
                    "Ask for a client with the scope {}.",
                    missing.join(" and the scope ")
                )
            }
            Reason::NotListed => {
                format!("Ask for `{id}` to be added to the operations of this client.")
            }
            Reason::ByNameOnly => {
                format!("Ask for a client whose operations name `{id}`; it has no scope.")
            }
            Reason::ReadsOnly => "Use a caller whose grant may write.".to_owned(),
            Reason::Protocol => {
                "Send sign-in traffic to Okta itself, or have it switched on for this org."
                    .to_owned()
            }
            Reason::Forbidden { .. } => {
                "Ask whoever keeps the policies of this org; no elevation lifts this.".to_owned()
            }
            Reason::NoPolicy => format!(
                "Ask for a policy that permits `{id}` to this client; one that does may leave out this object, body, source or time."
            ),
            Reason::UnknownObject { .. } => {
                "Check the id, or take a backup so that new objects are known.".to_owned()
            }
            Reason::NotYet { from } => format!("Try again at {from}."),
            Reason::Over { .. } => "Ask for the grant to be renewed.".to_owned(),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingScopes { missing } => {
                write!(out, "the grant lacks the scope {}", missing.join(", "))
            }
            Self::NotListed => {
                out.write_str("the grant names its operations, and this is not one of them")
            }
            Self::ByNameOnly => {
                out.write_str("the operation has no scope and is granted by name only")
            }
            Self::ReadsOnly => out.write_str("the grant only reads"),
            Self::Protocol => out.write_str("sign-in traffic is switched off for this org"),
            Self::Forbidden { policies } if policies.is_empty() => {
                out.write_str("a policy forbids it")
            }
            Self::Forbidden { policies } => {
                write!(out, "forbidden by the policy {}", policies.join(", "))
            }
            Self::NoPolicy => out.write_str("no policy permits it"),
            Self::UnknownObject { named: "" } => {
                out.write_str("the policies look at its objects, which are not known")
            }
            Self::UnknownObject { named } => write!(
                out,
                "the policies look at `{named}`, which the last snapshot does not know"
            ),
            Self::NotYet { from } => write!(out, "the grant is valid from {from}"),
            Self::Over { until } => write!(out, "the grant was valid until {until}"),
        }
    }
}
