//! What an emulated org can start with. A seed is planted through the org's own API, so that it can hold nothing a caller could not
//! have made, and always grows the same org.

mod access_servers;
mod admins;
mod apps;
mod network;
mod people;
mod planter;
mod policies;

pub use planter::SeedError;

use crate::Emulator;
use planter::Planter;

/// What an emulated org starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seed {
    /// Only what every org is born with.
    Born,
    /// A handful of each thing: 12 people, 6 groups, 5 apps.
    Small,
    /// A company: 500 people, 60 groups, 30 apps, every policy type.
    Company,
}

/// How much of each thing a seed plants.
#[derive(Debug, Clone, Copy)]
struct Size {
    people: usize,
    groups: usize,
    apps: usize,
    servers: usize,
    admins: usize,
}

const SMALL: Size = Size {
    people: 12,
    groups: 6,
    apps: 5,
    servers: 1,
    admins: 2,
};
const COMPANY: Size = Size {
    people: 500,
    groups: 60,
    apps: 30,
    servers: 3,
    admins: 8,
};

/// Plants `seed` into `org`. Rate limits do not slow planting: it happens before the org is opened to callers.
pub fn plant(org: &Emulator, seed: Seed) -> Result<(), SeedError> {
    let size = match seed {
        Seed::Born => return Ok(()),
        Seed::Small => SMALL,
        Seed::Company => COMPANY,
    };
    let mut planter = Planter::new(org);
    let zones = network::plant(&mut planter)?;
    let people = people::plant(&mut planter, size)?;
    let apps = apps::plant(&mut planter, size, &people)?;
    policies::plant(&mut planter, &zones, &people, &apps)?;
    access_servers::plant(&mut planter, size, &people, &apps)?;
    admins::plant(&mut planter, size, &people, &apps)
}
