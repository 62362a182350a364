//! Why a call was not permitted, said so that an identified caller can put it right. Strangers never see it.

use std::fmt;

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
    /// The reason as one word for the audit trail; stable.
    pub fn code(&self) -> &'static str {
        match self.reason {
            Reason::MissingScopes { .. } => "missing_scope",
            Reason::NotListed => "operation_not_listed",
            Reason::ByNameOnly => "operation_by_name_only",
            Reason::ReadsOnly => "reads_only",
            Reason::Protocol => "protocol_switched_off",
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
            Self::NotYet { from } => write!(out, "the grant is valid from {from}"),
            Self::Over { until } => write!(out, "the grant was valid until {until}"),
        }
    }
}
