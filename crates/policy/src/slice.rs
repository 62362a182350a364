//! What concerns one caller: its own statements and those of its teams and of everyone, planned per operation when an operation
//! is first asked about.
//!
//! Deciding reads the plan and the question, nothing else: other callers' policies cost nothing.

use std::sync::{Arc, OnceLock};

use catalog::{Operation, operations};

use crate::action_set::ActionSet;
use crate::condition::Condition;
use crate::evaluate::{Scene, is_true};
use crate::hierarchy::is_within;
use crate::limits::POLICIES_NAMED_MAX;
use crate::part::{Part, ResourceTest, Test};
use crate::plain::{Asker, is_satisfied};
use crate::plan::{Plan, most_generous};
use crate::principal::{Principal, REGISTRATION};
use crate::question::{Object, Question};
use crate::slot::{position_of, slots_at};
use crate::statement::{Effect, Statement};
use crate::verdict::{Explanation, Needs, Outlook, Verdict};

/// The policies of one caller.
#[derive(Debug)]
pub struct Slice {
    asker: Asker,
    statements: Vec<Arc<Statement>>,
    plans: Box<[OnceLock<Box<Plan>>]>,
}

impl Slice {
    pub(crate) fn new(
        org: &str,
        principal: &Principal,
        mut statements: Vec<Arc<Statement>>,
    ) -> Self {
        if !principal.basis.is_empty() {
            let mut actions = ActionSet::default();
            for basis in &principal.basis {
                actions.join(&basis.actions());
            }
            statements.push(Arc::new(Statement::permit(
                REGISTRATION,
                &principal.client,
                actions,
            )));
        }
        Self {
            asker: Asker {
                org: org.to_owned(),
                client: principal.client.clone(),
                teams: principal.teams.clone(),
            },
            statements,
            plans: operations().iter().map(|_| OnceLock::new()).collect(),
        }
    }

    fn plan(&self, operation: &'static Operation) -> Option<&Plan> {
        let position = position_of(operation)?;
        let plan = self.plans.get(position)?.get_or_init(|| {
            Box::new(Plan::settle(
                &self.statements,
                &self.asker,
                operation,
                position,
            ))
        });
        Some(plan)
    }

    /// What is known of an operation before objects, body and circumstances are.
    pub fn outlook(&self, operation: &'static Operation) -> Outlook {
        self.plan(operation)
            .map_or(Outlook::NotPermitted, Plan::outlook)
    }

    /// What [`Slice::decide`] reads of a question. Holds for every outlook: an operation that no policy permits may still be
    /// forbidden for some objects.
    pub fn needs(&self, operation: &'static Operation) -> Needs {
        self.plan(operation)
            .map(|plan| plan.needs)
            .unwrap_or_default()
    }

    /// The outlook with the policies behind it.
    pub fn explain(&self, operation: &'static Operation) -> Explanation {
        self.plan(operation)
            .map_or_else(|| Plan::default().explain(), Plan::explain)
    }

    /// Decides one question.
    pub fn decide(&self, question: &Question<'_>) -> Verdict {
        let Some(plan) = self.plan(question.operation) else {
            return Verdict::NotPermitted;
        };
        if plan.needs.objects
            && let Err(entity) = check_objects(question)
        {
            return Verdict::Unknown { entity };
        }
        let forbids = self.matching(&plan.forbids, question);
        if !forbids.is_empty() {
            return Verdict::Forbidden { policies: forbids };
        }
        self.permit(plan, question)
    }

    fn permit(&self, plan: &Plan, question: &Question<'_>) -> Verdict {
        let mut policies = Names::of(&plan.permits.always);
        let mut limit = (!plan.permits.always.is_empty()).then_some(plan.objects_per_hour);
        for test in plan.permits.candidates(question.objects) {
            if self.holds(test, question) {
                let own = test.statement.objects_per_hour;
                limit = Some(limit.map_or(own, |limit| most_generous([limit, own])));
                policies.add(&test.statement.name);
            }
        }
        match limit {
            None => Verdict::NotPermitted,
            Some(objects_per_hour) => Verdict::Permitted {
                policies: policies.0,
                objects_per_hour,
                would_forbid: self.matching(&plan.shadows, question),
            },
        }
    }

    /// Names of the statements that the question satisfies.
    fn matching(&self, part: &Part, question: &Question<'_>) -> Vec<Arc<str>> {
        let mut names = Names::of(&part.always);
        for test in part.candidates(question.objects) {
            if names.is_full() {
                break;
            }
            if self.holds(test, question) {
                names.add(&test.statement.name);
            }
        }
        names.0
    }

    fn holds(&self, test: &Test, question: &Question<'_>) -> bool {
        let resource = question.objects.first();
        let concerns = match &test.resource {
            ResourceTest::Any => true,
            ResourceTest::Eq(id) => resource.is_some_and(|object| object.id == *id),
            ResourceTest::In(uid) => resource.is_some_and(|object| {
                is_within(object, question.objects, &self.asker.org, &|above| {
                    above == uid.as_ref()
                })
            }),
        };
        concerns
            && match &test.condition {
                Condition::Always => true,
                Condition::Never => false,
                Condition::When(expression) => {
                    is_true(expression, &Scene::new(&self.asker, question))
                }
                Condition::Plain => {
                    let alone = test.statement.cedar.as_ref();
                    let satisfied =
                        alone.and_then(|alone| is_satisfied(alone, &self.asker, question));
                    // What nobody can tell permits nothing and forbids.
                    satisfied.unwrap_or(test.statement.effect != Effect::Permit)
                }
            }
    }
}

/// Names for a verdict: each once, and not more than it may tell.
struct Names(Vec<Arc<str>>);

impl Names {
    fn of(always: &[Arc<str>]) -> Self {
        Self(always.iter().take(POLICIES_NAMED_MAX).cloned().collect())
    }

    fn is_full(&self) -> bool {
        self.0.len() >= POLICIES_NAMED_MAX
    }

    fn add(&mut self, name: &Arc<str>) {
        if !self.is_full() && !self.0.contains(name) {
            self.0.push(name.clone());
        }
    }
}

/// Whether the objects of a question are those its operation names, each with all that its type requires.
fn check_objects(question: &Question<'_>) -> Result<(), &'static str> {
    let slots = position_of(question.operation).map_or(&[][..], slots_at);
    for (at, slot) in slots.iter().enumerate() {
        let fits = |object: &Object| object.entity == slot.entity && object.is_complete();
        if !question.objects.get(at).is_some_and(fits) {
            return Err(slot.entity);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Attribute, Basis, Policies, PolicyText};
    use jiff::Timestamp;

    const HELP_DESK: &str = "
        permit (principal in Team::\"help-desk\", action == Action::\"resetPassword\", resource in Group::\"staff\");
        @objects_per_hour(\"20\")
        permit (principal in Team::\"help-desk\", action in Action::\"okta.users.read\", resource);
        forbid (principal, action in Action::\"write\", resource is User) when { resource.admin };
        @shadow(\"no mail from the help desk\")
        forbid (principal in Team::\"help-desk\", action in Action::\"mail\", resource);";

    fn operation(id: &str) -> &'static Operation {
        operations().by_id(id).unwrap()
    }

    fn slice(text: &str, basis: Vec<Basis>) -> Slice {
        let text = PolicyText {
            name: "p".into(),
            text: text.into(),
        };
        let caller = Principal {
            client: "console".into(),
            teams: vec!["help-desk".into()],
            basis,
        };
        Policies::read(&[text]).unwrap().slice("acme", &caller)
    }

    fn person(admin: bool) -> Object {
        Object::bare("User", "00u1")
            .with("login", Attribute::Text("ada@example.com".into()))
            .with("status", Attribute::Text("ACTIVE".into()))
            .with("admin", Attribute::Flag(admin))
            .inside("Group", "staff")
    }

    fn decide(slice: &Slice, id: &str, objects: &[Object]) -> Verdict {
        slice.decide(&Question {
            operation: operation(id),
            objects,
            source: None,
            fields: &[],
            now: Timestamp::UNIX_EPOCH,
        })
    }

    fn names(policies: &[&str]) -> Vec<Arc<str>> {
        policies.iter().map(|name| Arc::from(*name)).collect()
    }

    #[test]
    fn what_may_be_done_to_staff_may_not_be_done_to_administrators() {
        let slice = slice(HELP_DESK, Vec::new());
        assert_eq!(
            decide(&slice, "resetPassword", &[person(false)]),
            Verdict::Permitted {
                policies: names(&["p#1"]),
                objects_per_hour: None,
                would_forbid: names(&["p#4"]),
            }
        );
        let forbidden = Verdict::Forbidden {
            policies: names(&["p#3"]),
        };
        assert_eq!(decide(&slice, "resetPassword", &[person(true)]), forbidden);
        let stranger = Object {
            parents: Vec::new(),
            ..person(false)
        };
        assert_eq!(
            decide(&slice, "resetPassword", &[stranger]),
            Verdict::NotPermitted
        );
    }

    #[test]
    fn an_object_that_is_missing_or_not_fully_known_is_never_decided_upon() {
        let slice = slice(HELP_DESK, Vec::new());
        let unknown = Verdict::Unknown { entity: "User" };
        assert_eq!(decide(&slice, "resetPassword", &[]), unknown);
        let half = Object::bare("User", "00u1").inside("Group", "staff");
        assert_eq!(decide(&slice, "resetPassword", &[half]), unknown);
        let group = Object::bare("Group", "staff");
        assert_eq!(decide(&slice, "resetPassword", &[group]), unknown);
    }

    #[test]
    fn a_question_that_cedar_does_not_take_is_forbidden_and_not_permitted() {
        let left_to_cedar = "(principal, action, resource is User) when { [resource.status].contains(\"ACTIVE\") };";
        let within_itself = person(false).inside("User", "00u1");
        let forbids = slice(
            &format!("forbid {left_to_cedar} permit (principal, action, resource);"),
            Vec::new(),
        );
        let verdict = decide(
            &forbids,
            "resetPassword",
            std::slice::from_ref(&within_itself),
        );
        assert!(matches!(verdict, Verdict::Forbidden { .. }), "{verdict:?}");
        let permits = slice(&format!("permit {left_to_cedar}"), Vec::new());
        assert!(matches!(
            decide(&permits, "resetPassword", &[person(false)]),
            Verdict::Permitted { .. }
        ));
        let verdict = decide(&permits, "resetPassword", &[within_itself]);
        assert_eq!(verdict, Verdict::NotPermitted);
    }

    #[test]
    fn an_outlook_says_what_must_be_looked_up() {
        let slice = slice(HELP_DESK, Vec::new());
        assert_eq!(slice.outlook(operation("listUsers")), Outlook::Allowed);
        let objects = Outlook::Depends {
            objects: true,
            fields: false,
        };
        assert_eq!(slice.outlook(operation("resetPassword")), objects);
        assert_eq!(slice.outlook(operation("getGroup")), Outlook::NotPermitted);
        // Not permitted, but for an administrator forbidden, which an elevation must find out.
        assert_eq!(
            slice.outlook(operation("deleteUser")),
            Outlook::NotPermitted
        );
        assert!(slice.needs(operation("deleteUser")).objects);
        assert!(!slice.needs(operation("deleteGroup")).objects);
    }

    #[test]
    fn what_belongs_to_an_object_of_the_path_is_where_that_object_is() {
        let text = "permit (principal, action, resource) when { context has role_assignment && context.role_assignment in Group::\"staff\" };";
        let slice = slice(text, Vec::new());
        let role = |user: &str| {
            Object::bare("RoleAssignment", "ra1")
                .with("system", Attribute::Flag(false))
                .inside("User", user)
        };
        let permitted = decide(
            &slice,
            "getUserAssignedRole",
            &[person(false), role("00u1")],
        );
        assert!(
            matches!(permitted, Verdict::Permitted { .. }),
            "{permitted:?}"
        );
        assert_eq!(
            decide(
                &slice,
                "getUserAssignedRole",
                &[person(false), role("00u2")]
            ),
            Verdict::NotPermitted
        );
    }

    #[test]
    fn objects_of_different_types_are_different_whatever_their_ids() {
        let text = "permit (principal, action in [Action::\"getUser\", Action::\"getGroup\"], resource) when { resource == Group::\"00u1\" };";
        let slice = slice(text, Vec::new());
        assert_eq!(slice.outlook(operation("getUser")), Outlook::NotPermitted);
        assert_eq!(
            decide(&slice, "getUser", &[person(false)]),
            Verdict::NotPermitted
        );
    }

    #[test]
    fn an_explanation_names_what_an_operation_depends_on() {
        let explanation = slice(HELP_DESK, Vec::new()).explain(operation("resetPassword"));
        assert_eq!(explanation.permits_sometimes, names(&["p#1"]));
        assert_eq!(explanation.forbids_sometimes, names(&["p#3"]));
        assert_eq!(explanation.would_forbid, names(&["p#4"]));
        assert!(explanation.permits.is_empty() && explanation.forbids.is_empty());
    }

    #[test]
    fn a_verdict_names_as_many_policies_as_an_entry_of_the_trail_can_take() {
        for effect in ["permit", "forbid"] {
            let condition = format!(
                "{effect} (principal, action, resource is User) when {{ resource.admin }};"
            );
            let texts: Vec<PolicyText> = (0..POLICIES_NAMED_MAX + 2)
                .map(|number| PolicyText {
                    name: format!("p{number}"),
                    text: condition.clone(),
                })
                .collect();
            let policies = Policies::read(&texts).unwrap();
            let slice = policies.slice("acme", &Principal::default());
            let named = match decide(&slice, "getUser", &[person(true)]) {
                Verdict::Permitted { policies, .. } | Verdict::Forbidden { policies } => policies,
                other => panic!("{other:?}"),
            };
            assert_eq!(named.len(), POLICIES_NAMED_MAX, "{effect}");
        }
    }

    #[test]
    fn what_is_permitted_for_one_object_by_its_name_is_for_no_other() {
        let text = "permit (principal, action == Action::\"getUser\", resource == User::\"00u1\") when { !resource.admin };";
        let slice = slice(text, Vec::new());
        assert!(matches!(
            decide(&slice, "getUser", &[person(false)]),
            Verdict::Permitted { .. }
        ));
        let other = Object {
            id: "00u2".into(),
            ..person(false)
        };
        assert_eq!(decide(&slice, "getUser", &[other]), Verdict::NotPermitted);
    }

    #[test]
    fn the_most_generous_permit_sets_the_limit() {
        let text = "@objects_per_hour(\"20\") permit (principal, action, resource);
            @objects_per_hour(\"300\") permit (principal, action, resource) when { context has source };";
        let limited = |slice: &Slice, source| {
            let question = Question {
                operation: operation("listUsers"),
                objects: &[],
                source,
                fields: &[],
                now: Timestamp::UNIX_EPOCH,
            };
            match slice.decide(&question) {
                Verdict::Permitted {
                    objects_per_hour, ..
                } => objects_per_hour,
                other => panic!("{other:?}"),
            }
        };
        let alone = slice(text, Vec::new());
        assert_eq!(limited(&alone, None), Some(20));
        assert_eq!(limited(&alone, Some([10, 0, 0, 1].into())), Some(300));
        let registered = slice(text, vec![Basis::Scopes(vec!["okta.users.read".into()])]);
        assert_eq!(limited(&registered, None), None);
    }

    #[test]
    fn a_registration_permits_what_no_policy_forbids() {
        let basis = vec![Basis::Operations(vec![
            "deleteUser".into(),
            "deleteGroup".into(),
        ])];
        let slice = slice(HELP_DESK, basis);
        assert_eq!(slice.outlook(operation("deleteGroup")), Outlook::Allowed);
        let permitted = decide(&slice, "deleteUser", &[person(false)]);
        assert!(
            matches!(permitted, Verdict::Permitted { policies, .. } if policies == names(&[REGISTRATION]))
        );
        assert!(matches!(
            decide(&slice, "deleteUser", &[person(true)]),
            Verdict::Forbidden { .. }
        ));
    }

    #[test]
    fn a_verdict_names_so_many_policies_and_no_more() {
        let many = "permit (principal, action, resource);".repeat(POLICIES_NAMED_MAX + 4);
        match decide(&slice(&many, Vec::new()), "listUsers", &[]) {
            Verdict::Permitted { policies, .. } => assert_eq!(policies.len(), POLICIES_NAMED_MAX),
            other => panic!("{other:?}"),
        }
    }
}
