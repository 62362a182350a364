//! An image: the objects of an org at one moment, and what could not be read of it.
//!
//! The second half matters as much as the first: an object that is absent from a collection which was not read to its end
//! is not known to be absent, so nothing may be concluded from it. An image never guesses.

use org::{Key, Kind, Org};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// The objects of an org and the gaps in what is known of it.
#[derive(Debug, Clone, Default)]
pub struct Image {
    /// The objects.
    pub org: Org,
    walked: BTreeSet<Kind>,
    gaps: Vec<Gap>,
}

/// A collection that was not read to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Name of the kind whose objects are missing.
    pub kind: String,
    /// Owner of the collection; none: the whole kind.
    pub parent: Option<Key>,
    /// Only objects whose member (first) has this value (second) are missing: collections that are walked value by value.
    pub part: Option<(String, String)>,
    /// What stood in the way.
    pub cause: Cause,
    /// Status, Okta's code and its sentence, or what else failed.
    pub reason: String,
}

/// What stood in the way of reading a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Okta refuses: the org lacks the feature, or the credential the right.
    Refuse,
    /// The walk broke off.
    Fail,
}

impl Image {
    /// An image of `org` with these gaps, read by walking the kinds in `walked`.
    pub fn new(org: Org, walked: BTreeSet<Kind>, gaps: Vec<Gap>) -> Self {
        Self { org, walked, gaps }
    }

    /// An image that is known to be complete: a rehearsal's, or an org made in memory.
    pub fn whole(org: Org) -> Self {
        Self::new(org, Kind::all().collect(), Vec::new())
    }

    /// Why an object of `kind` owned by `parent` may be absent from this image though the org has it; none: absence is proof.
    /// `body` is the object, as another image has it: it tells which part of a collection it would stand in.
    pub fn gap(&self, kind: Kind, parent: Option<&Key>, body: &Value) -> Option<&str> {
        if !self.walked.contains(&kind) {
            return Some(UNREAD);
        }
        let concerns = |gap: &&Gap| {
            let part = gap.part.as_ref();
            gap.kind == kind.name()
                && (gap.parent.is_none() || gap.parent.as_ref() == parent)
                && part.is_none_or(|(member, value)| {
                    body.get(member).is_none_or(|found| found == value)
                })
        };
        self.gaps
            .iter()
            .find(concerns)
            .map(|gap| gap.reason.as_str())
    }

    /// The kinds that were walked.
    pub fn walked(&self) -> impl Iterator<Item = Kind> {
        self.walked.iter().copied()
    }

    /// The gaps, in the order they were met.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }
}

const UNREAD: &str = "it was not read at all";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn kind(name: &str) -> Kind {
        Kind::named(name).unwrap()
    }

    #[test]
    fn a_gap_concerns_its_owner_and_its_part_only() {
        let walked: BTreeSet<Kind> = Kind::all().collect();
        let (one, other) = (
            Key::new(kind("group"), &["00g1"]),
            Key::new(kind("group"), &["00g2"]),
        );
        let gap = |kind: &str, parent, part| Gap {
            kind: kind.to_owned(),
            parent,
            part,
            cause: Cause::Fail,
            reason: "500".to_owned(),
        };
        let part = ("type".to_owned(), "ENTITY_RISK".to_owned());
        let gaps = vec![
            gap("group-membership", Some(one.clone()), None),
            gap("policy", None, Some(part)),
        ];
        let image = Image::new(Org::new(), walked, gaps);
        assert!(
            image
                .gap(kind("group-membership"), Some(&one), &json!({}))
                .is_some()
        );
        assert!(
            image
                .gap(kind("group-membership"), Some(&other), &json!({}))
                .is_none()
        );
        assert!(
            image
                .gap(kind("policy"), None, &json!({"type": "ENTITY_RISK"}))
                .is_some()
        );
        assert!(
            image
                .gap(kind("policy"), None, &json!({"type": "PASSWORD"}))
                .is_none()
        );
        assert!(
            Image::default()
                .gap(kind("zone"), None, &json!({}))
                .is_some()
        );
    }
}
