//! The Cedar schema of an org, made from the catalog: entity types in Okta's nouns, one action per operation, and the groups
//! of actions that policies name (scopes, kinds, risks).
//!
//! The same catalog gives the same text, byte for byte. Never reads an org: custom profile attributes are not part of it.

use std::collections::BTreeSet;
use std::fmt::{self, Write};
use std::sync::LazyLock;

use catalog::{Kind, Operation, operations};
use cedar_policy::{Schema, Validator};

use crate::entity::{AttributeType, CLIENT, EntityType, ORG, TEAM, entity_type, entity_types};
use crate::slot::objects_of;

static TEXT: LazyLock<String> = LazyLock::new(|| {
    let mut text = String::with_capacity(256 * 1024);
    // Writing to a string cannot fail.
    write_schema(&mut text).unwrap_or_default();
    text
});

static VALIDATOR: LazyLock<Option<Validator>> = LazyLock::new(|| {
    let (schema, _) = Schema::from_cedarschema_str(&TEXT).ok()?;
    Some(Validator::new(schema))
});

/// The schema as Cedar text.
pub fn schema() -> &'static str {
    &TEXT
}

/// Cedar's validator over [`schema`]; a test holds that there is one.
pub(crate) fn validator() -> Option<&'static Validator> {
    VALIDATOR.as_ref()
}

/// The groups of actions an operation is in: each of its scopes, its kind, `write` where it changes something, and its risks.
pub fn action_groups(operation: &Operation) -> Vec<&'static str> {
    let mut groups = operation.scopes.clone();
    groups.push(kind_name(operation.kind));
    if !matches!(operation.kind, Kind::Read | Kind::Protocol) {
        groups.push("write");
    }
    groups.extend(operation.risk.names());
    groups
}

/// Whether an operation is in a group of actions.
pub(crate) fn is_in_group(operation: &Operation, group: &str) -> bool {
    action_groups(operation).contains(&group)
}

const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Read => "read",
        Kind::Create => "create",
        Kind::Replace => "replace",
        Kind::Update => "update",
        Kind::Delete => "delete",
        Kind::Lifecycle => "lifecycle",
        Kind::Membership => "membership",
        Kind::Action => "action",
        Kind::Protocol => "protocol",
    }
}

fn write_schema(out: &mut String) -> fmt::Result {
    let part = Part {
        types: entity_types().map(|entity| entity.name).collect(),
        groups: operations().iter().flat_map(action_groups).collect(),
        operations: operations().iter().collect(),
        named: Vec::new(),
    };
    write_part(out, &part)
}

/// A part of the schema, closed in itself.
#[derive(Default)]
struct Part {
    types: BTreeSet<&'static str>,
    groups: BTreeSet<&'static str>,
    /// Operations in full.
    operations: Vec<&'static Operation>,
    /// Operations that are only named: nobody can ask for them.
    named: Vec<&'static Operation>,
}

/// The part of the schema that decides whether statements about these operations are valid, when they name these entity types
/// and actions besides; `None` when something named does not exist. Every statement is checked against every operation of a
/// schema, so the whole of it costs milliseconds a statement.
pub(crate) fn part_of_schema(
    of: &[&'static Operation],
    types: &BTreeSet<&'static str>,
    actions: &BTreeSet<String>,
) -> Option<Validator> {
    let mut part = Part {
        operations: of.to_vec(),
        ..Part::default()
    };
    for action in actions {
        if let Some(operation) = operations().by_id(action) {
            if !of.iter().any(|known| known.id == operation.id) {
                part.named.push(operation);
            }
        } else {
            part.groups.insert(all_groups().get(action.as_str())?);
        }
    }
    let both = part.operations.iter().chain(&part.named);
    part.groups
        .extend(both.flat_map(|operation| action_groups(operation)));
    let slots = of.iter().flat_map(|operation| objects_of(operation));
    let mut open: Vec<&'static str> = slots
        .map(|slot| slot.entity)
        .chain(types.iter().copied())
        .collect();
    while let Some(name) = open.pop() {
        if let Some(entity) = entity_type(name)
            && part.types.insert(name)
        {
            open.extend(&entity.parents);
        }
    }
    let mut text = String::new();
    write_part(&mut text, &part).ok()?;
    let (schema, _) = Schema::from_cedarschema_str(&text).ok()?;
    Some(Validator::new(schema))
}

/// All groups of actions.
pub(crate) fn all_groups() -> &'static BTreeSet<&'static str> {
    static ALL: LazyLock<BTreeSet<&'static str>> =
        LazyLock::new(|| operations().iter().flat_map(action_groups).collect());
    &ALL
}

fn write_part(out: &mut String, part: &Part) -> fmt::Result {
    writeln!(out, "// Callers and the org.")?;
    writeln!(
        out,
        "entity {TEAM};\nentity {CLIENT} in [{TEAM}];\nentity {ORG};"
    )?;
    writeln!(out, "\n// Objects of the org.")?;
    for entity in part.types.iter().filter_map(|name| entity_type(name)) {
        write_entity(out, entity)?;
    }
    writeln!(out, "\n// Groups of operations: scopes, kinds, risks.")?;
    for group in &part.groups {
        writeln!(out, "action \"{group}\";")?;
    }
    writeln!(out, "\n// Operations.")?;
    for operation in &part.operations {
        writeln!(out, "// {} {}", operation.method, operation.template)?;
        write_action(out, operation)?;
        write_use(out, operation)?;
    }
    for operation in &part.named {
        write_action(out, operation)?;
        writeln!(out, ";")?;
    }
    Ok(())
}

fn write_entity(out: &mut String, entity: &EntityType) -> fmt::Result {
    write!(out, "entity {} in [", entity.name)?;
    for parent in &entity.parents {
        write!(out, "{parent}, ")?;
    }
    write!(out, "{ORG}]")?;
    let mut first = true;
    for attribute in &entity.attributes {
        write!(out, "{}", if first { " {\n" } else { "" })?;
        first = false;
        let value = match attribute.value {
            AttributeType::Text => "String",
            AttributeType::Flag => "Bool",
            AttributeType::Number => "Long",
            AttributeType::Texts => "Set<String>",
        };
        let mark = if attribute.required { "" } else { "?" };
        writeln!(out, "  {}{mark}: {value},", attribute.name)?;
    }
    writeln!(out, "{}", if first { ";" } else { "};" })
}

fn write_action(out: &mut String, operation: &Operation) -> fmt::Result {
    write!(out, "action \"{}\" in [", operation.id)?;
    for (at, group) in action_groups(operation).iter().enumerate() {
        write!(out, "{}\"{group}\"", if at == 0 { "" } else { ", " })?;
    }
    write!(out, "]")
}

fn write_use(out: &mut String, operation: &'static Operation) -> fmt::Result {
    let slots = objects_of(operation);
    let resource = slots.first().map_or(ORG, |slot| slot.entity);
    write!(
        out,
        " appliesTo {{ principal: [{CLIENT}], resource: [{resource}], context: {{ "
    )?;
    for slot in slots {
        if let Some(name) = &slot.context {
            write!(out, "{name}: {}, ", slot.entity)?;
        }
    }
    writeln!(
        out,
        "fields: Set<String>, now: datetime, source?: ipaddr }} }};"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cedar_accepts_the_schema_without_a_warning() {
        let (_, warnings) = Schema::from_cedarschema_str(schema()).unwrap();
        assert_eq!(
            warnings
                .map(|warning| warning.to_string())
                .collect::<Vec<_>>(),
            Vec::<String>::new()
        );
        assert!(validator().is_some());
    }

    #[test]
    fn the_text_is_the_same_each_time() {
        let mut again = String::new();
        write_schema(&mut again).unwrap();
        assert_eq!(schema(), again);
    }

    #[test]
    fn every_operation_is_an_action_of_exactly_one_type_of_resource() {
        let schema = validator().unwrap().schema();
        for operation in operations().iter() {
            let action = crate::plain::uid("Action", operation.id).unwrap();
            let resources: Vec<_> = schema.resources_for_action(&action).unwrap().collect();
            assert_eq!(resources.len(), 1, "{}", operation.id);
        }
    }

    #[test]
    fn no_operation_is_named_like_a_group() {
        let groups: BTreeSet<&str> = operations().iter().flat_map(action_groups).collect();
        for operation in operations().iter() {
            assert!(!groups.contains(operation.id), "{}", operation.id);
        }
    }
}
