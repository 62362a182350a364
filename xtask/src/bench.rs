//! `cargo xtask bench`: what the hot paths cost, in nanoseconds per call, as minimum and median over rounds.

mod access;
mod budget;
mod cpu;
mod inspect;
mod policy;
mod trail;

use std::time::Instant;

use anyhow::Result;

/// What `cargo xtask bench` takes.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    subject: Subject,
}

#[derive(clap::Subcommand)]
enum Subject {
    /// From request target to operation.
    Recognise,
    /// From what a request shows to who calls, or to a refusal.
    Access,
    /// From call to findings, body and all.
    Inspect,
    /// From question to verdict, as the policies of an org grow.
    Policy,
    /// Leave for a call from the rate budget, and back.
    Budget,
    /// Two entries of the audit trail, and how long a write waits for its own.
    Trail,
}

/// Rounds per target, and calls per round: a round of 10,000 calls lasts milliseconds, far above the clock's resolution.
const ROUNDS: usize = 51;
const CALLS_PER_ROUND: u32 = 10_000;

/// Requests that gateways see all day, from plain to awkward.
const TARGETS: [(&str, &str); 7] = [
    ("GET", "/api/v1/users?limit=200"),
    ("GET", "/api/v1/users/00u1gjtxk4XLkTQTt1d7"),
    ("GET", "/api/v1/groups/rules/0pr1gjtxk4XLkTQTt1d7"),
    (
        "PUT",
        "/api/v1/groups/00g1gjtxk4XLkTQTt1d7/users/00u1gjtxk4XLkTQTt1d7",
    ),
    (
        "GET",
        "/api/v1/users?search=status%20eq%20%22ACTIVE%22&limit=200&after=00u1gjtxk4XLkTQTt1d7",
    ),
    ("GET", "//api/v1/users/ada%40example.com/"),
    (
        "PUT",
        "/api/v1/users/00u1gjtxk4XLkTQTt1d7/roles/ra11gjtxk4XLkTQTt1d7/targets/catalog/apps/salesforce/0oa1gjtxk4XLkTQTt1d7",
    ),
];

/// Measures and prints.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    match arguments.subject {
        Subject::Recognise => recognise(),
        Subject::Access => access::run()?,
        Subject::Inspect => inspect::run()?,
        Subject::Trail => trail::run()?,
        Subject::Policy => policy::run()?,
        Subject::Budget => budget::run()?,
    }
    Ok(())
}

fn recognise() {
    let started = Instant::now();
    let operations = ::catalog::operations().len();
    println!(
        "{operations} operations read in {:.2} ms",
        started.elapsed().as_secs_f64() * 1e3
    );
    let started = Instant::now();
    let shapes = ::catalog::shapes().iter().len();
    println!(
        "{shapes} shapes read in {:.2} ms",
        started.elapsed().as_secs_f64() * 1e3
    );
    println!("{:>8} {:>8}  request", "min ns", "median");
    for (method, target) in TARGETS {
        let mut rounds: Vec<f64> = (0..ROUNDS).map(|_| time_round(method, target)).collect();
        rounds.sort_by(f64::total_cmp);
        let at = |position: usize| rounds.get(position).copied().unwrap_or_default();
        println!("{:>8.0} {:>8.0}  {method} {target}", at(0), at(ROUNDS / 2));
    }
}

fn time_round(method: &str, target: &str) -> f64 {
    let started = Instant::now();
    for _ in 0..CALLS_PER_ROUND {
        let recognised =
            ::catalog::recognise(std::hint::black_box(method), std::hint::black_box(target));
        std::hint::black_box(&recognised).as_ref().ok();
    }
    started.elapsed().as_secs_f64() * 1e9 / f64::from(CALLS_PER_ROUND)
}
