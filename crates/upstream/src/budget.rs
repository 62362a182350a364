//! Okta's rate limits as learnt from its headers, and who may call now.
//!
//! `window` counts one budget of one minute, `ledger` knows which operations share one, `stated` reads the headers. Nothing is
//! known before the first answer, and nothing is taken from the published tables: they differ from org to org.

mod ledger;
mod stated;
mod window;

pub(crate) use ledger::{Lane, Ledger};
pub(crate) use stated::Stated;

use std::time::Duration;

/// What is known of an org's limits, for display.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// One for each budget learnt, in the order learnt.
    pub buckets: Vec<BucketState>,
    /// Calls under way.
    pub in_flight: usize,
}

/// One learnt budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketState {
    /// The catalog's name of the bucket; with `/limit` behind it where operations of one bucket turned out to differ.
    pub name: String,
    /// Calls per window, all principals together.
    pub limit: u32,
    /// Calls left, as last stated.
    pub remaining: u32,
    /// Until the window ends; zero when it has.
    pub resets_in: Duration,
    /// Calls made through here in this window.
    pub used: u32,
}
