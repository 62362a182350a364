//! Who asks: a client, the teams it is in, and what its registration alone lets it do.

use catalog::operations;

use crate::action_set::ActionSet;

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
    /// The operations it permits.
    pub(crate) fn actions(&self) -> ActionSet {
        match self {
            Self::Scopes(scopes) => ActionSet::of(|operation| {
                let held = |needed: &&str| scopes.iter().any(|scope| scope == needed);
                !operation.scopes.is_empty() && operation.scopes.iter().all(held)
            }),
            // A group of operations has a name, too; only operations are meant here.
            Self::Operations(ids) => {
                let ids = ids.iter().map(String::as_str);
                ActionSet::named(ids.filter(|id| operations().by_id(id).is_some()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Basis;

    fn permitted(basis: &Basis) -> Vec<&'static str> {
        basis
            .actions()
            .iter()
            .map(|operation| operation.id)
            .collect()
    }

    #[test]
    fn all_scopes_of_an_operation_must_be_held() {
        let held = |scopes: &[&str]| {
            permitted(&Basis::Scopes(
                scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            ))
        };
        let one = held(&["okta.apps.manage"]);
        assert!(
            one.contains(&"deleteApplication") && !one.contains(&"getApplication"),
            "{one:?}"
        );
        assert!(!one.contains(&"createGroupPushMapping"));
        assert!(
            held(&["okta.apps.manage", "okta.groups.manage"]).contains(&"createGroupPushMapping")
        );
        assert!(permitted(&Basis::Scopes(Vec::new())).is_empty());
    }

    #[test]
    fn operations_are_meant_by_id_and_never_by_group() {
        let ids = ["getGroup", "read", "okta.users.read"]
            .map(str::to_owned)
            .to_vec();
        assert_eq!(permitted(&Basis::Operations(ids)), ["getGroup"]);
    }
}
