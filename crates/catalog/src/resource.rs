//! Resource types: what Okta keeps, one file each under `okta/resources/`. This module reads the files into values;
//! it never talks to Okta and holds no behaviour. The backup, the differ, the planner, the emulator and the docs all
//! interpret these values. The vocabulary is explained in `okta/README.md`.

mod reading;
mod written;

use crate::pattern::Pattern;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The operation a resource type uses for one purpose, as operationIds of the catalog. Absent means: Okta has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verbs {
    /// Reads a page of the collection.
    pub list: Option<String>,
    /// Reads one object.
    pub get: Option<String>,
    /// Creates an object, or (for relations) links two.
    pub create: Option<String>,
    /// Replaces or partly updates an object.
    pub replace: Option<String>,
    /// Deletes an object, or (for relations) unlinks two.
    pub delete: Option<String>,
    /// Switches an object on.
    pub activate: Option<String>,
    /// Switches an object off.
    pub deactivate: Option<String>,
}

/// How a collection is read completely.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// Page size to ask for (`limit`), or none where Okta takes none.
    pub limit: Option<u32>,
    /// Member that holds the items when the answer is an object (`{"roles": [...]}`), else the answer is the array.
    pub items: Option<String>,
    /// Query parameter and the values the list must be walked for, once each (`type` of policies).
    pub each: Option<(String, Vec<String>)>,
    /// Further fixed query parameters.
    pub query: Vec<(String, String)>,
    /// All must hold of the parent object for a listing to be worth a call (`type=OKTA_GROUP`).
    pub only_if: Vec<Condition>,
    /// None may hold of the parent object; a fact the parent does not state never prevents the call.
    pub unless: Vec<Condition>,
    /// Operation that lists just the parents worth asking (`listUsersWithRoleAssignments`), instead of asking each.
    pub parents: Option<String>,
    /// Links in the parent's body that are the objects themselves (`_links.accessPolicy.href`): no call is made;
    /// the body kept is `{"id": <last path segment>}`.
    pub from_parent: Vec<Pattern>,
    /// Link in the parent's body that leads to the one object to get (`_links.schema.href`).
    pub follow: Option<Pattern>,
    /// The list gives summaries only: each item is read again by `get`.
    pub detail: bool,
    /// Members kept of each item of a relation; empty: the whole item, verbatim.
    pub keep: Vec<String>,
    /// Okta's page size when the caller names none; absent: the whole list at once, without `Link` headers.
    pub page: Option<usize>,
    /// Places whose values `q` is the beginning of; empty: the title.
    pub q: Vec<Pattern>,
    /// Query parameters that keep the items whose member of the same name is equal (`type`).
    pub by: Vec<String>,
}

/// How an object is recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Where the object's id is.
    pub id: Pattern,
    /// First three characters of its ids (Okta's observed convention), or empty.
    pub prefix: String,
    /// Places whose values together recognise the object in another org or after re-creation; empty for singletons.
    /// A place that is a declared reference compares the referred-to object, not its id.
    pub key: Vec<Pattern>,
    /// Where the name people use is.
    pub title: Option<Pattern>,
}

/// A place in a body that names another object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Where.
    pub at: Pattern,
    /// Resource type names that may be meant; several where Okta mixes them.
    pub to: Vec<String>,
    /// Left out when the object is created and written in a second step (breaks a dependency cycle).
    pub deferred: bool,
}

/// `field=value` or `field in a,b`: a fact about one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Where the fact stands.
    pub at: Pattern,
    /// The values that satisfy it, as JSON scalars in text form (`true`, `BUILT_IN`).
    pub any_of: Vec<String>,
}

/// States an object can be switched between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifecycle {
    /// Where the state stands.
    pub field: Pattern,
    /// State after `activate`.
    pub on: String,
    /// State after `deactivate`.
    pub off: String,
    /// State right after creation.
    pub born: String,
    /// State an object must be in to be replaced, if any.
    pub replace_needs: Option<String>,
    /// State an object must be in to be deleted, if any.
    pub delete_needs: Option<String>,
    /// What a switch is answered with.
    pub answer: SwitchAnswer,
}

/// What Okta answers when an object is switched on or off (recorded traffic, by type).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SwitchAnswer {
    /// 200 and the object.
    #[default]
    Object,
    /// 200 and `{}`.
    Empty,
    /// 200 without a body.
    Bare,
    /// 204.
    Nothing,
}

/// What happens to a value in a restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// Okta assigns a new value; nothing depends on the old one but what the product rewrites itself.
    NewValue,
    /// A secret Okta never gives out; it comes back only from a vault.
    NeedsSecret,
    /// A person has to act (set a password, enrol a factor, give consent).
    UserAction,
    /// Gone for ever.
    Impossible,
}

/// A value that a restore cannot bring back as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// Where the value stands, or none when it is never visible (a password).
    pub at: Option<Pattern>,
    /// Kind used in reports: `password`, `id`, `timestamp`, `signing key`…
    pub kind: String,
    /// What becomes of it.
    pub fate: Fate,
    /// Why, in one sentence.
    pub why: String,
    /// Objects concerned; none: all of the type.
    pub when: Option<Condition>,
}

/// What Okta itself adds or answers when an object is created.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Birth {
    /// Status of the answer to a creation; 0: Okta's usual 200.
    pub status: u16,
    /// Where the variant stands (`signOnMode`), when the defaults differ by it; several places make joint variants, too.
    pub variant: Vec<Pattern>,
    /// Okta's class name in `Not found: Resource not found: <id> (<class>)`.
    pub class: String,
    /// Link relations an object carries, in order (see [`Link`]).
    pub links: Vec<Link>,
    /// JSON text of the defaults: an object keyed by variant, `*` for all.
    pub defaults: Option<serde_json::Value>,
    /// Status of the answer to a deletion; 0: Okta's usual 204.
    pub deleted: u16,
    /// Objects that exist from birth: what their bodies say beside the defaults. A singleton has one.
    pub first: Vec<serde_json::Value>,
    /// Event types of the System Log by verb (`create`, `replace`, `delete`, `activate`, `deactivate`).
    pub events: BTreeMap<String, String>,
}

/// A link relation, written `rel[[]] [METHODS] [path] [name=value …] [if place=value]`.
///
/// `self` leads to the object, any other relation to `<object>/<rel>`, unless a path is given: one that begins with `/` is
/// absolute, any other hangs below the object. `[]` after the name makes an array of all links of that name. METHODS
/// (`GET,PUT`) become `hints.allow`; `name=value` further members. `deactivate` without a path is the switch: it reads
/// `activate` while the object is off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Relation name.
    pub rel: String,
    /// Whether the relation holds an array.
    pub array: bool,
    /// Methods hinted at.
    pub allow: Vec<String>,
    /// Path template, if it is not the usual one; `{place}` stands for a value of the object, `{id}` for its id.
    pub path: Option<String>,
    /// Further members.
    pub members: Vec<(String, String)>,
    /// The link is there only if this holds.
    pub when: Option<Condition>,
}

/// One kind of thing an Okta org keeps.
#[derive(Debug, Clone)]
pub struct ResourceType {
    /// Its name: the file's name (`group-rule`).
    pub name: String,
    /// What people call it (`group rule`).
    pub title: String,
    /// The type whose object owns this one; its id is the last parameter but one of the path.
    pub parent: Option<String>,
    /// Path template of the collection, or of the object itself for a singleton.
    pub path: String,
    /// One object only, at `path`.
    pub singleton: bool,
    /// The other end, when the type is a relation between its parent and another type.
    pub relates: Option<String>,
    /// Operations by purpose.
    pub verbs: Verbs,
    /// How to read all.
    pub listing: Listing,
    /// How to recognise one.
    pub identity: Identity,
    /// What it refers to.
    pub references: Vec<Reference>,
    /// Types that must be restored before this one though no reference says so.
    pub after: Vec<String>,
    /// Places whose ids are the same in every org (`client_id`): never rewritten.
    pub verbatim: Vec<Pattern>,
    /// Objects that follow from others (`scope=GROUP`): compared, never written.
    pub derived: Vec<Condition>,
    /// Objects that exist from birth: matched, never created, never deleted.
    pub system: Vec<Condition>,
    /// Server-assigned places: not compared, not written.
    pub readonly: Vec<Pattern>,
    /// Arrays whose order means nothing.
    pub unordered: Vec<Pattern>,
    /// Places that cannot be changed after creation: a difference means delete and create.
    pub frozen: Vec<Pattern>,
    /// Query parameters of a creation (`activate=false`).
    pub create_query: Vec<(String, String)>,
    /// States, where the type has them.
    pub lifecycle: Option<Lifecycle>,
    /// What cannot come back.
    pub losses: Vec<Loss>,
    /// Behaviour that data cannot say: name of a quirk.
    pub quirk: Option<String>,
    /// What Okta adds at creation.
    pub birth: Birth,
}

impl Condition {
    /// Whether `body` satisfies the condition.
    pub fn holds(&self, body: &serde_json::Value) -> bool {
        self.at.values(body).into_iter().any(|value| match value {
            serde_json::Value::String(text) => self.any_of.iter().any(|v| v == text),
            other => self.any_of.contains(&other.to_string()),
        })
    }
}

impl ResourceType {
    /// Whether `body` is one of Okta's own objects.
    pub fn is_system(&self, body: &serde_json::Value) -> bool {
        self.system.iter().any(|condition| condition.holds(body))
    }

    /// Whether `body` follows from other objects by itself.
    pub fn is_derived(&self, body: &serde_json::Value) -> bool {
        self.derived.iter().any(|condition| condition.holds(body))
    }

    /// Whether the place `path` is server-assigned.
    pub fn is_readonly(&self, path: &str) -> bool {
        self.readonly.iter().any(|pattern| pattern.covers(path))
    }

    /// Path template of one object: the collection's path and the object's own id, or the singleton's path.
    pub fn item_path(&self) -> String {
        if self.singleton {
            self.path.clone()
        } else {
            format!("{}/{{id}}", self.path)
        }
    }
}

/// All resource types, in dependency-friendly order (parents before children), then by name.
pub fn resources() -> &'static Resources {
    static ALL: LazyLock<Resources> = LazyLock::new(|| {
        reading::read(FILES).unwrap_or_else(|error| Resources {
            broken: Some(error.to_string()),
            ..Resources::default()
        })
    });
    &ALL
}

const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/resources.rs"));

/// The resource types of the catalog.
#[derive(Debug, Default)]
pub struct Resources {
    list: Vec<ResourceType>,
    by_name: BTreeMap<String, usize>,
    broken: Option<String>,
}

impl Resources {
    /// All types; a type stands after its parent and after the types it refers to without deferring, where no cycle forbids it.
    pub fn iter(&self) -> impl Iterator<Item = &ResourceType> {
        self.list.iter()
    }

    /// The type of that name.
    pub fn named(&self, name: &str) -> Option<&ResourceType> {
        self.by_name.get(name).and_then(|&at| self.list.get(at))
    }

    /// Position in restore order; unknown names sort last.
    pub fn rank(&self, name: &str) -> usize {
        self.by_name.get(name).copied().unwrap_or(usize::MAX)
    }

    /// What is wrong with the embedded files, if anything. A test holds this at `None`.
    pub fn broken(&self) -> Option<&str> {
        self.broken.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resource_file_is_understood() {
        assert_eq!(resources().broken(), None);
        assert_eq!(resources().iter().count(), FILES.len());
    }

    #[test]
    fn every_verb_is_an_operation_of_the_catalog() {
        for kind in resources().iter() {
            let verbs = &kind.verbs;
            let named = [
                &verbs.list,
                &verbs.get,
                &verbs.create,
                &verbs.replace,
                &verbs.delete,
                &verbs.activate,
                &verbs.deactivate,
            ];
            for id in named.into_iter().flatten().chain(&kind.listing.parents) {
                assert!(
                    crate::operations().by_id(id).is_some(),
                    "{}: no operation {id}",
                    kind.name
                );
            }
        }
    }

    #[test]
    fn every_path_is_that_of_its_operations() {
        for kind in resources().iter() {
            let verb = kind.verbs.list.as_ref().or(kind.verbs.get.as_ref());
            let Some(operation) = verb.and_then(|id| crate::operations().by_id(id)) else {
                continue;
            };
            assert!(
                operation
                    .template
                    .starts_with(kind.path.split('{').next().unwrap_or_default()),
                "{}",
                kind.name
            );
        }
    }

    #[test]
    fn what_others_need_stands_before_them() {
        let rank = |name| resources().rank(name);
        assert!(rank("group") < rank("group-membership"));
        assert!(rank("user") < rank("group-membership"));
        assert!(rank("group-membership") < rank("group-rule"));
        assert!(rank("policy") < rank("app-policy"));
        assert!(rank("app") < rank("policy-rule"));
        assert!(rank("policy-rule") < rank("event-hook"));
    }
}
