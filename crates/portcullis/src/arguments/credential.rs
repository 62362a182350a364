//! `credential …`: what Portcullis shows to Okta.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `credential …`
#[derive(Debug, Subcommand)]
pub(crate) enum Credential {
    /// Seal a credential into the state: an API token from a file, stdin or a prompt, or a service app's key.
    #[command(
        after_help = "Examples:\n  portcullis credential put --token-file okta.token\n  portcullis credential put --client-id 0oa… --key-file okta.pem --scope okta.users.read"
    )]
    Put(Handed),
    /// Say which credential is sealed and since when; never the secret.
    Show,
    /// Try a new credential against the org, then put it in the place of the old one. A running gateway takes it within a second.
    #[command(
        after_help = "Example:\n  portcullis credential rotate --token-file new.token\nThen revoke the old one in Okta."
    )]
    Rotate(Handed),
}

/// A credential as it is handed in. Without any flag: an API token, from stdin, or asked for without echo on a terminal.
#[derive(Debug, Args)]
pub(crate) struct Handed {
    /// File with an SSWS API token, readable by this user only.
    #[arg(long, value_name = "FILE", conflicts_with = "client_id")]
    pub token_file: Option<PathBuf>,
    /// Client id of a service app (private_key_jwt) instead of an API token.
    #[arg(long, value_name = "ID", requires = "key_file")]
    pub client_id: Option<String>,
    /// The service app's private key (PEM or JWK), readable by this user only.
    #[arg(long, value_name = "FILE", requires = "client_id")]
    pub key_file: Option<PathBuf>,
    /// Id of that key, if the app has several.
    #[arg(long, value_name = "ID", requires = "client_id")]
    pub key_id: Option<String>,
    /// Scope the service app asks for; repeat.
    #[arg(long = "scope", value_name = "SCOPE", requires = "client_id")]
    pub scopes: Vec<String>,
}
