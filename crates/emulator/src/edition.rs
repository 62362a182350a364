//! Which edition of Okta an org is: its engine, its features, and the day whose release it runs.
//!
//! `okta/editions.toml` says what each feature adds to answers. An org without a feature answers without its members (or
//! with null), whatever behaviour made the answer; what callers write is kept all the same and shows when the org is loaded
//! as another edition. An edition is chosen once, when the org is made. Licences of whole operations are `Emulator::lack`.

mod feature;

pub use feature::Feature;

use crate::ids::Ids;
use jiff::civil::Date;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::LazyLock;

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

fn items_mut(answer: &mut Value) -> &mut [Value] {
    match answer {
        Value::Array(items) => items,
        one => std::slice::from_mut(one),
    }
}

static FEATURES: LazyLock<Vec<Feature>> = LazyLock::new(feature::read_all);

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const APPS: &str = "/api/v1/apps";

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
