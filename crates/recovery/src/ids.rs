//! Ids as newtypes: those an object had when the snapshot was taken, and those it has in the org that is restored. They are
//! different types so that forgetting to translate does not compile. Nothing here knows what an id stands for.

use org::Remap;
use serde::{Deserialize, Serialize};
use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id! {
    /// The id an object had when the snapshot was taken.
    SourceId
}

id! {
    /// The id an object has in the org that is restored.
    TargetId
}

/// What the objects of a snapshot are called in the org that is restored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IdMap(BTreeMap<SourceId, TargetId>);

impl IdMap {
    /// Notes that `source` is called `target`; a later note wins.
    pub fn insert(&mut self, source: SourceId, target: TargetId) {
        self.0.insert(source, target);
    }

    /// What `source` is called now, if that is known.
    pub fn target(&self, source: &str) -> Option<&TargetId> {
        self.0.get(source)
    }

    /// All pairs, ordered by source id.
    pub fn iter(&self) -> impl Iterator<Item = (&SourceId, &TargetId)> {
        self.0.iter()
    }

    /// How many pairs there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Extend<(SourceId, TargetId)> for IdMap {
    fn extend<I: IntoIterator<Item = (SourceId, TargetId)>>(&mut self, pairs: I) {
        self.0.extend(pairs);
    }
}

impl Remap for IdMap {
    fn new_id(&self, old: &str) -> Option<&str> {
        self.target(old).map(TargetId::as_str)
    }
}
