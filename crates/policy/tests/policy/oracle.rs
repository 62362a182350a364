//! Plain Cedar over all policies of the org: what the answer must be. Written apart from the crate, on Cedar's public API.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{LazyLock, Mutex};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, Policy,
    PolicyId, PolicySet, Request, RestrictedExpression,
};
use policy::{Attribute, Basis, Object, Principal, action_groups, objects_of};

use crate::world::{Asked, Written};

/// What plain Cedar answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) allowed: bool,
    /// Policies that decided it.
    pub(crate) reasons: BTreeSet<String>,
    /// Policies in shadow that are satisfied.
    pub(crate) would_forbid: BTreeSet<String>,
}

/// All policies of an org, each as Cedar reads it.
pub(crate) struct Oracle {
    deciding: PolicySet,
    shadows: Vec<PolicySet>,
}

impl Oracle {
    pub(crate) fn new(policies: &[Written]) -> Self {
        let parse = |written: &Written| {
            Policy::parse(Some(PolicyId::new(&written.text.name)), &written.text.text).unwrap()
        };
        let (shadows, deciding): (Vec<_>, Vec<_>) =
            policies.iter().partition(|written| written.shadow);
        Self {
            deciding: PolicySet::from_policies(deciding.into_iter().map(parse)).unwrap(),
            shadows: shadows
                .into_iter()
                .map(|written| PolicySet::from_policies([parse(written)]).unwrap())
                .collect(),
        }
    }

    pub(crate) fn answer(&self, org: &str, principal: &Principal, asked: &Asked) -> Answer {
        let request = request(org, principal, asked);
        let entities = entities(org, principal, asked);
        let deciding = match is_registered(principal, asked) {
            true => Cow::Owned(self.with_registration(asked)),
            false => Cow::Borrowed(&self.deciding),
        };
        let judge = |set: &PolicySet| Authorizer::new().is_authorized(&request, set, &entities);
        let reasons = |response: &cedar_policy::Response| -> BTreeSet<String> {
            response
                .diagnostics()
                .reason()
                .map(ToString::to_string)
                .collect()
        };
        let response = judge(&deciding);
        Answer {
            allowed: response.decision() == Decision::Allow,
            reasons: reasons(&response),
            would_forbid: self
                .shadows
                .iter()
                .flat_map(|shadow| reasons(&judge(shadow)))
                .collect(),
        }
    }
}

impl Oracle {
    /// The registration as a policy like any other.
    fn with_registration(&self, asked: &Asked) -> PolicySet {
        let text = format!(
            "permit (principal, action == Action::\"{}\", resource);",
            asked.operation.id
        );
        let mut deciding = self.deciding.clone();
        deciding
            .add(Policy::parse(Some(PolicyId::new("registration")), text).unwrap())
            .unwrap();
        deciding
    }
}

fn is_registered(principal: &Principal, asked: &Asked) -> bool {
    let operation = asked.operation;
    principal.basis.iter().any(|basis| match basis {
        Basis::Operations(ids) => ids.iter().any(|id| id == operation.id),
        Basis::Scopes(held) => {
            let missing = operation
                .scopes
                .iter()
                .filter(|scope| !held.contains(&(**scope).to_owned()));
            !operation.scopes.is_empty() && missing.count() == 0
        }
    })
}

/// Reading a type's name costs Cedar 20 µs, so each is read once.
fn uid(entity: &'static str, id: &str) -> EntityUid {
    static TYPES: LazyLock<Mutex<HashMap<&str, EntityTypeName>>> = LazyLock::new(Mutex::default);
    let mut types = TYPES.lock().unwrap();
    let name = types
        .entry(entity)
        .or_insert_with(|| entity.parse().unwrap());
    EntityUid::from_type_name_and_id(name.clone(), EntityId::new(id))
}

fn request(org: &str, principal: &Principal, asked: &Asked) -> Request {
    let resource = match asked.objects.first() {
        Some(object) => uid(object.entity, &object.id),
        None => uid("Org", org),
    };
    let text = |text: &String| RestrictedExpression::new_string(text.clone());
    let mut context = HashMap::from([
        (
            "fields".to_owned(),
            RestrictedExpression::new_set(asked.fields.iter().map(text)),
        ),
        (
            "now".to_owned(),
            RestrictedExpression::new_datetime(
                asked.now.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
            ),
        ),
    ]);
    if let Some(source) = asked.source {
        let written = match source {
            IpAddr::V6(address) if address.to_ipv4_mapped().is_some() => {
                address.to_ipv4_mapped().unwrap().to_string()
            }
            other => other.to_string(),
        };
        context.insert("source".to_owned(), RestrictedExpression::new_ip(written));
    }
    for (slot, object) in objects_of(asked.operation)
        .iter()
        .zip(&asked.objects)
        .skip(1)
    {
        let value = RestrictedExpression::new_entity_uid(uid(object.entity, &object.id));
        context.insert(slot.context.clone().unwrap(), value);
    }
    Request::new(
        uid("Client", &principal.client),
        uid("Action", asked.operation.id),
        resource,
        Context::from_pairs(context).unwrap(),
        None,
    )
    .unwrap()
}

fn entities(org: &str, principal: &Principal, asked: &Asked) -> Entities {
    let above = |entity: &'static str, ids: &[&str]| -> HashSet<EntityUid> {
        ids.iter().map(|id| uid(entity, id)).collect()
    };
    let teams: Vec<&str> = principal.teams.iter().map(String::as_str).collect();
    let mut all = vec![
        Entity::new_no_attrs(uid("Client", &principal.client), above("Team", &teams)),
        Entity::new_no_attrs(
            uid("Action", asked.operation.id),
            above("Action", &action_groups(asked.operation)),
        ),
        Entity::new_no_attrs(uid("Org", org), HashSet::new()),
    ];
    let mut told = HashSet::new();
    for object in &asked.objects {
        if told.insert((object.entity, object.id.clone())) {
            all.push(entity(org, object));
        }
    }
    Entities::from_entities(all, None).unwrap()
}

fn entity(org: &str, object: &Object) -> Entity {
    let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
    let attributes = object.attributes.iter().map(|(name, value)| {
        let value = match value {
            Attribute::Text(value) => text(value),
            Attribute::Flag(value) => RestrictedExpression::new_bool(*value),
            Attribute::Number(value) => RestrictedExpression::new_long(*value),
            Attribute::Texts(values) => {
                RestrictedExpression::new_set(values.iter().map(|value| text(value)))
            }
        };
        ((*name).to_owned(), value)
    });
    let mut parents: HashSet<EntityUid> = object
        .parents
        .iter()
        .map(|(entity, id)| uid(entity, id))
        .collect();
    parents.insert(uid("Org", org));
    Entity::new(
        uid(object.entity, &object.id),
        attributes.collect(),
        parents,
    )
    .unwrap()
}
