//! An image: the objects of an org at one moment, and what could not be read of it.
//!
//! The second half matters as much as the first: an object that is absent from a collection which was not read to its end
//! is not known to be absent, so nothing may be concluded from it. An image never guesses.

use org::{Key, Kind, Org};
use serde::{Deserialize, Serialize};
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

    /// Whether every object of `kind` owned by `parent` is known, so that absence from the image is absence from the org.
    /// What is owned by something that may be missing itself is not known.
    pub fn is_complete(&self, kind: Kind, parent: Option<&Key>) -> bool {
        self.gap(kind, parent).is_none()
    }

    /// Why the objects of `kind` owned by `parent` are not all known.
    pub fn gap(&self, kind: Kind, parent: Option<&Key>) -> Option<String> {
        if !self.walked.contains(&kind) {
            return Some("not read at all".to_owned());
        }
        let concerns = |gap: &&Gap| {
            gap.kind == kind.name() && (gap.parent.is_none() || gap.parent.as_ref() == parent)
        };
        if let Some(gap) = self.gaps.iter().find(concerns) {
            return Some(gap.reason.clone());
        }
        let parent = parent?;
        self.gap(parent.kind(), parent.parent().as_ref())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str) -> Kind {
        Kind::named(name).unwrap()
    }

    #[test]
    fn what_a_lost_owner_may_own_is_unknown() {
        let group = Key::new(kind("group"), &["00g1"]);
        let gap = |kind: &str, parent| Gap {
            kind: kind.to_owned(),
            parent,
            cause: Cause::Fail,
            reason: "500".to_owned(),
        };
        let walked: BTreeSet<Kind> = Kind::all().collect();
        let one = Image::new(
            Org::new(),
            walked.clone(),
            vec![gap("group-membership", Some(group.clone()))],
        );
        let other = Key::new(kind("group"), &["00g2"]);
        assert!(!one.is_complete(kind("group-membership"), Some(&group)));
        assert!(one.is_complete(kind("group-membership"), Some(&other)));
        let all = Image::new(Org::new(), walked, vec![gap("group", None)]);
        assert!(!all.is_complete(kind("group-membership"), Some(&other)));
        assert!(!Image::default().is_complete(kind("zone"), None));
    }
}
