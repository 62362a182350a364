//! Stories of an org that is backed up, wrecked and brought back: against the emulated org, through recorded permits, with
//! crashes at every step.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a story that cannot be told fails its test"
)]

mod crash;
mod partial;
mod round_trip;
mod wipe;
mod world;
