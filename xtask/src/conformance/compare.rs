//! Whether two answers are equal in status, `Link` relations, error code and shape of the JSON.
//!
//! Shape: which members an object has and what kind of value each is, null being a kind of its own; values are not compared.
//! Lists of things with ids are compared thing by thing (see `pairing`), all other arrays by the union of their items.
//!
//! `next` is judged when both pages hold as many items and the recorded page holds no stranger, or when only the emulated
//! page has one; otherwise strangers decide where the page ends ([`Rule::StrangersMovePages`]).

use super::mapping::Mapping;
use super::pairing::{id, pair};
use super::rules::Rule;
use serde_json::{Map, Value};
use shape::Shape;
use std::collections::BTreeSet;

mod shape;

/// An answer, reduced to what is compared.
#[derive(Debug, Clone, Default)]
pub(super) struct Heard {
    /// HTTP status.
    pub(super) status: u16,
    /// Link relations.
    pub(super) rels: BTreeSet<String>,
    /// Addresses by relation, in order.
    pub(super) links: Vec<(String, String)>,
    /// The body; text that is not JSON is a string; none is `None`.
    pub(super) body: Option<Value>,
}

/// What the comparison found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// What differs: one phrase each, place first.
    pub(super) differences: Vec<String>,
    /// Leniencies used.
    pub(super) rules: Vec<Rule>,
}

/// Compares two answers to the same request.
pub(super) fn compare(mapping: &Mapping, recorded: &Heard, emulated: &Heard) -> Findings {
    let mut comparison = Comparison {
        mapping,
        findings: Findings::default(),
        cut: is_cut(recorded, emulated),
    };
    if recorded.status != emulated.status {
        comparison.note(format!("status {} → {}", recorded.status, emulated.status));
        return comparison.findings;
    }
    if recorded.status >= 400 {
        let code = |heard: &Heard| {
            member_text(heard, "errorCode")
                .or_else(|| member_text(heard, "error"))
                .unwrap_or_default()
        };
        let (mine, theirs) = (code(recorded), code(emulated));
        if mine != theirs {
            comparison.note(format!("error code {mine} → {theirs}"));
        }
    }
    comparison.links(recorded, emulated);
    match (&recorded.body, &emulated.body) {
        (None, None) => {}
        (Some(mine), Some(theirs)) => comparison.values("", mine, theirs),
        (Some(mine), None) => comparison.note(format!("body {} → none", shape::kind(mine))),
        (None, Some(theirs)) => comparison.note(format!("body none → {}", shape::kind(theirs))),
    }
    comparison.findings
}

struct Comparison<'m> {
    mapping: &'m Mapping,
    findings: Findings,
    cut: bool,
}

impl Comparison<'_> {
    fn note(&mut self, difference: String) {
        if !self.findings.differences.contains(&difference) {
            self.findings.differences.push(difference);
        }
    }

    fn links(&mut self, recorded: &Heard, emulated: &Heard) {
        let next = "next";
        for rel in recorded.rels.difference(&emulated.rels) {
            let fair = rel != next
                || (items(recorded).len() <= items(emulated).len()
                    && !self.has_strangers(recorded));
            if fair {
                self.note(format!("Link {rel} missing"));
            } else {
                self.findings.rules.push(Rule::StrangersMovePages);
            }
        }
        for rel in emulated.rels.difference(&recorded.rels) {
            self.note(format!("Link {rel} too many"));
        }
    }

    fn has_strangers(&self, recorded: &Heard) -> bool {
        items(recorded)
            .iter()
            .any(|item| id(item).is_some_and(|id| self.mapping.word(id).is_none()))
    }

    fn values(&mut self, place: &str, recorded: &Value, emulated: &Value) {
        match (recorded, emulated) {
            (Value::Object(mine), Value::Object(theirs)) => {
                self.members(place, mine, theirs);
            }
            (Value::Array(mine), Value::Array(theirs)) => self.arrays(place, mine, theirs),
            _ if shape::kind(recorded) != shape::kind(emulated) => {
                self.note(format!(
                    "{place} {} → {}",
                    shape::kind(recorded),
                    shape::kind(emulated)
                ));
            }
            _ => {}
        }
    }

    fn members(&mut self, place: &str, mine: &Map<String, Value>, theirs: &Map<String, Value>) {
        let mut met = BTreeSet::new();
        for (name, value) in mine {
            let at = step(place, name);
            let other = self.mapping.made(name);
            let found = theirs.get(name).map(|found| (name.clone(), found));
            match found.or_else(|| theirs.get(&other).map(|found| (other, found))) {
                Some((partner, found)) => {
                    met.insert(partner);
                    self.values(&at, value, found);
                }
                None if self.is_strange_attribute(place, name) => {
                    self.findings.rules.push(Rule::StrangerInSchema);
                }
                None => self.note(format!("{at} missing ({})", shape::kind(value))),
            }
        }
        for (name, value) in theirs.iter().filter(|(name, _)| !met.contains(*name)) {
            let at = step(place, name);
            self.note(format!("{at} too many ({})", shape::kind(value)));
        }
    }

    fn arrays(&mut self, place: &str, recorded: &[Value], emulated: &[Value]) {
        let place = format!("{place}[]");
        let is_list_of_things = recorded
            .iter()
            .chain(emulated)
            .any(|item| id(item).is_some());
        if !is_list_of_things {
            for difference in Shape::of_all(recorded).differences(&Shape::of_all(emulated), &place)
            {
                self.note(difference);
            }
            return;
        }
        let pairs = pair(self.mapping, recorded, emulated);
        for &(left, right) in &pairs {
            if let (Some(mine), Some(theirs)) = (recorded.get(left), emulated.get(right)) {
                self.values(&place, mine, theirs);
            }
        }
        for (_, item) in recorded
            .iter()
            .enumerate()
            .filter(|(at, _)| !pairs.iter().any(|pair| pair.0 == *at))
        {
            match id(item) {
                Some(id) if self.mapping.word(id).is_none() => {
                    self.findings.rules.push(Rule::StrangerInList)
                }
                _ if self.cut => self.findings.rules.push(Rule::StrangersMovePages),
                _ => self.note(format!("{place} item missing")),
            }
        }
        for (_, item) in emulated
            .iter()
            .enumerate()
            .filter(|(at, _)| !pairs.iter().any(|pair| pair.1 == *at))
        {
            if !id(item).is_some_and(|id| self.mapping.stands_for_something(id)) {
                self.findings.rules.push(Rule::StrangerInList);
            } else if self.cut {
                self.findings.rules.push(Rule::StrangersMovePages);
            } else {
                self.note(format!("{place} item too many"));
            }
        }
    }

    fn is_strange_attribute(&self, place: &str, name: &str) -> bool {
        STRANGER_PLACES.contains(&place) && !self.mapping.was_sent(name)
    }
}

/// Whether either page ends before the collection does.
fn is_cut(recorded: &Heard, emulated: &Heard) -> bool {
    recorded.rels.contains("next") || emulated.rels.contains("next")
}

fn items(heard: &Heard) -> &[Value] {
    heard
        .body
        .as_ref()
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn member_text(heard: &Heard, member: &str) -> Option<String> {
    heard
        .body
        .as_ref()?
        .get(member)?
        .as_str()
        .map(str::to_owned)
}

/// A place one member further; member names that are data (ids, addresses) are written `*`, so that reasons add up.
fn step(place: &str, name: &str) -> String {
    let name = if super::mapping::is_id(name) || name.contains("://") {
        "*"
    } else {
        name
    };
    if place.is_empty() {
        name.to_owned()
    } else {
        format!("{place}.{name}")
    }
}

/// Objects whose members are attributes that anybody in the recorded org may have added.
const STRANGER_PLACES: [&str; 1] = ["definitions.custom.properties"];

#[cfg(test)]
mod tests;
