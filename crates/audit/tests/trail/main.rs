//! What an auditor relies on: entries are there in order, nothing can be changed unnoticed, and a disk that refuses is heard.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failing test is a report, not an outage"
)]

mod chain;
mod crash;
mod full;
mod sealed;
mod tamper;
mod world;
