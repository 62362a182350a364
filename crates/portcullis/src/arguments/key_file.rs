//! `state-key …` and `repository-key …`: how these keys lie in their files.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `state-key …`, `repository-key …`
#[derive(Debug, Subcommand)]
pub(crate) enum KeyFile {
    /// Say how the key lies in its file.
    Show,
    /// Wrap the key anew. What opens it now is taken from the settings; the old file stays until the new one has been read back.
    #[command(
        after_help = "Examples:\n  portcullis state-key rewrap --passphrase-file state.pass\n  portcullis state-key rewrap -- /etc/portcullis/kms"
    )]
    Rewrap(Rewrap),
}

/// The new way.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Rewrap {
    /// Under the passphrase in this file, readable by this user only.
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Under a passphrase that is asked for on the terminal.
    #[arg(long)]
    pub passphrase: bool,
    /// By a command: program and arguments behind `--`, to which `wrap` or `unwrap` is added.
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<String>,
    /// In the clear.
    #[arg(long)]
    pub plain: bool,
}
