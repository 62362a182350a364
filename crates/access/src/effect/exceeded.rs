//! Which budget stopped a call, how much of it is used, and when there is room again.

use std::fmt;

use jiff::Timestamp;

use super::Class;
use crate::limits::{DAY_MS, HOUR_MS};

/// Whose budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// The caller's own.
    Client,
    /// That of all callers of the org together.
    Org,
    /// That of one opening of the glass.
    Opening,
}

/// A window that ends now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// 60 minutes.
    Hour,
    /// 24 hours.
    Day,
}

impl Period {
    /// Its word; stable.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    pub(super) const fn length_ms(self) -> i64 {
        match self {
            Self::Hour => HOUR_MS,
            Self::Day => DAY_MS,
        }
    }
}

/// A call beyond a budget. Nothing was counted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{asked} more {class} would be above {holder} budget of {limit} per {}", period.word())]
pub struct Exceeded {
    /// Of what.
    pub class: Class,
    /// Whose budget.
    pub holder: Holder,
    /// Within what.
    pub period: Period,
    /// The budget.
    pub limit: u32,
    /// How much of it is used.
    pub used: u64,
    /// How much the call adds.
    pub asked: u64,
    /// When there is room for it; `None`: never, it is more than the budget.
    pub again: Option<Timestamp>,
    /// Whether it is the first call in its window that this budget stops.
    pub first: bool,
    /// What more of each class the call needs than there is room for, so that a raise by it would do.
    pub short: Vec<(Class, u64)>,
}

impl Holder {
    /// Its word; stable.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Org => "org",
            Self::Opening => "opening",
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Client => "the client's",
            Self::Org => "the org's",
            Self::Opening => "the opening's",
        })
    }
}
