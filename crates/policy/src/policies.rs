//! The policies of one org: read from their texts, validated strictly, compiled, and found by caller.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use cedar_policy::Policy;

use crate::limits::{POLICIES_MAX, READER_STACK_BYTES};
use crate::principal::Principal;
use crate::problem::{PolicyProblems, Problem};
use crate::reading::{Read, check_names, read_statements};
use crate::slice::Slice;
use crate::statement::{PrincipalScope, Statement};
use crate::validation::validate;

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
    kept: Arc<HashMap<String, Kept>>,
}

/// What was read of one text.
#[derive(Clone, Debug)]
struct Kept {
    text: String,
    statements: Vec<Arc<Statement>>,
}

impl Policies {
    /// Reads, validates and compiles.
    ///
    /// # Errors
    /// Everything that is wrong, with names and places; then none of the texts is used.
    pub fn read(texts: &[PolicyText]) -> Result<Self, PolicyProblems> {
        Self::default().read_after(texts)
    }

    /// The same, where most texts are those that `self` was read from: only what changed is read anew.
    ///
    /// # Errors
    /// As for [`Policies::read`].
    pub fn read_after(&self, texts: &[PolicyText]) -> Result<Self, PolicyProblems> {
        // Cedar's reader and validator recurse; they get a stack of their own.
        std::thread::scope(|scope| {
            let reader = std::thread::Builder::new().stack_size(READER_STACK_BYTES);
            let read = reader.spawn_scoped(scope, || self.read_here(texts));
            read.ok()
                .and_then(|reading| reading.join().ok())
                .unwrap_or_else(|| Err(PolicyProblems::of(vec![unread()])))
        })
    }

    fn read_here(&self, texts: &[PolicyText]) -> Result<Self, PolicyProblems> {
        let mut problems = check_names(texts);
        let mut fresh: HashMap<&str, Vec<Read>> = HashMap::new();
        for text in texts.iter().filter(|text| self.known(text).is_none()) {
            match read_statements(text) {
                Ok(read) => drop(fresh.insert(&text.name, read)),
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() {
            problems = validate_all(texts, &fresh);
        }
        if !problems.is_empty() {
            return Err(PolicyProblems::of(problems));
        }
        let kept: Result<Vec<Kept>, Problem> =
            texts.iter().map(|text| self.keep(text, &fresh)).collect();
        let kept = kept.map_err(|problem| PolicyProblems::of(vec![problem]))?;
        let statements: Vec<Arc<Statement>> = kept
            .iter()
            .flat_map(|kept| &kept.statements)
            .cloned()
            .collect();
        if let Some(problem) = too_many(statements.len()) {
            return Err(PolicyProblems::of(vec![problem]));
        }
        let names = texts.iter().map(|text| text.name.clone());
        Ok(Self {
            kept: Arc::new(names.zip(kept).collect()),
            ..Self::index(statements)
        })
    }

    /// What is known of exactly this text.
    fn known(&self, text: &PolicyText) -> Option<&Kept> {
        self.kept
            .get(&text.name)
            .filter(|kept| kept.text == text.text)
    }

    fn keep(&self, text: &PolicyText, fresh: &HashMap<&str, Vec<Read>>) -> Result<Kept, Problem> {
        if let Some(known) = self.known(text) {
            return Ok(known.clone());
        }
        let read = fresh.get(text.name.as_str()).map_or(&[][..], Vec::as_slice);
        let statements = read.iter().map(|Read { policy, marks }| {
            let name: &str = policy.id().as_ref();
            let statement = Statement::compile(name.into(), policy, *marks);
            statement.map(Arc::new).ok_or_else(|| {
                let hint = "Report this: it is a flaw of the product.";
                Problem::at(name, "", 0, "cannot be compiled", hint)
            })
        });
        Ok(Kept {
            text: text.text.clone(),
            statements: statements.collect::<Result<_, _>>()?,
        })
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
            kept: Arc::default(),
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

fn validate_all(texts: &[PolicyText], fresh: &HashMap<&str, Vec<Read>>) -> Vec<Problem> {
    let read = texts
        .iter()
        .filter_map(|text| Some((text, fresh.get(text.name.as_str())?)));
    let read: Vec<(&PolicyText, &Policy)> = read
        .flat_map(|(text, statements)| statements.iter().map(move |read| (text, &read.policy)))
        .collect();
    let policies: Vec<&Policy> = read.iter().map(|(_, policy)| *policy).collect();
    let origins = read
        .iter()
        .map(|(text, policy)| (policy.id().clone(), *text));
    validate(&policies, &origins.collect())
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

fn too_many(statements: usize) -> Option<Problem> {
    (statements > POLICIES_MAX).then(|| {
        let what = format!("{statements} policies; an org may have {POLICIES_MAX}");
        let hint =
            "Say in one policy what several say: an operation of a list, a team, a condition.";
        Problem::at("", "", 0, what, hint)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{POLICY_BYTES_MAX, REGISTRATION};

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
    fn a_misspelt_type_is_told_with_the_nearest_name() {
        let problem = only("permit (principal, action, resource is Grup);");
        assert_eq!(problem.hint, "Did you mean `Group`?");
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
    fn what_did_not_change_is_not_read_again_and_what_did_is() {
        let text = |name: &str, text: &str| PolicyText {
            name: name.into(),
            text: text.into(),
        };
        let permit = "permit (principal, action, resource);";
        let before = Policies::read(&[text("a", permit), text("b", permit)]).unwrap();
        let after = before
            .read_after(&[
                text("b", "forbid (principal, action, resource);"),
                text("a", permit),
            ])
            .unwrap();
        let statement = |policies: &Policies, at: usize| policies.statements[at].clone();
        assert!(Arc::ptr_eq(&statement(&before, 0), &statement(&after, 1)));
        assert_eq!(&*statement(&after, 0).name, "b");
        assert_eq!(
            statement(&after, 0).effect,
            crate::statement::Effect::Forbid
        );
        assert!(
            before
                .read_after(&[text("a", "permit (principal, action, rsource);")])
                .is_err()
        );
        assert!(
            before
                .read_after(&[text("a", permit), text("a", permit)])
                .is_err()
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
            vec![text("a#1")],
        ] {
            assert!(Policies::read(&texts).is_err());
        }
    }
}
