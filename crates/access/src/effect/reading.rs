//! `okta/effects.toml` as values: which effects each operation has, and which places of objects say how well they protect. The
//! vocabulary stands in the file. What cannot be read makes every writing operation count as a delete: nothing passes by mistake.

use std::collections::HashMap;
use std::sync::LazyLock;

use catalog::pattern::Pattern;
use catalog::{Kind, Operation, Risk};
use serde::Deserialize;
use serde_json::Value;

use super::Class;

/// One effect of an operation.
#[derive(Clone, Debug)]
pub(super) struct Effect {
    pub(super) class: Class,
    pub(super) size: Option<Size>,
    pub(super) unknown: u32,
    pub(super) each: Option<Pattern>,
    pub(super) when: Option<When>,
    pub(super) query: Option<(String, String)>,
    pub(super) param: Option<(String, String)>,
    pub(super) grants: Option<Grants>,
    pub(super) compared: bool,
}

/// What is as many as an effect counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Size {
    /// Members of the group that the path names.
    #[serde(rename = "members")]
    Members,
    /// People of the app that the path names.
    #[serde(rename = "users")]
    Users,
    /// Nothing that is ever seen.
    #[serde(rename = "never seen")]
    NeverSeen,
}

/// Where groups are named.
#[derive(Clone, Debug)]
pub(super) enum Grants {
    Parameter(String),
    Body(Pattern),
}

/// A condition on the body.
#[derive(Clone, Debug)]
pub(super) struct When {
    place: Pattern,
    any_of: Vec<String>,
}

impl When {
    fn parse(text: &str) -> Option<Self> {
        let (place, any_of) = match (text.split_once(" in "), text.split_once('=')) {
            (Some((place, list)), _) => (place, list.split(',').map(str::to_owned).collect()),
            (None, Some((place, value))) => (place, vec![value.to_owned()]),
            (None, None) => (text, Vec::new()),
        };
        let place = Pattern::parse(place).ok()?;
        Some(Self { place, any_of })
    }

    /// Whether it holds of a body.
    pub(super) fn holds(&self, body: &Value) -> bool {
        let values = self.place.values(body);
        if self.any_of.is_empty() {
            return values.iter().any(|value| !value.is_null());
        }
        values.iter().any(|value| match value {
            Value::String(text) => self.any_of.contains(text),
            other => self.any_of.contains(&other.to_string()),
        })
    }
}

/// A place whose change may loosen protection.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub(super) place: Pattern,
    /// The object the place is a member of.
    pub(super) around: Option<Pattern>,
    pub(super) way: Way,
    pub(super) absent: Option<Value>,
    pub(super) fresh: Vec<Value>,
}

/// Which way a place loosens.
#[derive(Clone, Debug)]
pub(super) enum Way {
    /// Towards the end of these.
    Order(Vec<Value>),
    /// The greater; this number is endless.
    More(Option<i64>),
    /// The less.
    Less,
    Grows,
    Shrinks,
    Changed,
}

/// All that is read.
#[derive(Debug, Default)]
pub(super) struct Rules {
    effects: HashMap<&'static str, Vec<Effect>>,
    judged: HashMap<String, Vec<Judged>>,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| read(EFFECTS).unwrap_or_default());

/// The effects of an operation; `None`, when no rule speaks of it.
pub(super) fn effects_of(operation: &Operation) -> Option<&'static [Effect]> {
    RULES.effects.get(operation.id).map(Vec::as_slice)
}

/// The judged places of objects of a type.
pub(super) fn judged_of(name: &str) -> Option<&'static [Judged]> {
    RULES.judged.get(name).map(Vec::as_slice)
}

fn read(text: &str) -> Option<Rules> {
    let written: Written = toml::from_str(text).ok()?;
    let mut rules = Rules::default();
    for operation in catalog::operations().iter().filter(|one| !one.is_read()) {
        let Some(rule) = written.rule.iter().find(|rule| rule.fits(operation)) else {
            continue;
        };
        let effects: Option<Vec<Effect>> = rule.effects.iter().map(WrittenEffect::meant).collect();
        rules.effects.insert(operation.id, effects?);
    }
    for one in &written.loosening {
        let judged = one.meant()?;
        for name in &one.types {
            let of_type = rules.judged.entry(name.clone()).or_default();
            of_type.push(judged.clone());
        }
    }
    Some(rules)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    rule: Vec<WrittenRule>,
    loosening: Vec<WrittenLoosening>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRule {
    #[serde(default)]
    ids: Vec<String>,
    #[serde(default)]
    kinds: Vec<Kind>,
    #[serde(default)]
    paths: Vec<String>,
    risk: Option<String>,
    #[serde(default)]
    effects: Vec<WrittenEffect>,
    none: Option<String>,
}

impl WrittenRule {
    fn fits(&self, operation: &Operation) -> bool {
        let id = self.ids.is_empty() || self.ids.iter().any(|id| id == operation.id);
        let kind = self.kinds.is_empty() || self.kinds.contains(&operation.kind);
        let path = |part: &String| operation.template.contains(part.as_str());
        let path = self.paths.is_empty() || self.paths.iter().any(path);
        let has =
            |name: &String| Risk::named(name).is_some_and(|risk| operation.risk.contains(risk));
        // A rule that gives a reason for nothing never hides what takes something away.
        let harmless = self.none.is_none()
            || operation.kind == Kind::Protocol
            || !operation.risk.contains(Risk::DESTRUCTIVE);
        id && kind && path && self.risk.as_ref().is_none_or(has) && harmless
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenEffect {
    class: Class,
    size: Option<Size>,
    #[serde(default = "one")]
    unknown: u32,
    each: Option<String>,
    when: Option<String>,
    query: Option<String>,
    param: Option<String>,
    grants: Option<String>,
    #[serde(default)]
    compared: bool,
}

fn one() -> u32 {
    1
}

impl WrittenEffect {
    fn meant(&self) -> Option<Effect> {
        let place = |text: &String| Pattern::parse(text).ok();
        let pair = |text: &String| {
            let (name, value) = text.split_once('=')?;
            Some((name.to_owned(), value.to_owned()))
        };
        let grants = |text: &String| match text.strip_prefix('{') {
            Some(name) => Some(Grants::Parameter(name.strip_suffix('}')?.to_owned())),
            None => Pattern::parse(text).ok().map(Grants::Body),
        };
        Some(Effect {
            class: self.class,
            size: self.size,
            unknown: self.unknown,
            each: all_or_none(self.each.as_ref().map(place))?,
            when: all_or_none(self.when.as_deref().map(When::parse))?,
            query: all_or_none(self.query.as_ref().map(pair))?,
            param: all_or_none(self.param.as_ref().map(pair))?,
            grants: all_or_none(self.grants.as_ref().map(grants))?,
            compared: self.compared,
        })
    }
}

/// What is said must be readable; what is not said need not be.
#[expect(clippy::option_option, reason = "said or not, and readable or not")]
fn all_or_none<T>(said: Option<Option<T>>) -> Option<Option<T>> {
    match said {
        None => Some(None),
        Some(None) => None,
        Some(Some(read)) => Some(Some(read)),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenLoosening {
    types: Vec<String>,
    place: String,
    order: Option<Vec<Value>>,
    looser: Option<String>,
    endless: Option<i64>,
    #[serde(default)]
    grows: bool,
    #[serde(default)]
    shrinks: bool,
    #[serde(default)]
    changed: bool,
    absent: Option<Value>,
    #[serde(default)]
    fresh: Vec<Value>,
}

impl WrittenLoosening {
    fn meant(&self) -> Option<Judged> {
        let way = match (&self.order, self.looser.as_deref()) {
            (Some(order), None) => Way::Order(order.clone()),
            (None, Some("more")) => Way::More(self.endless),
            (None, Some("less")) => Way::Less,
            (None, None) if self.grows => Way::Grows,
            (None, None) if self.shrinks => Way::Shrinks,
            (None, None) if self.changed => Way::Changed,
            _ => return None,
        };
        let around = self.place.rsplit_once('.').map(|(around, _)| around);
        Some(Judged {
            place: Pattern::parse(&self.place).ok()?,
            around: all_or_none(around.map(|around| Pattern::parse(around).ok()))?,
            way,
            absent: self.absent.clone(),
            fresh: self.fresh.clone(),
        })
    }
}

const EFFECTS: &str = include_str!("../../../../okta/effects.toml");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_that_changes_anything_has_an_effect_or_a_reason_for_none() {
        assert!(read(EFFECTS).is_some(), "the file cannot be read");
        let writing = catalog::operations().iter().filter(|one| !one.is_read());
        let unspoken: Vec<&str> = writing
            .filter(|one| effects_of(one).is_none())
            .map(|one| one.id)
            .collect();
        assert_eq!(unspoken, [""; 0], "no rule speaks of these");
    }

    #[test]
    fn whatever_takes_away_counts() {
        let harmless: Vec<&str> = catalog::operations()
            .iter()
            .filter(|one| one.risk.contains(Risk::DESTRUCTIVE) && one.kind != Kind::Protocol)
            .filter(|one| effects_of(one).is_none_or(<[Effect]>::is_empty))
            .map(|one| one.id)
            .collect();
        assert_eq!(harmless, [""; 0], "destructive without an effect");
    }

    #[test]
    fn rules_and_places_name_what_there_is() {
        let written: Written = toml::from_str(EFFECTS).unwrap();
        for rule in &written.rule {
            for id in &rule.ids {
                let operation = catalog::operations().by_id(id);
                assert!(operation.is_some_and(|one| !one.is_read()), "{id}");
            }
            assert_eq!(rule.effects.is_empty(), rule.none.is_some(), "{rule:?}");
            assert!(!rule.ids.is_empty() || !rule.kinds.is_empty(), "{rule:?}");
        }
        let reached = |rule: &WrittenRule| catalog::operations().iter().any(|one| rule.fits(one));
        assert!(written.rule.iter().all(reached));
        for name in written.loosening.iter().flat_map(|one| &one.types) {
            assert!(
                catalog::resource::resources().named(name).is_some(),
                "{name}"
            );
        }
    }
}
