//! What a file of `okta/resources/` may say, as typed. Every key is documented in `okta/README.md`; an unknown key is an error.

use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Written {
    pub(super) title: String,
    pub(super) parent: Option<String>,
    pub(super) path: String,
    #[serde(default)]
    pub(super) singleton: bool,
    pub(super) relates: Option<String>,
    #[serde(default)]
    pub(super) verbs: WrittenVerbs,
    #[serde(default)]
    pub(super) listing: WrittenListing,
    #[serde(default)]
    pub(super) identity: WrittenIdentity,
    #[serde(default)]
    pub(super) references: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) deferred: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) after: Vec<String>,
    #[serde(default)]
    pub(super) verbatim: Vec<String>,
    #[serde(default)]
    pub(super) derived: Vec<String>,
    #[serde(default)]
    pub(super) system: Vec<String>,
    #[serde(default)]
    pub(super) readonly: Vec<String>,
    #[serde(default)]
    pub(super) unordered: Vec<String>,
    #[serde(default)]
    pub(super) frozen: Vec<String>,
    #[serde(default)]
    pub(super) create_query: BTreeMap<String, String>,
    pub(super) lifecycle: Option<WrittenLifecycle>,
    #[serde(default)]
    pub(super) loss: Vec<WrittenLoss>,
    pub(super) quirk: Option<String>,
    #[serde(default)]
    pub(super) birth: WrittenBirth,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenVerbs {
    pub(super) list: Option<String>,
    pub(super) get: Option<String>,
    pub(super) create: Option<String>,
    pub(super) replace: Option<String>,
    pub(super) delete: Option<String>,
    pub(super) activate: Option<String>,
    pub(super) deactivate: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WrittenListing {
    pub(super) limit: Option<u32>,
    pub(super) items: Option<String>,
    #[serde(default)]
    pub(super) each: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub(super) query: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) only_if: Vec<String>,
    #[serde(default)]
    pub(super) unless: Vec<String>,
    pub(super) parents: Option<String>,
    #[serde(default)]
    pub(super) from_parent: Vec<String>,
    pub(super) follow: Option<String>,
    #[serde(default)]
    pub(super) detail: bool,
    #[serde(default)]
    pub(super) keep: Vec<String>,
    pub(super) page: Option<usize>,
    #[serde(default)]
    pub(super) q: Vec<String>,
    #[serde(default)]
    pub(super) by: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenIdentity {
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) prefix: String,
    #[serde(default)]
    pub(super) key: Vec<String>,
    pub(super) title: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WrittenLifecycle {
    #[serde(default = "status")]
    pub(super) field: String,
    #[serde(default = "active")]
    pub(super) on: String,
    #[serde(default = "inactive")]
    pub(super) off: String,
    #[serde(default = "active")]
    pub(super) born: String,
    pub(super) replace_needs: Option<String>,
    pub(super) delete_needs: Option<String>,
    #[serde(default)]
    pub(super) answer: WrittenAnswer,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub(super) enum WrittenAnswer {
    #[default]
    Object,
    Empty,
    Bare,
    Nothing,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenLoss {
    pub(super) at: Option<String>,
    pub(super) kind: String,
    pub(super) fate: WrittenFate,
    pub(super) why: String,
    pub(super) when: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum WrittenFate {
    NewValue,
    NeedsSecret,
    UserAction,
    Impossible,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenBirth {
    #[serde(default)]
    pub(super) status: u16,
    pub(super) variant: Option<String>,
    #[serde(default)]
    pub(super) class: String,
    #[serde(default)]
    pub(super) links: Vec<String>,
    pub(super) defaults: Option<String>,
    #[serde(default)]
    pub(super) deleted: u16,
    #[serde(default)]
    pub(super) events: BTreeMap<String, String>,
    pub(super) first: Option<String>,
}

fn status() -> String {
    "status".to_owned()
}
fn active() -> String {
    "ACTIVE".to_owned()
}
fn inactive() -> String {
    "INACTIVE".to_owned()
}
