//! The emulated org as callers see it: requests in, answers out. One module per noun.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failing test is a report, not an outage"
)]

#[path = "org"]
mod org {
    mod brands;
    mod editions;
    mod engine;
    mod governance;
    mod groups;
    mod log;
    mod oauth;
    mod policies;
    mod providers;
    mod roles;
    mod schemas;
    mod seed;
    mod serve;
    mod servers;
    mod simple;
    mod users;
    pub(crate) mod world;
}
