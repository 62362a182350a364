//! What a caller may do: an upper bound in scopes, narrowed to named operations and to a span of time.
//!
//! Scopes are Okta's, taken literally: `okta.users.manage` does not include `okta.users.read`, because Okta's documents name
//! one scope per operation and nothing here guesses beyond them. An operation that has no scope at all is granted by name only.

use catalog::Operation;
use jiff::Timestamp;

use crate::Reason;

/// An allowance. The default grants nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grant {
    reach: Reach,
    not_before: Option<Timestamp>,
    not_after: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Reach {
    Scoped {
        scopes: Vec<String>,
        operations: Operations,
    },
    /// Within these scopes; what needs none is left to the other bounds.
    Narrowed {
        scopes: Vec<String>,
    },
    Reads,
    Everything,
}

impl Default for Reach {
    fn default() -> Self {
        Self::Scoped {
            scopes: Vec::new(),
            operations: Operations::All,
        }
    }
}

/// Which operations within the scopes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Operations {
    /// All that the scopes reach; operations without a scope are not among them.
    #[default]
    All,
    /// Only these operation ids, each also needing its scopes.
    Only(Vec<String>),
}

impl Grant {
    /// Grants the operations that these scopes reach, narrowed by `operations`.
    pub fn scoped<S: Into<String>>(
        scopes: impl IntoIterator<Item = S>,
        operations: Operations,
    ) -> Self {
        let mut scopes: Vec<String> = scopes.into_iter().map(Into::into).collect();
        scopes.sort_unstable();
        scopes.dedup();
        let operations = match operations {
            Operations::All => Operations::All,
            Operations::Only(mut ids) => {
                ids.sort_unstable();
                ids.dedup();
                Operations::Only(ids)
            }
        };
        Self {
            reach: Reach::Scoped { scopes, operations },
            ..Self::default()
        }
    }

    /// Narrows another grant to these scopes, as a token does. By itself it would let every operation pass that needs no scope.
    pub(crate) fn narrowing(scopes: impl IntoIterator<Item = String>) -> Self {
        let mut scopes: Vec<String> = scopes.into_iter().collect();
        scopes.sort_unstable();
        scopes.dedup();
        Self {
            reach: Reach::Narrowed { scopes },
            ..Self::default()
        }
    }

    /// What taking a snapshot needs: every operation that reads, none that writes.
    pub fn backup() -> Self {
        Self {
            reach: Reach::Reads,
            ..Self::default()
        }
    }

    /// What bringing an org back needs: every management operation.
    pub fn restore() -> Self {
        Self {
            reach: Reach::Everything,
            ..Self::default()
        }
    }

    /// The same grant, valid from `not_before` (included) to `not_after` (excluded) only.
    #[must_use]
    pub fn between(mut self, not_before: Timestamp, not_after: Timestamp) -> Self {
        self.not_before = Some(not_before);
        self.not_after = Some(not_after);
        self
    }

    /// Whether the scope is one of the grant's.
    pub(crate) fn has_scope(&self, scope: &str) -> bool {
        match &self.reach {
            Reach::Scoped { scopes, .. } | Reach::Narrowed { scopes } => {
                scopes.iter().any(|known| known == scope)
            }
            Reach::Reads | Reach::Everything => false,
        }
    }

    /// Whether the grant reaches `operation` at `now`; if not, why.
    pub(crate) fn reaches(
        &self,
        operation: &'static Operation,
        now: Timestamp,
    ) -> Result<(), Reason> {
        match (self.not_before, self.not_after) {
            (Some(from), _) if now < from => return Err(Reason::NotYet { from }),
            (_, Some(until)) if now >= until => return Err(Reason::Over { until }),
            _ => {}
        }
        match &self.reach {
            Reach::Everything => Ok(()),
            Reach::Reads if operation.is_read() => Ok(()),
            Reach::Reads => Err(Reason::ReadsOnly),
            Reach::Narrowed { scopes } => scoped(scopes, operation),
            Reach::Scoped { scopes, operations } => within(scopes, operations, operation),
        }
    }
}

fn within(
    scopes: &[String],
    operations: &Operations,
    operation: &'static Operation,
) -> Result<(), Reason> {
    match operations {
        Operations::Only(ids) if !holds(ids, operation.id) => return Err(Reason::NotListed),
        Operations::All if operation.scopes.is_empty() => return Err(Reason::ByNameOnly),
        Operations::Only(_) | Operations::All => {}
    }
    scoped(scopes, operation)
}

fn scoped(scopes: &[String], operation: &'static Operation) -> Result<(), Reason> {
    let lacks = |scope: &&str| !holds(scopes, scope);
    let missing: Vec<&'static str> = operation.scopes.iter().copied().filter(lacks).collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Reason::MissingScopes { missing })
    }
}

/// Whether a sorted list has the name.
fn holds(list: &[String], name: &str) -> bool {
    list.binary_search_by(|known| known.as_str().cmp(name))
        .is_ok()
}
