//! `portcullis approver …`: who may approve what clients ask for. The key itself is printed once, by `add`, and is nowhere else.

use super::client::named;
use crate::arguments::{self, Arguments};
use crate::failure::{Exit, Failure};
use crate::ledger::Ledger;
use crate::printer::Printer;
use crate::settings::Settings;
use crate::wiring::State;
use access::{Approver, ClientId};
use serde_json::{Value, json};

/// Runs the verb.
pub(crate) async fn run(
    verb: &arguments::Approver,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Exit, Failure> {
    let settings = Settings::read(&arguments.config)?;
    let (org, org_settings) = settings.org(arguments.org.as_deref())?;
    let state = State::open(&settings)?;
    let now = state.clock.now();
    if let arguments::Approver::List = verb {
        let approvers = state.keyring.approvers(org)?;
        let text = approvers
            .iter()
            .map(described)
            .collect::<Vec<_>>()
            .join("\n");
        let none = "no approvers; make one with `portcullis approver add NAME`".to_owned();
        let values: Vec<Value> = approvers.iter().map(value).collect();
        printer.result(if approvers.is_empty() { none } else { text }, &values)?;
        return Ok(Exit::Done);
    }
    let ledger = Ledger::open(&state, org).await?;
    match verb {
        arguments::Approver::List => {}
        arguments::Approver::Add { name, owns, days } => {
            let owned = owns
                .iter()
                .map(|name| Ok(named(&state.keyring, org, name)?.id));
            let owned = owned.collect::<Result<Vec<ClientId>, Failure>>()?;
            let days = Some(u32::from(*days));
            let (key, approver) = state.keyring.add_approver(org, name, &owned, days, now)?;
            write(&ledger, "approver_added", &approver).await?;
            let mut value = value(&approver);
            if let Value::Object(members) = &mut value {
                members.insert("key".to_owned(), json!(key.expose()));
            }
            let url = org_settings.public.as_str().trim_end_matches('/');
            let text = format!(
                "{}\n\nThis is the only time it is shown. It expires {}.\nIt approves what clients of {url} ask for, and opens nothing else.",
                key.expose(),
                approver.expires,
            );
            printer.result(text, &value)?;
        }
        arguments::Approver::Remove { name } => {
            let approver = state.keyring.remove_approver(org, name, now)?;
            write(&ledger, "approver_removed", &approver).await?;
            let text =
                format!("removed {name}; every gateway refuses the key within half a second");
            printer.result(text, &value(&approver))?;
        }
    }
    Ok(Exit::Done)
}

async fn write(ledger: &Ledger, kind: &'static str, approver: &Approver) -> Result<(), Failure> {
    let owns: Vec<&str> = approver.owns.iter().map(ClientId::as_str).collect();
    let (owns, expires) = (owns.join(" "), approver.expires.to_string());
    let details = [
        ("approver", approver.name.as_str()),
        ("owns", &owns),
        ("expires", &expires),
    ];
    ledger.write(kind, None, details).await
}

fn described(approver: &Approver) -> String {
    let state = match approver.removed {
        Some(at) => format!("removed {at}"),
        None => format!("key expires {}", approver.expires),
    };
    format!("{}  {state}", approver.name)
}

fn value(approver: &Approver) -> Value {
    json!({
        "id": approver.id.as_str(),
        "org": approver.org.as_str(),
        "name": approver.name,
        "owns": approver.owns.iter().map(ClientId::as_str).collect::<Vec<_>>(),
        "created": approver.created.to_string(),
        "expires": approver.expires.to_string(),
        "removed": approver.removed.map(|at| at.to_string()),
    })
}
