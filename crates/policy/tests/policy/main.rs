//! The crate from outside: the compiled decision held against plain Cedar on random policies and questions, bounds, speed.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test is a report, not an outage"
)]

mod bounds;
mod equality;
mod expressions;
mod oracle;
mod world;
