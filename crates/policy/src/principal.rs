//! Who asks: a client, the teams it is in, and what its registration alone lets it do.

/// A caller, as policies see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Principal {
    /// Name of the client: `Client::"…"`.
    pub client: String,
    /// Teams it is in: `Team::"…"`.
    pub teams: Vec<String>,
    /// What it may do without any policy; forbidding policies still apply. All of them together.
    pub basis: Vec<Basis>,
}

/// What a registration itself permits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Operations all of whose scopes are among these. An operation without scopes is not among them.
    Scopes(Vec<String>),
    /// Operations of these ids.
    Operations(Vec<String>),
}

/// The name under which verdicts tell what a registration itself permitted. No policy may have it.
pub const REGISTRATION: &str = "registration";

impl Basis {
    pub(crate) fn permits(&self, operation: &catalog::Operation) -> bool {
        match self {
            Self::Scopes(scopes) => {
                let held = |needed: &&str| scopes.iter().any(|scope| scope == needed);
                !operation.scopes.is_empty() && operation.scopes.iter().all(held)
            }
            Self::Operations(ids) => ids.iter().any(|id| id == operation.id),
        }
    }
}
