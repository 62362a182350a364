//! Arguments of `elevation …` and `approver …`. An approver's key is never one of them: it is in a file or the environment.

use access::Raise;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `elevation …`
#[derive(Debug, Subcommand)]
pub(crate) enum Elevation {
    /// Ask for more than a client has, for a while.
    #[command(
        after_help = "Example:\n  portcullis elevation ask hr-sync --operation deactivateUser --reason 'ticket 4711' --minutes 30"
    )]
    Ask(Ask),
    /// List what was asked for, newest first.
    List {
        /// Only what waits for somebody.
        #[arg(long)]
        open: bool,
    },
    /// Approve a request, with the key in PORTCULLIS_APPROVER_KEY or in a file.
    #[command(
        after_help = "Example:\n  portcullis elevation approve ele0123456789abcdef --key-file ana.key"
    )]
    Approve(Decision),
    /// Deny a request, for good.
    Deny(Decision),
    /// End an elevation before its time, or withdraw a request.
    #[command(after_help = "Example:\n  portcullis elevation end ele0123456789abcdef")]
    End {
        /// Its id.
        id: String,
    },
}

/// `elevation ask`
#[derive(Debug, Args)]
pub(crate) struct Ask {
    /// Client that needs it.
    pub client: String,
    /// Okta scope; repeat.
    #[arg(
        long = "scope",
        value_name = "SCOPE",
        required_unless_present_any = ["operations", "raises"]
    )]
    pub scopes: Vec<String>,
    /// Operation; repeat. Alone it stands for the scopes it needs, beside --scope it narrows them.
    #[arg(long = "operation", value_name = "OPERATION")]
    pub operations: Vec<String>,
    /// More of a class of effects than its budgets have room for (`deletes=50`); repeat.
    #[arg(long = "raise", value_name = "CLASS=COUNT")]
    pub raises: Vec<Raise>,
    /// Why, in one line; whoever approves reads it, and it stays in the trail.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// For how many minutes, from the approval on.
    #[arg(long, default_value_t = access::ELEVATION_MINUTES_DEFAULT, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(1..=i64::from(access::ELEVATION_MINUTES_MAX)))]
    pub minutes: u32,
}

/// `elevation approve`, `elevation deny`
#[derive(Debug, Args)]
pub(crate) struct Decision {
    /// Id of the request.
    pub id: String,
    /// File with the approver key, readable by this user only. Default: the environment variable PORTCULLIS_APPROVER_KEY.
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
}

/// `approver …`
#[derive(Debug, Subcommand)]
pub(crate) enum Approver {
    /// Make somebody an approver; the key is shown once.
    #[command(after_help = "Example:\n  portcullis approver add ana --owns hr-sync --days 90")]
    Add {
        /// The person's name.
        name: String,
        /// Client whose requests this person cannot approve, because it is this person's own; repeat.
        #[arg(long = "owns", value_name = "CLIENT")]
        owns: Vec<String>,
        /// Days until the key expires.
        #[arg(long, default_value_t = 90, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=365))]
        days: u16,
    },
    /// List the approvers (never their keys).
    List,
    /// Stop accepting an approver's key, for good.
    Remove {
        /// The person's name.
        name: String,
    },
}
