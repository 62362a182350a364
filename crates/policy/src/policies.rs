//! The policies of one org: read from their texts, validated strictly, compiled, and found by caller.

use std::collections::{BTreeSet, HashMap};
use std::str::FromStr;
use std::sync::Arc;

use cedar_policy::{Policy, PolicyId, PolicySet, ValidationMode};

use crate::limits::{DEREFERENCES_MAX, POLICIES_MAX, POLICY_BYTES_MAX, READER_STACK_BYTES};
use crate::marks::{Marks, read_marks};
use crate::nesting::{TooDeep, check_depth};
use crate::principal::{Principal, REGISTRATION};
use crate::problem::{PolicyProblems, Problem, unreadable};
use crate::schema::validator;
use crate::slice::Slice;
use crate::statement::{PrincipalScope, Statement};

/// One policy as people write it: a name and a text of one or more Cedar statements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyText {
    /// Its name in verdicts and problems.
    pub name: String,
    /// Cedar's text.
    pub text: String,
}

/// The compiled policies of one org. Cloning shares them.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    statements: Arc<[Arc<Statement>]>,
    by_client: Arc<HashMap<Arc<str>, Vec<usize>>>,
    by_team: Arc<HashMap<Arc<str>, Vec<usize>>>,
    for_anyone: Arc<[usize]>,
}

impl Policies {
    /// Reads, validates and compiles.
    ///
    /// # Errors
    /// Everything that is wrong, with names and places; then none of the texts is used.
    pub fn read(texts: &[PolicyText]) -> Result<Self, PolicyProblems> {
        // Cedar's reader and validator recurse; they get a stack of their own.
        std::thread::scope(|scope| {
            let reader = std::thread::Builder::new().stack_size(READER_STACK_BYTES);
            let read = reader.spawn_scoped(scope, || Self::read_here(texts));
            read.ok()
                .and_then(|reading| reading.join().ok())
                .unwrap_or_else(|| Err(PolicyProblems::of(vec![unread()])))
        })
    }

    fn read_here(texts: &[PolicyText]) -> Result<Self, PolicyProblems> {
        let mut problems = check_names(texts);
        let mut statements = Vec::new();
        let mut all = PolicySet::new();
        let mut origins = HashMap::new();
        for text in texts {
            match read_statements(text) {
                Ok(read) => {
                    for (policy, marks) in read {
                        origins.insert(policy.id().clone(), text);
                        statements.push((policy, marks));
                    }
                }
                Err(found) => problems.extend(found),
            }
        }
        if statements.len() > POLICIES_MAX {
            let last = texts.last().map_or("", |text| &text.name);
            problems.push(Problem::at(
                last,
                "",
                0,
                format!(
                    "{} policies; an org may have {POLICIES_MAX}",
                    statements.len()
                ),
                "Say in one policy what several say: `resource in [..]`, a team, a condition.",
            ));
        }
        if !problems.is_empty() {
            return Err(PolicyProblems::of(problems));
        }
        for (policy, _) in &statements {
            all.add(policy.clone()).ok();
        }
        problems.extend(validate(&all, &origins));
        let mut compiled = Vec::with_capacity(statements.len());
        for (policy, marks) in &statements {
            let name: Arc<str> = AsRef::<str>::as_ref(policy.id()).into();
            match Statement::compile(name, policy, *marks) {
                Some(statement) => compiled.push(Arc::new(statement)),
                None => problems.push(Problem::at(
                    AsRef::<str>::as_ref(policy.id()),
                    "",
                    0,
                    "cannot be compiled",
                    "Write it without template slots.",
                )),
            }
        }
        if problems.is_empty() {
            Ok(Self::index(compiled))
        } else {
            Err(PolicyProblems::of(problems))
        }
    }

    fn index(statements: Vec<Arc<Statement>>) -> Self {
        let mut by_client: HashMap<Arc<str>, Vec<usize>> = HashMap::new();
        let mut by_team: HashMap<Arc<str>, Vec<usize>> = HashMap::new();
        let mut for_anyone = Vec::new();
        for (at, statement) in statements.iter().enumerate() {
            match &statement.principal {
                PrincipalScope::Anyone => for_anyone.push(at),
                PrincipalScope::Client(name) => by_client.entry(name.clone()).or_default().push(at),
                PrincipalScope::Team(name) => by_team.entry(name.clone()).or_default().push(at),
                PrincipalScope::Nobody => {}
            }
        }
        Self {
            statements: statements.into(),
            by_client: Arc::new(by_client),
            by_team: Arc::new(by_team),
            for_anyone: for_anyone.into(),
        }
    }

    /// How many statements there are.
    pub fn len(&self) -> usize {
        self.statements.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// What concerns one caller of the org `org`. Costs no more than the caller's own policies; operations are compiled when
    /// they are first asked about.
    pub fn slice(&self, org: &str, principal: &Principal) -> Slice {
        let of_client = self.by_client.get(principal.client.as_str());
        let teams: BTreeSet<&str> = principal.teams.iter().map(String::as_str).collect();
        let of_teams = teams.iter().filter_map(|team| self.by_team.get(*team));
        let mut chosen: Vec<usize> = self.for_anyone.to_vec();
        chosen.extend(of_client.into_iter().chain(of_teams).flatten());
        chosen.sort_unstable();
        let statements = chosen
            .into_iter()
            .filter_map(|at| self.statements.get(at).cloned());
        Slice::new(org, principal, statements.collect())
    }
}

fn unread() -> Problem {
    Problem::at(
        "",
        "",
        0,
        "the policies could not be read",
        "Try again; if it happens again, read them one by one.",
    )
}

fn check_names(texts: &[PolicyText]) -> Vec<Problem> {
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    for PolicyText { name, text } in texts {
        let wrong = if name.is_empty() {
            Some(("has no name", "Give every policy a name."))
        } else if name == REGISTRATION {
            Some((
                "`registration` is what a client's registration itself permits",
                "Give the policy another name.",
            ))
        } else if !seen.insert(name) {
            Some((
                "there are two policies of this name",
                "Give one of them another name.",
            ))
        } else {
            None
        };
        problems.extend(wrong.map(|(what, hint)| Problem::at(name, text, 0, what, hint)));
    }
    problems
}

/// The statements of one text, with ids that say where they come from.
fn read_statements(text: &PolicyText) -> Result<Vec<(Policy, Marks)>, Vec<Problem>> {
    let PolicyText { name, text } = text;
    let refuse =
        |byte, what: String, hint: &str| Err(vec![Problem::at(name, text, byte, what, hint)]);
    if text.len() > POLICY_BYTES_MAX {
        let what = format!("{} bytes; a policy may have {POLICY_BYTES_MAX}", text.len());
        return refuse(0, what, "Divide it into several policies.");
    }
    match check_depth(text) {
        Err(TooDeep::Nested(byte)) => {
            let hint = "Write the condition flatter, or divide the policy.";
            return refuse(byte, "nested too deeply".to_owned(), hint);
        }
        Err(TooDeep::Chained(byte)) => {
            let hint = "Ask for one of a set (`[…].contains(…)`, `resource in […]`), or divide the statement.";
            return refuse(byte, "a statement of too many links".to_owned(), hint);
        }
        Ok(()) => {}
    }
    let set = PolicySet::from_str(text).map_err(|errors| unreadable(name, text, &errors))?;
    if set.templates().next().is_some() {
        return refuse(
            0,
            "slots (`?principal`, `?resource`) stand for nothing here".to_owned(),
            "Name the client, team or object.",
        );
    }
    let mut policies: Vec<&Policy> = set.policies().collect();
    policies.sort_by_key(|policy| number_of(policy.id()));
    if policies.is_empty() {
        return refuse(
            0,
            "holds no statement".to_owned(),
            "Write `permit (…);` or `forbid (…);`, or remove the policy.",
        );
    }
    let alone = policies.len() == 1;
    let mut read = Vec::with_capacity(policies.len());
    let mut problems = Vec::new();
    for (at, policy) in policies.into_iter().enumerate() {
        let id = if alone {
            name.clone()
        } else {
            format!("{name}#{}", at + 1)
        };
        match read_marks(policy) {
            Ok(marks) => read.push((policy.new_id(PolicyId::new(id)), marks)),
            Err(wrong) => problems.push(wrong.in_text(name, text)),
        }
    }
    if problems.is_empty() {
        Ok(read)
    } else {
        Err(problems)
    }
}

/// Cedar numbers the statements of a text: `policy0`, `policy1`.
fn number_of(id: &PolicyId) -> usize {
    let id: &str = id.as_ref();
    id.strip_prefix("policy")
        .and_then(|number| number.parse().ok())
        .unwrap_or_default()
}

/// What Cedar's strict validation finds, at most one step away from caller, action, resource and context: policies that read
/// attributes of an entity they name themselves would read of objects that no question holds.
fn validate(all: &PolicySet, origins: &HashMap<PolicyId, &PolicyText>) -> Vec<Problem> {
    let Some(validator) = validator() else {
        return vec![Problem::at(
            "",
            "",
            0,
            "the schema cannot be read",
            "Report this: it is a flaw of the product.",
        )];
    };
    let result = validator.validate_with_level(all, ValidationMode::Strict, DEREFERENCES_MAX);
    let hint = "Compare with the schema: `portcullis policy schema`.";
    let errors = result.validation_errors().filter_map(|error| {
        let text = origins.get(error.policy_id())?;
        Some(Problem::of_cedar(&text.name, &text.text, error, hint))
    });
    errors.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(name: &str, text: &str) -> Vec<Problem> {
        let text = PolicyText {
            name: name.into(),
            text: text.into(),
        };
        match Policies::read(&[text]) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.iter().cloned().collect(),
        }
    }

    fn only(text: &str) -> Problem {
        let mut problems = problems("help-desk", text);
        assert_eq!(problems.len(), 1, "{problems:#?}");
        problems.remove(0)
    }

    #[test]
    fn a_misspelt_operation_is_told_with_its_place_and_the_nearest_name() {
        let problem =
            only("permit (\n  principal,\n  action == Action::\"listUser\",\n  resource);");
        assert_eq!((problem.line, problem.column), (3, 13));
        assert!(problem.what.contains("listUser"), "{problem:?}");
        assert!(problem.hint.contains("listUsers"), "{problem:?}");
    }

    #[test]
    fn a_misspelt_attribute_is_told_with_the_nearest_name() {
        let problem = only(
            "permit (principal, action == Action::\"getUser\", resource) when { resource.logn like \"*@example.com\" };",
        );
        assert!(problem.hint.contains("login"), "{problem:?}");
    }

    #[test]
    fn an_attribute_that_may_be_absent_must_be_asked_for_first() {
        let read = "permit (principal, action == Action::\"getUser\", resource) when { COND };";
        let unsafe_read = read.replace("COND", "resource.department == \"Sales\"");
        assert!(only(&unsafe_read).hint.contains("has"));
        let safe = read.replace(
            "COND",
            "resource has department && resource.department == \"Sales\"",
        );
        assert_eq!(problems("p", &safe), []);
    }

    #[test]
    fn policies_read_nothing_of_entities_they_name_themselves() {
        let problem = only(
            "forbid (principal, action == Action::\"getUser\", resource) when { Group::\"00g1\".grantsRoles };",
        );
        assert!(problem.what.contains("literal"), "{problem:?}");
    }

    #[test]
    fn what_is_no_policy_is_told_where() {
        let problem = only("permit (principal, action, resource)\nwen { true };");
        assert_eq!(problem.line, 2);
        assert_eq!(only("// nothing").what, "holds no statement");
        assert!(
            only("permit (principal == ?principal, action, resource);")
                .what
                .contains("slots")
        );
        assert!(only(&"(".repeat(100)).what.contains("deeply"));
        assert!(
            only(&" ".repeat(POLICY_BYTES_MAX + 1))
                .what
                .contains("bytes")
        );
    }

    #[test]
    fn names_are_given_once_and_not_that_of_the_registration() {
        let text = |name: &str| PolicyText {
            name: name.into(),
            text: "permit (principal, action, resource);".into(),
        };
        assert!(Policies::read(&[text("a"), text("b")]).is_ok());
        for texts in [
            vec![text("a"), text("a")],
            vec![text("")],
            vec![text(REGISTRATION)],
        ] {
            assert!(Policies::read(&texts).is_err());
        }
    }
}
