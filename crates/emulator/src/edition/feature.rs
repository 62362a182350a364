//! Something orgs differ in, read from `okta/editions.toml`: when it exists, where it shows, what it adds to one answered
//! object. Which features an org has is not known here.

use crate::birth;
use crate::ids::Ids;
use catalog::pattern::Pattern;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Something orgs differ in.
#[derive(Debug, Clone)]
pub struct Feature {
    /// Its name (`identity-engine`).
    pub name: String,
    /// What people have of it.
    pub title: String,
    /// The day from which orgs have it; nothing: they always could.
    pub since: Option<Date>,
    /// The day from which orgs have it no more.
    pub until: Option<Date>,
    /// The feature it builds on.
    pub needs: Option<String>,
    /// Whether orgs of the same day differ in it.
    pub varies: bool,
    on: Vec<String>,
    /// Places absent without the feature.
    members: Vec<Pattern>,
    /// Places null without the feature.
    nulls: Vec<Pattern>,
    /// Members objects have only with the feature, as in `birth.defaults`.
    gives: Map<String, Value>,
    /// The place that shows whether an org has the feature.
    mark: Option<Pattern>,
}

impl Feature {
    /// Whether answers on this path, a collection's or an object's, tell of the feature.
    pub fn concerns(&self, path: &str) -> bool {
        let path = path.split("/lifecycle/").next().unwrap_or_default();
        let object = path
            .rsplit_once('/')
            .map_or("", |(collection, _)| collection);
        self.on
            .iter()
            .any(|on| ends_with(path, on) || ends_with(object, on))
    }

    /// What an answer shows of the feature: nothing if it holds no object that could have its mark.
    pub fn shown_by(&self, answer: &Value) -> Option<bool> {
        let mark = self.mark.as_ref()?;
        let fitting: Vec<&Value> = items(answer)
            .iter()
            .filter(|item| self.fits(item))
            .collect();
        let shows = |item: &&Value| {
            mark.first(item)
                .is_some_and(|value| !(value.is_null() && self.members.is_empty()))
        };
        (!fitting.is_empty()).then(|| fitting.iter().any(shows))
    }

    /// Whether an object could have the mark: it has what the mark is a member of, or the null it would be.
    fn fits(&self, item: &Value) -> bool {
        let Some(mark) = &self.mark else { return false };
        if !self.nulls.is_empty() {
            return mark.first(item).is_some();
        }
        match mark.as_str().rsplit_once('.') {
            Some((within, _)) => Pattern::parse(within)
                .is_ok_and(|within| within.first(item).is_some_and(Value::is_object)),
            None => item.get("id").is_some(),
        }
    }

    /// Adds what objects have with the feature.
    pub(super) fn give(&self, item: &mut Value, ids: &mut Ids) {
        if self.gives.is_empty() || !self.fits(item) {
            return;
        }
        let whole = item.clone();
        if let Some(members) = item.as_object_mut() {
            birth::complete(members, &self.gives, &whole, ids);
        }
    }

    /// Takes away what objects do not have without the feature.
    pub(super) fn take(&self, item: &mut Value) {
        self.members.iter().for_each(|place| place.remove(item));
        for place in &self.nulls {
            place.edit(item, &mut |value| *value = Value::Null);
        }
    }

    /// Whether orgs of that day could have it.
    pub(super) fn existed(&self, day: Date) -> bool {
        self.since.is_none_or(|since| since <= day) && self.until.is_none_or(|until| day < until)
    }
}

/// Whether a path ends with these segments, `*` standing for any.
fn ends_with(path: &str, segments: &str) -> bool {
    let mut steps = path.rsplit('/');
    segments.rsplit('/').all(|wanted| {
        steps
            .next()
            .is_some_and(|step| wanted == "*" || wanted == step)
    })
}

fn items(answer: &Value) -> &[Value] {
    answer
        .as_array()
        .map_or(std::slice::from_ref(answer), Vec::as_slice)
}

/// Every feature of the file.
pub(super) fn read_all() -> Vec<Feature> {
    let written: Written = toml::from_str(EDITIONS).unwrap_or_default();
    written.feature.into_iter().map(read).collect()
}

const EDITIONS: &str = include_str!("../../../../okta/editions.toml");

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    feature: Vec<WrittenFeature>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFeature {
    name: String,
    title: String,
    since: Option<String>,
    until: Option<String>,
    needs: Option<String>,
    #[serde(default)]
    varies: bool,
    on: OneOrMore,
    #[serde(default)]
    members: Vec<String>,
    #[serde(default)]
    nulls: Vec<String>,
    gives: Option<String>,
}

/// Places in the API may be one or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

fn read(written: WrittenFeature) -> Feature {
    let day = |day: Option<String>| day.and_then(|day| day.parse().ok());
    let places = |places: &[String]| -> Vec<Pattern> {
        let parsed = places.iter().map(|place| Pattern::parse(place));
        parsed.filter_map(Result::ok).collect()
    };
    let (members, nulls) = (places(&written.members), places(&written.nulls));
    let gives: Map<String, Value> = written
        .gives
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    let given = || Pattern::parse(&first_place(&gives)?).ok();
    Feature {
        mark: members.iter().chain(&nulls).next().cloned().or_else(given),
        name: written.name,
        title: written.title,
        since: day(written.since),
        until: day(written.until),
        needs: written.needs,
        varies: written.varies,
        on: match written.on {
            OneOrMore::One(on) => vec![on],
            OneOrMore::More(on) => on,
        },
        members,
        nulls,
        gives,
    }
}

/// The place of the first member that is not an object.
fn first_place(members: &Map<String, Value>) -> Option<String> {
    let (name, value) = members.iter().next()?;
    Some(match value.as_object().and_then(first_place) {
        Some(place) => format!("{name}.{place}"),
        None => name.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_file_is_understood() {
        let written: Written = toml::from_str(EDITIONS).unwrap();
        assert_eq!(written.feature.len(), read_all().len());
        for (written, feature) in written.feature.iter().zip(read_all()) {
            assert_eq!(
                written.members.len(),
                feature.members.len(),
                "{}",
                feature.name
            );
            assert_eq!(
                written.since.is_some(),
                feature.since.is_some(),
                "{}",
                feature.name
            );
            let needed = feature.needs.iter();
            assert!(
                needed
                    .clone()
                    .all(|needed| read_all().iter().any(|one| one.name == *needed))
            );
        }
    }
}
