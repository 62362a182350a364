//! `portcullis client secret …`: secrets of clients that sign in with one at the token endpoint. Shown once.

use super::named;
use crate::arguments::Secret;
use crate::failure::{Exit, Failure};
use crate::ledger::Ledger;
use crate::printer::Printer;
use crate::settings::OrgSettings;
use crate::verb::key::{described, enabled, named_id, new_on, rotation, value};
use crate::wiring::State;
use access::oauth::Authentication;
use access::{ApiKey, Client, Credential, CredentialKind, OrgName};
use serde_json::{Value, json};

/// Runs the verb.
pub(crate) async fn run(
    verb: &Secret,
    state: &State,
    org: &OrgName,
    settings: &OrgSettings,
    printer: Printer,
) -> Result<(), Failure> {
    let (keyring, now) = (&state.keyring, state.clock.now());
    match verb {
        Secret::Issue { client, terms } => {
            let client = signs_in_with_one(enabled(named(keyring, org, client)?)?)?;
            let new = new_on(terms, CredentialKind::Secret, settings);
            let ledger = Ledger::open(state, org).await?;
            let (secret, issued) = keyring.issue_as(&client.id, &new, now)?;
            let details = [("credential", issued.id.as_str())];
            ledger
                .write("secret_issued", Some(&client.id), details)
                .await?;
            show(&secret, &issued, None, settings, printer)
        }
        Secret::Rotate(rotate) => {
            let rotation = rotation(rotate, CredentialKind::Secret, settings);
            let id = named_id(&rotate.id)?;
            let ledger = Ledger::open(state, org).await?;
            let (secret, issued, old) = keyring.rotate(&id, rotation, now)?;
            let details = [
                ("credential", issued.id.as_str()),
                ("succeeds", old.id.as_str()),
            ];
            ledger
                .write("secret_rotated", Some(&issued.client), details)
                .await?;
            show(&secret, &issued, Some(&old), settings, printer)
        }
        Secret::List { client } => {
            let client = named(keyring, org, client)?;
            let secrets = keyring.secrets(&client.id)?;
            let text = secrets.iter().map(described).collect::<Vec<_>>().join("\n");
            let none = format!(
                "no secrets; issue one with `portcullis client secret issue {}`",
                client.name
            );
            let values: Vec<Value> = secrets.iter().map(value).collect();
            printer.result(if secrets.is_empty() { none } else { text }, &values)
        }
        Secret::Revoke { id } => {
            let ledger = Ledger::open(state, org).await?;
            let revoked = keyring.revoke(&named_id(id)?, now)?;
            let details = [("credential", id.as_str())];
            ledger
                .write("secret_revoked", Some(&revoked.client), details)
                .await?;
            printer.result(
                format!("revoked {id}; every gateway refuses it within half a second"),
                &value(&revoked),
            )
        }
    }
}

/// The client, if a secret is what it signs in with.
fn signs_in_with_one(client: Client) -> Result<Client, Failure> {
    let way = client.oauth.as_ref().map(|oauth| &oauth.authentication);
    if let Some(Authentication::ClientSecretBasic | Authentication::ClientSecretPost) = way {
        return Ok(client);
    }
    let name = &client.name;
    let hint =
        format!("Say so first: `portcullis client change {name} --auth client-secret-basic`.");
    let message = format!("client `{name}` does not sign in with a secret");
    Err(Failure::new(Exit::Usage, message, hint))
}

fn show(
    secret: &ApiKey,
    issued: &Credential,
    old: Option<&Credential>,
    settings: &OrgSettings,
    printer: Printer,
) -> Result<(), Failure> {
    let token_url = settings
        .public
        .join("/oauth2/v1/token")
        .map_err(Failure::broken)?;
    let mut shown = value(issued);
    if let Value::Object(members) = &mut shown {
        members.insert("secret".to_owned(), json!(secret.expose()));
        members.insert("token_url".to_owned(), json!(token_url.as_str()));
        if let Some(old) = old {
            members.insert("succeeds".to_owned(), value(old));
        }
    }
    let ends = old.map_or_else(String::new, |old| {
        format!(" {} goes on until {}.", old.id, old.expires)
    });
    let text = format!(
        "{}\n\nThis is the only time it is shown. It expires {}.{ends}\nUse it as the secret of client id {} at {token_url}.",
        secret.expose(),
        issued.expires,
        issued.client,
    );
    printer.result(text, &shown)
}
