//! Arguments of `inspect`.

use clap::{Args, Subcommand};

/// `inspect`
#[derive(Debug, Subcommand)]
pub(crate) enum Inspect {
    /// Stop watching what the org was seen to accept: write it to `inspect-ORG.toml` beside the settings.
    #[command(
        after_help = "Examples:\n  portcullis inspect learn --show\n  portcullis inspect learn --days 7"
    )]
    Learn(Learn),
}

/// `inspect learn`
#[derive(Debug, Args)]
pub(crate) struct Learn {
    /// Days of the trail to learn from.
    #[arg(long, default_value_t = 30, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=366))]
    pub days: u16,
    /// Least number of accepted calls with the same finding.
    #[arg(long, default_value_t = 1, value_name = "CALLS", value_parser = clap::value_parser!(u32).range(1..))]
    pub least: u32,
    /// Say what would be learned, and write nothing.
    #[arg(long)]
    pub show: bool,
}
