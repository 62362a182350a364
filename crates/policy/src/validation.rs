//! Strict validation of statements against the schema, each against the part of it that concerns it.

use std::collections::{BTreeSet, HashMap};

use cedar_policy::{Policy, PolicyId, PolicySet, ValidationMode, Validator};

use crate::action_set::ActionSet;
use crate::entity::entity_types;
use crate::limits::DEREFERENCES_MAX;
use crate::policies::PolicyText;
use crate::problem::Problem;
use crate::schema::{part_of_schema, validator};
use crate::statement::read_actions;

/// What decides which part of the schema concerns a statement.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Concern {
    actions: ActionSet,
    types: BTreeSet<&'static str>,
    named: BTreeSet<String>,
}

/// What Cedar's strict validation finds, at most one step away from caller, action, resource and context: policies that read
/// attributes of an entity they name themselves would read of objects that no question holds.
pub(crate) fn validate(
    statements: &[&Policy],
    origins: &HashMap<PolicyId, &PolicyText>,
) -> Vec<Problem> {
    let mut parts: HashMap<Concern, Vec<&Policy>> = HashMap::new();
    for policy in statements {
        parts.entry(Concern::of(policy)).or_default().push(policy);
    }
    let mut doubtful = Vec::new();
    for (concern, policies) in parts {
        let operations: Vec<_> = concern.actions.iter().collect();
        let part = part_of_schema(&operations, &concern.types, &concern.named);
        if !part.is_some_and(|part| accepts(&part, &policies)) {
            doubtful.extend(policies);
        }
    }
    // The whole schema tells best what is wrong: it knows every name that may have been meant.
    let problems = find(&doubtful, origins);
    problems.unwrap_or_else(|| {
        vec![Problem::at(
            "",
            "",
            0,
            "the schema cannot be read",
            "Report this: it is a flaw of the product.",
        )]
    })
}

impl Concern {
    fn of(policy: &Policy) -> Self {
        let written = policy.to_string();
        let names: BTreeSet<&str> = written
            .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
            .collect();
        let actions = policy.entity_literals().into_iter();
        let actions = actions.filter(|uid| uid.type_name().basename() == "Action");
        Self {
            actions: read_actions(&policy.action_constraint()),
            types: entity_types()
                .map(|entity| entity.name)
                .filter(|name| names.contains(name))
                .collect(),
            named: actions.map(|uid| uid.id().unescaped().to_owned()).collect(),
        }
    }
}

fn set_of(policies: &[&Policy]) -> Option<PolicySet> {
    PolicySet::from_policies(policies.iter().map(|policy| (*policy).clone())).ok()
}

fn accepts(validator: &Validator, policies: &[&Policy]) -> bool {
    let set = set_of(policies);
    set.is_some_and(|set| {
        let result = validator.validate_with_level(&set, ValidationMode::Strict, DEREFERENCES_MAX);
        result.validation_passed()
    })
}

fn find(policies: &[&Policy], origins: &HashMap<PolicyId, &PolicyText>) -> Option<Vec<Problem>> {
    if policies.is_empty() {
        return Some(Vec::new());
    }
    let set = set_of(policies)?;
    let result = validator()?.validate_with_level(&set, ValidationMode::Strict, DEREFERENCES_MAX);
    let hint = "Compare with the schema: `portcullis policy schema`.";
    let errors = result.validation_errors().filter_map(|error| {
        let text = origins.get(error.policy_id())?;
        Some(Problem::of_cedar(&text.name, &text.text, error, hint))
    });
    Some(errors.collect())
}
