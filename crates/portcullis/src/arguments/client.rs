//! Arguments of `client …`. Secrets are never among them.

use access::{
    KEY_DAYS_MAX, Network, OVERLAP_HOURS_DEFAULT, OVERLAP_HOURS_MAX, TOKEN_MINUTES_MAX, WEIGHTS,
};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `client …`
#[derive(Debug, Subcommand)]
pub(crate) enum Client {
    /// Register a client.
    #[command(
        after_help = "Examples:\n  portcullis client add hr-sync --scope okta.users.read --network 10.0.0.0/8\n  portcullis client add terraform --scope okta.groups.manage --jwks terraform.jwks --dpop"
    )]
    Add(Add),
    /// List the clients.
    List,
    /// Show all there is to know of a client but its secrets.
    Show {
        /// Its name.
        name: String,
    },
    /// Change what bounds a client. A list that is given replaces the one there was; what is not named stays.
    #[command(
        after_help = "Examples:\n  portcullis client change hr-sync --scope okta.users.read --no-networks\n  portcullis client change hr-sync --shadow-days 0"
    )]
    Change(Change),
    /// Disable a client and with it all its keys, secrets and tokens, for good.
    #[command(after_help = "Example:\n  portcullis client disable hr-sync")]
    Disable {
        /// Its name.
        name: String,
    },
    /// Issue, rotate, list and revoke the secrets of a client that signs in with one.
    #[command(subcommand)]
    Secret(Secret),
}

/// `client add`
#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Its name.
    pub name: String,
    /// Okta scope it may use; repeat.
    #[arg(long = "scope", value_name = "SCOPE", required = true)]
    pub scopes: Vec<String>,
    /// Secrets in answers are shown to it: without it, placeholders stand there.
    #[arg(long)]
    pub reveal: bool,
    /// What else bounds it.
    #[command(flatten)]
    pub bounds: Bounds,
    /// Nothing is permitted but by a policy; its scopes stay the upper bound.
    #[arg(long)]
    pub by_policy: bool,
    /// How it signs in as an OAuth client.
    #[command(flatten)]
    pub sign_in: SignIn,
}

/// `client change`
#[derive(Debug, Args)]
pub(crate) struct Change {
    /// Its name.
    pub name: String,
    /// Okta scope it may use; repeat.
    #[arg(long = "scope", value_name = "SCOPE")]
    pub scopes: Vec<String>,
    /// What else bounds it.
    #[command(flatten)]
    pub bounds: Bounds,
    /// Nothing is permitted but by a policy.
    #[arg(long, conflicts_with = "by_registration")]
    pub by_policy: bool,
    /// Whatever scopes and operations reach is permitted, unless a policy forbids it.
    #[arg(long)]
    pub by_registration: bool,
    /// No narrowing to operations any more.
    #[arg(long, conflicts_with = "operations")]
    pub no_operations: bool,
    /// Secrets in answers are shown to it.
    #[arg(long, conflicts_with = "no_reveal")]
    pub reveal: bool,
    /// No secret is shown to it any more.
    #[arg(long)]
    pub no_reveal: bool,
    /// No member is hidden from it alone any more.
    #[arg(long, conflicts_with = "hidden")]
    pub no_hide: bool,
    /// In no team any more.
    #[arg(long, conflicts_with = "teams")]
    pub no_teams: bool,
    /// From anywhere.
    #[arg(long, conflicts_with = "networks")]
    pub no_networks: bool,
    /// No budgets of its own any more.
    #[arg(long, conflicts_with = "budgets")]
    pub no_budgets: bool,
    /// No elevations any more.
    #[arg(long, conflicts_with = "eligible")]
    pub no_eligible: bool,
    /// How it signs in as an OAuth client.
    #[command(flatten)]
    pub sign_in: SignIn,
    /// Its access tokens are bound to no key any more.
    #[arg(long, conflicts_with_all = ["dpop", "no_sign_in"])]
    pub no_dpop: bool,
    /// API keys only, no longer an OAuth client.
    #[arg(long, conflicts_with = "SignIn")]
    pub no_sign_in: bool,
}

/// Bounds that can be left out.
#[derive(Debug, Args)]
pub(crate) struct Bounds {
    /// Narrow it to these operations; repeat. Without any: every operation within the scopes.
    #[arg(long = "operation", value_name = "OPERATION")]
    pub operations: Vec<String>,
    /// Team it belongs to, for policies over several clients; repeat.
    #[arg(long = "team", value_name = "TEAM")]
    pub teams: Vec<String>,
    /// Address or range it may call from; repeat. Without any: from anywhere.
    #[arg(long = "network", value_name = "CIDR")]
    pub networks: Vec<Network>,
    /// Scope it may ask to be elevated to; repeat.
    #[arg(long = "eligible", value_name = "SCOPE")]
    pub eligible: Vec<String>,
    /// Budget on what it takes away, in place of its org's (`deletes=50/hour,200/day`, `removals=unlimited`); repeat.
    #[arg(long = "budget", value_name = "CLASS=BUDGET")]
    pub budgets: Vec<String>,
    /// For so many days, record what would be denied and let it pass; 0 ends it.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(0..=90))]
    pub shadow_days: Option<u16>,
    /// Member of answers it does not see, as in `profile.salary` or `getUser:profile.ssn`; repeat.
    #[arg(long = "hide", value_name = "PATH")]
    pub hidden: Vec<String>,
    /// Whose calls go before whose where Okta's rate budget does not do for all.
    #[arg(long, value_enum, value_name = "CLASS")]
    pub priority: Option<Priority>,
    /// How much it gets relative to others of its priority.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(i64::from(*WEIGHTS.start())..=i64::from(*WEIGHTS.end())))]
    pub weight: Option<u16>,
}

/// Priorities a client can be registered with, the first served first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Priority {
    /// A person waits for the answer.
    People,
    /// Scripts and provisioning.
    Automation,
    /// Reads much, and nobody waits for it.
    Bulk,
}

impl From<Priority> for access::Priority {
    fn from(priority: Priority) -> Self {
        match priority {
            Priority::People => Self::People,
            Priority::Automation => Self::Automation,
            Priority::Bulk => Self::Bulk,
        }
    }
}

/// How a client authenticates at the token endpoint; exactly one way.
#[derive(Debug, Args)]
#[group(id = "SignIn", multiple = true)]
pub(crate) struct SignIn {
    /// The way. Left out where one of the next three says it.
    #[arg(long, value_enum, value_name = "WAY")]
    pub auth: Option<Way>,
    /// Its public keys (a JWK set, a JWK, or one in PEM): private-key-jwt.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["certificate", "subject"])]
    pub jwks: Option<PathBuf>,
    /// Its certificate (PEM), recognised by itself: self-signed-tls-client-auth.
    #[arg(long, value_name = "FILE", conflicts_with = "subject")]
    pub certificate: Option<PathBuf>,
    /// Subject (RFC 4514) of its certificate, which an authority of the settings signed: tls-client-auth.
    #[arg(long, value_name = "DN")]
    pub subject: Option<String>,
    /// Its access tokens are bound to a key it proves to have (RFC 9449).
    #[arg(long)]
    pub dpop: bool,
    /// Life of its access tokens.
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(1..=i64::from(TOKEN_MINUTES_MAX)))]
    pub token_minutes: Option<u32>,
}

/// Ways to authenticate at the token endpoint, by the names of the registry of OAuth parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Way {
    /// A JWT signed with a registered key (RFC 7523).
    #[value(alias = "private_key_jwt")]
    PrivateKeyJwt,
    /// A secret in the `Authorization` header.
    #[value(alias = "client_secret_basic")]
    ClientSecretBasic,
    /// A secret in the form.
    #[value(alias = "client_secret_post")]
    ClientSecretPost,
    /// A certificate signed by an authority of the settings (RFC 8705).
    #[value(alias = "tls_client_auth")]
    TlsClientAuth,
    /// A certificate recognised by itself.
    #[value(alias = "self_signed_tls_client_auth")]
    SelfSignedTlsClientAuth,
}

/// `client secret …`
#[derive(Debug, Subcommand)]
pub(crate) enum Secret {
    /// Issue a client secret; it is shown once.
    #[command(after_help = "Example:\n  portcullis client secret issue terraform --days 90")]
    Issue {
        /// Client that will use it.
        client: String,
        /// On which terms.
        #[command(flatten)]
        terms: Terms,
    },
    /// Issue the successor of a secret; the old one goes on for the overlap.
    Rotate(Rotate),
    /// List the secrets of a client (never themselves).
    List {
        /// Client.
        client: String,
    },
    /// Revoke a secret at once.
    Revoke {
        /// Its id, as `client secret issue` and `list` show it.
        id: String,
    },
}

/// Terms of a key or secret.
#[derive(Debug, Args)]
pub(crate) struct Terms {
    /// Days until it expires; default 30, or the org's `key-days-max` if that is less.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=i64::from(KEY_DAYS_MAX)))]
    pub days: Option<u32>,
    /// Address or range it may be used from; repeat. Without any: wherever its client may call from.
    #[arg(long = "network", value_name = "CIDR")]
    pub networks: Vec<Network>,
    /// After so many days without use it is no longer accepted.
    #[arg(long, value_name = "DAYS", default_value_t = access::IDLE_DAYS_DEFAULT, value_parser = clap::value_parser!(u32).range(1..=i64::from(KEY_DAYS_MAX)))]
    pub idle_days: u32,
}

/// How a key or secret is put in another's place.
#[derive(Debug, Args)]
pub(crate) struct Rotate {
    /// Its id.
    pub id: String,
    /// Hours for which the old one goes on; 0 ends it at once.
    #[arg(long, value_name = "HOURS", default_value_t = OVERLAP_HOURS_DEFAULT, value_parser = clap::value_parser!(u32).range(0..=i64::from(OVERLAP_HOURS_MAX)))]
    pub overlap: u32,
    /// Days until the new one expires; default: as long as the old one lived.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=i64::from(KEY_DAYS_MAX)))]
    pub days: Option<u32>,
}
