//! Okta's rate limits as learnt from its headers, and who may call now.
//!
//! `window` counts one budget of one minute, `share` says how much of it is free for whom, `slots` counts calls at once, `ledger`
//! knows which operations share a budget and who is let go next, `stated` reads the headers. Nothing is known before the first
//! answer, and nothing is taken from the published tables: they differ from org to org.

mod ledger;
mod register;
mod share;
mod slots;
mod stated;
mod window;

pub use ledger::{Ask, Ledger, Refusal, Ticket};
pub use register::Lane;
pub use stated::Stated;

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

/// One client's part of an org's limits, for display.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Portion {
    /// One for each budget learnt whose window is known, in the order learnt.
    pub buckets: Vec<BucketShare>,
    /// Its calls under way.
    pub under_way: u32,
    /// Its calls that wait for their turn.
    pub waiting: u32,
}

/// One client's part of one learnt budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketShare {
    /// The budget.
    pub state: BucketState,
    /// Calls it could make at this moment without waiting.
    pub left: u32,
    /// Calls it has made in this window.
    pub used: u32,
    /// Its calls that wait for this budget.
    pub waiting: u32,
    /// Everybody's calls that wait for it.
    pub waiting_all: u32,
}
