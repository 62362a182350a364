//! `portcullis freeze` and `portcullis thaw`: an org that can only be read, whoever calls. In force in every gateway within a fifth of a
//! second.

use super::client::named;
use crate::arguments::{self, Arguments};
use crate::desk::Desk;
use crate::failure::{Exit, Failure};
use crate::printer::Printer;
use crate::settings::Settings;
use crate::wiring::State;
use access::{Client, ClientId, Freeze};
use serde_json::{Value, json};

/// Runs `freeze`.
pub(crate) async fn run(
    verb: &arguments::Freeze,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Exit, Failure> {
    let settings = Settings::read(&arguments.config)?;
    let (org, _) = settings.org(arguments.org.as_deref())?;
    let state = State::open(&settings)?;
    let now = state.clock.now();
    let Some(reason) = verb.reason.as_ref().filter(|_| !verb.show) else {
        let frozen = state.keyring.frozen(org, now)?;
        let value = frozen.as_ref().map_or_else(
            || json!({ "org": org.as_str(), "frozen": false }),
            |freeze| value(freeze),
        );
        let clients = state.keyring.clients(org)?;
        let text = frozen.map_or_else(
            || format!("{org} is not frozen"),
            |freeze| described(&freeze, &clients),
        );
        printer.result(text, &value)?;
        return Ok(Exit::Done);
    };
    let exempt = verb
        .except
        .iter()
        .map(|name| Ok(named(&state.keyring, org, name)?.id));
    let wanted = Freeze {
        org: org.clone(),
        reason: reason.clone(),
        since: now,
        by: OPERATOR.to_owned(),
        exempt: exempt.collect::<Result<Vec<ClientId>, Failure>>()?,
    };
    // Frozen first: a trail that cannot be written, or a command that holds it, must not keep the org open.
    let freeze = state.keyring.freeze(&wanted, now)?;
    tell(&settings, &state, &freeze, true, printer).await?;
    let clients = state.keyring.clients(org)?;
    printer.result(described(&freeze, &clients), &value(&freeze))?;
    Ok(Exit::Done)
}

/// Runs `thaw`.
pub(crate) async fn thaw(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let settings = Settings::read(&arguments.config)?;
    let (org, _) = settings.org(arguments.org.as_deref())?;
    let state = State::open(&settings)?;
    let now = state.clock.now();
    let desk = Desk::open(&settings, &state, org).await?;
    let freeze = state.keyring.thaw(org, now)?;
    let told = gateway::tell_freeze(&desk.trail, &desk.notices, false, &freeze, now).await;
    if let Err(error) = told {
        // What cannot be written down must not be undone.
        state.keyring.freeze(&freeze, now)?;
        return Err(error.into());
    }
    let text = format!("{org} is thawed; every gateway lets it be changed again within a second");
    printer.result(text, &json!({ "org": org.as_str(), "frozen": false }))?;
    desk.leave(printer).await;
    Ok(Exit::Done)
}

async fn tell(
    settings: &Settings,
    state: &State,
    freeze: &Freeze,
    frozen: bool,
    printer: Printer,
) -> Result<(), Failure> {
    let desk = Desk::open(settings, state, &freeze.org).await?;
    let now = state.clock.now();
    gateway::tell_freeze(&desk.trail, &desk.notices, frozen, freeze, now).await?;
    desk.leave(printer).await;
    Ok(())
}

fn described(freeze: &Freeze, clients: &[Client]) -> String {
    let name = |id: &ClientId| {
        let client = clients.iter().find(|client| client.id == *id);
        client.map_or_else(|| id.to_string(), |client| client.name.clone())
    };
    let exempt: Vec<String> = freeze.exempt.iter().map(name).collect();
    let but = match exempt.as_slice() {
        [] => String::new(),
        names => format!(", {} excepted", names.join(", ")),
    };
    format!(
        "{} is frozen since {} by {}: {}\nNobody changes it through a gateway{but}. End it with `portcullis thaw`.",
        freeze.org, freeze.since, freeze.by, freeze.reason
    )
}

fn value(freeze: &Freeze) -> Value {
    json!({
        "org": freeze.org.as_str(),
        "frozen": true,
        "reason": freeze.reason,
        "since": freeze.since.to_string(),
        "by": freeze.by,
        "except": freeze.exempt.iter().map(ClientId::as_str).collect::<Vec<_>>(),
    })
}

/// Who freezes from the command line.
const OPERATOR: &str = "operator";
