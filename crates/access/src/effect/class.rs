//! The classes of effects that have budgets, by the words of the settings.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

/// A class of effects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Objects that are no more.
    Deletes,
    /// Objects switched off: people, apps, policies, rules, authenticators, hooks.
    Deactivations,
    /// Factors people have to enrol again.
    FactorResets,
    /// Sessions, tokens, keys, secrets and passwords that stop to let in.
    Revocations,
    /// People and objects taken out of what they belonged to.
    Removals,
    /// Protection that became weaker.
    Loosenings,
    /// Somebody or something that became mightier.
    Privileges,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Deletes,
        Self::Deactivations,
        Self::FactorResets,
        Self::Revocations,
        Self::Removals,
        Self::Loosenings,
        Self::Privileges,
    ];

    /// Its word; stable.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Deletes => "deletes",
            Self::Deactivations => "deactivations",
            Self::FactorResets => "factor-resets",
            Self::Revocations => "revocations",
            Self::Removals => "removals",
            Self::Loosenings => "loosenings",
            Self::Privileges => "privileges",
        }
    }

    /// Whether it changes who is trusted or what is allowed, so that more of it takes two people.
    pub const fn is_privileged(self) -> bool {
        matches!(self, Self::Loosenings | Self::Privileges)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

/// A word that is none of a class.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not one of deletes, deactivations, factor-resets, revocations, removals, loosenings, privileges"
)]
pub struct UnknownClass(String);

impl FromStr for Class {
    type Err = UnknownClass;

    fn from_str(word: &str) -> Result<Self, UnknownClass> {
        let mut all = Self::ALL.into_iter();
        all.find(|class| class.word() == word)
            .ok_or_else(|| UnknownClass(word.chars().take(40).collect()))
    }
}
