//! Arguments of `policy …`.

use clap::Subcommand;
use std::path::PathBuf;

/// `policy …`
#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Print the Cedar schema that policies are checked against.
    #[command(after_help = "Example:\n  portcullis policy schema > portcullis.cedarschema")]
    Schema,
    /// Check policies without keeping them, together with those that are kept.
    #[command(after_help = "Example:\n  portcullis policy check no-admins.cedar")]
    Check {
        /// File with Cedar statements.
        file: PathBuf,
    },
    /// Keep a policy under a name, replacing the one of that name; in force at once.
    #[command(after_help = "Example:\n  portcullis policy put no-admins no-admins.cedar")]
    Put {
        /// Its name.
        name: String,
        /// File with Cedar statements.
        file: PathBuf,
    },
    /// List the policies of the org.
    List,
    /// Print a policy.
    Show {
        /// Its name.
        name: String,
    },
    /// Take a policy out of force.
    Remove {
        /// Its name.
        name: String,
    },
}
