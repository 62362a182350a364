//! One statement of a policy, compiled once for all callers: who, which operations, what resource, under what condition.

use std::sync::Arc;

use cedar_policy::pst::{self, EntityOrSlot, EntityUID};
use cedar_policy::{ActionConstraint, Policy, PolicySet};

use crate::action_set::ActionSet;
use crate::condition::Condition;
use crate::entity::{ACTION, CLIENT, ORG, TEAM, entity_type};
use crate::marks::Marks;

/// One compiled statement.
#[derive(Debug)]
pub(crate) struct Statement {
    /// Name of its policy, with `#2` for the second statement of a text.
    pub(crate) name: Arc<str>,
    pub(crate) effect: Effect,
    /// Of a permit: objects per hour.
    pub(crate) objects_per_hour: Option<u32>,
    pub(crate) principal: PrincipalScope,
    pub(crate) actions: ActionSet,
    pub(crate) resource: ResourceScope,
    pub(crate) condition: Condition,
    /// The statement as Cedar reads it; `None` for one made here, which has no condition.
    pub(crate) cedar: Option<PolicySet>,
}

/// What a satisfied statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Permit,
    Forbid,
    /// Told, but without effect.
    Shadow,
}

/// Whom it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PrincipalScope {
    Anyone,
    Client(Arc<str>),
    Team(Arc<str>),
    Nobody,
}

/// What it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ResourceScope {
    Any,
    Is(&'static str),
    Eq(Uid),
    In(Uid),
    IsIn(&'static str, Uid),
    Nothing,
}

/// The identity of an entity: type and id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Uid {
    pub(crate) entity: &'static str,
    pub(crate) id: Arc<str>,
}

impl Statement {
    /// A permit of operations to one client, without a condition.
    pub(crate) fn permit(name: &str, client: &str, actions: ActionSet) -> Self {
        Self {
            name: name.into(),
            effect: Effect::Permit,
            objects_per_hour: None,
            principal: PrincipalScope::Client(client.into()),
            actions,
            resource: ResourceScope::Any,
            condition: Condition::Always,
            cedar: None,
        }
    }

    /// Compiles a validated statement; `None` when Cedar cannot hand it out as a tree, which no statement from text does.
    pub(crate) fn compile(name: Arc<str>, policy: &Policy, marks: Marks) -> Option<Self> {
        let pst::Policy::Static(tree) = policy.to_pst().ok()? else {
            return None;
        };
        let body = tree.body();
        let effect = match body.effect {
            pst::Effect::Permit => Effect::Permit,
            pst::Effect::Forbid if marks.shadow => Effect::Shadow,
            pst::Effect::Forbid => Effect::Forbid,
        };
        Some(Self {
            name,
            effect,
            objects_per_hour: marks.objects_per_hour,
            principal: PrincipalScope::read(&body.principal),
            actions: read_actions(&policy.action_constraint()),
            resource: ResourceScope::read(&body.resource),
            condition: Condition::compile(body.clauses()),
            cedar: Some(PolicySet::from_policies([policy.clone()]).ok()?),
        })
    }
}

impl PrincipalScope {
    fn read(scope: &pst::PrincipalConstraint) -> Self {
        use pst::PrincipalConstraint as Scope;
        match scope {
            Scope::Any => Self::Anyone,
            Scope::Is(entity) if entity.to_string() == CLIENT => Self::Anyone,
            Scope::Is(_) => Self::Nobody,
            Scope::Eq(EntityOrSlot::Entity(uid)) => Self::named(uid, false),
            Scope::In(EntityOrSlot::Entity(uid)) => Self::named(uid, true),
            Scope::IsIn(entity, EntityOrSlot::Entity(uid)) if entity.to_string() == CLIENT => {
                Self::named(uid, true)
            }
            Scope::IsIn(..)
            | Scope::Eq(EntityOrSlot::Slot(_))
            | Scope::In(EntityOrSlot::Slot(_)) => Self::Nobody,
        }
    }

    fn named(uid: &EntityUID, within: bool) -> Self {
        match (uid.ty.to_string().as_str(), within) {
            (CLIENT, _) => Self::Client(uid.eid.as_str().into()),
            (TEAM, true) => Self::Team(uid.eid.as_str().into()),
            _ => Self::Nobody,
        }
    }
}

impl ResourceScope {
    fn read(scope: &pst::ResourceConstraint) -> Self {
        use pst::ResourceConstraint as Scope;
        let known = |entity: &pst::EntityType| known_type(&entity.to_string());
        let read = match scope {
            Scope::Any => Some(Self::Any),
            Scope::Is(entity) => known(entity).map(Self::Is),
            Scope::Eq(EntityOrSlot::Entity(uid)) => Uid::read(uid).map(Self::Eq),
            Scope::In(EntityOrSlot::Entity(uid)) => Uid::read(uid).map(Self::In),
            Scope::IsIn(entity, EntityOrSlot::Entity(uid)) => known(entity)
                .zip(Uid::read(uid))
                .map(|(entity, uid)| Self::IsIn(entity, uid)),
            Scope::IsIn(..)
            | Scope::Eq(EntityOrSlot::Slot(_))
            | Scope::In(EntityOrSlot::Slot(_)) => None,
        };
        read.unwrap_or(Self::Nothing)
    }
}

impl Uid {
    /// The identity, with the type as this crate writes it; `None` for a type it does not have.
    pub(crate) fn read(uid: &EntityUID) -> Option<Self> {
        Some(Self {
            entity: known_type(&uid.ty.to_string())?,
            id: uid.eid.as_str().into(),
        })
    }
}

/// The type's name as kept in this crate.
pub(crate) fn known_type(name: &str) -> Option<&'static str> {
    let fixed = [ORG, CLIENT, TEAM, ACTION]
        .into_iter()
        .find(|known| *known == name);
    fixed.or_else(|| entity_type(name).map(|entity| entity.name))
}

/// The operations that an action scope names.
pub(crate) fn read_actions(scope: &ActionConstraint) -> ActionSet {
    match scope {
        ActionConstraint::Any => ActionSet::of(|_| true),
        // A group itself is no operation.
        ActionConstraint::Eq(uid) => {
            let id = uid.id().unescaped();
            ActionSet::of(|operation| operation.id == id)
        }
        ActionConstraint::In(uids) => ActionSet::named(uids.iter().map(|uid| uid.id().unescaped())),
    }
}
