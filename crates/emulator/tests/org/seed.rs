//! What seeds plant: how much of each thing, the same org each time, in little time.

use super::world::World;
use emulator::{Seed, plant};
use std::collections::BTreeMap;

fn company() -> World {
    let world = World::new();
    plant(&world.emulator, Seed::Company).unwrap();
    world
}

#[test]
fn the_company_seed_plants() {
    let world = company();
    let org = world.emulator.org();
    let counts: BTreeMap<&str, usize> = org.kinds().map(|kind| (kind.name(), org.count(kind))).collect();
    eprintln!("{counts:#?}");
}
