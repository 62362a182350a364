//! The union of the shapes of some values: which kinds occur, which members, which items. Holds no values.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Kind of a value, as reasons name it.
pub(in super::super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// What a set of values looks like.
#[derive(Debug, Default)]
pub(super) struct Shape {
    kinds: BTreeSet<&'static str>,
    members: BTreeMap<String, Shape>,
    items: Option<Box<Shape>>,
}

impl Shape {
    /// The union of the shapes of `values`.
    pub(super) fn of_all(values: &[Value]) -> Self {
        let mut shape = Self::default();
        values.iter().for_each(|value| shape.include(value));
        shape
    }

    fn include(&mut self, value: &Value) {
        self.kinds.insert(kind(value));
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    self.members.entry(name.clone()).or_default().include(value);
                }
            }
            Value::Array(items) => {
                let union = self.items.get_or_insert_default();
                items.iter().for_each(|item| union.include(item));
            }
            _ => {}
        }
    }

    /// What `emulated` has otherwise, as phrases with the place first.
    pub(super) fn differences(&self, emulated: &Self, place: &str) -> Vec<String> {
        let mut found = Vec::new();
        if self.kinds != emulated.kinds {
            found.push(format!(
                "{place} {} → {}",
                list(&self.kinds),
                list(&emulated.kinds)
            ));
            return found;
        }
        for (name, mine) in &self.members {
            match emulated.members.get(name) {
                Some(theirs) => found.extend(mine.differences(theirs, &super::step(place, name))),
                None => found.push(format!(
                    "{} missing ({})",
                    super::step(place, name),
                    list(&mine.kinds)
                )),
            }
        }
        for (name, theirs) in emulated
            .members
            .iter()
            .filter(|(name, _)| !self.members.contains_key(*name))
        {
            found.push(format!(
                "{} too many ({})",
                super::step(place, name),
                list(&theirs.kinds)
            ));
        }
        if let (Some(mine), Some(theirs)) = (&self.items, &emulated.items) {
            found.extend(mine.differences(theirs, &format!("{place}[]")));
        }
        found
    }
}

fn list(kinds: &BTreeSet<&'static str>) -> String {
    if kinds.is_empty() {
        return "nothing".to_owned();
    }
    kinds.iter().copied().collect::<Vec<_>>().join("|")
}
