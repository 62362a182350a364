//! Arguments of `issuer …`.

use access::{OUTSIDE_MINUTES_DEFAULT, OUTSIDE_MINUTES_MAX};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `issuer …`
#[derive(Debug, Subcommand)]
pub(crate) enum Issuer {
    /// Let tokens of an outside issuer stand for a client.
    #[command(
        after_help = "Examples:\n  portcullis issuer add deploy --issuer https://token.actions.githubusercontent.com --discover --audience https://okta.acme.example --subject 'repo:acme/infra:ref:refs/heads/main'\n  portcullis issuer add deploy --issuer https://kubernetes.default.svc --jwks cluster.jwks --audience okta --subject system:serviceaccount:ci:deployer\nIn a subject, `*` stands for one whole segment between `:` or `/`, `**` at the end for all the rest."
    )]
    Add(AddIssuer),
    /// List the issuers.
    List,
    /// Refuse the tokens of an issuer from now on.
    Remove {
        /// Its id, as `issuer list` shows it.
        id: String,
    },
}

/// `issuer add`
#[derive(Debug, Args)]
pub(crate) struct AddIssuer {
    /// Client that its tokens stand for.
    pub client: String,
    /// `iss` of its tokens, character by character.
    #[arg(long, value_name = "URL")]
    pub issuer: String,
    /// What their `aud` must be or contain.
    #[arg(long, value_name = "TEXT")]
    pub audience: String,
    /// What their `sub` must match.
    #[arg(long, value_name = "PATTERN")]
    pub subject: String,
    /// Where its keys are.
    #[command(flatten)]
    pub keys: Keys,
    /// Its keys may be on a private network or this machine.
    #[arg(long, conflicts_with = "jwks")]
    pub private: bool,
    /// Accept its tokens at the API too; without it they are only exchanged.
    #[arg(long)]
    pub direct: bool,
    /// Longest life of its tokens.
    #[arg(long, value_name = "MINUTES", default_value_t = OUTSIDE_MINUTES_DEFAULT, value_parser = clap::value_parser!(u32).range(1..=i64::from(OUTSIDE_MINUTES_MAX)))]
    pub minutes_max: u32,
}

/// Where an issuer's keys are: exactly one way.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Keys {
    /// Ask its discovery document, once, now.
    #[arg(long)]
    pub discover: bool,
    /// URL of its JWK set.
    #[arg(long, value_name = "URL")]
    pub jwks_uri: Option<String>,
    /// Its public keys (a JWK set, a JWK, or one in PEM), for an issuer that cannot be asked.
    #[arg(long, value_name = "FILE")]
    pub jwks: Option<PathBuf>,
}
