//! Development only: worlds in one line, and the wreck of one.
//!
//! [`World`] is an emulated org with everything a backup and a restore need around it; [`wipe`] deletes an org through its
//! API. No network, no sleeping, and a clock that stands still until it is told otherwise.

mod wipe;
mod world;

pub use wipe::{Refused, Wiped, wipe};
pub use world::{BASE_URL, TOKEN, World, WorldError};
