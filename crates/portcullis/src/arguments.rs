//! The command line: one verb each, one file per verb under `verb/`.

mod audit;
mod break_glass;
mod client;
mod credential;
mod elevation;
mod freeze;
mod insight;
mod inspect;
mod issuer;
mod key;
mod key_file;
mod policy;

pub(crate) use audit::{Audit, Export, Show, VerifyTrail};
pub(crate) use break_glass::{BreakGlass, Open};
pub(crate) use client::{Add, Bounds, Change, Client, Rotate, Secret, SignIn, Terms, Way};
pub(crate) use credential::{Credential, Handed};
pub(crate) use elevation::{Approver, Ask, Elevation};
pub(crate) use freeze::Freeze;
pub(crate) use insight::{Advise, WhatCan, WhoCan};
pub(crate) use inspect::{Inspect, Learn};
pub(crate) use issuer::{AddIssuer, Issuer};
pub(crate) use key::Key;
pub(crate) use key_file::{KeyFile, Rewrap};
pub(crate) use policy::Policy;

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Guard an Okta org, back it up, bring it back.
#[derive(Debug, Parser)]
#[command(
    name = "portcullis",
    version,
    about,
    propagate_version = true,
    arg_required_else_help = true
)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
    /// Settings file.
    #[arg(
        long,
        global = true,
        env = "PORTCULLIS_CONFIG",
        default_value = "portcullis.toml",
        value_name = "FILE"
    )]
    pub config: PathBuf,
    /// Org of the settings to work on; needed only when there are several.
    #[arg(long, global = true, value_name = "NAME")]
    pub org: Option<String>,
    /// Write results as JSON to stdout; the last line is one object.
    #[arg(long, global = true)]
    pub json: bool,
    /// Say nothing but results and failures.
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Play the whole story on an emulated org: guard, back up, wreck, bring back.
    #[command(after_help = "Example:\n  portcullis demo --once")]
    Demo(Demo),
    /// Serve an emulated Okta org over HTTP.
    #[command(after_help = "Example:\n  portcullis sandbox --listen 127.0.0.1:9999 --seed company")]
    Sandbox(Sandbox),
    /// Write a settings file, the state directory and fresh keys.
    #[command(
        after_help = "Example:\n  portcullis init --okta https://acme.okta.com --token-file okta.token"
    )]
    Init(Init),
    /// Run the gateway for the orgs of the settings.
    #[command(after_help = "Example:\n  portcullis serve --config portcullis.toml")]
    Serve,
    /// Register, change, list and disable the callers of the gateway.
    #[command(subcommand)]
    Client(Client),
    /// Issue, rotate, list and revoke API keys.
    #[command(subcommand)]
    Key(Key),
    /// Let tokens of outside issuers (CI, clusters, clouds) stand for clients.
    #[command(subcommand)]
    Issuer(Issuer),
    /// Look after the keys that sign access tokens.
    #[command(subcommand)]
    SigningKey(SigningKey),
    /// Look after the policies that permit and forbid.
    #[command(subcommand)]
    Policy(Policy),
    /// Find the smallest grant that covers what a client was recorded to do, and prove it on that record.
    #[command(
        after_help = "Examples:\n  portcullis advise hr-sync --days 30\n  portcullis advise hr-sync --objects --apply"
    )]
    Advise(Advise),
    /// Say which clients can call an operation, or what they lack.
    #[command(
        after_help = "Examples:\n  portcullis who-can deleteUser\n  portcullis who-can deleteUser ana@example.com"
    )]
    WhoCan(WhoCan),
    /// Say what a client can call at the moment.
    #[command(after_help = "Example:\n  portcullis what-can hr-sync --all")]
    WhatCan(WhatCan),
    /// Ask for more than a client has, for minutes, and decide about it.
    #[command(subcommand)]
    Elevation(Elevation),
    /// Look after the people who approve elevations.
    #[command(subcommand)]
    Approver(Approver),
    /// Look after what calls may not look like.
    #[command(subcommand)]
    Inspect(Inspect),
    /// Let nobody change the org any more, or see whether that is so.
    #[command(
        after_help = "Examples:\n  portcullis freeze --reason 'stolen key, ticket 4711'\n  portcullis freeze --show"
    )]
    Freeze(Freeze),
    /// Let a frozen org be changed again.
    #[command(after_help = "Example:\n  portcullis thaw")]
    Thaw,
    /// Get in when nothing else lets anybody in.
    #[command(subcommand)]
    BreakGlass(BreakGlass),
    /// Look after the credential that Okta is shown.
    #[command(subcommand)]
    Credential(Credential),
    /// Look after the key that seals the state.
    #[command(subcommand)]
    StateKey(KeyFile),
    /// Look after the key that opens the repository.
    #[command(subcommand)]
    RepositoryKey(KeyFile),
    /// Take a snapshot of the org.
    #[command(after_help = "Example:\n  portcullis backup && portcullis snapshots")]
    Backup,
    /// List the snapshots of the org.
    #[command(after_help = "Example:\n  portcullis snapshots --check")]
    Snapshots(Snapshots),
    /// Compare a snapshot with the live org, or with another snapshot.
    #[command(
        after_help = "Examples:\n  portcullis diff latest\n  portcullis diff 3f9a latest --kind group-rule"
    )]
    Diff(Diff),
    /// Show the steps that would bring the org back to a snapshot.
    #[command(after_help = "Example:\n  portcullis plan latest --out plan.json")]
    Plan(Plan),
    /// Bring the org back to a snapshot: diff, plan, ask, apply, verify. Run again to resume.
    #[command(
        after_help = "Examples:\n  portcullis restore latest\n  portcullis restore latest --kind policy --yes"
    )]
    Restore(Restore),
    /// Compare the live org with a snapshot and explain every difference that remains.
    #[command(after_help = "Example:\n  portcullis verify latest")]
    Verify(Verify),
    /// Look after the audit trail.
    #[command(subcommand)]
    Audit(Audit),
}

/// `demo`
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Run through and exit instead of staying up.
    #[arg(long)]
    pub once: bool,
    /// Org to play with.
    #[arg(long, value_enum, default_value_t = Seed::Company)]
    pub seed: Seed,
}

/// What an emulated org starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Seed {
    /// Only what every org is born with.
    Born,
    /// A handful of each thing.
    Small,
    /// 500 users, 60 groups, 30 apps, every policy type.
    Company,
}

/// Rate limits an emulated org enforces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Limits {
    /// Okta's documented defaults for Workforce Identity.
    Workforce,
    /// Those of a free Integrator org.
    Integrator,
    /// None.
    Off,
}

/// `sandbox`
#[derive(Debug, Args)]
pub(crate) struct Sandbox {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDR")]
    pub listen: SocketAddr,
    /// What the org starts with.
    #[arg(long, value_enum, default_value_t = Seed::Small)]
    pub seed: Seed,
    /// Recorded conversations (JSON Lines, plain or zstd) to turn into an org.
    #[arg(long, value_name = "FILE", conflicts_with = "seed")]
    pub load: Option<PathBuf>,
    /// API token to accept; default: a fresh one, printed on the first line. An emulated org guards nothing real.
    #[arg(long, value_name = "TOKEN", env = "PORTCULLIS_SANDBOX_TOKEN")]
    pub token: Option<String>,
    /// Rate limits to enforce.
    #[arg(long, value_enum, default_value_t = Limits::Workforce)]
    pub limits: Limits,
}

/// `init`
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The org's URL.
    #[arg(long, value_name = "URL", required_unless_present = "print")]
    pub okta: Option<String>,
    /// Name of the org in the settings.
    #[arg(long, default_value = "production", value_name = "NAME")]
    pub name: String,
    /// URL callers will use; default: http:// and the listen address.
    #[arg(long, value_name = "URL")]
    pub public: Option<String>,
    /// Address the gateway will listen on.
    #[arg(long, default_value = "127.0.0.1:8800", value_name = "ADDR")]
    pub listen: SocketAddr,
    /// File with the org's SSWS API token.
    #[arg(long, value_name = "FILE", conflicts_with = "client_id")]
    pub token_file: Option<PathBuf>,
    /// Take the credential that `credential put` will seal into the state.
    #[arg(long, conflicts_with_all = ["client_id", "token_file", "token_env"])]
    pub sealed: bool,
    /// Environment variable with the org's SSWS API token.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["client_id", "token_file"])]
    pub token_env: Option<String>,
    /// Client id of a service app (private_key_jwt) instead of an API token.
    #[arg(long, value_name = "ID", requires = "key_file")]
    pub client_id: Option<String>,
    /// The service app's private key (PEM).
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// Print an example of every key instead of writing anything.
    #[arg(long)]
    pub print: bool,
}

/// `signing-key …`
#[derive(Debug, Subcommand)]
pub(crate) enum SigningKey {
    /// List the keys: which signs, which will, and until when others verify.
    List,
    /// Make a successor of the key that signs. It happens by itself every 90 days.
    #[command(
        after_help = "Examples:\n  portcullis signing-key rotate\n  portcullis signing-key rotate --emergency"
    )]
    Rotate {
        /// The key may have been stolen: sign with the new one at once, and refuse every token signed by another.
        #[arg(long)]
        emergency: bool,
    },
}

/// `snapshots`
#[derive(Debug, Args)]
pub(crate) struct Snapshots {
    /// Read every block and check every seal.
    #[arg(long)]
    pub check: bool,
}

/// Which changes are meant.
#[derive(Debug, Args, Default)]
pub(crate) struct Selection {
    /// Only this resource type; repeat.
    #[arg(long = "kind", value_name = "KIND")]
    pub kinds: Vec<String>,
    /// Only this object (id or name); repeat.
    #[arg(long = "object", value_name = "ID")]
    pub objects: Vec<String>,
    /// Only this attribute (place like profile.department) of the one --object.
    #[arg(long = "attribute", value_name = "PLACE")]
    pub attributes: Vec<String>,
}

/// How far a plan may go.
#[derive(Debug, Args, Default)]
pub(crate) struct Reach {
    /// Also remove what only the org has; people are deactivated, never deleted.
    #[arg(long)]
    pub(crate) prune: bool,
    /// Delete and create again what Okta cannot change in place.
    #[arg(long)]
    pub(crate) recreate: bool,
}

/// What narrows and widens a restore, as it is typed: empty, or `--kind group --prune`.
pub(crate) fn asked(selection: &Selection, reach: &Reach) -> String {
    let lists = [
        ("--kind", &selection.kinds),
        ("--object", &selection.objects),
        ("--attribute", &selection.attributes),
    ];
    let mut words: Vec<String> = Vec::new();
    for (flag, values) in lists {
        words.extend(values.iter().map(|value| match value.contains(' ') {
            true => format!("{flag} '{value}'"),
            false => format!("{flag} {value}"),
        }));
    }
    words.sort();
    let flags = [("--prune", reach.prune), ("--recreate", reach.recreate)];
    words.extend(
        flags
            .iter()
            .filter(|(_, is_set)| *is_set)
            .map(|(flag, _)| (*flag).to_owned()),
    );
    words.join(" ")
}

/// `diff`
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// Snapshot: id, unique prefix, or `latest`.
    #[arg(default_value = "latest")]
    pub snapshot: String,
    /// Another snapshot to compare with; default: the live org.
    pub other: Option<String>,
    /// Narrow the comparison.
    #[command(flatten)]
    pub selection: Selection,
}

/// `plan`
#[derive(Debug, Args)]
pub(crate) struct Plan {
    /// Snapshot to go back to.
    #[arg(default_value = "latest")]
    pub snapshot: String,
    /// Narrow the plan.
    #[command(flatten)]
    pub selection: Selection,
    /// Widen it.
    #[command(flatten)]
    pub(crate) reach: Reach,
    /// Write the plan as JSON to this file.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `restore`
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// Snapshot to go back to.
    #[arg(default_value = "latest")]
    pub snapshot: String,
    /// Narrow the restore.
    #[command(flatten)]
    pub selection: Selection,
    /// Widen it.
    #[command(flatten)]
    pub(crate) reach: Reach,
    /// Apply without asking.
    #[arg(long, short)]
    pub yes: bool,
    /// Leave an unfinished restore behind and plan anew.
    #[arg(long)]
    pub afresh: bool,
    /// Write, though the org is frozen: for the restore after which it is thawed.
    #[arg(long)]
    pub despite_freeze: bool,
}

/// `verify`
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Snapshot to compare with.
    #[arg(default_value = "latest")]
    pub snapshot: String,
}
