//! `cargo xtask bench access`: what it costs to find out who calls, and to refuse who is nobody, as ratio to one ES256 verification of
//! the same moment; whether the time of a refusal tells how close a guess was; and what opening a key under a passphrase takes.
//!
//! Figures, never verdicts: a machine that is busy elsewhere must not fail a build. Bars are printed beside what was measured.

mod timing;
mod world;

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};

use access::{Presented, Throttle};
use anyhow::{Context as _, Result, ensure};
use store::{Secret, Stretch};

use super::cpu::{Verification, median, round_ns};
use world::{HOME, NOW, Shape, World};

const ROUNDS: usize = 41;
/// A round of 2,000 lasts milliseconds, far above the clock's resolution.
const CALLS_PER_ROUND: u32 = 2_000;

/// Measures and prints.
pub(crate) fn run() -> Result<()> {
    let world = World::new()?;
    let verification = Verification::new()?;
    let one = median((0..ROUNDS).map(|_| verification.round_ns()).collect());
    println!("one ES256 verification: {:.1} µs of CPU", one / 1e3);
    println!(
        "an org of {} clients with {} keys; what is refused comes from a new source each time\n",
        world::CLIENTS,
        world::CLIENTS * world::KEYS_PER_CLIENT
    );
    println!("{:>8} {:>9} {:>9}  shown", "ns", "of ES256", "of a key");
    let mut key_ns = None;
    for shape in world.shapes()? {
        let ns = measure(&world, &shape, &verification, key_ns)?;
        key_ns.get_or_insert(ns);
    }
    measure_shut(&world, &verification, key_ns)?;
    println!(
        "\nbars: a key or a cached token at most 3 % of ES256; refusing a wrong key at most 100 % of serving a right one\n"
    );
    timing::run(&world);
    passphrase();
    Ok(())
}

fn measure(
    world: &World,
    shape: &Shape,
    verification: &Verification,
    key_ns: Option<f64>,
) -> Result<f64> {
    let throttle = Throttle::default();
    let mut caller = Sources::default();
    let presented = shape.presented(caller.next());
    let accepted = world.identify(&throttle, &presented);
    ensure!(
        accepted == shape.is_good,
        "{} is answered otherwise",
        shape.title
    );
    let (ns, ratio) = verification.beside(ROUNDS, CALLS_PER_ROUND / shape.cost, || {
        let presented = shape.presented(if shape.is_at_home {
            HOME
        } else {
            caller.next()
        });
        black_box(world.identify(&throttle, black_box(&presented)));
    });
    row(ns, ratio, key_ns, &shape.title);
    Ok(ns)
}

/// A source that has guessed too often.
fn measure_shut(world: &World, verification: &Verification, key_ns: Option<f64>) -> Result<()> {
    let throttle = Throttle::default();
    for _ in 0..access::FAILURES_PER_MINUTE_MAX {
        throttle.failed(HOME, NOW);
    }
    let shapes = world.shapes()?;
    let shape = shapes
        .iter()
        .find(|shape| !shape.is_good)
        .context("no wrong shape")?;
    let presented: Presented<'_> = shape.presented(HOME);
    let (ns, ratio) = verification.beside(ROUNDS, CALLS_PER_ROUND, || {
        black_box(world.identify(&throttle, black_box(&presented)));
    });
    row(ns, ratio, key_ns, "anything, from a source that is shut");
    Ok(())
}

fn row(ns: f64, ratio: f64, key_ns: Option<f64>, title: &str) {
    println!(
        "{ns:>8.0} {:>8.2}% {:>8.0}%  {title}",
        100.0 * ratio,
        100.0 * ns / key_ns.unwrap_or(ns)
    );
}

/// Addresses one after another, so that no throttle ever shuts one.
#[derive(Default)]
struct Sources(u32);

impl Sources {
    fn next(&mut self) -> IpAddr {
        self.0 = self.0.wrapping_add(1);
        IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 | (self.0 & 0x00ff_ffff)))
    }
}

fn passphrase() {
    let passphrase = Secret::new("six words nobody has said before".to_owned());
    let cost = Stretch::RECOMMENDED;
    let rounds = (0..7).map(|_| {
        round_ns(1, &mut || {
            black_box(cost.key(&passphrase, &[7; 16]));
        })
    });
    let ms = median(rounds.collect()) / 1e6;
    println!(
        "\nopening a key under a passphrase: {ms:.0} ms of CPU (Argon2id, {} MiB, {} passes, {} lanes)",
        cost.memory_kib / 1024,
        cost.passes,
        cost.lanes
    );
}
