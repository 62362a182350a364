//! `portcullis client …`: who may call, and within which bounds.

use crate::arguments::{self, Arguments};
use crate::failure::{Exit, Failure};
use crate::printer::Printer;
use crate::settings::Settings;
use crate::wiring::State;
use access::{Client, Keyring, NewClient, OrgName};
use serde_json::{Value, json};

/// Runs the verb.
pub(crate) fn run(
    verb: &arguments::Client,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Exit, Failure> {
    let settings = Settings::read(&arguments.config)?;
    let (org, _) = settings.org(arguments.org.as_deref())?;
    let state = State::open(&settings)?;
    let now = state.clock.now();
    match verb {
        arguments::Client::Add {
            name,
            scopes,
            operations,
        } => {
            let new = NewClient {
                scopes: scopes.clone(),
                operations: operations.clone(),
                ..NewClient::new(org.clone(), name.as_str())
            };
            let client = state.keyring.register(new, now)?;
            let text = format!(
                "registered {}\nNext: `portcullis key issue {}`.",
                described(&client),
                client.name
            );
            printer.result(text, &value(&client))?;
        }
        arguments::Client::List => {
            let clients = state.keyring.clients(org)?;
            let text = clients.iter().map(described).collect::<Vec<_>>().join("\n");
            let none = format!(
                "no clients in org {org}; register one with `portcullis client add NAME --scope SCOPE`"
            );
            let values: Vec<Value> = clients.iter().map(value).collect();
            printer.result(if clients.is_empty() { none } else { text }, &values)?;
        }
        arguments::Client::Disable { name } => {
            let client = named(&state.keyring, org, name)?;
            let client = state.keyring.disable(&client.id, now)?;
            printer.result(
                format!("disabled {}; its keys are refused from now on", client.name),
                &value(&client),
            )?;
        }
    }
    Ok(Exit::Done)
}

/// The client called `name`.
pub(crate) fn named(keyring: &Keyring, org: &OrgName, name: &str) -> Result<Client, Failure> {
    keyring
        .clients(org)?
        .into_iter()
        .find(|client| client.name == name)
        .ok_or_else(|| {
            let hint = "See the names with `portcullis client list`.";
            Failure::new(
                Exit::Usage,
                format!("no client `{name}` in org {org}"),
                hint,
            )
        })
}

fn described(client: &Client) -> String {
    let operations = if client.operations.is_empty() {
        "all within its scopes".to_owned()
    } else {
        client.operations.join(", ")
    };
    let state = if client.disabled.is_some() {
        " (disabled)"
    } else {
        ""
    };
    format!(
        "{}{state}  scopes: {}  operations: {operations}",
        client.name,
        client.scopes.join(", ")
    )
}

fn value(client: &Client) -> Value {
    json!({
        "id": client.id.as_str(),
        "org": client.org.as_str(),
        "name": client.name,
        "scopes": client.scopes,
        "operations": client.operations,
        "created": client.created.to_string(),
        "disabled": client.disabled.map(|at| at.to_string()),
    })
}
