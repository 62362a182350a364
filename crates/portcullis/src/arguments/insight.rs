//! Arguments of the verbs that say who can do what: `advise`, `who-can`, `what-can`.

use clap::Args;
use std::net::IpAddr;

/// `advise`
#[derive(Debug, Args)]
pub(crate) struct Advise {
    /// Client to look at.
    pub client: String,
    /// Days of its record to learn from.
    #[arg(long, default_value_t = 30, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=366))]
    pub days: u16,
    /// Also bind it to the kind of objects it touched, by the policy that is suggested.
    #[arg(long)]
    pub objects: bool,
    /// Also bind it to the networks it called from.
    #[arg(long)]
    pub networks: bool,
    /// Change the client accordingly, and end its shadow mode.
    #[arg(long)]
    pub apply: bool,
    /// Apply without asking.
    #[arg(long, short, requires = "apply")]
    pub yes: bool,
}

/// `who-can`
#[derive(Debug, Args)]
pub(crate) struct WhoCan {
    /// Operation id of Okta's API reference.
    pub operation: String,
    /// The objects it would be about, by id or login, in the order of its path; without any, the answer names the conditions.
    pub objects: Vec<String>,
    /// Address the call would come from; without it, policies that ask for one do not permit.
    #[arg(long = "from", value_name = "ADDRESS", requires = "objects")]
    pub source: Option<IpAddr>,
}

/// `what-can`
#[derive(Debug, Args)]
pub(crate) struct WhatCan {
    /// Client to look at.
    pub client: String,
    /// List every operation instead of counting them by scope.
    #[arg(long)]
    pub all: bool,
}
