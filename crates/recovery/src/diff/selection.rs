//! Which differences are meant: all, some kinds, some objects, some attributes. Every way to restore less than everything is
//! a selection; none has a code path of its own.

use super::{Change, What};
use org::{Key, Kind};

/// What is meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Selection {
    /// Everything.
    #[default]
    All,
    /// Objects of these kinds.
    Kinds(Vec<Kind>),
    /// These objects, what they own, and the relations they take part in.
    Objects(Vec<Key>),
    /// One object's member (and what lies below it), if the object is in both images.
    Attribute(Key, String),
}

impl Selection {
    /// Whether `change`, or a part of it, is meant.
    pub(crate) fn concerns(&self, change: &Change) -> bool {
        self.admit(change.clone()).is_some()
    }

    /// Whether objects of the kind are meant, or may be.
    pub(crate) fn reaches(&self, kind: &str) -> bool {
        match self {
            Self::All => true,
            Self::Kinds(kinds) => kinds.iter().any(|meant| meant.name() == kind),
            Self::Objects(keys) => keys.iter().any(|key| key.kind().name() == kind),
            Self::Attribute(key, _) => key.kind().name() == kind,
        }
    }

    /// `change`, or the part of it that is meant.
    pub(super) fn admit(&self, change: Change) -> Option<Change> {
        match self {
            Self::All => Some(change),
            Self::Kinds(kinds) => kinds.contains(&change.object.kind()).then_some(change),
            Self::Objects(keys) => keys
                .iter()
                .any(|key| belongs(&change, key))
                .then_some(change),
            Self::Attribute(key, place) => attribute(change, key, place),
        }
    }
}

fn belongs(change: &Change, key: &Key) -> bool {
    let mut owner = Some(change.object.clone());
    while let Some(at) = owner {
        if at == *key {
            return true;
        }
        owner = at.parent();
    }
    let relates = change.object.kind().facts().relates.as_deref();
    relates == Some(key.kind().name()) && change.object.id() == key.id()
}

fn attribute(mut change: Change, key: &Key, place: &str) -> Option<Change> {
    let What::Changed(fields) = &mut change.what else {
        return None;
    };
    let inside = |at: &str| {
        at == place
            || at
                .strip_prefix(place)
                .is_some_and(|rest| rest.starts_with('.'))
    };
    fields.retain(|field| inside(&field.place));
    let meant = change.object == *key && !fields.is_empty();
    change.partial = true;
    meant.then_some(change)
}
