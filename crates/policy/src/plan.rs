//! What is left to decide for one caller and one operation: everything the caller, the operation and the org settle is settled
//! here, once; what the objects, the body, the source or the time settle remains as tests.

use std::sync::Arc;

use catalog::Operation;

use crate::condition::Condition;
use crate::entity::ORG;
use crate::part::{Part, ResourceTest, Test};
use crate::plain::Asker;
use crate::slot::{ObjectSlot, objects_of};
use crate::statement::{Effect, ResourceScope, Statement, Uid};
use crate::verdict::{Explanation, Needs, Outlook};

/// The plan of one operation.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) forbids: Part,
    pub(crate) permits: Part,
    pub(crate) shadows: Part,
    /// Objects per hour by the most generous permit that always matches.
    pub(crate) objects_per_hour: Option<u32>,
    pub(crate) needs: Needs,
}

/// All that is settled before a question comes.
#[derive(Clone, Copy)]
pub(crate) struct Setting<'a> {
    pub(crate) asker: &'a Asker,
    pub(crate) operation: &'static Operation,
    pub(crate) slots: &'static [ObjectSlot],
}

impl Setting<'_> {
    /// The type of the resource.
    pub(crate) fn resource(&self) -> &'static str {
        self.slots.first().map_or(ORG, |slot| slot.entity)
    }
}

impl Plan {
    /// Settles the statements of one caller for one operation.
    pub(crate) fn settle(
        statements: &[Arc<Statement>],
        asker: &Asker,
        operation: &'static Operation,
        position: usize,
    ) -> Self {
        let slots = objects_of(operation);
        let setting = Setting {
            asker,
            operation,
            slots,
        };
        let mut plan = Self::default();
        let mut limits = Vec::new();
        for statement in statements {
            if !statement.actions.contains(position) {
                continue;
            }
            let Some(resource) = settle_resource(&statement.resource, &setting) else {
                continue;
            };
            let condition = statement.condition.settle(&setting);
            if matches!(condition, Condition::Never) {
                continue;
            }
            let part = plan.part(statement.effect);
            if resource == ResourceTest::Any && matches!(condition, Condition::Always) {
                part.always.push(statement.name.clone());
                if statement.effect == Effect::Permit {
                    limits.push(statement.objects_per_hour);
                }
            } else {
                part.sometimes.push(Test {
                    statement: statement.clone(),
                    resource,
                    condition,
                });
            }
        }
        plan.finish(&limits, !slots.is_empty());
        plan
    }

    fn part(&mut self, effect: Effect) -> &mut Part {
        match effect {
            Effect::Permit => &mut self.permits,
            Effect::Forbid => &mut self.forbids,
            Effect::Shadow => &mut self.shadows,
        }
    }

    /// Drops what can no longer change a verdict, and sums up what the rest reads.
    fn finish(&mut self, limits: &[Option<u32>], has_objects: bool) {
        self.objects_per_hour = most_generous(limits.iter().copied());
        if !self.permits.always.is_empty() {
            let held = self.objects_per_hour;
            self.permits
                .sometimes
                .retain(|test| is_more_generous(test.statement.objects_per_hour, held));
        }
        if !self.forbids.always.is_empty() {
            self.forbids.sometimes.clear();
            self.permits = Part::default();
            self.shadows = Part::default();
        }
        for part in [&mut self.forbids, &mut self.permits, &mut self.shadows] {
            part.index();
        }
        let tests = [&self.forbids, &self.permits, &self.shadows];
        let tests = tests.into_iter().flat_map(|part| &part.sometimes);
        let needs = tests.fold(Needs::default(), |needs, test| needs.union(test.needs()));
        self.needs = Needs {
            objects: needs.objects && has_objects,
            ..needs
        };
    }

    /// What is known before a question comes.
    pub(crate) fn outlook(&self) -> Outlook {
        let Needs { objects, fields } = self.needs;
        if !self.forbids.always.is_empty() {
            Outlook::Forbidden
        } else if self.permits.always.is_empty() && self.permits.sometimes.is_empty() {
            Outlook::NotPermitted
        } else if self.forbids.sometimes.is_empty()
            && self.permits.sometimes.is_empty()
            && !objects
            && !fields
        {
            Outlook::Allowed
        } else {
            Outlook::Depends { objects, fields }
        }
    }

    /// The outlook with reasons.
    pub(crate) fn explain(&self) -> Explanation {
        Explanation {
            outlook: self.outlook(),
            permits: self.permits.always.clone(),
            permits_sometimes: self.permits.names_of_sometimes(),
            forbids: self.forbids.always.clone(),
            forbids_sometimes: self.forbids.names_of_sometimes(),
            would_forbid: [
                self.shadows.always.clone(),
                self.shadows.names_of_sometimes(),
            ]
            .concat(),
        }
    }
}

/// The largest limit; `None`, no limit, is larger than any.
pub(crate) fn most_generous(limits: impl IntoIterator<Item = Option<u32>>) -> Option<u32> {
    limits
        .into_iter()
        .reduce(|one, other| Some(one?.max(other?)))
        .flatten()
}

fn is_more_generous(one: Option<u32>, than: Option<u32>) -> bool {
    match (one, than) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(one), Some(than)) => one > than,
    }
}

/// What remains to ask of the resource; `None` when no object the operation can have satisfies it.
fn settle_resource(scope: &ResourceScope, setting: &Setting<'_>) -> Option<ResourceTest> {
    let resource = setting.resource();
    match scope {
        ResourceScope::Any => Some(ResourceTest::Any),
        ResourceScope::Is(entity) => (*entity == resource).then_some(ResourceTest::Any),
        ResourceScope::Nothing => None,
        ResourceScope::Eq(uid) if uid.entity != resource => None,
        ResourceScope::Eq(uid) if resource == ORG => is_org(uid, setting),
        ResourceScope::Eq(uid) => Some(ResourceTest::Eq(uid.id.clone())),
        ResourceScope::IsIn(entity, _) if *entity != resource => None,
        ResourceScope::In(uid) | ResourceScope::IsIn(_, uid) => {
            if uid.entity == ORG {
                is_org(uid, setting)
            } else if resource == ORG {
                None
            } else {
                Some(ResourceTest::In(uid.clone()))
            }
        }
    }
}

/// Every object is in its org, and the org in itself.
fn is_org(uid: &Uid, setting: &Setting<'_>) -> Option<ResourceTest> {
    (*uid.id == *setting.asker.org).then_some(ResourceTest::Any)
}
