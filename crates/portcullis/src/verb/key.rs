//! `portcullis key …`: API keys. The key itself is printed once, when it is issued, and is nowhere else.

use super::client::named;
use crate::arguments::{self, Arguments, Rotate, Terms};
use crate::failure::{Exit, Failure};
use crate::ledger::Ledger;
use crate::printer::Printer;
use crate::settings::{OrgSettings, Settings};
use crate::wiring::State;
use access::oauth::is_token_id;
use access::{
    ApiKey, Client, Credential, CredentialId, CredentialKind, KEY_PATTERN, Network, NewCredential,
    Rotation,
};
use serde_json::{Value, json};

/// Runs the verb.
pub(crate) async fn run(
    verb: &arguments::Key,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Exit, Failure> {
    if matches!(verb, arguments::Key::Pattern) {
        let text = format!("{KEY_PATTERN}\n\n{CHECKSUM}");
        printer.result(
            text,
            &json!({ "pattern": KEY_PATTERN, "checksum": CHECKSUM }),
        )?;
        return Ok(Exit::Done);
    }
    let settings = Settings::read(&arguments.config)?;
    let (org, org_settings) = settings.org(arguments.org.as_deref())?;
    let state = State::open(&settings)?;
    let (keyring, now) = (&state.keyring, state.clock.now());
    match verb {
        arguments::Key::Issue { client, terms } => {
            let client = enabled(named(keyring, org, client)?)?;
            let new = new_on(terms, CredentialKind::Key, org_settings);
            let ledger = Ledger::open(&state, org).await?;
            let (key, issued) = keyring.issue_as(&client.id, &new, now)?;
            let details = [("credential", issued.id.as_str())];
            ledger
                .write("key_issued", Some(&client.id), details)
                .await?;
            show(&key, &issued, None, org_settings, printer)?;
        }
        arguments::Key::Rotate(rotate) => {
            let id = named_id(&rotate.id)?;
            let ledger = Ledger::open(&state, org).await?;
            let (key, issued, old) = keyring.rotate(
                &id,
                rotation(rotate, CredentialKind::Key, org_settings),
                now,
            )?;
            let details = [
                ("credential", issued.id.as_str()),
                ("succeeds", old.id.as_str()),
            ];
            ledger
                .write("key_rotated", Some(&issued.client), details)
                .await?;
            show(&key, &issued, Some(&old), org_settings, printer)?;
        }
        arguments::Key::List { client } => {
            let client = named(keyring, org, client)?;
            let keys = keyring.credentials(&client.id)?;
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
            let text = format!("revoked {id}; every gateway refuses it within half a second");
            let id = named_id(id)?;
            let ledger = Ledger::open(&state, org).await?;
            let details = [("credential", id.as_str())];
            if is_token_id(&id) {
                keyring.revoke_token_named(&id, now)?;
                ledger.write("token_revoked", None, details).await?;
                printer.result(
                    text,
                    &json!({ "id": id.as_str(), "revoked": now.to_string() }),
                )?;
            } else {
                let revoked = keyring.revoke(&id, now)?;
                ledger
                    .write("key_revoked", Some(&revoked.client), details)
                    .await?;
                printer.result(text, &value(&revoked))?;
            }
        }
        arguments::Key::Pattern => {}
    }
    Ok(Exit::Done)
}

/// The client, unless it is disabled: what is issued to it would open nothing.
pub(crate) fn enabled(client: Client) -> Result<Client, Failure> {
    if client.disabled.is_none() {
        return Ok(client);
    }
    let hint = "It stays so; register another with `portcullis client add`.";
    let message = format!("client `{}` is disabled", client.name);
    Err(Failure::new(Exit::Usage, message, hint))
}

/// The id that was typed. A key or secret in its place is not repeated.
pub(crate) fn named_id(typed: &str) -> Result<CredentialId, Failure> {
    if !typed.starts_with("pcl_") {
        return Ok(CredentialId::new(typed));
    }
    let hint = "Find its id with `portcullis key list CLIENT` and revoke it: what stood in a command line others may have read.";
    let message = "this is the key itself, and not its id";
    Err(Failure::new(Exit::Usage, message, hint))
}

/// A credential on the terms that were typed, within those of the org.
pub(crate) fn new_on(terms: &Terms, kind: CredentialKind, settings: &OrgSettings) -> NewCredential {
    NewCredential {
        kind,
        days: terms.days,
        days_max: settings.key_days_max,
        networks: terms.networks.clone(),
        idle_days: terms.idle_days,
    }
}

/// A rotation as it was typed, within the terms of the org.
pub(crate) fn rotation(rotate: &Rotate, kind: CredentialKind, settings: &OrgSettings) -> Rotation {
    Rotation {
        kind,
        overlap_hours: rotate.overlap,
        days: rotate.days,
        days_max: settings.key_days_max,
    }
}

fn show(
    key: &ApiKey,
    issued: &Credential,
    old: Option<&Credential>,
    settings: &OrgSettings,
    printer: Printer,
) -> Result<(), Failure> {
    let url = settings.public.as_str().trim_end_matches('/');
    let mut shown = value(issued);
    if let Value::Object(members) = &mut shown {
        members.insert("key".to_owned(), json!(key.expose()));
        members.insert("url".to_owned(), json!(url));
        if let Some(old) = old {
            members.insert("succeeds".to_owned(), value(old));
        }
    }
    let ends = old.map_or_else(String::new, |old| {
        format!(" {} goes on until {}.", old.id, old.expires)
    });
    let text = format!(
        "{}\n\nThis is the only time it is shown. It expires {}.{ends}\nUse it as an Okta API token against {url}.",
        key.expose(),
        issued.expires,
    );
    printer.result(text, &shown)
}

/// A key or secret in a line of a list.
pub(crate) fn described(key: &Credential) -> String {
    let state = key.revoked.map_or_else(
        || match key.idles_out() {
            unused if unused < key.expires => {
                format!("expires {}, or {unused} if it is not used", key.expires)
            }
            _ => format!("expires {}", key.expires),
        },
        |at| format!("revoked {at}"),
    );
    let used = key.last_used.map_or_else(
        || "never used".to_owned(),
        |at| match key.last_source {
            Some(source) => format!("last used in the hour from {at}, from {source}"),
            None => format!("last used in the hour from {at}"),
        },
    );
    let networks: Vec<String> = key.networks.iter().map(Network::to_string).collect();
    let bound = match networks.as_slice() {
        [] => String::new(),
        networks => format!("  from {} only", networks.join(", ")),
    };
    format!("{}  {state}  {used}{bound}", key.id)
}

/// A key or secret as JSON; never the secret itself.
pub(crate) fn value(key: &Credential) -> Value {
    let networks: Vec<String> = key.networks.iter().map(Network::to_string).collect();
    json!({
        "id": key.id.as_str(),
        "client": key.client.as_str(),
        "created": key.created.to_string(),
        "expires": key.expires.to_string(),
        "revoked": key.revoked.map(|at| at.to_string()),
        "last_used": key.last_used.map(|at| at.to_string()),
        "last_source": key.last_source.map(|source| source.to_string()),
        "idle_out": key.idles_out().to_string(),
        "networks": networks,
        "lineage": key.lineage.as_str(),
    })
}

/// How a scanner tells a key from what only looks like one.
const CHECKSUM: &str = "The last six characters are the CRC-32 (as in zlib) of the 36 before them, in base 62, most significant digit first, padded \
with 0; digits are 0-9, A-Z, a-z in this order.";
