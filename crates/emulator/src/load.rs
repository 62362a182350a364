//! Turns recorded conversations into an org: the latest word on every object that any answer shows, put into an emulated org
//! so that the org could have grown that way.
//!
//! What keeps the result consistent:
//! - An object whose owner was never shown is left out.
//! - An object that stands already (from birth, because its owner was made, or under the same natural key) is not doubled:
//!   the recorded id reads as the standing one's from then on. Of Okta's own objects the latest recorded body is taken; of any
//!   other pair the first stays and the later is left out.
//! - A declared reference to an object that was never shown goes, if it is an element of a list that keeps others; else
//!   the object goes. Where every org has one default object of the kind (user types, realms), that one is meant instead.
//! - What follows from other objects (an app user by group) is left out: it follows again.
//! - Priorities are counted anew for each policy type and policy, in recorded order.
//! - Active group rules are applied to everybody, whatever memberships were recorded.
//! - Recorded addresses read as the org's own.
//!
//! Objects enter the org directly, but through the hooks any creation meets: what an org would refuse is left out, secrets go
//! where the engine keeps them, members that Okta has added since the recording are filled in, what follows, follows. Deletions are not heard, and
//! nothing is ever invented: what left-out objects are, [`Loaded::left_out`] counts by reason.

mod enter;
mod gather;
mod host;
mod order;
mod prune;
mod settle;
mod shown;

use crate::Emulator;
use crate::quirks::group_rule;
use crate::recording::Conversation;
use org::{Key, Kind};
use std::collections::BTreeMap;
use std::fmt;

/// Fills `org` with what the conversations show, and tells what came of it.
///
/// # Errors
/// [`LoadError`], when they show nothing, or more than an org takes.
pub fn load(org: &Emulator, conversations: &[Conversation]) -> Result<Loaded, LoadError> {
    let mut left_out = LeftOut::default();
    let gathered = gather::gather(conversations, &mut left_out);
    match gathered.len() {
        0 => {
            return Err(LoadError::Nothing {
                conversations: conversations.len(),
            });
        }
        objects if objects > OBJECTS_MAX => return Err(LoadError::TooMany { objects }),
        _ => {}
    }
    let answers = gathered.answers;
    let objects = org.enter(|ctx| {
        let settled = settle::settle(ctx, gathered, &mut left_out);
        let standing = prune::prune(ctx, settled, &mut left_out);
        order::renumber(ctx, &standing);
        for user in ctx.all("user") {
            // Rules were recorded apart from the people they concern; a rule that cannot be evaluated concerns nobody.
            drop(group_rule::apply_to(ctx, &user.key().id()));
        }
        let mut objects: BTreeMap<Kind, usize> = BTreeMap::new();
        for key in &standing {
            *objects.entry(key.kind()).or_default() += 1;
        }
        objects
    });
    Ok(Loaded {
        answers,
        objects,
        left_out: left_out.list(),
    })
}

/// What came of loading.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// Answers that show objects.
    pub answers: usize,
    /// Objects the org now has from the recordings, by kind; Okta's own ones that took a recorded body count, too.
    pub objects: BTreeMap<Kind, usize>,
    /// What was left out, most frequent first.
    pub left_out: Vec<Omission>,
}

impl Loaded {
    /// How many objects the org now has from the recordings.
    pub fn total(&self) -> usize {
        self.objects.values().sum()
    }
}

/// Objects that were left out for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Omission {
    /// Why.
    pub reason: Reason,
    /// What kind of object.
    pub kind: Kind,
    /// How many.
    pub count: usize,
    /// One of them, as its own org called it.
    pub example: Key,
}

/// Why an object was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// What owns it was never shown, or was left out itself.
    Owner,
    /// It names an object that was never shown, or was left out itself.
    Reference,
    /// Only an element of a list named such an object; the object itself is in the org without that element.
    Element,
    /// Another object has the same natural key.
    Twin,
    /// It follows from other objects.
    Derived,
    /// Only a part of it was shown.
    Summary,
    /// This org would not have let it be made: a bound is reached, or something it cannot be without was not recorded.
    Refused,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Owner => "its owner was never shown",
            Self::Reference => "it names an object that was never shown",
            Self::Element => "kept without an element that names an object never shown",
            Self::Twin => "another object has the same natural key",
            Self::Derived => "it follows from other objects",
            Self::Summary => "only a part of it was shown",
            Self::Refused => "this org would not have let it be made",
        })
    }
}

/// Counts what is left out.
#[derive(Debug, Default)]
struct LeftOut {
    by_reason: BTreeMap<(Reason, Kind), (usize, Key)>,
}

impl LeftOut {
    fn count(&mut self, reason: Reason, key: &Key) {
        let counted = self
            .by_reason
            .entry((reason, key.kind()))
            .or_insert_with(|| (0, key.clone()));
        counted.0 += 1;
    }

    fn list(self) -> Vec<Omission> {
        let mut list: Vec<Omission> = self
            .by_reason
            .into_iter()
            .map(|((reason, kind), (count, example))| Omission {
                reason,
                kind,
                count,
                example,
            })
            .collect();
        list.sort_by_key(|omission| std::cmp::Reverse(omission.count));
        list
    }
}

/// Why recorded conversations make no org.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// No answer shows an object.
    #[error("none of {conversations} recorded conversations shows an object of an org")]
    Nothing {
        /// How many conversations there were.
        conversations: usize,
    },
    /// There are more objects than an emulated org takes.
    #[error("recorded conversations show {objects} objects, more than {OBJECTS_MAX}")]
    TooMany {
        /// How many.
        objects: usize,
    },
}

/// Objects taken from recordings: 500,000 interactions show at most a few each; 200,000 objects at 5 kB are 1 GB.
const OBJECTS_MAX: usize = 200_000;

#[cfg(test)]
mod tests;
