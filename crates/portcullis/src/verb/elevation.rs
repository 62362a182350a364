//! `portcullis elevation …`: what clients ask for beyond what they have, and what people decide about it.

use super::client::named;
use crate::arguments::{self, Arguments};
use crate::desk::Desk;
use crate::failure::{Exit, Failure};
use crate::printer::Printer;
use crate::settings::{APPROVER_KEY, Settings};
use crate::wiring::State;
use access::{Asked, Elevation, ElevationId, OrgName, Stage};
use gateway::{Hand, Step};
use jiff::Timestamp;
use serde_json::Value;
use std::path::Path;
use store::{Secret, read_private};

/// Runs the verb.
pub(crate) async fn run(
    verb: &arguments::Elevation,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Exit, Failure> {
    let settings = Settings::read(&arguments.config)?;
    let (org, _) = settings.org(arguments.org.as_deref())?;
    let state = State::open(&settings)?;
    if let arguments::Elevation::List { open } = verb {
        list(&state, org, *open, printer)?;
        return Ok(Exit::Done);
    }
    let desk = Desk::open(&settings, &state, org).await?;
    let now = state.clock.now();
    let mut hand = Hand {
        who: Some("operator".to_owned()),
        ..Hand::default()
    };
    let (step, one) = match verb {
        arguments::Elevation::List { .. } => return Ok(Exit::Done),
        arguments::Elevation::Ask(ask) => {
            let client = named(&state.keyring, org, &ask.client)?;
            (Step::Asked, state.keyring.ask(&client.id, asked(ask), now)?)
        }
        arguments::Elevation::Approve(decision) => {
            let key = approver_key(decision.key_file.as_deref())?;
            let approver = state.keyring.approver(org, key.expose().trim(), now)?;
            hand.who = Some(approver.name.clone());
            let id = ElevationId::new(&decision.id);
            (Step::Approved, state.keyring.approve(&id, &approver, now)?)
        }
        arguments::Elevation::Deny(decision) => {
            let key = approver_key(decision.key_file.as_deref())?;
            let approver = state.keyring.approver(org, key.expose().trim(), now)?;
            hand.who = Some(approver.name.clone());
            let id = ElevationId::new(&decision.id);
            (Step::Denied, state.keyring.deny(&id, &approver, now)?)
        }
        arguments::Elevation::End { id } => (
            Step::Ended,
            state.keyring.end(org, &ElevationId::new(id), now)?,
        ),
    };
    let told = gateway::tell(&desk.trail, &desk.notices, step, &one, hand, now).await;
    if let Err(error) = told {
        // What cannot be written down must not run.
        if step == Step::Approved {
            let _ = state.keyring.end(org, &one.id, now);
        }
        return Err(error.into());
    }
    printer.result(said(step, &one, now), &gateway::shown(&one, now))?;
    desk.leave(printer).await;
    Ok(Exit::Done)
}

fn asked(ask: &arguments::Ask) -> Asked {
    Asked {
        scopes: ask.scopes.clone(),
        operations: ask.operations.clone(),
        reason: ask.reason.clone(),
        minutes: ask.minutes,
        raises: ask.raises.clone(),
        about: String::new(),
    }
}

/// The approver's key, from the file or from the environment.
fn approver_key(file: Option<&Path>) -> Result<Secret<String>, Failure> {
    match file {
        Some(path) => Ok(read_private(path)?),
        None => std::env::var(APPROVER_KEY).map(Secret::new).map_err(|_| {
            let hint = "Set it to the key that `portcullis approver add` showed, or name a file with --key-file.";
            Failure::new(Exit::Usage, format!("{APPROVER_KEY} is not set"), hint)
        }),
    }
}

fn said(step: Step, one: &Elevation, now: Timestamp) -> String {
    let what = described(one, now);
    match (step, one.stage(now)) {
        (Step::Asked, _) => format!(
            "asked: {what}\nNext: `portcullis elevation approve {}`, by {} of the approvers.",
            one.id, one.course.needed
        ),
        (_, Stage::Open { missing }) => format!("{what}\nStill missing: {missing} more."),
        _ => what,
    }
}

fn list(state: &State, org: &OrgName, open: bool, printer: Printer) -> Result<(), Failure> {
    let now = state.clock.now();
    let mut all = state.keyring.elevations(org, None)?;
    all.retain(|one| !open || matches!(one.stage(now), Stage::Open { .. }));
    let lines: Vec<String> = all.iter().map(|one| described(one, now)).collect();
    let values: Vec<Value> = all.iter().map(|one| gateway::shown(one, now)).collect();
    let text = match lines.as_slice() {
        [] => "nothing was asked for".to_owned(),
        lines => lines.join("\n"),
    };
    printer.result(text, &values)
}

fn described(one: &Elevation, now: Timestamp) -> String {
    let asked = &one.asked;
    let mut what = match asked.operations.as_slice() {
        [] => asked.scopes.clone(),
        operations => operations.to_vec(),
    };
    what.extend(asked.raises.iter().map(|raise| format!("{raise} more")));
    let mut what = what.join(", ");
    if !asked.about.is_empty() {
        what = format!("{what} ({})", asked.about);
    }
    let stage = match one.stage(now) {
        Stage::Open { .. } => format!(
            "open, {} of {} approvals",
            one.course.approvals.len(),
            one.course.needed
        ),
        Stage::Running { until } => format!("running until {until}"),
        stage => stage.word().to_owned(),
    };
    format!(
        "{}  {stage}  {}: {what} for {} min  ({})",
        one.id, one.client_name, one.asked.minutes, one.asked.reason
    )
}
