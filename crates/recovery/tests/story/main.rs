//! Stories of an org that is backed up, wrecked and brought back: against the emulated org, through recorded permits, with
//! crashes at every step.

mod crash;
mod round_trip;
mod wipe;
mod world;
