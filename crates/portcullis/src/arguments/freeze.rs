//! Arguments of `freeze`.

use clap::Args;

/// `freeze`
#[derive(Debug, Args)]
pub(crate) struct Freeze {
    /// Why, in one line; callers are told, and it stays in the trail.
    #[arg(long, value_name = "TEXT", required_unless_present = "show")]
    pub reason: Option<String>,
    /// Client that goes on writing; repeat.
    #[arg(long = "except", value_name = "CLIENT", conflicts_with = "show")]
    pub except: Vec<String>,
    /// Say how it stands, and change nothing.
    #[arg(long, conflicts_with = "reason")]
    pub show: bool,
}
