//! The gateway over a real socket, in front of an org that writes down what reaches it.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failing test is a report, not an outage"
)]

mod answers;
mod budgets;
mod certificates;
mod elevations;
mod forwarding;
mod inspections;
mod limits;
mod malformed;
mod oauth;
mod policies;
mod recording;
mod redaction;
mod refusals;
mod shares;
mod workload;
mod world;
