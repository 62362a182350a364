//! What differs between two images: objects created, removed and changed, with the members that differ.
//!
//! Ids of the first image are translated by the match before bodies are compared, so that a recreated group is no difference
//! in the objects that name it, but an id that leads nowhere is. What was not read completely on either side is never
//! called removed or created. Nothing is decided here; see [`crate::plan`].

mod fields;
mod selection;
mod text;

pub use fields::FieldChange;
pub use selection::Selection;

use crate::ids::{IdMap, TargetId};
use crate::image::Image;
use crate::matching::{Ambiguity, Matching, pair};
use crate::mention::Index;
use crate::normalise::{normalise, sort_unordered};
use crate::title::title;
use org::{Key, Kind, Object, Org, Remap};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// All differences of two images, the first being the older or the wanted one.
#[derive(Debug, Clone, Serialize)]
pub struct Changes {
    /// The differences, by kind in restore order, then by path.
    pub list: Vec<Change>,
    /// Collections nothing can be said about.
    pub unknown: Vec<Unknown>,
    /// Objects that could not be told apart.
    pub ambiguous: Vec<Ambiguity>,
    /// Which object is which.
    #[serde(skip)]
    pub matching: Matching,
}

/// One object that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The object: as the first image calls it, or the second for one that was created.
    pub object: Key,
    /// What the second image calls it, for one that is in both.
    pub live: Option<Key>,
    /// The name people use.
    pub title: String,
    /// Whose business the object is.
    pub standing: Standing,
    /// What happened to it.
    pub what: What,
    /// Other members may differ too; only these are meant.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

/// What happened to an object from the first image to the second.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Only the second image has it.
    Created,
    /// Only the first image has it.
    Removed,
    /// Both have it, and these members differ.
    Changed(Vec<FieldChange>),
}

/// Whose business an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Someone made it through the API.
    Made,
    /// It exists from birth.
    System,
    /// It follows from other objects.
    Derived,
}

/// Objects of a kind (of one owner) that at least one side did not read to the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unknown {
    /// The kind.
    pub kind: &'static str,
    /// How many objects would otherwise have been called removed or created.
    pub objects: usize,
    /// Whether the first image has them, so that the second did not show what it should.
    pub missing: bool,
    /// What stood in the way.
    pub reason: String,
}

/// Compares `before` with `after` and hands back what `selection` admits. `known` says which object is which already.
pub fn diff(before: &Image, after: &Image, selection: &Selection, known: &IdMap) -> Changes {
    let matching = pair(&before.org, &after.org, known);
    let comparison = Comparison {
        translation: Translation::of(before, after, &matching),
        before,
        after,
        matching,
    };
    let mut list = Vec::new();
    let mut unknown: BTreeMap<(Kind, bool, String), usize> = BTreeMap::new();
    let found = comparison.of_before().chain(comparison.of_after());
    for finding in found {
        match finding {
            Finding::Differs(change) => list.extend(selection.admit(change)),
            Finding::Unknown(kind, missing, reason) => {
                *unknown.entry((kind, missing, reason)).or_default() += 1;
            }
        }
    }
    list.sort_by(|a, b| a.object.cmp(&b.object).then_with(|| a.live.cmp(&b.live)));
    Changes {
        list,
        unknown: unknown
            .into_iter()
            .map(|((kind, missing, reason), objects)| Unknown {
                kind: kind.name(),
                objects,
                missing,
                reason,
            })
            .collect(),
        ambiguous: comparison.matching.ambiguous().to_vec(),
        matching: comparison.matching,
    }
}

impl Changes {
    /// Whether nothing differs and nothing is unknown.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty() && self.unknown.is_empty() && self.ambiguous.is_empty()
    }
}

struct Comparison<'a> {
    before: &'a Image,
    after: &'a Image,
    matching: Matching,
    translation: Translation,
}

enum Finding {
    Differs(Change),
    /// The kind, whether the first image has the object, and why nothing is known of it in the other.
    Unknown(Kind, bool, String),
}

impl Comparison<'_> {
    fn of_before(&self) -> impl Iterator<Item = Finding> {
        self.before
            .org
            .iter()
            .filter_map(|object| match self.matching.live(object.key()) {
                Some(live) => self.changed(object, live).map(Finding::Differs),
                None => Some(self.only_in(object, What::Removed)),
            })
    }

    fn of_after(&self) -> impl Iterator<Item = Finding> {
        let extra = self
            .after
            .org
            .iter()
            .filter(|object| !self.matching.is_wanted(object.key()));
        extra.map(|object| self.only_in(object, What::Created))
    }

    fn changed(&self, object: &Object, live: &Key) -> Option<Change> {
        let after = self.after.org.get(live)?;
        let fields = fields::compare(
            &self.translation.translated(object),
            &normalise(live.kind(), after.body()),
        );
        (!fields.is_empty()).then(|| {
            change(
                object,
                &self.before.org,
                Some(live.clone()),
                What::Changed(fields),
            )
        })
    }

    /// A finding about an object that one image lacks: a difference only if that image would have it if the org had.
    fn only_in(&self, object: &Object, what: What) -> Finding {
        let own = if what == What::Created {
            &self.after.org
        } else {
            &self.before.org
        };
        match self.doubt(object, own, what == What::Created) {
            Some(reason) => {
                let missing = what == What::Removed;
                Finding::Unknown(object.key().kind(), missing, reason.to_owned())
            }
            None => Finding::Differs(change(object, own, None, what)),
        }
    }

    /// Why the image that lacks `object` may merely not have read it, or one of its owners.
    fn doubt(&self, object: &Object, own: &Org, created: bool) -> Option<&str> {
        let lacking = if created { self.before } else { self.after };
        let owner = object.key().parent();
        let there = owner.as_ref().and_then(|owner| {
            if created {
                self.matching.wanted(owner)
            } else {
                self.matching.live(owner)
            }
        });
        let doubt = lacking.gap(object.key().kind(), there, object.body());
        doubt.or_else(|| match there {
            Some(_) => None,
            None => self.doubt(own.get(&owner?)?, own, created),
        })
    }
}

fn change(object: &Object, org: &Org, live: Option<Key>, what: What) -> Change {
    let facts = object.key().kind().facts();
    let standing = if facts.is_derived(object.body()) {
        Standing::Derived
    } else if facts.is_system(object.body()) {
        Standing::System
    } else {
        Standing::Made
    };
    Change {
        object: object.key().clone(),
        live,
        title: title(object, org),
        standing,
        what,
        partial: false,
    }
}

/// How ids of the first image read in the second: matched ones by their new name, missing ones as a mark that equals nothing.
struct Translation {
    names: HashMap<String, String>,
}

impl Translation {
    fn of(before: &Image, after: &Image, matching: &Matching) -> Self {
        let matched = matching
            .ids()
            .iter()
            .filter(|(old, new)| old.as_str() != new.as_str());
        let mut names: HashMap<String, String> = matched
            .map(|(old, new)| (old.to_string(), TargetId::as_str(new).to_owned()))
            .collect();
        for (id, key) in Index::of(&before.org).iter() {
            let object = before.org.get(key);
            let unread =
                object.is_none_or(|object| after.gap(key.kind(), None, object.body()).is_some());
            let is_gone = matching.live(key).is_none() && !unread;
            if is_gone && org::id_tokens(id).next() == Some(id) {
                names.insert(id.clone(), format!("{GONE}{id}"));
            }
        }
        Self { names }
    }

    fn translated(&self, object: &Object) -> Value {
        let kind = object.key().kind();
        let mut body = normalise(kind, object.body());
        org::remap(kind, &mut body, self);
        sort_unordered(kind, &mut body);
        body
    }
}

impl Remap for Translation {
    fn new_id(&self, old: &str) -> Option<&str> {
        self.names.get(old).map(String::as_str)
    }
}

/// Stands before the id of an object that the second image lacks.
pub(crate) const GONE: &str = "missing:";

#[cfg(test)]
mod tests;
