//! What concerns one caller: its own statements and those of its teams and of everyone, planned per operation when an operation
//! is first asked about.
//!
//! Deciding reads the plan and the question, nothing else: other callers' policies cost nothing.

use std::sync::{Arc, OnceLock};

use catalog::{Operation, operations};

use crate::action_set::ActionSet;
use crate::condition::Condition;
use crate::entity::ORG;
use crate::evaluate::{Scene, is_true};
use crate::limits::POLICIES_NAMED_MAX;
use crate::part::{Part, ResourceTest, Test};
use crate::plain::{Asker, is_satisfied};
use crate::plan::{Plan, most_generous};
use crate::principal::{Principal, REGISTRATION};
use crate::question::{Object, Question};
use crate::slot::{position_of, slots_at};
use crate::statement::Statement;
use crate::value::EntityRef;
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
            let actions = ActionSet::of(|operation| {
                principal.basis.iter().any(|basis| basis.permits(operation))
            });
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
                is_in(object, uid.as_ref(), question.objects, &self.asker.org)
            }),
        };
        concerns
            && match &test.condition {
                Condition::Always => true,
                Condition::Never => false,
                Condition::When(expression) => {
                    is_true(expression, &Scene::new(&self.asker, question))
                }
                Condition::Plain => match &test.statement.cedar {
                    Some(alone) => is_satisfied(alone, &self.asker, question),
                    None => false,
                },
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

/// Whether the object is `above` or belongs to it: directly, through another object of the question, or as part of the org.
pub(crate) fn is_in(object: &Object, above: EntityRef<'_>, objects: &[Object], org: &str) -> bool {
    if above.entity == ORG {
        return above.id == org;
    }
    belongs(object, above, objects, objects.len())
}

fn belongs(object: &Object, above: EntityRef<'_>, objects: &[Object], steps: usize) -> bool {
    let is = |entity: &str, id: &str| id == above.id && entity == above.entity;
    if is(object.entity, &object.id) || object.parents.iter().any(|(entity, id)| is(entity, id)) {
        return true;
    }
    steps > 0
        && objects.iter().any(|other| {
            let parent =
                |(entity, id): &(&str, Arc<str>)| *id == other.id && *entity == other.entity;
            object.parents.iter().any(parent) && belongs(other, above, objects, steps - 1)
        })
}
