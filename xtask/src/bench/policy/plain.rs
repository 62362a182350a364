//! Plain Cedar over all policies of an org: one request and its entities, made before measuring, as a gateway without a compiler
//! would do at best.

use std::collections::HashSet;

use anyhow::{Context as _, Result};
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, Policy, PolicyId, PolicySet,
    Request, RestrictedExpression,
};
use policy::{Attribute, Object, PolicyText, Question, action_groups};

/// A question to Cedar.
pub(crate) struct Plain {
    policies: PolicySet,
    request: Request,
    entities: Entities,
}

impl Plain {
    /// The question over these policies, asked by the first caller.
    pub(crate) fn new(texts: &[PolicyText], question: &Question<'_>) -> Result<Self> {
        let mut policies = PolicySet::new();
        for text in texts {
            policies.add(Policy::parse(Some(PolicyId::new(&text.name)), &text.text)?)?;
        }
        let org = uid("Org", "acme")?;
        let resource = match question.objects.first() {
            Some(object) => uid(object.entity, &object.id)?,
            None => org.clone(),
        };
        let action = uid("Action", question.operation.id)?;
        let groups = action_groups(question.operation).into_iter();
        let groups: HashSet<EntityUid> = groups
            .map(|group| uid("Action", group))
            .collect::<Result<_>>()?;
        let mut entities = vec![
            Entity::new_no_attrs(uid("Client", "c0")?, HashSet::new()),
            Entity::new_no_attrs(action.clone(), groups),
            Entity::new_no_attrs(org, HashSet::new()),
        ];
        for object in question.objects {
            entities.push(entity(object)?);
        }
        Ok(Self {
            policies,
            request: Request::new(
                uid("Client", "c0")?,
                action,
                resource,
                context(question)?,
                None,
            )?,
            entities: Entities::from_entities(entities, None)?,
        })
    }

    /// Whether Cedar allows it.
    pub(crate) fn decide(&self) -> bool {
        let response =
            Authorizer::new().is_authorized(&self.request, &self.policies, &self.entities);
        response.decision() == Decision::Allow
    }
}

fn uid(entity: &str, id: &str) -> Result<EntityUid> {
    format!("{entity}::\"{id}\"").parse().context("no entity")
}

fn entity(object: &Object) -> Result<Entity> {
    let attributes = object.attributes.iter().filter_map(|(name, value)| {
        let value = match value {
            Attribute::Text(text) => RestrictedExpression::new_string(text.to_string()),
            Attribute::Flag(flag) => RestrictedExpression::new_bool(*flag),
            Attribute::Number(_) | Attribute::Texts(_) => return None,
        };
        Some(((*name).to_owned(), value))
    });
    let parents = object.parents.iter().map(|(entity, id)| uid(entity, id));
    let parents: HashSet<EntityUid> = parents.chain([uid("Org", "acme")]).collect::<Result<_>>()?;
    Ok(Entity::new(
        uid(object.entity, &object.id)?,
        attributes.collect(),
        parents,
    )?)
}

fn context(question: &Question<'_>) -> Result<Context> {
    let fields = question
        .fields
        .iter()
        .cloned()
        .map(RestrictedExpression::new_string);
    let source = question.source.context("no source")?;
    Ok(Context::from_pairs([
        ("fields".to_owned(), RestrictedExpression::new_set(fields)),
        (
            "now".to_owned(),
            RestrictedExpression::new_datetime("1970-01-01"),
        ),
        (
            "source".to_owned(),
            RestrictedExpression::new_ip(source.to_string()),
        ),
    ])?)
}
