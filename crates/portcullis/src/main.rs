//! `portcullis`: guard an Okta org, back it up, bring it back. Reads the command line, runs one verb, turns its outcome into an exit
//! code. Nothing else happens here.

mod arguments;
mod demo;
mod desk;
mod export;
mod failure;
mod history;
mod holder;
mod keeper;
mod last_seen;
mod ledger;
mod lookout;
mod printer;
mod process;
mod prompt;
mod sandbox;
mod selection;
mod settings;
mod traces;
mod verb;
mod wiring;

use arguments::{Arguments, Verb};
use clap::Parser;
use failure::{Exit, Failure};
use printer::Printer;
use std::process::ExitCode;
use wiring::MachineKey;

/// A request is made of many small pieces: a tenth less CPU for each than with the system's allocator. Huge pages would double what
/// a gateway at rest keeps in memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return misunderstood(&error),
    };
    let printer = Printer::new(arguments.json, arguments.quiet);
    let gateway = matches!(arguments.verb, Verb::Serve);
    traces::start(gateway.then_some("warn"));
    let outcome = process::seclude()
        .and_then(|()| runtime())
        .and_then(|runtime| runtime.block_on(run(&arguments, printer)));
    match outcome {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(failure) => {
            printer.failure(&failure);
            ExitCode::from(failure.kind as u8)
        }
    }
}

/// People are told by clap, scripts as of any other failure.
fn misunderstood(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() || std::env::args_os().all(|word| word != "--json") {
        error.exit();
    }
    Printer::new(true, false).failure(&Failure::from(error));
    ExitCode::from(Exit::Usage as u8)
}

async fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    match &arguments.verb {
        Verb::Demo(demo) => verb::demo::run(demo, printer).await,
        Verb::Sandbox(sandbox) => verb::sandbox::run(sandbox, printer).await,
        Verb::Init(init) => verb::init::run(init, arguments, printer),
        Verb::Serve => verb::serve::run(arguments, printer).await,
        Verb::Client(client) => verb::client::run(client, arguments, printer).await,
        Verb::Issuer(issuer) => verb::issuer::run(issuer, arguments, printer).await,
        Verb::Key(key) => verb::key::run(key, arguments, printer).await,
        Verb::SigningKey(key) => verb::signing_key::run(key, arguments, printer).await,
        Verb::Policy(policy) => verb::policy::run(policy, arguments, printer).await,
        Verb::Advise(advise) => verb::advise::run(advise, arguments, printer).await,
        Verb::WhoCan(who_can) => verb::who_can::run(who_can, arguments, printer).await,
        Verb::WhatCan(what_can) => verb::what_can::run(what_can, arguments, printer),
        Verb::Elevation(elevation) => verb::elevation::run(elevation, arguments, printer).await,
        Verb::Inspect(inspect) => verb::inspect::run(inspect, arguments, printer),
        Verb::Freeze(freeze) => verb::freeze::run(freeze, arguments, printer).await,
        Verb::Thaw => verb::freeze::thaw(arguments, printer).await,
        Verb::Approver(approver) => verb::approver::run(approver, arguments, printer).await,
        Verb::BreakGlass(verb) => verb::break_glass::run(verb, arguments, printer).await,
        Verb::Credential(credential) => verb::credential::run(credential, arguments, printer).await,
        Verb::StateKey(verb) => verb::key_file::run(MachineKey::State, verb, arguments, printer),
        Verb::RepositoryKey(verb) => {
            verb::key_file::run(MachineKey::Repository, verb, arguments, printer)
        }
        Verb::Backup => verb::backup::run(arguments, printer).await,
        Verb::Snapshots(snapshots) => verb::snapshots::run(snapshots, arguments, printer).await,
        Verb::Diff(diff) => verb::diff::run(diff, arguments, printer).await,
        Verb::Plan(plan) => verb::plan::run(plan, arguments, printer).await,
        Verb::Restore(restore) => verb::restore::run(restore, arguments, printer).await,
        Verb::Verify(verify) => verb::verify::run(verify, arguments, printer).await,
        Verb::Audit(audit) => verb::audit::run(audit, arguments, printer).await,
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::broken)
}
