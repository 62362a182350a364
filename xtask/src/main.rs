//! Development tasks: `cargo xtask <verb>`. One file per verb; never part of the product.

#![expect(
    clippy::print_stdout,
    reason = "results of development tasks go to stdout"
)]

mod bench;
mod catalog;
mod conformance;
mod inspect;

use clap::{Parser, Subcommand};

/// Development tasks of Portcullis.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Compiles Okta's OpenAPI documents into the committed index under `okta/`.
    Catalog(catalog::Arguments),
    /// Replays recorded conversations against the emulated org and compares the answers.
    Conformance(conformance::Arguments),
    /// Inspects published examples and recorded requests, which must pass, and bent ones, which must not.
    Inspect(inspect::Arguments),
    /// Measures what the hot paths cost.
    Bench(bench::Arguments),
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().verb {
        Verb::Catalog(arguments) => catalog::run(&arguments),
        Verb::Conformance(arguments) => conformance::run(&arguments),
        Verb::Inspect(arguments) => inspect::run(&arguments),
        Verb::Bench(arguments) => bench::run(&arguments),
    }
}
