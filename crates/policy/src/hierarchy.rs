//! What an object belongs to: itself, what it says it is part of, through it what other objects of the question are part of, and
//! its org.

use std::sync::Arc;

use crate::entity::ORG;
use crate::question::Object;
use crate::value::EntityRef;

/// Whether `wanted` is true of the object or of anything it belongs to.
pub(crate) fn is_within(
    object: &Object,
    objects: &[Object],
    org: &str,
    wanted: &dyn Fn(EntityRef<'_>) -> bool,
) -> bool {
    let org = EntityRef {
        entity: ORG,
        id: org,
    };
    climb(object, objects, wanted, objects.len()) || wanted(org)
}

/// A cycle ends after as many steps as there are objects.
fn climb(
    object: &Object,
    objects: &[Object],
    wanted: &dyn Fn(EntityRef<'_>) -> bool,
    steps: usize,
) -> bool {
    let is = |entity: &str, id: &str| wanted(EntityRef { entity, id });
    if is(object.entity, &object.id) || object.parents.iter().any(|(entity, id)| is(entity, id)) {
        return true;
    }
    steps > 0
        && objects.iter().any(|other| {
            let parent =
                |(entity, id): &(&str, Arc<str>)| *id == other.id && *entity == other.entity;
            object.parents.iter().any(parent) && climb(other, objects, wanted, steps - 1)
        })
}
