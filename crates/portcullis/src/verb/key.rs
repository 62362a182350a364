//! `portcullis key …`: API keys. The key itself is printed once, by `issue`, and is nowhere else.

use super::client::named;
use crate::arguments::{self, Arguments};
use crate::failure::{Exit, Failure};
use crate::printer::Printer;
use crate::settings::Settings;
use crate::wiring::State;
use access::{Credential, CredentialId};
use serde_json::{Value, json};

/// Runs the verb.
pub(crate) fn run(
    verb: &arguments::Key,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Exit, Failure> {
    let settings = Settings::read(&arguments.config)?;
    let (org, org_settings) = settings.org(arguments.org.as_deref())?;
    let state = State::open(&settings)?;
    let now = state.clock.now();
    match verb {
        arguments::Key::Issue { client, days } => {
            let client = named(&state.keyring, org, client)?;
            let (key, credential) = state
                .keyring
                .issue(&client.id, Some(u32::from(*days)), now)?;
            let url = org_settings.public.as_str().trim_end_matches('/');
            let mut value = value(&credential);
            if let Value::Object(members) = &mut value {
                members.insert("key".to_owned(), json!(key.expose()));
                members.insert("url".to_owned(), json!(url));
            }
            let text = format!(
                "{}\n\nThis is the only time it is shown. It expires {}.\nUse it as an Okta API token against {}.",
                key.expose(),
                credential.expires,
                url,
            );
            printer.result(text, &value)?;
        }
        arguments::Key::List { client } => {
            let client = named(&state.keyring, org, client)?;
            let keys = state.keyring.credentials(&client.id)?;
            let text = keys.iter().map(described).collect::<Vec<_>>().join("\n");
            let none = format!(
                "no keys; issue one with `portcullis key issue {}`",
                client.name
            );
            printer.result(
                if keys.is_empty() { none } else { text },
                &keys.iter().map(value).collect::<Vec<_>>(),
            )?;
        }
        arguments::Key::Revoke { id } => {
            let credential = state.keyring.revoke(&CredentialId::new(id), now)?;
            printer.result(
                format!("revoked {id}; it is refused from now on"),
                &value(&credential),
            )?;
        }
    }
    Ok(Exit::Done)
}

fn described(key: &Credential) -> String {
    let state = key.revoked.map_or_else(
        || format!("expires {}", key.expires),
        |at| format!("revoked {at}"),
    );
    let used = key
        .last_used
        .map_or_else(|| "never used".to_owned(), |at| format!("last used {at}"));
    format!("{}  {state}  {used}", key.id)
}

fn value(key: &Credential) -> Value {
    json!({
        "id": key.id.as_str(),
        "client": key.client.as_str(),
        "created": key.created.to_string(),
        "expires": key.expires.to_string(),
        "revoked": key.revoked.map(|at| at.to_string()),
        "last_used": key.last_used.map(|at| at.to_string()),
    })
}
