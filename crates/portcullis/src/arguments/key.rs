//! Arguments of `key …`. A key is never one of them.

use super::{Rotate, Terms};
use clap::Subcommand;

/// `key …`
#[derive(Debug, Subcommand)]
pub(crate) enum Key {
    /// Issue an API key; it is shown once.
    #[command(
        after_help = "Example:\n  portcullis key issue hr-sync --days 7 --network 10.0.0.0/8 --json"
    )]
    Issue {
        /// Client that will use it.
        client: String,
        /// On which terms.
        #[command(flatten)]
        terms: Terms,
    },
    /// Issue the successor of a key; the old one goes on for the overlap.
    #[command(after_help = "Example:\n  portcullis key rotate keyO1pZ0mF2Q7nXb4cD --overlap 48")]
    Rotate(Rotate),
    /// List the keys of a client (never the secrets).
    List {
        /// Client.
        client: String,
    },
    /// Revoke a key or an access token at once.
    #[command(
        after_help = "Examples:\n  portcullis key revoke keyO1pZ0mF2Q7nXb4cD\n  portcullis key revoke AT.14n9JNYP2PBXSumLDTop79"
    )]
    Revoke {
        /// Key id, as `key issue` and `key list` show it; or a token's `jti`, as the audit trail tells it.
        id: String,
    },
    /// Print the regular expression by which secret scanners recognise a key.
    Pattern,
}
