//! `audit …`

use crate::export::Form;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `audit …`
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Check the chains of the trail offline: every entry, every checkpoint and its signature.
    #[command(
        after_help = "Examples:\n  portcullis audit verify --witness /mnt/worm/checkpoints\n  portcullis audit verify --dir /evidence/audit --key portcullis-audit+1f2e3d4c+AaBb…"
    )]
    Verify(VerifyTrail),
    /// Print entries, the newest last.
    #[command(
        after_help = "Examples:\n  portcullis audit show --client hr-sync --since 2h\n  portcullis audit show --refused --json"
    )]
    Show(Show),
    /// Write entries for those who collect them: JSON Lines, OCSF events or syslog messages.
    #[command(
        after_help = "Examples:\n  portcullis audit export --format ocsf --since 2026-11-01 > november.jsonl\n  portcullis audit export --format syslog --to tcp://10.0.0.9:601 --follow --position siem.position"
    )]
    Export(Export),
    /// Print the public key that checkpoints are signed with; write it down elsewhere.
    Key {
        /// Put a new key in the place of the one that signs. A running gateway takes it when it is started again.
        #[arg(long)]
        rotate: bool,
    },
}

/// `audit verify`
#[derive(Debug, Args)]
pub(crate) struct VerifyTrail {
    /// Directory of the chains (gateway, jobs, operator), for a copy; default: the one of the state directory.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Public key to believe, as `audit key` printed it; default: those in the list beside the chains.
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// File of a witness, or of a single checkpoint, to hold the chains against; repeat.
    #[arg(long = "witness", visible_alias = "checkpoint", value_name = "FILE")]
    pub witnesses: Vec<PathBuf>,
}

/// Which entries are meant.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Only of this client, by name or id.
    #[arg(long, value_name = "CLIENT")]
    pub client: Option<String>,
    /// Only about this operation.
    #[arg(long, value_name = "ID")]
    pub operation: Option<String>,
    /// Only about this object.
    #[arg(long, value_name = "ID")]
    pub object: Option<String>,
    /// Only from this time on: 2026-11-24T15:00:00Z, 2026-11-24, or so long ago: 2h, 7d.
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only before this time.
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Only the entry of this number.
    #[arg(long, value_name = "NUMBER")]
    pub entry: Option<u64>,
    /// Only the call that this entry opened: how it began and how it ended.
    #[arg(long, value_name = "NUMBER")]
    pub call: Option<u64>,
    /// Only the call with this `X-Okta-Request-Id`.
    #[arg(long, value_name = "ID")]
    pub okta_request: Option<String>,
    /// Only refusals.
    #[arg(long)]
    pub refused: bool,
    /// Only of this chain: gateway, jobs or operator.
    #[arg(long, value_name = "NAME")]
    pub writer: Option<String>,
    /// Most entries printed: the newest.
    #[arg(long, default_value_t = 100, value_name = "COUNT")]
    pub limit: usize,
}

/// `audit export`
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// How entries are written.
    #[arg(long, value_enum, default_value_t = Form::Jsonl)]
    pub format: Form,
    /// Where they go: file:PATH, udp://HOST:PORT or tcp://HOST:PORT; default: standard output.
    #[arg(long, value_name = "TARGET")]
    pub to: Option<String>,
    /// Only from this time on: 2026-11-24T15:00:00Z, 2026-11-24, or so long ago: 2h, 7d.
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Go on as entries are written, until it is told to stop.
    #[arg(long)]
    pub follow: bool,
    /// File that remembers how far it came; it goes on from there.
    #[arg(long, value_name = "FILE")]
    pub position: Option<PathBuf>,
}
