//! Plain Cedar: a question as Cedar's own request and entities, and one statement decided by Cedar's own authorizer.
//!
//! The slow way, about 25 µs a question. Only conditions that the compiler leaves alone go it; the tests hold the fast way
//! against it.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::LazyLock;

use catalog::Operation;
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid,
    PolicySet, Request, RestrictedExpression,
};
use jiff::Timestamp;

use crate::entity::{ACTION, CLIENT, ORG, TEAM, entity_types};
use crate::question::{Attribute, Object, Question};
use crate::schema::action_groups;
use crate::slot::objects_of;

/// Who asks, and in which org.
#[derive(Clone, Debug)]
pub(crate) struct Asker {
    pub(crate) org: String,
    pub(crate) client: String,
    pub(crate) teams: Vec<String>,
}

/// The types of entities as Cedar has them: reading one costs 20 µs.
static TYPES: LazyLock<HashMap<&'static str, EntityTypeName>> = LazyLock::new(|| {
    let fixed = [ORG, CLIENT, TEAM, ACTION].into_iter();
    let names = fixed.chain(entity_types().map(|entity| entity.name));
    names
        .filter_map(|name| Some((name, name.parse().ok()?)))
        .collect()
});

/// The identity of an entity; `None` for a type this crate does not have.
pub(crate) fn uid(entity: &str, id: &str) -> Option<EntityUid> {
    let name = TYPES.get(entity)?.clone();
    Some(EntityUid::from_type_name_and_id(name, EntityId::new(id)))
}

/// Whether Cedar finds the statement in `alone` satisfied: a lone permit is satisfied when it allows, a lone forbid when it is
/// the reason to deny. `None` where the question cannot be put to Cedar, as when an object is within itself.
pub(crate) fn is_satisfied(
    alone: &PolicySet,
    asker: &Asker,
    question: &Question<'_>,
) -> Option<bool> {
    let (request, entities) = read_question(asker, question)?;
    let response = Authorizer::new().is_authorized(&request, alone, &entities);
    let allowed = response.decision() == Decision::Allow;
    Some(allowed || response.diagnostics().reason().next().is_some())
}

/// The question in Cedar's terms.
pub(crate) fn read_question(asker: &Asker, question: &Question<'_>) -> Option<(Request, Entities)> {
    let org = uid(ORG, &asker.org)?;
    let principal = uid(CLIENT, &asker.client)?;
    let action = uid(ACTION, question.operation.id)?;
    let resource = match question.objects.first() {
        Some(object) => uid(object.entity, &object.id)?,
        None => org.clone(),
    };
    let context = read_context(question)?;
    let request = Request::new(principal, action, resource, context, None).ok()?;
    let mut entities = read_callers(asker, question.operation)?;
    entities.push(Entity::new_no_attrs(org.clone(), HashSet::new()));
    for object in distinct(question.objects) {
        entities.push(read_object(object, &org)?);
    }
    Some((request, Entities::from_entities(entities, None).ok()?))
}

fn read_callers(asker: &Asker, operation: &Operation) -> Option<Vec<Entity>> {
    let teams: Option<HashSet<EntityUid>> =
        asker.teams.iter().map(|team| uid(TEAM, team)).collect();
    let teams = teams?;
    let groups = action_groups(operation).into_iter();
    let groups: Option<HashSet<EntityUid>> = groups.map(|group| uid(ACTION, group)).collect();
    let mut entities: Vec<Entity> = teams
        .iter()
        .map(|team| Entity::new_no_attrs(team.clone(), HashSet::new()))
        .collect();
    entities.push(Entity::new_no_attrs(uid(CLIENT, &asker.client)?, teams));
    entities.push(Entity::new_no_attrs(uid(ACTION, operation.id)?, groups?));
    Some(entities)
}

/// One object may be named twice in a path; the first telling of it counts.
fn distinct(objects: &[Object]) -> impl Iterator<Item = &Object> {
    let mut seen = HashSet::new();
    objects
        .iter()
        .filter(move |object| seen.insert((object.entity, object.id.clone())))
}

fn read_object(object: &Object, org: &EntityUid) -> Option<Entity> {
    let parents = object
        .parents
        .iter()
        .map(|(entity, id)| uid(entity, id))
        .chain([Some(org.clone())]);
    let parents: Option<HashSet<EntityUid>> = parents.collect();
    let attributes: HashMap<String, RestrictedExpression> = object
        .attributes
        .iter()
        .map(|(name, value)| ((*name).to_owned(), read_attribute(value)))
        .collect();
    Entity::new(uid(object.entity, &object.id)?, attributes, parents?).ok()
}

fn read_attribute(value: &Attribute) -> RestrictedExpression {
    let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
    match value {
        Attribute::Text(value) => text(value),
        Attribute::Flag(value) => RestrictedExpression::new_bool(*value),
        Attribute::Number(value) => RestrictedExpression::new_long(*value),
        Attribute::Texts(values) => {
            RestrictedExpression::new_set(values.iter().map(|value| text(value)))
        }
    }
}

fn read_context(question: &Question<'_>) -> Option<Context> {
    let fields = question
        .fields
        .iter()
        .cloned()
        .map(RestrictedExpression::new_string);
    let mut members = vec![
        ("fields".to_owned(), RestrictedExpression::new_set(fields)),
        (
            "now".to_owned(),
            RestrictedExpression::new_datetime(datetime(question.now)),
        ),
    ];
    if let Some(source) = question.source {
        members.push((
            "source".to_owned(),
            RestrictedExpression::new_ip(address(source)),
        ));
    }
    for (slot, object) in objects_of(question.operation).iter().zip(question.objects) {
        if let Some(name) = &slot.context {
            let value = RestrictedExpression::new_entity_uid(uid(object.entity, &object.id)?);
            members.push((name.clone(), value));
        }
    }
    Context::from_pairs(members).ok()
}

/// Milliseconds are all that Cedar keeps.
fn datetime(now: Timestamp) -> String {
    now.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// Cedar reads no dotted IPv4 inside IPv6, so IPv6 is written in full.
fn address(source: IpAddr) -> String {
    match source.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let groups: Vec<String> = address
                .segments()
                .iter()
                .map(|group| format!("{group:x}"))
                .collect();
            groups.join(":")
        }
    }
}
