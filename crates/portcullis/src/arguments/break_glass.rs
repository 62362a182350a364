//! Arguments of `break-glass …`. The passphrase is never one of them.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `break-glass …`
#[derive(Debug, Subcommand)]
pub(crate) enum BreakGlass {
    /// Make a new passphrase; it is shown once and belongs into a safe. Any older one is worth nothing from then on.
    #[command(after_help = "Example:\n  portcullis break-glass seal")]
    Seal,
    /// Open: issues a key that may do everything for minutes. Breaks the seal, and everybody hears of it.
    #[command(
        after_help = "Examples:\n  portcullis break-glass open --reason 'locked out by policy freeze'\n  portcullis break-glass open --reason 'ticket 4711' --passphrase-file sheet.txt --minutes 30"
    )]
    Open(Open),
    /// Stop accepting the key that was issued, before its time.
    Close,
    /// Say whether it is sealed.
    Show,
}

/// `break-glass open`
#[derive(Debug, Args)]
pub(crate) struct Open {
    /// Why, in one line; it stays in the trail.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// For how many minutes.
    #[arg(long, default_value_t = access::GLASS_MINUTES_DEFAULT, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(1..=i64::from(access::GLASS_MINUTES_MAX)))]
    pub minutes: u32,
    /// File with the passphrase, readable by this user only. Default: stdin, or asked for without echo on a terminal.
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
}
