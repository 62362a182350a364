//! Which edition of Okta an org is: its engine, its features, and the day whose release it runs.
//!
//! `okta/editions.toml` says what each feature adds to answers. An org without a feature answers without its members,
//! (or with null), whatever behaviour made the answer; what callers write is kept all the same, as Okta keeps data of features that are
//! switched off. An edition is chosen once, when the org is made. Licences of whole operations are `Emulator::lack`.

use crate::birth;
use crate::ids::Ids;
use catalog::pattern::Pattern;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::LazyLock;

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

    fn give(&self, item: &mut Value, ids: &mut Ids) {
        if self.gives.is_empty() || !self.fits(item) {
            return;
        }
        let whole = item.clone();
        if let Some(members) = item.as_object_mut() {
            birth::complete(members, &self.gives, &whole, ids);
        }
    }

    fn take(&self, item: &mut Value) {
        self.members.iter().for_each(|place| place.remove(item));
        for place in &self.nulls {
            place.edit(item, &mut |value| *value = Value::Null);
        }
    }

    fn existed(&self, day: Date) -> bool {
        self.since.is_none_or(|since| since <= day) && self.until.is_none_or(|until| day < until)
    }
}

/// What one org is. [`Edition::default`] is an Identity Engine org of today with every feature there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    lacking: BTreeSet<String>,
}

impl Default for Edition {
    fn default() -> Self {
        Self::lacking(|feature| feature.until.is_some())
    }
}

impl Edition {
    /// All features orgs differ in.
    pub fn features() -> &'static [Feature] {
        &FEATURES
    }

    /// An org as it was on `day`, with every feature that existed.
    pub fn released(day: Date) -> Self {
        Self::lacking(|feature| !feature.existed(day))
    }

    fn lacking(lacks: impl Fn(&Feature) -> bool) -> Self {
        let lacking = FEATURES.iter().filter(|feature| lacks(feature));
        Self {
            lacking: lacking.map(|feature| feature.name.clone()).collect(),
        }
    }

    /// An org of the Classic engine, otherwise of today.
    pub fn classic() -> Self {
        Self::default().without(IDENTITY_ENGINE)
    }

    /// The same org with this feature.
    #[must_use]
    pub fn with(mut self, feature: &str) -> Self {
        self.lacking.remove(feature);
        self
    }

    /// The same org without this feature.
    #[must_use]
    pub fn without(mut self, feature: &str) -> Self {
        self.lacking.insert(feature.to_owned());
        self
    }

    /// Whether the org has this feature, and what it builds on.
    pub fn has(&self, feature: &str) -> bool {
        let needed = FEATURES
            .iter()
            .find(|one| one.name == feature)
            .and_then(|one| one.needs.as_deref());
        !self.lacking.contains(feature)
            && needed.is_none_or(|needed| !self.lacking.contains(needed))
    }

    /// Makes of an answer what an org of this edition answers.
    pub(crate) fn shape(&self, path: &str, answer: &mut Value, ids: &mut Ids) {
        for feature in FEATURES.iter().filter(|one| one.concerns(path)) {
            let has = self.has(&feature.name);
            for item in items_mut(answer) {
                if has {
                    feature.give(item, ids);
                } else {
                    feature.take(item);
                }
            }
        }
    }
}

/// The engine that apps of today fall under policies in; without it an org is a Classic one.
pub(crate) const IDENTITY_ENGINE: &str = "identity-engine";

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

fn items_mut(answer: &mut Value) -> &mut [Value] {
    match answer {
        Value::Array(items) => items,
        one => std::slice::from_mut(one),
    }
}

static FEATURES: LazyLock<Vec<Feature>> = LazyLock::new(|| {
    let written: Written = toml::from_str(EDITIONS).unwrap_or_default();
    written.feature.into_iter().map(read).collect()
});

const EDITIONS: &str = include_str!("../../../okta/editions.toml");

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
    use serde_json::json;

    const APPS: &str = "/api/v1/apps";

    #[test]
    fn every_line_of_the_file_is_understood() {
        let written: Written = toml::from_str(EDITIONS).unwrap();
        assert_eq!(written.feature.len(), Edition::features().len());
        for (written, feature) in written.feature.iter().zip(Edition::features()) {
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
                    .all(|needed| Edition::features().iter().any(|one| one.name == *needed))
            );
        }
    }

    #[test]
    fn a_classic_org_has_no_access_policies_and_nothing_built_on_them() {
        let mut app = json!({"id": "0oa1", "_links": {"accessPolicy": {}, "users": {}}, "settings": {"oauthClient": {"participate_slo": false}}});
        Edition::classic().shape(APPS, &mut app, &mut Ids::new(1));
        assert_eq!(
            app,
            json!({"id": "0oa1", "_links": {"users": {}}, "settings": {"oauthClient": {}}})
        );
    }

    #[test]
    fn what_orgs_had_is_given_where_it_belongs() {
        let mut person =
            json!({"id": "00u1", "profile": {"email": "ada@example.com"}, "credentials": {}});
        let mut summary = json!({"id": "00u1"});
        let then = Edition::default().with("email-credentials");
        then.shape("/api/v1/users/00u1", &mut person, &mut Ids::new(1));
        then.shape("/api/v1/users", &mut summary, &mut Ids::new(1));
        let emails = json!([{"value": "ada@example.com", "status": "VERIFIED", "type": "PRIMARY"}]);
        assert_eq!(person["credentials"], json!({"emails": emails}));
        assert_eq!(summary, json!({"id": "00u1"}));
        assert!(!Edition::default().has("email-credentials"));
    }

    #[test]
    fn without_the_state_of_universal_logout_there_is_only_a_null() {
        let mut app = json!({"id": "0oa1", "universalLogout": {"status": "DISABLED"}});
        let org = Edition::default().without("universal-logout-states");
        org.shape(APPS, &mut app, &mut Ids::new(1));
        assert_eq!(app, json!({"id": "0oa1", "universalLogout": null}));
        let states = Edition::features()
            .iter()
            .find(|one| one.name == "universal-logout-states")
            .unwrap();
        assert_eq!(states.shown_by(&app), Some(false));
    }

    #[test]
    fn an_org_of_old_lacks_what_came_later_and_has_the_rest() {
        let then = Edition::released(Date::constant(2023, 3, 1));
        assert!(!then.has("universal-logout"));
        assert!(then.has("apps-2022"));
        assert_eq!(
            Edition::released(Date::constant(2199, 1, 1)),
            Edition::default()
        );
    }

    #[test]
    fn an_answer_tells_of_a_feature_only_if_it_could_show_it() {
        let consent = Edition::features()
            .iter()
            .find(|one| one.name == "consent")
            .unwrap();
        assert_eq!(
            consent.shown_by(&json!([{"id": "0oa1", "settings": {}}])),
            None
        );
        assert_eq!(
            consent.shown_by(&json!({"settings": {"oauthClient": {}}})),
            Some(false)
        );
        assert_eq!(
            consent.shown_by(&json!({"settings": {"oauthClient": {"consent_method": "TRUSTED"}}})),
            Some(true)
        );
        assert!(!consent.concerns("/api/v1/zones"));
    }
}
