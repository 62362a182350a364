//! Which path parameters of an operation name objects, and of which entity type.
//!
//! Derived from the paths of the catalog's resource types, completed by the tables in `paths`. Never reads a request; it
//! speaks of templates only.

mod paths;

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use catalog::resource::resources;
use catalog::{Operation, operations, unnamed};

use crate::entity::{context_name, entity_type, noun_of};

/// A path parameter that names an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectSlot {
    /// Name of the parameter in the template (`groupId`).
    pub parameter: &'static str,
    /// Entity type of the object (`Group`).
    pub entity: &'static str,
    /// Name of the object in the context of policies (`user`); `None` for the first, which is the resource.
    pub context: Option<String>,
    /// Resource type of the catalog that keeps such objects (`group`); `None` when nothing does, so that nothing can be looked up.
    pub resource: Option<&'static str>,
}

/// Operations by position, with their objects. Positions are this crate's own and the same for the life of the process.
pub(crate) struct Places {
    by_id: HashMap<&'static str, usize>,
    slots: Vec<Vec<ObjectSlot>>,
}

static PLACES: LazyLock<Places> = LazyLock::new(|| {
    let kept = kept_paths();
    Places {
        by_id: operations()
            .iter()
            .enumerate()
            .map(|(at, operation)| (operation.id, at))
            .collect(),
        slots: operations()
            .iter()
            .map(|operation| read_slots(operation, &kept))
            .collect(),
    }
});

/// Which path parameters of `operation` name objects, in path order. The first is the resource of a question.
pub fn objects_of(operation: &'static Operation) -> &'static [ObjectSlot] {
    position_of(operation).map_or(&[], slots_at)
}

/// The position of an operation; `None` for one that is not the catalog's.
pub(crate) fn position_of(operation: &Operation) -> Option<usize> {
    PLACES.by_id.get(operation.id).copied()
}

/// The objects of the operation at a position.
pub(crate) fn slots_at(position: usize) -> &'static [ObjectSlot] {
    PLACES.slots.get(position).map_or(&[], Vec::as_slice)
}

/// Entity types that only paths speak of, beside kept ones.
pub(crate) fn path_entities() -> impl Iterator<Item = &'static str> {
    paths::OBJECTS.iter().map(|(_, entity)| *entity)
}

/// Paths of kept objects with `{}` for parameters → resource type.
fn kept_paths() -> BTreeMap<String, &'static str> {
    let kept = resources().iter().filter(|kind| !kind.singleton);
    kept.map(|kind| {
        let names = kind.relates.as_deref().unwrap_or(&kind.name);
        (unnamed(&kind.item_path()), names)
    })
    .collect()
}

fn read_slots(operation: &Operation, kept: &BTreeMap<String, &'static str>) -> Vec<ObjectSlot> {
    let mut slots: Vec<ObjectSlot> = Vec::new();
    for (path, parameter) in parameters_of(operation) {
        let Some((entity, resource)) = object_at(&path, parameter, kept) else {
            continue;
        };
        let context = (!slots.is_empty()).then(|| free_name(&slots, entity));
        slots.push(ObjectSlot {
            parameter,
            entity,
            context,
            resource,
        });
    }
    slots
}

/// Each path parameter with the path up to and including it.
fn parameters_of(operation: &Operation) -> Vec<(String, &'static str)> {
    let mut path = String::new();
    let mut parameters = Vec::new();
    for segment in operation.template.split('/').skip(1) {
        path.push('/');
        match segment
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
        {
            Some(name) => {
                path.push_str("{}");
                parameters.push((path.clone(), name));
            }
            None => path.push_str(segment),
        }
    }
    parameters
}

fn object_at(
    path: &str,
    parameter: &str,
    kept: &BTreeMap<String, &'static str>,
) -> Option<(&'static str, Option<&'static str>)> {
    if is_exempt(path, parameter) {
        return None;
    }
    if let Some(resource) = kept.get(path) {
        return Some((noun_of(resource)?, Some(resource)));
    }
    let (_, entity) = paths::OBJECTS.iter().find(|(known, _)| *known == path)?;
    let resource = entity_type(entity).and_then(|entity| entity.resources.first());
    Some((entity, resource.map(|resource| resource.name.as_str())))
}

fn is_exempt(path: &str, parameter: &str) -> bool {
    paths::EXEMPT
        .iter()
        .any(|(known, name, _)| *known == path && *name == parameter)
}

/// `user`, or `user_2` when an earlier object of the path has that name.
fn free_name(slots: &[ObjectSlot], entity: &str) -> String {
    let name = context_name(entity);
    let taken = slots
        .iter()
        .filter(|slot| slot.entity == entity && slot.context.is_some())
        .count();
    if taken == 0 {
        name
    } else {
        format!("{name}_{}", taken + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(id: &str) -> &'static Operation {
        operations().by_id(id).unwrap()
    }

    fn objects(id: &str) -> Vec<(&'static str, &'static str, Option<&'static str>)> {
        objects_of(operation(id))
            .iter()
            .map(|slot| (slot.parameter, slot.entity, slot.context.as_deref()))
            .collect()
    }

    #[test]
    fn every_path_parameter_of_every_operation_is_an_object_or_exempt_with_a_reason() {
        let kept = kept_paths();
        for operation in operations().iter() {
            for (path, parameter) in parameters_of(operation) {
                let object = object_at(&path, parameter, &kept).is_some();
                assert_ne!(
                    object,
                    is_exempt(&path, parameter),
                    "{}: what is {parameter} in {path}?",
                    operation.id
                );
            }
        }
    }

    #[test]
    fn the_tables_of_paths_hold_nothing_the_catalog_does_not_need() {
        let kept = kept_paths();
        let used: Vec<(String, &str)> = operations().iter().flat_map(parameters_of).collect();
        for (path, _) in paths::OBJECTS {
            assert!(used.iter().any(|(known, _)| known == path), "{path}");
            assert!(!kept.contains_key(*path), "{path} is the catalog's");
        }
        for (path, parameter, reason) in paths::EXEMPT {
            let same = |(known, name): &(String, &str)| known == path && name == parameter;
            assert!(used.iter().any(same), "{path} {parameter}");
            assert!(!reason.is_empty());
        }
    }

    #[test]
    fn the_first_object_is_the_resource_and_others_stand_in_the_context() {
        assert_eq!(
            objects("assignUserToGroup"),
            [("groupId", "Group", None), ("userId", "User", Some("user"))]
        );
        assert_eq!(
            objects("assignLinkedObjectValueForPrimary"),
            [
                ("userIdOrLogin", "User", None),
                (
                    "primaryRelationshipName",
                    "LinkedObject",
                    Some("linked_object")
                ),
                ("primaryUserId", "User", Some("user")),
            ]
        );
        assert_eq!(objects("listUsers"), []);
    }

    #[test]
    fn names_in_a_context_are_each_of_one_object() {
        for operation in operations().iter() {
            let mut names: Vec<_> = objects_of(operation)
                .iter()
                .filter_map(|slot| slot.context.as_deref())
                .chain(["source", "fields", "now"])
                .collect();
            let before = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), before, "{}", operation.id);
        }
    }

    #[test]
    fn a_second_path_to_a_kept_thing_says_what_keeps_it() {
        let slots = objects_of(operation("listRolesForClient"));
        assert_eq!(slots[0].entity, "App");
        assert_eq!(slots[0].resource, Some("app"));
        let factor = &objects_of(operation("getFactor"))[1];
        assert_eq!((factor.entity, factor.resource), ("Factor", None));
    }
}
