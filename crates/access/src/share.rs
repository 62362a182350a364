//! How a client shares Okta's rate budget with the others: its priority and its weight among equals. Says nothing of what the
//! client may do.

use std::ops::RangeInclusive;

use crate::limits::WEIGHT_MAX;

/// Whose calls go first where a budget does not do for all. The order of the variants is the order of service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// The product's own jobs, and whoever acts behind the broken glass. No client is registered with it.
    Recovery,
    /// A person waits: consoles, help desks, people at a terminal.
    People,
    /// Scripts, Terraform, provisioning.
    #[default]
    Automation,
    /// Readers of much that nobody waits for: exports, inventories, crawlers.
    Bulk,
}

impl Priority {
    /// All of them, the first served first.
    pub const ALL: [Self; 4] = [Self::Recovery, Self::People, Self::Automation, Self::Bulk];

    /// Those a client can be registered with.
    pub const REGISTRABLE: [Self; 3] = [Self::People, Self::Automation, Self::Bulk];

    /// Its name in settings, reports and the trail.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Recovery => "recovery",
            Self::People => "people",
            Self::Automation => "automation",
            Self::Bulk => "bulk",
        }
    }

    /// The priority of this name, if a client can be registered with it.
    pub fn named(word: &str) -> Option<Self> {
        Self::REGISTRABLE
            .into_iter()
            .find(|priority| priority.word() == word)
    }
}

/// A client's claim on Okta's rate budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Whose calls it goes before.
    pub priority: Priority,
    /// What it gets relative to others of its priority; see [`WEIGHTS`].
    pub weight: u16,
}

/// Weights a client can have.
pub const WEIGHTS: RangeInclusive<u16> = 1..=WEIGHT_MAX;

impl Share {
    /// The share of the product's own jobs.
    pub const RECOVERY: Self = Self {
        priority: Priority::Recovery,
        weight: 1,
    };
}

impl Default for Share {
    /// What a client has that was registered without saying otherwise.
    fn default() -> Self {
        Self {
            priority: Priority::default(),
            weight: 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_go_before_scripts_and_nobody_is_registered_as_recovery() {
        assert!(Priority::ALL.is_sorted());
        assert_eq!(Priority::named("people"), Some(Priority::People));
        assert_eq!(Priority::named("bulk"), Some(Priority::Bulk));
        for none in ["recovery", "People", ""] {
            assert_eq!(Priority::named(none), None, "{none}");
        }
    }
}
