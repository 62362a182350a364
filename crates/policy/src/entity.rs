//! Entity types: the things policies speak of, in Okta's nouns, with the attributes they carry and what they may belong to.
//!
//! Types of kept objects follow the resource types of the catalog; the rest are things that only ever appear as a parameter of a
//! path and carry nothing but their id. Never holds an object; those are [`crate::Object`].

mod nouns;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use catalog::resource::{ResourceType, resources};

use crate::slot::path_entities;

/// What a value of an attribute is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeType {
    /// Text.
    Text,
    /// True or false.
    Flag,
    /// A whole number.
    Number,
    /// A set of texts.
    Texts,
}

/// One attribute of an entity type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttributeKind {
    /// Name, as written after the dot.
    pub name: &'static str,
    /// What its value is.
    pub value: AttributeType,
    /// Every object of the type has it. An object without one of these cannot be decided upon.
    pub required: bool,
}

/// One entity type.
#[derive(Debug)]
pub struct EntityType {
    /// Its name in policies (`GroupRule`).
    pub name: &'static str,
    /// What it carries, sorted by name.
    pub attributes: Vec<AttributeKind>,
    /// Entity types it may belong to, besides the org.
    pub parents: Vec<&'static str>,
    /// Resource types of the catalog that are of this type; empty when nothing keeps such objects.
    pub resources: Vec<&'static ResourceType>,
}

/// The type of the org itself, on which every operation without an object in its path acts.
pub const ORG: &str = "Org";
/// The type of callers.
pub const CLIENT: &str = "Client";
/// The type of operations and of their groups.
pub(crate) const ACTION: &str = "Action";
/// The type of groups of callers.
pub const TEAM: &str = "Team";

/// All entity types of objects, sorted by name; `Org`, `Client`, `Team` and actions are not among them.
pub fn entity_types() -> impl Iterator<Item = &'static EntityType> {
    TYPES.values()
}

/// The entity type of this name.
pub fn entity_type(name: &str) -> Option<&'static EntityType> {
    TYPES.get(name)
}

/// The name of the entity type that objects of a resource type have; `None` for singletons, which no path names.
pub(crate) fn noun_of(resource: &str) -> Option<&'static str> {
    let found = nouns::NOUNS.iter().find(|(name, _)| *name == resource);
    found.map(|(_, noun)| *noun)
}

static TYPES: LazyLock<BTreeMap<&'static str, EntityType>> = LazyLock::new(|| {
    let mut types: BTreeMap<&'static str, EntityType> = BTreeMap::new();
    for name in path_entities() {
        types.entry(name).or_insert_with(|| EntityType::bare(name));
    }
    for resource in resources().iter() {
        let Some(name) = noun_of(&resource.name) else {
            continue;
        };
        let entity = types.entry(name).or_insert_with(|| EntityType::bare(name));
        entity.resources.push(resource);
        entity.parents.extend(parent_of(resource));
    }
    for entity in types.values_mut() {
        entity.attributes = attributes_of(entity);
        entity.parents.sort_unstable();
        entity.parents.dedup();
    }
    types
});

/// What an object belongs to besides its org: the object that owns it, and for people the groups they are in.
fn parent_of(resource: &ResourceType) -> Vec<&'static str> {
    let owner = resource.parent.as_deref().and_then(noun_of);
    let groups = (resource.name == "user").then_some("Group");
    owner.into_iter().chain(groups).collect()
}

fn attributes_of(entity: &EntityType) -> Vec<AttributeKind> {
    let told = nouns::ATTRIBUTES
        .iter()
        .find(|(name, _)| *name == entity.name);
    let mut attributes: Vec<AttributeKind> = match told {
        Some((_, attributes)) => attributes.to_vec(),
        None if entity.resources.is_empty() => Vec::new(),
        None => derived_attributes(entity),
    };
    attributes.sort_unstable_by_key(|attribute| attribute.name);
    attributes
}

/// What the catalog knows of a resource type: a title, states, a `type`, and whether Okta made it.
fn derived_attributes(entity: &EntityType) -> Vec<AttributeKind> {
    let has = |fact: fn(&ResourceType) -> bool| entity.resources.iter().any(|kind| fact(kind));
    let optional = |name| AttributeKind {
        name,
        value: AttributeType::Text,
        required: false,
    };
    let mut attributes = vec![optional("kind")];
    if has(|kind| kind.identity.title.is_some()) {
        attributes.push(optional("name"));
    }
    if has(|kind| kind.lifecycle.is_some()) {
        attributes.push(optional("status"));
    }
    attributes.push(AttributeKind {
        name: "system",
        value: AttributeType::Flag,
        required: true,
    });
    attributes
}

impl EntityType {
    const fn bare(name: &'static str) -> Self {
        Self {
            name,
            attributes: Vec::new(),
            parents: Vec::new(),
            resources: Vec::new(),
        }
    }

    /// The attribute of this name.
    pub fn attribute(&self, name: &str) -> Option<&AttributeKind> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
    }

    /// Its name as a member of the context (`policy_rule`).
    pub fn context_name(&self) -> String {
        context_name(self.name)
    }
}

/// `PolicyRule` → `policy_rule`.
pub(crate) fn context_name(entity: &str) -> String {
    let mut name = String::with_capacity(entity.len() + 4);
    for letter in entity.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resource_type_that_a_path_can_name_has_a_noun() {
        for resource in resources().iter() {
            assert_eq!(
                noun_of(&resource.name).is_none(),
                resource.singleton || resource.relates.is_some(),
                "{}",
                resource.name
            );
        }
    }

    #[test]
    fn nouns_are_of_resource_types_that_exist() {
        for (resource, _) in nouns::NOUNS {
            assert!(resources().named(resource).is_some(), "{resource}");
        }
    }

    #[test]
    fn people_belong_to_groups_and_rules_to_their_policy() {
        assert_eq!(entity_type("User").unwrap().parents, ["Group"]);
        assert_eq!(entity_type("PolicyRule").unwrap().parents, ["Policy"]);
        assert_eq!(
            entity_type("RoleAssignment").unwrap().parents,
            ["App", "Group", "User"]
        );
        assert!(entity_type("NetworkZone").unwrap().parents.is_empty());
    }

    #[test]
    fn names_in_the_context_are_snake_case() {
        assert_eq!(context_name("PolicyRule"), "policy_rule");
        assert_eq!(context_name("App"), "app");
    }

    #[test]
    fn the_types_of_callers_and_orgs_are_not_types_of_objects() {
        for name in [ORG, CLIENT, TEAM, ACTION] {
            assert!(entity_type(name).is_none(), "{name}");
        }
    }
}
