//! A Cedar policy that permits what a record shows and no more: operations grouped by what their objects have in common. Text only;
//! whether it holds is for the rehearsal to say.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use policy::{Object, entity_type};

use crate::advice::{Evidence, Touched, Use};
use crate::limits::OBJECTS_NAMED_MAX;

/// Where facts about objects outside the record come from: entity type and id → the object.
pub type LookUp<'a> = dyn Fn(&'static str, &str) -> Option<Object> + 'a;

/// The policy that permits the recorded operations on the recorded kind of objects, for the client of this name. `None` when the
/// objects have nothing in common worth a policy, so that scopes and operations say all there is to say.
pub(super) fn policy_text(
    client: &str,
    evidence: &Evidence,
    look_up: &LookUp<'_>,
) -> Option<String> {
    let mut statements: BTreeMap<Vec<String>, BTreeSet<&str>> = BTreeMap::new();
    for told in evidence.uses() {
        let conditions = conditions(told, look_up);
        statements
            .entry(conditions)
            .or_default()
            .insert(told.operation.id);
    }
    if statements.keys().all(Vec::is_empty) {
        return None;
    }
    let texts = statements
        .iter()
        .map(|(conditions, ids)| statement(client, conditions, ids));
    Some(texts.collect::<Vec<_>>().join("\n"))
}

fn statement(client: &str, conditions: &[String], ids: &BTreeSet<&str>) -> String {
    let ids: Vec<String> = ids
        .iter()
        .map(|id| format!("Action::{}", quoted(id)))
        .collect();
    let mut text = format!(
        "permit (\n  principal == Client::{},\n  action in [\n    {}\n  ],\n  resource\n)",
        quoted(client),
        ids.join(",\n    ")
    );
    if !conditions.is_empty() {
        // Writing to a text cannot fail.
        let _ = write!(text, " when {{\n  {}\n}}", conditions.join(" &&\n  "));
    }
    text.push_str(";\n");
    text
}

fn conditions(told: &Use, look_up: &LookUp<'_>) -> Vec<String> {
    let of_slot = |touched: &Touched| {
        let object = match &touched.slot.context {
            None => "resource".to_owned(),
            Some(name) => format!("context.{name}"),
        };
        condition(touched, &object, look_up)
    };
    told.touched.iter().filter_map(of_slot).collect()
}

/// What binds the objects of one place: their ids while they are few, else a group all are in, else a text all carry.
fn condition(touched: &Touched, object: &str, look_up: &LookUp<'_>) -> Option<String> {
    let entity = touched.slot.entity;
    if touched.strange || touched.ids.is_empty() {
        return None;
    }
    let are_many = touched.ids.len() > OBJECTS_FEW || touched.more;
    if are_many && let Some((parent, id)) = shared_parent(touched, look_up) {
        return Some(format!("{object} in {parent}::{}", quoted(&id)));
    }
    if !touched.more && touched.ids.len() <= OBJECTS_NAMED_MAX {
        let ids: Vec<String> = touched
            .ids
            .iter()
            .map(|id| format!("{entity}::{}", quoted(id)))
            .collect();
        return Some(match ids.as_slice() {
            [only] => format!("{object} == {only}"),
            several => format!("{object} in [{}]", several.join(", ")),
        });
    }
    let (name, text) = shared_text(touched)?;
    let kind = entity_type(entity)?.attribute(name)?;
    let test = format!("{object}.{name} == {}", quoted(&text));
    Some(if kind.required {
        test
    } else {
        format!("{object} has {name} && {test}")
    })
}

/// What all objects belong to, unless everything does: the group that Okta puts everyone in says nothing.
fn shared_parent(touched: &Touched, look_up: &LookUp<'_>) -> Option<(&'static str, Arc<str>)> {
    let says_something = |(entity, id): &&(&'static str, Arc<str>)| {
        look_up(entity, id).is_some_and(|parent| {
            let kind = parent.attribute("kind");
            kind != Some(&policy::Attribute::Text("BUILT_IN".into()))
        })
    };
    touched
        .common()?
        .parents
        .iter()
        .find(says_something)
        .cloned()
}

/// A text that all objects carry and that says what they are, not who or how they are at the moment.
fn shared_text(touched: &Touched) -> Option<(&'static str, Arc<str>)> {
    let texts = &touched.common()?.texts;
    let telling = |name: &&str| texts.iter().find(|(known, _)| *known == *name).cloned();
    TELLING_TEXTS.iter().find_map(telling)
}

fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            control if control.is_control() => {
                let _ = write!(quoted, "\\u{{{:x}}}", u32::from(control));
            }
            plain => quoted.push(plain),
        }
    }
    quoted.push('"');
    quoted
}

/// Up to so many objects are named even if they share a group: a client that touched three people was hardly made for the group.
const OBJECTS_FEW: usize = 3;

/// Attributes that say what an object is, most telling first.
const TELLING_TEXTS: &[&str] = &["department", "label", "name", "kind", "signOnMode"];
