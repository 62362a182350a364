//! Strict validation of statements against the schema, each against the part of it that concerns it.

use std::collections::{BTreeSet, HashMap};

use catalog::operations;
use cedar_policy::{Policy, PolicyId, PolicySet, ValidationError, ValidationMode, Validator};

use crate::action_set::ActionSet;
use crate::entity::{ACTION, CLIENT, ORG, TEAM, entity_types};
use crate::limits::{DEREFERENCES_MAX, OPERATIONS_PER_PART};
use crate::policies::PolicyText;
use crate::problem::{Problem, nearest};
use crate::schema::{all_groups, part_of_schema, validator};
use crate::statement::read_actions;

/// Statements with what decides which part of the schema concerns them.
#[derive(Clone, Debug)]
struct Part<'p> {
    actions: ActionSet,
    types: BTreeSet<&'static str>,
    named: BTreeSet<String>,
    policies: Vec<&'p Policy>,
}

/// What Cedar's strict validation finds, at most one step away from caller, action, resource and context: policies that read
/// attributes of an entity they name themselves would read of objects that no question holds.
pub(crate) fn validate(
    statements: &[&Policy],
    origins: &HashMap<PolicyId, &PolicyText>,
) -> Vec<Problem> {
    let mut doubtful = Vec::new();
    for part in divide(statements) {
        let operations: Vec<_> = part.actions.iter().collect();
        let schema = part_of_schema(&operations, &part.types, &part.named);
        if !schema.is_some_and(|schema| accepts(&schema, &part.policies)) {
            doubtful.extend(part.policies);
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

/// Parts of few operations each: a statement costs more the more operations its part has, and a part costs milliseconds.
fn divide<'p>(statements: &[&'p Policy]) -> Vec<Part<'p>> {
    let mut single: Vec<Part<'p>> = statements.iter().map(|policy| Part::of(policy)).collect();
    single.sort_by_key(|part| part.actions.len());
    let mut parts: Vec<Part<'p>> = Vec::new();
    for next in single {
        match parts.last_mut() {
            Some(last) if last.fits(&next) => last.join(next),
            _ => parts.push(next),
        }
    }
    parts
}

impl<'p> Part<'p> {
    fn of(policy: &'p Policy) -> Self {
        let written = policy.to_string();
        let names: BTreeSet<&str> = written
            .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
            .collect();
        let types = entity_types().map(|entity| entity.name);
        let actions = policy.entity_literals().into_iter();
        let actions = actions.filter(|uid| uid.type_name().basename() == ACTION);
        Self {
            actions: read_actions(&policy.action_constraint()),
            types: types.filter(|name| names.contains(name)).collect(),
            named: actions.map(|uid| uid.id().unescaped().to_owned()).collect(),
            policies: vec![policy],
        }
    }

    fn fits(&self, other: &Self) -> bool {
        let mut both = self.actions.clone();
        both.join(&other.actions);
        both.len() <= self.actions.len().max(OPERATIONS_PER_PART)
    }

    fn join(&mut self, other: Self) {
        self.actions.join(&other.actions);
        self.types.extend(other.types);
        self.named.extend(other.named);
        self.policies.extend(other.policies);
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
    let errors = result.validation_errors().filter_map(|error| {
        let text = origins.get(error.policy_id())?;
        let problem = Problem::of_cedar(&text.name, &text.text, error, COMPARE);
        Some(match guess(error) {
            Some(hint) => Problem { hint, ..problem },
            None => problem,
        })
    });
    Some(errors.collect())
}

const COMPARE: &str = "Compare with the schema: `portcullis policy schema`.";

/// What to do about a name that does not exist: of the nearest names, Cedar tells a different one from run to run.
fn guess(error: &ValidationError) -> Option<String> {
    let told = error.to_string();
    let between = |before: &str, after: char| told.split_once(before)?.1.split(after).next();
    match error {
        ValidationError::UnrecognizedActionId(_) => {
            let typed = between("Action::\"", '"')?;
            let ids = operations().iter().map(|operation| operation.id);
            let meant = nearest(typed, ids.chain(all_groups().iter().copied()));
            Some(meant.map_or_else(
                || COMPARE.to_owned(),
                |name| format!("Did you mean `Action::\"{name}\"`?"),
            ))
        }
        ValidationError::UnrecognizedEntityType(_) => {
            let typed = between("entity type `", '`')?;
            let names = entity_types()
                .map(|entity| entity.name)
                .chain([ORG, CLIENT, TEAM, ACTION]);
            let meant = nearest(typed, names);
            Some(meant.map_or_else(
                || COMPARE.to_owned(),
                |name| format!("Did you mean `{name}`?"),
            ))
        }
        _ => None,
    }
}
